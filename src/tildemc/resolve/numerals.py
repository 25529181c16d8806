"""Values in text: a column of text that was meant as numbers, or as true and false, is told from one of labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tildemc.arrays import Label
from tildemc.errors import DataError

__all__ = [
    "Tally",
    "has_decimal_commas",
    "is_number",
    "is_quantity",
    "is_truth",
    "looks_meant",
    "refuse_strays",
    "summed",
]

Tally = Mapping[Label, tuple[int, int]]
"""Of each value of a column of text, or of text among numbers, in how many rows it stands, and the first's position."""

_SIGN = r"\s*[+\-−]?\s*"
_EXPONENT = r"(?:[eE][+-]?\d+)?\s*"
_NUMBER = re.compile(rf"\s*[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}")
_COMMA = re.compile(rf"{_SIGN}\d*,\d+{_EXPONENT}")
_GROUPED = re.compile(rf"{_SIGN}[1-9]\d{{,2}}(?:([,.'’ \u00a0\u202f])\d{{3}})(?:\1\d{{3}})*(?:[.,]\d+)?\s*")
_UNIT = re.compile(r"\s*[<>≤≥~=]?\s*[$€£¥]?\s*(.*?)\s*[%‰$€£¥*†]?\s*")
_TRUTHS = (frozenset({"True", "False"}), frozenset({"TRUE", "FALSE"}), frozenset({"true", "false"}))
_TRUTHS_ELSEWHERE = frozenset({"true", "false", "t", "f", "y", "n", "yes", "no", "0", "1"})
_SHOWN, _LONGEST = 4, 40


def is_number(text: str) -> bool:
    """Whether a text is a number as programs write it."""
    return _NUMBER.fullmatch(text) is not None


def is_quantity(text: str) -> bool:
    """Whether a text is a number, and no label such as `007`."""
    return is_number(text) and not re.match(r"\s*0\d", text)


def is_truth(text: str) -> bool:
    """Whether a text is true or false as programs write it."""
    return any(text in way for way in _TRUTHS)


def looks_meant(level: object) -> bool:
    """Whether a level is a number, in any writing, or true or false."""
    return not isinstance(level, str) or is_number(level) or is_truth(level) or _number_writing(level) is not None


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


_SAY = "of text in columns say csv={}; in a frame make numbers of all rows"
_GROUPS = f"may have separated thousands or a decimal comma: {_SAY.format('{"thousands": …} or csv={"decimal": …}')}"
_COMMAS = f"has a decimal comma: {_SAY.format('{"decimal": ","}, `--csv decimal=,`')}"
_MINUS = "has a minus that is not the keyboard's: write `-` in all rows"
_UNITS = "has a sign beside the number: take it off in all rows"
_TEXT = "is text among numbers: make numbers of such cells, by pandas.to_numeric, say"
_OTHERWISE = "is true or false in another writing: write it in one way in all rows"
# What is wrong with a value that is what the column was meant as, but that no reader takes for it; and what to do.


def _number_writing(text: str) -> str | None:
    """What is wrong with a number that is not plain; None if the text is no number."""
    if len(text) > _LONGEST:
        return None
    for pattern, wrong in ((_GROUPED, _GROUPS), (_COMMA, _COMMAS)):
        if pattern.fullmatch(text):
            return wrong
    if is_number(text.replace("−", "-")) and "−" in text:
        return _MINUS
    bare = _UNIT.fullmatch(text)
    if bare is not None and bare[1] != text.strip() and (is_number(bare[1]) or _number_writing(bare[1]) is not None):
        return _UNITS
    return None


def _truth_writing(text: str) -> str | None:
    return _OTHERWISE if text.strip().lower() in _TRUTHS_ELSEWHERE else None


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a column of text may have been meant as.

    Attributes
    ----------
    one, many : str
        What to say of a value, and of several, that are none.
    is_plain : callable
        Whether a reader takes a text for one.
    writing : callable
        What is wrong with one that no reader takes for one; None if a text is none.
    """

    one: str
    many: str
    is_plain: Callable[[str], bool]
    writing: Callable[[str], str | None]


_NUMBERS = _Meant("is no number", "are no numbers", is_number, _number_writing)
_AMONG_NUMBERS = replace(
    _NUMBERS, is_plain=lambda _: False, writing=lambda text: _TEXT if is_number(text) else _number_writing(text)
)
_TRUTH_VALUES = _Meant("is neither true nor false", "are neither true nor false", is_truth, _truth_writing)


def _ways(tally: Tally) -> tuple[_Meant, ...]:
    """What a column may have been meant as; text such as `yes` is true or false only beside some that is plainly."""
    texts = [value for value in tally if isinstance(value, str)]
    if len(texts) < len(tally):
        return (_AMONG_NUMBERS,)
    truths = [text for text in texts if is_truth(text)]
    if not truths:
        return (_NUMBERS,)
    if len({text.lower() for text in truths}) == len(truths):
        return _NUMBERS, _TRUTH_VALUES
    usual = max(_TRUTHS, key=lambda way: sum(tally[text][0] for text in truths if text in way))
    return _NUMBERS, replace(_TRUTH_VALUES, is_plain=usual.__contains__)


@dataclass(frozen=True, slots=True)
class _Strays:
    """The values of a column that are not what it was meant as.

    Attributes
    ----------
    meant : _Meant
    found : mapping
        Of the texts that no reader takes for one.
    written : mapping
        Of these, what is wrong with those that are one all the same.
    rows : int
        In which there is one, in any writing.
    """

    meant: _Meant
    found: Mapping[str, tuple[int, int]]
    written: Mapping[str, str]
    rows: int

    @classmethod
    def of(cls, meant: _Meant, tally: Tally) -> _Strays:
        found = {text: at for text, at in tally.items() if isinstance(text, str) and not meant.is_plain(text)}
        written = {text: writing for text in found if (writing := meant.writing(text)) is not None}
        alike = (count for value, (count, _) in tally.items() if value in written or value not in found)
        return cls(meant, found, written, sum(alike))


def refuse_strays(name: str, tally: Tally, row: Callable[[int], str]) -> None:
    """Refuse a column of text of which most values are numbers, or true and false, and some are not.

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
    rows = sum(count for count, _ in tally.values())
    strays = max((_Strays.of(meant, tally) for meant in _ways(tally)), key=lambda strays: strays.rows)
    lost = len(strays.found) - len(strays.written)
    if not strays.found or not (2 * lost <= len(tally) or 2 * strays.rows > rows):
        return
    words = [text for text in strays.found if text not in strays.written] or list(strays.written)
    shown = sorted(words, key=lambda text: strays.found[text][1])[:_SHOWN]
    places = ", ".join(f"{text!r} in {_rows(strays.found[text], row)}" for text in shown)
    more = f" and {len(words) - len(shown)} other texts" if len(words) > len(shown) else ""
    count = sum(strays.found[text][0] for text in words)
    said = strays.meant.one if count == 1 else strays.meant.many
    found = f"`{name}` is text, since {count:,} of its {rows:,} values {said}: {places}{more}"
    raise DataError(f"{found}. {_advice(shown, strays.written)}; or, if it is a factor, write factor({name})")


def _advice(shown: list[str], written: Mapping[str, str]) -> str:
    if shown[0] not in written:
        named = ", ".join(map(repr, shown))
        return f"Say what stands for no value: na=[{named}], `--na` on the command line, `na` in a formula file"
    # Where one number can only have a decimal comma, the others have one too.
    certain = next((text for text, writing in written.items() if writing == _COMMAS), shown[0])
    return f"{certain!r} {written[certain]}"


def _rows(found: tuple[int, int], row: Callable[[int], str]) -> str:
    count, first = found
    return row(first) + (f" and {count - 1:,} more" if count > 1 else "")
