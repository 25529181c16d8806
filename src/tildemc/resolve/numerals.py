"""Numbers in text: a column of text that was meant as numbers is told from one of labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tildemc.errors import DataError

__all__ = ["Tally", "has_decimal_commas", "is_number", "is_numeral", "is_quantity", "refuse_strays", "summed"]

Tally = Mapping[str, tuple[int, int]]
"""For each text of a column in how many rows it stands, and the position of the first."""

_SIGN = r"\s*[+\-−]?\s*"
_EXPONENT = r"(?:[eE][+-]?\d+)?\s*"
_NUMBER = re.compile(rf"\s*[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}")
_COMMA = re.compile(rf"{_SIGN}\d*,\d+{_EXPONENT}")
_GROUPED = re.compile(rf"{_SIGN}[1-9]\d{{,2}}(?:([,.'’ \u00a0\u202f])\d{{3}})(?:\1\d{{3}})*(?:[.,]\d+)?\s*")
_UNIT = re.compile(r"\s*[<>≤≥~=]?\s*[$€£¥]?\s*(.*?)\s*[%‰$€£¥*†]?\s*")
_SHOWN, _LONGEST = 4, 40


def is_number(text: str) -> bool:
    """Whether a text is a number as programs write it."""
    return _NUMBER.fullmatch(text) is not None


def is_quantity(text: str) -> bool:
    """Whether a text is a number, and no label such as `007`."""
    return is_number(text) and not re.match(r"\s*0\d", text)


def is_numeral(text: Any) -> bool:
    """Whether a level is a number in any writing, or text that is one."""
    return isinstance(text, str) and (is_number(text) or _writing(text) is not None)


def has_decimal_commas(texts: list[str]) -> bool:
    """Whether texts are mostly numbers and some of them can only have a decimal comma."""
    commas = [text for text in texts if _COMMA.fullmatch(text)]
    certain = any(_GROUPED.fullmatch(text) is None for text in commas)
    whole = sum(text.strip().lstrip("+-").isdecimal() for text in texts)
    return certain and 2 * (len(commas) + whole) >= len(texts)


def summed(one: Tally, two: Tally) -> Tally:
    """The tally of two parts of a column."""
    merged = dict(one)
    for text, (count, first) in two.items():
        before, earliest = merged.get(text, (0, first))
        merged[text] = (before + count, min(earliest, first))
    return merged


@dataclass(frozen=True, slots=True)
class _Writing:
    """A way to write numbers that no reader takes for numbers unless it is told to; and what to do about it."""

    pattern: re.Pattern[str]
    advice: str


_READ = "read the data by pandas.read_csv(…, {}), say, and give the model that frame"
_EITHER = _READ.format("thousands=… or decimal=…")
_GROUPS = _Writing(_GROUPED, f"may have separated thousands or a decimal comma; {_EITHER}")
_COMMAS = _Writing(_COMMA, f"has a decimal comma; {_READ.format('decimal=","')}")
_MINUS = _Writing(re.compile("−"), "has a minus that is not the keyboard's: write `-` in all rows")
_UNITS = _Writing(_UNIT, "has a sign beside the number: take it off in all rows")


def _writing(text: str) -> _Writing | None:
    """How a number is written that is not plain; None if the text is no number."""
    if len(text) > _LONGEST:
        return None
    for writing in (_GROUPS, _COMMAS):
        if writing.pattern.fullmatch(text):
            return writing
    if is_number(text.replace("−", "-")) and "−" in text:
        return _MINUS
    bare = _UNIT.fullmatch(text)
    if bare is not None and bare[1] != text.strip() and (is_number(bare[1]) or _writing(bare[1]) is not None):
        return _UNITS
    return None


def refuse_strays(name: str, tally: Tally, row: Callable[[int], str]) -> None:
    """Refuse a column of text of which most values are numbers and some are not.

    Text that is all plain numbers is a factor: whoever made text of numbers wanted one.

    Parameters
    ----------
    name : str
    tally : mapping
        Of all rows of the data, in use or not: what a column is does not depend on the rows that are chosen.
    row : callable
        What a row at a position is called.

    Raises
    ------
    DataError
        With the values, their rows and what would work.
    """
    strays = {text: found for text, found in tally.items() if not is_number(text)}
    written = {text: writing for text in strays if (writing := _writing(text)) is not None}
    alike = len(tally) - len(strays) + len(written)
    rows = sum(count for count, _ in tally.values())
    lost = sum(count for text, (count, _) in strays.items() if text not in written)
    if not strays or not (2 * alike >= len(tally) or 2 * (rows - lost) > rows):
        return
    words = [text for text in strays if text not in written]
    shown = _first(words or list(written), strays)
    places = ", ".join(f"{text!r} in {_rows(strays[text], row)}" for text in shown)
    more = f" and {len(words or written) - len(shown)} other texts" if len(words or written) > len(shown) else ""
    count = sum(strays[text][0] for text in words or written)
    said = "is no number" if count == 1 else "are no numbers"
    found = f"`{name}` is text, since {count:,} of its {rows:,} values {said}: {places}{more}"
    raise DataError(f"{found}. {_advice(shown, written)}; or, if it is a factor, write factor({name})")


def _advice(shown: list[str], written: Mapping[str, _Writing]) -> str:
    if shown[0] not in written:
        named = ", ".join(map(repr, shown))
        return f"Say what stands for no value: na=[{named}], `--na` on the command line, `na` in a formula file"
    # Where one number can only have a decimal comma, the others have one too.
    certain = next((text for text, writing in written.items() if writing is _COMMAS), shown[0])
    return f"{certain!r} {written[certain].advice}"


def _first(texts: list[str], strays: Tally) -> list[str]:
    return sorted(texts, key=lambda text: strays[text][1])[:_SHOWN]


def _rows(found: tuple[int, int], row: Callable[[int], str]) -> str:
    count, first = found
    return row(first) + (f" and {count - 1:,} more" if count > 1 else "")
