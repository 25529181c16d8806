"""How residuals go together in, `t / subject=g type=ar(1)` of SAS's `repeated` out."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.syntax.residuals import Residuals, read_residuals
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name, Number, deparse
from tildemc.syntax.unparse.parts import Saying
from tildemc.syntax.unparse.residuals import as_group_term, corresponding, differing, joined, time_of

__all__ = ["Repeated", "sas_residuals"]

_SPATIAL = {"exp": "exp", "gau": "gau", "lin": "lin", "spher": "sph"}
_CLASSES = {"exp": "corExp", "gau": "corGaus", "lin": "corLin", "spher": "corSpher"}


@dataclass(frozen=True, slots=True)
class Repeated:
    """What `repeated` says: the column that tells rows apart, the subjects, the type, and by what each has its own."""

    time: Name | None
    subject: tuple[Name, ...]
    type: str
    by: Name | None
    local: bool = False


def sas_residuals(term: Call, saying: Saying) -> Repeated | None:
    """What says it, without what it notes is lost."""
    found = read_residuals(term)
    written = None if found.known or found.metric != "euclidean" or not found.group else _type(found)
    if written is None:
        told = "SAS has `type=un`, `cs`, `ar(1)`, `arh(1)`, `toep`, `toeph`, `toep(q)` and `sp(…)(…)`"
        saying.unsaid.append(f"`{deparse(term)}`: {told}")
        return None
    kind, timed, meant = written
    saying.unsaid += differing(term, meant, "SAS")
    local = found.structure in _SPATIAL and found.order[1] > 0
    return Repeated(time_of(found) if timed else None, found.group, kind, found.by, local)


def _type(found: Residuals) -> tuple[str, bool, Call] | None:
    """SAS's type, whether rows are told apart by a column, and the term that this means here."""
    time = time_of(found)
    numbers = None if time is None else _numbered(time)
    match found.structure:
        case "arma" | "arma_cov" | "arma_from_start" if found.order == (1, 0) and not found.spread:
            return "ar(1)", True, corresponding("corAR1", found, left=numbers)
        case "arma" if found.order == (1, 0):
            return "arh(1)", True, as_group_term("hetar1", found)
        case "exchangeable" | "cosy" if not found.spread:
            return "cs", False, corresponding("corCompSymm", found)
        case "car" if time is not None:
            return f"sp(pow)({time.text})", False, corresponding("corCAR1", found)
        case "unstr" if found.spread and found.by is None:
            return "un", True, as_group_term("us", found)
        case "toep" if found.by is None and found.group_term:
            kind, called = ("toeph", "toep") if found.spread else ("toep", "homtoep")
            return kind, True, as_group_term(called, found)
        case "toep" if found.by is None and numbers is not None:
            lags = Argument(Number(float(found.order[1])), "q")
            given = (Argument(numbers, "time"), Argument(joined(found.group, ":"), "gr"), lags)
            return f"toep({found.order[1] + 1})", True, Call("toeplitz", given)
        case structure if structure in _SPATIAL and all(isinstance(point, Name) for point in found.points):
            columns = " ".join(point.text for point in found.points if isinstance(point, Name))
            nugget = () if not found.order[1] else (Argument(Constant(True), "nugget"),)
            return f"sp({_SPATIAL[structure]})({columns})", False, corresponding(_CLASSES[structure], found, *nugget)
        case _:
            return None


def _numbered(time: Name) -> Expr:
    return Call("as.integer", (Argument(Call("factor", (Argument(time),))),))
