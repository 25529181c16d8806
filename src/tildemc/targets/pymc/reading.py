"""How a program reads its columns, so that they have the model's values and types.

What pandas finds depends on the file: digits of text are numbers to it, integers with gaps floats; a parquet file has
levels, and numbers that overflow. Where that is not what the model has, the program asks for a type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from tildemc.arrays import Label
from tildemc.errors import UnsupportedError
from tildemc.spec.columns import Labels, Stored
from tildemc.spec.expr import Col, Const, Expr, Op, Recode, walk
from tildemc.spec.model import ModelSpec
from tildemc.spec.origin import Options, Origin
from tildemc.spec.report import Report
from tildemc.targets.pymc.layout import Bracket, quoted
from tildemc.targets.pymc.overflow import overflowing
from tildemc.targets.pymc.program import Line

__all__ = ["Reading"]

_READ_AS_MISSING = {
    "", "NA", "N/A", "NULL", "NaN", "None", "n/a", "nan", "null", "-NaN", "-nan", "<NA>", "#N/A", "#NA", "#N/A N/A",
    "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
}  # fmt: skip
_SINGLE = ("float16", "float32")
Type = type | str | None
"""Of Python's, or by pandas's name; None if the column comes as it should."""


class Reading:
    """The types that a program asks for.

    Parameters
    ----------
    spec : ModelSpec
    report : Report
    origin : Origin
        Where it reads the data.
    """

    def __init__(self, spec: ModelSpec, report: Report, origin: Origin) -> None:
        self.columns = report.columns
        made = {one.name for one in spec.ordered}
        self._own = {name: stored for name, stored in report.columns.items() if name not in made}
        self.typed = next(origin.files()).format.typed
        condition = None if report.selection is None else report.selection.condition
        exprs = [*spec.expressions(), *([] if condition is None else [condition])]
        self._labels = _labels(spec, exprs)
        self._floats = {name for expr in exprs for name in overflowing(expr, self.columns)}
        self._known = {part.name for expr in spec.expressions() for part in walk(expr) if isinstance(part, Col)}
        # Only so do integers with gaps reach pandas as they are if it was not pandas that wrote the file.
        self._nullable = self.typed and any(self._wide(name) and self.columns[name].gaps for name in self.columns)

    def told(self) -> Options:
        """What the function that reads the file is told."""
        if self.typed:
            return (("dtype_backend", "numpy_nullable"),) if self._nullable else ()
        options: list[tuple[str, object]] = []
        asked = {name: kept for name, stored in self._own.items() if (kept := self._in_text(name, stored))}
        if asked:
            options.append(("dtype", asked))
        if any(level in _READ_AS_MISSING for levels in self._labels.values() for level in levels):
            options += [("keep_default_na", False), ("na_values", ("",))]
        return tuple(options)

    def casts(self) -> Iterator[Line]:
        """What is done to the columns as soon as they are there."""
        after = self._in_levels if self.typed else self._after_text
        asked = {name: kept for name, stored in self._own.items() if (kept := after(name, stored))}
        if asked:
            yield _cast(asked)
        for name in self._blank():
            yield Line(f"data[{quoted(name)}]", f'data[{quoted(name)}].replace("", None)')
        for name in self._mixed():
            column = f"data[{quoted(name)}]"
            yield Line(column, f'pd.to_numeric({column}, errors="coerce").astype(object).fillna({column})')

    def _blank(self) -> list[str]:
        return [name for name, stored in self.columns.items() if stored.blank and self.typed]

    def _mixed(self) -> Iterator[str]:
        """The columns of numbers and text, all of which is text in a file."""
        for name, stored in self.columns.items():
            if stored.content == "mixed":
                digits = [level for level in self._labels.get(name, ()) if isinstance(level, str) and _misread(level)]
                if digits or stored.wide:
                    found = f"{digits[0]!r} and the number" if digits else "numbers of more than 15 digits and text"
                    raise UnsupportedError(f"`{name}` holds {found}, which are one in a file: make text of all of it")
                yield name

    def complete(self) -> Iterator[Line]:
        """What is done to them when no row is left that lacks a value."""
        gaps = [name for name, stored in self.columns.items() if stored.gaps and name in self._known]
        asked: dict[str, Type] = {name: bool for name in gaps if self.columns[name].content == "truth"}
        asked |= {name: self._integers(self.columns[name]).lower() for name in gaps if self._wide(name)}
        if asked:
            yield _cast(asked)

    def whole(self, name: str, *, all_rows: bool = True) -> str:
        """Code behind a column of whole numbers that makes integers of it; none where it is sure to have them."""
        stored = self.columns[name]
        integers = stored.dtype.startswith(("int", "uint")) and not stored.gaps and name not in self._floats
        kept = not self.typed or self._wide(name) or (stored.plain and not self._nullable)
        return "" if integers and kept and all_rows else f".astype({quoted(self._integers(stored))})"

    def text(self, name: str, levels: Labels) -> str:
        """The labels of a column's rows as text."""
        return levels.code(f"data[{quoted(name)}]", self.whole(name) if levels.kind == "whole" else "")

    def is_plain(self, name: str, levels: Labels) -> bool:
        """Whether the column has text, or integers, without more ado."""
        return levels.kind == "text" or (levels.kind == "whole" and not self.whole(name))

    def _wide(self, name: str) -> bool:
        """Whether a column's labels are integers that floats would not tell apart."""
        wide = self.columns[name].wide and name in self._labels
        if wide and name in self._floats:
            raise UnsupportedError(
                f"`{name}` is a label and part of arithmetic, for which its whole numbers are too large: "
                "make text of a copy of it for the label"
            )
        if wide and self.typed and self.columns[name].dtype == "levels" and self.columns[name].gaps:
            raise UnsupportedError(f"`{name}` has levels of so many digits that pandas rounds them: make text of them")
        return wide

    @staticmethod
    def _integers(stored: Stored) -> str:
        return "UInt64" if stored.dtype.startswith("uint") else "Int64"

    def _in_text(self, name: str, stored: Stored) -> Type:
        """The type to ask for while a text file is read."""
        match stored.content:
            case "text":
                return str if any(map(_misread, self._labels.get(name, ()))) else None
            case "mixed":
                return str
            case "truth":
                return "boolean" if stored.gaps else None
            case "number":
                pass
            case never:
                assert_never(never)
        if self._wide(name):
            return self._integers(stored) if stored.gaps else None
        if stored.dtype in _SINGLE:
            return stored.dtype
        return float if name in self._floats or (stored.wide and stored.gaps) else None

    def _after_text(self, name: str, stored: Stored) -> Type:
        """The type that a column is given when a text file is read."""
        return float if stored.dtype in _SINGLE else None

    def _in_levels(self, name: str, stored: Stored) -> Type:
        """The type that a column is given when a file with types is read."""
        plain = stored.plain and not self._nullable
        match stored.content:
            case "text" | "mixed":
                return None if plain else str
            case "truth":
                return "boolean" if stored.gaps else None if plain else bool
            case "number":
                pass
            case never:
                assert_never(never)
        if self._wide(name):
            return self._integers(stored) if stored.gaps else None if plain else self._integers(stored).lower()
        return None if plain and name not in self._floats else float


def _cast(asked: Mapping[str, Type]) -> Line:
    named = {name: kept.__name__ if isinstance(kept, type) else quoted(str(kept)) for name, kept in asked.items()}
    types = ((f"{quoted(name)}: ", kept) for name, kept in named.items())
    return Line("data", Bracket("data.astype(", (("", Bracket("{", tuple(types), "}")),), ")"))


def _labels(spec: ModelSpec, exprs: list[Expr]) -> dict[str, set[Label]]:
    """For each column that is told apart by its labels, those that the model mentions."""
    found: dict[str, set[Label]] = {}
    for factor in spec.factors():
        for j, name in enumerate(factor.columns):
            found.setdefault(name, set()).update(key[j] for key in factor.keys)
    for part in (part for expr in exprs for part in walk(expr)):
        match part:
            case Op("==", Col(name), Const(level)):
                found.setdefault(name, set()).add(level)
            case Recode(Col(name), mapping):
                found.setdefault(name, set()).update(level for level, _ in mapping)
            case _:
                pass
    return found


def _misread(level: Label) -> bool:
    """Whether pandas would read the text as a number or a truth value."""
    try:
        float(level)
    except ValueError:
        return str(level).lower() in ("true", "false")
    return True
