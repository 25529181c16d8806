"""Every kind of picture is drawn of every sort of model, says what it is of, and covers nothing of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

import tildemc as tm
from tildemc.results.fit import Fit
from tildemc.results.plots import PICTURES, figure_of

matplotlib.use("Agg")

GROUPS = 40


def rows() -> dict[str, Any]:
    """Forty groups of two to nine rows; in the first x is always zero."""
    rng = np.random.default_rng(8)
    g = np.repeat(np.arange(GROUPS), np.resize([2, 3, 5, 9], GROUPS))
    x = rng.integers(0, 4, len(g)) / 2.0
    x[g == 0] = 0.0
    u = rng.normal(0, 0.6, GROUPS)[g]
    return {
        "y": 1 + 0.5 * x + u + rng.normal(0, 0.5, len(g)), "n": rng.poisson(np.exp(0.5 + 0.3 * x + u)), "x": x,
        "g": [f"group {j}" for j in g], "b": rng.random(len(g)) < 0.5, "arm": np.where(g < 20, 1.0, 0.0),
        "h": np.arange(len(g)) % 3,
    }  # fmt: skip


MODELS = {
    "intercepts and slopes": ("y ~ x + (1 + x | g)", "gaussian"),
    "counts": ("n ~ x + (1 | g)", "poisson"),
    "one arm": ("y ~ arm + (0 + arm | g); sigma ~ by(arm)", "gaussian"),
}


@pytest.fixture(scope="module")
def fits() -> dict[str, Fit]:
    return {
        name: tm.model(formula, rows(), family).fit(draws=60, tune=200, chains=2, seed=1, progress=False)
        for name, (formula, family) in MODELS.items()
    }


@pytest.fixture(scope="module")
def ungrouped() -> Fit:
    """Eight parameters, and no groups."""
    return tm.model("y ~ poly(x, 3) * arm - 1", rows()).fit(draws=20, tune=50, chains=2, seed=1, progress=False)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    pyplot.close("all")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("model", MODELS)
def test_every_kind_is_drawn(model: str, fits: dict[str, Fit], tmp_path: Path) -> None:
    by_group = {kind for kind, picture in PICTURES.items() if "levels" in picture.takes and "ax" in picture.takes}
    for kind in by_group if model == "one arm" else PICTURES:
        drawn = fits[model].plot(kind)
        assert isinstance(drawn, Axes | np.ndarray) or hasattr(drawn, "viz"), kind
        assert figure_of(drawn).get_size_inches().min() > 0, kind
    fits[model].plot("ranef", out=tmp_path / "new" / "a.svg")
    assert (tmp_path / "new" / "a.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("kind", ["ppc", "prior_ppc"])
def test_replications_are_told_from_the_observed(kind: str, fits: dict[str, Fit]) -> None:
    (ax,) = figure_of(fits["intercepts and slopes"].plot(kind)).axes
    assert ax.get_title().startswith("y (observed in black, 50 ")


def texts(ax: Axes) -> list[Any]:
    renderer = ax.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    return [text.get_window_extent(renderer) for text in ax.texts if text.get_text()]


@pytest.mark.parametrize("size", [(8.0, 6.0), (4.0, 3.5)], ids=["large", "small"])
@pytest.mark.parametrize("kind", ["shrinkage", "ranef"])
def test_no_words_are_on_one_another(kind: str, size: tuple[float, float], fits: dict[str, Fit]) -> None:
    _, ax = pyplot.subplots(figsize=size, layout="constrained")
    parameters = ["Intercept"] if kind == "ranef" else None
    assert fits["intercepts and slopes"].plot(kind, ax=ax, parameters=parameters) is ax
    ax.figure.canvas.draw()
    assert not any(one.overlaps(other) for one, other in combinations(texts(ax), 2))


def test_the_legend_is_off_the_data(fits: dict[str, Fit]) -> None:
    panels = fits["intercepts and slopes"].plot("groups")
    figure = figure_of(panels)
    figure.canvas.draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert not any(box.overlaps(ax.get_window_extent()) for ax in panels)
    assert {text.get_text() for text in legend.get_texts()} >= {"no pooling", "complete pooling", "data"}
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width


def test_levels_and_columns_are_chosen(fits: dict[str, Fit]) -> None:
    panels = fits["intercepts and slopes"].plot("groups", levels=["group 7", "group 0"])
    assert [ax.get_title() for ax in panels] == ["group 7 (n = 9)", "group 0 (n = 2)"]
    # A group in which x is always zero has a mark where its rows are, and no line of its own.
    styles = [{line.get_linestyle() for line in ax.lines} for ax in panels]
    assert "--" in styles[0] and "--" not in styles[1]
    ax = fits["intercepts and slopes"].plot("conditional", parameters=["x"])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")


def test_a_forest_of_some_levels(fits: dict[str, Fit]) -> None:
    drawn = fits["counts"].plot("forest", parameters=["x", "r_g"], levels=["group 3", "group 5"])
    assert {*drawn.viz["point_estimate"].data_vars} == {"b[x]", "r_g[group 3, Intercept]", "r_g[group 5, Intercept]"}


MISTAKES: dict[str, tuple[Callable[[Fit], object], str]] = {
    "a kind": (lambda f: f.plot("shrinkag"), "did you mean `shrinkage`?"),
    "no kind": (lambda f: f.plot(3), "there is no plot 3"),  # type: ignore[arg-type]
    "a level": (lambda f: f.plot("ranef", levels=["group 77"]), "`g` has no level 'group 77'"),
    "levels that are a text": (lambda f: f.plot("ranef", levels="group 7"), "`levels` is a list"),
    "an effect": (lambda f: f.plot("shrinkage", parameters=["z"]), "no effect 'z' varies by `g`"),
    "three effects": (lambda f: f.plot("shrinkage", parameters=["x", "Intercept", "x"]), "one effect or two"),
    "a parameter": (lambda f: f.plot("trace", parameters=["sd_h"]), "did you mean `sd_g`?"),
    "too many": (lambda f: f.plot("pairs", parameters=["r_g"]), "room for 12 parameters and 80 are asked for"),
    "a column": (lambda f: f.plot("conditional", parameters=["xx"]), "did you mean `x`?"),
    "an `ax` of no use": (lambda f: f.plot("trace", ax=pyplot.figure().gca()), "`trace` takes no `ax`"),
    "an `ax` that is none": (lambda f: f.plot("shrinkage", ax=3), "an Axes of matplotlib"),  # type: ignore[arg-type]
    "one `ax` for two panels": (lambda f: f.plot("ranef", ax=pyplot.figure().gca()), "`ax` is one panel"),
    "a group": (lambda f: f.plot("ranef", group="gg"), "did you mean `g`?"),
    "a kind of file": (lambda f: f.plot("ranef", out="a.docx"), "a picture is a file of"),
    "no file": (lambda f: f.plot("ranef", out=3), "a picture's file is a path, not 3"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("asked", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_told(fits: dict[str, Fit], asked: Callable[[Fit], object], told: str) -> None:
    with pytest.raises(tm.TildeError) as error:
        asked(fits["intercepts and slopes"])
    assert told in str(error.value)


@pytest.mark.parametrize("kind", ["shrinkage", "groups", "ranef"])
def test_pictures_of_groups_are_refused_where_there_are_none(kind: str, ungrouped: Fit) -> None:
    with pytest.raises(tm.TildeError, match="has no group effects"):
        ungrouped.plot(kind)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_pairs_has_room_for_as_many_parameters_as_it_says(ungrouped: Fit) -> None:
    drawn = ungrouped.plot("pairs", parameters=["b", "sigma"])
    assert len(figure_of(drawn).axes) >= 8**2


def test_a_missing_library_is_named(fits: dict[str, Fit], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(tm.TildeError, match=r"pictures need matplotlib: `pip install 'tildemc\[plots\]'`"):
        fits["counts"].plot("ranef")
