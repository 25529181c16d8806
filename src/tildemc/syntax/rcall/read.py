"""A pasted R call in, a Statement out: the model it means in its own package, and what was dropped on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.family import FamilyName, option_argument
from tildemc.syntax.formula import formula_of
from tildemc.syntax.rcall.apart import by_bar
from tildemc.syntax.rcall.bars import split_bars
from tildemc.syntax.rcall.curves import curve_of, flat_where_unstated
from tildemc.syntax.rcall.data import Data, data_of
from tildemc.syntax.rcall.effects import correlation_of, note_groups, parenthesised, random_effects
from tildemc.syntax.rcall.estimation import estimation_of
from tildemc.syntax.rcall.families import DISPERSION, family_of, fixed_in, without_usual
from tildemc.syntax.rcall.functions import Fitter, bound, find_function
from tildemc.syntax.rcall.glmmtmb import glmmtmb_priors, with_formulas
from tildemc.syntax.rcall.grouped import formula_of_data, groups_in
from tildemc.syntax.rcall.mapped import Held, held
from tildemc.syntax.rcall.mcmcglmm import OneResponse, one_response
from tildemc.syntax.rcall.picked import unqualified, without_data
from tildemc.syntax.rcall.priors import brms_priors
from tildemc.syntax.rcall.rows import read_rows
from tildemc.syntax.rcall.script import Fitted, fitted
from tildemc.syntax.rcall.stanarm import rstanarm_priors
from tildemc.syntax.rcall.stancode import Stanvars, stanvars
from tildemc.syntax.rcall.together import has_traits, of_submodels, of_traits
from tildemc.syntax.rcall.unbound import NOTHING_STANDS, is_unbound, unbound
from tildemc.syntax.rcall.unrolled import unrolled
from tildemc.syntax.rcall.variances import variance_structure
from tildemc.syntax.rcall.weights import Weighted, contrasted, read_weights
from tildemc.syntax.residuals import bar_of
from tildemc.syntax.rewrite import is_offset, summands, total
from tildemc.syntax.several import said_of_each
from tildemc.syntax.statement import Statement
from tildemc.syntax.structures import read_group
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Name,
    Number,
    Predictor,
    PriorStatement,
    Text,
    Tilde,
    deparse,
)
from tildemc.syntax.unparse.text import formula_text
from tildemc.syntax.update import updated

__all__ = ["read_rcall"]


@dataclass
class _Reading:
    """What the parts of one reading share."""

    call: Call
    fitter: Fitter
    given: Mapping[str, Expr]
    notes: list[str] = field(default_factory=list)
    groups: Expr | None = None
    """What the data bring along as their groups."""

    @cached_property
    def mcmc(self) -> OneResponse | None:
        """What the arguments say where the function is MCMCglmm."""
        one = self.fitter.name == "MCMCglmm" and not has_traits(self.given)
        return one_response(self.given, self.call, self.notes) if one else None


def read_rcall(text: str, stands: Mapping[str, str] = NOTHING_STANDS) -> Statement:
    """The model that a call of lmer, glmer, lme, gls, glmmTMB, brm, stan_glmer and their like writes.

    Parameters
    ----------
    text : str
        One call, with or without `fit <-` and the package before it, or a script, whose last model counts.
    stands : mapping of str to str
        What the person gives beside the text, for names there that are bound to nothing: under `priors` the word that
        there are some, under `family` a family.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    text = unrolled(text)
    *_, last = fitted(text).values()
    return _read(last, text, stands)


def _read(model: Fitted, text: str, stands: Mapping[str, str]) -> Statement:
    call, notes = model.call, [*model.notes]
    fitter = find_function(call)
    given = _with_standing(bound(call, fitter, notes), stands, notes)
    data = data_of(given["data"], model.frames) if "data" in given else None
    grouped = None
    if fitter.package == "nlme":
        data, grouped = _grouped(given, fitter, model.frames, data, notes)
    reading = _Reading(call, fitter, _of_columns(given, notes), notes, groups_in(grouped))
    formula = _formula(reading, text)
    for change in model.changes:
        formula = updated(formula, change)
    formula, by = by_bar(formula) if fitter.apart == "by" else (formula, ())
    family = _family(reading)
    weighted = _weights(reading, formula, family)
    formula = replace(weighted.formula, predictors=(*weighted.formula.predictors, *weighted.sigma))
    groups = summands(formula.predictors[0].right)
    tied = held(reading.given, family.name, groups) if "map" in reading.given else Held()
    formula, family = with_formulas(reading.given, formula, family, notes)
    fixed = fixed_in(unparenthesised(reading.given.get("family", Constant(None))))
    formula = replace(formula, fixed=(*formula.fixed, *fixed, *tied.fixed))
    formula, factors = contrasted(formula, reading.given.get("contrasts"))
    priors = [*_priors(reading, formula, family), *weighted.priors, *tied.priors]
    if "priors" not in stands:
        priors += flat_where_unstated(formula, priors, notes)
    rows, numbers = read_rows(reading.given)
    if data is not None and data.order:
        shown = " and ".join(f"`{deparse(key)}`" for key in data.order)
        notes.append(f"rows are not sorted by {shown}: only series of residuals without a time go by their order")
    if numbers is not None and data is not None and data.steps:
        message = f"these numbers count the rows that `{deparse(given['data'])}` leaves"
        raise UnsupportedError(f"{message}; write one condition, or the numbers in the data", numbers.span)
    return Statement(
        replace(formula, text=formula_text(formula), doubled=fitter.package != "brms"),
        "r",
        str(family),
        tuple(priors),
        data=None if data is None else data.name,
        rows=rows,
        row_numbers=numbers,
        notes=tuple(dict.fromkeys(notes)),
        family_span=_family_span(reading),
        steps=() if data is None else data.steps,
        by=by,
        imputed="brm_multiple()" if fitter.apart == "imputed" else "",
        factors=factors,
        file=None if data is None else data.file,
        estimation=estimation_of(fitter, call),
    )


def _with_standing(given: dict[str, Expr], stands: Mapping[str, str], notes: list[str]) -> dict[str, Expr]:
    """The arguments with what is given beside the text, where they are names that the text does not bind."""
    if "priors" in stands:
        for name in [name for name, value in given.items() if name.startswith("prior") and is_unbound(value)]:
            notes.append(f"`{name} = {deparse(given.pop(name))}` is taken to be the priors given here")
    if "family" in stands and "family" in given:
        notes.append(f"`family = {deparse(given['family'])}` is taken to be the family given here")
        given["family"] = parse_expression(stands["family"])
    return given


def _grouped(
    given: dict[str, Expr], fitter: Fitter, frames: Mapping[str, Data], data: Data | None, notes: list[str]
) -> tuple[Data | None, Tilde | None]:
    """The data and the formula that they bring along, which is the model's own in `lme(d)`; `given` gets it."""
    first = unparenthesised(given[fitter.formula])
    alone = data is None and isinstance(first, Name | Call)
    found = data_of(first, frames) if alone else data
    grouped = formula_of_data(found, given.get("data", first).span, notes)
    match None if grouped is None else unparenthesised(grouped.right):
        case Binary("|", right) if alone and grouped is not None:
            given[fitter.formula] = Tilde(grouped.left, right, grouped.span)
            return found, grouped
        case _:
            return data, grouped


def _of_columns(given: Mapping[str, Expr], notes: list[str]) -> dict[str, Expr]:
    """The arguments with columns by their names alone, `d$x` as `x`."""
    given = {name: value if name == "data" else unqualified(value) for name, value in given.items()}
    found = {name: value if name == "data" else without_data(value) for name, value in given.items()}
    if any(found[name] != value for name, value in given.items()):
        notes.append("columns that the text takes out of data, as in `d$x`, are those of the data given here")
    return found


_METHODS = {"logistic": "logit"}
"""What `polr` calls links."""

# The formula


def _formula(reading: _Reading, text: str) -> Formula:
    """The formula as the function's package reads it, with `random =` and `offset =` in it."""
    first = reading.given[reading.fitter.formula]
    if reading.fitter.curve:
        if reading.given.get("offset", Constant(None)) != Constant(None):
            message = "`offset` beside a formula that is arithmetic is not built"
            raise UnsupportedError(message, reading.given["offset"].span)
        statements = curve_of(reading.given, reading.fitter.curve, reading.call, reading.groups).statements
        return _with_correlation(reading, formula_of(statements, text))
    if isinstance(first, Name | Text):
        what = deparse(first)
        raise FormulaSyntaxError(
            f"`{what}` is not bound in the text: bind it there, as in `{what} <- y ~ x`", first.span
        )
    package = reading.fitter.package
    if isinstance(first, Call) and first.function == "list" and package == "mgcv":
        if "family" in reading.given:
            family_of(unparenthesised(reading.given["family"]), package)
        message = (
            "a list of formulas is of a family of several parameters: write `brm(bf(y ~ s(x), sigma ~ s(z)), data = d)`"
        )
        raise UnsupportedError(message, first.span)
    if reading.fitter.name == "stan_mvmer":
        first = of_submodels(first)
    elif reading.fitter.name == "MCMCglmm" and has_traits(reading.given):
        first = of_traits(reading.given, reading.notes)
        reading.given = {name: value for name, value in reading.given.items() if name != "family"}
        package = "brms"
    formula = formula_of([first], text, lambda family: family_of(family, package), alone=True)
    if formula.others:
        return _several(reading, replace(formula, complete=reading.fitter.package == "brms"))
    (said,), _ = said_of_each([first])
    if said.family is not None and "family" not in reading.given:
        reading.given = {**reading.given, "family": said.family}
    formula = replace(formula, family=None)
    main, *others = formula.predictors
    written = reading.fitter.right(main.right) if reading.fitter.right else main.right
    mean, second = _beside_bar(parenthesised(written, reading.fitter, reading.notes), reading.fitter)
    note_groups(mean, reading.fitter, reading.notes)
    right = split_bars(mean) if reading.fitter.split_bars else mean
    if reading.mcmc is None:
        random = random_effects(reading.given, reading.fitter, reading.call, right, reading.groups)
    else:
        random = [*reading.mcmc.groups]
        others += reading.mcmc.predictors
        formula = replace(formula, modifiers=(*formula.modifiers, *reading.mcmc.modifiers))
    parts = [right, *random, *correlation_of(reading.given, random)]
    others += second
    if reading.given.get("offset", Constant(None)) != Constant(None):
        value = reading.given["offset"]
        parts.append(Call("offset", (Argument(value, None, value.span),), value.span))
    return replace(formula, predictors=(replace(main, right=total(parts)), *others))


def _with_correlation(reading: _Reading, formula: Formula) -> Formula:
    """A non-linear formula with what is said of its residuals, by the groups of its parameters' effects."""
    curve, *others = formula.predictors
    told = correlation_of(reading.given, [part for own in others for part in summands(own.right)])
    return replace(formula, predictors=(replace(curve, right=total([curve.right, *told])), *others))


def _beside_bar(right: Expr, fitter: Fitter) -> tuple[Expr, list[Predictor]]:
    """The two sides of betareg's `y ~ x | z`: what the mean has, and another parameter's predictor."""
    match right:
        case Binary("|", mean, other) if fitter.second:
            return mean, [Predictor(fitter.second, other, other.span)]
        case _:
            return right, []


def _several(reading: _Reading, formula: Formula) -> Formula:
    """The formula of several responses, each with its family."""
    given = reading.given.get("family")
    reading.given = {name: value for name, value in reading.given.items() if name != "family"}
    match None if given is None else unparenthesised(given):
        case None:
            return formula
        case Call("list", arguments) if len(arguments) != len(formula.each):
            message = f"a list of families has one for each of the {len(formula.each)} responses"
            raise SemanticError(message, None if given is None else given.span)
        case Call("list", arguments):
            chosen = [str(family_of(unparenthesised(a.value), reading.fitter.package)) for a in arguments]
        case one:
            chosen = [str(family_of(one, reading.fitter.package))] * len(formula.each)
    # A family in the formula goes before those of the call, as in brms.
    first, *others = (
        replace(own, family=own.family or family) for own, family in zip(formula.each, chosen, strict=True)
    )
    return replace(first, others=tuple(others))


def _family(reading: _Reading) -> FamilyName:
    """The family of the call or the function, with the links that the function's own arguments name."""
    if reading.mcmc is not None:
        return reading.mcmc.family
    if "family" in reading.given:
        return family_of(reading.given["family"], reading.fitter.package)
    links: dict[str, str] = {}
    for argument, parameter in reading.fitter.links.items():
        match unparenthesised(reading.given.get(argument, Constant(None))):
            case Name(link) | Text(link):
                links[parameter] = _METHODS.get(link, link) if argument == "method" else link
            case Constant(None):
                pass
            case other:
                message = f'`{argument}` names a link, as in `{argument} = "logit"`'
                raise unbound(other, argument, '"logit"') or FormulaSyntaxError(message, other.span)
    return FamilyName(reading.fitter.family, links.pop("mu", None), links, _options(reading))


def _options(reading: _Reading) -> dict[str, str]:
    """What the function's own arguments say of the family beside links."""
    found: dict[str, str] = {}
    for name in (name for name in reading.fitter.options if name in reading.given):
        value = reading.given[name]
        option = option_argument(Argument(value, name))
        if option is None:
            raise FormulaSyntaxError(f'`{name}` is a word, as in `{name} = "equidistant"`', value.span)
        found |= without_usual([option])
    return found


def _family_span(reading: _Reading) -> Span | None:
    """What says the family: its own argument, zero inflation, or the function's name."""
    for name in ("ziformula", "family", *reading.fitter.links):
        if name in reading.given and unparenthesised(reading.given[name]) != Tilde(None, Number(0.0)):
            return reading.given[name].span
    whole = reading.call.span
    return None if whole is None else Span(whole.text, whole.start, whole.start + len(reading.call.function))


def _weights(reading: _Reading, formula: Formula, family: FamilyName) -> Weighted:
    """What `weights =` does in this package."""
    if "weights" not in reading.given or reading.given["weights"] == Constant(None):
        return Weighted(formula)
    value = reading.given["weights"]
    if reading.fitter.weights == "structure":
        found = variance_structure(value, reading.notes)
        return Weighted(formula, found.predictors, found.priors)
    return read_weights(value, reading.fitter, formula, family, reading.notes)


# The rest


def _of_some(reading: _Reading, formula: Formula) -> Mapping[str, Expr]:
    """The arguments without a prior of coefficients where there are none, as rstanarm takes it."""
    terms = summands(formula.predictors[0].right)
    none = all(isinstance(part, Number) or bar_of(part) or read_group(part) or is_offset(part) for part in terms)
    if not none or formula.others or reading.given.get("prior", Constant(None)) == Constant(None):
        return reading.given
    reading.notes.append(
        f"`prior = {deparse(reading.given['prior'])}` is dropped: it is of coefficients, and there are none"
    )
    return {name: value for name, value in reading.given.items() if name != "prior"}


def _priors(reading: _Reading, formula: Formula, family: FamilyName) -> list[PriorStatement]:
    if reading.fitter.package == "brms":
        own = stanvars(reading.given["stanvars"]) if "stanvars" in reading.given else Stanvars()
        stated = brms_priors(reading.given["prior"], own.bounds) if "prior" in reading.given else []
        return [*stated, *own.statements()]
    if reading.fitter.package == "rstanarm":
        return rstanarm_priors(_of_some(reading, formula), family, DISPERSION.get(family.name, "shape"))
    if reading.mcmc is not None:
        return reading.mcmc.priors
    if reading.fitter.package == "glmmTMB" and "priors" in reading.given:
        return glmmtmb_priors(reading.given["priors"], family)
    if not reading.fitter.curve:
        return []
    return curve_of(reading.given, reading.fitter.curve, reading.call, reading.groups).priors(reading.notes)
