"""What converting needs to know of a language: how a model is written in it, and what is done to data before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tildemc.syntax.expression import walk
from tildemc.syntax.steps import Make, Step
from tildemc.syntax.tree import Binary, Call, Expr, Number
from tildemc.syntax.unparse.parts import Saying

__all__ = ["Language", "Lines", "no_lines", "one_by_one"]

Lines = Callable[[tuple[Step, ...], Saying], list[str]]
"""The lines that do to the data what a text does first; what they cannot is noted."""


def no_lines(steps: tuple[Step, ...], saying: Saying) -> list[str]:
    """Of a language that says nothing of data."""
    saying.unsaid += [f"what is done to the data first: {step}" for step in steps]
    return []


def one_by_one(line: Callable[[Step, str], str | None]) -> Lines:
    """A line for each step, of a function that writes one, of data by that name; None where it cannot."""

    def lines(steps: tuple[Step, ...], saying: Saying) -> list[str]:
        data = saying.statement.data or "d"
        written = [(step, line(step, data)) for step in steps]
        no_lines(tuple(step for step, text in written if text is None), saying)
        saying.unsaid += [said for step, text in written if text is not None and (said := endless(step))]
        return [text for _, text in written if text is not None]

    return lines


def endless(step: Step) -> str | None:
    """What to say of a made column of Stata's that may be infinite, which is no value there."""
    match step:
        case Make(finite=True) if any(_may_be_endless(node) for node in walk(step.value)):
            return f"{step}: where that is no finite number Stata has no value"
        case _:
            return None


def _may_be_endless(node: Expr) -> bool:
    match node:
        case Call("log"):
            return True
        case Binary("/", _, right):
            return not isinstance(right, Number)
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Language:
    """A language that models are written in.

    Attributes
    ----------
    write : callable
        A statement under way in, the model's text out.
    lines : callable
    apart : bool
        Whether the model's text says by what columns each group has a model of its own.
    opens : mapping of str to str
        By the ending of a file's name, the line that reads it: `{file}` as `{data}`.
    """

    write: Callable[[Saying], str]
    lines: Lines = no_lines
    apart: bool = False
    opens: Mapping[str, str] = field(default_factory=dict)
