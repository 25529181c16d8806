"""Columns made of other rows, as pandas code: `data["lx"] = data["x"].loc[order].groupby(data["id"]).shift(1)`."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.spec.ordered import WAYS, Ordered
from tildemc.spec.parameters import local
from tildemc.targets.pymc.layout import Bracket, Code, quoted
from tildemc.targets.pymc.names import Identifiers
from tildemc.targets.pymc.program import Line
from tildemc.targets.pymc.recipe import column_code

__all__ = ["ordered_lines"]


def ordered_lines(made: Sequence[Ordered], identify: Identifiers) -> tuple[Line, ...]:
    """The lines that make the columns of `data`."""
    orders: dict[str, str] = {}
    return tuple(line for one in made for line in _Code(one, identify, orders).lines())


class _Code:
    """What makes one column."""

    def __init__(self, made: Ordered, identify: Identifiers, orders: dict[str, str]) -> None:
        self.made, self.identify, self.orders = made, identify, orders
        self.before: list[Line] = []
        self.groups = [f"data[{quoted(name)}]" for name in made.by]
        rows = "" if made.rows is None else column_code(made.rows)
        self.chosen = f"[{rows}]" if rows else ""

    def lines(self) -> tuple[Line, ...]:
        """The lines that are needed before, and that of the column."""
        value = column_code(self.made.value, self._way)
        return (*self.before, Line(f"data[{quoted(self.made.name)}]", value))

    def _line(self, what: str, code: Code) -> str:
        """A line before; returns its identifier."""
        name = self.identify(local(f"{what} {len(self.before)} {self.made.name}"), what)
        self.before.append(Line(name, code))
        return name

    def _sorted(self, values: str) -> str:
        """Values in the order of the rows, of those rows that there were."""
        if not self.made.order or self.made.unit is not None:
            return f"{values}{self.chosen}"
        keys = [f"{_bound(column_code(key))}{self.chosen}" for key in reversed(self.made.order)]
        code = f"data{self.chosen}.index[np.lexsort(({', '.join(keys)},))]"
        if code not in self.orders:
            self.orders[code] = self._line("order", code)
        return f"{values}.loc[{self.orders[code]}]"

    def _way(self, function: str, arguments: tuple[str, ...]) -> str | None:
        """The code of what other rows say; None for any other function."""
        if function not in WAYS:
            return None
        if function == "lag" and self.made.unit is not None:
            return self._timed(*arguments)
        groups = self.groups[0] if len(self.groups) == 1 else f"[{', '.join(self.groups)}]"
        by = f".groupby({groups}, dropna=False)" if self.groups else ""
        x = self._sorted(_bound(arguments[0]) if arguments else "pd.Series(1.0, index=data.index)")
        match function, arguments:
            case "place", ():
                return f"{x}{by}.cumsum()"
            case "rows", ():
                return f"{x}{by}.transform(lambda rows: rows.size)" if by else f"{x} * len(data{self.chosen})"
            case "lag", (_, k):
                return f"{x}{by}.shift({int(float(k))})"
            case "at", (_, k):
                at = int(float(k)) if float(k) < 0 else int(float(k)) - 1
                least = at if at >= 0 else -at - 1
                row = f"rows.iloc[{at}] if len(rows) > {least} else np.nan"
                return f"{x}{by}.transform(lambda rows: {row})" if by else f"pd.Series({x}.iloc[{at}], index={x}.index)"
            case "cumsum", _:
                return (
                    f"{x}{by}.transform(lambda rows: rows.cumsum(skipna=False))" if by else f"{x}.cumsum(skipna=False)"
                )
            case "carried", _:
                return f"{x}{by}.ffill()"
            case _:
                raise AssertionError(function)

    def _timed(self, x: str, k: str) -> str:
        """What a row of the group has that is so much time before."""
        assert self.made.unit is not None, "it was asked for"
        time, back = column_code(self.made.order[-1]), float(k) * self.made.unit
        own = tuple((f"{quoted(name)}: ", code) for name, code in zip(self.made.by, self.groups, strict=True))
        then = (*own, ('"_time": ', f"{time} {'-' if back < 0 else '+'} {abs(back):.12g}"), ('"_value": ', x))
        earlier = Bracket("pd.DataFrame(", (("", Bracket("{", then, "}")),), f"){self.chosen}")
        rows = Bracket("pd.DataFrame(", (("", Bracket("{", (*own, ('"_time": ', time)), "}")),), ")")
        before, now = self._line("earlier", earlier), self._line("times", rows)
        return f'pd.Series({now}.merge({before}, how="left")["_value"].to_numpy(), index=data.index)'


def _bound(code: str) -> str:
    """Code that a method may follow."""
    return (
        code
        if code.startswith(("data[", "pd.Series(")) and code.endswith(("]", ")")) and " " not in code
        else f"({code})"
    )
