"""Figures and equations in a page: names of their own, text that is text, and no figure left open."""

from __future__ import annotations

import re

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from tildemc.results.plots import inline as module
from tildemc.results.plots.inline import closing, equation, inline

NASTY = "</svg><script>-->"


def figure(points: int = 3) -> Figure:
    drawn, ax = pyplot.subplots()
    ax.scatter(range(points), range(points))
    ax.set_title(NASTY)
    return drawn


def test_a_figure_is_a_drawing_whose_names_are_its_own() -> None:
    with closing():
        one, two = (inline(figure(), name, NASTY) for name in ("one", "two"))
    names = [set(re.findall(r'id="([^"]+)"', text)) for text in (one, two)]
    assert names[0] and all(name.startswith("one-") for name in names[0])
    assert not names[0] & names[1]
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', one)) <= names[0]
    assert "<script" not in one and one.count("</svg>") == 1 and "<!--" not in one
    assert "&lt;/svg&gt;&lt;script" in one


def test_a_figure_of_too_many_marks_is_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    with closing():
        found = inline(figure(), "one", NASTY)
    assert found.startswith('<img class="picture" alt="&lt;/svg&gt;') and "data:image/png;base64," in found


def test_only_figures_that_are_made_within_are_closed() -> None:
    before, mine = pyplot.get_fignums(), figure()
    with pytest.raises(KeyError), closing():
        figure()
        raise KeyError
    assert pyplot.get_fignums() == [*before, mine.number]
    pyplot.close(mine)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (r"\sigma \sim \mathrm{N}(0, 1)", '<svg role="img" aria-label="'),
        (r"\unheardof < 1", r"<code>\unheardof &lt; 1"),
    ],
    ids=["what mathtext reads", "anything else"],
)
def test_an_equation_is_drawn_or_shown_as_it_is_written(text: str, starts: str) -> None:
    assert equation(text, "name").startswith(starts)
