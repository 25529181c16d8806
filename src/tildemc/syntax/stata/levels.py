"""`|| level: terms, options` in, group terms out: nesting from left to right, a covariance for each equation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.rewrite import total
from tildemc.syntax.stata.coding import code
from tildemc.syntax.stata.tables import LEVEL_OPTIONS
from tildemc.syntax.stata.varlist import Categorical, Continuous, Indicator, Product, columns_named, products
from tildemc.syntax.stata.word import Word, known_name
from tildemc.syntax.stata.written import Equation, Option
from tildemc.syntax.structures import STRUCTURES, group_term
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens, deparse

__all__ = ["Level", "Options", "not_a_residual", "read_levels", "weight_of_rows"]

Options = Sequence[tuple[str, Option]]

_STRUCTURES = {record.stata: structure for structure, record in STRUCTURES.items() if record.stata is not None}
_SHORTEST = {
    "independent": "ind",
    "exchangeable": "ex",
    "identity": "id",
    "unstructured": "un",
    "fixed": "fix",
    "pattern": "pat",
}


@dataclass(frozen=True, slots=True)
class Level:
    """One equation: its grouping factor, its group terms, and the names Stata gives its effects.

    Attributes
    ----------
    factor : tuple of str
        The columns whose combinations are the groups; none for `_all`.
    terms : tuple of Expr
        `(… | …)`; none for `|| g:, noconstant`.
    depth : int
        How many levels deep it is nested: Stata's `U0`, `UU0`.
    effects : tuple of str
        What the coefficients are called in the formula, the intercept (`Intercept`) first.
    correlated : bool
        Whether the effects have a covariance matrix of their own, `covariance(unstructured)`.
    crossed : bool
        Whether it is `R.v`.
    weight : Name or None
        How often a group counts, by its own weight or by that of the level above.
    """

    factor: tuple[str, ...]
    terms: tuple[Expr, ...]
    depth: int
    effects: tuple[str, ...]
    notes: tuple[str, ...] = ()
    correlated: bool = False
    crossed: bool = False
    weight: Name | None = None


def weight_of_rows(levels: Sequence[Level]) -> Name | None:
    """How often a row counts by the weights of its groups: those of the lowest level that has any."""
    return next((level.weight for level in reversed(levels) if level.weight is not None), None)


def read_levels(equations: Sequence[tuple[Equation, Options]], columns: Sequence[str] | None) -> list[Level]:
    """The group terms of all levels; `options` of each equation are those that are about it.

    Raises
    ------
    TildeError
        With the place in the text.
    """
    levels: list[Level] = []
    above: list[Name] = []
    for equation, options in equations:
        assert equation.level is not None
        word = equation.level
        if word.text != "_all":
            name = columns_named(word, columns)[0]
            above += [] if name in [other.text for other in above] else [Name(name, word.span)]
        factor = above if word.text != "_all" else []
        level = _level(equation, options, factor, columns)
        weight = _weight(options, levels, columns)
        if weight is not None and word.text == "_all":
            raise SemanticError("`_all` is one group: weights of groups belong to a level with several", equation.span)
        levels.append(level if weight is None else _weighted(level, weight))
    return levels


def _weight(options: Options, above: Sequence[Level], columns: Sequence[str] | None) -> Name | None:
    """The weight of a level's groups, and of the groups in these."""
    inherited = weight_of_rows(above)
    given = [option for name, option in options if name in _WEIGHTS]
    if not given:
        return inherited
    words = given[0].given or ()
    if len(words) != 1 or words[0].inner is not None:
        raise FormulaSyntaxError(f"`{given[0].name.text}()` of a level takes one variable", given[0].span)
    if inherited is not None or len(given) > 1:
        message = "weights of groups at two levels are not built: those of one level are"
        raise UnsupportedError(message, given[0].span)
    name = columns_named(Word(words[0].text, words[0].span), columns)[0]
    return Name(name, words[0].span)


_WEIGHTS = ("fweight", "pweight", "iweight")
_OF_GROUPS = (
    "weights of groups, `{}`: a group's effects have their variance over its weight, and its rows count as often; "
    "Stata weights the logarithm of a group's integral. Both agree about where weights have mean 1 over groups: "
    "divide them by it first"
)


def _weighted(level: Level, weight: Name) -> Level:
    """The same level, whose groups count as often as `weight` says."""
    terms = tuple(_counted(term, weight) for term in level.terms)
    return replace(level, terms=terms, weight=weight, notes=(*level.notes, _OF_GROUPS.format(weight.text)))


def _counted(term: Expr, weight: Name) -> Expr:
    """`(x | gr(g, pw = w))`."""
    match term:
        case Parens(Binary(bar, left, factor, place), span):
            return Parens(Binary(bar, left, _gr(factor, weight), place), span)
        case Call(name, (Argument(Binary(bar, left, factor, place), said, at), *others), span):
            return Call(name, (Argument(Binary(bar, left, _gr(factor, weight), place), said, at), *others), span)
        case _:
            raise AssertionError(term)


def _gr(factor: Expr, weight: Name) -> Call:
    return Call("gr", (Argument(factor), Argument(weight, "pw")), factor.span)


def _level(equation: Equation, options: Options, factor: list[Name], columns: Sequence[str] | None) -> Level:
    given = _checked(options)
    crossed = _crossed(equation, columns)
    if crossed is not None:
        return _crossed_level(equation, given.get("covariance"), factor, crossed)
    if not factor:
        return _of_all_rows(equation, given, columns)
    found = products(equation.terms, columns)
    constant = "noconstant" not in given
    names = tuple(name.text for name in factor)
    if not found and not constant:
        return Level(names, (), len(factor), ())
    coded = code(found, intercept=constant)
    kind = _covariance(given.get("covariance"), default="independent")
    effects = (("Intercept",) if constant else ()) + tuple(deparse(term) for term in coded.terms)
    alone = len(effects) == 1 and all(_one_column(product) for product in found)
    if alone:
        kind = "unstructured"
    shared = _levels_of_a_factor(kind, found, constant, factor, equation.span)
    if shared is not None:
        return Level(names, shared[0], len(factor), effects, shared[1])
    start = Number(float(constant), equation.span)
    left = total([start, *coded.terms]) if found or not constant else start
    group = _group(left, _STRUCTURES[kind], factor, equation.span)
    return Level(names, (group,), len(factor), effects, tuple(coded.notes), kind == "unstructured" and not alone)


def _of_all_rows(equation: Equation, given: dict[str, Option], columns: Sequence[str] | None) -> Level:
    """`|| _all: d1-d3, noconstant covariance(identity)`: normal coefficients, with one sd or each with its own."""
    found, constant = products(equation.terms, columns), "noconstant" not in given
    kind = _covariance(given.get("covariance"), default="independent")
    match found:
        case [(Categorical(name, base, place),)] if not constant and base.kind == "none" and kind == "identity":
            own = _group(Number(1.0, equation.span), "us", [Name(name, place)], equation.span)
            return Level((name,), (own,), 1, ("Intercept",), crossed=True)
        case _:
            pass
    coded = code(found, intercept=constant)
    if kind not in ("identity", "independent"):
        message = f"of the one group `_all` nothing tells correlations: covariance({kind}) is identity or independent"
        raise SemanticError(message, given["covariance"].span)
    each = [coded.terms] if kind == "identity" else [(term,) for term in coded.terms]
    terms = tuple(Call("ridge", tuple(Argument(term) for term in some), equation.span) for some in each if some)
    notes = (*coded.notes, _ONE_CONSTANT) if constant else tuple(coded.notes)
    return Level((), terms, 1, tuple(deparse(term) for term in coded.terms), notes)


_ONE_CONSTANT = (
    "`|| _all:` is one group of all rows: its constant adds to that of the model and is left out, as `noconstant` "
    "says; a factor's levels are `|| _all: R.class`"
)


def not_a_residual(level: Level, fixed: Sequence[Product]) -> tuple[str, ...]:
    """What a level is whose variable is a predictor too, and which may be meant as residual variances."""
    if not level.factor:
        return ()
    name, above = level.factor[-1], level.factor[:-1]
    predictors = {variable.name for product in fixed for variable in product}
    if level.crossed or not level.terms or name not in predictors:
        return ()
    what = "a random intercept" if level.effects == ("Intercept",) else "a set of random effects"
    within = f" within {':'.join(above)}" if above else ""
    return (
        f"`|| {name}:` is {what} for each level of {name}{within}, not a residual variance for each level of {name}; "
        f"that is `residuals(independent, by({name}))`",
    )


def _checked(options: Options) -> dict[str, Option]:
    given: dict[str, Option] = {}
    for name, option in options:
        if name not in LEVEL_OPTIONS:
            continue
        if name in given:
            raise FormulaSyntaxError(f"`{name}` stands twice for this level", option.span)
        given[name] = option
    return given


def _covariance(option: Option | None, default: str) -> str:
    if option is None:
        return default
    words = option.given or ()
    if len(words) != 1:
        raise FormulaSyntaxError("`covariance()` takes one structure, such as `unstructured`", option.span)
    word = words[0]
    found = known_name(word, _SHORTEST, "covariance", _STRUCTURES)
    if found not in _STRUCTURES:
        message = f"`covariance({found}(…))` is not built; {', '.join(_STRUCTURES)} are"
        raise UnsupportedError(message, word.span)
    return found


# Random effects of a factor's levels


def _crossed(equation: Equation, columns: Sequence[str] | None) -> Name | None:
    """The `v` of `R.v`."""
    operators = [operator for term in equation.terms for part in term.parts for operator in part.operators]
    marked = [operator for operator in operators if operator.text in ("R.", "r.")]
    if not marked:
        return None
    first = equation.terms[0].parts[0]
    if len(equation.terms) > 1 or len(operators) > 1 or len(equation.terms[0].parts) > 1 or first.name is None:
        message = "`R.` stands alone after a level and its colon, as in `|| _all: R.class`"
        raise FormulaSyntaxError(message, marked[0].span)
    return Name(columns_named(first.name, columns)[0], first.name.span)


def _crossed_level(equation: Equation, option: Option | None, factor: list[Name], crossed: Name) -> Level:
    """`|| g: R.v`: one effect for each `v` within each `g`."""
    kind = _covariance(option, default="identity")
    one = Number(1.0, equation.span)
    names = tuple(name.text for name in factor)
    inner = _group(one, "us", [*factor, crossed], equation.span)
    whole = Level((*names, crossed.text), (inner,), len(factor) or 1, ("Intercept",), crossed=True)
    if kind == "identity":
        return whole
    assert option is not None
    if kind == "exchangeable" and factor:
        outer = _group(one, "us", factor, equation.span)
        return replace(whole, terms=(outer, inner), notes=(_SHARED,))
    if kind == "exchangeable":
        raise SemanticError("one covariance of all levels adds to the constant; leave `covariance()` out", option.span)
    message = f"with `R.` Stata takes identity and exchangeable; for `{kind}` write `|| g: ibn.v, noconstant`"
    raise SemanticError(message, option.span)


_SHARED = (
    "`covariance(exchangeable)` is read as an effect that a group's levels share and one for each level: "
    "covariances below zero are left out"
)


def _levels_of_a_factor(
    kind: str, found: list[Product], constant: bool, factor: list[Name], span: Span
) -> tuple[tuple[Expr, ...], tuple[str, ...]] | None:
    """`|| g: ibn.f, noconstant covariance(identity)` is `(1 | g:f)`; None for effects of other kinds."""
    match found:
        case [(Categorical(name, base, place),)] if not constant and base.kind == "none":
            one = Number(1.0, span)
            inner = _group(one, "us", [*factor, Name(name, place)], span)
            outer = _group(one, "us", factor, span)
            if kind in ("identity", "exchangeable"):
                return ((inner,), ()) if kind == "identity" else ((outer, inner), (_SHARED,))
        case _:
            pass
    return None


def _one_column(product: Product) -> bool:
    return all(isinstance(variable, Continuous | Indicator) for variable in product)


def _group(left: Expr, structure: str, factor: Sequence[Name], span: Span) -> Expr:
    right: Expr = factor[0]
    for name in factor[1:]:
        right = Binary(":", right, name, span)
    return group_term(structure, left, right, span)
