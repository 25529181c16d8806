"""A pasted R call in, a Statement out: the model it means in its own package, and what was dropped on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName, option_argument
from tildemc.syntax.formula import formula_of
from tildemc.syntax.rcall.apart import by_bar
from tildemc.syntax.rcall.autocor import autocorrelation
from tildemc.syntax.rcall.bars import random_terms, split_bars
from tildemc.syntax.rcall.curves import curve_of
from tildemc.syntax.rcall.data import data_of
from tildemc.syntax.rcall.families import DISPERSION, family_of, fixed_in, of_trials, with_zeros, without_usual
from tildemc.syntax.rcall.functions import Fitter, bound, find_function
from tildemc.syntax.rcall.mapped import Held, held
from tildemc.syntax.rcall.mcmcglmm import OneResponse, one_response
from tildemc.syntax.rcall.picked import unqualified, without_data
from tildemc.syntax.rcall.priors import brms_priors
from tildemc.syntax.rcall.rows import read_rows
from tildemc.syntax.rcall.script import Fitted, fitted
from tildemc.syntax.rcall.stanarm import rstanarm_priors
from tildemc.syntax.rcall.stancode import Stanvars, stanvars
from tildemc.syntax.rcall.together import has_traits, of_submodels, of_traits
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.rcall.unrolled import unrolled
from tildemc.syntax.rcall.variances import variance_structure
from tildemc.syntax.rcall.weights import Weighted, contrasted, read_weights
from tildemc.syntax.residuals import NLME, bar_of, levels_alone, with_group
from tildemc.syntax.rewrite import rewritten, summands, total
from tildemc.syntax.several import said_of_each
from tildemc.syntax.structures import read_group
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Parens,
    Predictor,
    PriorStatement,
    Statement,
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

    @cached_property
    def mcmc(self) -> OneResponse | None:
        """What the arguments say where the function is MCMCglmm."""
        one = self.fitter.name == "MCMCglmm" and not has_traits(self.given)
        return one_response(self.given, self.call, self.notes) if one else None


def read_rcall(text: str) -> Statement:
    """The model that a call of lmer, glmer, lme, gls, glmmTMB, brm, stan_glmer and their like writes.

    Parameters
    ----------
    text : str
        One call, with or without `fit <-` and the package before it, or a script, whose last model counts.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    text = unrolled(text)
    *_, last = fitted(text).values()
    return _read(last, text)


def _read(model: Fitted, text: str) -> Statement:
    call, notes = model.call, [*model.notes]
    fitter = find_function(call)
    given = bound(call, fitter, notes)
    reading = _Reading(call, fitter, _of_columns(given, notes), notes)
    formula = _formula(reading, text)
    for change in model.changes:
        formula = updated(formula, change)
    formula, by = by_bar(formula) if fitter.apart == "by" else (formula, ())
    family = _family(reading)
    weighted = _weights(reading, formula, family)
    formula = replace(weighted.formula, predictors=(*weighted.formula.predictors, *weighted.sigma))
    groups = summands(formula.predictors[0].right)
    tied = held(reading.given, family.name, groups) if "map" in reading.given else Held()
    formula, family = _glmmtmb(reading, formula, family)
    fixed = fixed_in(unparenthesised(reading.given.get("family", Constant(None))))
    formula = replace(formula, fixed=(*formula.fixed, *fixed, *tied.fixed))
    formula = contrasted(formula, reading.given.get("contrasts"))
    rows, numbers = read_rows(reading.given)
    data = data_of(given["data"], model.frames) if "data" in given else None
    if data is not None and data.order:
        shown = " and ".join(f"`{deparse(key)}`" for key in data.order)
        notes.append(f"rows are not sorted by {shown}: only series of residuals without a time go by their order")
    if numbers is not None and data is not None and data.steps:
        message = f"these numbers count the rows that `{deparse(given['data'])}` leaves"
        raise UnsupportedError(f"{message}; write one condition, or the numbers in the data", numbers.span)
    return Statement(
        replace(formula, text=formula_text(formula)),
        "r",
        str(family),
        (*_priors(reading, family), *weighted.priors, *tied.priors),
        data=None if data is None else data.name,
        rows=rows,
        row_numbers=numbers,
        notes=tuple(dict.fromkeys(notes)),
        family_span=_family_span(reading),
        steps=() if data is None else data.steps,
        by=by,
        imputed="brm_multiple()" if fitter.apart == "imputed" else "",
        file=None if data is None else data.file,
    )


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
        statements = curve_of(reading.given, reading.fitter.curve, reading.call).statements
        return _with_correlation(reading, formula_of(statements, text))
    if isinstance(first, Name | Text):
        what = deparse(first)
        raise FormulaSyntaxError(
            f"`{what}` is not bound in the text: bind it there, as in `{what} <- y ~ x`", first.span
        )
    package = reading.fitter.package
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
    mean, second = _beside_bar(_parenthesised(written, reading), reading.fitter)
    _note_groups(mean, reading)
    right = split_bars(mean) if reading.fitter.split_bars else mean
    random = _random(reading)
    if reading.mcmc is not None:
        others += reading.mcmc.predictors
        formula = replace(formula, modifiers=(*formula.modifiers, *reading.mcmc.modifiers))
    parts = [right, *random, *_correlation(reading, random)]
    others += second
    if "offset" in reading.given:
        value = reading.given["offset"]
        parts.append(Call("offset", (Argument(value, None, value.span),), value.span))
    return replace(formula, predictors=(replace(main, right=total(parts)), *others))


def _with_correlation(reading: _Reading, formula: Formula) -> Formula:
    """A non-linear formula with what is said of its residuals, by the groups of its parameters' effects."""
    curve, *others = formula.predictors
    told = _correlation(reading, [part for own in others for part in summands(own.right)])
    return replace(formula, predictors=(replace(curve, right=total([curve.right, *told])), *others))


def _parenthesised(right: Expr, reading: _Reading) -> Expr:
    """`1 | g` without parentheses, as lme4 and its kin take it: all that stands before the bar is by g."""
    match right:
        case Binary("|" | "||", left, factor, span) if (
            reading.fitter.package in _BARE_BARS and not reading.fitter.second
        ):
            reading.notes.append(
                f"`{deparse(right)}` is read as `({deparse(right)})`: all of `{deparse(left)}` is by "
                f"`{deparse(factor)}`"
            )
            return Parens(right, span)
        case _:
            return right


_ONE_SIDED = ("nlme", "MASS", "GLMMadaptive")
"""Packages whose `random` is a formula of one side, `~ x | g`."""
_BARE_BARS = ("lme4", "glmmTMB", "rstanarm", "gamm4")


def _note_groups(right: Expr, reading: _Reading) -> None:
    """Say where the function itself refuses a formula for its group terms, or for having none."""
    grouped = any(bar_of(part) or read_group(part) for part in summands(right))
    fitter = reading.fitter
    if fitter.package == "lme4" and not grouped:
        reading.notes.append(f"`{fitter.name}()` itself needs a group term, as `(1 | g)`: this is a model without one")
    elif fitter.name in ("lm", "glm", "glm.nb") and grouped:
        reading.notes.append(f"`{fitter.name}()` itself knows no group terms: this is the model that lme4 would read")


def _beside_bar(right: Expr, fitter: Fitter) -> tuple[Expr, list[Predictor]]:
    """The two sides of betareg's `y ~ x | z`: what the mean has, and another parameter's predictor."""
    match right:
        case Binary("|", mean, other) if fitter.second:
            return mean, [Predictor(fitter.second, other, other.span)]
        case _:
            return right, []


def _random(reading: _Reading) -> Sequence[Expr]:
    """The group terms of `random =`."""
    given = reading.given.get("random")
    if reading.mcmc is not None:
        return reading.mcmc.groups
    if reading.fitter.package in _ONE_SIDED:
        if given is None and reading.fitter.name == "lme":
            message = "`lme()` takes its groups from the data object, R's groupedData, which no data here have: write "
            message += "`random = ~ 1 | g`; a model without groups is `gls()`"
            raise FormulaSyntaxError(message, reading.call.span)
        return [] if given is None else random_terms(given, reading.fitter.package == "GLMMadaptive")
    match given:
        case None | Constant(None):
            return []
        case Tilde(None, right):
            return summands(split_bars(right))
        case other:
            raise FormulaSyntaxError("`random` is a formula, as in `random = ~ (1 | g)`", other.span)


def _correlation(reading: _Reading, random: Sequence[Expr]) -> list[Expr]:
    """What `correlation =` says of residuals: rows go together by the innermost group, unless it names another."""
    if "autocor" in reading.given:
        return autocorrelation(reading.given["autocor"])
    match reading.given.get("correlation", Constant(None)):
        case Constant(None):
            return []
        case Call(name) as call if name.rpartition("::")[2] in NLME:
            groups = [inner.right for inner in map(unparenthesised, random) if isinstance(inner, Binary)]
            groups += [found.bar.right for found in map(read_group, random) if found is not None]
            return [with_group(call, groups[-1]) if groups else call]
        case other:
            absent = unbound(other, "corAR1(form = ~ t | g)")
            if absent is not None:
                raise absent
            what = other.function if isinstance(other, Call) else deparse(other)
            known = ", ".join(f"`{name}`" for name in NLME)
            raise UnsupportedError(f"`{what}` is no residual correlation here; there are {known}", other.span)


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
                raise unbound(other, '"logit"') or FormulaSyntaxError(message, other.span)
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


# glmmTMB's other formulas


def _glmmtmb(reading: _Reading, formula: Formula, family: FamilyName) -> tuple[Formula, FamilyName]:
    predictors = list(formula.predictors)
    plain = family.name.removeprefix("truncated_")
    zero = _one_sided(reading.given.get("ziformula"), "ziformula")
    if zero is not None and zero != Number(0.0):
        own = _without_offsets(formula.predictors[0].right)
        zero = rewritten(zero, lambda part: own if part == Name(".") else None)
        family, parameter = with_zeros(family)
        predictors.append(Predictor(parameter, zero, zero.span))
        formula = _of_one_trial(formula) if of_trials(family) else formula
    return _spread(reading, replace(formula, predictors=tuple(predictors)), plain), family


def _without_offsets(right: Expr) -> Expr:
    """What glmmTMB puts in place of the dot of `ziformula = ~ .`: the formula's own right side, less its offsets."""
    kept = [part for part in summands(right) if not (isinstance(part, Call) and part.function == "offset")]
    return total(kept) if kept else Number(1.0, right.span)


def _of_one_trial(formula: Formula) -> Formula:
    """The formula with its trials: one in each row, where none are said."""
    counted = isinstance(formula.response, Call) and formula.response.function == "cbind"
    if counted or any(modifier.function == "trials" for modifier in formula.modifiers):
        return formula
    return replace(formula, modifiers=(Modifier("trials", (Argument(Number(1.0)),)), *formula.modifiers))


def _spread(reading: _Reading, formula: Formula, family: str) -> Formula:
    """The formula with what `dispformula` says, for a family as it is without more zeros."""
    spread = _one_sided(reading.given.get("dispformula"), "dispformula")
    if spread is None or spread == Number(1.0):
        return formula
    parameter = DISPERSION.get(family)
    if parameter is None:
        reading.notes.append(f"`dispformula` is dropped: {family} has no dispersion")
        return formula
    if spread == Number(0.0):
        return _without_noise(formula, spread.span)
    if parameter == "sigma":
        reading.notes.append(
            "`dispformula` models log sigma, as glmmTMB has since 1.1.9; up to 1.1.8 it was the log variance, "
            "and coefficients were twice as large"
        )
    return replace(formula, predictors=(*formula.predictors, Predictor(parameter, spread, spread.span)))


def _without_noise(formula: Formula, span: Span | None) -> Formula:
    """`dispformula = ~ 0`: the group term that tells all rows of a group apart is the residuals' own covariance."""
    first, *others = formula.predictors
    parts = summands(first.right)
    alone = [part for part in parts if (found := bar_of(part)) is not None and levels_alone(found[1].left)]
    if not alone:
        message = "`dispformula = ~ 0` leaves no noise: a group term must have an effect for each row of a group, "
        raise UnsupportedError(f"{message}as in `ar1(0 + factor(time) | g)`", span)
    kept = [
        Call("residual", (Argument(part, None, part.span),), part.span) if part is alone[-1] else part for part in parts
    ]
    return replace(formula, predictors=(replace(first, right=total(kept)), *others))


def _one_sided(value: Expr | None, name: str) -> Expr | None:
    match None if value is None else unparenthesised(value):
        case None:
            return None
        case Tilde(None, right):
            return right if bar_of(right) is not None else unparenthesised(right)
        case other:
            raise FormulaSyntaxError(f"`{name}` is a formula without a left side, as in `{name} = ~ x`", other.span)


# The rest


def _priors(reading: _Reading, family: FamilyName) -> list[PriorStatement]:
    if reading.fitter.package == "brms":
        own = stanvars(reading.given["stanvars"]) if "stanvars" in reading.given else Stanvars()
        stated = brms_priors(reading.given["prior"], own.bounds) if "prior" in reading.given else []
        return [*stated, *own.statements()]
    if reading.fitter.package == "rstanarm":
        return rstanarm_priors(reading.given, family, DISPERSION.get(family.name, "shape"))
    if reading.mcmc is not None:
        return reading.mcmc.priors
    if not reading.fitter.curve:
        return []
    return curve_of(reading.given, reading.fitter.curve, reading.call).priors(reading.notes)
