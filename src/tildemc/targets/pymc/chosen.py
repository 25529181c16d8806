"""The rows that a program keeps of the data it reads."""

from __future__ import annotations

from tildemc.spec.companions import SEEN
from tildemc.spec.model import ModelSpec
from tildemc.spec.report import Positions, Report
from tildemc.targets.pymc.layout import Bracket, Code, flat, quoted
from tildemc.targets.pymc.program import Line
from tildemc.targets.pymc.recipe import column_code
from tildemc.targets.pymc.typed import condition_of, mask_of

__all__ = ["chosen_rows"]


def chosen_rows(spec: ModelSpec, report: Report) -> tuple[Line, ...]:
    """The rows that the text asks for, with a value in everything that the model needs."""
    lines = _selected(report)
    if report.missing:
        names = tuple(("", quoted(name)) for name in report.missing)
        lines.append(Line("data", Bracket("data.dropna(", (("subset=", Bracket("[", names, "]")),), ")")))
    if report.unanswered:
        seen = [c.value for name, c in spec.response.companions.items() if name.startswith(SEEN.name)]
        known = " | ".join(f"({flat(column_code(condition_of(value) or value))})" for value in seen)
        lines.append(Line("data", Bracket("data[", (("", known),), "]")))
    for group in spec.grouped():
        if group.factor.label in report.unlabelled:
            known = " & ".join(f"data[{quoted(name)}].notna()" for name in group.factor.columns)
            mask = mask_of(group.columns)
            kept = known if mask is None else f"({known}) | ~({flat(mask)})"
            lines.append(Line("data", Bracket("data[", (("", kept),), "]")))
    return tuple(lines)


def _selected(report: Report) -> list[Line]:
    """The rows that the text asked for."""
    lines: list[Line] = []
    selection = report.selection
    if selection is not None and selection.positions is not None:
        lines.append(Line("data", _placed(selection.positions)))
    if selection is not None and selection.condition is not None:
        lines.append(Line("data", Bracket("data[", (("", column_code(selection.condition)),), "]")))
    return lines


def _placed(positions: Positions) -> Code:
    """The rows at some places."""
    ranges = [f"{start}:{stop}" for start, stop in positions.ranges]
    shown = ranges[0] if len(ranges) == 1 else f"np.r_[{', '.join(ranges)}]"
    return f"data.drop(data.index[{shown}])" if positions.others else f"data.iloc[{shown}]"
