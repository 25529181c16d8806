"""PROC NLMIXED in, a Statement out: a sum of terms where the mean is one, else arithmetic as of `bf(…, nl = TRUE)`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import walk
from tildemc.syntax.family import FamilyName
from tildemc.syntax.frames import Frame
from tildemc.syntax.pieces import closed, pieces
from tildemc.syntax.rewrite import literal, rewritten, total
from tildemc.syntax.sas.effects import Names, crossed
from tildemc.syntax.sas.linear import NotLinearError, Product, inverse_link, plain, products_of
from tildemc.syntax.sas.program import Procedure, Said
from tildemc.syntax.sas.random import Effects, effects_of, positive
from tildemc.syntax.sas.steps import rows_of
from tildemc.syntax.sas.values import number
from tildemc.syntax.sas.written import parse_sas, parse_value
from tildemc.syntax.starting import prior_about, told_about
from tildemc.syntax.statement import Statement
from tildemc.syntax.structures import group_term
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Parens,
    Predictor,
    PriorStatement,
    Unary,
)
from tildemc.syntax.unparse.text import formula_text

__all__ = ["read_nlmixed"]

_MODEL = re.compile(r"model\s+([^\W\d]\w*)\s*~\s*([^\W\d]\w*)\s*\(", re.IGNORECASE)
_START = re.compile(r"([^\W\d]\w*)|(-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)")
_PASSED = {"estimate", "predict", "id", "bounds", "contrast", "ods", "title", "title1", "output", "label", "format"}
"""Statements that ask something of the fitted model, or say how it is found."""
_FAMILIES = {
    "normal": ("gaussian", 2, "identity"), "binary": ("bernoulli", 1, "logit"),
    "binomial": ("binomial", 2, "logit"), "poisson": ("poisson", 1, "log"),
}  # fmt: skip
"""By NLMIXED's name of a distribution: what it is here, how many arguments it has, and the usual link."""
_OTHERS = {
    "general": "is a log likelihood of one's own, which is not read: write the family, or a `tildemc.Family`",
    "gamma": "is not read: write a formula with `family = \"gamma\"`",
    "negbin": "is not read: write a formula with `family = \"negbinomial\"`",
}  # fmt: skip


@dataclass
class _Reading:
    """What the parts of one reading share.

    Attributes
    ----------
    names : Names
    notes : list of str
    start : dict
        The parameters of `parms` and their starting values; `fresh` are those without one so far.
    effects : list of Effects
    assigned : dict
        What names are assigned, by the name in small letters.
    """

    names: Names
    notes: list[str]
    start: dict[str, float] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    effects: list[Effects] = field(default_factory=list)
    assigned: dict[str, Expr] = field(default_factory=dict)

    def value(self, place: Span) -> Expr:
        """An expression with the columns, and what assignments before it made."""
        return self.written_out(parse_value(place))

    def written_out(self, expr: Expr) -> Expr:
        """The same with what is assigned in the place of names."""

        def change(node: Expr) -> Expr | None:
            if not isinstance(node, Name) or node.text == ".":
                return None
            made = self.assigned.get(node.text.lower())
            if made is not None:
                return Parens(made, node.span)
            known = next((name for name in self.start if name.lower() == node.text.lower()), None)
            return Name(known, node.span) if known is not None else self.names.column(node)

        return rewritten(expr, change)


def read_nlmixed(procedure: Procedure, frame: Frame, names: Names, notes: list[str]) -> Statement:
    """The model that PROC NLMIXED writes.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    reading = _Reading(names, notes)
    model = [statement for statement in procedure.statements if statement.word == "model"]
    if len(model) != 1:
        message = "`proc nlmixed` has one `model` statement, as in `model y ~ normal(mu, s2);`"
        raise FormulaSyntaxError(message, model[1].span if model else procedure.head.span)
    for statement in procedure.statements:
        _followed(statement, reading)
    reading.effects = [effects_of(s, reading.value, names) for s in procedure.statements if s.word == "random"]
    formula, family, priors = _model(model[0], reading)
    where = [parse_sas(s.span).condition for s in procedure.statements if s.word == "where"]
    by = [word for s in procedure.statements if s.word == "by" for word in str(s.span).split()[1:]]
    return Statement(
        replace(formula, text=formula_text(formula)),
        "sas",
        str(family),
        tuple(priors),
        data=frame.name,
        file=frame.file,
        steps=frame.steps,
        rows=rows_of(where[-1], names) if where and where[-1] is not None else None,
        by=tuple(names.column(Name(word)).text for word in by),
        notes=tuple(dict.fromkeys(reading.notes)),
        family_span=model[0].span,
    )


def _followed(statement: Said, reading: _Reading) -> None:
    """What a statement says of parameters and of names; `model`, `random` and rows have their turn later."""
    text = str(statement.span)
    if statement.word == "parms":
        last = ""
        for name, value in _START.findall(text[len("parms") :].partition("/")[0]):
            last = name if name.lower() not in ("to", "by") and name else last
            if last and not value:
                reading.start.setdefault(last, 1.0)
                reading.fresh.add(last)
            elif last in reading.fresh:
                reading.start[last] = float(value)
                reading.fresh.discard(last)
    elif statement.word in _PASSED:
        reading.notes.append(f"`{statement.word}` is passed over: it does not change the model")
    elif statement.word in ("model", "random", "where", "by"):
        pass
    elif re.match(r"[^\W\d]\w*\s*=(?!=)", text):
        made = parse_sas(statement.span).made
        assert made is not None
        reading.assigned[made.name.text.lower()] = reading.written_out(made.value)
    else:
        message = f"`{statement.word}` of `proc nlmixed` is not read: names are assigned, `eta = b0 + u;`"
        raise UnsupportedError(message, statement.span)


def _model(statement: Said, reading: _Reading) -> tuple[Formula, FamilyName, list[PriorStatement]]:
    """The formula, the family, and priors of parameters that have no default."""
    span = statement.span
    response, (family, count, _), places = _distribution(span)
    if len(places) != count:
        raise FormulaSyntaxError(f"`{family}` has {count} arguments here", span)
    values = [reading.value(place) for place in places]
    mean, beside = (values[0], values[1:]) if family == "gaussian" else (values[-1], values[:-1])
    if family == "gaussian":
        positive(plain(beside[0]), "the variance of `normal()`")
        if not any(isinstance(node, Name) for node in walk(beside[0])):
            message = "a residual variance that is known is not read: give it a parameter, or write `y | se(s) ~ x`"
            raise UnsupportedError(message, places[1])
    mean = plain(mean)
    named = {node.text for node in walk(mean) if isinstance(node, Name)}
    for effects in reading.effects:
        for name in (name for name in effects.names if name not in named):
            raise FormulaSyntaxError(f"the effect `{name}` stands nowhere in the mean", effects.span)
    mean = _about_means(mean, reading)
    link, inside = ("identity", mean) if family == "gaussian" else inverse_link(mean)
    parameters = _parameters(inside, reading)
    priors: list[PriorStatement] = []
    try:
        predictors = [Predictor("mu", _sum(inside, parameters, reading, span), span)]
    except NotLinearError:
        link = "identity"
        predictors = _curve(mean, parameters, reading, span)
        priors = [prior_about(f"{name}.Intercept", None, reading.start.get(name, 1.0), span) for name in parameters]
        reading.notes.append(told_about(parameters))
    if reading.start and not priors:
        reading.notes.append("the starting values of `parms` are dropped: the posterior is drawn from all over")
    trials = (Modifier("trials", (Argument(beside[0], None, span),), span),) if family == "binomial" else ()
    formula = Formula(reading.names.column(Name(response, span)), tuple(predictors), trials)
    return formula, FamilyName(family, link), priors


def _distribution(span: Span) -> tuple[str, tuple[str, int, str], list[Span]]:
    found = _MODEL.match(span.text, span.start, span.end)
    if found is None:
        raise FormulaSyntaxError("a model is written `model y ~ normal(mu, s2);`", span)
    name = found[2].lower()
    if name not in _FAMILIES:
        known = ", ".join(f"`{each}()`" for each in _FAMILIES)
        told = _OTHERS.get(name) or f"is not read{nearest(name, _FAMILIES)}; there are {known}"
        raise UnsupportedError(f"`{name}()` {told}", Span(span.text, *found.span(2)))
    return found[1], _FAMILIES[name], pieces(span.text, found.end(), closed(span.text, found.end()) - 1)


def _parameters(mean: Expr, reading: _Reading) -> list[str]:
    """What the mean is made of that is neither a column nor an effect."""
    taken = {name for each in reading.effects for name in each.names}
    named = dict.fromkeys(node.text for node in walk(mean) if isinstance(node, Name))
    columns = reading.names.columns
    found = [name for name in named if name not in taken and (name in reading.start or name not in columns)]
    if not columns:
        found = [name for name in found if name in reading.start]
        if not reading.start:
            message = "`proc nlmixed` names its parameters in `parms`, as in `parms b0=1 s2=1;`"
            raise FormulaSyntaxError(message, mean.span)
    return found


def _about_means(mean: Expr, reading: _Reading) -> Expr:
    """The mean with effects about zero: those about `b` are `b` and an effect."""
    about = {
        name: centre
        for each in reading.effects
        for name, centre in zip(each.names, each.means, strict=True)
        if centre != Number(0.0)
    }

    def change(node: Expr) -> Expr | None:
        centre = about.get(node.text) if isinstance(node, Name) else None
        return None if centre is None else Binary("+", centre, node, node.span)

    return rewritten(mean, change)


# A sum of terms


def _sum(inside: Expr, parameters: Sequence[str], reading: _Reading, span: Span) -> Expr:
    """The terms of a linear predictor.

    Raises
    ------
    NotLinearError
    """
    effects = {name: each for each in reading.effects for name in each.names}
    found = products_of(inside, {*parameters, *effects})
    alone = [product for product in found if not any(name in effects for name in product.names)]
    varying = [product for product in found if product not in alone]
    names = [name for product in alone for name in product.names]
    if len(names) > len(set(names)) or any(len(product.names) > 1 for product in alone):
        raise NotLinearError
    constant = any(product.names and not product.columns for product in alone)
    terms = [_term(product, span) for product in alone if product.names and product.columns]
    terms += [_offset(product, span) for product in alone if not product.names and product.number]
    signs = [product.names[0] for product in alone if product.names and product.number < 0]
    reading.notes += [f"`{name}` is taken away in the program: the coefficient has the opposite sign" for name in signs]
    groups = [_group(each, varying, span) for each in reading.effects]
    return total([Number(float(constant), span), *terms, *groups])


def _term(product: Product, span: Span) -> Expr:
    return crossed([_column(part, span) for part in product.columns])


def _column(part: Expr, span: Span) -> Expr:
    """A column as a term: arithmetic stands in `I()`."""
    value = number(part)
    return value if isinstance(value, Name | Call) else Call("I", (Argument(value, None, span),), span)


def _offset(product: Product, span: Span) -> Expr:
    if not product.columns:
        raise NotLinearError
    value = number(product.columns[0])
    for part in product.columns[1:]:
        value = Binary("*", value, number(part), span)
    value = value if product.number == 1.0 else Binary("*", literal(product.number), value, span)
    return Call("offset", (Argument(value, None, span),), span)


def _group(effects: Effects, varying: Sequence[Product], span: Span) -> Expr:
    """`(1 + x | g)`; of effects whose variance is a number, a parameter beside each says its size."""
    parts: list[Expr] = []
    constant = 0
    for name in effects.names:
        own = [product for product in varying if name in product.names]
        if len(own) != 1 or len(own[0].names) != 1 + effects.known:
            raise NotLinearError
        constant += not own[0].columns
        parts += [_term(own[0], span)] if own[0].columns else []
    if constant > 1:
        raise NotLinearError
    left = total([Number(float(constant), span), *parts]) if parts else Number(1.0, span)
    structure = "us" if effects.correlated or len(effects.names) == 1 else "diag"
    return group_term(structure, left, effects.group, span)


# Arithmetic

_CALLED = {"probnorm": "Phi", "logistic": "inv_logit", "max": "fmax", "min": "fmin"}


def _curve(mean: Expr, parameters: Sequence[str], reading: _Reading, span: Span) -> list[Predictor]:
    """The mean as arithmetic of parameters, and of effects, each a parameter that varies about zero."""
    taken = [name for name in parameters if name in ("mu", "sigma")]
    if taken:
        raise FormulaSyntaxError(f"`{taken[0]}` is the response's own parameter here: call this one otherwise", span)

    def change(node: Expr) -> Expr | None:
        match node:
            case Call(function, arguments) if function in _CALLED:
                own = tuple(replace(a, value=rewritten(a.value, change)) for a in arguments)
                return replace(node, function=_CALLED[function], arguments=own)
            case Binary(operator) if operator in ("==", "!=", "<", "<=", ">", ">=", "&", "|"):
                return number(node)
            case _:
                return None

    found = [Predictor("mu", rewritten(_parenthesised(mean), change), span, curve=True)]
    found += [Predictor(name, Number(1.0, span), span) for name in parameters]
    for place, effects in enumerate(reading.effects, start=1):
        if effects.known:
            message = "effects with known variances are not read beside arithmetic: give the variance a parameter"
            raise UnsupportedError(message, effects.span)
        for name in effects.names:
            left: Expr = Number(1.0, span)
            left = Binary("|", left, Name(f"id{place}"), span) if effects.correlated else left
            bar = Parens(Binary("|", left, effects.group, span), span)
            found.append(Predictor(name, total([Number(0.0, span), bar]), span))
    return found


_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


def _parenthesised(expr: Expr) -> Expr:
    """The expression with the parentheses that its tree needs when it is written."""
    match expr:
        case Binary(operator, left, right, span) if operator in _STRENGTH:
            own = _STRENGTH[operator]
            sides = [_parenthesised(left), _parenthesised(right)]
            if _strength(left) < own or (operator == "^" and _strength(left) == own):
                sides[0] = Parens(sides[0], span)
            if _strength(right) < own or (_strength(right) == own and operator in "-/"):
                sides[1] = Parens(sides[1], span)
            return Binary(operator, sides[0], sides[1], span)
        case Unary(operator, operand, span):
            inner = _parenthesised(operand)
            return Unary(operator, Parens(inner, span) if _strength(operand) < 2 else inner, span)
        case Call(_, arguments):
            return replace(expr, arguments=tuple(replace(a, value=_parenthesised(a.value)) for a in arguments))
        case _:
            return expr


def _strength(expr: Expr) -> int:
    match expr:
        case Binary(operator):
            return _STRENGTH.get(operator, 0)
        case Unary():
            return 2
        case _:
            return 5
