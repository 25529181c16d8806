"""A do-file or a log in, its models out: each with its command written out, and what is done to the data before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.syntax.stata.clauses import clauses, words_of
from tildemc.syntax.stata.datalines import CHANGES, MAKES, Scene, changed
from tildemc.syntax.stata.expressions import call, choice
from tildemc.syntax.stata.files import Opened, opened
from tildemc.syntax.stata.lines import SEVERAL, Block, Item, commands
from tildemc.syntax.stata.loops import loop_of
from tildemc.syntax.stata.macros import Macros
from tildemc.syntax.stata.other_models import OTHERS
from tildemc.syntax.stata.pasted import Pasted, refuse_unread
from tildemc.syntax.stata.series import Panel, panel_declared
from tildemc.syntax.stata.tables import COMMANDS
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.words import MAKERS, MERGED, NO_MODELS, PREFIX, PROGRAMS, STORES, command_of, is_model
from tildemc.syntax.tree import Expr, Keep, Make, Name, Step, Unary

__all__ = ["file_opened", "last_model", "models"]

_BY = re.compile(r"(?:by|bys|byso|bysor|bysort)\s+([^,:]*)(?:,[^:]*)?:\s*")
_NEARLY = 0.8
"""How like a command of models a word is that was meant for one."""
_MERGED = "prepare the data first; everything else of this text is read"


@dataclass
class _Session:
    """What is known while the commands are gone through."""

    columns: Sequence[str] | None
    macros: Macros = field(default_factory=Macros)
    steps: list[Step] = field(default_factory=list)
    results: dict[str, Expr] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unread: dict[str, TildeError] = field(default_factory=dict)
    models: list[Pasted] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    unknown: list[Traced] = field(default_factory=list)
    kept: list[tuple[Step, ...]] = field(default_factory=list)
    opened: Opened | None = None
    panel: Panel | None = None
    survey: Traced | None = None
    order: tuple[Expr, ...] = ()
    refused: TildeError | None = None

    def known(self) -> Sequence[str] | None:
        """The columns by now."""
        made = [step.name for step in self.steps if isinstance(step, Make)]
        return None if self.columns is None else tuple(dict.fromkeys((*self.columns, *made)))

    def scene(self, by: tuple[Name, ...] = ()) -> Scene:
        """What a command finds that changes the data."""
        return Scene(by, self.known(), self.results, self.order, self.panel)


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
    session = _Session(None)
    for item in commands(text):
        word = re.match(r"\w+", item.text) if isinstance(item, Traced) else None
        if isinstance(item, Traced) and word and command_of(word.group()) in _FINDS:
            _other(item, command_of(word.group()) or "", session)
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
    session = _Session(columns)
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


def _follow(items: Iterable[Item], session: _Session, *, turn: bool) -> None:
    for item in items:
        if isinstance(item, Block):
            _block(item, session, turn=turn)
            continue
        try:
            _command(item, session, turn=turn)
        except TildeError as error:
            made = MAKES.match(item.text)
            if made is None and not item.text.startswith("stset"):
                raise
            session.unread[made[1] if made else "_t"] = error
            session.notes.append(f"line {item.line}: `{item.text}` is not read: {error.message}")


def _block(block: Block, session: _Session, *, turn: bool) -> None:
    if not _without_prefixes(block.head)[0].text:
        _follow(block.body, session, turn=turn)
        return
    loop = loop_of(block.head, session.macros, session.known())
    if loop is None:
        _refuse_program(block.head, session)
        return
    outer = session.macros.locals.get(loop.macro)
    for value in loop.values:
        session.macros.locals[loop.macro] = value
        _follow(block.body, session, turn=True)
    session.macros.locals.pop(loop.macro, None)
    if outer is not None:
        session.macros.locals[loop.macro] = outer


def _refuse_program(line: Traced, session: _Session) -> None:
    word = line.text.split()[0]
    message = f"line {line.line}: `{word}` runs a program, and programs are not run here; write out what it comes to"
    session.refused = session.refused or UnsupportedError(message, line.span(0, len(word)))


def _command(line: Traced, session: _Session, *, turn: bool) -> None:
    """Follow one command: what stands before it first."""
    line, name = _without_prefixes(line)
    within = _BY.match(line.text)
    inner = line if within is None else line.part(within.end(), len(line.text))
    found = re.match(r"[^\W\d]\w*", inner.text)
    word = found.group() if found else ""
    full = command_of(word)
    if within is not None:
        _sort(within.group(), within[1], line, session)
    if within is not None and full in CHANGES:
        _change(inner, full, session, _groups(within[1], line))
    elif full in CHANGES:
        _change(line, full, session, ())
    elif MAKERS.match(inner.text) and not is_model(word):
        _leave_column(inner, session)
    elif full is not None and (within is None or not is_model(word)):
        session.unknown += [line] if word in OTHERS else []
        _other(inner, full, session)
    elif is_model(word) or within is not None or "||" in line.text or get_close_matches(word, COMMANDS, 1, _NEARLY):
        _add(line, session, name, turn=turn)
    elif line.text:
        session.unknown.append(line)
        session.notes.append(f"line {line.line}: `{line.text}` is not read")


def _leave_column(line: Traced, session: _Session) -> None:
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


def _groups(listed: str, line: Traced) -> tuple[Name, ...]:
    """The columns of `by g (t):`; those in parentheses only sort."""
    return tuple(Name(word, line.span()) for word in re.sub(r"\([^)]*\)", " ", listed).split())


def _sort(prefix: str, listed: str, line: Traced, session: _Session) -> None:
    """`bysort g (t):` leaves the rows sorted by g and t; `by g:` finds them so."""
    if prefix.startswith("bys") or re.search(r",\s*s", prefix):
        words = re.sub(r"[()]", " ", listed).split()
        session.order = tuple(Name(word, line.span()) for word in words)


def _change(line: Traced, full: str, session: _Session, by: tuple[Name, ...]) -> None:
    line = session.macros.expanded(line)
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
    session.before.append(line.text if not by else f"by {' '.join(name.text for name in by)}: {line.text}")


def _other(line: Traced, full: str, session: _Session) -> None:
    """Follow what changes no column."""
    stored = STORES.match(line.text)
    if stored is not None and session.models:
        session.models[-1] = replace(session.models[-1], name=_label(stored[1], session))
    elif full in ("local", "global"):
        session.macros.define(line)
    elif full in ("levelsof", "unab", "ds"):
        kept = re.search(r"local\((\w+)\)|^unab\s+(\w+)", line.text)
        if kept is not None:
            session.macros.forget(kept[1] or kept[2], line)
    elif full in ("sort", "gsort"):
        session.order = _keys(session.macros.expanded(line))
        session.before.append(line.text)
    elif full in MERGED:
        message = f"line {line.line}: `{line.text.split()[0]}` makes other rows: {_MERGED}"
        session.refused = session.refused or UnsupportedError(message, line.span())
    elif full in PROGRAMS:
        _refuse_program(line, session)
    elif full == "preserve":
        session.kept.append(tuple(session.steps))
        session.before.append(full)
    elif full == "restore" and session.kept:
        session.steps[:] = session.kept.pop()
        session.refused = None
        session.before.append(full)
    elif full == "summarize":
        session.results = _summarized(line, session)
        session.before += [line.text] if session.results else []
    elif full == "svyset":
        session.survey = session.macros.expanded(line.part(0, len(line.text.split("||")[0]))).stripped()
        session.before.append(session.survey.text)
    else:
        _declared(line, session)


def _keys(line: Traced) -> tuple[Expr, ...]:
    """What `sort id t` and `gsort id -t` sort by."""
    words = re.sub(r",.*|(?<=[-+])\s+", "", line.text).split()[1:]
    keys = ((word.startswith("-"), Name(word.lstrip("+-"), line.span())) for word in words)
    return tuple(Unary("-", key, key.span) if falls else key for falls, key in keys)


def _declared(line: Traced, session: _Session) -> None:
    """`xtset id t`, `stset t, failure(d)`, `use f`."""
    panel = panel_declared(session.macros.expanded(line))
    data = opened(line, session.macros)
    if panel is not None:
        session.panel = panel
        session.order = tuple(Name(word.text, word.span) for word in (panel.variable, panel.time) if word is not None)
    if data is not None:
        session.opened, session.refused = data.opened, None
        session.steps[:] = data.steps
        session.unread.clear()
    if panel is not None or data is not None:
        session.before.append(session.macros.expanded(line).text)


def _summarized(line: Traced, session: _Session) -> dict[str, Expr]:
    """What `r(mean)` and the like are after `summarize x`."""
    try:
        written = clauses(session.macros.expanded(line), len(line.text.split()[0]))
        (word,) = words_of(written.main)
        test = session.scene().condition(written)
    except (TildeError, ValueError):
        return {}
    value: Expr = Name(word.text, word.span())
    value = value if test is None else choice(test, value, Name("NA"), line.span())
    statistics = {"mean": "mean", "sd": "sd", "min": "min", "max": "max", "N": "length", "sum": "sum", "Var": "var"}
    return {name: call(function, value, span=line.span()) for name, function in statistics.items()}


def _add(line: Traced, session: _Session, name: str, *, turn: bool) -> None:
    if session.refused is not None:
        raise session.refused
    expanded = session.macros.expanded(line).stripped()
    _refuse_model(expanded)
    notes = [*session.notes]
    if expanded.text != line.text:
        notes.append(f"with its macros written out the command is `{expanded.text}`")
    label = _label(name, session) if name else ""
    session.models.append(
        Pasted(
            label,
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
        )
    )


def _label(name: str, session: _Session) -> str:
    return session.macros.expanded(Traced.of(name)).text


def _refuse_model(line: Traced) -> None:
    """Say what is to be done about a command that is no model here."""
    found = re.match(rf"(?:{SEVERAL}\s*)*(\w+)", line.text)
    word = found[1] if found else ""
    for words, sentence in NO_MODELS.items():
        if found is not None and word in words:
            raise UnsupportedError(sentence, line.span(*found.span(1)))
