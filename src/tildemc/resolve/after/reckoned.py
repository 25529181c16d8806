"""`lincom a - b`, `nlcom a / b`, `test a = b`, `display exp(_b[x])`: arithmetic of a model's numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.resolve.after.names import StataNames
from tildemc.resolve.after.options import RATIOS, level, ratios, taken
from tildemc.resolve.after.records import After, Combined, Displayed, Joint, Tested
from tildemc.resolve.hypothesis import Hypothesis
from tildemc.syntax import tree
from tildemc.syntax.stata.after import Piece, Reckoned

__all__ = ["read_reckoned"]


def read_reckoned(read: Reckoned, names: StataNames) -> After:
    match read.command:
        case "lincom" | "nlcom":
            options = taken(read.options, "level", *RATIOS)
            return Combined(dict(_combinations(read, names)), ratios(options), level(options))
        case "test":
            taken(read.options)
            return Joint((_test(read, names),))
        case _:
            taken(read.options)
            return Displayed(tuple(_displayed(read.pieces, names)))


def _combinations(read: Reckoned, names: StataNames) -> Iterator[tuple[str, Hypothesis]]:
    if not read.pieces:
        raise FormulaSyntaxError(f"`{read.command}` is of the model's numbers, as in `{read.command} x - z`", read.span)
    if read.command == "lincom" and len(read.pieces) > 1:
        raise FormulaSyntaxError("`lincom` is of one combination; `nlcom (a) (b)` of several", read.pieces[1].span)
    for piece in read.pieces:
        if len(piece.sides) > 1:
            message = f"`{read.command}` estimates a combination; `test` says whether two are equal"
            raise FormulaSyntaxError(message, piece.span)
        (side,) = piece.sides
        text = str(piece.span)
        found = names.combination(side, text)
        if not found.quantities:
            raise SemanticError("this names no number of the model", piece.span)
        yield piece.name or _inner(text), found


def _inner(text: str) -> str:
    """Without parentheses around all of it."""
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text


def _test(read: Reckoned, names: StataNames) -> Tested:
    """All coefficients that are named are zero, all sides of an equation equal."""
    rows: list[Hypothesis] = []
    for piece in read.pieces:
        first, *others = piece.sides
        if isinstance(first, tree.Name) and not others and re.fullmatch(r"\[[^\]]+\]\w*", first.text):
            raise UnsupportedError("`test` of whole equations is not built: name their coefficients", piece.span)
        for other in others or [tree.Number(0.0)]:
            value = first if other == tree.Number(0.0) else tree.Binary("-", first, tree.Parens(other))
            found = names.combination(value, f"{_said(first)} = {_said(other)}")
            if not found.quantities:
                raise SemanticError("this names no number of the model", piece.span)
            rows.append(found)
    if not rows:
        raise FormulaSyntaxError("`test` names coefficients, as in `test x z` or `test x = z`", read.span)
    return Tested(" ".join(str(piece.span) for piece in read.pieces), tuple(rows))


def _said(side: tree.Expr) -> str:
    """As it was written; 0 where nothing was."""
    return "0" if side.span is None else str(side.span)


def _displayed(pieces: Sequence[Piece], names: StataNames) -> Iterator[str | Hypothesis]:
    for piece in pieces:
        (side, *_) = piece.sides
        if isinstance(side, tree.Text):
            yield side.value
        else:
            yield names.combination(side, str(piece.span))
