"""What a person writes is data: no column name, level or formula gets out of its quotes."""

from __future__ import annotations

import ast
import builtins
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tildemc as tm

NASTY = [
    'x"); import os; os.system("touch owned',
    "x'); __import__('os').system('touch owned') #",
    '"""\nimport os\n"""',
    "a\nb",
    "tab\there",
    "back\\slash",
    "back`quote",
    "{x}",
    "%s",
    "ünïcode ñame",
    "‮rtl",
    "class",
    "1st",
    "a.b",
    " ",
    "np",
    "pm",
    "data",
    "a/b",
    "#",
    "ﬁ",
]


def backquoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def frame_with(name: str, group: str, level: str) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 12
    return pd.DataFrame(
        {
            "response": rng.normal(size=n),
            name: rng.normal(size=n),
            group: np.resize(np.array([level, "other", "third"], dtype=object), n),
        }
    )


def model_of(name: str, group: str, level: str) -> tm.Model:
    x, g = backquoted(name), backquoted(group)
    return tm.model(f"response ~ {x} + {g} + {x}:{g} + (1 + {x} | {g})", frame_with(name, group, level))


def calls(tree: ast.AST) -> set[str]:
    """The names that a program calls, and the modules that it imports."""
    found = {called(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return found | {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}


def called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return f"{function.value.id if isinstance(function.value, ast.Name) else ''}.{function.attr}"
    return ast.unparse(function)


PLAIN_CALLS = calls(ast.parse(model_of("x", "g", "level").source("data.csv")))


@pytest.mark.parametrize("name", NASTY)
def test_no_name_adds_a_call_to_the_source(name: str) -> None:
    text = model_of(name, f"{name} group", f"{name} level").source("data.csv")
    assert calls(ast.parse(text)) <= PLAIN_CALLS


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_any_name_and_level_is_data(name: str, group: str, level: str) -> None:
    if len({name, group, "response"}) < 3 or level in ("other", "third"):
        return
    try:
        model = model_of(name, group, level)
    except tm.TildeError:
        return
    assert calls(ast.parse(model.source("data.csv"))) <= PLAIN_CALLS
    str(model)


@pytest.mark.parametrize("name", NASTY)
def test_the_source_of_any_name_runs_and_agrees(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(name, f"{name} group", f"{name} level")
    frame_with(name, f"{name} group", f"{name} level").to_csv(tmp_path / "data.csv", index=False)
    monkeypatch.chdir(tmp_path)
    head = model.source("data.csv").split("with pm.Model")[0]
    namespace: dict[str, Any] = {}
    exec(compile(head, "head.py", "exec"), namespace)
    np.testing.assert_allclose(namespace["X"].to_numpy(float), model.design_matrix().to_numpy()[:, 1:])
    assert list(namespace["X"].columns) == list(model.design_matrix().columns[1:])
    assert os.listdir(tmp_path) == ["data.csv"]


def test_nothing_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bambi runs `pd.io.common.os.system(…)` in a formula; here it is a function that formulas do not have."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("evaluated")

    data = pd.DataFrame({"y": [1.0, 2, 4, 3], "x": [1.0, 2, 3, 5]})
    # Once before: importing a module executes it.
    tm.model("y ~ poly(x, 2) + log(x)", data).source("d.csv")
    for name in ("eval", "exec"):
        monkeypatch.setattr(builtins, name, refuse)
    monkeypatch.setattr(pd, "eval", refuse)
    monkeypatch.setattr(pd.DataFrame, "query", refuse)
    monkeypatch.setattr(pd.DataFrame, "eval", refuse)
    assert tm.model("y ~ poly(x, 2) + log(x) + I(x^2)", data).source("d.csv")
    for formula in ("y ~ pd.io.common.os.system('touch owned')", "y ~ I.__globals__.get('x')", "y ~ __import__('os')"):
        with pytest.raises(tm.TildeError):
            tm.model(formula, data)
