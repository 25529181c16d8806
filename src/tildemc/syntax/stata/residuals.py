"""`residuals(independent, by(v))` in, the predictor of sigma out; every other structure is refused by name."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.stata.varlist import columns_named
from tildemc.syntax.stata.word import Word, known_name
from tildemc.syntax.stata.written import Given, Option
from tildemc.syntax.tree import Argument, Call, Name, Predictor

__all__ = ["read_residuals"]

_SHORTEST = {
    "independent": "ind",
    "exchangeable": "exc",
    "ar": "ar",
    "ma": "ma",
    "unstructured": "un",
    "banded": "ba",
    "toeplitz": "to",
    "exponential": "exp",
}
_ADVICE = {
    "exchangeable": "a random intercept, `|| group:`, says the same where the correlation is not negative",
    "ar": "a random slope of time, `|| group: time`, is built",
    "ma": "a random slope of time, `|| group: time`, is built",
    "unstructured": "a random slope of time, `|| group: time, covariance(unstructured)`, is built",
    "banded": "`residuals(independent, by(v))` is built",
    "toeplitz": "a random slope of time, `|| group: time`, is built",
    "exponential": "a random slope of time, `|| group: time`, is built",
}


def read_residuals(option: Option, columns: Sequence[str] | None) -> Predictor | None:
    """What a residual structure says of sigma; None if it says nothing.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    words = [word for word in option.given or () if word.text != ","]
    if not words:
        message = "`residuals()` takes a structure, as in `residuals(independent, by(arm))`"
        raise FormulaSyntaxError(message, option.span)
    structure = known_name(words[0], _SHORTEST, "residual structure")
    extra = {word.text: word for word in words[1:] if word.inner is not None}
    for name, word in extra.items():
        if name not in ("by", "t"):
            message = f"`residuals()` takes `by(…)` and `t(…)`, not `{name}(…)`{nearest(name, ('by', 't'))}"
            raise FormulaSyntaxError(message, word.span)
    if structure != "independent":
        message = f"residual correlation, `residuals({structure})`, is not built; {_ADVICE[structure]}"
        raise UnsupportedError(message, option.span)
    if len(words) - 1 != len(extra):
        loose = next(word for word in words[1:] if word.inner is None)
        raise FormulaSyntaxError(f"`{loose.text}` cannot stand here; write `by(variable)`", loose.span)
    if "by" not in extra:
        return None
    return Predictor("sigma", _by(extra["by"], columns, option.span), option.span)


def _by(word: Given, columns: Sequence[str] | None, span: Span) -> Call:
    inner = word.inner or ()
    if len(inner) != 1 or inner[0].inner is not None or not inner[0].text.isidentifier():
        raise FormulaSyntaxError("`by()` takes one variable's name", word.span)
    (name,) = columns_named(Word(inner[0].text, inner[0].span), columns)
    return Call("by", (Argument(Name(name, inner[0].span), None, inner[0].span),), word.span)
