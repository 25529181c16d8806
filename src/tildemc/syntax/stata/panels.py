"""The panel of an `xt` command, and what `fe` and `absorb()` make of groups: population effects of a factor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.syntax.stata.equations import variables_of
from tildemc.syntax.stata.reading import Reading
from tildemc.syntax.stata.series import Panel
from tildemc.syntax.stata.tables import Estimator
from tildemc.syntax.stata.varlist import Base, Categorical, Continuous, Product, columns_named, products
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import Option
from tildemc.syntax.steps import Complete, Keep, Make, Step
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number

__all__ = ["absorbed_products", "between_panels", "panel_of"]


def panel_of(estimator: Estimator, options: Mapping[str, Option], panel: Panel | None, reading: Reading) -> Word | None:
    """The panel variable of an `xt` command.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    if estimator.kind != "panel":
        return None
    if "pa" in options:
        message = "`pa`, the population average: no such likelihood is built; `re` is"
        raise UnsupportedError(message, options["pa"].span)
    if "fe" in options and estimator.conditional:
        raise UnsupportedError(f"`{estimator.name}, fe` {estimator.conditional}", options["fe"].span)
    if estimator.refused and "normal" not in options and "fe" not in options:
        span = options["re"].span if "re" in options else reading.place(estimator.name)
        raise UnsupportedError(f"`{estimator.name}` {estimator.refused}", span)
    if estimator.name == "xtreg" and not {"fe", "be"} & options.keys() and "mle" not in reading.dropped:
        reading.notes.append("`xtreg, re` is generalised least squares in Stata; here it is the model of `xtreg, mle`")
    if "i" in options and options["i"].given:
        first = options["i"].given[0]
        return Word(first.text, first.span)
    if panel is not None and panel.variable is not None:
        return panel.variable
    message = f"`{estimator.name}` needs the panel variable: write `xtset panel` on a line before, or `i(panel)`"
    raise SemanticError(message, reading.place(estimator.name))


def between_panels(
    found: Sequence[Product], response: Name, panel: Word, rows: Expr | None, reading: Reading
) -> tuple[Step, ...]:
    """What `xtreg, be` does to the data first: the mean of each column in each panel, and one row of each.

    Raises
    ------
    UnsupportedError
        If predictors are other than columns.
    """
    if "wls" in reading.dropped:
        raise UnsupportedError("`wls` of `be` is not built: means count alike", reading.place("wls"))
    columns = [response]
    for product in found:
        match product:
            case (Continuous(name, span),):
                columns.append(Name(name, span))
            case _:
                message = "`be` is of means of columns here: make columns of factors and products before"
                raise UnsupportedError(message, product[0].span)
    by = Name(columns_named(panel, reading.columns)[0], panel.span)
    chosen = () if rows is None else (Keep(rows, rows.span),)
    means = (Make(c.text, Call("mean", (Argument(c, None, c.span),), c.span), (by,), c.span) for c in columns)
    first = Make("_n", Call("row_number", (), panel.span), (by,), panel.span)
    one = Keep(Binary("==", Name("_n"), Number(1.0)), panel.span)
    reading.notes.append("`be`: the model is of the means of each panel, in one row each")
    return (*chosen, Complete((*columns, by)), *means, first, one)


def absorbed_products(
    estimator: Estimator, options: Mapping[str, Option], panel: Word | None, reading: Reading
) -> list[Product]:
    """The factors whose effects Stata takes out of the data, of `fe` or `absorb()`.

    Raises
    ------
    FormulaSyntaxError
        If `absorb()` is missing, or is no list of variables.
    """
    if panel is not None and "fe" in options:
        name = columns_named(panel, reading.columns)[0]
        reading.notes.append(_FIXED.format("fe", name))
        return [(Categorical(name, Base(), options["fe"].span),)]
    if not estimator.absorbs or "noabsorb" in options:
        return []
    if "absorb" not in options or not options["absorb"].given:
        message = f"`{estimator.name}` needs the groups, as in `absorb(group)`"
        raise FormulaSyntaxError(
            message, options["absorb"].span if "absorb" in options else reading.place(estimator.name)
        )
    option = options["absorb"]
    terms, _ = variables_of(option)
    found = [_grouped(product) for product in products(terms, reading.columns)]
    reading.notes.append(_FIXED.format(option.span, " and ".join("#".join(v.name for v in p) for p in found)))
    return found


def _grouped(product: Product) -> Product:
    """What is absorbed is a factor, though it is a bare name."""
    match product:
        case (Continuous(name, span),) if not re.match(r"[cC]\.", str(span)):
            return (Categorical(name, Base(), span),)
        case _:
            return product


_FIXED = (
    "`{}`: the effects of {} are population effects of a factor, whose first level is the reference; Stata shows "
    "their mean as the constant. What does not vary within a level is not told apart from them, and Stata drops it"
)
