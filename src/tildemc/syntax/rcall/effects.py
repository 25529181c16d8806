"""What R's calls say of groups and of residuals: bars in the formula, `random =`, `correlation =`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.autocor import autocorrelation
from tildemc.syntax.rcall.bars import random_terms, split_bars
from tildemc.syntax.rcall.functions import Fitter
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.residuals import NLME, bar_of, with_group
from tildemc.syntax.rewrite import summands
from tildemc.syntax.structures import read_group
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Parens, Tilde, deparse

__all__ = ["correlation_of", "note_groups", "parenthesised", "random_effects"]


def parenthesised(right: Expr, fitter: Fitter, notes: list[str]) -> Expr:
    """`1 | g` without parentheses, as lme4 and its kin take it: all that stands before the bar is by g."""
    match right:
        case Binary("|" | "||", left, factor, span) if fitter.package in _BARE_BARS and not fitter.second:
            notes.append(
                f"`{deparse(right)}` is read as `({deparse(right)})`: all of `{deparse(left)}` is by "
                f"`{deparse(factor)}`"
            )
            return Parens(right, span)
        case _:
            return right


_ONE_SIDED = ("nlme", "MASS", "GLMMadaptive")
"""Packages whose `random` is a formula of one side, `~ x | g`."""
_BARE_BARS = ("lme4", "glmmTMB", "rstanarm", "gamm4")


def note_groups(right: Expr, fitter: Fitter, notes: list[str]) -> None:
    """Say where the function itself refuses a formula for its group terms, or for having none."""
    grouped = any(bar_of(part) or read_group(part) for part in summands(right))
    if fitter.package == "lme4" and not grouped:
        notes.append(f"`{fitter.name}()` itself needs a group term, as `(1 | g)`: this is a model without one")
    elif fitter.name in ("lm", "glm", "glm.nb") and grouped:
        notes.append(f"`{fitter.name}()` itself knows no group terms: this is the model that lme4 would read")


def random_effects(
    given: Mapping[str, Expr], fitter: Fitter, call: Call, right: Expr, groups: Expr | None
) -> list[Expr]:
    """The group terms of `random =`.

    Parameters
    ----------
    given : mapping of str to Expr
        The call's arguments.
    fitter : Fitter
    call : Call
    right : Expr
        What the mean depends on.
    groups : Expr or None
        What the data bring along as their groups.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    random = given.get("random")
    if fitter.package in _ONE_SIDED:
        if random is None and fitter.name == "lme" and groups is not None:
            # nlme's own default: all that the mean depends on varies.
            return random_terms(Tilde(None, right, right.span), groups=groups)
        if random is None and fitter.name == "lme":
            message = "`lme()` takes its groups from the data object, R's groupedData, which no data here have: write "
            message += "`random = ~ 1 | g`; a model without groups is `gls()`"
            raise FormulaSyntaxError(message, call.span)
        doubled = fitter.package == "GLMMadaptive"
        return [] if random is None else random_terms(random, doubled, groups)
    match random:
        case None | Constant(None):
            return []
        case Tilde(None, terms):
            return summands(split_bars(terms))
        case other:
            raise FormulaSyntaxError("`random` is a formula, as in `random = ~ (1 | g)`", other.span)


def correlation_of(given: Mapping[str, Expr], random: Sequence[Expr]) -> list[Expr]:
    """What `correlation =` says of residuals: rows go together by the innermost group, unless it names another.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    if "autocor" in given:
        return autocorrelation(given["autocor"])
    match given.get("correlation", Constant(None)):
        case Constant(None):
            return []
        case Call(name) as call if name.rpartition("::")[2] in NLME:
            groups = [inner.right for inner in map(unparenthesised, random) if isinstance(inner, Binary)]
            groups += [found.bar.right for found in map(read_group, random) if found is not None]
            return [with_group(call, groups[-1]) if groups else call]
        case other:
            absent = unbound(other, "correlation", "corAR1(form = ~ t | g)")
            if absent is not None:
                raise absent
            what = other.function.rpartition("::")[2] if isinstance(other, Call) else deparse(other)
            if what in _PHYLOGENETIC:
                raise UnsupportedError(f"`{what}` is ape's, {_OF_TREES}", other.span)
            known = ", ".join(f"`{name}`" for name in NLME)
            raise UnsupportedError(f"`{what}` is no residual correlation here; there are {known}", other.span)


_PHYLOGENETIC = ("corBrownian", "corPagel", "corMartins", "corGrafen", "corBlomberg")
_OF_TREES = (
    "of residuals that go together by a tree of species: write `brm(y ~ x + (1 | gr(species, cov = A)), data = d, "
    "data2 = list(A = A))`, where A is the tree's `vcv(tree, corr = TRUE)`, or `fcor(A)` for one row of each species"
)
