"""Program -> the text of a Python module: what an expert would have written by hand."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from math import isfinite
from typing import assert_never

from tildemc.spec.expr import Apply, Const, Expr, Op, Var, infix, walk
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.targets.pymc.definitions import TENSORS, definitions
from tildemc.targets.pymc.layout import WIDTH, Bracket, Code, Loose, Sum, assignment, quoted, render, statement
from tildemc.targets.pymc.literals import number, real
from tildemc.targets.pymc.own import printed
from tildemc.targets.pymc.program import (
    Argument,
    Array,
    CholeskyCovariance,
    Data,
    Deterministic,
    Line,
    Local,
    Own,
    Program,
    Random,
    Statement,
    WeightedLikelihood,
)

__all__ = ["Parts", "imports", "parts", "source"]

_IMPORTS = (
    ("az", "import arviz as az"),
    ("duckdb", "import duckdb"),
    ("np", "import numpy as np"),
    ("pd", "import pandas as pd"),
    ("pm", "import pymc as pm"),
    ("pytensor", "import pytensor"),
    ("pt", "import pytensor.tensor as pt"),
    ("sp", "import scipy.special as sp"),
    ("interpolate", "from scipy import interpolate"),
    ("distance", "from scipy.spatial import distance"),
)
_LISTS = {
    "stack": "pm.math.stack",
    "concatenate": "pm.math.concatenate",
    "beside": "pm.math.concatenate",
    "columns": "pm.math.stack",
    "block_diagonal": "pt.linalg.block_diag",
    "array": "np.array",
}
_BY_ROW = ("beside", "columns")
"""Of these, what is put together along the last axis."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A program's text in parts.

    Attributes
    ----------
    title : str
        The docstring, as it stands in a module.
    data : str
        What makes the design and the coordinates.
    model : str
        The model's block.
    defined : frozenset of str
        The names that the first has for the second.
    reported : Code
        The list of what a summary shows.
    """

    title: str
    data: str
    model: str
    defined: frozenset[str]
    reported: Code


def source(program: Program) -> str:
    """The module's text; it needs numpy, pandas and pymc only, beside what reads its data (duckdb for SQL)."""
    text = parts(program)
    body = "\n\n".join((text.data, text.model, f'if __name__ == "__main__":\n{_sampled(text.reported)}'))
    return "\n\n".join((text.title, imports(body), body)) + "\n"


def parts(program: Program) -> Parts:
    """The module's text in parts, for files of their own."""
    printer = _Printer(program)
    lines = [line for _, section in program.preparation for line in section]
    defined = {"coords", *(name for line in lines for name in line.target.split(", "))}
    reported = Bracket("[", tuple(("", quoted(name)) for name in program.reported), "]")
    return Parts(
        "\n".join(_docstring(program.title)),
        "\n".join(printer.data()),
        "\n".join(printer.model()),
        frozenset(defined),
        reported,
    )


def imports(body: str) -> str:
    """The imports that a text needs, as they stand before it."""
    own = ["import glob"] if "glob.glob(" in body else []
    others = [text for name, text in _IMPORTS if re.search(rf"\b{name}\.", body)]
    return "\n\n".join("\n".join(block) for block in (own, others) if block)


def _sampled(reported: Code) -> str:
    return f"""\
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
{assignment("reported", reported, 4)}
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")"""


def _docstring(paragraphs: tuple[str, ...]) -> list[str]:
    """The paragraphs as a docstring, or, if a person's text could end it, as quoted comments."""
    text = "\n\n".join(paragraphs)
    plain = all(c.isprintable() or c == "\n" for c in text)
    if plain and '"""' not in text and "\\" not in text and not text.startswith('"'):
        # The quotes stand before the first line.
        lines = [wrapped for line in f'"""{text}'.split("\n") for wrapped in _wrapped(line)]
        return [*lines, '"""']
    return [f"# {line!r}" for paragraph in paragraphs for line in paragraph.split("\n")]


def _wrapped(line: str, width: int = WIDTH) -> list[str]:
    """A line in lines of that width, the others further in than the first if that is indented."""
    indent = len(line) - len(line.lstrip())
    rest = " " * (indent and indent + 4)
    found = textwrap.wrap(line, width, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)
    return found or [""]


def _comment(text: str, indent: int = 0) -> str:
    """`text` as a comment; a person's text in it cannot end the line."""
    pad = f"{' ' * indent}# "
    return "\n".join(pad + line for line in _wrapped(text if text.isprintable() else repr(text), WIDTH - len(pad)))


class _Printer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.identify = program.identify
        self.used = {name for statement in program.statements for name in _names_in(statement)}

    def data(self) -> Iterator[str]:
        """The lines before the model."""
        for comment, lines in self.program.preparation:
            if comment:
                yield _comment(comment)
            yield from map(self._line, lines)
            yield ""
        coords = tuple((f"{quoted(dim)}: ", code) for dim, (_, code) in self.program.coords.items())
        yield assignment("coords", Bracket("{", coords, "}"))

    def model(self) -> Iterator[str]:
        """The lines of the model."""
        applied = (part.function for stated in self.program.statements for part in _applied(stated))
        texts = list(definitions(TENSORS, (VOCABULARY[name].pymc for name in applied if name in VOCABULARY)).values())
        for stated in self.program.statements:
            if isinstance(stated, Random) and isinstance(stated.distribution, Own):
                texts += printed(stated.distribution, tuple(stated.arguments))
        if texts:
            yield "\n" + "\n\n\n".join(texts) + "\n\n"
        yield "with pm.Model(coords=coords) as model:"
        for position, section in enumerate(self.program.sections):
            if position:
                yield ""
            yield _comment(section.comment, 4)
            yield from map(self._statement, section.statements)

    def _line(self, line: Line) -> str:
        text = assignment(line.target, line.code)
        return f"{_comment(line.note)}\n{text}" if line.note else text

    def _statement(self, stated: Statement) -> str:
        match stated:
            case Data(name, _, dims, code):
                return self._named(name, Bracket("pm.Data(", (("", quoted(name)), ("", code), *self._dims(dims)), ")"))
            case Local(name, value):
                listed = isinstance(value, Apply) and value.function in _LISTS
                return assignment(self.identify(name), self._value(value) if listed else self._sum(value), 4)
            case Deterministic(name, value, dims):
                items = (("", quoted(name)), ("", self._value(value)), *self._dims(dims))
                bound = value == Var(name)
                return self._named(name, Bracket("pm.Deterministic(", items, ")"), silent=bound)
            case CholeskyCovariance():
                return self._cholesky(stated)
            case Random():
                return self._named(stated.name, self._random(stated))
            case WeightedLikelihood():
                return self._weighted(stated)
            case never:
                assert_never(never)

    def _named(self, name: str, code: Code, *, silent: bool = False) -> str:
        if silent or name not in self.used:
            return f"    {statement(code, 4)}"
        return assignment(self.identify(name), code, 4)

    def _random(self, statement: Random) -> Code:
        arguments = self._arguments(statement.arguments)
        if isinstance(statement.distribution, Own):
            return self._custom(statement, statement.distribution)
        place: tuple[tuple[str, Code], ...] = self._dims(statement.dims)
        if statement.shape is not None:
            place = (("shape=", str(statement.shape)),)
        if statement.ends is not None:
            inner = Bracket(f"pm.{statement.distribution}.dist(", arguments, ")")
            named = zip(("lower=", "upper="), statement.ends, strict=True)
            ends: tuple[tuple[str, Code], ...] = tuple((name, real(end)) for name, end in named if isfinite(end))
            if statement.start is not None:
                ends = (*ends, ("initval=", self._start(statement.start)))
            return Bracket("pm.Truncated(", (("", quoted(statement.name)), ("", inner), *ends, *place), ")")
        if statement.start is not None:
            place = (("initval=", self._start(statement.start)), *place)
        if statement.ordered:
            place = (("transform=", "pm.distributions.transforms.ordered"), *place)
        if statement.observed is not None:
            place = (("observed=", self._observed(statement)), *place)
        return Bracket(f"pm.{statement.distribution}(", (("", quoted(statement.name)), *arguments, *place), ")")

    def _custom(self, statement: Random, own: Own) -> Code:
        values = (("", self._argument(argument)) for argument in statement.arguments.values())
        drawn = (("random=", f"{own.name}_random"),) if own.draw else ()
        functions: tuple[tuple[str, Code], ...] = (("logp=", f"{own.name}_logp"), *drawn)
        dtype: tuple[tuple[str, Code], ...] = (("dtype=", quoted("int64")),) if own.whole else ()
        observed = ("observed=", self._observed(statement))
        items = (("", quoted(statement.name)), *values, *functions, *dtype, observed, *self._dims(statement.dims))
        return Bracket("pm.CustomDist(", items, ")")

    def _observed(self, statement: Random) -> Code:
        if isinstance(statement.observed, Var):
            return self.identify(statement.observed.name)
        return statement.observed_code

    def _start(self, start: Argument) -> Code:
        if isinstance(start, Array) and len(start.values) > 1 and len(set(start.values)) == 1:
            return f"np.full({len(start.values)}, {real(start.values[0])})"
        return self._argument(start)

    def _cholesky(self, statement: CholeskyCovariance) -> str:
        targets = ", ".join(self.identify(name) for name in (statement.chol, statement.cor, statement.sd))
        arguments = (*self._arguments(statement.arguments), ("shape=", str(statement.n)))
        items: tuple[tuple[str, Code], ...] = (
            ("", quoted(statement.chol)),
            ("n=", str(statement.n)),
            ("eta=", real(statement.eta)),
            ("sd_dist=", Bracket(f"pm.{statement.distribution}.dist(", arguments, ")")),
            ("compute_corr=", "True"),
            ("store_in_trace=", "False"),
        )
        return assignment(targets, Bracket("pm.LKJCholeskyCov(", items, ")"), 4)

    def _weighted(self, statement: WeightedLikelihood) -> str:
        response = self.identify(statement.response)
        logp = Bracket("pm.logp(", (("", response), ("", f"model.rvs_to_values[{response}]")), ")")
        row = self.identify("\0row_logp", "row_logp")
        weights = self.identify(statement.weights)
        potential = Bracket(
            "pm.Potential(", (("", quoted(statement.name)), ("", f"(({weights} - 1) * {row}).sum()")), ")"
        )
        return "\n".join([
            _comment("Weights multiply a row's log likelihood: once is there already.", 4),
            assignment(row, logp, 4),
            f"    {render(potential, 4)}",
        ])  # fmt: skip

    def _arguments(self, arguments: dict[str, Argument]) -> tuple[tuple[str, Code], ...]:
        return tuple((f"{name}=", self._argument(argument)) for name, argument in arguments.items())

    def _argument(self, argument: Argument) -> Code:
        match argument:
            case Array(values):
                numbers = tuple(map(real, values))
                return Loose(numbers) if len(numbers) > 8 else Bracket("[", tuple(("", n) for n in numbers), "]")
            case Const(bool(value)):
                return repr(value)
            case Const(float(value)):
                return real(value)
            case _:
                return self._value(argument)

    def _dims(self, dims: tuple[str, ...]) -> tuple[tuple[str, Code], ...]:
        if len(dims) < 2:
            return tuple(("dims=", quoted(dim)) for dim in dims)
        return (("dims=", Bracket("(", tuple(("", quoted(dim)) for dim in dims), ")")),)

    def _value(self, expr: Expr) -> Code:
        """An expression, a list of many parts one a line if need be."""
        match expr:
            case Apply(function, arguments) if function in _LISTS:
                if function == "block_diagonal":
                    blocks: tuple[tuple[str, Code], ...] = tuple(
                        ("", f"pt.atleast_2d({self.expression(a)})") for a in arguments
                    )
                    return Bracket(f"{_LISTS[function]}(", blocks, ")")
                parts = Bracket("[", tuple(("", self.expression(a)) for a in arguments), "]")
                axis: tuple[tuple[str, Code], ...] = (("axis=", "-1"),) if function in _BY_ROW else ()
                return Bracket(f"{_LISTS[function]}(", (("", parts), *axis), ")")
            case _:
                return self.expression(expr)

    def _sum(self, expr: Expr) -> Code:
        if isinstance(expr, Apply):
            return self._value(expr)
        parts: list[tuple[str, str]] = []
        while isinstance(expr, Op) and expr.operator == "+":
            parts.append(("+", self.expression(expr.right)))
            expr = expr.left
        parts.append(("", self.expression(expr)))
        return Sum(tuple(reversed(parts)))

    def expression(self, expr: Expr) -> str:
        """An expression of the model as Python text."""
        return infix(expr, self._leaf, _call)

    def _leaf(self, part: Expr) -> str:
        match part:
            case Var(name):
                return self.identify(name)
            case Const(value):
                return number(value) if not isinstance(value, str) else quoted(value)
            case _:
                raise AssertionError(part)


def _call(function: str, arguments: tuple[str, ...]) -> str:
    match function:
        case _ if function in _LISTS:
            axis = ", axis=-1" if function in _BY_ROW else ""
            return f"{_LISTS[function]}([{', '.join(arguments)}]{axis})"
        case "transpose":
            return f"{_atom(arguments[0])}.T"
        case "row_sum":
            return f"({arguments[0]}).sum(axis=-1)"
        case "constant":
            return f"pm.math.constant({arguments[0]})"
        case "zeros_like":
            return f"pt.zeros_like({arguments[0]})"
        case "mean":
            return f"{_atom(arguments[0])}.mean()"
        case "eye" | "ones" | "arange":
            return f"np.{function}({arguments[0]})"
        case "array":
            return f"np.array([{', '.join(arguments)}])"
        case "list":
            return f"[{', '.join(arguments)}]"
        case "lags":
            return f"np.abs(np.subtract.outer({arguments[0]}, {arguments[0]}))"
        case "distances":
            return f"np.linalg.norm({arguments[0]}[:, None] - {arguments[0]}, axis=-1)"
        case "cholesky":
            return f"pt.linalg.cholesky({arguments[0]})"
        case _:
            called = VOCABULARY[function].pymc
            assert called, function
            return f"{called}({', '.join(arguments)})"


def _atom(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def _applied(statement: Statement) -> Iterator[Apply]:
    """The functions that what a model computes applies."""
    match statement:
        case Local(_, value) | Deterministic(_, value):
            yield from (part for part in walk(value) if isinstance(part, Apply))
        case _:
            pass


def _names_in(statement: Statement) -> Iterable[str]:
    """The names that a statement's expressions use."""
    for field in fields(statement):
        if field.name != "recovered":
            yield from _names_of(getattr(statement, field.name))
    if isinstance(statement, WeightedLikelihood):
        yield from (statement.response, statement.weights)


def _names_of(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _names_of(inner)
    elif isinstance(value, Expr):
        yield from (part.name for part in walk(value) if isinstance(part, Var))
