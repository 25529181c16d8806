"""brms's `gr()`: a covariance for each level of another column, no correlations, an ID."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from tildemc.errors import DataError, SemanticError
from tildemc.results.fit import Fit
from tildemc.results.levels import distributed
from tildemc.spec.parameters import names

RNG = np.random.default_rng(2)
DATA = {
    "y": RNG.normal(size=48),
    "x": RNG.normal(size=48),
    "g": np.resize(list("abcdef"), 48),
    "arm": np.resize(["s", "t"], 48),
    "wave": np.resize([1, 2], 48),
    "h": np.resize(list("uvw"), 48),
    "w": np.resize([0.5, 1.0, 2.0, 1.5, 3.0, 1.0], 48),
}
STUDENT, WEIGHTED = 'gr(g, dist = "student")', "gr(g, pw = w)"

SAME = [
    ("(1 + x | gr(g, cor = FALSE))", "(1 + x || g)"),
    ("(1 + x | gr(g, by = NULL, cor = TRUE, cov = NULL, dist = 'gaussian'))", "(1 + x | g)"),
    ("(1 | gr(g, h))", "(1 | g:h)"),
    ("(1 + x | gr(g, id = 'p'))", "(1 + x | p | g)"),
]


@pytest.mark.parametrize(("said", "plain"), SAME)
def test_gr_says_what_bars_say(said: str, plain: str) -> None:
    read, expected = (tm.model(f"y ~ x + {text}", DATA).spec for text in (said, plain))
    assert [*read.groups()] == [*expected.groups()]


@pytest.mark.parametrize("by", ["arm", "wave"])
def test_each_level_of_by_has_sds_and_correlations_of_its_own(by: str) -> None:
    levels = {"arm": ["s", "t"], "wave": ["1", "2"]}[by]
    [group] = tm.model(f"y ~ x + (1 + x | gr(g, by = {by}))", DATA).spec.groups()
    assert [block.labels for block in group.blocks] == [(f"Intercept:{by}{k}", f"x:{by}{k}") for k in levels]
    model = tm.model(f"y ~ x + (1 + x | gr(g, by = {by}))", DATA)
    own = {target for target in model.priors()["target"] if target.startswith("cor")}
    assert own == {f"cor(g, Intercept:{by}{k}, x:{by}{k})" for k in levels}
    design = model.design.of(group)
    for row, level in enumerate(DATA[by]):
        k = levels.index(str(level))
        np.testing.assert_array_equal(design.Z[row, 2 * k : 2 * k + 2], [1, DATA["x"][row]])
        assert not design.Z[row, 2 * (1 - k) : 2 * (1 - k) + 2].any()


@pytest.mark.parametrize("term", ["(1 + x | gr(g, by = arm))", "(1 | gr(g, by = wave))", f"(1 | {WEIGHTED})"])
def test_streamed_rows_have_the_same_groups(term: str, tmp_path: Path) -> None:
    pd.DataFrame(DATA).to_parquet(tmp_path / "data.parquet")
    streamed, whole = (tm.model(f"y ~ x + {term}", d) for d in (tm.stream(str(tmp_path / "data.parquet")), DATA))
    assert streamed.spec == whole.spec


def test_rows_without_a_level_of_by_are_left_out() -> None:
    rows = pd.DataFrame(DATA).assign(arm=[None, *DATA["arm"][1:]])
    design = tm.model("y ~ x + (1 | gr(g, by = arm))", rows).design
    assert len(design.rows) == len(rows) - 1


def test_effects_that_no_row_informs_are_told() -> None:
    told = " ".join(str(tm.model("y ~ x + (1 | gr(g, by = arm))", DATA)).split())
    assert "no row informs those of another arm than its own" in told


def test_predictions_for_a_group_with_an_unknown_level_of_by_are_refused() -> None:
    fit = tm.model("y ~ x + (1 | gr(g, by = arm))", DATA).fit(method="exact", draws=50, seed=1, progress=False)
    new = {"x": [0.0, 0.0], "g": ["a", "new"], "arm": ["s", "t"]}
    assert fit.predict(new, new_levels="sample").shape[0] == 2
    with pytest.raises(DataError, match="no level z"):
        fit.predict({**new, "arm": ["s", "z"]}, new_levels="sample")


@pytest.fixture(scope="module")
def student() -> Fit:
    """Few draws of Student-t effects, by the direct engine."""
    return tm.model(f"y ~ x + (1 + x | {STUDENT})", DATA).fit(draws=50, tune=100, chains=2, seed=1, progress=False)


@pytest.mark.parametrize(
    ("statement", "syntax"),
    [
        ("df ~ gamma(3, 0.2)", "formula"),
        ("df(g) ~ gamma(3, 0.2)", "formula"),
        ("df_g ~ gamma(3, 0.2)", "formula"),
        (None, "r"),
    ],
)
def test_degrees_of_freedom_have_a_prior_of_their_own(statement: str | None, syntax: str) -> None:
    formula = f"y ~ x + (1 | {STUDENT})"
    if syntax == "r":
        formula = f"brm({formula}, data = d, prior = prior(gamma(3, 0.2), class = df, group = g))"
    table = tm.model(formula, DATA, priors=statement or ()).priors().set_index("target")
    assert table.loc["df(g)", "prior"] == "gamma(3, 0.2, lower=1)"
    default = tm.model(f"y ~ x + (1 | {STUDENT})", DATA).priors().set_index("target")
    assert default.loc["df(g)", "prior"] == "gamma(2, 0.1, lower=1)"


def test_student_effects_are_reported_as_brms_names_them(student: Fit, tmp_path: Path) -> None:
    assert "df_g" in student.summary().index.get_level_values(-1)
    assert student.hypothesis("df_g > 1").shape[0] == 1
    student.save(tmp_path / "fit.nc")
    same = tm.load(tmp_path / "fit.nc")
    assert same.spec == student.spec
    # The graph has all of its free variables: r = L z √u.
    posterior = same.data["posterior"]
    factor = np.linalg.cholesky(posterior["cor_g"].to_numpy()) * posterior["sd_g"].to_numpy()[..., None]
    made = posterior["z_g"].to_numpy() @ factor.swapaxes(-1, -2) * np.sqrt(posterior["u_g"].to_numpy())[..., None]
    np.testing.assert_allclose(made, posterior["r_g"], rtol=1e-8)


def test_levels_that_nobody_has_seen_have_student_effects(student: Fit) -> None:
    assert student.predict({"x": [0.0], "g": ["new"]}, new_levels="sample").notna().all(axis=None)
    [group] = student.spec.groups()
    named = names(student.spec).of(group)
    draws = {named.sd: np.ones((4, 2)), named.cor: np.tile(np.eye(2), (4, 1, 1)), named.df: np.full(4, 3.0)}
    drawn = distributed(group, named, draws, np.random.default_rng(1), 4000)[named.r]
    np.testing.assert_allclose(np.quantile(np.abs(drawn), [0.5, 0.95]), stats.t(3).ppf([0.75, 0.975]), rtol=0.05)
    # Of one level together.
    assert np.corrcoef(np.abs(drawn).clip(max=4).reshape(-1, 2).T)[0, 1] > 0.15


def test_weights_of_groups_are_those_of_their_variances() -> None:
    """brms multiplies log N(z | 0, 1) by the weight, so that z has its variance over it."""
    fit = tm.model(f"y ~ x + (1 | {WEIGHTED})", DATA).fit(method="exact", draws=50, seed=1, progress=False)
    posterior = fit.data["posterior"]
    z = posterior["z_g"].to_numpy() * posterior["sd_g"].to_numpy()[..., None, :]
    np.testing.assert_allclose(z / np.sqrt(DATA["w"][:6])[:, None], posterior["r_g"], rtol=1e-8)
    prior = tm.model(f"y ~ x + (1 | {WEIGHTED})", DATA, priors=("sd ~ uniform(1, 1.0001)",)).prior_predictive(
        3000, seed=1
    )
    spread = prior["prior"]["r_g"].to_numpy()[0, :, :, 0].std(axis=0)
    np.testing.assert_allclose(spread, np.array(DATA["w"][:6]) ** -0.5, rtol=0.1)


KINDS = dict(zip("abcdef", "sstuut", strict=True))
TWICE = {**DATA, "g2": np.resize(list("bcafde"), 48)}
TWICE |= {f"k{name}": np.array([KINDS[group] for group in TWICE[name]]) for name in ("g", "g2")}
OF_KINDS = "y ~ x + (1 + x | mm(g, g2, by = cbind(kg, kg2)))"


def test_each_level_of_by_has_a_covariance_whichever_column_a_group_is_in(tmp_path: Path) -> None:
    model = tm.model(OF_KINDS, TWICE)
    [group] = model.spec.groups()
    [again] = model.spec.predictors[0].shared
    assert [block.labels for block in group.blocks] == [(f"Intercept:kg{k}", f"x:kg{k}") for k in "stu"]
    for term, kinds in ((group, TWICE["kg"]), (again, TWICE["kg2"])):
        own = np.array([list("stu").index(kind) for kind in kinds])
        expected = np.zeros((48, 3, 2))
        expected[np.arange(48), own] = 0.5 * np.column_stack([np.ones(48), TWICE["x"]])
        np.testing.assert_allclose(model.design.of(term).Z, expected.reshape(48, 6))
    pd.DataFrame(TWICE).to_parquet(tmp_path / "data.parquet")
    assert tm.model(OF_KINDS, tm.stream(str(tmp_path / "data.parquet"))).spec == model.spec


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("kg2", np.resize(list("stu"), 48), "several levels of `kg`"),
        ("kg2", np.where(TWICE["kg2"] == "u", "t", TWICE["kg2"]), "levels"),
    ],
)
def test_groups_have_one_level_of_by(column: str, values: np.ndarray, told: str) -> None:
    with pytest.raises(SemanticError, match=told):
        tm.model(OF_KINDS, {**TWICE, column: values})
