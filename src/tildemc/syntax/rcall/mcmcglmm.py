"""MCMCglmm's calls of one response: variance functions, the residual of every family, priors of variances.

Hadfield (2010), MCMC Methods for Multi-Response Generalized Linear Mixed Models: The MCMCglmm R Package, Journal of
Statistical Software 33(2), and the package's course notes. Its responses other than Gaussian have a residual, too: an
effect of each row, `units`, by which counts are overdispersed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.variancepriors import VariancePrior, coefficient_priors, listed, variance_priors
from tildemc.syntax.rewrite import summands
from tildemc.syntax.structures import group_term
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Modifier,
    Name,
    Number,
    Predictor,
    PriorStatement,
    Text,
    Tilde,
    deparse,
    spine,
)

__all__ = ["UNITS", "OneResponse", "one_response", "trait_family"]

UNITS = "units"
"""What MCMCglmm calls the rows."""


@dataclass(frozen=True, slots=True)
class _Family:
    """What a family is here.

    Attributes
    ----------
    family : FamilyName
    latent : bool
        Whether rows have a residual of their own beside it.
    told : bool
        Whether the data say anything of that residual's variance.
    """

    family: FamilyName
    latent: bool = True
    told: bool = True


_FAMILIES = {
    "gaussian": _Family(FamilyName("gaussian"), latent=False),
    "poisson": _Family(FamilyName("poisson")),
    "categorical": _Family(FamilyName("bernoulli"), told=False),
    "multinomial2": _Family(FamilyName("binomial")),
    "ordinal": _Family(FamilyName("cumulative", "probit"), told=False),
    # What thresholds cut has the residual alone, which is a probit's where its variance is 1.
    "threshold": _Family(FamilyName("cumulative", "probit"), latent=False),
}
_TRAITS = "has two traits, which are formulas of their own here: `brm(bf(y ~ x, {} ~ z), family = {}())`"
_CENSORED = '`brm(y | cens("interval", upper) ~ x, family = {}())` has such responses'
_REFUSED = {
    "exponential": "is by the rate, so that coefficients have the other sign: `brm(y ~ x, family = exponential())` is "
    "by the mean",
    "geometric": "is by the logit of a chance: `brm(y ~ x, family = geometric())` is by the mean",
    **{f"{short}poisson": _TRAITS.format("zi", "zero_inflated_poisson") for short in ("zi", "za")},
    "hupoisson": _TRAITS.format("hu", "hurdle_poisson"),
    "zibinomial": _TRAITS.format("zi", "zero_inflated_binomial"),
    "ztpoisson": 'is `glmmTMB(y ~ x, family = "truncated_poisson")`',
    "cengaussian": _CENSORED.format("gaussian"),
    "cenpoisson": _CENSORED.format("poisson"),
    "cenexponential": _CENSORED.format("exponential"),
}
_STRUCTURES = {"us": "us", "idh": "diag", "idv": "homdiag"}
_UNBUILT = {
    **{name: "a correlation matrix with given variances" for name in ("cor", "corg", "corgh", "cors", "corh", "sub")},
    **{name: "a covariance of steps in time" for name in ("ante1", "ante2", "antec1", "anteh1", "ante1v")},
    **{name: "some levels of a factor: make a column that is 1 there, else 0" for name in ("at.level", "at.set")},
    "spl": "a spline: write `s(x)` in the formula",
    "leg": "polynomials: make columns of them, as `poly(x, 2)`",
    "str": "one covariance of several terms: with an ID it is `(1 | ID | g1) + (1 | ID | g2)`",
    "covu": "a covariance of effects and residuals",
}


@dataclass(frozen=True)
class _Term:
    """A variance function of rows or groups: its structure, whose effects vary (`left`), and by what."""

    structure: str
    left: Expr
    factor: Expr
    span: Span | None

    @property
    def group(self) -> Expr:
        """The term in a formula."""
        return group_term(self.structure, self.left, self.factor, self.span)

    @property
    def label(self) -> str:
        """What priors call its factor: `gr(g, cov = A)` by g, `mm(g, h)` by both names."""
        match self.factor:
            case Call("gr", (Argument(grouped), *_)):
                return deparse(grouped)
            case Call(function, arguments):
                return function + "".join(deparse(argument.value) for argument in arguments if argument.name is None)
            case factor:
                return deparse(factor)

    @property
    def effect(self) -> str:
        """What they call its effect, if it has but one that goes by a name; else empty."""
        match self.left:
            case Number(1.0):
                return "Intercept"
            case Binary("+", Number(0.0), Name(label)):
                return label
            case _:
                return ""


@dataclass(frozen=True)
class OneResponse:
    """A call.

    Attributes
    ----------
    family : FamilyName
    groups : list of Expr
        Its group terms.
    predictors : list of Predictor
        Of further parameters.
    modifiers : tuple of Modifier
        What it knows of the response.
    priors : list of PriorStatement
    """

    family: FamilyName
    groups: list[Expr]
    predictors: list[Predictor]
    modifiers: tuple[Modifier, ...]
    priors: list[PriorStatement]


def one_response(given: Mapping[str, Expr], call: Call, notes: list[str]) -> OneResponse:
    """What the arguments of a call of one response say; `notes` gets what differs.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    family = _family(given)
    match unparenthesised(given["fixed"]):
        case Tilde(Call("cbind", span=span)) if family.family.name != "binomial":
            message = "several responses have terms for each `trait`, as in `cbind(y1, y2) ~ trait - 1 + trait:x`; "
            message += "successes and failures have `multinomial2`"
            raise UnsupportedError(message, span)
        case _:
            pass
    random = [_related(term, given, notes) for term in _terms(given.get("random"), "random")]
    said = given["family"].span if "family" in given else call.span
    [residual, *more] = _terms(given.get("rcov", Tilde(None, Name(UNITS, said))), "rcov")
    if more:
        raise UnsupportedError("a residual of several parts is not built", more[0].span)
    residual = _residual(residual)
    groups = [term.group for term in random]
    predictors: list[Predictor] = []
    if family.latent:
        groups.append(residual.group)
        notes.append(
            f"every row has a residual in MCMCglmm, whatever the family: the effects by `{UNITS}`, a column that "
            "numbers the rows"
        )
    elif residual.left != Number(1.0):
        predictors.append(Predictor("sigma", _by(residual, family), residual.span))
    priors = _priors(given, random, residual, family, notes)
    return OneResponse(family.family, groups, predictors, _modifiers(given), priors)


def _family(given: Mapping[str, Expr]) -> _Family:
    match unparenthesised(given.get("family", Text("gaussian"))):
        case Text(name) if name in _FAMILIES:
            return _FAMILIES[name]
        case Text(name, span) if name in _REFUSED:
            raise UnsupportedError(f"MCMCglmm's `{name}` {_REFUSED[name]}", span)
        case Text(name, span):
            hint = nearest(name, _FAMILIES) or f"; there are {', '.join(_FAMILIES)}"
            raise UnsupportedError(f"MCMCglmm's family `{name}` is not built{hint}", span)
        case Call("c", span=span):
            raise UnsupportedError(
                "several families are of several responses, of which `MCMCglmm()` is not built", span
            )
        case other:
            raise FormulaSyntaxError('`family` is a text here, as in `family = "poisson"`', other.span)


def trait_family(name: Text) -> tuple[FamilyName, bool]:
    """The family of one of several responses, and whether its rows have a residual beside it.

    Raises
    ------
    UnsupportedError
        If there is no such family here.
    """
    found = _family({"family": name})
    if not found.told or found.family.name == "binomial":
        raise UnsupportedError(f"MCMCglmm's family `{name.value}` among several responses is not built", name.span)
    return found.family, found.latent


def _terms(value: Expr | None, argument: str) -> list[_Term]:
    match None if value is None else unparenthesised(value):
        case None | Constant(None):
            return []
        case Tilde(None, right):
            return [_term(part) for part in summands(right)]
        case other:
            example = "~ g + us(1 + x):g" if argument == "random" else f"~ {UNITS}"
            raise FormulaSyntaxError(f"`{argument}` is a formula, as in `{argument} = {example}`", other.span)


def _term(part: Expr) -> _Term:
    """`g`, `us(1 + x):g`, `idh(f):g:h`."""
    first, nodes = spine(unparenthesised(part), ":")
    match first:
        case Call(name, (Argument(left, None),)) if name in _STRUCTURES and nodes:
            inside = _inside(left)
            # One effect has a variance alone, whatever the structure.
            structure = "us" if inside == Number(1.0) else _STRUCTURES[name]
            factors = [node.right for node in nodes]
        case Call(name, arguments, span) if name in _STRUCTURES:
            for argument in arguments:
                _inside(argument.value)
            raise FormulaSyntaxError(f"`{name}(…)` says what varies, and `:` by what: `{name}(1 + x):g`", span)
        case _:
            structure, factors, inside = "us", [first, *(node.right for node in nodes)], Number(1.0, part.span)
    checked = [_factor(factor) for factor in factors]
    factor = checked[0]
    for other in checked[1:]:
        factor = Binary(":", factor, other, part.span)
    return _Term(structure, inside, factor, part.span)


def _inside(left: Expr) -> Expr:
    """What varies: there is no intercept unless one is written."""
    parts = summands(left)
    for part in parts:
        if isinstance(part, Call) and part.function in _UNBUILT:
            raise UnsupportedError(f"`{deparse(part)}` is {_UNBUILT[part.function]}", part.span)
    if left == Name("trait"):
        return Number(1.0, left.span)  # one response has one trait
    if any(part in (Number(1.0), Number(0.0), Number(-1.0)) for part in parts):
        return left
    return Binary("+", Number(0.0, left.span), left, left.span)


def _factor(factor: Expr) -> Expr:
    match unparenthesised(factor):
        case Name("trait", span):
            raise UnsupportedError("`trait` tells several responses apart, and there is one here", span)
        case Name() as name:
            return name
        case Call("mm", (Argument(added, None),), span):
            columns = tuple(Argument(column) for column in summands(added))
            return Call("mm", (*columns, Argument(Constant(False), "scale")), span)
        case Call(name, span=span) if name in _UNBUILT:
            raise UnsupportedError(f"MCMCglmm's `{name}()` is {_UNBUILT[name]}", span)
        case other:
            known = ", ".join(_STRUCTURES)
            message = f"`{deparse(other)}` is no grouping factor; a term is `g`, `us(1 + x):g`, with one of {known}"
            raise UnsupportedError(message, other.span)


def _related(term: _Term, given: Mapping[str, Expr], notes: list[str]) -> _Term:
    """The term with the relatedness of its levels, which `ginverse` and `pedigree` give."""
    known = {"animal": given["pedigree"]} if given.get("pedigree", Constant(None)) != Constant(None) else {}
    known |= listed(given.get("ginverse"), "ginverse")
    if not isinstance(term.factor, Name) or term.factor.text not in known:
        return term
    matrix = unparenthesised(known[term.factor.text])
    if not isinstance(matrix, Name):
        raise UnsupportedError("give it a name, `Ainv <- …`, and write that here", matrix.span)
    maker = "pedigree" if matrix == unparenthesised(given.get("pedigree", Constant(None))) else "precision"
    notes.append(f'`{matrix.text}` is given with the data, `data2={{"{matrix.text}": tildemc.{maker}(…)}}`')
    factor = Call("gr", (Argument(term.factor), Argument(matrix, "cov")), term.span)
    return _Term(term.structure, term.left, factor, term.span)


def _residual(term: _Term) -> _Term:
    match term.factor:
        case Name("units"):
            return term
        case _:
            message = f"residuals are by `{UNITS}` here: `rcov = ~ {UNITS}` or `rcov = ~ idh(f):{UNITS}`"
            raise UnsupportedError(message, term.span)


def _by(residual: _Term, family: _Family) -> Expr:
    """`idh(f):units`: a residual sd for each level of `f`."""
    match residual.structure, residual.left:
        case "diag", Binary("+", Number(0.0), Name() as by) if family.family.name == "gaussian":
            return Call("by", (Argument(by),), residual.span)
        case _:
            message = "a residual of this kind is not built; one with a variance for each level of a factor is "
            raise UnsupportedError(f"{message}`rcov = ~ idh(f):{UNITS}`", residual.span)


def _modifiers(given: Mapping[str, Expr]) -> tuple[Modifier, ...]:
    """`mev`: the variances of the responses' own errors."""
    mev = given.get("mev", Constant(None))
    if mev == Constant(None):
        return ()
    sd = Call("sqrt", (Argument(mev),), mev.span)
    return (Modifier("se", (Argument(sd), Argument(Constant(True), "sigma")), mev.span),)


def _priors(
    given: Mapping[str, Expr], random: list[_Term], residual: _Term, family: _Family, notes: list[str]
) -> list[PriorStatement]:
    parts = listed(given.get("prior"), "prior")
    for name in parts:
        if name not in ("B", "R", "G"):
            raise UnsupportedError(f"`{name}` of `prior` is not built; there are B, R and G", parts[name].span)
    found = coefficient_priors(parts["B"]) if "B" in parts else []
    G = listed(parts.get("G"), "G")
    if G and len(G) != len(random):
        message = f"`G` has a prior for each of the {len(random)} terms of `random`, in their order; it has {len(G)}"
        raise FormulaSyntaxError(message, parts["G"].span)
    alone = Counter(term.label for term in random)
    for term, value in zip(random, G.values(), strict=False):
        found += _of_term(VariancePrior.of(value), term, notes, alone=alone[term.label] == 1)
    if "R" not in parts:
        if not family.told:
            notes.append(
                f"the data say nothing of the variance by `{UNITS}` where responses are of categories: "
                "`R = list(V = 1, fix = 1)` fixes it"
            )
        return found
    R = VariancePrior.of(parts["R"])
    if not (family.told or R.fixed):
        message = f"by which the data say nothing of the variance by `{UNITS}`"
        raise UnsupportedError(f"responses are of categories, {message}: fix it, `R = list(V = 1, fix = 1)`", R.span)
    if family.latent:
        return [*found, *_of_term(R, residual, notes, alone=True)]
    if family.family.name != "gaussian":
        if R.V != 1.0:
            message = "what thresholds cut has variance 1 here: `R = list(V = 1, fix = 1)`"
            raise UnsupportedError(message, parts["R"].span)
        return found
    return [*found, *variance_priors(R, "sigma", (), notes)]


def _of_term(prior: VariancePrior, term: _Term, notes: list[str], *, alone: bool) -> Iterator[PriorStatement]:
    """The priors of a term's sds; `alone`: no other term is by its factor."""
    correlated = term.structure == "us" and prior.size > 1
    if alone:
        yield from variance_priors(prior, "", (term.label,), notes, correlated=correlated)
    elif term.effect:
        yield from variance_priors(prior, "", (term.label, term.effect), notes)
    else:
        message = f"priors of several terms by `{term.label}` are not told apart here: state them, "
        raise UnsupportedError(f"{message}`var({term.label}, …) ~ inv_gamma(…)`", prior.span)
