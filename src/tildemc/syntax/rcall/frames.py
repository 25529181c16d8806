"""A data frame of an R text: what it is called, and what has been done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.ordered import is_ordered
from tildemc.syntax.rcall.picked import without_data
from tildemc.syntax.steps import Make, Step
from tildemc.syntax.tree import Argument, Call, Expr, Name, Text, Tilde, Unary

__all__ = ["REFUSED_VERBS", "Data", "columns_of", "refusal", "unsaid"]


@dataclass(frozen=True, slots=True)
class Data:
    """A data frame of a text.

    Attributes
    ----------
    name : str
        What the text calls it.
    file : str or None
        The file it is read from.
    steps : tuple of Step
        What is done to it.
    by : tuple of Name
        Within groups of what the next is done.
    order : tuple of Expr
        What its rows have been sorted by.
    grouped : Tilde or None
        nlme's formula of it, `y ~ x | g`.
    refused : UnsupportedError or None
        Why it cannot be said what is in it.
    """

    name: str
    file: str | None = None
    steps: tuple[Step, ...] = ()
    by: tuple[Name, ...] = ()
    order: tuple[Expr, ...] = ()
    grouped: Tilde | None = None
    refused: UnsupportedError | None = None

    def then(self, *steps: Step) -> Data:
        """The same with something more done to it."""
        return replace(self, steps=(*self.steps, *map(self._in_order, steps)))

    def _in_order(self, step: Step) -> Step:
        """What is made of the rows beside goes by the order that they have by then."""
        beside = isinstance(step, Make) and is_ordered(step.value)
        return replace(step, order=self.order) if isinstance(step, Make) and beside else step

    def sorted_by(self, keys: Sequence[Argument]) -> Data:
        """The same with its rows in another order."""
        free = [unparenthesised(without_data(key.value)) for key in keys if key.name is None]
        turned = [
            Unary("-", key.arguments[0].value, key.span)
            if isinstance(key, Call) and key.function == "desc" and key.arguments
            else key
            for key in free
        ]
        return replace(self, order=(*turned, *self.order))


def unsaid(what: str, expr: Expr) -> UnsupportedError:
    """What to say of something done to data that cannot be done here."""
    return UnsupportedError(
        f"{what} of the data is not understood: prepare the data first; everything else of this call is read", expr.span
    )


def refusal(call: Call) -> UnsupportedError | None:
    """Why what a function makes of data cannot be said; None if it may be."""
    name = call.function.rpartition("::")[2]
    if name not in REFUSED_VERBS:
        return None
    message = f"`{name}()` {REFUSED_VERBS[name]}: prepare the data first, and leave it out of the text"
    return UnsupportedError(f"{message}; everything else of this call is read", call.span)


def columns_of(expr: Expr) -> tuple[Name, ...]:
    """The columns of `x`, `d[, c("x", "z")]`, `c("x", "z")`, `.(x, z)`, `vars(x)`, `cbind(x, z)`, `paste(x, z)`."""
    match unparenthesised(without_data(expr)):
        case Name() as name:
            return (name,)
        case Text(text, span):
            return (Name(text, span),)
        case Call("[", (_, *_, Argument(columns))):
            return columns_of(columns)
        case Call("c" | "list" | "." | "vars" | "cbind" | "interaction" | "paste" | "data.frame", arguments):
            each = [columns_of(argument.value) for argument in arguments if argument.name is None]
            return tuple(name for names in each for name in names) if all(each) else ()
        case _:
            return ()


_CHANCE = "is of chance"
_OTHER_ROWS = "makes other rows"
_JOINS = "joins data frames"
_SHAPES = "gives data another shape"
_KINDS = {
    _CHANCE: "sample sample_n sample_frac slice_sample sample.int rnorm runif",
    _OTHER_ROWS: (
        "summarise summarize aggregate count tally unique expand.grid complete top_n reframe slice_max slice_min "
        "uncount ddply summarise_all do"
    ),
    _JOINS: (
        "merge left_join right_join inner_join full_join semi_join anti_join join cross_join rbind bind_rows cbind "
        "bind_cols rbindlist"
    ),
    _SHAPES: "pivot_longer pivot_wider melt dcast cast gather spread reshape stack unstack t",
}
REFUSED_VERBS: Mapping[str, str] = {name: said for said, names in _KINDS.items() for name in names.split()}
"""What is done to data and cannot be said by steps, by name, and what it is."""
