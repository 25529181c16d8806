"""Gaussian processes are brms's: basis, frequencies, default priors; a mistake in a call is told where it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.spec.terms.process import KERNELS
from tildemc.spec.terms.view import TermView

DATA = pd.DataFrame(
    {
        "y": np.arange(12) % 5 + 0.5,
        "x": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2],
        "z": np.linspace(0, 1, 12) ** 2,
        "f": ["a", "b"] * 6,
    }
)


def _process(model: tm.Model) -> TermView:
    [found] = (term for term in model.terms() if term.kind == "gp")
    return found


def test_bases_are_those_of_the_oracle(shared: Path) -> None:
    oracle = json.loads((shared / "oracles" / "terms.json").read_text())
    frame = pd.DataFrame(oracle["data"])
    for case in oracle["gp"]:
        found, expected = _process(tm.model(f"y ~ {case['term']}", frame)), case["data"]
        levels = [f"_1_{j}" for j in range(1, expected["Kgp_1"] + 1)] if "Igp_1_1" in expected else ["_1"]
        assert len(found.bases) == len(levels)
        for values, level in zip(found.bases, levels, strict=True):
            rows = np.array(expected.get(f"Igp{level}", range(1, len(frame) + 1))) - 1
            points = np.array(expected[f"Xgp{level}"])[np.array(expected[f"Jgp{level}"]) - 1]
            np.testing.assert_allclose(values[rows], points, atol=1e-10, err_msg=case["term"])
            assert not np.delete(values, rows, axis=0).any()
        assert found.eigenvalues is not None
        own = np.array(expected[f"slambda{levels[0]}"])
        np.testing.assert_allclose(found.eigenvalues[:, : own.shape[1]], own, atol=1e-10)


def test_a_length_scales_default_prior_is_brmss() -> None:
    priors = tm.model("y ~ gp(x, k = 5, c = 5/4)", DATA).priors().set_index("target")["prior"]
    # brms 2.18: get_prior(y ~ gp(x, k = 5, c = 5/4), d)
    assert priors["lscale(gpx)"] == "inv_gamma(5.032748, 1.294962)"


@pytest.mark.parametrize(
    ("statement", "reached"),
    [
        ("lscale ~ gamma(2, 3)", ["lscale(gpxz, x)", "lscale(gpxz, z)"]),
        ("lscale(gpxz) ~ gamma(2, 3)", ["lscale(gpxz, x)", "lscale(gpxz, z)"]),
        ("lscale(gpxzz) ~ gamma(2, 3)", ["lscale(gpxz, z)"]),
        ("sdgp ~ gamma(2, 3)", ["sdgp(gpxz)"]),
        ("sdgp_gpxz ~ gamma(2, 3)", ["sdgp(gpxz)"]),
    ],
)
def test_priors_have_addresses(statement: str, reached: list[str]) -> None:
    model = tm.model("y ~ gp(x, z, k = 3, c = 5/4, iso = FALSE)", DATA, priors=[statement])
    found = model.priors()
    assert list(found["target"][found["stated"]]) == reached


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("inputs", ["x", "x, z"])
def test_a_spectral_density_is_that_of_its_covariance(kernel: object, inputs: str) -> None:
    """Over all frequencies, it integrates to the variance times (2 pi)^d: here in one dimension and in two."""
    model = tm.model(f'y ~ gp({inputs}, k = 2, c = 1, cov = "{kernel.name}")', DATA)  # type: ignore[attr-defined]
    [process] = model.spec.predictors[0].processes
    d, scale = len(process.inputs), 0.7
    steps = np.linspace(0, 400, 400_001)
    u, product = (scale * steps) ** 2, scale**d
    known = {"u": u, "product": product}
    from tildemc.spec.expr import Var, evaluate
    from tildemc.spec.vocabulary import NUMPY

    root = evaluate(KERNELS[process.kernel].root(Var("u"), Var("product"), d), lambda name: known[name.name], NUMPY)
    around = 2 * np.ones_like(steps) if d == 1 else 2 * np.pi * steps
    total = np.trapezoid(root**2 * around, steps)
    assert total == pytest.approx((2 * np.pi) ** d, rel=0.01)


def test_bambis_process_is_pymcs() -> None:
    """pm.gp.HSGP's basis at centred inputs that span one: sines in a box of c times the greatest distance from 0."""
    found = _process(tm.model("y ~ hsgp(x, m=4, c=1.5, cov='Matern32')", DATA))
    x = DATA["x"].to_numpy() / 9
    away = x - x.mean()
    L = 1.5 * np.abs(away).max()
    j = np.arange(1, 5)
    np.testing.assert_allclose(found.bases[0], np.sin(j * np.pi / (2 * L) * (away[:, None] + L)) / np.sqrt(L))
    with pytest.raises(tm.TildeError, match="share a covariance are not built"):
        tm.model("y ~ hsgp(x, m=4, c=1.5, by=f)", DATA)
    assert len(_process(tm.model("y ~ hsgp(x, m=4, c=1.5, by=f, share_cov=False)", DATA)).bases) == 2


MISTAKES = {
    "y ~ <gp(x)>": "say how many functions approximate it",
    "y ~ gp(x, k = 5, <cc = 2>)": "has no `cc`",
    "y ~ gp(x, k = <0>)": "from 1 up",
    "y ~ gp(x, k = 5, c = <z>)": "`c` is a number above 0",
    'y ~ gp(x, k = 5, cov = <"expquad">)': "there is no covariance function",
    "y ~ <gp(f, k = 5)>": "is of numbers",
    "y ~ gp(x, k = 5, cmc = <FALSE>)": "`cmc = FALSE` is not built",
    "y ~ <gp(x, k = 5)>:z": "can only be added",
}  # fmt: skip


@pytest.mark.parametrize(("marked", "told"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_told_where_it_is(marked: str, told: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(marked.replace("<", "").replace(">", ""), DATA)
    assert told in str(caught.value)
    assert str(caught.value.span) == marked.partition("<")[2].partition(">")[0]
