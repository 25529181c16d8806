"""Places in text: what is shown of the line that holds one."""

from __future__ import annotations

import pytest

from tildemc.span import Span

TEXT = "mixed y " + " ".join(f"x{k}" for k in range(100)) + " || g:"


@pytest.mark.parametrize("name", ["y", "x2", "x50", "x99", "g"])
@pytest.mark.parametrize("columns", [60, 80, 200])
def test_what_is_shown_of_a_long_line_fits_the_screen(name: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    start = TEXT.index(f" {name}") + 1
    line, carets = Span(TEXT, start, start + len(name)).caret().splitlines()
    assert max(len(line), len(carets)) <= columns
    assert line[carets.index("^") : len(carets)] == name
    assert len(line) > columns - 4


def test_a_place_as_long_as_the_line_is_marked_as_far_as_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    line, carets = Span(TEXT, 0, len(TEXT)).caret().splitlines()
    assert line.endswith("…") and len(carets) == len(line) - 1 and len(line) <= 80
