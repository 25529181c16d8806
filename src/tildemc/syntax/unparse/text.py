"""Formula in, formula text out: the one front end that can say all that the tree holds."""

from __future__ import annotations

from tildemc.syntax.tree import Call, Constant, Expr, Formula, Modifier, Predictor, Text, deparse

__all__ = ["cells_text", "formula_text", "left_text", "modifier_text", "statement_text", "unquoted"]


def formula_text(formula: Formula, joint: str = "; ") -> str:
    """`y | weights(w) ~ x + (1 | g); sigma ~ by(arm)`; of several responses a sum of `bf()`."""
    if formula.others:
        each = [f"bf({', '.join(_told(own))})" for own in formula.each]
        told = [] if formula.rescor is None else [f"set_rescor({deparse(Constant(formula.rescor))})"]
        return " + ".join([*each, *told])
    first, *others = formula.predictors
    statements = [f"{left_text(formula)} ~ {deparse(first.right)}", *map(statement_text, others)]
    if formula.fixed or formula.nonlinear or not all(predictor.cell_means for predictor in formula.predictors):
        # What is given, and arithmetic, stands in brms's `bf()` alone.
        return f"bf({', '.join(_told(formula))})"
    return joint.join(statements)


def _told(formula: Formula) -> list[str]:
    """The arguments of `bf()`."""
    first, *others = formula.predictors
    statements = [f"{left_text(formula)} ~ {deparse(first.right)}", *map(statement_text, others)]
    told = [*map(str, formula.fixed), *(["nl = TRUE"] if first.curve else []), *cells_text(first)]
    return [*statements, *told, *([] if formula.family is None else [f"family = {formula.family}"])]


def statement_text(predictor: Predictor) -> str:
    """`sigma ~ x`, or `nlf(sigma ~ a * x)`."""
    text = f"{predictor.parameter} ~ {deparse(predictor.right)}"
    cells = cells_text(predictor)
    return f"nlf({text})" if predictor.curve else f"lf({', '.join([text, *cells])})" if cells else text


def cells_text(predictor: Predictor) -> list[str]:
    """`cmc = FALSE`, what brms is told where a factor has no coefficient for each level."""
    return [] if predictor.cell_means else ["cmc = FALSE"]


def left_text(formula: Formula) -> str:
    """What stands on the left of the first `~`."""
    known = " + ".join(modifier_text(modifier) for modifier in formula.modifiers)
    return deparse(formula.response) + (f" | {known}" if known else "")


def modifier_text(modifier: Modifier) -> str:
    """`weights(w)`."""
    return deparse(Call(modifier.function, modifier.arguments))


def unquoted(argument: Expr) -> str:
    """The text of a name, in quotes or not."""
    return argument.value if isinstance(argument, Text) else deparse(argument)
