"""Summary: what a design's numbers come to over its rows; the summaries of two parts make that of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tildemc.spec.moments import Moments
from tildemc.spec.terms.term import Path, Term, TermSummary

__all__ = ["Summary"]


@dataclass(frozen=True, eq=False)
class Summary:
    """Of a design with a response.

    Attributes
    ----------
    y : Moments
        The response.
    share : Moments
        The response over its trials, if it has any.
    terms : mapping of Path to TermSummary
    """

    y: Moments
    share: Moments
    terms: Mapping[Path, Any]

    def of[S: TermSummary](self, term: Term[Any, S, Any]) -> S:
        """What a term's numbers come to."""
        found: S = self.terms[term.path]
        return found

    def merge(self, other: Summary) -> Summary:
        """Of all rows."""
        terms = {path: own.merge(other.terms[path]) for path, own in self.terms.items()}
        return Summary(self.y.merge(other.y), self.share.merge(other.share), terms)
