"""What stands around or beside a response and says something else: Bambi's `p(s, n) ~ x`, brms's `y | subset(i)`."""

from __future__ import annotations

from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.syntax.matching import Signature
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Formula, Modifier, Name, Parens

__all__ = ["response_within", "rows_within"]

_TRIALS = ("trials", ("successes", "n"), ("n",))
_LIMITS = ("trunc", ("x", "lb", "ub"), ("lb", "ub"))
_AROUND: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "p": _TRIALS,
    "prop": _TRIALS,
    "proportion": _TRIALS,
    "weighted": ("weights", ("x", "weights"), ("weights",)),
    "truncated": _LIMITS,
    "constrained": _LIMITS,
}
"""What each is here, what it calls its arguments, the response first, and those that stand beside it."""


def response_within(left: Expr) -> tuple[Expr, tuple[Modifier, ...]]:
    """The response, and what a function around it says of it.

    Raises
    ------
    FormulaSyntaxError
        If the function lacks an argument.
    """
    match left:
        case Call("censored", arguments, span):
            names = ("lower", "upper", "status") if len(arguments) > 2 else ("x", "status")
            found = Signature("censored", names, names, error=FormulaSyntaxError).match(arguments, span)
            others = [found["status"].value, *([found["upper"].value] if "upper" in found else [])]
            return found[names[0]].value, (Modifier("cens", tuple(Argument(o, None, o.span) for o in others), span),)
        case Call(function, arguments, span) if function in _AROUND:
            name, known, beside = _AROUND[function]
            needed = known[:1] if len(beside) > 1 else known
            found = Signature(function, known, needed, error=FormulaSyntaxError).match(arguments, span)
            response = found.pop(known[0]).value
            if not found:
                raise FormulaSyntaxError(f"`{function}()` needs {' or '.join(f'`{b}`' for b in beside)}", span)
            return response, (Modifier(name, tuple(_beside(found[b], b, beside) for b in beside if b in found), span),)
        case _:
            return left, ()


def rows_within(statement: Statement) -> Statement:
    """`y | subset(i)`, the rows of a response, as the rows of the model.

    Raises
    ------
    SemanticError, UnsupportedError
        If it is not one condition, or not that of all responses.
    """
    each = [_asked(formula) for formula in statement.formula.each]
    asked = next((modifier for modifiers in each for modifier in modifiers), None)
    if asked is None:
        return statement
    if any(modifiers != each[0] for modifiers in each):
        message = (
            "`subset()` gives each of several responses rows of its own, which is not built: model them one by one"
        )
        raise UnsupportedError(message, asked.span)
    match [argument for modifier in each[0] for argument in modifier.arguments]:
        case [Argument(Name() as said, None)]:
            # brms takes a column of 0 and 1 for truths.
            condition: Expr = Call("as.logical", (Argument(said, None, said.span),), said.span)
        case [Argument(condition, None)]:
            pass
        case _:
            raise SemanticError("`subset()` takes one condition, as in `y | subset(x > 1)`", asked.span)
    rows = condition if statement.rows is None else Binary("&", Parens(statement.rows), Parens(condition))
    first, *others = (_without(formula, each[0]) for formula in statement.formula.each)
    return replace(statement, formula=replace(first, others=tuple(others)), rows=rows)


def _asked(formula: Formula) -> tuple[Modifier, ...]:
    return tuple(modifier for modifier in formula.modifiers if modifier.function == "subset")


def _without(formula: Formula, asked: tuple[Modifier, ...]) -> Formula:
    return replace(formula, modifiers=tuple(modifier for modifier in formula.modifiers if modifier not in asked))


def _beside(argument: Argument, name: str, beside: tuple[str, ...]) -> Argument:
    """The argument as the modifier has it: by name where there are several."""
    return Argument(argument.value, name if len(beside) > 1 else None, argument.value.span)
