"""A predictor in, its population terms and group terms out: what every target says one after the other."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape

from tildemc.errors import UnsupportedError
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.family import FamilyName, family_name
from tildemc.syntax.rewrite import summands
from tildemc.syntax.statement import Statement
from tildemc.syntax.steps import FirstOf, Keep, RowNumbers
from tildemc.syntax.structures import BARS, read_group
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Expr,
    Formula,
    Name,
    Number,
    Parens,
    Predictor,
    PriorStatement,
    Unary,
    deparse,
)

__all__ = [
    "SMOOTHS",
    "Converted",
    "Group",
    "Saying",
    "conditions_within",
    "cut_by_group",
    "family_said",
    "grouped",
    "has_predictors",
    "levelled",
    "of_curves",
    "precision",
    "refuse_curves",
    "refuse_followed_mean",
    "refuse_several",
    "terms_unsaid",
    "with_level_sds",
    "without_bars",
]


@dataclass(frozen=True, slots=True)
class Converted:
    """A model's text in some language, and what of the model it leaves unsaid; print shows both, `text` is the one."""

    text: str
    cannot_say: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"! {unsaid}" for unsaid in self.cannot_say)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        unsaid = "".join(f"<p>! {escape(thing)}</p>" for thing in self.cannot_say)
        return f"<pre>{escape(self.text)}</pre>{unsaid}"


@dataclass
class Saying:
    """One conversion under way: the statement, and what could not be said so far."""

    statement: Statement
    factors: frozenset[str] = frozenset()
    unsaid: list[str] = field(default_factory=list)

    def of(self, formula: Formula) -> Saying:
        """What is to be said of one of several responses; what cannot be is among all that could not be."""
        family = formula.family or self.statement.family
        return replace(self, statement=replace(self.statement, formula=replace(formula, others=()), family=family))

    def done(self, text: str) -> Converted:
        """The result."""
        return Converted(text, tuple(dict.fromkeys(self.unsaid)))


def conditions_within(statement: Statement) -> Statement:
    """The statement with conditions that are all it does to its data first as its own rows."""
    conditions = [step.condition for step in statement.steps if isinstance(step, Keep)]
    found = [condition for condition in conditions if not isinstance(condition, RowNumbers | FirstOf)]
    if not found or len(found) < len(statement.steps):
        return statement
    every = [*found, *([] if statement.rows is None else [statement.rows])]
    rows = every[0]
    for condition in every[1:]:
        rows = Binary("&", Parens(rows), Parens(condition))
    return replace(statement, steps=(), rows=rows)


@dataclass(frozen=True, slots=True)
class Group:
    """`(left | factor)`, and the structure of its effects' covariance."""

    left: Expr
    structure: str
    factor: Expr


def grouped(right: Expr) -> tuple[list[Expr], list[Group]]:
    """The summands that are no group terms, and those that are."""
    population: list[Expr] = []
    groups: list[Group] = []
    for part in summands(right):
        match unparenthesised(part):
            case Binary("|" | "||" as bar, left, factor):
                groups.append(Group(left, BARS[bar], factor))
            case inner if (found := read_group(inner)) is not None:
                groups.append(Group(found.bar.left, found.structure, found.bar.right))
            case _:
                population.append(part)
    return population, groups


def levelled(formula: Formula) -> frozenset[str]:
    """The columns whose levels a covariance structure is of: `f` of `cs(0 + f | g)`, for one effect has none."""
    predictors = (predictor for one in formula.each for predictor in one.predictors)
    groups = (group for predictor in predictors for group in grouped(predictor.right)[1])
    return frozenset(
        column.text for group in groups if group.structure not in BARS.values() for column in _alone(group.left)
    )


def _alone(left: Expr) -> Iterator[Name]:
    match summands(unparenthesised(left)):
        case [Number(0.0), Name() as column]:
            yield column
        case _:
            pass


def without_bars(right: Expr) -> bool:
    """Whether a predictor has no group terms."""
    return not grouped(right)[1]


def refuse_curves(formula: Formula, language: str) -> None:
    """Refuse arithmetic where a language has sums of terms alone.

    Raises
    ------
    UnsupportedError
    """
    curve = next((predictor for predictor in formula.predictors if predictor.curve), None)
    if curve is not None:
        raise UnsupportedError(f"{language} has no formula that is arithmetic of parameters; brms has", curve.span)


def refuse_followed_mean(formula: Formula, language: str) -> None:
    """Refuse arithmetic of the mean where a language has it of parameters alone that no response has.

    Raises
    ------
    UnsupportedError
    """
    mean = formula.predictors[0].parameter
    for curve in (predictor for predictor in formula.predictors[1:] if predictor.curve):
        if any(isinstance(node, Name) and node.text == mean for node in walk(curve.right)):
            instead = f"give the mean a name there, as in `bf(y ~ eta, nlf({curve.parameter} ~ a * eta), eta ~ x, …)`"
            raise UnsupportedError(f"{language} has no `{mean}` in arithmetic: {instead}", curve.span)


def refuse_several(formula: Formula, language: str) -> None:
    """Refuse several responses where a language has one.

    Raises
    ------
    UnsupportedError
    """
    if formula.others:
        message = f"{language} has one response in a model; brms has several"
        raise UnsupportedError(message, formula.others[0].response.span)


SMOOTHS = ("s", "t2", "te")
_TERMS = {
    **dict.fromkeys(SMOOTHS, ("the smooth", "gamm4 has them")),
    "gp": ("the Gaussian process", "brms has them"), "hsgp": ("the Gaussian process", "Bambi has them"),
    "mo": ("the monotonic effect", "brms has them"), "me": ("measurement error", "brms has them"),
    "cs": ("effects on each threshold,", "brms has them"), "car": ("the effects of areas", "brms has them"),
    "ridge": (
        "coefficients with one sd,", "Stata has them, `|| _all: z1 z2, noconstant covariance(identity)`",
    ),
}  # fmt: skip
"""Terms that only some languages have, by their function: what they are, and which has them."""


def terms_unsaid(rights: Iterable[Expr], saying: Saying, has: Container[str] = ()) -> None:
    """Note the terms that a language has not, but for those that it `has`: they stand in its text as they are."""
    for right in rights:
        for part in (node for summand in grouped(right)[0] for node in walk(summand)):
            if isinstance(part, Call) and part.function in _TERMS and part.function not in has:
                kind, where = _TERMS[part.function]
                saying.unsaid.append(f"{kind} `{deparse(part)}`: {where}")


def of_curves(formula: Formula) -> set[str]:
    """The parameters that formulas which are arithmetic are made of."""
    named = {node.text for p in formula.predictors if p.curve for node in walk(p.right) if isinstance(node, Name)}
    return {predictor.parameter for predictor in formula.predictors if not predictor.curve} & named


def has_predictors(formula: Formula, prior: PriorStatement) -> bool:
    """Whether the predictor that a prior is about has terms beside its intercept and the groups'."""
    owner = prior.target.rpartition(".")[0] or "mu"
    rights = [p.right for p in formula.predictors if p.parameter == owner]
    return any(not isinstance(part, Number) for right in rights for part in grouped(right)[0])


def cut_by_group(formula: Formula) -> bool:
    """Whether some rows have thresholds of their own."""
    return any(
        m.function == "thres" and (len(m.arguments) > 1 or m.arguments[0].name == "gr") for m in formula.modifiers
    )


def family_said(saying: Saying, known: Mapping[str, str] | None = None) -> FamilyName:
    """The statement's family; links of its other parameters are noted, but for those in `known`, by parameter."""
    family = family_name(saying.statement.family or "gaussian")
    if known is not None:
        unknown = {p: link for p, link in family.links.items() if known.get(p) != link}
        saying.unsaid += [f"the link {link} of {parameter}" for parameter, link in unknown.items()]
    return family


def precision(predictor: Predictor) -> Expr | None:
    """The `w` of `sigma ~ 1 + offset(-0.5 * log(w))`: weights that divide the residual variance."""
    match predictor:
        case Predictor(
            "sigma",
            Binary(
                "+",
                Number(1.0),
                Call(
                    "offset",
                    (Argument(Binary("*", Unary("-", Number(0.5)), Call("log", (Argument(weight, None),)))),),
                ),
            ),
        ):
            return weight
        case _:
            return None


def with_level_sds(formula: Formula, saying: Saying) -> Formula:
    """`sigma ~ by(g)` as R's packages write it: the log sd of each level."""

    def plain(predictor: Predictor) -> Predictor:
        match predictor.right:
            case Call("by", (Argument(Name() as name, None),)):
                factor = Call("factor", (Argument(name),))
                return replace(predictor, right=Binary("+", Number(0.0), factor))
            case _:
                return predictor

    changed = replace(formula, predictors=tuple(plain(p) for p in formula.predictors))
    if changed != formula and any(prior.target in ("sigma", "var") for prior in saying.statement.priors):
        saying.unsaid.append("a prior of each level's residual sd: `sigma ~ 0 + factor(g)` takes priors of log sds")
    return changed


def coding_unsaid(exprs: Iterable[Expr], saying: Saying) -> None:
    """Note `indicators()`, which only Stata's coding has."""
    for expr in exprs:
        for node in walk(expr):
            if isinstance(node, Call) and node.function == "indicators":
                saying.unsaid.append(f"`{deparse(node)}`: Stata leaves the base out here, R does not")
