"""Several responses a row, each of a family of its own; those of numbers may have correlated residuals.

A function from records to a record, as in `mixtures.py`. A row without one of the responses is a row of those that it
has: its density is theirs, of correlated ones their marginal one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from operator import add

from tildemc.spec.chance import Draw
from tildemc.spec.expr import Const, Expr, Var, substitute, walk
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Elliptical, Family, Multivariate
from tildemc.spec.families.values import NUMBERS
from tildemc.spec.support import Support
from tildemc.spec.vocabulary import apply

__all__ = [
    "Jointly",
    "beside",
    "correlation_of",
    "factor",
    "joined",
    "multivariate",
    "parameter_of",
    "product",
    "renamed",
    "spelled_out",
]

ONE, ZERO = Const(1), Const(0)
_BETWEEN = Support(-1.0, 1.0)

Triangle = list[list[Expr]]
"""Of a matrix, the rows up to the diagonal."""


@dataclass(frozen=True)
class Jointly:
    """How a family of several responses is made; see `multivariate`."""

    names: tuple[str, ...]
    families: tuple[Family, ...]
    correlated: bool
    present: tuple[tuple[int, ...], ...]

    def family(self) -> Family:
        """The family."""
        return multivariate(self.names, self.families, correlated=self.correlated, present=self.present)


def parameter_of(family: Family, parameter: str, response: str, *, correlated: bool = False) -> str:
    """What a parameter of a response's family is called: after the response, unless all responses share it.

    The first has the response's own name, but for one that its density has for something else, as `y`.
    """
    if family.parameters[0].name == parameter:
        named = {part.name for part in walk(family.log_density) if isinstance(part, Var)}
        return f"{parameter}_{response}" if response in named else response
    shared = family.elliptical.shared if correlated and family.elliptical is not None else frozenset[str]()
    return parameter if parameter in shared else f"{parameter}_{response}"


def spelled_out(family: Family) -> dict[str, str]:
    """What programs call the first parameter of each of several responses: `mu_y1`, for `y1` is the response there."""
    known = family.multivariate
    if known is None:
        return {}
    return {name: f"{own.parameters[0].name}_{name}" for own, name in zip(known.families, known.names, strict=True)}


def beside(column: str, response: str) -> str:
    """What the density of a row calls a response, `value`, and what stands beside it."""
    return f"{column}_{response}"


def correlation_of(one: str, other: str) -> str:
    """What the partial correlation of two responses is called, given those before both."""
    return f"rescor_{one}_{other}"


def renamed(family: Family, response: str, *, correlated: bool = False) -> Family:
    """A response's family with the names that its parameters have in the model."""
    called = {p.name: parameter_of(family, p.name, response, correlated=correlated) for p in family.parameters}
    parts: dict[Expr, Expr] = {Var(name): Var(own) for name, own in called.items()}

    def own(arguments: Mapping[str, Expr]) -> dict[str, Expr]:
        return {name: substitute(argument, parts) for name, argument in arguments.items()}

    return replace(
        family.instead(parts),
        parameters=tuple(replace(p, name=called[p.name]) for p in family.parameters),
        native=own(family.native),
        native_by_link={link: own(arguments) for link, arguments in family.native_by_link.items()},
        steps=own(family.steps),
        simple=None if family.simple is None else (family.simple[0], own(family.simple[1])),
        notation=tuple(substitute(part, parts) for part in family.written),
        exposed=tuple(called[name] for name in family.exposed),
        mains=tuple(called[name] for name in family.mains),
        location=family.location,
    )


def multivariate(
    names: Sequence[str], families: Sequence[Family], *, correlated: bool, present: Sequence[Sequence[int]] = ()
) -> Family:
    """A family of several responses a row.

    Parameters
    ----------
    names : sequence of str
        What parameters are called after.
    families : sequence of Family
    correlated : bool
        Whether residuals of a row are correlated; then all are of one family that is elliptical.
    present : sequence of sequence of int
        Which responses, by number, the rows have that do not have all.
    """
    count = len(names)
    parts = tuple(renamed(f, name, correlated=correlated) for f, name in zip(families, names, strict=True))
    sets = {tuple(range(count)), *(tuple(own) for own in present)}
    ordered = tuple(sorted(sets, key=lambda own: (-len(own), own)))
    known = Multivariate(tuple(names), tuple(families), parts, correlated, ordered)
    parameters = {p.name: p for part in parts for p in part.parameters}
    partial = [correlation_of(one, other) for one, other in combinations(names, 2)] if correlated else []
    free = tuple(FamilyParameter(name, _BETWEEN, (), correlation=True, typical=0.0) for name in partial)
    made = Family(
        name="multivariate", title="Multivariate", values=NUMBERS, latex="",
        parameters=(*parameters.values(), *free),
        log_density=ZERO, mean=UNKNOWN, variance=UNKNOWN, cdf=UNKNOWN, tail=UNKNOWN, draw=Draw(UNKNOWN),
        middle=UNKNOWN, multivariate=known, mains=tuple(part.parameters[0].name for part in parts),
        recipe=Jointly(known.names, known.families, correlated, ordered),
    )  # fmt: skip
    return joined(made, parts)


def joined(family: Family, parts: Sequence[Family]) -> Family:
    """The family of several responses whose own families are these: what stands beside a response changes its own."""
    assert family.multivariate is not None
    known = replace(family.multivariate, parts=tuple(parts))
    density = _correlated(known) if known.correlated else _apart(known)
    return replace(family, multivariate=known, log_density=density)


def _seen(known: Multivariate, responses: Sequence[int]) -> Expr:
    """1 where a row has all of these, of those that it may lack."""
    marks: list[Expr] = [Var(beside("seen", known.names[k])) for k in responses if k in known.lacking]
    return reduce(lambda one, other: one * other, marks) if marks else ONE


def _of_rows(expr: Expr, part: Family, name: str) -> Expr:
    """Arithmetic of one response in what the rows of all call what the data give."""
    own = {parameter.name for parameter in part.parameters}
    given = {v.name for v in walk(expr) if isinstance(v, Var)} - own
    columns: dict[Expr, Expr] = {Var(c): Var(beside("value" if c == "y" else c, name)) for c in given}
    return substitute(expr, columns)


def _density(known: Multivariate, k: int) -> Expr:
    """The log density of one response, times its weight."""
    part, name = known.parts[k], known.names[k]
    return _of_rows(part.log_density, part, name)


def _apart(known: Multivariate) -> Expr:
    """The sum of the responses' own log densities, of those that a row has."""
    each = [_density(known, k) for k in range(len(known.names))]
    return reduce(
        add,
        (apply("where", _seen(known, [k]), own, ZERO) if k in known.lacking else own for k, own in enumerate(each)),
    )


def _correlated(known: Multivariate) -> Expr:
    """The log density of the responses that a row has, together."""
    *others, last = ((own, _together(known, own)) for own in known.present)
    found = last[1]
    for own, density in reversed(others):
        found = apply("where", _seen(known, own), density, found)
    return found


def _together(known: Multivariate, responses: Sequence[int]) -> Expr:
    """The log density of these responses, z = L⁻¹ (y - mu) / sigma with L the factor of their correlations."""
    if len(responses) == 1:
        return _density(known, responses[0])
    laws = [*_laws(known, responses)]
    L = _factor(known, responses)
    z: list[Expr] = []
    for k, law in enumerate(laws):
        less = [L[k][j] * z[j] for j in range(k)]
        z.append((law.distance - reduce(add, less)) / L[k][k] if less else law.distance)
    radius = reduce(add, (one**2 for one in z))
    density = substitute(laws[0].law, {Var("radius"): radius, Var("size"): Const(float(len(z)))})
    scales = reduce(add, (one.log_scale for one in laws))
    return density - scales - _log_determinant(known, responses, L)


def _laws(known: Multivariate, responses: Sequence[int]) -> Iterator[Elliptical]:
    for k in responses:
        part, name = known.parts[k], known.names[k]
        assert part.elliptical is not None
        own = part.elliptical
        yield Elliptical(own.law, _of_rows(own.distance, part, name), _of_rows(own.log_scale, part, name))


def _partial(known: Multivariate, one: int, other: int) -> Expr:
    return Var(correlation_of(known.names[one], known.names[other]))


def factor(partial: Mapping[tuple[int, int], Expr], size: int) -> Triangle:
    """The Cholesky factor of correlations, in the partial ones of each two, given those before both.

    Lewandowski, Kurowicka & Joe (2009), Generating random correlation matrices based on vines and extended onion
    method, Journal of Multivariate Analysis 100: a partial correlation takes its part of what those before it left.
    """
    L: Triangle = []
    for i in range(size):
        left: Expr = ONE
        row: list[Expr] = []
        for j in range(i):
            p = partial[j, i]
            row.append(product(p, left))
            left = product(left, apply("sqrt", 1 - p**2))
        L.append([*row, left])
    return L


def product(one: Expr, other: Expr) -> Expr:
    """The product, of which a factor that is 1 is no part."""
    return other if one == ONE else one if other == ONE else one * other


def _is_first(responses: Sequence[int]) -> bool:
    """Whether they are the first ones, whose factor is a corner of the whole."""
    return [*responses] == [*range(len(responses))]


def _factor(known: Multivariate, responses: Sequence[int]) -> Triangle:
    """The Cholesky factor of the correlations of some responses."""
    count = len(known.names)
    whole = factor({pair: _partial(known, *pair) for pair in combinations(range(count), 2)}, count)
    if _is_first(responses):
        return whole
    L: Triangle = []
    for i, a in enumerate(responses):
        row: list[Expr] = []
        for j, b in enumerate(responses[: i + 1]):
            entry: Expr = ONE if i == j else reduce(add, (product(whole[a][c], whole[b][c]) for c in range(b + 1)))
            for k in range(j):
                entry = entry - (row[k] ** 2 if i == j else row[k] * L[j][k])
            if i == j:
                row.append(apply("sqrt", entry) if i else ONE)
            else:
                row.append(entry if L[j][j] == ONE else entry / L[j][j])
        L.append(row)
    return L


def _log_determinant(known: Multivariate, responses: Sequence[int], L: Triangle) -> Expr:
    """The log of the product of the factor's diagonal."""
    if _is_first(responses):
        pairs = combinations(responses, 2)
        return reduce(add, (0.5 * apply("log1p", -(_partial(known, *pair) ** 2)) for pair in pairs))
    return reduce(add, (apply("log", L[k][k]) for k in range(1, len(L))))
