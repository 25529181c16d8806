"""A SAS program in, the statements of its last procedure out; comments are blanks, and names may be in any case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span

__all__ = ["PROCEDURES", "Procedure", "Said", "is_sas", "procedures_of"]

PROCEDURES = ("mixed", "glimmix", "nlmixed")
"""The procedures whose models are read."""
_OTHERS = {
    "mcmc": "is a program of its own: write the model as a formula, and its priors beside it",
    "bglimm": "is not read; the same `model`, `random` and `repeated` in `proc mixed` or `proc glimmix` are",
    "hpmixed": "is not read; the same statements in `proc mixed` are",
    "glm": "is not read; `proc mixed` with the same `class` and `model` is",
    "reg": "is not read; `proc mixed` with the same `model` is",
    "genmod": "is not read; `proc glimmix` with the same `class` and `model` is",
    "logistic": "is not read; `proc glimmix` with `dist=binary` is",
    "phreg": "is Cox's model; write `brm(…, family = cox)`",
}
"""Procedures that fit models and are not read, and what to write."""
_SKIPPED = re.compile(r"/\*[\s\S]*?(?:\*/|\Z)|(?:(?<=;)|\A)\s*\*[^;]*;")
_STATEMENT = re.compile(r"""((?:"[^"]*"|'[^']*'|[^;"'])*)(?:;|\Z)""")
_BEGINS = re.compile(r"\s*proc\s+[a-z]\w*\b[^~]*;|\s*data\s+[^;~]*;[\s\S]*\bproc\s+\w+", re.IGNORECASE)
_FIRST = re.compile(r"\s*([^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement: its first word in small letters, and where all of it stands."""

    word: str
    span: Span


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure.

    Attributes
    ----------
    name : str
    head : Said
        `proc mixed …`.
    statements : tuple of Said
    before : tuple of Said
        What stands before it in the text.
    end : int
        Where it ends in the text.
    """

    name: str
    head: Said
    statements: tuple[Said, ...]
    before: tuple[Said, ...]
    end: int


def is_sas(text: str) -> bool:
    """Whether a text begins as a SAS program does."""
    return bool(_BEGINS.match(_plain(text)))


def procedures_of(text: str) -> list[Procedure]:
    """The procedures of a program that fit models; none that are read if the last is not.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If there is none, or none that is read.
    """
    said = [*_statements(text)]
    fitting = [(place, name) for place, statement in enumerate(said) if (name := _fits(statement))]
    if not fitting:
        procs = [statement for statement in said if statement.word == "proc"]
        message = "a SAS program here has `proc mixed`, `proc glimmix` or `proc nlmixed`"
        if procs:
            message += nearest((*str(procs[-1].span).split(), "")[1].lower(), PROCEDURES)
        raise FormulaSyntaxError(message, procs[-1].span if procs else Span(text, 0, 0))
    place, name = fitting[-1]
    if name in _OTHERS:
        raise UnsupportedError(f"`proc {name}` {_OTHERS[name]}", said[place].span)
    found: list[Procedure] = []
    for place, name in fitting:
        ends = [k for k in range(place + 1, len(said)) if said[k].word in ("proc", "data", "run", "quit")]
        end = ends[0] if ends else len(said)
        if name not in _OTHERS:
            inside = tuple(said[place + 1 : end])
            last = (said[place], *inside)[-1].span.end
            last += text[last : last + 1] == ";"
            found.append(Procedure(name, said[place], inside, tuple(said[:place]), last))
    return found


def _fits(statement: Said) -> str:
    """The procedure that a statement begins, if that fits models."""
    words = str(statement.span).split()
    name = words[1].lower() if statement.word == "proc" and len(words) > 1 else ""
    return name if name in PROCEDURES or name in _OTHERS else ""


def _plain(text: str) -> str:
    """The text with blanks for its comments."""
    return _SKIPPED.sub(lambda found: re.sub(r"\S", " ", found.group()), text)


def _statements(text: str) -> list[Said]:
    found: list[Said] = []
    for match in _STATEMENT.finditer(_plain(text)):
        inside = match.group(1)
        first = _FIRST.match(inside)
        if first is None:
            continue
        start = match.start(1) + first.start(1)
        found.append(Said(first[1].lower(), Span(text, start, match.start(1) + len(inside.rstrip()))))
    return found
