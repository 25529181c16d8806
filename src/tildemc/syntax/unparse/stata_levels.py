"""Group terms in, Stata's levels out: nested from left to right, crossed ones under `_all: R.g`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tildemc.errors import SemanticError
from tildemc.limits import allowed, too_many
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import summands
from tildemc.syntax.tree import Binary, Expr, Name, Number, Parens, Unary, deparse, spine
from tildemc.syntax.unparse.parts import Group, Saying

__all__ = ["Equation", "arranged"]


@dataclass(frozen=True, slots=True)
class Equation:
    """`|| level: terms, options`, and the columns whose combinations are its groups."""

    level: str
    terms: tuple[str, ...]
    options: tuple[str, ...]
    factor: tuple[str, ...]

    @property
    def effects(self) -> int:
        """How many effects it has, as far as the text tells."""
        return len(self.terms) + ("noconstant" not in self.options)


@dataclass(frozen=True, slots=True)
class _Effects:
    factor: tuple[str, ...]
    terms: tuple[str, ...]
    constant: bool
    correlated: bool


def arranged(groups: Sequence[Group], saying: Saying, term: Callable[[Expr], str]) -> list[Equation]:
    """The levels in an order in which each is nested in those that it is nested in here."""
    found = [effects for group in groups for effects in _effects(group, saying, term)]
    chain = _chain(found)
    equations: list[Equation] = []
    for effects in found:
        if effects.factor in chain:
            continue
        if len(effects.factor) > 2 or effects.terms or not effects.constant:
            shown = ":".join(effects.factor)
            saying.unsaid.append(f"the effects by `{shown}`: crossed levels have random intercepts alone in Stata")
        elif len(effects.factor) == 2:
            shown = ":".join(effects.factor)
            saying.unsaid.append(f"the effects by `{shown}`: make a column of the combinations first")
        else:
            equations.append(Equation("_all", (f"R.{effects.factor[0]}",), (), effects.factor))
    above: tuple[str, ...] = ()
    for factor in chain:
        level = next(name for name in factor if name not in above)
        for skipped in [name for name in factor if name not in above][:-1]:
            equations.append(Equation(skipped, (), ("noconstant",), (*above, skipped)))
            above = (*above, skipped)
            level = next(name for name in factor if name not in above)
        above = (*above, level)
        equations += [_equation(level, effects) for effects in found if effects.factor == factor]
    return equations


def _equation(level: str, effects: _Effects) -> Equation:
    options = () if effects.constant else ("noconstant",)
    if effects.correlated and len(effects.terms) + effects.constant > 1:
        options = (*options, "covariance(unstructured)")
    return Equation(level, effects.terms, options, effects.factor)


def _chain(found: Sequence[_Effects]) -> list[tuple[str, ...]]:
    """The longest run of factors, each nested in the one before; slopes must be in it, so they come first."""
    factors = list(dict.fromkeys(effects.factor for effects in found))
    needed = [effects.factor for effects in found if effects.terms or not effects.constant]
    chains: list[list[tuple[str, ...]]] = []
    for last in factors:
        chain = [factor for factor in factors if factor == last[: len(factor)]]
        chains.append(sorted(chain, key=len))
    if not chains:
        return []
    return max(chains, key=lambda chain: (sum(factor in chain for factor in needed), len(chain), chains.index(chain)))


def _effects(group: Group, saying: Saying, term: Callable[[Expr], str]) -> list[_Effects]:
    constant = True
    terms: list[str] = []
    for part in summands(group.left):
        match unparenthesised(part):
            case Number(value):
                constant = value == 1
            case Unary("-", Number(1.0)):
                constant = False
            case Binary("-", left, Number(1.0)):
                constant = False
                terms += [term(inner) for inner in summands(left)]
            case inner:
                terms.append(term(inner))
    shown = tuple(text for text in terms if text)
    return [_Effects(factor, shown, constant, group.bar == "|") for factor in _factors(group.factor, saying)]


def _factors(factor: Expr, saying: Saying) -> list[tuple[str, ...]]:
    """`a/b` is `a` and `a:b`."""
    first, nodes = spine(unparenthesised(factor), (":", "/"))
    found = _factors(first, saying) if isinstance(first, Parens) else _factor(first, saying)
    for node in nodes:
        right = _factors(node.right, saying)
        if len(found) * len(right) > allowed().terms:
            raise SemanticError(too_many("this grouping factor", "terms"), node.span)
        if node.operator == ":":
            found = [_joined(a, b) for a in found for b in right]
        else:
            found = [*found, *(_joined(found[-1], b) for b in right if found)]
    return found


def _factor(factor: Expr, saying: Saying) -> list[tuple[str, ...]]:
    match factor:
        case Name(text):
            return [(text,)]
        case other:
            saying.unsaid.append(f"the grouping factor `{deparse(other)}`")
            return []


def _joined(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))
