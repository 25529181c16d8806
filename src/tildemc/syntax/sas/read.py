"""A SAS program in, a Statement out: the model of its last procedure that fits one, and what was dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.frames import Frame
from tildemc.syntax.rewrite import scaled_variance, summands, total
from tildemc.syntax.sas.covariances import Residuals, random_terms, residuals_of
from tildemc.syntax.sas.effects import Names, called, effect_term, given_names, products
from tildemc.syntax.sas.families import Distribution, distribution_of
from tildemc.syntax.sas.nlmixed import read_nlmixed
from tildemc.syntax.sas.program import Procedure, Said, procedures_of
from tildemc.syntax.sas.steps import data_of, data_sets, rows_of
from tildemc.syntax.sas.written import Option, Response, Sentence, parse_sas
from tildemc.syntax.statement import Estimation, Statement
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Formula, Modifier, Name, Number, Predictor
from tildemc.syntax.tree import Text as Label
from tildemc.syntax.unparse.text import formula_text

__all__ = ["read_sas"]

_READ = ("class", "classes", "model", "random", "repeated", "weight", "freq", "where", "by")
_AFTERWARDS = {
    *("lsmeans", "estimate", "contrast", "lsmestimate", "slice", "store", "output", "ods", "plot", "effectplot"),
    *("title", "title1", "title2", "footnote", "format", "label", "id", "nloptions", "covtest", "prior", "parms"),
}
"""Statements that ask something of the fitted model, or say how it is found."""
_MODEL = ("noint", "offset", "dist", "link")
_MODEL_ALIASES = {"d": "dist", "distribution": "dist", "error": "dist", "err": "dist", "nointercept": "noint"}
_MODEL_SHOWN = {
    *("solution", "s", "cl", "alpha", "ddfm", "ddf", "outp", "outpred", "outpm", "outpredm", "corrb", "covb", "corrbi"),
    *("covbi", "chisq", "htype", "e", "e1", "e2", "e3", "notest", "influence", "residual", "vciry", "intercept"),
    *("singular", "singchol", "singres", "lcomponents", "or", "oddsratio", "stdcoef", "cumulative"),
}
_POINTS = 7
"""Of quadrature where a program leaves their number to SAS."""
_METHOD = re.compile(r"\bmethod\s*=\s*\w+(?:\([^)]*\))?", re.IGNORECASE)
_EMPIRICAL = re.compile(r"\bempirical\b(?:\s*=\s*\w+)?", re.IGNORECASE)


@dataclass
class _Reading:
    """What the parts of one reading share."""

    names: Names
    notes: list[str] = field(default_factory=list)


def read_sas(text: str, columns: Sequence[str] | None = None) -> Statement:
    """The model that a program of PROC MIXED, GLIMMIX or NLMIXED writes.

    Parameters
    ----------
    text : str
    columns : sequence of str, optional
        The data's columns: SAS takes names in any case of letters.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    *_, procedure = procedures_of(text)
    reading = _Reading(Names(tuple(columns or ())))
    data = data_sets(procedure.before, reading.names)
    frame = data_of(data, procedure.head)
    reading.notes += [*data.notes, *frame.notes]
    if procedure.name == "nlmixed":
        return read_nlmixed(procedure, frame, reading.names, reading.notes)
    return _mixed(procedure, frame, reading)


def _mixed(procedure: Procedure, frame: Frame, reading: _Reading) -> Statement:
    """The model that PROC MIXED or GLIMMIX writes."""
    _told(procedure, reading)
    said = {word: [s for s in procedure.statements if s.word.startswith(word)] for word in _READ}
    _classes(said["class"], reading)
    model = _only(said["model"], procedure)
    sentence = parse_sas(model.span)
    options = _options(sentence.options)
    assert sentence.response is not None
    likelihood = distribution_of(
        options.get("dist"), options.get("link"), sentence.response.trials is not None, procedure.name
    )
    reading.notes += likelihood.notes
    response, modifiers = _response(sentence.response, likelihood, reading)
    random, residuals = _random(procedure, reading)
    right = _right(sentence, options, random, residuals, model.span, reading)
    weighted, sigma = _weighted(said, residuals, likelihood, reading)
    predictors = (Predictor("mu", right, model.span), *sigma)
    formula = Formula(response, predictors, (*modifiers, *weighted))
    return Statement(
        replace(formula, text=formula_text(formula)),
        "sas",
        str(likelihood.family),
        data=frame.name,
        file=frame.file,
        steps=frame.steps,
        rows=_rows(said["where"], reading),
        by=tuple(name for statement in said["by"] for name in _by(statement, reading)),
        notes=tuple(dict.fromkeys(reading.notes)),
        family_span=likelihood.span or procedure.head.span,
        estimation=_estimation(procedure),
    )


def _estimation(procedure: Procedure) -> Estimation:
    """How the procedure estimates: by REML, or pseudo-likelihood of what is not Gaussian, unless `method=` says it."""
    found = _METHOD.search(str(procedure.head.span))
    said = "" if found is None else found.group().partition("=")[2].strip().lower()
    points = 1 if said.startswith("laplace") else None
    if said.startswith("quad"):
        number = re.search(r"qpoints\s*=\s*(\d+)", said)
        points = int(number[1]) if number is not None else _POINTS
    return Estimation("sas", "ml" if said in ("ml", "mspl", "mmpl") or points is not None else "reml", points)


# Statements


def _told(procedure: Procedure, reading: _Reading) -> None:
    """Name what is passed over, and refuse what is neither that nor read."""
    for statement in procedure.statements:
        if statement.word == "parms" and re.search(r"/[\s\S]*\b(?:hold|eqcons|noiter)\b", str(statement.span)):
            raise UnsupportedError("covariances that `parms` holds at values are not built", statement.span)
        if statement.word in _AFTERWARDS:
            reading.notes.append(f"`{statement.word}` is passed over: it does not change the model")
        elif statement.word not in _READ:
            hint = nearest(statement.word, (*_READ, *sorted(_AFTERWARDS)))
            message = f"`proc {procedure.name}` has no statement `{statement.word}` here{hint}"
            raise UnsupportedError(message, statement.span)
    for found in (_METHOD.search(str(procedure.head.span)), _EMPIRICAL.search(str(procedure.head.span))):
        if found is not None:
            how = "is a way to estimate; here the posterior is drawn"
            reading.notes.append(f"`{found.group()}` is dropped: it {how}")


def _only(said: Sequence[Said], procedure: Procedure) -> Said:
    if len(said) != 1:
        message = f"`proc {procedure.name}` has one `model` statement, as in `model y = x;`"
        raise FormulaSyntaxError(message, said[1].span if said else procedure.head.span)
    return said[0]


def _by(statement: Said, reading: _Reading) -> list[str]:
    """The columns for each of whose values there is a model: `by arm descending site;` orders them only."""
    words = [word for word in str(statement.span).split()[1:] if word.lower() not in ("descending", "notsorted")]
    return [reading.names.column(Name(word)).text for word in words]


def _classes(said: Sequence[Said], reading: _Reading) -> None:
    for statement in said:
        sentence = parse_sas(statement.span)
        for one in sentence.classes:
            reading.names.classes[reading.names.column(one.name).text] = one
        for option in sentence.options:
            if option.name == "ref" and option.value and option.value[0].word.lower() == "first":
                reading.names.first = True
            elif option.name not in ("ref", "truncate"):
                message = f"`{option.name}` of `class` is not read; the reference is named as in `class arm(ref='a')`"
                raise UnsupportedError(message, option.span)


def _rows(said: Sequence[Said], reading: _Reading) -> Expr | None:
    """The condition of the last `where`."""
    if not said:
        return None
    condition = parse_sas(said[-1].span).condition
    assert condition is not None
    return rows_of(condition, reading.names)


# The formula


def _options(options: Sequence[Option]) -> dict[str, Option]:
    found: dict[str, Option] = {}
    for option in options:
        name = _MODEL_ALIASES.get(option.name, option.name)
        if name not in _MODEL and name not in _MODEL_SHOWN:
            hint = nearest(name, (*_MODEL, "solution", "ddfm"))
            raise UnsupportedError(f"the option `{option.name}` of `model` is not read here{hint}", option.span)
        found[name] = option
    return found


def _response(response: Response, likelihood: Distribution, reading: _Reading) -> tuple[Expr, tuple[Modifier, ...]]:
    """The response, what success is, and how many trials there are."""
    column = reading.names.column(response.name)
    if response.trials is not None:
        trials = reading.names.column(response.trials)
        return column, (Modifier("trials", (Argument(trials),), trials.span),)
    settings = {setting.name: setting for setting in response.settings}
    event = settings["event"].value if "event" in settings else None
    if not likelihood.of_events:
        return column, ()
    if "descending" in settings or "desc" in settings or (event or "").lower() == "last":
        return column, ()
    if event is None or event.lower() == "first":
        message = (
            f"SAS models the first of the two values unless told otherwise; say which, as in "
            f"`model {response.name.text}(event='1') = …`"
        )
        raise FormulaSyntaxError(message, response.name.span)
    number = re.fullmatch(r"-?\d+(?:\.\d*)?", event) is not None
    value: Expr = Number(float(event)) if number else Label(event)
    return Binary("==", column, value, column.span), ()


def _right(
    sentence: Sentence, options: dict[str, Option], random: list[Expr], residuals: Residuals, place: Span,
    reading: _Reading,
) -> Expr:  # fmt: skip
    """The predictor of mu."""
    terms = [effect_term(product, reading.names) for effect in sentence.effects for product in products(effect)]
    intercept = Number(0.0, place) if "noint" in options else None
    parts: list[Expr] = ([] if intercept is None else [intercept]) + list(dict.fromkeys(terms))
    parts = parts or [Number(1.0, place)]
    if "offset" in options:
        columns = given_names(options["offset"].value)
        if len(columns) != 1:
            raise FormulaSyntaxError("`offset` names a column, as in `offset=logn`", options["offset"].span)
        parts.append(called("offset", reading.names.column(columns[0])))
    return total([*parts, *random, *([] if residuals.term is None else [residuals.term])])


def _random(procedure: Procedure, reading: _Reading) -> tuple[list[Expr], Residuals]:
    """The group terms, and what is said of residuals."""
    groups: list[Expr] = []
    residuals: list[Residuals] = []
    for statement in procedure.statements:
        if statement.word not in ("random", "repeated"):
            continue
        sentence = parse_sas(statement.span)
        named = [name.text.lower() for effect in sentence.effects for name in effect.names]
        of_rows = "_residual_" in named or any(option.name in ("residual", "rside") for option in sentence.options)
        if statement.word == "repeated" or of_rows:
            residuals.append(residuals_of(sentence, reading.names, statement.span))
        else:
            groups += random_terms(sentence, reading.names, statement.span)
        if len(residuals) > 1:
            raise UnsupportedError("residuals are described once; join these statements", statement.span)
    return groups, residuals[0] if residuals else Residuals()


def _weighted(
    said: dict[str, list[Said]], residuals: Residuals, likelihood: Distribution, reading: _Reading
) -> tuple[tuple[Modifier, ...], tuple[Predictor, ...]]:
    """What `freq`, `weight` and `group=` say: how often a row counts, and the sd of residuals."""
    freq = [_column(statement, reading) for statement in said["freq"]]
    weight = [_column(statement, reading) for statement in said["weight"]]
    modifiers = tuple(Modifier("weights", (Argument(column),), column.span) for column in freq)
    if likelihood.family.name != "gaussian":
        if residuals.by is not None or residuals.term is not None:
            message = "residual effects of a family that is not normal are quasi-likelihood, which is no model of data"
            raise UnsupportedError(f"{message}; write `random` effects", likelihood.span)
        return (*modifiers, *(Modifier("weights", (Argument(column),), column.span) for column in weight)), ()
    levels = [] if residuals.by is None else [called("by", residuals.by)]
    if not weight:
        return modifiers, tuple(Predictor("sigma", level, level.span) for level in levels)
    scaled = scaled_variance(weight[0], -0.5)
    if residuals.by is not None:
        known = [part for part in summands(scaled) if isinstance(part, Call)]
        scaled = total([Number(0.0, weight[0].span), called("factor", residuals.by), *known])
    return modifiers, (Predictor("sigma", scaled, weight[0].span),)


def _column(statement: Said, reading: _Reading) -> Name:
    name = parse_sas(statement.span).name
    assert name is not None
    return reading.names.column(name)
