"""A command that changes no column in: what it declares, stores, sorts or takes, kept in the session."""

from __future__ import annotations

import re
from dataclasses import replace

from tildemc.errors import TildeError, UnsupportedError
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.clauses import clauses, words_of
from tildemc.syntax.stata.expressions import number_or_none
from tildemc.syntax.stata.files import opened
from tildemc.syntax.stata.functions import choice, quantile
from tildemc.syntax.stata.series import panel_declared
from tildemc.syntax.stata.session import Session
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.varlist import Base
from tildemc.syntax.stata.words import MERGED, PROGRAMS, STORES
from tildemc.syntax.steps import Make
from tildemc.syntax.tree import Expr, Name, Unary

__all__ = ["declare", "label", "refuse_program", "sort"]

_MERGED = "prepare the data first; everything else of this text is read"


def declare(line: Traced, full: str, session: Session) -> None:
    """Follow what changes no column."""
    stored = STORES.match(line.text)
    if stored is not None and session.models:
        session.models[-1] = replace(session.models[-1], name=label(stored[1], session))
    elif full in ("local", "global", "scalar"):
        if not _kept_number(line, session) and full != "scalar":
            session.macros.define(line)
    elif full in ("levelsof", "unab", "ds"):
        kept = re.search(r"local\((\w+)\)|^unab\s+(\w+)", line.text)
        if kept is not None:
            session.macros.forget(kept[1] or kept[2], line)
    elif full in ("sort", "gsort"):
        session.order = _keys(session.macros.expanded(line))
        session.before.append(line.text)
    elif full in ("tempvar", "tempfile", "tempname"):
        taken = session.known() or ()
        session.macros.locals |= {word: f"{word}_" if word in taken else word for word in line.text.split()[1:]}
        session.before.append(line.text)
    elif full in ("fvset", "char"):
        _set_bases(session.macros.expanded(line), session)
    elif full in MERGED:
        message = f"line {line.line}: `{line.text.split()[0]}` makes other rows: {_MERGED}"
        session.refused = session.refused or UnsupportedError(message, line.span())
    elif full in PROGRAMS:
        refuse_program(line, session)
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


_KEPT = re.compile(r"(?:loc\w*|gl\w*|sca\w*(?:\s+def\w*)?)\s+(\w+)\s*=\s*(.*)$", re.DOTALL)


def _kept_number(line: Traced, session: Session) -> bool:
    """`local m = r(mean)`, `scalar m = r(mean)/2`: a number of the rows that there are now, as a column of its own."""
    found = _KEPT.match(line.text)
    if found is None or not (line.text.startswith("sca") or "r(" in found[2]):
        return False
    name = f"{found[1]}_" if found[1] in (session.known() or ()) else found[1]
    try:
        scene = session.scene()
        value = number_or_none(scene.value(session.macros.expanded(line.part(*found.span(2)))))
        session.steps += scene.settled(Make(name, value, (), line.span()))
    except TildeError as error:
        if line.text.startswith("sca"):
            session.unread[name] = error
        return False
    if not line.text.startswith("sca"):
        kept = session.macros.globals if line.text.startswith("g") else session.macros.locals
        kept[found[1]] = name
    session.before.append(line.text)
    return True


_FVSET = re.compile(r"fvset\s+base\s+(#?\d+|first|last|none|default|freq\w*)\s+(.*)")
_CHAR = re.compile(r"char\s+(\w+)\s*\[\s*omit\s*\]\s*(\d+)")


def _set_bases(line: Traced, session: Session) -> None:
    """`fvset base 3 race`, `char race[omit] 3`: which level is left out of indicators from here on."""
    declared, omitted = _FVSET.match(line.text), _CHAR.match(line.text)
    session.before.append(line.text)
    if omitted is not None:
        session.bases[omitted[1]] = Base("value", int(omitted[2]))
    elif declared is not None:
        for name in session.scene().named(line.part(*declared.span(2))):
            session.bases[name] = _base(declared[1], line)
    elif re.match(r"fvset\s+clear", line.text):
        session.bases.clear()
    else:
        session.notes.append(f"line {line.line}: `{line.text}` is not read")


def _base(written: str, line: Traced) -> Base:
    if written.startswith("freq"):
        message = "the most frequent level is known from the data only; name it, as in `fvset base 2 group`"
        raise UnsupportedError(message, line.span())
    if written.lstrip("#").isdigit():
        return Base("rank" if written[0] == "#" else "value", int(written.lstrip("#")))
    return Base("none" if written == "none" else "last" if written == "last" else "first")


def _keys(line: Traced) -> tuple[Expr, ...]:
    """What `sort id t` and `gsort id -t` sort by."""
    words = re.sub(r",.*|(?<=[-+])\s+", "", line.text).split()[1:]
    keys = ((word.startswith("-"), Name(word.lstrip("+-"), line.span())) for word in words)
    return tuple(Unary("-", key, key.span) if falls else key for falls, key in keys)


def _declared(line: Traced, session: Session) -> None:
    """`xtset id t`, `stset t, failure(d)`, `use f`."""
    panel = panel_declared(session.macros.expanded(line)) if re.match(r"xtset|tsset|iis", line.text) else None
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


def _summarized(line: Traced, session: Session) -> dict[str, Expr]:
    """What `r(mean)` and the like are after `summarize x`."""
    try:
        written = clauses(session.macros.expanded(line), len(line.text.split()[0]))
        (word,) = words_of(written.main)
        test = session.scene().condition(written)
    except (TildeError, ValueError):
        return {}
    value: Expr = Name(word.text, word.span())
    value = value if test is None else choice(test, value, Name("NA"), line.span())
    shares = {f"p{percent}": percent / 100 for percent in (1, 5, 10, 25, 50, 75, 90, 95, 99)}
    quantiles = {name: quantile(value, share) for name, share in shares.items()}
    statistics = {"mean": "mean", "sd": "sd", "min": "min", "max": "max", "N": "length", "sum": "sum", "Var": "var"}
    found: dict[str, Expr] = {name: called(function, value, span=line.span()) for name, function in statistics.items()}
    return found | quantiles


def sort(prefix: str, listed: str, line: Traced, session: Session) -> None:
    """`bysort g (t):` leaves the rows sorted by g and t; `by g:` finds them so."""
    if prefix.startswith("bys") or re.search(r",\s*s", prefix):
        words = re.sub(r"[()]", " ", listed).split()
        session.order = tuple(Name(word, line.span()) for word in words)


def label(name: str, session: Session) -> str:
    return session.macros.expanded(Traced.of(name)).text


def refuse_program(line: Traced, session: Session) -> None:
    word = line.text.split()[0]
    instead = "a loop over numbers is `forvalues i = 1/3 {`" if word == "while" else "write out what it comes to"
    message = f"line {line.line}: `{word}` runs a program, and programs are not run here; {instead}"
    session.refused = session.refused or UnsupportedError(message, line.span(0, len(word)))
