"""A do-file or a log in, its models out: each with its command written out, and what is done to the data before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches

from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.syntax.stata.after import is_after
from tildemc.syntax.stata.clauses import clauses
from tildemc.syntax.stata.datalines import CHANGES, MAKES, changed
from tildemc.syntax.stata.declared import declare, label, refuse_program, sort
from tildemc.syntax.stata.lines import SEVERAL, Block, Item, commands
from tildemc.syntax.stata.loops import loop_of
from tildemc.syntax.stata.other_models import OTHERS
from tildemc.syntax.stata.pasted import Pasted, refuse_unread
from tildemc.syntax.stata.session import Session
from tildemc.syntax.stata.tables import COMMANDS
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.words import IMPUTATION, IMPUTED, MAKERS, NO_MODELS, PASSED, PREFIX, command_of, is_model
from tildemc.syntax.steps import Keep, Make
from tildemc.syntax.tree import Name

__all__ = ["file_opened", "last_model", "models"]

_BY = re.compile(r"(?:by|bys|byso|bysor|bysort)\s+([^,:]*)(?:,[^:]*)?:\s*")
_NEARLY = 0.8
"""How like a command of models a word is that was meant for one."""


def last_model(text: str, columns: Sequence[str] | None = None) -> Pasted:
    """The last model of a text.

    Raises
    ------
    TildeError
        What of it is not understood, with its place; if there is no model.
    """
    return models(text, columns)[-1]


def file_opened(text: str) -> str | None:
    """The file that a text reads its data from; None if it names none.

    Raises
    ------
    TildeError
        If its name stands in macros that the text does not set.
    """
    session = Session(None)
    for item in commands(text):
        word = re.match(r"\w+", item.text) if isinstance(item, Traced) else None
        if isinstance(item, Traced) and word and command_of(word.group()) in _FINDS:
            declare(item, command_of(word.group()) or "", session)
    return session.opened.file if session.opened else None


_FINDS = ("local", "global", "use", "import", "insheet", "sysuse", "webuse")


def models(text: str, columns: Sequence[str] | None = None) -> list[Pasted]:
    """The models of a text in order.

    Parameters
    ----------
    text : str
        One command, a do-file or a log.
    columns : sequence of str, optional
        The data's columns, for loops over wildcards and ranges.

    Raises
    ------
    TildeError
        What of a model is not understood, with its place; if there is none.
    """
    session = Session(columns)
    _follow(commands(text), session, turn=False)
    if not session.models and session.unknown:
        _add(session.unknown[0], session, "", turn=False)
    if not session.models:
        if session.refused is not None:
            raise session.refused
        message = "the text holds no command of a model; write one such as `mixed y x || g:`"
        raise FormulaSyntaxError(message, Traced.of(text).span(0, 0))
    return _named(session.models)


def _named(found: list[Pasted]) -> list[Pasted]:
    """The models under different names."""
    named: dict[str, Pasted] = {}
    for model in found:
        name = model.name or f"model{len(named) + 1}"
        if name in named and not model.name:
            name = next(f"model{k}" for k in range(1, len(found) + 2) if f"model{k}" not in named)
        named.pop(name, None)
        named[name] = replace(model, name=name)
    return list(named.values())


def _follow(items: Iterable[Item], session: Session, *, turn: bool) -> None:
    for item in items:
        if isinstance(item, Block):
            _block(item, session, turn=turn)
            continue
        try:
            _command(item, session, turn=turn)
        except TildeError as error:
            names = _made_by(item)
            if not names:
                raise
            session.unread.update(dict.fromkeys(names, error))
            session.notes.append(f"line {item.line}: `{item.text}` is not read: {error.message}")


def _made_by(line: Traced) -> tuple[str, ...]:
    """The columns that a command makes and does nothing else; none if it does."""
    line = _without_prefixes(line)[0]
    within = _BY.match(line.text)
    text = line.text if within is None else line.text[within.end() :]
    if text.startswith("stset"):
        return ("_t", "_d")
    made = MAKES.match(text) or MAKERS.match(text)
    return () if made is None else tuple(name for name in made.groups() if name)[:1]


def _block(block: Block, session: Session, *, turn: bool) -> None:
    if not _without_prefixes(block.head)[0].text:
        _follow(block.body, session, turn=turn)
        return
    program = _PROGRAM.match(block.head.text)
    if program is not None:
        # What it does is done where it is called, if it is.
        session.programs[program[1]] = block.head
        return
    if re.match(r"(?:if|else)\b", block.head.text) and _says_nothing(block):
        session.notes.append(f"line {block.head.line}: `{block.head.text}` is passed over, with what is in it")
        return
    loop = loop_of(block.head, session.macros, session.known())
    if loop is None:
        refuse_program(block.head, session)
        return
    outer = session.macros.locals.get(loop.macro)
    for value in loop.values:
        session.macros.locals[loop.macro] = value
        _follow(block.body, session, turn=True)
    session.macros.locals.pop(loop.macro, None)
    if outer is not None:
        session.macros.locals[loop.macro] = outer


_PROGRAM = re.compile(r"(?:cap\w*\s+)?pr\w*\s+(?:de\w*\s+)?(\w+)")


def _says_nothing(block: Block) -> bool:
    """Whether all commands of a block are passed over anyway."""
    return all(
        _says_nothing(item) if isinstance(item, Block) else command_of(item.text.split()[0].split(",")[0]) in PASSED
        for item in block.body
    )


def _command(line: Traced, session: Session, *, turn: bool) -> None:
    """Follow one command: what stands before it first."""
    line, name = _without_prefixes(line)
    imputation = IMPUTATION.match(line.text)
    if imputation is not None:
        line = line.part(imputation.end(), len(line.text)) if imputation["of"] else line
    elif IMPUTED.match(line.text):
        session.unknown.append(line)
        session.notes.append(f"line {line.line}: `{line.text}` is not read: completed data sets are given, as a list")
        return
    nested = _NESTED.match(line.text)
    if nested is not None:
        _add_nested(line.part(nested.end(), len(line.text)), session, name, turn=turn)
        return
    within = _BY.match(line.text)
    inner = line if within is None else line.part(within.end(), len(line.text))
    found = re.match(r"[^\W\d]\w*", inner.text)
    word = found.group() if found else ""
    full = command_of(word)
    if within is None and session.models and is_after(word):
        _ask(line, session)
    if within is not None:
        sort(within.group(), within[1], line, session)
    if full in CHANGES:
        _change(inner, full, session, "" if within is None else within.group())
    elif MAKERS.match(inner.text) and not is_model(word):
        _leave_column(inner, session)
    elif full is not None and (within is None or not is_model(word)):
        session.unknown += [line] if word in OTHERS else []
        declare(inner, full, session)
    elif word in session.programs:
        message = (
            f"line {line.line}: `{word}` is a program of the text, and programs are not run: write out what it does"
        )
        session.refused = session.refused or UnsupportedError(message, line.span(0, len(word)))
    elif is_model(word) or "||" in line.text or get_close_matches(word, COMMANDS, 1, _NEARLY):
        _add(line, session, name, turn=turn)
    elif line.text:
        session.unknown.append(line)
        session.notes.append(f"line {line.line}: `{line.text}` is not read")


_NESTED = re.compile(r"nestreg\s*(?:,[^:]*)?:\s*")
_ITEM = re.compile(r"\s*(\([^()]*\)|[^\s()|,\[]+)")


def _add_nested(line: Traced, session: Session, name: str, *, turn: bool) -> None:
    """`nestreg: mixed y (a b) (c) || g:`: a model with one block of predictors more at a time, the last with all."""
    start = re.match(r"(?:qui\w*\s+)?\w+\s+\w+", line.text)
    ends: list[int] = []
    at = start.end() if start else len(line.text)
    while (item := _ITEM.match(line.text, at)) and item[1] not in ("if", "in"):
        at = item.end()
        ends.append(at)
    if not ends:
        raise FormulaSyntaxError(
            "`nestreg` has blocks of predictors, as in `nestreg: regress y (x1 x2) (x3)`", line.span()
        )
    for number, end in enumerate(ends, 1):
        told = f"`nestreg:` fits a model with one block more at a time; this one has {number} of {len(ends)}"
        session.notes.append(told)
        _add(line.part(0, end).then(line.part(at, len(line.text))), session, f"{name}block{number}", turn=turn)
        session.notes.remove(told)


_ASKS_NOTHING = re.compile(r"di\w*\s(?!.*_b\[)|est(?:i\w*)?\s+(?!(?:sto|ta|stat)\w*\b)|eststo\s+(?:clear|drop|dir)\b")
"""`display` of no coefficient, `estimates drop` and the like."""


def _ask(line: Traced, session: Session) -> None:
    """A command that asks something of the last model."""
    if _ASKS_NOTHING.match(line.text):
        return
    with suppress(TildeError):
        # A macro that the text does not set is told of when the command is read.
        line = session.macros.expanded(line)
    last = session.models[-1]
    session.models[-1] = replace(last, after=(*last.after, line.stripped()))


def _leave_column(line: Traced, session: Session) -> None:
    """A command makes a column in a way that is not read: it may be in the data, and else no model can have it."""
    found = MAKERS.match(line.text)
    assert found is not None, "it was asked for"
    name = found[1] or found[2]
    message = f"line {line.line}: `{name}` is made in a way that is not read: make the column first"
    session.unread[name] = UnsupportedError(message, line.span())
    session.notes.append(f"line {line.line}: `{line.text}` is not read")


def _without_prefixes(line: Traced) -> tuple[Traced, str]:
    """A command without what stands before it, and the name that it is stored under."""
    name = ""
    while prefix := PREFIX.match(line.text):
        name = prefix["name"] or name
        line = line.part(prefix.end(), len(line.text))
    return line, name


def _groups(prefix: str, line: Traced) -> tuple[Name, ...]:
    """The columns of `by g (t):`; those in parentheses only sort."""
    within = _BY.match(prefix)
    listed = "" if within is None else re.sub(r"\([^)]*\)", " ", within[1])
    return tuple(Name(word, line.span()) for word in listed.split())


def _change(line: Traced, full: str, session: Session, prefix: str) -> None:
    line = session.macros.expanded(line)
    by = _groups(prefix, line)
    end = re.match(r"\w+", line.text)
    assert end is not None, "a command begins with its word"
    scene = session.scene(by)
    if MAKES.match(line.text) is None or full == "generate":
        refuse_unread(line.text[end.end() :], session.unread, session.known() or ())
    steps = changed(full, clauses(line, end.end()), scene)
    for step in steps:
        if isinstance(step, Make):
            session.unread.pop(step.name, None)
    if any(isinstance(step, Keep) for step in steps):
        session.results.clear()
    session.steps += steps
    session.before.append(prefix + line.text)


def _add(line: Traced, session: Session, name: str, *, turn: bool) -> None:
    if session.refused is not None:
        raise session.refused
    expanded = session.macros.expanded(line).stripped()
    _refuse_model(expanded)
    notes = [*session.notes]
    if expanded.text != line.text:
        notes.append(f"with its macros written out the command is `{expanded.text}`")
    session.models.append(
        Pasted(
            label(name, session) if name else "",
            expanded,
            session.panel,
            tuple(session.steps),
            session.opened,
            tuple(notes),
            dict(session.unread),
            turn,
            tuple(session.before),
            session.survey,
            session.order,
            dict(session.bases),
        )
    )


def _refuse_model(line: Traced) -> None:
    """Say what is to be done about a command that is no model here."""
    found = re.match(rf"(?:{SEVERAL}\s*)*(\w+)", line.text)
    word = found[1] if found else ""
    for words, sentence in NO_MODELS.items():
        if found is not None and word in words:
            raise UnsupportedError(sentence, line.span(*found.span(1)))
