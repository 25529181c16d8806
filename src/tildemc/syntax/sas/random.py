"""NLMIXED's `random u0 u1 ~ normal([0, 0], [v0, c, v1]) subject=id;` in, the effects and their covariance out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import walk
from tildemc.syntax.pieces import closed, pieces
from tildemc.syntax.sas.effects import Names, joined
from tildemc.syntax.sas.linear import plain
from tildemc.syntax.sas.program import Said
from tildemc.syntax.tree import Expr, Name, Number

__all__ = ["Effects", "effects_of", "positive"]

_RANDOM = re.compile(r"random\s+([\w\s,]+?)\s*~\s*([^\W\d]\w*)\s*\(", re.IGNORECASE)
_SUBJECT = re.compile(r"\bsub(?:ject)?\s*=\s*([^\W\d]\w*)(?:\s*\(\s*([\w\s]+)\))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Effects:
    """Random effects that are drawn together.

    Attributes
    ----------
    names : tuple of str
    group : Expr
    means : tuple of Expr
    correlated : bool
    known : bool
        Whether their variances are numbers, so that parameters say their size.
    """

    names: tuple[str, ...]
    group: Expr
    means: tuple[Expr, ...]
    correlated: bool
    known: bool
    span: Span


def effects_of(statement: Said, value: Callable[[Span], Expr], columns: Names) -> Effects:
    """What a `random` statement says.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    text, span = statement.span.text, statement.span
    found = _RANDOM.match(text, span.start, span.end)
    subject = _SUBJECT.search(text, span.start, span.end)
    if found is None or subject is None:
        message = "random effects are written `random u ~ normal(0, s2u) subject=id;`"
        raise FormulaSyntaxError(message, span)
    if found[2].lower() != "normal":
        raise UnsupportedError(f"effects of `{found[2]}()` are not read: they are normal", span)
    names = tuple(re.split(r"[\s,]+", found[1].strip()))
    end = closed(text, found.end()) - 1
    means, variances = _arguments(text, found.end(), end, span)
    size = len(names)
    if len(means) != size or len(variances) != size * (size + 1) // 2:
        message = f"{size} effects have {size} means and {size * (size + 1) // 2} variances and covariances"
        raise FormulaSyntaxError(message, span)
    given = [plain(value(place)) for place in variances]
    own = [given[k * (k + 3) // 2] for k in range(size)]
    between = [each for each in given if not any(each is diagonal for diagonal in own)]
    for variance in own:
        positive(variance, "a variance")
    zeros = [each == Number(0.0) for each in between]
    if any(zeros) and not all(zeros):
        raise UnsupportedError("some of these covariances are zero: all are here, or none", span)
    levels = [Name(name, span) for name in (*(subject[2] or "").split(), subject[1])]
    group = joined(tuple(levels), columns)
    known = all(isinstance(variance, Number) for variance in own)
    return Effects(names, group, tuple(plain(value(p)) for p in means), bool(zeros) and not all(zeros), known, span)


def _arguments(text: str, start: int, end: int, span: Span) -> tuple[list[Span], list[Span]]:
    """The means and the covariances, each alone or in brackets."""
    parts = pieces(text, start, end)
    if len(parts) != 2:
        raise FormulaSyntaxError("`normal()` of effects has means and variances, as in `normal(0, s2u)`", span)
    first, second = (_listed(part) for part in parts)
    return first, second


def _listed(part: Span) -> list[Span]:
    found = re.match(r"\s*\[", str(part))
    if found is None:
        return [part]
    start = part.start + found.end()
    return pieces(part.text, start, closed(part.text, start) - 1)


def positive(variance: Expr, what: str) -> None:
    """Refuse a variance that is more than one number above zero.

    Raises
    ------
    UnsupportedError
    """
    names = [node for node in walk(variance) if isinstance(node, Name)]
    if len(set(names)) > 1:
        listed = ", ".join(f"`{name.text}`" for name in dict.fromkeys(names))
        message = f"{what} is a parameter here, `s2`, `sd**2` or `exp(2*logsd)`, and no arithmetic of {listed}"
        raise UnsupportedError(message, variance.span)
