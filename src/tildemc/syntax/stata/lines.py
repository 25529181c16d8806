"""A pasted text in, its one estimation command out: comments, continued lines, `xtset`, and what is no command."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.stata.word import Word

__all__ = ["Panel", "Pasted", "first_word", "is_refused", "read_lines"]

_COMMENT = re.compile(
    r"""("[^"\n]*")"""
    r"|///[^\n]*(?:\n|\Z)"
    r"|(?<![^\s])//[^\n]*"
    r"|/\*[\s\S]*?(?:\*/|\Z)"
    r"|(?:(?<=\n)|\A)[^\S\n]*\*[^\n]*"
)
_PREFIXED = re.compile(r"\s*(?:(?:eststo(?:\s+\w+)?(?=\s*:)|qui\w*|noi\w*|cap\w*|xi)\s*:?\s*)*([^\W\d]\w*)?")
_PANEL = re.compile(r"\s*(?:xtset|tsset|iis)\s+([^\W\d]\w*)(?:\s+([^\W\d]\w*))?\s*(?:,.*)?$")
_MACRO = re.compile(r"`[^'`\n]*'?|\$\{?\w+\}?")
_SURVEY = re.compile(r"\s*svyset\s")

_NO_COMMANDS = {
    ("foreach", "forvalues", "forval", "while"): "loops are not run here; write out the command for one turn",
    ("local", "global", "tempvar", "scalar", "matrix"): "macros are not kept here; write out what they stand for",
    ("use", "import", "insheet", "sysuse", "webuse"): "data are given apart; leave this line out",
    ("generate", "gen", "egen", "replace", "recode", "encode", "drop", "keep", "merge", "reshape", "collapse"): (
        "data are not changed here; prepare them first and leave this line out"
    ),
    ("program", "capture program", "do", "run"): "programs are not run here; paste one command",
    ("mi",): "multiple imputation (`mi estimate:`) is not built; fit each completed data set by itself",
    ("by", "bysort", "statsby", "rolling"): "`by:` is not run here; fit each subset with `if`",
    ("permute", "simulate"): "resampling is not needed: the posterior gives the errors",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """What `xtset` declared."""

    variable: Word
    time: Word | None = None


@dataclass(frozen=True, slots=True)
class Pasted:
    """The command, blank wherever the text holds something else; the panel and the survey declared before it."""

    command: str
    panel: Panel | None
    survey: str | None = None


def read_lines(text: str) -> Pasted:
    """Take comments and declarations out of a text.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        If the text holds macros, loops, or not one command.
    """
    plain = _COMMENT.sub(lambda found: found.group() if found.group(1) else " " * len(found.group()), text)
    macro = _MACRO.search(plain)
    if macro:
        message = "macros are not kept here; write out what this one stands for"
        raise FormulaSyntaxError(message, Span(text, *macro.span()))
    panel: Panel | None = None
    survey: str | None = None
    commands: list[tuple[int, int]] = []
    start = 0
    for line in plain.splitlines(keepends=True):
        end = start + len(line)
        declared = None if line.isspace() else _PANEL.match(line.rstrip())
        if declared:
            panel = Panel(_word(text, start, declared, 1), _word(text, start, declared, 2) if declared[2] else None)
        elif _SURVEY.match(line):
            survey = " " * start + line.split("||")[0].ljust(len(line)) + " " * (len(text) - end)
        elif commands and re.match(r"\s*(?:\|\||,)", line):
            commands[-1] = (commands[-1][0], end)
        elif line.strip():
            commands.append((start, end))
        start = end
    if not commands:
        raise FormulaSyntaxError("the text holds no command; write one such as `mixed y x || g:`", Span(text, 0, 0))
    for first, last in commands:
        _refuse(text, plain, first, last)
    (first, last), *others = commands
    if others:
        message = "one command at a time; end a line with `///` if the command goes on after it"
        raise FormulaSyntaxError(message, _trimmed(text, *others[0]))
    return Pasted(" " * first + plain[first:last].replace("\n", " ") + " " * (len(text) - last), panel, survey)


def first_word(text: str) -> str:
    """The command's name, past comments, declarations and prefixes; empty if the text begins with none."""
    plain = _COMMENT.sub(lambda found: " " * len(found.group()), text)
    lines = [
        line for line in plain.splitlines() if line.strip() and not (_PANEL.match(line.rstrip()) or _SURVEY.match(line))
    ]
    found = _PREFIXED.match(lines[0]) if lines else None
    return (found[1] or "") if found else ""


def is_refused(word: str) -> bool:
    """Whether this is a word of Stata's that stands for no model."""
    return any(word in words for words in _NO_COMMANDS)


def _refuse(text: str, plain: str, start: int, end: int) -> None:
    """Say what is to be done about a line that is no estimation command."""
    found = _PREFIXED.match(plain[start:end])
    word = (found[1] or "") if found else ""
    for words, sentence in _NO_COMMANDS.items():
        if word in words and found is not None:
            raise UnsupportedError(sentence, Span(text, start + found.start(1), start + found.end(1)))
    if plain[start:end].lstrip().startswith("#"):
        raise UnsupportedError("`#delimit` is not followed; write one command", _trimmed(text, start, end))


def _word(text: str, start: int, found: re.Match[str], group: int) -> Word:
    span = Span(text, start + found.start(group), start + found.end(group))
    return Word(str(span), span)


def _trimmed(text: str, start: int, end: int) -> Span:
    inner = text[start:end]
    left = len(inner) - len(inner.lstrip())
    return Span(text, start + left, start + len(inner.rstrip()))
