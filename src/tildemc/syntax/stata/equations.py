"""An option that holds variables, `inflate(x i.g)`, in; the predictor of a parameter out."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.rewrite import total
from tildemc.syntax.stata.coding import code
from tildemc.syntax.stata.varlist import products
from tildemc.syntax.stata.written import Option, Term, parse_command
from tildemc.syntax.tree import Expr, Number, Predictor

__all__ = ["read_equation", "variables_of"]


def read_equation(option: Option, parameter: str, columns: Sequence[str] | None) -> Predictor:
    """What an option's variables say of a parameter.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    terms, options = variables_of(option)
    for other in options:
        if other.name.text not in _WITHOUT:
            raise UnsupportedError(f"`{other.name.text}` of `{option.name.text}()` is not built", other.span)
    named = [term for term in terms if not _is_constant(term)]
    coded = code(products(named, columns), intercept=not options)
    first: list[Expr] = [] if coded.intercept and named else [Number(1.0 if coded.intercept else 0.0, option.span)]
    return Predictor(parameter, total([*first, *coded.terms]), option.span)


def variables_of(option: Option) -> tuple[tuple[Term, ...], tuple[Option, ...]]:
    """The variables in an option, `option(x i.g, options)`, and the options after them.

    Raises
    ------
    FormulaSyntaxError
        With the place in the text.
    """
    if not option.given:
        message = f"`{option.name.text}()` holds variables, or `_cons` for the constant alone"
        raise FormulaSyntaxError(message, option.span)
    text, start, end = option.span.text, option.given[0].span.start, option.span.end - 1
    # What stands in the parentheses is read as what follows the name of a command is.
    blank = " " * (start - 2) + "e " + text[start:end] + " " * (len(text) - end)
    fixed = parse_command(blank, text).fixed
    return fixed.terms, fixed.options


_WITHOUT = ("noconstant", "nocons", "noc")


def _is_constant(term: Term) -> bool:
    name = term.parts[0].name
    return len(term.parts) == 1 and name is not None and name.text == "_cons"
