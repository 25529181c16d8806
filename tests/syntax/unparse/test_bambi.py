"""Models as Bambi writes them: read back they are the same, and what Bambi has not is told."""

from __future__ import annotations

import pytest

from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.syntax.command import convert, read
from tildemc.syntax.python.densities import HALVES, PYMC

SAME = [
    'bmb.Model("y ~ x + (1 | g)", d)',
    'bmb.Model("y ~ x + (1 + x | g)", d)',
    'bmb.Model("p(s, n) ~ x + (1 | a:b)", d, family="binomial", link="probit")',
    'bmb.Model(bmb.Formula("y ~ x", "alpha ~ z"), d, family="negativebinomial")',
    "bmb.Model(\"y ~ C(f, Treatment('b')) + C(h, Sum) + np.sqrt(x) + I(x**2) + offset(log(e))\", d)",
    'bmb.Model("truncated(y, lb=0) ~ bs(x, df=4) + poly(z, 2, raw=True)", d, family="t")',
    'bmb.Model("y ~ hsgp(x, z, m=5, c=2)", d, family="gamma")',
    "bmb.Model(\"y['yes'] ~ x\", d[(d[\"x\"] > 1) & d[\"g\"].isin([\"a\", \"b\"])], family=\"bernoulli\")",
    'd = d.iloc[0:10]\n'
    'bmb.Model("censored(t, status) ~ x", d, family="weibull", link={"mu": "identity", "alpha": "log"})',
    'bmb.Model("y ~ x + (1 | g)", d, family="zero_inflated_poisson", priors={"psi": bmb.Prior("Beta", alpha=3, '
    'beta=1), "1|g": bmb.Prior("Normal", mu=0, sigma=bmb.Prior("HalfNormal", sigma=2)), "Intercept": '
    'bmb.Prior("Normal", mu=0, sigma=1), "common": bmb.Prior("Laplace", mu=0, b=1)})',
    'bmb.Model(bmb.Formula("y ~ x", "sigma ~ z"), d, priors={"x": bmb.Prior("StudentT", nu=3, mu=0, sigma=1), "sigma": '
    '{"z": bmb.Prior("Normal", mu=0, sigma=1)}})',
    'd = d.dropna(subset=["x"])\nd = d[d["x"].isna() | (d["z"] > 3)]\nd = d.assign(lx=np.log(d["x"]))\n'
    'd = d.assign(m=d.groupby("g")["x"].transform("mean"))\nbmb.Model("y ~ lx + m", d, dropna=True)',
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_bambi_and_back(text: str) -> None:
    found = convert(text, "bambi")
    assert (found.text, found.cannot_say) == (text, ())


ELSEWHERE = [
    ("lmer(y ~ x + (1 | g) + (0 + x | g), d)", 'bmb.Model("y ~ x + (1 | g) + (0 + x | g)", d)', ""),
    ("lmer(y ~ x + (1 + x | g), d)", 'bmb.Model("y ~ x + (1 + x | g)", d)', "correlations of the effects by `g`"),
    ("glm(y ~ x, Gamma(link = 'log'), d)", 'bmb.Model("y ~ x", d, family="gamma", link="log")', ""),
    ("melogit y i.a c.x || g:", 'bmb.Model("y ~ C(a) + x + (1 | g)", d, family="bernoulli")', ""),
    ("y ~ scale(x)", 'bmb.Model("y ~ scale(x)", d)', "divides by the sd of n"),
    ("y ~ s(x)", 'bmb.Model("y ~ 1", d)', "the smooth `s(x)`"),
    ("y ~ x + ar(t, g)", 'bmb.Model("y ~ x", d)', "`ar(t, g)`: Bambi has none"),
    ("brm(y ~ x, d, prior = prior(lkj(2), class = cor))", 'bmb.Model("y ~ x", d)', "Bambi has no correlations"),
    ("brm(y ~ x, d, prior = prior(normal(1, 2), class = sigma))", 'bmb.Model("y ~ x", d)', "none of that kind"),
    ("brm(y ~ x, d, tweedie())", 'bmb.Model("y ~ x", d)', "the family tweedie"),
    ("bysort g: regress y x", 'bmb.Model("y ~ x", d)', "a model of each group by g"),
    ("gen z = x^2 if w > 1\nregress y z",
     'd = d.assign(z=np.where((d["w"].isna() | (d["w"] > 1)), d["x"]**2, np.nan))\n'
     'bmb.Model("y ~ z", d, dropna=True)', ""),
    ("glm(y ~ x, binomial, d)", 'bmb.Model("y ~ x", d, family="bernoulli")', ""),
    ("y ~ hsgp(x, z, m = c(5, 7))", 'bmb.Model("y ~ 1", d)', "the term `hsgp(x, z, m = c(5, 7))`"),
    ("oprobit y x", 'bmb.Model("y ~ x", d, family="cumulative", link="probit")', "ordered categories"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "unsaid"), ELSEWHERE)
def test_models_of_other_languages_are_bambis_or_what_is_lost_is_told(text: str, expected: str, unsaid: str) -> None:
    found = convert(text, "bambi")
    assert found.text == expected
    assert unsaid in " ".join(found.cannot_say)
    assert bool(found.cannot_say) == bool(unsaid)
    assert read(found.text).syntax == "python"


@pytest.mark.parametrize(("table", "half"), [(PYMC, False), (HALVES, True)])
def test_densities_are_called_as_their_records_say(table: dict[str, tuple[str, tuple[str, ...]]], half: bool) -> None:
    for name, (called, arguments) in table.items():
        record = DISTRIBUTIONS[name]
        own = [a for a, value in record.pymc_arguments.items() if not half or str(record.location) not in repr(value)]
        assert (called, arguments) == (record.half if half else record.pymc, tuple(own))
