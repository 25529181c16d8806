"""What people wrote is shown, and does not steer the terminal that shows it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import tildemc as tm
from tildemc.cli import app
from tildemc.errors import TildeError
from tildemc.span import Span
from tildemc.visible import cut, shortened, visible

STEERING = {
    "an escape sequence": "\x1b[2J\x1b[31mred",
    "an escape of eight bits": "\x9b2J",
    "a title": "\x1b]0;owned\x07",
    "a bell": "a\x07",
    "a carriage return": "safe\rowned",
    "a backspace": "safe\b\b\b\bevil",
    "a deletion": "a\x7f",
    "a turned direction": "abc\u202etxt.exe",
    "an isolated direction": "a\u2066b",
    "a line of Unicode": "a\u2028b",
    "markup of rich": "[red]a[/red]",
    "a link of rich": "[link=https://localhost]a[/link]",
    "markup that is not closed": "[/bold",
}


def steers(text: str) -> bool:
    return any(not c.isprintable() and c not in "\n\t" for c in text)


def frame(name: str) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "y": rng.normal(size=12),
            f"x {name}": rng.normal(size=12),
            f"g {name}": np.resize(np.array([f"a {name}", "b", "c"], dtype=object), 12),
        }
    )


def formula(name: str) -> str:
    x, g = (f"`{prefix} {name}`" for prefix in "xg")
    return f"y ~ {x} + {g} + (1 + {x} | {g})"


@pytest.mark.parametrize("kind", STEERING)
def test_no_name_or_level_steers_what_python_prints(kind: str) -> None:
    model = tm.model(formula(STEERING[kind]), frame(STEERING[kind]))
    fit = model.fit(draws=20, tune=20, chains=1, progress=False, seed=1)
    shown = [str(model), repr(model), *map(repr, model.group_terms()), str(fit), repr(fit)]
    estimate = tm.model(f"y ~ `x {STEERING[kind]}` + (1 | `g {STEERING[kind]}`)", frame(STEERING[kind])).optimize("ml")
    shown += [fit.text(group_effects=True), str(estimate)]
    assert not [text for text in shown if steers(text)]
    assert visible(STEERING[kind]) in shown[0]


@pytest.mark.parametrize("kind", STEERING)
def test_no_name_steers_a_message(kind: str) -> None:
    name = STEERING[kind]
    for text, data in ((f"y ~ `{name}`", frame("a")), ("y ~ z", frame(name)), (f"y ~ z # {name}", frame("a"))):
        with pytest.raises(TildeError) as caught:
            tm.model(text, data)
        assert not steers(str(caught.value)) and not steers(caught.value.message)


@pytest.mark.parametrize("kind", STEERING)
def test_no_name_steers_what_the_command_line_prints(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = STEERING[kind]
    frame(name).to_parquet("data.parquet")
    commands = [
        ["explain", formula(name)],
        ["explain", "--json", formula(name)],
        ["translate", formula(name)],
        ["explain", f"y ~ `{name}`"],
        ["explain", "y ~ z", "--family", name],
        ["explain", "y ~ z", "--prior", name],
    ]
    for command in commands:
        said = CliRunner().invoke(app, [*command, "--data", "data.parquet"])
        assert not steers(said.stdout) and not steers(said.stderr), command
        if "markup" in kind and command[0] == "explain" and not said.exit_code:
            assert json.dumps(name)[1:-1] in said.stdout
    listed = CliRunner().invoke(app, ["explain", "y ~ z", "--data", f"{name}.csv"])
    assert not steers(listed.stderr) and "there is no file" in listed.stderr


def test_json_stays_json() -> None:
    facts = {"a\x9b\x7f\x1b\u202e": "b\u2028"}
    assert json.loads(visible(json.dumps(facts, ensure_ascii=False))) == facts


def test_carets_stand_under_what_is_shown() -> None:
    text = "y ~ `\x1b[2J` + bad"
    line, carets = Span(text, text.index("bad"), len(text)).caret().split("\n")
    assert line[carets.index("^") :] == "bad" and carets.count("^") == 3


@pytest.mark.parametrize("at", [0, 50, 5_000, 99_990])
def test_of_a_long_line_what_is_around_the_caret_is_shown(at: int) -> None:
    text = "x+" * 50_000
    text = f"{text[:at]}bad{text[at + 3 :]}"
    line, carets = Span(text, at, at + 3).caret().split("\n")
    assert len(line) <= 80
    assert line[carets.index("^") : carets.rindex("^") + 1] == "bad"
    assert line.strip().startswith("…") == (at > 40) and line.endswith("…") == (at < 99_000)


@given(st.text(), st.integers(4, 50))
def test_what_is_cut_keeps_its_ends(text: str, most: int) -> None:
    found = cut(text, most)
    assert len(found) <= most and (found == text or "…" in found)
    assert found[: most // 2] == text[: len(found[: most // 2])] or "…" in found[: most // 2]


def test_a_message_keeps_its_words() -> None:
    assert shortened("no column `a b` in the data") == "no column `a b` in the data"
    found = shortened(f"no column `{'a b ' * 1_000}` in the data; {'c' * 1_000}")
    assert len(found) < 500 and found.startswith("no column `a b") and " in the data; cc" in found
