"""Structures answer what the rest of the package asks, and every language's names are those of structures."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from tildemc.errors import PriorError
from tildemc.spec.covariance import COVARIANCES, Loadings, spread_and_correlations
from tildemc.syntax.structures import BARS, STRUCTURES

RNG = np.random.default_rng(6)
DATA = {
    "y": RNG.normal(size=60),
    "x": RNG.normal(size=60),
    "z": RNG.normal(size=60),
    "g": np.resize(list("abcdef"), 60),
}


def test_names_in_the_languages_are_those_of_structures() -> None:
    assert STRUCTURES.keys() == COVARIANCES.keys() >= set(BARS.values())
    assert {record.equal for record in STRUCTURES.values()} - {None} < COVARIANCES.keys()


@pytest.mark.parametrize("name", COVARIANCES)
def test_one_effect_alone_has_an_sd_and_nothing_else(name: str) -> None:
    block = tm.model(f"y ~ {name}(1 | g)", DATA).spec.predictors[0].groups[0].blocks[0]
    assert (block.covariance.name, len(block.sd_priors), block.shape_priors) == ("diag", 1, ())


PRIORS = {
    "diag": (3, None),
    "us": (3, "lkj(2)"),
    "homdiag": (1, None),
    "cs": (3, "uniform(-0.5, 1)"),
    "homcs": (1, "uniform(-0.5, 1)"),
    "ar1": (1, "uniform(-1, 1)"),
    "hetar1": (3, "uniform(-1, 1)"),
    "toep": (3, None),
    "homtoep": (1, None),
    "rr": (0, None),
}


@pytest.mark.parametrize(("name", "expected"), PRIORS.items())
def test_as_many_priors_as_free_quantities(name: str, expected: tuple[int, str | None]) -> None:
    model = tm.model(f"y ~ x + {name}(1 + x + z | g)", DATA)
    block = model.spec.predictors[0].groups[0].blocks[0]
    sds, correlation = expected
    table = model.priors()
    assert len(block.sd_priors) == sds == table["target"].str.startswith("sd(").sum()
    assert table.loc[table["target"] == "cor(g)", "prior"].to_list() == ([correlation] if correlation else [])


@pytest.mark.parametrize(
    ("stated", "printed"),
    [
        ("cor(g) ~ uniform(-1, 1)", "uniform(-0.5, 1)"),
        ("cor ~ uniform(0, 1)", "uniform(0, 1)"),
        ("cor(g) ~ normal(0.2, 0.3)", "normal(0.2, 0.3, lower=-0.5, upper=1)"),
        ("cor_g ~ beta(2, 2)", "beta(2, 2)"),
        ("cor(g) ~ flat()", "uniform(-0.5, 1)"),
    ],
)
def test_one_correlation_takes_the_density_of_a_number(stated: str, printed: str) -> None:
    table = tm.model("y ~ x + cs(1 + x + z | g)", DATA, priors=stated).priors()
    assert table.loc[table["target"] == "cor(g)", "prior"].item() == printed


TOLD = {
    "us": ["cor_g[Intercept, x]", "cor_g[Intercept, z]", "cor_g[x, z]"],
    "diag": [],
    "cs": ["cor_g[Intercept, x]"],
    "ar1": ["cor_g[Intercept, x]"],
    "toep": ["shape_g[partial1]", "shape_g[partial2]"],
}


@pytest.mark.parametrize("name", TOLD)
def test_summaries_tell_what_correlations_follow_from(name: str) -> None:
    fit = tm.model(f"y ~ x + {name}(1 + x + z | g)", DATA).fit(method="exact", draws=20, seed=1, progress=False)
    labels = [label for _, label in fit.summary().index if label.startswith(("cor_", "shape_"))]
    assert labels == TOLD[name]


@pytest.mark.parametrize(
    ("structure", "stated", "fragment"),
    [
        ("cs", "cor(g) ~ lkj(2)", "this is one correlation, a number in (-0.5, 1)"),
        ("homcs", "cor(g) ~ uniform(-2, 1)", "reaches from -2 to 1"),
        ("us", "cor(g) ~ uniform(-1, 1)", "correlations take lkj"),
        ("homdiag", "cor(g) ~ normal(0, 1)", "has no `cor(g)`"),
        ("homdiag", "sd(g, w) ~ normal(0, 1)", "sd(g)"),
    ],
)
def test_priors_that_do_not_fit_are_refused(structure: str, stated: str, fragment: str) -> None:
    with pytest.raises(PriorError) as caught:
        tm.model(f"y ~ x + {structure}(1 + x + z | g)", DATA, priors=stated)
    assert fragment in str(caught.value)


def test_loadings_say_sds_and_correlations() -> None:
    structure = COVARIANCES["rr"].correlations
    assert isinstance(structure, Loadings)
    values = RNG.normal(size=(7, 5))
    factor = structure.matrix(values, 3)
    assert [(a, c) for a in range(3) for c in range(2) if factor[0, a, c] == 0] == [(0, 1)]
    np.testing.assert_array_equal(factor[:, *np.array(structure.entries(3)).T], values)
    sd, cor = spread_and_correlations(factor)
    np.testing.assert_allclose(sd[:, :, None] * cor * sd[:, None, :], factor @ factor.swapaxes(1, 2), atol=1e-12)


LOADINGS = ("loading1.1", "loading2.2", "loading2.1", "loading3.1", "loading3.2")


@pytest.mark.parametrize(
    ("stated", "reached"),
    [
        ("loading ~ normal(0, 7)", LOADINGS),
        ("loading(g) ~ normal(0, 7)", LOADINGS),
        ("loading3.1(g) ~ normal(0, 7)", ["loading3.1"]),
        ("shape_g[loading3.1] ~ normal(0, 7)", ["loading3.1"]),
        ("sigma.loading ~ normal(0, 7)", []),
    ],
)
def test_loadings_have_priors_by_these_names(stated: str, reached: list[str]) -> None:
    text = "y ~ x + rr(1 + x + z | g)\nsigma ~ rr(1 + x | g)"
    table = tm.model(text, DATA, priors=stated).priors()
    sevens = table.loc[table["prior"].str.contains(r"\(0, 7\)"), "target"]
    mine = [target.partition("(")[0] for target in sevens if not target.startswith("sigma")]
    assert mine == list(reached)
    assert len(sevens) - len(mine) == 3 * stated.startswith("sigma.")
    # What is above the diagonal is zero, and the diagonal positive.
    assert table.loc[table["target"] == "loading2.2(g)", "prior"].item().startswith("half_normal")
