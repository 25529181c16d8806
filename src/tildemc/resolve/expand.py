"""Formula -> Expanded: R's formula algebra worked out, term by term. Needs the data's column names for `.` only.

The rules are those of R's `terms.formula` (R Core Team, src/library/stats/src/model.c), which keeps a formula's
terms as sets of variables numbered by first appearance; brms's reading is taken for group terms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.resolve.algebra import ALGEBRA, BARS, Interaction, Terms, bare_bar, work_out
from tildemc.resolve.areas import AREAL, grouped_by
from tildemc.resolve.grouped import Members, read_grouping
from tildemc.resolve.remarks import Remark, remarks
from tildemc.resolve.smooths.calls import SMOOTHS
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.residuals import Residuals, is_residuals, levels_alone, read_residuals
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.structures import BARS as STRUCTURES_OF_BARS
from tildemc.syntax.structures import KNOWN, Structured, read_group
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Fixed,
    Formula,
    Modifier,
    Name,
    Number,
    Parens,
    Predictor,
    Unary,
    deparse,
    spine,
)

__all__ = ["Bar", "Expanded", "ExpandedPredictor", "Imputing", "Specific", "expand"]


@dataclass(frozen=True, slots=True)
class Bar:
    """`(terms | factor)`: effects that vary by the combinations of `factor`'s columns; `(terms | shared | factor)`.

    `structure` is that of their covariance; `doubled`: it was said by `||`; each level of `by` has its own; a row may
    have several groups, `members`; `known` is the covariance between levels; effects are Student-t if `student`;
    `weights` say how much each level counts; `rank` is how many factors effects are sums of.
    """

    terms: Terms
    factor: tuple[Name, ...]
    structure: str
    doubled: bool = False
    shared: Name | None = None
    by: Name | None = None
    members: Members | None = None
    known: Name | None = None
    student: bool = False
    weights: Name | None = None
    rank: int | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Specific:
    """`cs(terms)`: effects that each threshold has by itself."""

    terms: Terms
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExpandedPredictor:
    """What one parameter depends on: population terms, group terms, or (`by`) nothing but a level.

    `specific` are the terms within `cs()`.
    """

    parameter: str
    terms: Terms
    bars: tuple[Bar, ...] = ()
    by: tuple[Name, ...] = ()
    smooths: tuple[Call, ...] = ()
    areas: tuple[Call, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)
    specific: Specific | None = None

    residuals: tuple[Residuals, ...] = ()

    @property
    def sums(self) -> tuple[Terms, ...]:
        """All sums of terms in it."""
        specific = () if self.specific is None else (self.specific.terms,)
        return (self.terms, *specific, *(bar.terms for bar in self.bars))


@dataclass(frozen=True, slots=True)
class Imputing:
    """`mi()` or `mi(noise)` beside a response."""

    noise: Expr | None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expanded:
    """A formula with its algebra worked out; `curves` are the parameters that are arithmetic of others.

    Where there are several responses it is that of the first, and `others` are those of the further ones; `rescor` and
    `complete` are as `Formula` has them. `correlated_measured`: the true values of several variables that are measured
    with error are correlated.
    """

    response: Expr
    modifiers: tuple[Modifier, ...]
    predictors: tuple[ExpandedPredictor, ...]
    text: str
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    curves: tuple[Predictor, ...] = ()
    residuals: Residuals | None = None
    correlated_measured: bool = True
    imputing: Imputing | None = None
    others: tuple[Expanded, ...] = ()
    rescor: bool | None = None
    complete: bool = False

    @property
    def each(self) -> tuple[Expanded, ...]:
        """Those of all responses."""
        return (self, *self.others)

    @property
    def factors(self) -> Iterator[tuple[Name, ...]]:
        """The columns that rows are grouped by, each with those that it stands beside."""
        for formula in self.each:
            yield from formula._own_factors()

    def _own_factors(self) -> Iterator[tuple[Name, ...]]:
        for predictor in self.predictors:
            for bar in predictor.bars:
                yield bar.factor
                yield from ((name,) for name in (() if bar.members is None else bar.members.columns))
                if bar.by is not None:
                    yield (*bar.factor, bar.by)
                if bar.members is not None and bar.members.by:
                    yield from zip(bar.members.columns, bar.members.by, strict=True)
                if bar.weights is not None:
                    yield (*bar.factor, bar.weights)
            yield from ((grouped_by(call),) for call in predictor.areas)
            if predictor.by:
                yield predictor.by
        for modifier in self.modifiers:
            yield from ((a.value,) for a in modifier.arguments if a.name == "gr" and isinstance(a.value, Name))


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
        formula.correlated_measured, imputing,
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
    population, bars, residuals = _split_bars(predictor.right)
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
    terms = Terms(terms.intercept, plain, terms.offsets)
    groups = tuple(group for said in bars for group in _expand_bar(said, dot))
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


_SPECIFIC = ("cs", "cse")
"""What brms calls category-specific effects, now and before."""


def _split_specific(summands: list[Expr], dot: Sequence[Name]) -> tuple[list[Expr], Specific | None]:
    """The summands but for those of `cs()`, and what is in these."""
    others: list[Expr] = []
    inside: list[Expr] = []
    span: Span | None = None
    for summand in summands:
        match unparenthesised(summand):
            case Call(function, (Argument(inner, None | "expr"),), span) if function in _SPECIFIC:
                inside.append(inner)
            case part:
                wrong = next((w for w in walk(part) if isinstance(w, Call) and w.function in _SPECIFIC), None)
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


# Group terms


def _split_bars(right: Expr) -> tuple[list[Expr], list[Structured], tuple[Residuals, ...]]:
    """The summands that are population terms, group terms, each with its structure, and what is of residuals."""
    summands: list[Expr] = []
    residuals: list[Residuals] = []
    bars: list[Structured] = []
    pending = [right]
    while pending:
        expr = pending.pop()
        match expr:
            case Binary("+" | "-"):
                # What is taken away concerns the population terms alone: `x + (1 | g) - 1`.
                first, nodes = spine(expr, "+-")
                signed = (n.right if n.operator == "+" else Unary("-", n.right, n.right.span) for n in nodes)
                pending += reversed([first, *signed])
            case Parens(inner) if _has_bar(inner):
                bar = unparenthesised(inner)
                if isinstance(bar, Binary) and bar.operator in BARS:
                    bars.append(Structured(STRUCTURES_OF_BARS[bar.operator], bar))
                else:
                    pending.append(bar)
            case Call() if is_residuals(expr):
                residuals.append(read_residuals(expr))
            case Call() if (group := read_group(expr)) is not None:
                bars.append(group)
            case Binary(operator, span=span) if operator in BARS:
                raise bare_bar(expr, span)
            case _ if _has_bar(expr):
                raise SemanticError("a group term can only be added, as in `x + (1 | g)`", _first_bar(expr).span)
            case _:
                summands.append(expr)
    return summands, bars, tuple(residuals)


def _has_bar(expr: Expr) -> bool:
    return next(_bars(expr), None) is not None


def _first_bar(expr: Expr) -> Expr:
    return next(_bars(expr))


def _bars(expr: Expr) -> Iterator[Expr]:
    """The group terms of an expression, but for those within a call and those within another."""
    todo: list[Expr] = [expr]
    while todo:
        part = todo.pop()
        match part:
            case Binary(operator) if operator in BARS:
                yield part
            case Binary(operator, left, right) if operator in ALGEBRA:
                todo += [right, left]
            case Parens(inner) | Unary(_, inner):
                todo.append(inner)
            case Call() if read_group(part) is not None:
                yield part
            case _:
                pass


def _of_levels(bar: Binary) -> Binary:
    """`0 + species | gr(g, cov = A)` -> `1 | gr(species, g, cov = A)`: the same effects, one of each level by group."""
    levels = levels_alone(bar.left)
    match levels:
        case Name() as name:
            pass
        case Call("factor" | "as.factor", (Argument(Name() as name, None),)):
            pass
        case _:
            message = "`propto()` is of the levels of one column, without an intercept: `propto(0 + species | g, A)`"
            raise SemanticError(message, bar.left.span)
    match bar.right:
        case Call("gr", (Argument(Name(), None) as group, *others), span):
            return Binary("|", Number(1.0), Call("gr", (Argument(name), group, *others), span), bar.span)
        case other:
            raise SemanticError("`propto()` is by one column, as in `propto(0 + species | g, A)`", other.span)


def _expand_bar(said: Structured, dot: list[Name]) -> list[Bar]:
    """`(x | a/b)` -> `(x | a)`, `(x | a:b)`."""
    structure, bar, rank = said
    if structure == KNOWN:
        structure, bar = STRUCTURES_OF_BARS["|"], _of_levels(bar)
    left: Expr = bar.left
    shared: Name | None = None
    match left:
        case Binary("|", inner, Name() as shared):
            left = inner
        case _:
            pass
    if _has_bar(left):
        raise SemanticError("a group term inside a group term", _first_bar(left).span)
    specific = next((part for part in walk(left) if isinstance(part, Call) and part.function in _SPECIFIC), None)
    if specific is not None:
        raise UnsupportedError("category-specific effects that vary by group are not built", specific.span)
    terms = work_out([left], dot)
    if terms.offsets:
        raise SemanticError("an offset belongs outside of group terms", terms.offsets[0].span)
    if not terms.intercept and not terms.interactions:
        raise SemanticError("this group term has no effects: write at least `(1 | …)`", bar.span)
    group = read_grouping(bar.right)
    factors = work_out([_combined(group.factor)], []).interactions
    if not factors:
        raise SemanticError("the grouping factor must be a column, as in `(1 | school)`", bar.right.span)
    names = (tuple(_group_name(v) for v in factor.variables) for factor in factors)
    structure = "diag" if not group.correlated and structure == "us" else structure
    shared = shared or group.shared
    doubled, members = bar.operator == "||", group.members
    return [
        Bar(
            terms, name, structure, doubled, shared, group.by, members, group.known, group.student, group.weights,
            rank, bar.span,
        )
        for name in names
    ]  # fmt: skip


def _combined(factor: Expr) -> Expr:
    """`interaction(a, b)` as `a:b`, which groups rows alike."""
    match unparenthesised(factor):
        case Call("interaction" | "paste" | "paste0", (first, *others)):
            named = [argument.value for argument in others if argument.name is None]
            return reduce(lambda one, other: Binary(":", one, other, factor.span), named, first.value)
        case _:
            return factor


def _group_name(variable: Expr) -> Name:
    match variable:
        case Name():
            return variable
        case Call("factor" | "as.factor", (Argument(Name() as column, None),)):
            # A grouping factor is a factor in any case.
            return column
        case _:
            raise SemanticError(
                "a grouping factor is a column or a combination of columns, `a:b` or `a/b`", variable.span
            )
