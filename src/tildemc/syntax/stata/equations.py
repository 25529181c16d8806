"""An option that holds variables, `inflate(x i.g)`, in; the predictor of a parameter out."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.rewrite import total
from tildemc.syntax.stata.coding import code
from tildemc.syntax.stata.varlist import products
from tildemc.syntax.stata.written import Option, Term, parse_command
from tildemc.syntax.tree import Expr, Number, Predictor

__all__ = ["read_equation"]


def read_equation(option: Option, parameter: str, columns: Sequence[str] | None) -> Predictor:
    """What an option's variables say of a parameter.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    if not option.given:
        message = f"`{option.name.text}()` holds variables, or `_cons` for the constant alone"
        raise FormulaSyntaxError(message, option.span)
    text, start, end = option.span.text, option.given[0].span.start, option.span.end - 1
    # What stands in the parentheses is read as what follows the name of a command is.
    blank = " " * (start - 2) + "e " + text[start:end] + " " * (len(text) - end)
    fixed = parse_command(blank, text).fixed
    for other in fixed.options:
        if other.name.text not in _WITHOUT:
            raise UnsupportedError(f"`{other.name.text}` of `{option.name.text}()` is not built", other.span)
    terms = [term for term in fixed.terms if not _is_constant(term)]
    coded = code(products(terms, columns), intercept=not fixed.options)
    first: list[Expr] = [] if coded.intercept and terms else [Number(1.0 if coded.intercept else 0.0, option.span)]
    return Predictor(parameter, total([*first, *coded.terms]), option.span)


_WITHOUT = ("noconstant", "nocons", "noc")


def _is_constant(term: Term) -> bool:
    name = term.parts[0].name
    return len(term.parts) == 1 and name is not None and name.text == "_cons"
