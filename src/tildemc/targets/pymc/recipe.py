"""How the arrays of a Design come from a data frame, as pandas code that a person would write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from tildemc.arrays import Label
from tildemc.spec.columns import Labels, combined
from tildemc.spec.expr import (
    Apply,
    BasisValue,
    Col,
    Const,
    Expr,
    Index,
    Op,
    Recode,
    Var,
    chain,
    columns_of,
    infix,
    operand,
    substitute,
    walk,
)
from tildemc.spec.parameters import local
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.product import Coding, Column, Product
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.targets.pymc.bases import BasisCode
from tildemc.targets.pymc.layout import Bracket, Code, Comprehension, Loose, Sum, quoted
from tildemc.targets.pymc.literals import literal, number
from tildemc.targets.pymc.names import Identifiers
from tildemc.targets.pymc.program import Line
from tildemc.targets.pymc.reading import Reading

__all__ = ["LevelLists", "column_code", "factor_lines", "frame_code"]

_LOOP_FROM = 7
"""From how many levels on a factor's columns are written as a loop."""


def column_code(
    expr: Expr, own: Callable[[str, tuple[str, ...]], str | None] = lambda function, arguments: None
) -> str:
    """`expr` for every row of the frame `data`; of some functions the code may be one's `own`."""
    return infix(expr, _leaf, lambda function, arguments: own(function, arguments) or _call(function, arguments))


def _leaf(part: Expr) -> str:
    match part:
        case Col(name):
            return f"data[{quoted(name)}]"
        case Const(value):
            return literal(value) if isinstance(value, str | bool) else number(value)
        case Var(identifier):
            return identifier
        case Recode(Col(name), mapping):
            entries = ", ".join(f"{literal(value)}: {number(code)}" for value, code in mapping)
            return f"data[{quoted(name)}].map({{{entries}}})"
        case _:
            raise AssertionError(part)


def _recode_code(recode: Recode) -> Code:
    """`data["f"].map({level: number, …})`."""
    assert isinstance(recode.column, Col)
    entries = tuple((f"{literal(value)}: ", number(code)) for value, code in recode.mapping)
    return Bracket(f"data[{quoted(recode.column.name)}].map(", (("", Bracket("{", entries, "}")),), ")")


def _chain_code(expr: Expr) -> Code:
    """`expr`, to be broken at the operators of its outermost sum or product."""
    parts = chain(expr)
    if len(parts) == 1:
        return column_code(expr)
    first = operand(parts[1][0]) - 1
    return Sum(tuple((sign, infix(part, _leaf, _call, operand(sign) or first)) for sign, part in parts))


def _call(function: str, arguments: tuple[str, ...]) -> str:
    if function == "float":
        return f"({arguments[0]}).astype(float)"
    if function in ("isna", "notna"):
        return f"{arguments[0]}.{function}()"
    if function == "where":
        condition, yes, no = arguments
        if not _is_number(yes):
            return f"({yes}).where({condition}, {no})"
        if not _is_number(no):
            return f"({no}).mask({condition}, {yes})"
        return f"pd.Series({yes}, index=data.index).where({condition}, {no})"
    library, _, called = VOCABULARY[function].numpy.rpartition(".")
    return f"{_LIBRARIES[library]}.{called}({', '.join(arguments)})"


_LIBRARIES = {"numpy": "np", "scipy.special": "sp"}
"""What programs call the modules of functions of columns."""


def _is_number(code: str) -> bool:
    """Whether code is a number, which has no methods of a column."""
    return "data[" not in code


class LevelLists:
    """What is worked out before the frames of columns: the lists of levels that loops run over, and contrasts."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self.lists: dict[tuple[str, tuple[Label, ...]], str] = {}
        self.codes: dict[Recode, str] = {}
        self.functions: dict[BasisValue, tuple[str, tuple[Line, ...]]] = {}

    def name(self, column: str, levels: tuple[Label, ...]) -> str:
        """The identifier of the list."""
        key = (column, levels)
        if key not in self.lists:
            self.lists[key] = self._identifiers(f"{column}_levels")
        return self.lists[key]

    def coded(self, column: Column) -> Column:
        """`column`, its contrast coded by a line of its own, and so a function that was learned."""
        learned = [part for part in walk(column.value) if isinstance(part, BasisValue)]
        if learned:
            known: dict[Expr, Expr] = {part: Var(self._function(column.label, part)) for part in learned}
            return Column(column.label, substitute(column.value, known))
        if not isinstance(column.value, Recode):
            return column
        if column.value not in self.codes:
            self.codes[column.value] = self._identifiers(local(f"code {column.label}"), column.label)
        return Column(column.label, Var(self.codes[column.value]))

    def _function(self, label: str, part: BasisValue) -> str:
        """The identifier of a function's values in each row."""
        if part not in self.functions:
            name = self._identifiers(local(f"function {label}"), label)
            code = BasisCode(name, self._identifiers)
            values = code.values(part.basis, [column_code(value) for value in part.inputs])
            self.functions[part] = name, (*code.lines, Line(name, f"({values})[:, 0]"))
        return self.functions[part][0]

    def lines(self) -> tuple[Line, ...]:
        """The statements that make them."""
        lists = (Line(name, self._code(column, levels)) for (column, levels), name in self.lists.items())
        functions = (line for _, lines in self.functions.values() for line in lines)
        return (*lists, *(Line(name, _recode_code(recode)) for recode, name in self.codes.items()), *functions)

    def _code(self, column: str, levels: tuple[Label, ...]) -> Code:
        if levels == tuple(sorted(levels)):
            return f"sorted(data[{quoted(column)}].unique())"
        return Loose(tuple(literal(level) for level in levels))


def frame_code(terms: Sequence[Product], lists: LevelLists) -> Code:
    """`pd.DataFrame({label: column, …})` of the terms' columns; long factors as loops."""
    items: list[tuple[str, Code]] = []
    for term in terms:
        loop = _loop(term, lists)
        if loop is not None:
            items.append(("**", loop))
        else:
            coded = Product(term.label, tuple(Coding(tuple(map(lists.coded, c.columns))) for c in term.codings))
            items += [(f"{quoted(column.label)}: ", _chain_code(column.value)) for column in coded.columns]
    columns = [column for term in terms for column in term.columns]
    constant = not any(columns_of(column.value) for column in columns)
    index: tuple[tuple[str, Code], ...] = (("index=", "data.index"),) if constant else ()
    truths = any(_is_truth(column.value, column.label) for column in columns)
    cast: tuple[tuple[str, Code], ...] = (("dtype=", "float"),) if truths else ()
    return Bracket("pd.DataFrame(", (("", Bracket("{", tuple(items), "}")), *index, *cast), ")")


def _is_truth(expr: Expr, label: str) -> bool:
    """Whether a column holds true and false, of which a frame of numbers must be made; a product may be long."""
    while isinstance(expr, Op) and expr.operator == "*":
        if not _is_truth(expr.right, label):
            return False
        expr = expr.left
    match expr:
        case Op("==" | "!=" | "<" | "<=" | ">" | ">=" | "&" | "|") | Apply("not"):
            return True
        case Col():
            # A logical column's label is its name and the level, a number's is its name.
            return label.endswith(("TRUE", "FALSE"))
        case Const() | Var() | Op() | Apply() | Recode() | BasisValue() | Index():
            return False
        case never:
            assert_never(never)


def _loop(term: Product, lists: LevelLists) -> Code | None:
    """`{label: column for level in levels}`, if the term is long and nothing but levels and single columns."""
    plain = all(c.indicated is not None or len(c.columns) == 1 for c in term.codings)
    loops = [c for c in term.codings if c.indicated is not None and len(c.columns) > 1]
    texts = all(isinstance(level, str) for c in loops for level in c.levels)
    if not plain or not texts or not loops or len(term.columns) < _LOOP_FROM:
        return None
    variables = dict(zip(map(id, loops), ("level", "level2", "level3", "level4"), strict=False))
    if len(variables) < len(loops):
        return None
    label, value = _loop_parts(term.codings, variables)
    clauses = tuple(f"for {variables[id(c)]} in {_loop_source(c, lists)}" for c in reversed(loops))
    return Comprehension("{", (f"{label}: ", value), clauses, "}")


def _loop_source(coding: Coding, lists: LevelLists) -> str:
    assert coding.indicated is not None
    skipped = len(coding.levels) - len(coding.columns)
    return lists.name(coding.indicated.name, coding.levels) + (f"[{skipped}:]" if skipped else "")


def _loop_parts(codings: Sequence[Coding], variables: dict[int, str]) -> tuple[str, Code]:
    """The label and the value of one round of the loop."""
    labels: list[str] = []
    values: list[str] = []
    fixed = ""
    for position, coding in enumerate(codings):
        fixed += ":" if position else ""
        if id(coding) in variables:
            assert coding.indicated is not None
            labels += [quoted(fixed + coding.prefix), variables[id(coding)]]
            values.append(f"(data[{quoted(coding.indicated.name)}] == {variables[id(coding)]})")
            fixed = ""
        else:
            fixed += coding.columns[0].label
            values.append(infix(coding.columns[0].value * 1, _leaf, _call).removesuffix(" * 1"))
    labels += [quoted(fixed)] if fixed else []
    value = Sum((("", values[0]), *(("*", value) for value in values[1:])))
    return " + ".join(labels), values[0][1:-1] if len(values) == 1 else value


def factor_lines(factor: Factor, reading: Reading, index: str, levels: str, has: str) -> tuple[Line, ...]:
    """`index, levels = …`: the row's level of a factor, and the levels.

    Parameters
    ----------
    factor : Factor
    reading : Reading
    index, levels : str
        Identifiers.
    has : str
        The identifier of what is true where a row has a level at all, if not every row has one.
    """
    where = f".where({has})" if has else ""
    if factor.named:
        return _named_lines(factor, index, levels, where)
    if len(factor.columns) > 1:
        return _combination_lines(factor, reading, index, levels, where)
    [name], values = factor.columns, factor.values
    column = f"data[{quoted(name)}]{where}"
    if Labels.of(values).kind == "whole":
        column += reading.whole(name, all_rows=not where)
    if values == tuple(sorted(values)) and not factor.among and not factor.unmet:
        return (Line(f"{index}, {levels}", Bracket("pd.factorize(", (("", column), ("", "sort=True")), ")")),)
    return (
        Line(levels, Loose(tuple(literal(value) for value in values))),
        Line(index, _codes(column, levels)),
    )


def _named_lines(factor: Factor, index: str, levels: str, where: str) -> tuple[Line, ...]:
    """Levels that the data have codes for: rows by code, coordinates by name."""
    names = Line(levels, Loose(tuple(literal(level) for level in factor.levels)))
    if len(factor.columns) == 1:
        values = ", ".join(literal(value) for (value,) in factor.keys)
        return names, Line(index, _codes(f"data[{quoted(factor.columns[0])}]{where}", f"[{values}]"))
    keys = tuple(f"({', '.join(map(literal, key))})" for key in factor.keys)
    columns = f"data[[{', '.join(quoted(name) for name in factor.columns)}]]{where}"
    rows = f"pd.MultiIndex.from_frame({columns})"
    found = Bracket("pd.MultiIndex.from_tuples(", (("", Loose(keys)),), ")", f".get_indexer({rows})")
    return names, Line(index, found)


def _codes(column: str, levels: str) -> Code:
    return Bracket("pd.Categorical(", (("", column), ("categories=", levels)), ")", ".codes")


def _combination_lines(factor: Factor, reading: Reading, index: str, levels: str, where: str) -> tuple[Line, ...]:
    values = list(zip(*factor.keys, strict=True))
    spelled = list(zip(factor.columns, map(Labels.of, values), strict=True))
    quotes = combined(factor.keys)[1]
    plain = all(reading.is_plain(name, labels) for name, labels in spelled) and not where and not quotes
    if plain and factor.keys == tuple(sorted(factor.keys)):
        columns = f"data[[{', '.join(quoted(name) for name in factor.columns)}]]"
        return (
            Line(
                f"{index}, {levels}",
                Bracket("pd.factorize(", (("", f"pd.MultiIndex.from_frame({columns})"), ("", "sort=True")), ")"),
            ),
            Line(levels, Comprehension("[", ("", '":".join(map(str, level))'), (f"for level in {levels}",), "]")),
        )
    texts = []
    for (name, labels), own in zip(spelled, values, strict=True):
        marked = "".join(
            f"{quoted(value)}: {quoted(quotes[value])}, " for value in dict.fromkeys(own) if value in quotes
        )
        texts.append(reading.text(name, labels) + (f".replace({{{marked[:-2]}}})" if marked else ""))
    joined = [("", texts[0]), *(part for text in texts[1:] for part in (("+", '":"'), ("+", text)))]
    return (
        Line(levels, Loose(tuple(literal(level) for level in factor.levels))),
        Line(f"{index}_label", Sum(tuple(joined))),
        Line(index, _codes(f"{index}_label{where}", levels)),
    )
