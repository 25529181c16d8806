"""Group terms in, Stata's levels out: nested from left to right, crossed ones under `_all: R.g`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.errors import SemanticError
from tildemc.limits import allowed, too_many
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.structures import STRUCTURES
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Parens, deparse, spine
from tildemc.syntax.unparse.parts import Group, Saying
from tildemc.syntax.unparse.stata_expr import is_stata_name
from tildemc.syntax.unparse.stata_terms import Sum, stata_sum

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
    sum: Sum
    structure: str

    @property
    def plain(self) -> bool:
        """Whether it is an intercept alone."""
        return self.sum.constant and not self.sum.terms


def arranged(groups: Sequence[Group], saying: Saying) -> list[Equation]:
    """The levels in an order in which each is nested in those that it is nested in here."""
    found = [effects for group in groups for effects in _effects(group, saying)]
    chain = _chain(found)
    pairs = [e.factor for e in found if e.plain and len(e.factor) == 2 and e.factor not in chain]
    if pairs and chain and len(chain[0]) == 1 and chain[0][0] not in pairs[0] and _removable(chain, found):
        chain = []
    top = _top(pairs, chain)
    crossed: list[Equation] = []
    within: list[Equation] = []
    for effects in found:
        if effects.factor in chain:
            continue
        shown = ":".join(effects.factor)
        if effects.plain and len(effects.factor) == 1:
            crossed.append(Equation("_all", (f"R.{shown}",), (), effects.factor))
        elif effects.plain and top in effects.factor and len(effects.factor) == 2:
            other = next(name for name in effects.factor if name != top)
            within.append(Equation(top, (f"R.{other}",), (), effects.factor))
        elif effects.plain:
            saying.unsaid.append(f"the effects by `{shown}`: make a column of the combinations first")
        else:
            saying.unsaid.append(f"the effects by `{shown}`: crossed levels have random intercepts alone in Stata")
    return [*crossed, *within, *_nested(chain, found, saying)]


def _nested(chain: Sequence[tuple[str, ...]], found: Sequence[_Effects], saying: Saying) -> list[Equation]:
    """A level for each factor of a chain, from the outside in."""
    equations: list[Equation] = []
    above: tuple[str, ...] = ()
    for factor in chain:
        new = [name for name in factor if name not in above]
        for skipped in new[:-1]:
            above = (*above, skipped)
            equations.append(Equation(skipped, (), ("noconstant",), above))
        above = (*above, new[-1])
        equations += [_equation(new[-1], effects, saying) for effects in found if effects.factor == factor]
    return equations


def _equation(level: str, effects: _Effects, saying: Saying) -> Equation:
    options = () if effects.sum.constant else ("noconstant",)
    if effects.structure != "diag" and effects.sum.several:
        called = STRUCTURES[effects.structure].stata
        if called is None:
            saying.unsaid.append(f"the covariance structure `{effects.structure}` by `{':'.join(effects.factor)}`")
        else:
            options = (*options, f"covariance({called})")
    return Equation(level, effects.sum.terms, options, effects.factor)


def _chain(found: Sequence[_Effects]) -> list[tuple[str, ...]]:
    """The longest run of factors, each nested in the one before; slopes must be in it, so they come first."""
    factors = list(dict.fromkeys(effects.factor for effects in found))
    needed = [effects.factor for effects in found if not effects.plain]
    chains: list[list[tuple[str, ...]]] = []
    for last in factors:
        chain = [factor for factor in factors if factor == last[: len(factor)]]
        chains.append(sorted(chain, key=len))
    if not chains:
        return []
    return max(chains, key=lambda chain: (sum(factor in chain for factor in needed), len(chain), chains.index(chain)))


def _removable(chain: Sequence[tuple[str, ...]], found: Sequence[_Effects]) -> bool:
    """Whether a chain may as well be written as a crossed level."""
    return len(chain) == 1 and all(effects.plain for effects in found if effects.factor in chain)


def _top(pairs: Sequence[tuple[str, ...]], chain: Sequence[tuple[str, ...]]) -> str:
    """The level under which `R.b` says `(1 | a:b)`: nothing may be nested in it that is not, so it is the outermost."""
    names = [chain[0][0]] if chain else list(pairs[0]) if pairs else []
    counts = {name: sum(name in pair for pair in pairs) for name in names}
    return max(counts, key=lambda name: counts[name], default="")


def _effects(group: Group, saying: Saying) -> list[_Effects]:
    left = group.left
    match left:
        case Binary("|", inner, Name()):
            # `(x | ID | g)`: a name for the effects, which says nothing where it stands once.
            left = inner
        case _:
            pass
    found = stata_sum([left], saying, exact=group.structure != "us")
    return [_Effects(factor, found, group.structure) for factor in _factors(group.factor, saying)]


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
        case Name(text) if is_stata_name(text):
            return [(text,)]
        case Call("gr", (Argument(inner, None),)):
            return _factors(inner, saying)
        case other:
            saying.unsaid.append(f"the grouping factor `{deparse(other)}`")
            return []


def _joined(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))
