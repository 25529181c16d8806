"""Mixtures: each response comes from one of several families, nobody knows which.

A function from records to a record, as those in `zeros.py`. What companions make of the response they make of each
component, as in brms: the shares of a truncated mixture are those among what is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import accumulate
from math import log
from operator import add

from tildemc.spec.chance import Draw, Step
from tildemc.spec.expr import Const, Expr, Var, substitute
from tildemc.spec.families.limits import UNKNOWN, settled
from tildemc.spec.families.ordinal import log_total
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family, Mixture
from tildemc.spec.families.values import Values
from tildemc.spec.priors import default
from tildemc.spec.support import REAL, UNIT
from tildemc.spec.vocabulary import apply

__all__ = ["Mixed", "changed", "mixture", "probabilities", "share", "shares_of"]

ZERO = Const(0.0)
_LOST = frozenset({"se"})
"""Companions that stand for a parameter by its name, of which a mixture has several."""


@dataclass(frozen=True)
class Mixed:
    """How a mixture is made; see `mixture`."""

    families: tuple[Family, ...]
    ordered: bool
    modelled: tuple[int, ...]
    fixed: tuple[float, ...]

    def family(self) -> Family:
        """The mixture."""
        return mixture(self.families, ordered=self.ordered, modelled=self.modelled, fixed=self.fixed)


def share(number: int) -> str:
    """What the share of a component, counted from 1, is called."""
    return f"theta{number}"


def mixture(
    families: Sequence[Family], *, ordered: bool, modelled: Sequence[int] = (), fixed: Sequence[float] = ()
) -> Family:
    """A family of responses that are each of one of several families.

    Parameters
    ----------
    families : sequence of Family
        Two or more, all of numbers or all of whole numbers.
    ordered : bool
        Whether the intercepts of the components' first parameters increase.
    modelled : sequence of int
        The components, counted from 1, whose share has a formula: all but one, with which they are compared on the
        scale of the logs of shares.
    fixed : sequence of float
        Of each component its share, or a multiple of that; empty where shares are estimated.
    """
    components = tuple(_numbered(family, number) for number, family in enumerate(families, start=1))
    shares, logs, parameters = _shares(len(families), modelled, fixed)
    known = Mixture(tuple(families), components, shares, logs, ordered)
    first, *_ = components
    others = [p for component in components for p in component.parameters[1:]]
    made = replace(
        first,
        name="mixture", title=f"Mixture of {' and '.join(family.title for family in families)}", use="", latex="",
        values=_values(families), mixture=known,
        parameters=(*(c.parameters[0] for c in components), *others, *parameters),
        modifiers=frozenset.intersection(*(family.modifiers for family in families)) - _LOST,
        mains=tuple(component.parameters[0].name for component in components),
        exposed=tuple(name for component in components for name in component.exposed),
        recipe=Mixed(tuple(families), ordered, tuple(modelled), tuple(fixed)),
        pymc="", native={}, native_by_link={}, steps={}, simple=None, notation=(), aliases=(), single="", adds="",
        chances=None, rough=None, links=(), made_of="", law="", elliptical=None,
    )  # fmt: skip
    return _blended(made, known)


def _shares(
    count: int, modelled: Sequence[int], fixed: Sequence[float]
) -> tuple[tuple[Expr, ...], tuple[Expr, ...], tuple[FamilyParameter, ...]]:
    """The shares of so many components, their logs, and the parameters that they are made of."""
    names = [share(number) for number in range(1, count + 1)]
    if fixed:
        parts = [value / sum(fixed) for value in fixed]
        return tuple(map(Const, parts)), tuple(Const(log(part)) for part in parts), ()
    if modelled:
        scores = [Var(name) if number in modelled else ZERO for number, name in enumerate(names, start=1)]
        total = log_total([score for score in scores if score != ZERO])
        logs = tuple(-total if score == ZERO else score - total for score in scores)
        return tuple(apply("exp", part) for part in logs), logs, tuple(_score(share(number)) for number in modelled)
    shares = tuple(map(Var, names))
    free = tuple(FamilyParameter(name, UNIT, (), share=True, typical=1 / count) for name in names)
    return shares, tuple(apply("log", part) for part in shares), free


def changed(family: Family, make: Callable[[Family], Family]) -> Family:
    """What `make` makes of a family, or of each component of a mixture."""
    if family.mixture is None:
        return make(family)
    return _blended(family, replace(family.mixture, components=tuple(map(make, family.mixture.components))))


def shares_of(family: Family) -> dict[str, Expr]:
    """The share of each component of a mixture, by its name, in what is estimated; none of another family."""
    known = () if family.mixture is None else family.mixture.shares
    return {share(number): value for number, value in enumerate(known, start=1)}


def probabilities(family: Family) -> tuple[Expr, ...]:
    """The probability that a response is of each component of a mixture, given what it is."""
    assert family.mixture is not None
    return tuple(apply("exp", part - family.log_density) for part in _parts(family.mixture))


def _parts(known: Mixture) -> list[Expr]:
    """The log of each component's share times its density."""
    return [log + part.log_density for log, part in zip(known.log_shares, known.components, strict=True)]


def _blended(family: Family, known: Mixture) -> Family:
    """A mixture's record, with the arithmetic that follows from its components'."""
    parts, logs = known.components, known.log_shares

    def mean(values: Sequence[Expr]) -> Expr:
        return reduce(add, (weight * value for weight, value in zip(known.shares, values, strict=True)))

    def log_mean(values: Sequence[Expr]) -> Expr:
        return reduce(_log_sum, (weight + value for weight, value in zip(logs, values, strict=True)))

    # Of what each component is centred by, if that is one thing for all; else of the response.
    alike = len({part.centre for part in parts}) == 1
    centre = parts[0].centre if alike else Var("y")
    middle = mean([part.middle if alike else part.mean for part in parts])
    squares = [part.variance + part.middle**2 if alike else UNKNOWN for part in parts]

    def moment(values: Sequence[Expr | None]) -> Expr | None:
        known = [value for value in values if value is not None]
        return mean(known) if len(known) == len(parts) else None

    return settled(replace(
        family,
        mixture=known, log_density=reduce(_log_sum, _parts(known)),
        mean=mean([part.mean for part in parts]),
        centre=centre, middle=middle, variance=mean(squares) - middle**2,
        partial=moment([part.partial for part in parts]), square=moment([part.square for part in parts]),
        partial_square=moment([part.partial_square for part in parts]),
        cdf=mean([part.cdf for part in parts]), tail=mean([part.tail for part in parts]),
        log_cdf=log_mean([part.log_below for part in parts]), log_tail=log_mean([part.log_above for part in parts]),
        draw=_draw(known),
    ))  # fmt: skip


def _log_sum(one: Expr, other: Expr) -> Expr:
    return apply("log_add_exp", one, other)


def _draw(known: Mixture) -> Draw:
    """One of each component, of which one is taken."""
    draws = [part.draw.renamed(str(number)) for number, part in enumerate(known.components, start=1)]
    steps = {name: step for draw in draws for name, step in draw.steps.items()}
    *others, last = draws
    value, ends = last.value, [*accumulate(known.shares[:-1], add)]
    for draw, end in reversed([*zip(others, ends, strict=True)]):
        value = apply("where", apply("less", Var("which"), end), draw.value, value)
    return Draw(value, {"which": Step("random", ()), **steps})


def _numbered(family: Family, number: int) -> Family:
    """A family with the number of a component behind the names of its parameters."""
    parts: dict[Expr, Expr] = {Var(p.name): Var(f"{p.name}{number}") for p in family.parameters}
    return replace(
        family.instead(parts),
        parameters=tuple(replace(p, name=f"{p.name}{number}") for p in family.parameters),
        notation=tuple(substitute(part, parts) for part in family.written),
        exposed=tuple(f"{name}{number}" for name in family.exposed),
    )  # fmt: skip


def _score(name: str) -> FamilyParameter:
    """The log of a share over that of the component that others are compared with, with brms's prior."""
    return FamilyParameter(name, REAL, ("identity",), intercept=default("logistic", 0.0, 1.0), typical=0.0)


def _values(families: Sequence[Family]) -> Values:
    """What a response may be: whatever all components take."""
    each = [family.values for family in families]
    lower, upper = max(values.lower for values in each), min(values.upper for values in each)
    narrow = next((v for v in each if (v.lower, v.upper) == (lower, upper)), each[0])
    atoms = tuple(atom for atom in narrow.atoms if all(atom in v.atoms or v.lower < atom < v.upper for v in each))
    return replace(narrow, lower=lower, upper=upper, atoms=atoms)
