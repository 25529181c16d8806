"""An R script in, its models out: the calls that fit one, with what their names are bound to in the text.

Assignments bind names; those to a data frame or its columns are steps before the model. What only looks at a model
(`summary(m)`, `plot(m)`) is passed over; what might change one and is not understood is named in a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised, walk
from tildemc.syntax.rcall.assigned import columns_assigned, columns_within, made_within
from tildemc.syntax.rcall.data import PIPES, Data, data_of, piped
from tildemc.syntax.rcall.functions import FUNCTIONS, find_function, without_dots
from tildemc.syntax.rcall.lines import Line, statements
from tildemc.syntax.rcall.ownfunctions import Function, function_of, written_out
from tildemc.syntax.rcall.parse import parse_statement
from tildemc.syntax.rcall.pasted import PASTING, text_of
from tildemc.syntax.rcall.pieces import is_control
from tildemc.syntax.rcall.refused import NO_FITTERS, REFUSED
from tildemc.syntax.rewrite import moved, rewritten
from tildemc.syntax.steps import Step
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Parens, Text, Tilde, deparse

__all__ = ["Fitted", "fitted"]

_AROUND = {
    *("summary", "print", "invisible", "suppressWarnings", "suppressMessages", "system.time", "try"),
    *("tryCatch", "tidy", "glance", "augment", "show", "Anova", "anova", "coef", "fixef", "ranef"),
    *("as.data.frame", "emmeans", "r.squaredGLMM", "summ", "tab_model", "pool", "AIC", "BIC", "logLik"),
    *("deviance", "loo", "waic", "plot", "VarCorr", "confint", "vcov", "predict", "fitted", "residuals"),
    *("resid", "model.matrix", "check_model", "performance", "model_performance", "stargazer", "texreg"),
    *("screenreg", "modelsummary", "ggpredict", "marginal_effects", "conditional_effects", "saveRDS", "icc"),
    *("ICtab", "simulateResiduals", "pp_check", "drop1", "lrtest", "joint_tests", "effect", "allEffects"),
    *("cld", "report", "isSingular"),
}
"""Functions that a model may stand in, which leave it as it is."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model of a script.

    Attributes
    ----------
    name : str
        What the script calls it; `model1` and so on where it has no name.
    call : Call
        What fits it, with what its names are bound to.
    frames : mapping of str to Data
        What the script has done to data by then.
    changes : tuple of str
        Changes of its formula since, by `update()`.
    end : int
        Where its statement ends in the text.
    notes : tuple of str
    """

    name: str
    call: Call
    frames: Mapping[str, Data] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    end: int = 0
    notes: tuple[str, ...] = ()


@dataclass
class _Session:
    """What is known while the statements are gone through."""

    values: dict[str, Expr] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    frames: dict[str, Data] = field(default_factory=dict)
    models: dict[str, Fitted] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    recoded: UnsupportedError | None = None


def fitted(text: str) -> dict[str, Fitted]:
    """The models of a script by name, in order.

    Parameters
    ----------
    text : str
        One call, or a script.

    Raises
    ------
    TildeError
        What of a model is not understood, with its place; if there is none.
    """
    session = _Session()
    lines = [*statements(text)]
    for line in lines:
        own = function_of(line.value)
        if own is not None and line.target is not None:
            session.functions[str(line.target)] = own
            continue
        if line.target is not None and (made := made_within(line.value, session.frames)) is not None:
            session.frames[str(line.target)] = made
            continue
        if is_control(str(line.whole)):
            session.notes.append(f"`{_shown(line.whole)}` is not read: if it changes the data, do it to them first")
            continue
        try:
            expr = parse_statement(line.value)
        except TildeError:
            if len(lines) == 1 or any(f"{name}(" in str(line.value) for name in FUNCTIONS):
                raise
            session.notes.append(f"`{_shown(line.whole)}` is not read")
            continue
        _go_through(session, line, expr)
    if not session.models:
        raise _no_model(text, lines)
    return session.models


def _no_model(text: str, lines: list[Line]) -> TildeError:
    found = unparenthesised(parse_statement(lines[-1].value)) if lines else None
    if isinstance(found, Call) and found.function not in NO_FITTERS:
        find_function(found)
    span = lines[-1].value if lines else Span(text, 0, len(text))
    return FormulaSyntaxError("an R call is needed, as in `lmer(y ~ x + (1 | g), data = d)`", span)


def _go_through(session: _Session, line: Line, expr: Expr) -> None:
    target = None if line.target is None else parse_statement(line.target)
    expr = written_out(expr, session.functions)
    if _recodes(expr):
        message = (
            'all factors of the session are coded by this: say it of each, as in `contrasts = list(f = "contr.sum")`'
        )
        session.recoded = UnsupportedError(message, expr.span)
        return
    found = _model_in(expr, session)
    if found is not None and session.recoded is not None:
        raise session.recoded
    if found is not None:
        name = _called(target) or f"model{len(session.models) + 1}"
        session.models[name] = replace(
            found, name=name, frames=dict(session.frames), end=line.whole.end, notes=tuple(session.notes)
        )
    elif isinstance(target, Name | Text):
        _bind(session, target.text if isinstance(target, Name) else target.value, expr)
    elif target is not None:
        _assign(session, line, unparenthesised(target), expr)
    elif (made := columns_within(expr)) is not None:
        _change(session, *made)


def _called(target: Expr | None) -> str | None:
    """What a model is called that is given to a name, or to a place of a list."""
    match target:
        case Name(name):
            return name
        case Call("$" | "[[" | "[", (Argument(Name(of)), Argument(Name(name) | Text(name)))):
            return f"{of}.{name}"
        case Call("[[" | "[", (Argument(Name(of)), Argument(Number(place)))):
            return f"{of}.{place:g}"
        case _:
            return None


def _recodes(expr: Expr) -> bool:
    """Whether R codes factors otherwise from here on."""
    match expr:
        case Call("set_sum_contrasts" | "afex::set_sum_contrasts" | "set_effects_contrasts"):
            return True
        case Call("options", arguments):
            usual = {"contr.treatment", "contr.poly"}
            given = [part for a in arguments if a.name == "contrasts" for part in walk(a.value)]
            return any(isinstance(part, Text) and part.value not in usual for part in given)
        case _:
            return False


def _bind(session: _Session, name: str, expr: Expr) -> None:
    session.values[name] = expr
    try:
        data = data_of(expr, session.frames)
    except UnsupportedError as error:
        # It matters where a model is of these data.
        data = Data(name, refused=error)
    except TildeError:
        return
    own = data.steps or data.file or data.grouped or data.order or data.refused
    if own or data.name in session.frames:
        session.frames[name] = data if own else session.frames[data.name]


def _assign(session: _Session, line: Line, target: Expr, value: Expr) -> None:
    """`d$x <- …` and its like, which make columns."""
    if isinstance(target, Call) and target.function == "contrasts":
        value = _known(value, session)
    made = columns_assigned(target, value, line.whole)
    if made is None:
        session.notes.append(f"`{_shown(line.whole)}` is not read: if it changes the data, do it to them first")
    else:
        _change(session, *made)


def _change(session: _Session, frame: str, steps: Sequence[Step]) -> None:
    data = session.frames.get(frame, Data(frame))
    session.frames[frame] = data.then(*steps)


def _shown(span: Span) -> str:
    text = " ".join(str(span).split())
    return text if len(text) <= 60 else f"{text[:57]}…"


# Models


def _model_in(expr: Expr, session: _Session) -> Fitted | None:
    """The model that a statement fits, if it does."""
    match unparenthesised(expr):
        case Binary(operator, left, Call() as right) if operator in PIPES:
            whole = piped(left, right)
            return _model_in(whole, session) if _fits(whole) else _model_in(left, session)
        case Call(function, (Argument(Name(model, span)), *others)) if _plain(function) == "update":
            if model not in session.models:
                example = f"{model} <- lmer(y ~ x + (1 | g), d)"
                raise FormulaSyntaxError(f"`{model}` is not bound in the text: bind it there, as in `{example}`", span)
            return _updated(session.models[model], others, session)
        case Call("with", (data, Argument(Call() as inner))) if _fits(inner):
            return _fitted(inner, session, data.value)
        case Call() as call if _fits(call):
            return _fitted(call, session, None)
        case Call(function, (first, *_)) if _plain(function) in _AROUND:
            return _model_in(first.value, session)
        case _:
            return None


def _fits(call: Call) -> bool:
    return _plain(call.function) in FUNCTIONS or _plain(call.function) in REFUSED


def _plain(function: str) -> str:
    return function.rpartition("::")[2]


def _fitted(call: Call, session: _Session, data: Expr | None) -> Fitted:
    if data is not None:
        call = replace(call, arguments=(*call.arguments, Argument(data, "data", data.span)))
    given = tuple(replace(a, value=_bound(a, session)) for a in call.arguments)
    return Fitted("", replace(call, arguments=given))


def _bound(argument: Argument, session: _Session) -> Expr:
    """An argument with what its names are bound to: data keep theirs, and columns are in nobody's script."""
    if argument.name == "data":
        return argument.value
    value = _formula(_known(argument.value, session))
    # Nothing in a family or in priors is a column's name.
    alone = argument.name is not None and (argument.name == "family" or argument.name.startswith("prior"))
    return rewritten(value, lambda part: _worth(part, session)) if alone else value


def _worth(part: Expr, session: _Session) -> Expr | None:
    """What a name in a family or in priors is bound to; brms takes what stands in `prior()` for Stan's."""
    match part:
        case Name(name) if name in session.values:
            return _known(part, session)
        case Call("[" | "[[" | "$"):
            return _known(part, session)
        case Call(function) if _plain(function) in ("prior", "prior_"):
            return part
        case _:
            return None


def _is_data(name: str, session: _Session) -> bool:
    """Whether a name is a data frame's; what joins columns, `cbind(…)`, may be a matrix as well."""
    return name in session.frames and session.frames[name].refused is None


def _known(value: Expr, session: _Session) -> Expr:
    match value:
        case Name(name) if name in session.values and not _is_data(name, session):
            return _known(session.values[name], session)
        case Parens(inner):
            return replace(value, inner=_known(inner, session))
        case Binary("+", left, right):
            return replace(value, left=_known(left, session), right=_known(right, session))
        case Call("[" | "[[" | "$", (Argument(Name(name)), *_)) if name in session.values and not _is_data(
            name, session
        ):
            return _element(value, _known(session.values[name], session))
        case Call(function, arguments) if function.rpartition("::")[2] in _SEEN_THROUGH:
            return replace(value, arguments=tuple(replace(a, value=_known(a.value, session)) for a in arguments))
        case _:
            return value


_SEEN_THROUGH = ("c", "bf", "list", "as.formula", "formula", "reformulate", "reStruct", *PASTING)
"""Functions in whose arguments names are looked up."""


def _element(whole: Call, held: Expr) -> Expr:
    """`links[2]`, `links[["b"]]`, `links$b`: what stands there of what the name is bound to, if the text says it."""
    match held, whole.arguments[1].value:
        case Call("c" | "list", arguments), Number(place) if 1 <= place <= len(arguments):
            return arguments[int(place) - 1].value
        case Call("c" | "list", arguments), Text(name) | Name(name):
            return next((argument.value for argument in arguments if argument.name == name), whole)
        case _:
            return whole


def _formula(value: Expr) -> Expr:
    """`as.formula("y ~ x")`, `"y ~ x"`: the formula that is quoted, or pasted together."""
    match value:
        case Call(function) if _plain(function) in PASTING and "~" in (text := text_of(value) or ""):
            return moved(parse_expression(text), value.span)
        case Call("as.formula" | "formula" | "stats::as.formula" | "stats::formula", (Argument(inner), *_)):
            return _formula(inner)
        case Text(text, span) if "~" in text:
            return moved(parse_expression(text), span)
        case Call("reformulate", (Argument(terms), *others)):
            return _reformulated(value, terms, others)
        case _:
            return value


def _reformulated(whole: Expr, terms: Expr, others: Sequence[Argument]) -> Expr:
    texts = [part.value for part in walk(terms) if isinstance(part, Text)]
    response = next((a.value for a in others if a.name in (None, "response")), Constant(None))
    left = response.value if isinstance(response, Text) else deparse(response)
    if not texts or response == Constant(None):
        return whole
    return moved(parse_expression(f"{left} ~ {' + '.join(texts)}"), whole.span)


_UPDATED = {"data.": "data", "newdata": "data"}
"""What arguments of `update()` are called that the model's own function calls otherwise."""


def _updated(model: Fitted, others: Sequence[Argument], session: _Session) -> Fitted:
    """`update(m, . ~ . + z, family = poisson)`."""
    changes, named = [*model.changes], {}
    for argument in others:
        value = _bound(argument, session)
        if isinstance(value, Tilde) and argument.name in (None, "formula", "formula.", "fixed."):
            changes.append(deparse(value))
        elif argument.name is not None:
            named[_UPDATED.get(argument.name, argument.name)] = value
    # Without names, those that stay would slide into the places of those that go.
    placed = find_function(model.call).match(without_dots(model.call))
    kept = tuple(replace(argument, name=name) for name, argument in placed.items() if name not in named)
    given = tuple(Argument(value, name, value.span) for name, value in named.items())
    return replace(model, call=replace(model.call, arguments=(*kept, *given)), changes=tuple(changes))
