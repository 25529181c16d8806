"""The direct engine from model to draws: doors, seeds, the contract, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tildemc as tm
from targets.direct.models import Described
from tildemc.engines.direct import draw
from tildemc.engines.nutpie_door import c_door, has_c_door, python_door
from tildemc.engines.settings import Settings
from tildemc.errors import FitError
from tildemc.spec.expr import Apply, Var
from tildemc.spec.families import FAMILIES
from tildemc.spec.parameters import coordinates, parameters
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.takes import TAKES

BRIEF = Settings(draws=40, tune=60, chains=2, seed=3, progress=False)
MIXED = Described("y ~ x + (1 + x | g) + (1 | h)\nsigma ~ by(arm)")


def test_both_doors_draw_the_same() -> None:
    assert has_c_door()
    model = MIXED.model()
    problem = pack(model.spec, model.design)
    by_c, statistics = draw(c_door(problem), BRIEF)
    by_python, _ = draw(python_door(problem), BRIEF)
    np.testing.assert_array_equal(by_c, by_python)
    assert by_c.shape == (2, 40, problem.size)
    assert {"diverging", "energy", "lp", "tree_depth", "n_steps", "step_size", "acceptance_rate"} == set(statistics)


def test_a_seed_gives_the_same_draws_again() -> None:
    fits = [
        MIXED.model().fit(method="direct", draws=30, tune=50, chains=2, seed=seed, progress=False) for seed in (1, 1, 2)
    ]
    posteriors = [fit.data["posterior"].to_dataset() for fit in fits]
    assert posteriors[0].equals(posteriors[1])
    assert not posteriors[0].equals(posteriors[2])
    assert fits[0].path == "NUTS, direct engine"


@pytest.mark.parametrize(
    "described",
    [
        MIXED,
        Described("y ~ x + (1 + x | g) + (0 + z | g)", priors=("sd(g, x) ~ exponential(1)",)),
        Described("hit ~ 0 + arm + (1 | g:h)", family="bernoulli"),
        Described("y ~ treated + (0 + treated | tutor)\nsigma ~ z\nnu ~ 1", family="student"),
    ],
    ids=str,
)
def test_draws_keep_the_contract(described: Described) -> None:
    model = described.model()
    fit = model.fit(method="direct", draws=10, tune=30, chains=2, seed=1, progress=False)
    posterior = fit.data["posterior"]
    labels = coordinates(model.spec)
    assert list(fit.groups["posterior"].variables) == [p.name for p in parameters(model.spec)]
    for p in parameters(model.spec):
        values = posterior[p.name]
        assert values.dims == ("chain", "draw", *p.dims)
        assert values.shape == (2, 10, *(len(labels[dim]) for dim in p.dims))
        assert np.isfinite(values).all()
        if p.support.matrix:
            diagonal = np.diagonal(values.to_numpy(), axis1=-2, axis2=-1)
            np.testing.assert_allclose(diagonal, 1)
            assert (np.abs(values) <= 1 + 1e-12).all()
        else:
            assert ((values >= p.support.lower) & (values <= p.support.upper)).all()


def test_a_density_that_is_not_finite_is_no_crash() -> None:
    model = Described("positive ~ x", family="gaussian(inverse)").model()
    problem = pack(model.spec, model.design)
    far = np.full(problem.size, 1e6)
    assert np.isnan(evaluate(problem.tables, far)[0])
    walled = Described("hit ~ x", family="bernoulli(identity)", priors=("b ~ normal(0, 1)", "Intercept ~ beta(1, 1)"))
    model = walled.model()
    problem = pack(model.spec, model.design)
    for door in (c_door, python_door):
        draws, statistics = draw(door(problem), replace(BRIEF, draws=200))
        assert np.isfinite(draws).all()
        assert statistics["diverging"].any()


def test_a_density_that_is_finite_nowhere_is_said_before_sampling() -> None:
    data = {"k": np.arange(20), "far": np.tile([-1e4, 1e4], 10)}
    with pytest.raises(FitError, match="not finite where chains would start"):
        tm.model("k ~ 1 + offset(far)", data, "poisson").fit(method="direct", progress=False)


def test_what_it_cannot_do_is_said_at_once() -> None:
    model = Described("y ~ x").model()
    strange = replace(FAMILIES["gaussian"], name="strange", log_density=Apply("zeta", (Var("mu"),)))
    spec = replace(model.spec, family=strange)
    assert [str(gap) for gap in TAKES.gaps(spec)] == ["the direct engine has no family strange"]
    with pytest.raises(FitError, match="`method='pymc'` can:\n- the direct engine has no family"):
        replace(model, spec=spec).fit(method="direct")
    with pytest.raises(FitError, match="sampler of its own"):
        model.fit(method="direct", sampler="pymc")


def test_epilepsy_is_lme4s(open_data: Callable[[str], Path], shared: Path) -> None:
    formula = "count ~ zAge + zBase * Trt + (1 | patient)"
    fits = json.loads((shared / "oracles" / "fits.json").read_text(encoding="utf-8"))
    expected = fits["epilepsy"][f"glmer poisson: {formula}"]
    model = tm.model(formula, str(open_data("epilepsy")), family="poisson")
    posterior = model.fit(method="direct", draws=500, tune=500, chains=2, seed=1, progress=False).data["posterior"]
    found = [posterior["Intercept"], *posterior["b"].transpose("term", ...)]
    for draws, estimate in zip(found, expected["fixef"].values(), strict=True):
        assert abs(draws.mean() - estimate) < 0.3 * draws.std()
    sd = posterior["sd_patient"]
    assert abs(sd.mean() - expected["varcorr"]["patient"]["sd"][0]) < sd.std()
