"""Errors about the reader's text and data; a fault of tildemc itself is an AssertionError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property, wraps
from inspect import Parameter, signature
from types import FunctionType

from tildemc.span import Span
from tildemc.visible import shortened, shown, visible

__all__ = [
    "ELSEWHERE",
    "DataError",
    "FitError",
    "FormulaSyntaxError",
    "Interrupted",
    "PriorError",
    "SemanticError",
    "TildeError",
    "UnknownColumn",
    "UnknownFunction",
    "UnsupportedError",
    "Unvarying",
    "about_data_set",
    "at_the_door",
    "doors",
    "nearest",
    "one_of",
]

_LONGEST_GUESSED = 100
"""To find what a longer name is like takes seconds."""


class TildeError(Exception):
    """What was found, where in the text, and what would work.

    Parameters
    ----------
    message : str
        What was found and what would work; it is kept as it can be shown: short, and without control characters.
    span : Span, optional
        The place in the text that the message is about.
    """

    def __init__(self, message: str, span: Span | None = None) -> None:
        self.message = shortened(visible(message))
        self.span = span
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message if self.span is None else f"{self.message}\n\n{self.span.caret()}"

    def __reduce__(self) -> tuple[type[TildeError], tuple[str, Span | None]]:
        return type(self), (self.message, self.span)

    def _render_traceback_(self) -> list[str]:
        """What notebooks show: the message, and no frames of this package."""
        return [f"{type(self).__name__}: {self}"]


class FormulaSyntaxError(TildeError):
    """The text is not a formula."""


class SemanticError(TildeError):
    """The text is a formula, but says nothing that can be a model."""


class UnknownColumn(SemanticError):
    """A name that is no column of the data."""


class UnknownFunction(SemanticError):
    """A function that formulas do not have."""


class UnsupportedError(SemanticError):
    """Something that has a meaning elsewhere and is not built here."""


class PriorError(TildeError):
    """A prior statement that fits no parameter of the model."""


class DataError(TildeError):
    """Data that the model cannot take."""


class Unvarying(DataError):
    """Something that must vary and has one value: what was found, and what to do if no row was left out."""

    def __init__(self, found: str, span: Span | None = None, advice: str = "") -> None:
        self.found = found
        super().__init__(f"{found}: {advice}" if advice else found, span)

    def __reduce__(self) -> tuple[type[TildeError], tuple[str, Span | None]]:
        return DataError, (self.message, self.span)


class FitError(TildeError):
    """A fit that cannot be made as asked."""


class Interrupted(FitError):
    """Sampling that was broken off before there were draws."""


@contextmanager
def about_data_set(number: int) -> Iterator[None]:
    """Say of an error which of several data sets it is about; numbers are from 1."""
    try:
        yield
    except TildeError as error:
        error.message = f"data set {number}: {error.message}"
        error.args = (error.message,)
        raise


def at_the_door[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """A public function whose errors about the reader's text and data come without the frames inside this package."""

    @wraps(function)
    def call(*given: P.args, **named: P.kwargs) -> T:
        try:
            return function(*given, **named)
        except TildeError as error:
            raise error.with_traceback(None) from None
        except TypeError:
            unknown = _unknown_arguments(function, named)
            if unknown is None:
                raise
            raise unknown from None

    return call


ELSEWHERE: Mapping[str, str] = {
    "allow_new_levels": "new_levels", "ci_prob": "interval", "conf_level": "interval", "data": "newdata",
    "hdi_prob": "interval", "level": "interval", "method": "kind", "ndraws": "draws", "new_data": "newdata",
    "prob": "interval", "probs": "interval", "random_seed": "seed", "re_formula": "groups",
    "sample_new_levels": "new_levels", "type": "kind",
}  # fmt: skip
"""What brms, marginaleffects and ArviZ call arguments of such functions, and what they are called here."""


def _unknown_arguments(function: Callable[..., object], named: Iterable[str]) -> TildeError | None:
    """What to say of arguments that a function does not have; None if it has them all."""
    parameters = signature(function).parameters
    known = [name for name in parameters if name != "self"]
    unknown = [name for name in named if name not in known]
    if not unknown or any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    answers = [ELSEWHERE[name] if ELSEWHERE.get(name) in known else "" for name in unknown]
    told = ", and ".join(
        f"no `{name}`{f': it is `{here}` here' if here else nearest(name, known)}"
        for name, here in zip(unknown, answers, strict=True)
    )
    return TildeError(f"`{function.__name__}` has {told}; it has {', '.join(known) or 'no arguments'}")


def doors[T](kind: type[T]) -> type[T]:
    """A class whose public methods and properties are such functions."""
    for name, member in list(vars(kind).items()):
        if name.startswith("_") and name != "__getitem__":
            continue
        if isinstance(member, FunctionType):
            setattr(kind, name, at_the_door(member))
        elif isinstance(member, property) and member.fget is not None:
            setattr(kind, name, member.getter(at_the_door(member.fget)))
        elif isinstance(member, cached_property):
            member.func = at_the_door(member.func)
    return kind


def nearest(name: str, candidates: Iterable[str]) -> str:
    """`; did you mean ...?` for the candidate most like `name`, or nothing."""
    if len(name) > _LONGEST_GUESSED:
        return ""
    by_lower: dict[str, str] = {}
    for candidate in candidates:
        by_lower.setdefault(candidate.lower(), candidate)
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"; did you mean `{by_lower[found[0]]}`?" if found else ""


def one_of[T: str](argument: str, given: object, known: Iterable[T], error: type[TildeError] = SemanticError) -> T:
    """The word of a few that an argument is.

    Raises
    ------
    TildeError
        Of that class, if it is none of them.
    """
    words = [*known]
    for word in words:
        if isinstance(given, str) and word == given:
            return word
    close = nearest(given, words) if isinstance(given, str) else ""
    raise error(f"`{argument}` is one of {', '.join(words)}, not {shown(given)}{close}")
