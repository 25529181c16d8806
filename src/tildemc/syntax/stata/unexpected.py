"""Where a parser of Stata's stopped in, the sentence for that place out."""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span

__all__ = ["mistake"]

_CHARACTERS = {
    "`'": "this is a macro; write out what it stands for",
    "$": "this is a global macro; write out what it stands for",
    "“”": 'curly quotes quote nothing; write `"`',
    "{}": "braces belong to loops and programs; write one command",
    ";": "one command at a time, without `;`",
    '"': "a quoted text stands only in `if` and in options",
    "~": "a formula with `~` is no Stata command; begin with the command, as in `mixed y x || g:`",
}


def mistake(error: UnexpectedInput, text: str, shown: str) -> FormulaSyntaxError:
    """The sentence for the place where the parser stopped."""
    if isinstance(error, UnexpectedCharacters):
        assert error.pos_in_stream is not None
        at = error.pos_in_stream
        span = Span(shown, at, at + 1)
        for characters, sentence in _CHARACTERS.items():
            if text[at] in characters:
                return FormulaSyntaxError(sentence, span)
        return _expected(set(error.allowed), text[:at], text[at], span, ended=False)
    assert isinstance(error, UnexpectedToken), "an LALR parser stops at a character or at a token"
    ended = error.token.type == "$END"
    token = error.token
    end = len(text.rstrip())
    assert ended or (token.start_pos is not None and token.end_pos is not None)
    span = Span(shown, max(0, end - 1), end) if ended else Span(shown, token.start_pos, token.end_pos)
    before = text if ended else text[: span.start]
    return _expected(set(error.accepts or error.expected), before, str(token), span, ended=ended)


def _expected(expected: set[str], before: str, found: str, span: Span, *, ended: bool) -> FormulaSyntaxError:
    opened = _unclosed(before)
    if ended and opened is not None:
        mark = before[opened]
        kind = {"(": "parenthesis", "[": "bracket", "{": "brace"}[mark]
        return FormulaSyntaxError(f"this {kind} is never closed", Span(span.text, opened, opened + 1))
    shown = "the end" if ended else f"`{found}`"
    options = _in_options(before)
    for needed, sentence in (
        ("RBRACE", "a parameter ends with `}}`, as in `{{y:x}}`; it is missing before {found}"),
        ("COLON", "a level is written with a colon, as in `|| school:`; it is missing before {found}"),
        ("ASSIGN", "the response is followed by `=`, as in `menl y = {{a}} * x`; it is missing before {found}"),
    ):
        if needed in expected and len(expected - {"LPAR"}) <= 3 and "COMMA" not in expected - {"COLON"}:
            return FormulaSyntaxError(sentence.format(found=shown), span)
    if ended and not before.strip():
        message = "the text holds no command; write one such as `mixed y x || g:`"
        return FormulaSyntaxError(message, Span(span.text, 0, 0))
    if before.rstrip().endswith("||"):
        message = f"after `||` stands the variable of a level and a colon, as in `|| school:`, not {shown}"
        span = Span(span.text, span.end - 2, span.end) if ended else span
        return FormulaSyntaxError(message, span)
    if found == "[" and "=" not in span.text[span.end :].partition("]")[0]:
        message = "another row's value is read as `x[_n-1]`, `x[_n+1]`, `x[1]` or `x[_N]`; weights are as in `[pw=w]`"
        return FormulaSyntaxError(message, span)
    if found in ("if", "in", "[") and not ended:
        message = f"`{found}` stands before the comma, and options after it"
        return FormulaSyntaxError(message, span)
    if found == ")":
        return FormulaSyntaxError("this closing parenthesis was never opened", span)
    if found == "," and options:
        return FormulaSyntaxError("options stand after one comma, without commas between them", span)
    if found == "=" and not options:
        return FormulaSyntaxError("`=` assigns; to compare write `==`", span)
    what = "an option" if options else "a variable" if "VAR" in expected else "this"
    reason = f"{shown} cannot stand here" + (f", where {what} is expected" if what != "this" else "")
    if found == "|":
        reason += "; levels begin with `||`, and R's `(x | g)` is `|| g: x, covariance(unstructured)`"
    return FormulaSyntaxError(reason, span)


def _in_options(before: str) -> bool:
    """Whether the place after `before` is among the options."""
    tail = re.split(r"\|\|", before)[-1]
    depth = 0
    for character in tail:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            return True
    return False


def _unclosed(before: str) -> int | None:
    """Where the last bracket opens that nothing closes."""
    opened: list[int] = []
    for at, character in enumerate(before):
        if character in "([{":
            opened.append(at)
        elif character in ")]}" and opened:
            opened.pop()
    return opened[-1] if opened else None
