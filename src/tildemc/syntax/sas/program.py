"""A SAS program in, the statements of its last procedure out; comments are blanks, and names may be in any case."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span

__all__ = ["PROCEDURES", "Procedure", "Said", "is_sas", "procedure_of"]

PROCEDURES = ("mixed", "glimmix")
"""The procedures whose models are read."""
_OTHERS = {
    "nlmixed": "is arithmetic of parameters: write `bf(y ~ …, nl = TRUE)` with a predictor for each parameter",
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
    """

    name: str
    head: Said
    statements: tuple[Said, ...]
    before: tuple[Said, ...]


def is_sas(text: str) -> bool:
    """Whether a text begins as a SAS program does."""
    return bool(_BEGINS.match(_plain(text)))


def procedure_of(text: str) -> Procedure:
    """The last procedure of a program that fits a model.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If there is none, or none that is read.
    """
    said = [*_statements(text)]
    found: tuple[int, str] | None = None
    for place, statement in enumerate(said):
        if statement.word == "proc":
            name = str(statement.span).split()[1].lower() if len(str(statement.span).split()) > 1 else ""
            if name in PROCEDURES or name in _OTHERS:
                found = place, name
    if found is None:
        procs = [statement for statement in said if statement.word == "proc"]
        message = "a SAS program here has `proc mixed` or `proc glimmix`"
        if procs:
            name = (*str(procs[-1].span).split(), "")[1].lower()
            message += nearest(name, PROCEDURES)
        raise FormulaSyntaxError(message, procs[-1].span if procs else Span(text, 0, 0))
    place, name = found
    if name in _OTHERS:
        raise UnsupportedError(f"`proc {name}` {_OTHERS[name]}", said[place].span)
    ends = [k for k in range(place + 1, len(said)) if said[k].word in ("proc", "data", "run", "quit")]
    end = ends[0] if ends else len(said)
    return Procedure(name, said[place], tuple(said[place + 1 : end]), tuple(said[:place]))


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
