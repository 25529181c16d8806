"""The groups that data bring along in R: nlme's `groupedData(y ~ x | g, data = d)`, and its own data that are such."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.rcall.data import Data
from tildemc.syntax.rewrite import moved
from tildemc.syntax.tree import Binary, Expr, Tilde

__all__ = ["formula_of_data", "groups_in"]

_NLME: Mapping[str, str] = {
    "Alfalfa": "Yield ~ Date | Block/Variety", "Assay": "logDens ~ 1 | Block", "bdf": "langPOST ~ IQ.verb | schoolNR",
    "BodyWeight": "weight ~ Time | Rat", "Cefamandole": "conc ~ Time | Subject",
    "ChickWeight": "weight ~ Time | Chick", "CO2": "uptake ~ conc | Plant", "Dialyzer": "rate ~ pressure | Subject",
    "DNase": "density ~ conc | Run", "Earthquake": "accel ~ distance | Quake", "ergoStool": "effort ~ Type | Subject",
    "Fatigue": "relLength ~ cycles | Path", "Gasoline": "yield ~ endpoint | Sample",
    "Glucose": "conc ~ Time | Subject", "Glucose2": "glucose ~ Time | Subject/Date", "Gun": "rounds ~ Method | Team",
    "IGF": "conc ~ age | Lot", "Indometh": "conc ~ time | Subject", "Loblolly": "height ~ age | Seed",
    "Machines": "score ~ Machine | Worker", "MathAchieve": "MathAch ~ SES | School", "Meat": "score ~ 1 | Pair",
    "Milk": "protein ~ Time | Cow", "Muscle": "length ~ conc | Strip", "Nitrendipene": "activity ~ NIF | Tissue",
    "Oats": "yield ~ nitro | Block", "Orange": "circumference ~ age | Tree", "Orthodont": "distance ~ age | Subject",
    "Ovary": "follicles ~ Time | Mare", "Oxboys": "height ~ age | Subject", "Oxide": "Thickness ~ 1 | Lot/Wafer",
    "PBG": "deltaBP ~ dose | Rabbit", "Phenobarb": "conc ~ time | Subject", "Pixel": "pixel ~ day | Dog/Side",
    "Quinidine": "conc ~ time | Subject", "Rail": "travel ~ 1 | Rail", "RatPupWeight": "weight ~ 1 | Litter",
    "Relaxin": "cAMP ~ conc | Run", "Remifentanil": "conc ~ Time | Subject", "Soybean": "weight ~ Time | Plot",
    "Spruce": "logSize ~ days | Tree", "Tetracycline1": "conc ~ Time | Subject",
    "Tetracycline2": "conc ~ Time | Subject", "Theoph": "conc ~ Time | Subject",
    "Wafer": "current ~ voltage | Wafer/Site", "Wheat": "DryMatter ~ fertilizer | Tray",
    "Wheat2": "yield ~ variety | Block",
}  # fmt: skip
"""The formulas of the grouped data that come with R and nlme 3.1, `formula(Orthodont)`."""


def formula_of_data(data: Data | None, span: Span | None, notes: list[str]) -> Tilde | None:
    """The formula that data bring along, `y ~ x | g`; None if they bring none.

    Parameters
    ----------
    data : Data or None
    span : Span or None
        Where they are named, for what is known by that name.
    notes : list of str
        Gets what is known by name.
    """
    if data is None:
        return None
    name = data.name.rpartition("::")[2]
    if data.grouped is None and name in _NLME:
        found = moved(parse_expression(_NLME[name]), span)
        assert isinstance(found, Tilde)
        notes.append(f"`{name}` is taken to be nlme's, whose groups are those of `{_NLME[name]}`")
        return found
    return data.grouped


def groups_in(formula: Tilde | None) -> Expr | None:
    """`g` of `y ~ x | g`."""
    match None if formula is None else unparenthesised(formula.right):
        case Binary("|", _, groups):
            return groups
        case _:
            return None
