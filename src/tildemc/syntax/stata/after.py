"""The text of one of Stata's commands after a model in, its parts out: variables, words, or arithmetic."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lark import Token
from lark.visitors import v_args

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.stata.menl import FUNCTIONS
from tildemc.syntax.stata.reading import shown
from tildemc.syntax.stata.tables import COMMANDS, SHORT_COMMANDS, find_option, options_of
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.word import Word, full_name
from tildemc.syntax.stata.written import AnyPiece, Option, Parts, Term, parse_command, parse_with
from tildemc.syntax.tree import Argument, Call, Expr, Text

__all__ = [
    "AfterText", "Listed", "Margined", "Options", "Piece", "Reckoned", "Replayed", "Worded", "is_after", "parse_after",
]  # fmt: skip

Options = Mapping[str, Option]
"""By their full names, those that say nothing left out."""


@dataclass(frozen=True, slots=True)
class Margined:
    """`margins`, which has a reader of its own."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Listed:
    """`contrast r.f`, `testparm i.f`: a list of variables of the model."""

    command: str
    terms: tuple[Term, ...]
    options: Options
    span: Span


@dataclass(frozen=True, slots=True)
class Worded:
    """`estat icc`, `predict double u, reffects`: words, each with what stands in parentheses after it."""

    command: str
    words: tuple[Word, ...]
    options: Options
    span: Span


@dataclass(frozen=True, slots=True)
class Piece:
    """`a - b`, `a = b = 0` or `(name: a / b)`; or a text to be printed."""

    sides: tuple[Expr, ...]
    span: Span
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """`lincom a - b`, `test (a = b) (c = 0)`, `nlcom (r: a / b)`: arithmetic of coefficients."""

    command: str
    pieces: tuple[Piece, ...]
    options: Options
    span: Span


@dataclass(frozen=True, slots=True)
class Replayed:
    """`melogit, or`: the model's own command without variables, which shows the estimates again."""

    display: tuple[str, ...]
    span: Span


AfterText = Margined | Listed | Worded | Reckoned | Replayed

_OF_THE_FIT = re.compile(r"\bif\s+e\(sample\)(?:\s*==\s*1)?")
_PRINT = dict.fromkeys(
    (
        "cformat", "pformat", "sformat", "nolstretch", "noheader", "notable", "df", "post", "coefl:egend", "vsquish",
        "noempt:ycells", "baselevels", "allbaselevels", "fvwrap", "fvwrapon", "nofvlab:el", "noest:imcheck", "sort",
    ),
    "it concerns what is printed",
)  # fmt: skip
_RATIOS = dict.fromkeys(("or", "ir:r", "irr", "ef:orm", "hr", "rr:r", "shr", "tr:atio"), "")
_COMPARED = {
    "l:evel": "", "mcomp:are": "", "asobs:erved": "", "eq:uation": "", "emptycells": "",
    **dict.fromkeys(("eff:ects", "pv:effects", "ci:effects", "cim:argins", "gr:oups", "now:ald", "nosvyadjust",
                     "noatl:evels", "lincom", "over:all"), "all of it is shown"),
    **_RATIOS, **_PRINT,
}  # fmt: skip
_TABLE = {
    "using": "",
    **dict.fromkeys(
        (
            "b", "se", "p", "t", "ci", "star", "stat:s", "stats", "k:eep", "d:rop", "order", "ren:ame", "l:abel",
            "ti:tle", "mti:tles", "nomti:tles", "nonum:bers", "nonote:s", "replace", "append", "varw:idth",
            "modelw:idth",
            "eq:uations", "r2", "ar2", "pr2", "aic", "bic", "sca:lars", "nogap:s", "compress", "wide", "plain", "rtf",
            "csv", "tex", "html", "booktabs", "noobs", "nostar", "cells", "style", "collabels", "eform", "varlabels",
            "nobase:levels", "noomit:ted", "transform", "stard:rop", "starl:evels", "legend", "coeflabels", "indicate",
            "unstack", "addnotes", "newp:anel", "n", "bs:sizemat", "a:ll", "title", "noconstant",
        ),
        "it concerns what is printed",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Command:
    """How a command is written: the shortest way to write its name, what follows, and its options; None for any."""

    shortest: str
    shape: Literal["margins", "listed", "worded", "reckoned"]
    options: Mapping[str, str] | None = field(default_factory=dict)


_COMMANDS = {
    "margins": _Command("margins", "margins"),
    "marginsplot": _Command("marginsplot", "worded", None),
    "contrast": _Command("contrast", "listed", _COMPARED),
    "pwcompare": _Command("pwcomp", "listed", _COMPARED),
    "testparm": _Command("testparm", "listed", {"e:qual": "", "eq:uation": "", **_PRINT}),
    "lincom": _Command("linc", "reckoned", {"l:evel": "", **_RATIOS, **_PRINT}),
    "nlcom": _Command("nlcom", "reckoned", {"l:evel": "", **_PRINT}),
    "test": _Command(
        "te", "reckoned",
        {"a:ccumulate": "", "m:test": "", "notest": "", "min:imum": "", "coef": "they are in the summary",
         "const:ant": "", "common": "", **_PRINT},
    ),
    "display": _Command("di", "reckoned", {"as": ""}),
    "estat": _Command(
        "estat", "worded",
        {"l:evel": "", "corr:elation": "", "cov:ariance": "", "relev:el": "", "var:iance": "", "sd": "", "at": "",
         "n": "",
         "e:quation": "", "b:lock": "", "d:iag": "", "f:ormat": "it concerns what is printed", "all": "",
         "nol:egend": "it concerns what is printed", "li:st": "", **_PRINT},
    ),
    "predict": _Command(
        "predict", "worded",
        {"xb": "", "mu": "", "pr": "", "n": "", "ir": "", "fit:ted": "", "eta": "", "reff:ects": "", "reses": "",
         "r:esiduals": "", "rsta:ndard": "", "pe:arson": "", "stdp": "", "cond:itional": "", "fixedonly": "",
         "marginal": "", "relev:el": "", "out:come": "", "ebmean:s": "the posterior's means are these",
         "ebmode:s": "", "means": "the posterior's means are these", "mean": "the posterior's means are these",
         "nooff:set": "", "cdf": "", "density": "", "d:eviance": "", "a:nscombe": "", "stdr": "", "score:s": "",
         "remeans": "", "remodes": "", "ebse": "", "stdf": ""},
    ),
    "lrtest": _Command("lr", "worded", {"f:orce": "the rows are compared", "stat:s": "", "dir": "", "df": ""}),
    "estimates": _Command("est", "worded", _TABLE),
    "eststo": _Command("eststo", "worded", _TABLE),
    "esttab": _Command("esttab", "worded", _TABLE),
}  # fmt: skip
_SHORTEST = {name: command.shortest for name, command in _COMMANDS.items()}


def is_after(word: str) -> bool:
    """Whether a command of that name is asked of a model."""
    return full_name(word, _SHORTEST) is not None


def parse_after(line: Traced) -> AfterText:
    """The parts of a command after a model.

    Parameters
    ----------
    line : Traced
        The command, without what may stand before it.

    Raises
    ------
    TildeError
        What is not read, with its place in the line.
    """
    text = line.text
    word = text[: next((k for k, mark in enumerate(text) if not (mark.isalnum() or mark == "_")), len(text))]
    span = Span(text, 0, len(text))
    if SHORT_COMMANDS.get(word, word) in COMMANDS:
        return _replayed(text, SHORT_COMMANDS.get(word, word))
    name = full_name(word, _SHORTEST)
    if name is None:
        hint = nearest(word, _COMMANDS) or f"; there are {', '.join(_COMMANDS)}"
        raise FormulaSyntaxError(f"there is no command `{word}` after a model{hint}", Span(text, 0, len(word)))
    command = _COMMANDS[name]
    if command.shape == "margins":
        return Margined(text, span)
    # The rows of the fit are those that are meant anyhow.
    plain = _OF_THE_FIT.sub(lambda found: " " * len(found.group()), text)
    if command.shape == "listed":
        return _listed(plain, text, name, command)
    # The words of a command are read without the name of the command, at their places.
    found = parse_with(
        "after", _AfterParts(text), " " * len(word) + plain[len(word) :], text,
        start="words" if command.shape == "worded" else "reckoned",
    )  # fmt: skip
    assert isinstance(found, _Body)
    options = _options(found.options, name, command)
    if command.shape == "worded":
        return Worded(name, found.words, options, span)
    return Reckoned(name, found.pieces, options, span)


def _listed(plain: str, text: str, name: str, command: _Command) -> Listed:
    found = parse_command(plain, text)
    if found.levels or found.fixed.rows:
        raise UnsupportedError("`if`, `in`, weights and levels are not read here", found.span)
    return Listed(name, found.fixed.terms, _options(found.fixed.options, name, command), found.span)


def _replayed(text: str, name: str) -> Replayed:
    """A model's command that only shows the estimates again."""
    found = parse_command(text, text)
    if found.fixed.terms or found.levels or found.fixed.rows:
        message = "this is a model of its own: `tildemc.model(…)` takes it"
        raise FormulaSyntaxError(message, found.span)
    known = options_of(COMMANDS[name])
    display = []
    for option in found.fixed.options:
        full, use = find_option(option, known, f"`{name}`")
        if use == "display":
            display.append(shown(full, option))
        elif not use:
            raise UnsupportedError(f"`{option.span}` changes the model, which is fitted by now", option.span)
    return Replayed(tuple(display), found.span)


def _options(given: Sequence[Option], name: str, command: _Command) -> dict[str, Option]:
    found: dict[str, Option] = {}
    # What any option says is how a picture looks.
    for option in given if command.options is not None else ():
        full, dropped = find_option(option, dict(command.options or {}), f"`{name}`")
        if full in found:
            raise FormulaSyntaxError(f"`{full}` stands twice", option.span)
        if not dropped:
            found[full] = option
    return found


@dataclass(frozen=True, slots=True)
class _Body:
    """What follows the name of a command."""

    words: tuple[Word, ...]
    pieces: tuple[Piece, ...]
    options: tuple[Option, ...]


@v_args(inline=True)
class _AfterParts(Parts):
    """One method more for each rule of after.lark."""

    def reckoned(self, *children: AnyPiece | Piece) -> _Body:
        """Arithmetic, then options."""
        pieces = tuple(child for child in children if isinstance(child, Piece))
        return _Body((), pieces, tuple(child for child in children if isinstance(child, Option)))

    def words(self, *children: AnyPiece) -> _Body:
        """Words, then options."""
        tokens = (child for child in children if isinstance(child, Token) and child.type in ("ITEM", "STRING"))
        found = tuple(self._word(token) for token in tokens)
        return _Body(found, (), tuple(child for child in children if isinstance(child, Option)))

    def piece(self, *children: AnyPiece) -> Piece:
        """`a = b`."""
        sides = tuple(self._renamed(child) for child in children if not isinstance(child, Token))  # type: ignore[arg-type]
        return Piece(sides, self._around(children))

    def named(self, opening: Token, name: Token, _colon: Token, value: Expr, closing: Token) -> Piece:
        """`(name: a)`."""
        return Piece((self._renamed(value),), self._around((opening, closing)), str(name))

    def printed(self, token: Token) -> Piece:
        """How a number is printed, which is of no matter."""
        return Piece((Text(""),), self._around((token,)))

    def _renamed(self, value: Expr) -> Expr:
        """The same with the functions' names here."""
        return rewritten(value, self._called)

    def _called(self, part: Expr) -> Expr | None:
        match part:
            case Call(function, arguments, span) if function in FUNCTIONS:
                own = tuple(Argument(self._renamed(argument.value), None, argument.span) for argument in arguments)
                return Call(FUNCTIONS[function], own, span)
            case _:
                return None
