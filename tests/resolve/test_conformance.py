"""Designs are R's: model.matrix, lme4's and brms's group terms, case by case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import SemanticError
from tildemc.resolve.algebra import expand_terms
from tildemc.resolve.coding import code_terms
from tildemc.resolve.frame import Frame
from tildemc.resolve.schema import Learning
from tildemc.spec.terms.product import columns_of
from tildemc.syntax.formula import parse_one_sided

HERE = Path(__file__).parent


def frame_of(oracle: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(oracle["data"])
    levels = {"f": ["a", "b", "c"], "g": ["lo", "hi"], "h": ["1", "2"], "o": ["L", "M", "H"]}
    for name, order in levels.items():
        frame[name] = pd.Categorical(frame[name].astype(str), categories=order, ordered=name == "o")
    return frame


def design(formula: str, data: Frame) -> tuple[list[str], list[str], np.ndarray]:
    """Term labels, column names and numbers of a one-sided formula."""
    terms = expand_terms(parse_one_sided(formula), data.names)
    columns = columns_of(code_terms(terms, Learning(data)))
    ones = [np.ones(len(data))] if terms.intercept else []
    values = [*ones, *(data.evaluate(column.value).astype(float) for column in columns)]
    names = [*(["(Intercept)"] if terms.intercept else []), *(column.label for column in columns)]
    X = np.column_stack(values) if values else np.zeros((len(data), 0))
    return [interaction.label for interaction in terms.interactions], names, X


def test_random_formulas_have_rs_terms_and_columns() -> None:
    oracle = json.loads((HERE / "r_formulas.json").read_text())
    data = Frame(frame_of(oracle))
    wrong = []
    for case in oracle["cases"]:
        terms, names, X = design(case["formula"], data)
        sums = (X * np.arange(1, len(data) + 1)[:, None]).sum(axis=0)
        if terms != case["terms"] or names != case["columns"] or not np.allclose(sums, case["sums"], atol=1e-6):
            wrong.append(case["formula"])
    assert len(oracle["cases"]) > 200
    assert not wrong


def test_model_matrices_are_rs(shared: Path) -> None:
    oracle = json.loads((shared / "oracles/conformance/model_matrix.json").read_text())
    data = Frame(frame_of(oracle))
    assert len(oracle["cases"]) > 90
    for case in oracle["cases"]:
        terms, names, X = design(case["formula"], data)
        assert terms == case["terms"], case["formula"]
        assert names == case["columns"], case["formula"]
        if names:
            np.testing.assert_allclose(X, np.array(case["X"], dtype=float), atol=1e-9, err_msg=case["formula"])


def test_group_terms_are_lme4s_up_to_names(shared: Path) -> None:
    """lme4 writes `b:a` where brms and tildemc write `a:b`, splits `||` by term, and sorts by size."""
    oracle = json.loads((shared / "oracles/conformance/lme4_reterms.json").read_text())
    frame = frame_of(oracle)
    assert len(oracle["cases"]) > 20
    for case in oracle["cases"]:
        model = tm.model(case["formula"], frame)
        found = model.design_matrix().columns
        assert [*found] == [c.replace("(Intercept)", "Intercept") for c in case["fixed_columns"]], case["formula"]
        theirs = sorted(effects_of_lme4(case), key=lambda effect: effect[:2])
        ours = sorted(effects_of(model), key=lambda effect: effect[:2])
        assert [effect[:2] for effect in ours] == [effect[:2] for effect in theirs], case["formula"]
        for (*_, mine), (*_, his) in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, his, atol=1e-9, err_msg=case["formula"])


def effects_of(model: tm.Model) -> list[tuple[str, str, np.ndarray]]:
    """Each effect's group (its factors sorted), column, and (n, levels) design with levels sorted by their parts."""
    found = []
    for term in model.group_terms():
        keys = [tuple(sorted(str(level).split(":"))) for level in term.levels]
        for j, column in enumerate(term.columns):
            Z = np.zeros((len(term.index), len(keys)))
            Z[np.arange(len(term.index)), term.index] = term.values[:, j]
            found.append((":".join(sorted(term.group.split(":"))), column, Z[:, order(keys)]))
    return found


def order(keys: list[tuple[str, ...]]) -> list[int]:
    return sorted(range(len(keys)), key=lambda k: keys[k])


def effects_of_lme4(case: dict[str, Any]) -> list[tuple[str, str, np.ndarray]]:
    Z = np.array(case["Z"], dtype=float)
    found, start = [], 0
    for term in case["terms"]:
        keys = [tuple(sorted(level.split(":"))) for level in term["levels"]]
        width = len(term["coefs"])
        for j, column in enumerate(term["coefs"]):
            columns = Z[:, start + j : start + width * len(keys) : width]
            group = ":".join(sorted(term["group"].split(":")))
            found.append((group, column.replace("(Intercept)", "Intercept"), columns[:, order(keys)]))
        start += width * len(keys)
    return found


def test_group_terms_are_brmss(shared: Path) -> None:
    oracle = json.loads((shared / "oracles/conformance/brms_terms.json").read_text())
    frame = frame_of(oracle)
    assert len(oracle["cases"]) > 20
    for case in oracle["cases"]:
        if "error" in case:
            with pytest.raises(SemanticError):
                tm.model(case["formula"], frame)
            continue
        terms = tm.model(case["formula"], frame).group_terms()
        ours = sorted((t.group, [*map(cleaned, t.columns)], len(t.levels)) for t in terms)
        theirs = sorted((t["group"], [*map(cleaned, t["coefs"])], len(t["levels"])) for t in case["re"].values())
        assert ours == theirs, case["formula"]
        correlated = {t.group: t.correlated for t in terms if len(t.columns) > 1}
        assert all(correlated.get(t["group"], t["cor"]) == t["cor"] for t in case["re"].values()), case["formula"]


def cleaned(label: str) -> str:
    """As brms rewrites a column's name."""
    return label.translate(str.maketrans({"(": None, ")": None, ",": None, " ": None, "^": "E"}))
