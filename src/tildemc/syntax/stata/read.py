"""The text of a Stata command in, a Statement out: the model it means, and what was dropped on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.rewrite import called, scaled_variance, total
from tildemc.syntax.stata.apart import set_apart
from tildemc.syntax.stata.bases import with_bases
from tildemc.syntax.stata.bayes import bayes_priors
from tildemc.syntax.stata.coding import Coded, code
from tildemc.syntax.stata.commas import check_commas
from tildemc.syntax.stata.estimation import estimation_of
from tildemc.syntax.stata.families import Likelihood, column_or_number, read_family
from tildemc.syntax.stata.levels import Level, Options, not_a_residual, read_levels, weight_of_rows
from tildemc.syntax.stata.lines import first_word
from tildemc.syntax.stata.menl import read_menl
from tildemc.syntax.stata.other_models import refuse_others
from tildemc.syntax.stata.panels import absorbed_products, between_panels, panel_of
from tildemc.syntax.stata.pasted import Pasted, refuse_unread
from tildemc.syntax.stata.places import of_places
from tildemc.syntax.stata.prefixes import with_prefixes
from tildemc.syntax.stata.priors import Subject
from tildemc.syntax.stata.reading import Reading, shown
from tildemc.syntax.stata.residuals import Residuals, read_residuals
from tildemc.syntax.stata.rows import Weighted, needed_by, of_rows, read_weight
from tildemc.syntax.stata.script import last_model
from tildemc.syntax.stata.series import Panel, declared, series_in, series_steps
from tildemc.syntax.stata.tables import (
    LEVEL_OPTIONS,
    MENL,
    Estimator,
    find_command,
    find_option,
    options_of,
)
from tildemc.syntax.stata.varlist import columns_named, one_column, products
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import Command, Equation, Option, Term, parse_command
from tildemc.syntax.statement import Statement
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
)
from tildemc.syntax.unparse.text import formula_text

__all__ = ["read_stata"]


def read_stata(
    text: str, columns: Sequence[str] | None = None, panel: str | None = None, priors: str = "tildemc"
) -> Statement:
    """The last model of a Stata command, a do-file or a log.

    Parameters
    ----------
    text : str
        With comments, macros, loops, and what is done to the data before the model.
    columns : sequence of str, optional
        The data's columns, for wildcards, ranges and abbreviations.
    panel : str, optional
        The panel variable of the `xt` commands, or it and the time, where the text declares none.
    priors : {"tildemc", "stata"}
        Whose default priors hold.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    pasted = last_model(text, columns)
    known = pasted.columns(columns)
    with pasted.line.told():
        if first_word(pasted.command)[0] == MENL:
            statement = read_menl(pasted.command, known, priors)
        else:
            statement = _statement(pasted, known, panel, priors)
    return pasted.finished(statement, columns)


def _statement(pasted: Pasted, columns: Sequence[str] | None, given: str | None, priors: str) -> Statement:
    """What one command says."""
    command, estimator = _command(pasted, columns)
    reading = Reading(pasted.command, columns)
    options, by_equation = _options(command, estimator, reading)
    sample = with_prefixes(command.fixed, command.prefixes, pasted.survey, reading)
    panel = declared(given, pasted.panel)
    grouped = panel_of(estimator, options, panel, reading)
    levels = read_levels(list(zip(command.levels, by_equation, strict=True)), columns)
    kind, terms = _kind(command, estimator)
    responses, terms = _responses(terms, command, estimator, reading, pasted.unread)
    absorbed = absorbed_products(estimator, options, grouped, reading)
    fixed = code([*products(terms, columns), *absorbed], intercept="noconstant" not in options)
    reading.notes += fixed.notes
    likelihood = read_family(estimator, options, columns, command.name.span, responses[0], kind)
    reading.notes += likelihood.notes
    for level in levels:
        reading.notes += level.notes
        reading.notes += not_a_residual(level, fixed.products) if likelihood.family.name == "gaussian" else ()
    weighted = read_weight(sample.weight, estimator, weight_of_rows(levels))
    reading.notes += weighted.notes
    between = grouped if "be" in options else None
    right = _right(fixed, levels, options, None if absorbed or between else grouped, reading)
    residuals = _residuals(options, levels, reading)
    right = right if residuals.term is None else total([right, residuals.term])
    sigma = _sigma(options, weighted, residuals)
    predictors = (Predictor("mu", right, command.span), *likelihood.predictors, *sigma)
    formula = _formula(_coded_response(responses, estimator, options, reading), predictors, likelihood, weighted)
    gaussian, counts = likelihood.family.name == "gaussian", likelihood.family.name == "negbinomial"
    subject = Subject(responses[0].text, fixed, levels, gaussian, counts, columns)
    statement = Statement(
        formula,
        "stata",
        str(likelihood.family),
        tuple(bayes_priors(command.prefixes, subject, priors, reading, hazards=likelihood.hazards)),
        default_priors=priors,
        family_span=likelihood.span,
        estimation=estimation_of(estimator, likelihood.family.name, reading.dropped),
    )
    statement = _of_rows(statement, sample, pasted, panel, reading)
    if between is not None:
        first = between_panels(fixed.products, responses[0], between, statement.rows, reading)
        statement = replace(statement, steps=(*statement.steps, *first), rows=None)
    notes, display = tuple(dict.fromkeys(reading.notes)), tuple(dict.fromkeys(reading.display))
    return set_apart(replace(statement, notes=notes, display=display), command.prefixes)


def _command(pasted: Pasted, columns: Sequence[str] | None) -> tuple[Command, Estimator]:
    """The parts of a command, with the bases that are declared, and what it fits."""
    refuse_others(pasted.command, pasted.command)
    command = parse_command(pasted.command, pasted.command)
    estimator = find_command(command.name)
    if estimator.kind != "multilevel" and command.levels:
        message = f"`{estimator.name}` has no levels; `mixed` and the `me` commands do"
        raise FormulaSyntaxError(message, command.levels[0].level.span if command.levels[0].level else None)
    command = with_bases(command, pasted.bases)
    check_commas(command, options_of(estimator), columns)
    return command, estimator


def _of_rows(
    statement: Statement, sample: Equation, pasted: Pasted, panel: Panel | None, reading: Reading
) -> Statement:
    """The same with what it asks of rows, after the steps that make its columns of other rows."""
    statement = of_rows(statement, sample, needed_by(statement.formula.predictors))
    reading.notes += statement.notes
    rows, places = (None, ()) if statement.rows is None else of_places(statement.rows, (), pasted.order)
    statement = replace(statement, rows=rows)
    series = series_steps(series_in(_expressions(statement), reading.columns), panel)
    return replace(statement, steps=(*series, *places))


def _expressions(statement: Statement) -> list[Expr]:
    """What a statement computes of columns."""
    formula = statement.formula
    found = [formula.response, *(predictor.right for predictor in formula.predictors)]
    found += [argument.value for modifier in formula.modifiers for argument in modifier.arguments]
    return found if statement.rows is None else [*found, statement.rows]


# Options


def _options(command: Command, estimator: Estimator, reading: Reading) -> tuple[dict[str, Option], list[Options]]:
    """The options of the command, and those of each level: the last level's comma holds both."""
    known = options_of(estimator)
    options: dict[str, Option] = {}
    by_equation: list[Options] = []
    for equation in (command.fixed, *command.levels):
        own: list[tuple[str, Option]] = []
        for option in equation.options:
            name, use = find_option(option, known, f"`{estimator.name}`")
            if option.name.text == "nointercept":
                reading.notes.append("`nointercept` is read as `noconstant`, which is Stata's name for it")
            if use == "display":
                reading.display.append(shown(name, option))
            elif use:
                reading.dropped[name] = option
                reading.notes.append(f"`{option.span}` is dropped: {use}")
            elif equation.level is not None and name in LEVEL_OPTIONS:
                own.append((name, option))
            elif equation.level is None and name in LEVEL_OPTIONS - {"noconstant"}:
                message = f"`{name}` belongs to a level: write it after the comma of `|| level:`"
                raise FormulaSyntaxError(message, option.span)
            elif name in options:
                raise FormulaSyntaxError(f"`{name}` stands twice", option.span)
            else:
                options[name] = option
        if equation.level is not None:
            by_equation.append(own)
    return options, by_equation


# The formula


def _kind(command: Command, estimator: Estimator) -> tuple[str, list[Term]]:
    """The word that says which of its models a command means, where one must, and what follows it."""
    terms = [part for term in command.fixed.terms[:1] for part in _distributed(term)] + list(command.fixed.terms[1:])
    if not estimator.kinds:
        return "", terms
    listed = " or ".join(f"`{kind}`" for kind in estimator.kinds)
    word = terms[0].parts[0].name if terms else None
    if word is None or word.text not in estimator.kinds:
        place = command.name.span if word is None else word.span
        raise FormulaSyntaxError(f"{listed} must follow `{command.name.text}`", place)
    return word.text, terms[1:]


def _distributed(term: Term) -> list[Term]:
    """The terms of `D.(y x1 x2)`, each under the operators before the parenthesis."""
    part = term.parts[0]
    if term.joints or part.name is not None or any(inner.joints for inner in part.inner):
        return [term]
    return [
        replace(inner, parts=(replace(inner.parts[0], operators=(*part.operators, *inner.parts[0].operators)),))
        for inner in part.inner
    ]


def _coded_response(
    responses: list[Name], estimator: Estimator, options: dict[str, Option], reading: Reading
) -> list[Expr]:
    """The response, with the category that others are compared with as its first."""
    if "baseoutcome" not in options:
        if any(option.replace(":", "") == "baseoutcome" for option in options_of(estimator)):
            reading.notes.append(
                f"`{estimator.name}` compares with the most frequent category, which is another model's first here: "
                "`baseoutcome(#)` names it"
            )
        return list(responses)
    option = options["baseoutcome"]
    base = Argument(column_or_number((option.given or ())[0], None), "ref", option.span) if option.given else None
    if base is None or not isinstance(base.value, Number):
        raise FormulaSyntaxError("`baseoutcome()` takes a category's number, as in `baseoutcome(1)`", option.span)
    factor = called("factor", responses[0], span=responses[0].span)
    return [Call("relevel", (Argument(factor), base), responses[0].span)]


def _responses(
    terms: list[Term], command: Command, estimator: Estimator, reading: Reading, unread: Mapping[str, TildeError]
) -> tuple[list[Name], list[Term]]:
    """The response, two for an interval, and the terms after it."""
    count = estimator.responses
    if len(terms) < count:
        what = "a response" if count == 1 else "two responses, the ends of the intervals,"
        message = f"{what} must follow `{command.name.text}`, as in `mixed y x || g:`"
        raise FormulaSyntaxError(message, command.name.span)
    names = [one_column([term], reading.columns, "the response") for term in terms[:count]]
    if count == 0:
        refuse_unread("_t", unread, reading.columns or ())
        if reading.columns is not None and not {"_t", "_d"} <= set(reading.columns):
            message = (
                f"`{command.name.text}` takes the times and failures that `stset` declares: write "
                "`stset time, failure(died)` on a line before, or give columns `_t` and `_d`"
            )
            raise SemanticError(message, command.name.span)
        reading.notes.append("the survival times and failures are those of `stset`, the columns `_t` and `_d`")
        return [Name("_t", command.name.span)], terms
    return [Name(name, span) for name, span in names], terms[count:]


def _right(
    fixed: Coded,
    levels: Sequence[Level],
    options: dict[str, Option],
    panel: Word | None,
    reading: Reading,
) -> Expr:
    """The predictor of mu."""
    place = Span(reading.text, 0, 0)
    parts: list[Expr] = [] if fixed.intercept else [Number(0.0, place)]
    parts += fixed.terms
    groups = [term for level in levels for term in level.terms]
    if panel is not None:
        name = columns_named(panel, reading.columns)[0]
        bar = Binary("|", Number(1.0, panel.span), Name(name, panel.span), panel.span)
        groups.append(Parens(bar, panel.span))
    if not parts:
        parts = [Number(1.0, place)]
    for name in ("offset", "exposure", "lnoffset"):
        if name in options:
            parts.append(_offset(name, options[name], reading))
    return total([*parts, *groups])


def _offset(name: str, option: Option, reading: Reading) -> Expr:
    words = option.given or ()
    if len(words) != 1:
        raise FormulaSyntaxError(f"`{name}()` takes one variable", option.span)
    value = column_or_number(words[0], reading.columns)
    if name != "offset":
        value = called("log", value, span=option.span)
    return called("offset", value, span=option.span)


def _residuals(options: dict[str, Option], levels: Sequence[Level], reading: Reading) -> Residuals:
    """What residuals() says: rows go together within the lowest level."""
    nested = [level.factor for level in levels if level.factor and not level.crossed]
    return (
        read_residuals(options["residuals"], reading.columns, nested[-1] if nested else ())
        if "residuals" in options
        else Residuals()
    )


def _sigma(options: dict[str, Option], weighted: Weighted, residuals: Residuals) -> list[Predictor]:
    """What residuals() or analytic weights say of sigma."""
    if "constraints" in options:
        raise UnsupportedError("constraints are not built", options["constraints"].span)
    if "residuals" in options:
        return [] if residuals.sigma is None else [residuals.sigma]
    if weighted.variance is None:
        return []
    return [Predictor("sigma", scaled_variance(weighted.variance, -0.5), weighted.variance.span)]


def _formula(
    responses: Sequence[Expr], predictors: tuple[Predictor, ...], likelihood: Likelihood, weighted: Weighted
) -> Formula:
    modifiers = list(likelihood.modifiers)
    if len(responses) == 2:
        # An interval whose ends are one number is that number.
        wide = Parens(Binary("<", responses[0], responses[1]), responses[1].span)
        interval = Argument(Binary("*", Number(2.0), wide, responses[1].span), None, responses[1].span)
        upper = Argument(responses[1], None, responses[1].span)
        # An end that is missing is infinite.
        modifiers.append(Modifier("cens", (interval, upper, Argument(Constant(True), "open")), responses[1].span))
    if responses[0] == Name("_t"):
        failed = Binary("-", Number(1.0), Name("_d"))
        modifiers.append(Modifier("cens", (Argument(failed),), responses[0].span))
    if weighted.modifier is not None:
        modifiers.append(weighted.modifier)
    formula = Formula(responses[0], predictors, tuple(modifiers))
    return replace(formula, text=formula_text(formula))
