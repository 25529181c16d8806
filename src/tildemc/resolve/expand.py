"""Formula -> Expanded: R's formula algebra worked out, term by term. Needs the data's column names for `.` only.

The rules are those of R's `terms.formula` (R Core Team, src/library/stats/src/model.c), which keeps a formula's
terms as sets of variables numbered by first appearance; brms's reading is taken for group terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tildemc.errors import SemanticError
from tildemc.resolve.algebra import Interaction, Terms, work_out
from tildemc.resolve.areas import AREAL
from tildemc.resolve.bars import expand_bar, split_bars
from tildemc.resolve.expanded import SPECIFIC, Expanded, ExpandedPredictor, Imputing, Specific
from tildemc.resolve.remarks import remarks
from tildemc.resolve.smooths.calls import SMOOTHS
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.residuals import Residuals, is_residuals, read_residuals
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.tree import (
    Argument,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Predictor,
    deparse,
    spine,
)

__all__ = ["expand"]


def expand(formula: Formula, columns: Sequence[str]) -> Expanded:
    """Work out a formula's algebra.

    Parameters
    ----------
    formula : Formula
    columns : sequence of str
        The data's column names in order, for `.`.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    responses = [{part.text for part in walk(one.response) if isinstance(part, Name)} for one in formula.each]
    each = [
        _expanded(one, [name for name in columns if not any(name in other for other in responses if other is not own)])
        for one, own in zip(formula.each, responses, strict=True)
    ]
    return replace(each[0], others=tuple(each[1:]), rescor=formula.rescor, complete=formula.complete)


def _expanded(formula: Formula, columns: Sequence[str]) -> Expanded:
    """The formula of one response."""
    notes: list[str] = []
    curves, beside = _curves([predictor for predictor in formula.predictors if predictor.curve])
    sums = [predictor for predictor in formula.predictors if not predictor.curve]
    predictors = tuple(_predictor(p, formula.response, columns, notes) for p in sums)
    told = tuple(remark for predictor in sums for remark in remarks(predictor.right))
    imputing, modifiers = _imputing(formula.modifiers)
    return Expanded(
        formula.response, modifiers, predictors, formula.text, tuple(notes), told, formula.fixed, curves,
        _residuals(predictors, curves[0].parameter if curves else predictors[0].parameter, beside),
        formula.correlated_measured, imputing, doubled=formula.doubled,
    )  # fmt: skip


def _imputing(modifiers: tuple[Modifier, ...]) -> tuple[Imputing | None, tuple[Modifier, ...]]:
    """What `mi()` says, and the other modifiers: a normal error adds to sigma as `se(sd, sigma = TRUE)` does."""
    said = [modifier for modifier in modifiers if modifier.function == "mi"]
    others = tuple(modifier for modifier in modifiers if modifier.function != "mi")
    if not said:
        return None, modifiers
    call = said[-1]
    if len(said) > 1:
        raise SemanticError("`mi()` stands twice", call.span)
    match call.arguments:
        case ():
            return Imputing(None, call.span), others
        case (Argument(noise, None | "sdy"),):
            if any(modifier.function == "se" for modifier in others):
                raise SemanticError("`mi(sd)` and `se()` both say the sd of an error", call.span)
            known = Modifier("se", (Argument(noise), Argument(Constant(True), "sigma")), call.span)
            return Imputing(noise, call.span), (*others, known)
        case _:
            raise SemanticError("`mi()` takes nothing, or the sd of the response's error: `y | mi(sd)`", call.span)


def _curves(predictors: Sequence[Predictor]) -> tuple[tuple[Predictor, ...], tuple[Residuals, ...]]:
    """Non-linear formulas, and how residuals go together, which may be added to the first."""
    if not predictors:
        return (), ()
    first, *others = predictors
    parts = summands(first.right)
    told = tuple(read_residuals(part) for part in parts if isinstance(part, Call) and is_residuals(part))
    kept = [part for part in parts if not is_residuals(part)]
    return (replace(first, right=total(kept)) if told and kept else first, *others), told


def _residuals(predictors: Sequence[ExpandedPredictor], first: str, beside: Sequence[Residuals]) -> Residuals | None:
    """How residuals go together: said once, or by brms's `ar()` and `ma()`, which make one ARMA.

    It is said beside the predictor of the `first` parameter; `beside` a non-linear formula, if that is one.
    """
    said = [*beside]
    for predictor in predictors:
        for found in predictor.residuals:
            if predictor.parameter != first:
                raise SemanticError(f"how residuals go together is said beside the predictor of {first}", found.span)
            said.append(found)
    match said:
        case []:
            return None
        case [one]:
            return one
        case [one, two] if replace(one, order=two.order) == two and min(map(sum, (one.order, two.order))) > 0:
            both = (one.order[0] + two.order[0], one.order[1] + two.order[1])
            if one.structure in _JOINED and 0 in one.order and 0 in two.order and 0 not in both:
                return replace(one, order=both, label=f"{one.label} + {two.label}")
        case _:
            pass
    raise SemanticError("residuals go together in one way: leave one of these terms out", said[1].span)


_JOINED = ("arma_cov", "arma_from_start")
"""The structures of brms's terms that add up."""


def _predictor(predictor: Predictor, response: Expr, columns: Sequence[str], notes: list[str]) -> ExpandedPredictor:
    by = _by(predictor)
    if by:
        return ExpandedPredictor(predictor.parameter, Terms(intercept=False), by=by, span=predictor.span)
    population, bars, residuals = split_bars(predictor.right)
    modelled = {part.text for part in walk(response) if isinstance(part, Name)}
    dot = [Name(name, span=None) for name in columns if name not in modelled]
    population, specific = _split_specific(population, dot)
    terms = work_out(population, dot)
    label = deparse(response)
    kept = tuple(i for i in terms.interactions if label not in i.names)
    if len(kept) < len(terms.interactions):
        notes.append(f"the response {label} stood on the right-hand side too and was left out there")
    smooths = tuple(call for i in kept if (call := _smooth(i)) is not None)
    areas = tuple(call for i in kept if (call := _areas(i)) is not None)
    plain = tuple(i for i in kept if _smooth(i) is None and _areas(i) is None)
    terms = Terms(terms.intercept, plain, terms.offsets, predictor.cell_means)
    groups = tuple(
        replace(group, terms=replace(group.terms, cell_means=predictor.cell_means))
        for said in bars
        for group in expand_bar(said, dot)
    )
    return ExpandedPredictor(
        predictor.parameter,
        terms,
        groups,
        smooths=smooths,
        areas=areas,
        span=predictor.span,
        residuals=residuals,
        specific=specific,
    )


def _split_specific(summands: list[Expr], dot: Sequence[Name]) -> tuple[list[Expr], Specific | None]:
    """The summands but for those of `cs()`, and what is in these."""
    others: list[Expr] = []
    inside: list[Expr] = []
    span: Span | None = None
    for summand in summands:
        match unparenthesised(summand):
            case Call(function, (Argument(inner, None | "expr"),), span) if function in SPECIFIC:
                inside.append(inner)
            case part:
                wrong = next((w for w in walk(part) if isinstance(w, Call) and w.function in SPECIFIC), None)
                if wrong is not None:
                    raise SemanticError("`cs()` takes a sum of columns, and can only be added: `x + cs(z)`", wrong.span)
                others.append(summand)
    if not inside:
        return others, None
    terms = work_out(inside, dot)
    if not terms.interactions or not terms.intercept or terms.offsets:
        raise SemanticError("`cs()` takes columns alone: thresholds are there in any case", span)
    return others, Specific(terms, span)


def _smooth(interaction: Interaction) -> Call | None:
    """The call of a term that is a smooth.

    Raises
    ------
    SemanticError
        If a smooth is multiplied with something.
    """
    for variable in interaction.variables:
        if isinstance(variable, Call) and variable.function in SMOOTHS:
            if len(interaction.variables) > 1:
                instead = f"`{variable.function}(…, by = z)` has smooths that differ by z"
                raise SemanticError(f"a smooth can only be added: {instead}", variable.span)
            return variable
    return None


def _areas(interaction: Interaction) -> Call | None:
    """The call of a term that is of areas.

    Raises
    ------
    SemanticError
        If it is multiplied with something.
    """
    found = next((v for v in interaction.variables if isinstance(v, Call) and v.function == AREAL), None)
    if found is not None and len(interaction.variables) > 1:
        raise SemanticError("effects of areas can only be added: `x + car(M, gr = g)`", found.span)
    return found


def _by(predictor: Predictor) -> tuple[Name, ...]:
    """The `g` of `parameter ~ by(g)`, the `a` and `b` of `by(a:b)`."""
    match unparenthesised(predictor.right):
        case Call("by", (Argument(value, None),), span) if predictor.parameter != "mu":
            first, nodes = spine(unparenthesised(value), ":")
            names = [part for part in (first, *(node.right for node in nodes)) if isinstance(part, Name)]
            if len(names) == len(nodes) + 1:
                return tuple(names)
        case Call("by", _, span) if predictor.parameter != "mu":
            pass
        case _:
            return ()
    raise SemanticError("`by()` takes a column, or a combination of columns, as in `sigma ~ by(arm)`", span)
