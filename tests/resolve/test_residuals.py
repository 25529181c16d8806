"""What a formula says of residuals: priors by brms's classes, orders, and where it has no meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

import tildemc as tm
from tildemc.errors import DataError, TildeError
from together import together


@pytest.mark.parametrize(
    ("text", "priors", "target", "printed"),
    [
        ("y ~ x + ar(t, g)", (), "ar", "uniform(-1, 1)"),
        ("y ~ x + ar(t, g, p = 2)", ("ar ~ normal(0, 0.5)",), "ar", "normal(0, 0.5, lower=-1, upper=1)"),
        ("y ~ x + cosy(gr = g)", ("cosy ~ beta(2, 2)",), "cosy", "beta(2, 2)"),
        ("y ~ x + unstr(k, g)", (), "cortime", "lkj(2)"),
        ("y ~ x + corExp(form = ~ z | g)", ("range ~ exponential(1)",), "range", "exponential(1)"),
        (
            "brm(y ~ x + ma(t, g), data = d, prior = prior(normal(0, 0.4), class = ma))",
            (), "ma", "normal(0, 0.4, lower=-1, upper=1)",
        ),
        (
            "brm(y ~ x + unstr(k, g), data = d, prior = prior(lkj_corr_cholesky(4), class = Lcortime))",
            (), "cortime", "lkj(4)",
        ),
    ],
)  # fmt: skip
def test_priors_of_residuals_have_addresses(text: str, priors: tuple[str, ...], target: str, printed: str) -> None:
    table = tm.model(text, together(), priors=priors).priors()
    assert table.loc[table["target"] == target, "prior"].to_list() == [printed]


@pytest.mark.parametrize(
    ("text", "family", "told"),
    [
        ("y ~ x:ar(t, g)", "gaussian", "can only be added"),
        ("k ~ x + ar(t, g)", "poisson", "poisson responses have no residuals"),
        # brms's recursion takes each row's own sd; that is not the correlation matrix scaled by the sds.
        ("y ~ x + ar(t, g)\nsigma ~ x", "gaussian", "unequal sds, which is not built"),
        ("y ~ x + arma(t, g)\nsigma ~ x", "gaussian", "unequal sds, which is not built"),
        ("y ~ x + ma(t)\nsigma ~ by(arm)", "gaussian", "unequal sds, which is not built"),
    ],
)
def test_where_residuals_have_no_meaning_is_told(text: str, family: str, told: str) -> None:
    with pytest.raises(TildeError, match=told):
        tm.model(text, together(), family)


def test_what_is_said_of_residuals_is_shown() -> None:
    model = tm.model("y ~ x + corAR1(form = ~ t | g, by = arm); sigma ~ by(arm)", together())
    told = " ".join(str(model).split())
    assert "the rows of each g go together, by t: autoregressive; one set of coefficients for each arm" in told
    assert r"\phi_{1} &\sim" in model.latex() and r"\mathrm{Cor}" in model.latex()


def test_streamed_rows_are_refused(tmp_path: Path) -> None:
    together().to_parquet(tmp_path / "data.parquet")
    with pytest.raises(DataError, match="needed all at once"):
        tm.model("y ~ x + ar(t, g)", tm.stream(str(tmp_path / "data.parquet")))
