"""Scene: what is known where a command stands that changes data, and how it reads expressions and lists there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from tildemc.errors import UnsupportedError
from tildemc.syntax.ordered import is_ordered
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.stata.clauses import Clauses, words_of
from tildemc.syntax.stata.expressions import condition
from tildemc.syntax.stata.places import of_places
from tildemc.syntax.stata.rows import read_range
from tildemc.syntax.stata.series import Panel, series_in, series_steps
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.varlist import columns_named
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import parse_value
from tildemc.syntax.steps import Complete, FirstOf, Keep, Make, Pick, RowNumbers, Step
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Parens

__all__ = ["Scene"]


def _place(number: int) -> Expr:
    """A row's number, of those that count from the end too."""
    end = Binary("-", Call("n", ()), Number(float(-1 - number)))
    return Number(float(number)) if number > 0 else Parens(end)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known where a command stands.

    Attributes
    ----------
    by : tuple of Name
        The groups of `by:`.
    columns : sequence of str or None
    results : mapping of str to Expr
        What `summarize` left in `r()`.
    order : tuple of Expr
        What the rows are sorted by.
    panel : Panel or None
        As declared by then.
    """

    by: tuple[Name, ...] = ()
    columns: Sequence[str] | None = None
    results: Mapping[str, Expr] = field(default_factory=dict)
    order: tuple[Expr, ...] = ()
    panel: Panel | None = None

    def value(self, written: Traced) -> Expr:
        """An expression of the script, at its place.

        Raises
        ------
        FormulaSyntaxError, UnsupportedError
        """
        with written.told():
            return written.placed(parse_value(written.text))

    def settled(self, step: Step) -> tuple[Step, ...]:
        """A step with the numbers that `r()` stands for, after those that make what it says of other rows.

        Raises
        ------
        UnsupportedError
        """
        match step:
            case Make():
                made = replace(step, value=rewritten(step.value, self._result), finite=True)
                if is_ordered(made.value):
                    made = replace(made, by=made.by or self.by, order=self.order)
                return (*self._series(made.value), made)
            case Keep():
                if isinstance(step.condition, RowNumbers | FirstOf):
                    return (step,)
                asked = rewritten(step.condition, self._result)
                condition, steps = of_places(asked, self.by, self.order)
                return (*self._series(asked), *steps, replace(step, condition=condition))
            case Complete() | Pick():
                return (step,)
            case never:
                assert_never(never)

    def _series(self, value: Expr) -> tuple[Make, ...]:
        """The steps that make the lags and leads in an expression."""
        return series_steps(series_in([value], self.columns), self.panel)

    def _result(self, part: Expr) -> Expr | None:
        match part:
            case Call("r", (Argument(Name(name)),)):
                if name not in self.results:
                    message = f"`r({name})` is not known here: `summarize` of one column goes right before"
                    raise UnsupportedError(message, part.span)
                return self.results[name]
            case _:
                return None

    def condition(self, written: Clauses) -> Expr | None:
        """The test of `if` and of `in`."""
        asked = None if written.condition is None else condition(self.value(written.condition))
        numbers = None if written.rows is None else read_range(Word(written.rows.text, written.rows.span()))
        if numbers is None:
            return asked
        ((first, last),) = numbers.ranges
        row = Call("row_number", (), numbers.span)
        among = Binary("&", Binary(">=", row, _place(first)), Binary("<=", row, _place(last)), numbers.span)
        return among if asked is None else Binary("&", among, Parens(asked, asked.span), numbers.span)

    def named(self, words: Traced) -> list[str]:
        """The columns that a list names."""
        found: list[str] = []
        for word in words_of(words):
            found += columns_named(Word(word.text, word.span()), self.columns)
        return found
