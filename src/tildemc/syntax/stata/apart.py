"""The prefixes by which a command is several models in, what they ask for out: `by g:`, `statsby`, `mi estimate:`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.stata.tables import MI_OPTIONS, find_option
from tildemc.syntax.stata.written import Prefix
from tildemc.syntax.statement import Statement

__all__ = ["set_apart"]

_GROUPS = re.compile(r"\bby\(([^()]*)\)")


def set_apart(statement: Statement, prefixes: Sequence[Prefix]) -> Statement:
    """What a command says, with what stands before it of groups and of completed data sets.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    by = tuple(name for prefix in prefixes for name in _groups(prefix))
    imputed = [prefix for prefix in prefixes if _is_imputed(prefix)]
    if not by and not imputed:
        return statement
    display, notes = [*statement.display], [*statement.notes]
    for prefix in imputed:
        for option in prefix.options:
            name, use = find_option(option, MI_OPTIONS, "`mi estimate`")
            if use == "display":
                display.append(name)
            elif use:
                notes.append(f"`{option.span}` is dropped: {use}")
            else:
                message = f"`{name}` picks some of the data sets, and all that are given are fitted: give those alone"
                raise UnsupportedError(message, option.span)
    told = "mi estimate:" if imputed else ""
    return replace(statement, by=by, imputed=told, display=tuple(dict.fromkeys(display)), notes=tuple(notes))


def _is_imputed(prefix: Prefix) -> bool:
    return prefix.word.text.split()[0] == "mi"


def _groups(prefix: Prefix) -> Iterator[str]:
    """The columns for whose values there is a model each; `by g (t):` only sorts by t."""
    yield from (word.text for word in prefix.groups)
    if not prefix.word.text.startswith("statsby"):
        return
    found = _GROUPS.search(prefix.word.text)
    if found is None:
        raise FormulaSyntaxError("`statsby` names its groups, as in `statsby, by(g): mixed y x`", prefix.span)
    yield from found[1].split()
