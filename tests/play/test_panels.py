"""Every panel answers for every example, and says what it cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from tildemc.engines.settings import Settings
from tildemc.errors import TildeError
from tildemc.play.asked import Asked, Draw, Look, LookAtFit
from tildemc.play.bench import Answer, Bench
from tildemc.play.examples import EXAMPLES, Example, Line
from tildemc.play.panels import PANELS

LINES = [(example, line) for example in EXAMPLES for line in example.lines]
RADON = EXAMPLES[0]
FORMULA = "log_radon ~ floor + (1 | county)"

SHOWS = {
    "data": "919 rows of 4 columns",
    "model": "Effects by county: 85 levels",
    "design": "Design of mu, the first rows",
    "priors": "default: normal(mean(log_radon), 2.5",
    "equations": "<svg role=",
    "source": "pd.read_csv(&#34;radon.csv&#34;)",
    "conversions": "mixed log_radon floor || county:",
}


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def look(bench: Bench, panel: str, text: str = FORMULA, example: Example = RADON, **beside: str) -> Answer:
    return bench(Look(Asked(text, example.name, **beside), example.path, panel), lambda *_: None)


def test_each_panel_is_held_to_something() -> None:
    assert list(SHOWS) == [panel.name for panel in PANELS if panel.of != "fit"]


def test_the_documentation_tells_of_each_panel(project: Path) -> None:
    page = (project / "docs" / "play.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\w+) \| \w", page, re.MULTILINE)[1:] == [panel.title for panel in PANELS]


@pytest.mark.parametrize("panel, shown", SHOWS.items(), ids=SHOWS)
def test_a_panel_of_a_model_shows_it(panel: str, shown: str, bench: Bench) -> None:
    assert shown in look(bench, panel).html


@pytest.mark.parametrize("example, line", LINES, ids=[f"{e.name}-{line.language}" for e, line in LINES])
def test_an_example_is_a_model_of_its_data(example: Example, line: Line, bench: Bench) -> None:
    look(bench, "model", line.text, example, family=line.family, priors=line.priors)


def test_rows_that_are_streamed_are_read_where_they_are_for_a_fit_too(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tildemc.resolve.stream.STREAMED_FROM", 10)
    frame = pd.read_csv(RADON.path)
    frame.to_parquet(tmp_path / "radon.parquet")
    asked, place = Asked(FORMULA, "radon.parquet"), tmp_path / "radon.parquet"
    assert "919 rows, read in chunks" in bench(Look(asked, place, "data"), lambda *_: None).html
    assert "Groups" in bench(Look(asked, place, "design"), lambda *_: None).html
    bench(Draw(asked, place, Settings(draws=50, tune=50, seed=1, progress=False)), lambda *_: None)
    assert "sd_county[Intercept]" in bench(LookAtFit("summary"), lambda *_: None).html


def test_there_are_no_draws_before_a_fit() -> None:
    with pytest.raises(TildeError, match="there are no draws yet"):
        Bench()(LookAtFit("summary"), lambda *_: None)


def test_a_text_that_says_nothing_is_asked_for(bench: Bench) -> None:
    with pytest.raises(TildeError, match="there is no formula yet"):
        look(bench, "model", "  ")


def test_there_is_no_other_panel(bench: Bench) -> None:
    with pytest.raises(TildeError, match="there is no panel `modell`; did you mean `model`"):
        look(bench, "modell")
    with pytest.raises(TildeError, match="there is no panel `summary`"):
        look(bench, "summary")


SCRIPT = "m1 <- lmer(log_radon ~ floor + (1 | county), d)\nm2 <- update(m1, . ~ . + log_uranium)"


@pytest.mark.parametrize("which, last", [("", "log_uranium"), ("m2", "log_uranium"), ("m1", "floor")])
def test_one_of_the_models_of_a_script_is_shown(which: str, last: str, bench: Bench) -> None:
    answer = look(bench, "model", SCRIPT, which=which)
    assert answer.models == ("m1", "m2")
    assert ("log_uranium" in answer.html) == (last == "log_uranium")


def test_what_is_said_beside_the_text_is_in_the_model_and_in_no_conversion(bench: Bench) -> None:
    beside = {"priors": "sd(county) ~ exponential(1)"}
    assert "stated: sd(county) ~ exponential(1)" in look(bench, "priors", **beside).html
    assert "its priors, is in none of these" in look(bench, "conversions", **beside).html


def test_what_people_write_is_text(bench: Bench) -> None:
    answer = look(bench, "model", "log_radon ~ I(floor < 1 & floor > 0) + (1 | county)")
    assert "floor &lt; 1 &amp; floor &gt; 0" in answer.html
    assert "floor < 1" not in answer.html
