"""What a formula says of its response; and several responses of a row as one, of a family of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from operator import add

from tildemc.errors import SemanticError, UnsupportedError, nearest
from tildemc.resolve.curves import curved
from tildemc.resolve.expanded import Expanded, ExpandedPredictor
from tildemc.resolve.frame import as_float
from tildemc.resolve.imputing import check_imputing
from tildemc.resolve.lessons import values
from tildemc.resolve.missing import latent_of, read_by_others
from tildemc.resolve.mixtures import with_shares
from tildemc.resolve.response import read_response
from tildemc.resolve.rows import may_lack
from tildemc.resolve.schema import Schema
from tildemc.spec.companions import COMPANIONS
from tildemc.spec.expr import Apply, Col, Const, Expr, Op, columns_of
from tildemc.spec.families import Family
from tildemc.spec.families.multivariate import beside, correlation_of, multivariate, parameter_of
from tildemc.spec.links import Link
from tildemc.spec.model import Response
from tildemc.spec.priors import CORRELATION
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.rescor import ResidualCorrelations
from tildemc.syntax.several import named
from tildemc.syntax.tree import Fixed

__all__ = ["One", "read_one", "rescor_of", "together"]


@dataclass(frozen=True)
class One:
    """A response with its family; or several as one.

    Attributes
    ----------
    formula : Expanded
    response : Response
    family : Family
    links : mapping of str to Link
        Of each parameter that a formula may model.
    responses : tuple of Response
        Each by itself, where there are several.
    known : frozenset of str
        The parameters that the data give.
    latents : tuple of Latent
        The missing values of responses that others are predicted by.
    """

    formula: Expanded
    response: Response
    family: Family
    links: Mapping[str, Link]
    responses: tuple[Response, ...] = ()
    known: frozenset[str] = frozenset()
    latents: tuple[Latent, ...] = ()


def read_one(formula: Expanded, family: Family, links: Mapping[str, Link], columns: Schema, notes: list[str]) -> One:
    """The response of a formula.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    notes += formula.notes
    response, family = read_response(formula, family, links[family.parameters[0].name], columns, notes)
    family, formula = with_shares(family, formula)
    response, family = curved(formula, response, family, links, columns)
    check_imputing(formula, family)
    formula = _for_each_main(formula, family, notes)
    family = _with_fixed(family, formula.fixed)
    for predictor in formula.predictors:
        _check_parameter(predictor, family)
    known = "se" in response.companions and not response.se_adds
    if known:
        _refuse_sigma(formula)
    return One(formula, response, family, links, known=frozenset({"sigma"} if known else set()))


def _with_fixed(family: Family, given: Sequence[Fixed]) -> Family:
    """The family with the parameters that the formula gives as numbers."""
    for fixed in given:
        parameter = family.parameter(fixed.parameter)
        names = [p.name for p in family.parameters if p.prior is not None and p.size is None]
        if parameter is None or parameter.name not in names:
            message = f"{family} model has no parameter `{fixed.parameter}` that can be a number; "
            message += f"there {'is' if len(names) == 1 else 'are'} {', '.join(names) or 'none'}"
            raise SemanticError(message + nearest(fixed.parameter, names), fixed.span)
        if not parameter.support.lower < fixed.value < parameter.support.upper:
            raise SemanticError(f"`{fixed.parameter}` is one of {parameter.support}, not {fixed.value:g}", fixed.span)
        family = family.fixing({parameter.name: fixed.value})
    return family


def _for_each_main(formula: Expanded, family: Family, notes: list[str]) -> Expanded:
    """The formula of the response as that of each category's or component's parameter, unless it has its own."""
    if not family.mains:
        return formula
    first, *others = formula.predictors
    names = [p.name for p in family.parameters]
    own = {p.parameter for p in others}
    copies = [replace(first, parameter=name) for name in family.mains if name not in own]
    if not copies and (first.terms.interactions or first.bars):
        notes.append(f"the formula of the response plays no part: {', '.join(family.mains)} have their own")
    ordered = sorted((*copies, *others), key=lambda p: names.index(p.parameter) if p.parameter in names else -1)
    return replace(formula, predictors=tuple(ordered))


def _refuse_sigma(formula: Expanded) -> None:
    for predictor in formula.predictors:
        if predictor.parameter == "sigma":
            raise SemanticError("`se()` gives the residual sds; `se(s, sigma = TRUE)` adds a sigma", predictor.span)


def _check_parameter(predictor: ExpandedPredictor, family: Family) -> None:
    names = [p.name for p in family.parameters]
    if predictor.parameter not in names:
        others = ", ".join(names)
        raise SemanticError(
            f"family {family.name} has no parameter `{predictor.parameter}`; it has {others}"
            f"{nearest(predictor.parameter, names)}",
            predictor.span,
        )
    parameter = family.parameter(predictor.parameter)
    if parameter is not None and (parameter.size is not None or parameter.share):
        raise UnsupportedError(
            f"{predictor.parameter} are the same in all rows: no formula models them", predictor.span
        )


# Several responses


def together(each: Sequence[One], formula: Expanded, columns: Schema, notes: list[str]) -> One:
    """Several responses as one, each of whose parameters is called after its response.

    Raises
    ------
    SemanticError, UnsupportedError
        If they cannot stand together.
    """
    names = _names(each)
    for one in each:
        _refuse_apart(one)
    correlated = _correlated(each, formula, names, notes)
    read = read_by_others(formula)
    lack = (may_lack(formula, own) for own in formula.each)
    given = [_seen(one, name, columns, some=some) for one, name, some in zip(each, names, lack, strict=True)]
    # A value that another response is predicted by is there, or drawn.
    present = _present(
        names, [Const(1.0) if n in read else seen for n, (_, seen) in zip(names, given, strict=True)], columns
    )
    families = tuple(one.family for one in each)
    family = multivariate(names, families, correlated=correlated, present=present)
    assert family.multivariate is not None
    links: dict[str, Link] = {}
    known: set[str] = set()
    predictors: list[ExpandedPredictor] = []
    companions: dict[str, Column] = {}
    lacking = family.multivariate.lacking
    if lacking:
        several = ", ".join(one.response.label for one in each)
        notes.append(f"rows that lack some of {several} count for the others, under which they are")
    responses: list[Response] = []
    latents: list[Latent] = []
    for k, (one, name, (response, seen)) in enumerate(zip(each, names, given, strict=True)):

        def called(parameter: str, family: Family = one.family, name: str = name) -> str:
            return parameter_of(family, parameter, name, correlated=correlated)

        links |= {called(parameter): link for parameter, link in one.links.items()}
        known |= {*map(called, one.known)}
        predictors += (replace(p, parameter=called(p.parameter)) for p in one.formula.predictors)
        kept = response if k in lacking or name in read else replace(one.response, name=name)
        responses.append(kept)
        companions |= {beside("value", name): Column(kept.label, kept.value, kept.span)}
        if name in read:
            latents.append(latent_of(name, kept, seen, one.family, columns, read[name]))
        if k in lacking or name in read:
            companions |= {beside("seen", name): Column(f"{kept.label}_seen", seen, kept.span)}
        companions |= {beside(column, name): value for column, value in kept.companions.items()}
    remarks = tuple(remark for one in each for remark in one.formula.remarks)
    whole = replace(
        each[0].formula, predictors=tuple(predictors), modifiers=(), fixed=(), curves=(), remarks=remarks, others=()
    )
    label = ", ".join(response.label for response in responses)
    response = Response(label, responses[0].value, None, companions, span=responses[0].span)
    notes += [
        f"{latent.size:,} missing values of {latent.observed.label} are drawn with all else, `Ymi_{latent.response}`"
        if latent.noise is None
        else f"the true values of {latent.observed.label} are drawn with all else, `Yl_{latent.response}`"
        for latent in latents
    ]
    return One(whole, response, family, links, tuple(responses), frozenset(known), tuple(latents))


def _names(each: Sequence[One]) -> list[str]:
    names = [named(one.formula.response) for one in each]
    for k, name in enumerate(names):
        if not name or name in names[:k]:
            label = each[k].response.label
            found = f"two responses are called `{name}`" if name else f"`{label}` has no letter to be called by"
            raise SemanticError(f"{found}: their parameters are called after them", each[k].formula.response.span)
        if name in each[k].response.companions:
            function = COMPANIONS[name].function
            message = f"`{name}` is what densities call an argument of `{function}()`: give the response another name"
            raise UnsupportedError(message, each[k].formula.response.span)
    return names


def _refuse_apart(one: One) -> None:
    """Refuse what is not built of one of several responses."""
    place = one.formula.response.span
    if one.formula.residuals is not None:
        raise UnsupportedError("rows that go together, of one of several responses, are not built", place)
    family = one.family
    if family.categories is not None or family.several is not None or family.mixture is not None:
        kind = "a mixture" if family.mixture is not None else "a response in categories"
        raise UnsupportedError(f"{kind} among several responses is not built", place)
    if family.timed is not None:
        raise UnsupportedError(f"{family} response among several is not built", place)


def _correlated(each: Sequence[One], formula: Expanded, names: Sequence[str], notes: list[str]) -> bool:
    """Whether residuals are correlated: brms's rule where nothing is said."""
    laws = {None if one.family.elliptical is None else one.family.elliptical.law for one in each}
    able = len(laws) == 1 and None not in laws
    listed = " and ".join(one.response.label for one in each)
    if formula.rescor is None and able:
        notes.append(
            f"residuals of {listed} are correlated, which is brms's default; `+ set_rescor(FALSE)` leaves that out"
        )
    if not (able if formula.rescor is None else formula.rescor):
        return False
    if not able:
        families = ", ".join(dict.fromkeys(one.family.name for one in each))
        message = "residuals are correlated where all responses are gaussian, or all student, and here they are "
        raise SemanticError(f"{message}{families}: `set_rescor(FALSE)`", each[1].formula.response.span)
    for one in each:
        columns = (COMPANIONS[name] for name in one.response.companions if name in COMPANIONS)
        for record in (record for record in columns if record.ends or record.weighs):
            message = f"`{record.function}()` of responses with correlated residuals is not built: `set_rescor(FALSE)`"
            raise UnsupportedError(message, one.formula.response.span)
        _refuse_shared(one)
    return True


def _refuse_shared(one: One) -> None:
    """Refuse what is said of one response, and is a parameter of all."""
    assert one.family.elliptical is not None
    shared = one.family.elliptical.shared
    places = [(said.parameter, said.span) for said in one.formula.predictors]
    for parameter, span in (*places, *((said.parameter, said.span) for said in one.formula.fixed)):
        if parameter in shared:
            message = f"responses with correlated residuals have one {parameter} together"
            raise UnsupportedError(f"{message}, of which no formula is built", span)


def _seen(one: One, name: str, columns: Schema, *, some: bool) -> tuple[Response, Expr]:
    """The response with a number in rows that lack it; and whether a row has it, 1 or else 0."""
    there: list[Expr] = [Apply("notna", (Col(column),)) for column in columns_of(one.response.value)]
    if not some or not there:
        return replace(one.response, name=name), Const(1.0)
    truth = reduce(lambda left, right: Op("&", left, right), there)
    inner = Const(one.family.values.inner)
    value = Apply("where", (truth, one.response.value, inner))
    return replace(one.response, name=name, value=value), as_float(truth)


def _present(names: Sequence[str], seen: Sequence[Expr], columns: Schema) -> list[tuple[int, ...]]:
    """Which responses rows have, of the rows in use."""
    if all(one == Const(1.0) for one in seen):
        return []
    code = reduce(add, (one * float(2**k) for k, one in enumerate(seen)))
    found = columns.learned(f"which of {', '.join(names)} there are", code, values(lambda codes: codes))
    return [tuple(k for k in range(len(names)) if int(float(str(one))) >> k & 1) for one in found]


def rescor_of(family: Family) -> ResidualCorrelations | None:
    """The correlations between residuals that a family estimates."""
    known = family.multivariate
    if known is None or not known.correlated:
        return None
    partial = tuple(correlation_of(one, other) for one, other in combinations(known.names, 2))
    return ResidualCorrelations(known.names, partial, CORRELATION)
