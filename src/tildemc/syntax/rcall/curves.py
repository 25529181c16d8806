"""R's non-linear calls, `nlme()`, `gnls()`, `nlmer()`, `nls()`: a formula for the mean, and sums for its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.rcall.bars import random_terms
from tildemc.syntax.rcall.selfstart import own_parameters, written_out
from tildemc.syntax.rewrite import rewritten, summands, total
from tildemc.syntax.starting import prior_about, told_about
from tildemc.syntax.structures import group_term
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Name,
    Number,
    Parens,
    PriorStatement,
    Tilde,
    Unary,
    deparse,
)

__all__ = ["Curve", "curve_of", "flat_where_unstated"]

_Sums = Sequence[tuple[Name, Expr]]


@dataclass(frozen=True)
class Curve:
    """A non-linear call.

    Attributes
    ----------
    model : Tilde
        The response and the arithmetic.
    sums : sequence of (Name, Expr)
        Each parameter with the sum of terms that it has.
    effects : sequence of (Name, Expr)
        Each parameter that varies, with a group term.
    start : Expr or None
        The starting values.
    """

    model: Tilde
    sums: _Sums
    effects: _Sums
    start: Expr | None

    @property
    def statements(self) -> list[Expr]:
        """The statements of brms's `bf(…, nl = TRUE)` that say the same."""
        sums = {name.text: (name, right) for name, right in self.sums}
        effects: dict[str, list[Expr]] = {}
        for name, term in self.effects:
            if name.text not in sums:
                known = ", ".join(f"`{known}`" for known in sums)
                raise FormulaSyntaxError(f"`{name.text}` has no formula: the parameters are {known}", name.span)
            effects.setdefault(name.text, []).append(term)
        curve = Argument(Tilde(self.model.left, written_out(self.model.right), self.model.span))
        own = (
            Argument(Tilde(name, total([right, *effects.get(name.text, [])]), right.span))
            for name, right in sums.values()
        )
        return [Call("bf", (curve, *own, Argument(Constant(True), "nl")), self.model.span)]

    def priors(self, notes: list[str]) -> list[PriorStatement]:
        """A wide prior about each starting value, if each parameter has one number: there is no default."""
        if self.start is None:
            return []
        start = unparenthesised(self.start)
        values = [*_numbers(start)]
        if len(values) != len(self.sums) or any(right != Number(1.0) for _, right in self.sums):
            return []
        by_name = {name: value for name, value in values if name is not None}
        statements: list[PriorStatement] = []
        for (parameter, _), (_, value) in zip(self.sums, values, strict=True):
            own = by_name.get(parameter.text, value)
            statements.append(prior_about(f"{parameter.text}.b", None, own, start.span))
        notes.append(told_about([parameter.text for parameter, _ in self.sums]))
        return statements


def curve_of(given: Mapping[str, Expr], argument: str, call: Call, groups: Expr | None = None) -> Curve:
    """The model that a non-linear call writes.

    Parameters
    ----------
    given : mapping
        The arguments by name: `model` or `formula`, `fixed` or `params`, `random`, `start`.
    argument : str
        The argument that says what the parameters are: nlme's `fixed` and gnls's `params` have a formula for each,
        nlmer's `formula` has what varies as its third part, and of nls's `start` the names are meant.
    call : Call
    groups : Expr, optional
        What the data bring along as their groups.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    value = unparenthesised(given["model"] if "model" in given else given["formula"])
    start = given.get("start")
    match argument, value:
        case "formula", Tilde(Tilde(left, right, span), varying) if left is not None:
            model = Tilde(left, right, span)
            sums = _alone(right, start, call)
            return Curve(model, sums, [*_varying(varying, {name.text for name, _ in sums})], start)
        case "formula", _:
            message = "`nlmer()` needs three parts: `y ~ SSlogis(x, Asym, xmid, scal) ~ Asym | g`"
            raise FormulaSyntaxError(message, value.span)
        case "start", Tilde(left, right) if not (left is None or isinstance(left, Tilde)):
            return Curve(value, _alone(right, start, call), [], start)
        case _, Tilde(left, _) if not (left is None or isinstance(left, Tilde)):
            if argument not in given:
                message = f"`{argument}` is missing, which says what the formula's parameters are: "
                raise FormulaSyntaxError(f"{message}`{argument} = a + b ~ 1`", call.span)
            return Curve(value, [*_sums(given[argument], argument)], [*_effects(given, call.span, groups)], start)
        case _:
            message = f"`{call.function}()` needs its formula here, as in `y ~ a * exp(-b * x)`"
            raise FormulaSyntaxError(message, value.span)


def flat_where_unstated(
    formula: Formula, stated: Sequence[PriorStatement], notes: list[str]
) -> Iterator[PriorStatement]:
    """Flat priors of the coefficients of a non-linear formula that have none, as brms has by default.

    Parameters
    ----------
    formula : Formula
    stated : sequence of PriorStatement
    notes : list of str
        Gets what is to be told.
    """
    named = {part.text for own in formula.predictors if own.curve for part in walk(own.right) if isinstance(part, Name)}
    own = [own.parameter for own in formula.predictors if own.parameter in named and not own.curve]
    known = {one.target.removesuffix(".b") for one in stated if one.target.endswith(".b") and not one.target_arguments}
    flat = [name for name in own if name not in known]
    if flat:
        listed = ", ".join(f"`{name}.b`" for name in flat)
        notes.append(
            f"nothing tells how large {listed} may be: the prior is flat, as brms has it and maximum likelihood comes "
            f"to, and may leave the posterior without an end; state one, as `{flat[0]}.b ~ normal(0, 1)`"
        )
    span = formula.predictors[0].span
    yield from (PriorStatement(f"{name}.b", None, "flat", (), span, span, span) for name in flat)


def _alone(right: Expr, start: Expr | None, call: Call) -> _Sums:
    """The parameters, each one number: by the names of the starting values, or a self-starting model's own."""
    span = call.span if start is None else start.span
    names = {} if start is None else {name: Name(name, span) for name in _start_names(unparenthesised(start))}
    if not names:
        own = own_parameters(right)
        if own is None:
            message = "which names of the formula are parameters is what `start` says: `start = c(a = 1, b = 2)`"
            raise FormulaSyntaxError(message, span)
        names = {name.text: name for name in own}
    return [(name, Number(1.0, name.span)) for name in names.values()]


def _start_names(start: Expr) -> Iterator[str]:
    match start:
        case Call("list", (Argument(Call("c" | "list") as inner, "nlpars" | "fixed"), *_)):
            yield from _start_names(inner)
        case Call("c" | "list", arguments) if all(argument.name for argument in arguments):
            yield from (argument.name for argument in arguments if argument.name)
        case _:
            pass


def _varying(right: Expr, known: set[str]) -> Iterator[tuple[Name, Expr]]:
    """Each parameter that varies by nlmer's third part, `Asym | g` or `(Asym + xmid | g) + (scal | h)`, with a term."""
    for number, part in enumerate(summands(right), start=1):
        match unparenthesised(part):
            case Binary("|" | "||" as bar, left, factor, span):
                # nlmer leaves the intercept out by itself.
                names = [name for name in summands(unparenthesised(left)) if name != Number(0.0)]
                for name in names:
                    if not isinstance(name, Name):
                        message = "parameters' names stand on the left of `|` here, as in `(Asym + xmid | g)`"
                        raise FormulaSyntaxError(message, name.span)
                    term = group_term("us", Number(1.0, name.span), factor, span)
                    yield name, term if bar == "||" or len(names) == 1 else _shared(term, f"random{number}", span)
            case Name(name) if name in known:
                # It has a fixed effect, as all parameters have.
                pass
            case other:
                message = (
                    f"`{deparse(other)}` beside the group terms of `nlmer()` is not read; what a parameter depends "
                )
                message += "on is written `brm(bf(…, a ~ x + (1 | g), nl = TRUE))`"
                raise UnsupportedError(message, other.span)


def _sums(value: Expr, argument: str) -> Iterator[tuple[Name, Expr]]:
    """Each parameter with the sum of terms that it has."""
    match unparenthesised(value):
        case Call("list" | "c", arguments):
            for one in arguments:
                yield from _sums(one.value, argument)
        case Tilde(Name() | Binary("+") as left, right) if all(isinstance(part, Name) for part in summands(left)):
            yield from ((part, right) for part in summands(left) if isinstance(part, Name))
        case other:
            message = f"`{argument}` is a formula for each parameter: `a + b ~ 1`, or `list(a ~ x, b ~ 1)`"
            raise FormulaSyntaxError(message, other.span)


def _effects(given: Mapping[str, Expr], span: Span | None, by: Expr | None) -> Iterator[tuple[Name, Expr]]:
    """Each parameter that varies, with a group term."""
    random = given.get("random")
    if random is None or random == Constant(None):
        return
    sides: list[Sequence[Name]] = []

    def plain(expr: Expr) -> Expr | None:
        """`~ 1 | g` of `a + b ~ 1 | g`, with the left side kept."""
        match expr:
            case Tilde(left, right, place) if left is not None:
                sides.append([part for part in summands(left) if isinstance(part, Name)])
                return Tilde(None, right, place)
            case _:
                return None

    value = unparenthesised(random)
    groups = given.get("groups")
    if isinstance(groups, Tilde) and isinstance(groups.right, Name) and groups.left is None:
        value = Call("list", (Argument(value, groups.right.text, value.span),), value.span)
    terms = random_terms(rewritten(value, plain), groups=by)
    if len(sides) != len(terms) or not all(sides):
        message = "`random` says which parameters vary, as in `random = a + b ~ 1 | g`"
        raise FormulaSyntaxError(message, value.span)
    for number, (names, term) in enumerate(zip(sides, terms, strict=True), start=1):
        for name in names:
            yield name, term if len(names) == 1 else _shared(term, f"random{number}", span)


def _shared(term: Expr, identity: str, span: Span | None) -> Expr:
    """A group term whose effects are correlated with those of other parameters: `(1 | ID | g)`."""
    match term:
        case Parens(Binary("|" as bar, left, factor, place)):
            return Parens(Binary(bar, Binary(bar, left, Name(identity, place), place), factor, place), place)
        case Parens(Binary("||", left, factor, place)):
            return Parens(Binary("|", left, factor, place), place)
        case _:
            message = "this covariance of several parameters' effects is not built; `pdDiag()` and none are"
            raise UnsupportedError(message, term.span or span)


def _numbers(start: Expr) -> Iterator[tuple[str | None, float]]:
    """The numbers of `c(a = 1, b = -2)`, `list(…)`, or of `list(fixed = c(…))` and lme4's `list(nlpars = c(…))`."""
    match start:
        case Call("list", (Argument(Call("c" | "list") as inner, "nlpars" | "fixed"), *_)):
            yield from _numbers(inner)
        case Call("c" | "list", arguments):
            for argument in arguments:
                match argument.value:
                    case Number(value):
                        yield argument.name, value
                    case Unary("-", Number(value)):
                        yield argument.name, -value
                    case _:
                        pass
        case _:
            pass
