"""What a person asks of a fit in Stata's words -> answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tildemc.errors import FitError
from tildemc.results.after.answers import Answers
from tildemc.results.after.run import run
from tildemc.results.after.subject import Subject
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.results.fit import Fit

__all__ = ["asked_of_fit"]


def asked_of_fit(fit: Fit, text: object, others: Mapping[str, object]) -> Answers:
    """See `Fit.stata`."""
    return run(fit.subject, text, {name: _subject(name, other) for name, other in others.items()})


def _subject(name: str, given: object) -> Subject:
    found = getattr(given, "subject", None)
    if not isinstance(found, Subject):
        raise FitError(f"`{name}` is a fit, as `tildemc.model(…).fit()` makes it, not {shown(given)}")
    return found
