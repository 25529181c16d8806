"""How residuals go together in, `residuals(ar 1, t(t))` of Stata's `mixed` out, and the level that it is of."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.syntax.residuals import Residuals, read_residuals
from tildemc.syntax.tree import Argument, Call, Expr, Number, deparse
from tildemc.syntax.unparse.parts import Saying
from tildemc.syntax.unparse.residuals import as_group_term, corresponding, differing, joined, time_of
from tildemc.syntax.unparse.stata_expr import is_stata_name
from tildemc.syntax.unparse.stata_levels import Equation

__all__ = ["level_with_residuals", "stata_residuals"]

_SAYS = "Stata's `mixed` has `residuals()` for some"


def stata_residuals(term: Call, by: str | None, saying: Saying) -> str | None:
    """The option, without what it notes is lost; `by` are levels that have residual sds of their own."""
    found = read_residuals(term)
    written = _structure(found)
    names = [*found.group, *([] if found.by is None else [found.by]), *found.points]
    if written is None or found.known or not all(map(_is_plain, names)):
        saying.unsaid.append(f"`{deparse(term)}`: {_SAYS}")
        return None
    option, meant = written
    saying.unsaid += differing(term, meant, "Stata")
    by_own = None if found.by is None else found.by.text
    if by_own != by and "banded" not in meant.function:
        of = by_own or by
        saying.unsaid.append(f"`by({of})` of Stata's residuals: each level has an sd and coefficients of its own")
    time = time_of(found)
    told = [] if time is None or option == "exchangeable" else [f"t({time.text})"]
    told += [f"by({of})"] if (of := by_own or by) else []
    return f"residuals({', '.join([option, *([' '.join(told)] if told else [])])})"


def _structure(found: Residuals) -> tuple[str, Call] | None:
    """Stata's name of a structure with its order, and the term that this means here."""
    p, q = found.order
    match found.structure:
        case "arma" | "arma_cov" | "arma_from_start" if 0 in (p, q) and not found.spread:
            name, letter = ("ar", "p") if p else ("ma", "q")
            order = Argument(Number(float(p or q)), letter)
            return f"{name} {p or q}", corresponding("corARMA", found, order, left=time_of(found))
        case "exchangeable" | "cosy" if not found.spread:
            return "exchangeable", corresponding("corCompSymm", found)
        case "car":
            return "exponential", corresponding("corCAR1", found)
        case "toep" if q > 0 and not found.spread:
            return f"toeplitz {q}", _banded("toeplitz", found)
        case "banded" if q > 0:
            return f"banded {q}", _banded("banded", found)
        case "banded" if found.by is not None:
            return "unstructured", _banded("banded", found)
        case "banded":
            return "banded", _banded("banded", found)
        case "toep" | "unstr" if found.group_term and found.spread == (found.structure == "unstr"):
            name, called = ("unstructured", "us") if found.spread else ("toeplitz", "homtoep")
            return name, as_group_term(called, found)
        case _:
            return None


def _banded(name: str, found: Residuals) -> Call:
    time = found.points[0]
    lags = () if found.order[1] < 0 else (Argument(Number(float(found.order[1])), "q"),)
    by = () if found.by is None else (Argument(found.by, "by"),)
    return Call(name, (Argument(time, "time"), Argument(joined(found.group, ":"), "gr"), *lags, *by))


def _is_plain(expr: Expr) -> bool:
    inner = time_of(Residuals("", points=(expr,)))
    return inner is not None and is_stata_name(inner.text)


def level_with_residuals(equations: Sequence[Equation], term: Call, saying: Saying) -> list[Equation] | None:
    """The levels, and one without effects below them if rows go together by that; None where no level says it."""
    group = tuple(name.text for name in read_residuals(term).group)
    last = equations[-1] if equations else None
    if not group:
        saying.unsaid.append(f"`{deparse(term)}`: rows go together by a level in Stata, and here all do")
        return None
    if last is None or last.factor != group:
        within = () if last is None or last.level == "_all" else last.factor
        if within != group[: len(within)] or len(group) - len(within) != 1:
            saying.unsaid.append(f"`{deparse(term)}`: in Stata rows go together by the lowest level")
        else:
            return [*equations, Equation(group[-1], (), ("noconstant",), group)]
    return [*equations]
