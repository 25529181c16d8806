"""Julia text in, a Statement out: the model of its last call of MixedModels or GLM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import walk
from tildemc.syntax.family import FamilyName
from tildemc.syntax.formula import formula_of
from tildemc.syntax.frames import Frame
from tildemc.syntax.julia.data import frames_before
from tildemc.syntax.julia.families import CODINGS, DISTRIBUTIONS, FUNCTIONS, LINKS
from tildemc.syntax.julia.parse import bound_in, fitted_in, parse_julia
from tildemc.syntax.rewrite import rewritten, scaled_variance
from tildemc.syntax.statement import Estimation, Statement
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Formula, Modifier, Name, Number, Parens, Predictor, Text
from tildemc.syntax.tree import Tilde as Sides
from tildemc.syntax.unparse.text import formula_text

__all__ = ["read_julia"]

_MODELS = ("MixedModel", "LinearMixedModel", "GeneralizedLinearMixedModel", "LinearModel", "GeneralizedLinearModel")
_DROPPED = {
    "REML": "is a way to estimate; here the posterior is drawn", "fast": "is a way to estimate",
    "nAGQ": "is a way to estimate", "progress": "is of the screen", "verbose": "is of the screen",
    "thin": "is of the fit's history", "amalgamate": "is a way to estimate",
}  # fmt: skip


def read_julia(text: str) -> Statement:
    """The model that `fit(MixedModel, @formula(…), df)` and its kin write.

    Parameters
    ----------
    text : str
        One call, or a script: `@formula` and `Dict` that it binds to names are known, and nothing is run.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    *_, fitted = fitted_in(text)
    place, bound = fitted.call, bound_in(text, fitted.call.start)
    call = parse_julia(place)
    while isinstance(call, Call) and call.function == "fit!" and call.arguments:
        call = call.arguments[0].value
    if not isinstance(call, Call):
        raise FormulaSyntaxError("a call that fits a model is needed", place)
    positional, named = _arguments(call, bound)
    formula_call, *others = positional
    family = _family(call.function, others)
    formula = _formula(formula_call, named, family, text, mixed=_is_mixed(call))
    frame = _frame(others, text, place)
    return Statement(
        replace(formula, text=formula_text(formula)),
        "julia",
        str(family),
        data=frame.name,
        file=frame.file,
        steps=frame.steps,
        notes=(*_notes(named), *frame.notes),
        family_span=others[1].span if len(others) > 1 else call.span,
        estimation=_estimation(named),
    )


def _estimation(named: Mapping[str, Expr]) -> Estimation:
    """How MixedModels estimates: by maximum likelihood unless `REML=true`."""
    points = named.get("nAGQ")
    number = int(points.value) if isinstance(points, Number) and points.value == int(points.value) else None
    restricted = "REML" in named and str(named["REML"].span) == "true"
    return Estimation("MixedModels", "reml" if restricted else "ml", number)


def _is_mixed(call: Call) -> bool:
    """Whether a call fits a model with groups, which `fit(MixedModel, …)` says before its formula."""
    first = call.arguments[0].value if call.arguments else None
    names = (call.function, first.text if isinstance(first, Name) else "")
    return any("Mixed" in name for name in names) or call.function in ("lmm", "glmm")


def _frame(others: Sequence[Expr], text: str, place: Span) -> Frame:
    """The data of a call by the place where it stands."""
    match others:
        case [Name(name), *_]:
            return frames_before(text, place.start).get(name, Frame(name))
        case [data, *_]:
            return Frame().told(f"the data given here stand for `{data.span}`")
        case _:
            return Frame()


def _notes(named: Mapping[str, Expr]) -> list[str]:
    """What is said of arguments, and refused of those that are none.

    Raises
    ------
    UnsupportedError
    """
    known = (*_DROPPED, "contrasts", "wts", "weights", "offset")
    for name, value in named.items():
        if name not in known:
            raise UnsupportedError(f"`{name}` is not read here{nearest(name, known)}", value.span)
    notes = [f"`{name}` is dropped: it {_DROPPED[name]}" for name in named if name in _DROPPED]
    codings = [] if "contrasts" not in named else [*walk(named["contrasts"])]
    if any(isinstance(coding, Call) and coding.function == "EffectsCoding" for coding in codings):
        notes.append("`EffectsCoding()` leaves out the first level, and here it is the last that has no coefficient")
    return notes


def _arguments(call: Call, bound: Mapping[str, Span]) -> tuple[list[Expr], dict[str, Expr]]:
    """What is given in order, the formula first, and what is given by name; names stand for what they are bound to."""

    def value(argument: Argument) -> Expr:
        given = argument.value
        return parse_julia(bound[given.text]) if isinstance(given, Name) and given.text in bound else given

    positional = [value(argument) for argument in call.arguments if argument.name is None]
    if positional and isinstance(positional[0], Name) and positional[0].text in _MODELS:
        positional = positional[1:]
    named = {argument.name: value(argument) for argument in call.arguments if argument.name is not None}
    first = positional[0] if positional else None
    if not isinstance(first, Call) or not first.function.startswith("@"):
        what = f"; `{first.text}` is not bound in the text" if isinstance(first, Name) else ""
        message = f"a formula is written `@formula(y ~ x + (1 | g))`{what}"
        raise FormulaSyntaxError(message, call.span if first is None else first.span)
    return positional, named


def _formula(call: Expr, named: Mapping[str, Expr], family: FamilyName, text: str, *, mixed: bool) -> Formula:
    match call:
        case Call(_, (Argument(Sides() as sides),)):
            pass
        case _:
            raise FormulaSyntaxError("a formula has one `~`, as in `@formula(y ~ x)`", call.span)
    codings = _codings(named.get("contrasts"))
    formula = formula_of([replace(sides, right=_terms(sides.right, codings))], text)
    weights = named.get("wts", named.get("weights"))
    if weights is not None:
        return _weighted(formula, _column(weights), family, mixed=mixed)
    if "offset" in named:
        raise UnsupportedError("`offset` is not read; write `offset(e)` as a term of a formula", named["offset"].span)
    return formula


def _weighted(formula: Formula, column: Name, family: FamilyName, *, mixed: bool) -> Formula:
    """What `wts` say: trials of shares, and how precise rows are of a model with groups."""
    if family.name == "binomial":
        # The response is a share, and the weights are its trials.
        match formula.response:
            case Binary("/", successes, trials) if trials == column:
                counted = successes
            case share:
                counted = Binary("*", share, column, share.span)
        return replace(formula, response=counted, modifiers=(Modifier("trials", (Argument(column),), column.span),))
    if family.name == "gaussian" and mixed:
        sigma = Predictor("sigma", scaled_variance(column, -0.5), column.span)
        return replace(formula, predictors=(*formula.predictors, sigma))
    message = "`wts` is read of mixed models of normal responses and of `Binomial()`; write `y | weights(w) ~ x`"
    raise UnsupportedError(message, column.span)


def _terms(right: Expr, codings: Mapping[str, Expr]) -> Expr:
    """The terms as they are written here: `zerocorr(1 + x | g)`, `fulldummy(f)`, columns with their coding."""

    def change(node: Expr) -> Expr | None:
        match node:
            case Call("zerocorr", (Argument(Binary("|", left, factor) as bar),), span):
                whole = Binary("||", rewritten(left, change), factor, bar.span)
                return Parens(whole, span)
            case Call("zerocorr", (Argument(Parens(inner)),), span):
                return change(Call("zerocorr", (Argument(inner),), span))
            case Call("fulldummy", (Argument(Name() as factor),), span):
                return Parens(Binary("+", Number(0.0, span), Call("factor", (Argument(factor),), span), span), span)
            case Binary("|", left, factor, span):
                return Binary("|", rewritten(left, change), factor, span)
            case Binary("^" | "/", _, _, span):
                # What is no `+`, `&` or `*` is arithmetic of columns in Julia's formulas.
                return Call("I", (Argument(node, None, span),), span)
            case Call(function, arguments, span) if function in FUNCTIONS:
                return Call(FUNCTIONS[function], arguments, span)
            case Name(name) if name in codings:
                return codings[name]
            case _:
                return None

    return rewritten(right, change)


def _codings(contrasts: Expr | None) -> dict[str, Expr]:
    """`Dict(:x => EffectsCoding())`: each column as a formula codes it."""
    if contrasts is None:
        return {}
    if not isinstance(contrasts, Call) or contrasts.function != "Dict":
        raise FormulaSyntaxError("`contrasts` is written `Dict(:x => EffectsCoding())`", contrasts.span)
    found: dict[str, Expr] = {}
    for argument in contrasts.arguments:
        column = Name((argument.name or "").removeprefix(":"), argument.span)
        coding = argument.value
        coded = _coded(column, coding) if isinstance(coding, Call) and argument.name else None
        if coded is None:
            listed = ", ".join(f"{name}()" for name in ("DummyCoding", *CODINGS, "Grouping"))
            raise UnsupportedError(f"this coding is not built; there are {listed}", argument.span)
        if coded != column:
            found[column.text] = coded
    return found


def _coded(column: Name, coding: Call) -> Expr | None:
    given = {argument.name: argument.value for argument in coding.arguments}
    base = given.pop("base", None)
    if given or (base is not None and coding.function != "DummyCoding"):
        return None
    match coding.function:
        case "Grouping":
            return column
        case "DummyCoding":
            factor = Call("factor", (Argument(column),), column.span)
            if base is None:
                return factor
            named = Text(base.text.removeprefix(":"), base.span) if isinstance(base, Name) else base
            return Call("relevel", (Argument(factor), Argument(named, "ref")), column.span)
        case name if name in CODINGS:
            return Call("C", (Argument(column), Argument(Name(CODINGS[name]))), column.span)
        case _:
            return None


def _column(value: Expr) -> Name:
    """`df.n`, `:n`."""
    if isinstance(value, Name):
        return Name(value.text.rpartition(".")[2].removeprefix(":"), value.span)
    raise FormulaSyntaxError("weights are a column, as in `wts = df.n`", value.span)


def _family(function: str, others: list[Expr]) -> FamilyName:
    """The distribution after the data, and the link after that."""
    if len(others) < 2:
        return FamilyName("gaussian", "identity")
    family = others[1]
    name = family.function if isinstance(family, Call) else ""
    if name not in DISTRIBUTIONS:
        listed = ", ".join(f"{known}()" for known in DISTRIBUTIONS)
        raise UnsupportedError(f"`{function}()` has a distribution after the data; there are {listed}", family.span)
    found, link = DISTRIBUTIONS[name]
    if len(others) > 2:
        given = others[2]
        word = given.function if isinstance(given, Call) else ""
        if word not in LINKS:
            raise UnsupportedError(f"there is no such link; there are {', '.join(LINKS)}", given.span)
        link = LINKS[word]
    return FamilyName(found, link)
