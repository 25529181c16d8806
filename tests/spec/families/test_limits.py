"""Censored and truncated responses against brms's, and against sums and integrals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from programs import compiled, density, points, run_source
from shared import SHARED
from tildemc.errors import DataError
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.families import FAMILIES
from tildemc.spec.families.limits import limited
from tildemc.spec.vocabulary import NUMPY

ORACLE = None if SHARED is None else SHARED / "oracles" / "families.json"
BESIDE = {
    "left": "cens(-1)",
    "right": "cens(1)",
    "interval": "cens(2, end)",
    "trunc_lb": "trunc(low)",
    "trunc_lb_ub": "trunc(low, ub = high)",
}


def oracle() -> list[Any]:
    """brms's values, a list of cases for each family and mode."""
    if ORACLE is None or not ORACLE.is_file():
        return []
    found: dict[tuple[str, str], list[Any]] = {}
    for case in json.loads(ORACLE.read_text())["cases"]:
        # No angle is below -4, where brms's distribution function has gone around once more.
        elsewhere = case["family"] == "von_mises" and case["mode"] == "trunc_lb"
        if case["family"] in FAMILIES and case["mode"] in BESIDE and not elsewhere:
            found.setdefault((case["family"], case["mode"]), []).append(case)
    return list(found.values())


@pytest.mark.skipif(not oracle(), reason="no shared oracles")
@pytest.mark.parametrize("cases", oracle(), ids=lambda cases: f"{cases[0]['family']}-{cases[0]['mode']}")
def test_densities_within_limits_are_brms(cases: list[dict[str, Any]]) -> None:
    """One row for each case and draw."""
    family, mode = FAMILIES[cases[0]["family"]], cases[0]["mode"]
    # A model needs a response that varies.
    more = [{**cases[0], "y": 1 - cases[0]["y"]}] if family.values.binary else []
    rows = pd.concat([rows_of(case) for case in (*cases, *more)], ignore_index=True)
    parameters = {name: rows.pop(name).to_numpy() for name in cases[0]["parameters"]}
    beside = [BESIDE[mode], *(["trials(n)"] if "trials" in family.modifiers else [])]
    model = tm.model(f"y | {' + '.join(beside)} ~ 1", rows, family=family.name)
    found, expected = model.log_likelihood(parameters).to_numpy(), rows["expected"].to_numpy()
    found, expected = found[: 6 * len(cases)], expected[: 6 * len(cases)]
    # brms subtracts probabilities: of a difference of 1e-11 it has five digits. Below, ours are held to mpmath's.
    with np.errstate(invalid="ignore", over="ignore"):
        lost = 1e-11 if mode in ("left", "right") else 1e-15 * np.exp(-expected)
        close = np.abs(found - expected) <= 1e-8 * np.abs(expected) + lost
    assert (close | (found == expected)).all()


def rows_of(case: dict[str, Any]) -> pd.DataFrame:
    """The draws of a case as rows."""
    named = {"end": "y2", "low": "lb", "high": "ub", "n": "trials"}
    known = {name: case.get(theirs) for name, theirs in named.items()}
    expected = [-np.inf if value is None else value for value in case["log_lik"]]
    return pd.DataFrame({**case["parameters"], "expected": expected}).assign(
        y=case["y"], **{name: value for name, value in known.items() if value is not None}
    )


# Numbers and graphs of the same records

KNOWN = {
    "mu": 0.4, "sigma": 0.5, "nu": 9.0, "shape": 3.0, "phi": 4.0, "trials": 8.0, "lb": 0.0, "ub": 5.0, "hu": 0.3,
}  # fmt: skip
FOUND = {"gaussian": 1.5, "student": 1.5, "lognormal": 1.5, "gamma": 0.7, "weibull": 0.7, "beta": 0.4, "poisson": 2.0,
         "negbinomial": 2.0, "binomial": 2.0, "hurdle_gamma": 0.7, "truncated_poisson": 2.0}  # fmt: skip
"""A response of each."""
COMPILED = ("weibull", "lognormal")
"""Of these a graph is compiled."""


def at(expr: Expr, **known: object) -> Any:
    with np.errstate(all="ignore"):
        return evaluate(expr, lambda v: (KNOWN | known)[v.name], NUMPY)


@pytest.fixture(scope="module")
def graphs() -> dict[str, tuple[Any, Any]]:
    """Densities of rows of each kind, and their slopes, by PyTensor."""
    import pytensor
    import pytensor.tensor as pt

    from tildemc.targets.pymc.build import FUNCTIONS

    outputs: list[Any] = []
    for name in COMPILED:
        y, family = FOUND[name], limited(FAMILIES[name], ("lb", "ub", "cens", "y2"))
        given = {p.name: pt.as_tensor(np.array(KNOWN[p.name])) for p in family.parameters}
        numbers = {name: np.array(number) for name, number in (KNOWN | {"y": y, "y2": y + 1}).items()}
        known = {**numbers, **given, "cens": np.array([-1.0, 0, 1, 2])}
        rows = evaluate(family.log_density, lambda v, known=known: known[v.name], FUNCTIONS)
        outputs += [rows, pt.stack(pytensor.grad(rows.sum(), [*given.values()]))]
    found = compiled([], outputs)()
    return {name: (found[2 * k], found[2 * k + 1]) for k, name in enumerate(COMPILED)}


@pytest.mark.parametrize("name", COMPILED)
def test_the_graphs_rows_are_the_records(name: str, graphs: dict[str, tuple[Any, Any]]) -> None:
    family, (rows, slopes) = limited(FAMILIES[name], ("lb", "ub", "cens", "y2")), graphs[name]
    y, code = FOUND[name], np.array([-1.0, 0, 1, 2])

    def total(**known: float) -> Any:
        return at(family.log_density, y=y, y2=y + 1, cens=code, **known)

    np.testing.assert_allclose(rows, total(), rtol=1e-8)
    for parameter, slope in zip(family.parameters, slopes, strict=True):
        here, step = KNOWN[parameter.name], 1e-5
        numbers = [total(**{parameter.name: here + sign * step}).sum() for sign in (1, -1)]
        assert slope == pytest.approx((numbers[0] - numbers[1]) / (2 * step), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", FOUND)
def test_what_is_seen_adds_up(name: str) -> None:
    """Rows of all kinds within limits, censoring over truncation, have the probabilities of one distribution."""
    family = FAMILIES[name]
    seen = limited(family, ("lb", "ub", "cens", "y2"))
    y = FOUND[name]
    left, right, between = (float(at(seen.log_density, y=y, y2=y + 1, cens=c)) for c in (-1.0, 1.0, 2.0))
    beyond = float(at(seen.log_density, y=y + 1, y2=9.0, cens=1.0)) if y + 1 < 5 and name != "beta" else -np.inf
    assert np.exp(left) + np.exp(right) == pytest.approx(1, rel=1e-12)
    assert np.exp(between) + np.exp(beyond) == pytest.approx(np.exp(right), rel=1e-10)
    assert float(at(seen.cdf, y=y)) == pytest.approx(np.exp(left), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in FOUND if FAMILIES[name].partial is not None])
def test_draws_within_limits_have_the_mean_and_the_distribution(name: str) -> None:
    family, generator, n = limited(FAMILIES[name], ("lb", "ub")), np.random.default_rng(4), 10_000
    ends = {"lb": 0.2, "ub": 0.9} if not family.values.whole else {"lb": 1.0, "ub": 3.0}
    y = family.draw.of(KNOWN | ends, generator, (n,))
    assert y.min() >= ends["lb"]
    assert y.max() <= ends["ub"]
    assert y.mean() == pytest.approx(at(family.mean, **ends), abs=5 * y.std() / np.sqrt(n))
    before, below = (np.asarray(at(family.cdf, y=v, **ends)) for v in (family.values.before(y), y))
    before = np.where(y == ends["lb"], 0.0, before) if family.values.whole else before
    assert stats.kstest(before + generator.uniform(size=n) * (below - before), "uniform").pvalue > 1e-3


MADE = ("zero_inflated_poisson", "truncated_negbinomial", "hurdle_gamma", "zero_one_inflated_beta")
MOMENTS = [name for name, f in FAMILIES.items() if f.partial_square is not None and (name in MADE or not f.made_of)]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)
SIDES = {"lb": ("lb",), "ub": ("ub",), "both": ("lb", "ub")}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", MOMENTS)
def test_moments_within_limits_are_sums_and_integrals(name: str, side: str) -> None:
    family = limited(FAMILIES[name], SIDES[side])
    ends = {"lb": 2.0, "ub": 5.0} if family.values.whole else {"lb": 0.2, "ub": 0.7}
    low = ends["lb"] if "lb" in SIDES[side] else max(family.values.lower, -8.0)
    high = (
        ends["ub"]
        if "ub" in SIDES[side]
        else min(family.values.upper, KNOWN["trials"] if "trials" in (family.modifiers) else 400.0)
    )
    y, weight = np.arange(max(low, 0), high + 1), 1.0
    if not family.values.whole:
        # Closer to an end, where a density may be steep.
        u = 0.5 * (NODES + 1)
        y, weight = low + (high - low) * u**3, 0.5 * WEIGHTS * (high - low) * 3 * u**2
    known = {"sigma": 0.5, "zoi": 0.2, "coi": 0.6, "zi": 0.2, "psi": 2.0, **ends}
    chance = np.exp(at(family.log_density, y=y, **known)) * weight
    atoms = [atom for atom in family.values.atoms if low < atom <= high or (atom == low and side == "ub")]
    y = np.append(y, atoms)
    chance = np.append(chance, [np.exp(at(family.log_density, y=atom, **known)) for atom in atoms])
    mean = (chance * y).sum()
    assert chance.sum() == pytest.approx(1, rel=1e-7)
    assert float(at(family.mean, **known)) == pytest.approx(mean, rel=1e-7)
    assert float(at(family.variance, **known)) == pytest.approx((chance * (y - mean) ** 2).sum(), rel=1e-6)


FAR = [-40.0, -6.0, 0.3, 6.0, 40.0]


@pytest.mark.parametrize("z", FAR)
@mp.workdps(60)
def test_tails_have_their_digits(z: float) -> None:
    """A normal far out; a Weibull, and counts of a mean of almost nothing."""
    normal = limited(FAMILIES["gaussian"], ("cens", "y2"))
    ends = (mp.mpf(z), mp.mpf(z) + mp.mpf("1e-3"))
    exact = {
        -1.0: mp.log(mp.ncdf(ends[0])), 1.0: mp.log(mp.ncdf(-ends[0])),
        2.0: mp.log(mp.quad(mp.npdf, [ends[0], (ends[0] + ends[1]) / 2, ends[1]])),
    }  # fmt: skip
    for code, value in exact.items():
        found = at(normal.log_density, y=z, y2=z + 1e-3, cens=code, mu=0.0, sigma=1.0)
        assert float(found) == pytest.approx(float(value), rel=1e-8)


@pytest.mark.parametrize("mu", [1e-12, 1e-3, 5.0])
@mp.workdps(60)
def test_counts_of_almost_nothing_have_their_digits(mu: float) -> None:
    counts, m = limited(FAMILIES["poisson"], ("lb", "cens")), mp.mpf(mu)
    some, several = 1 - mp.exp(-m), 1 - mp.exp(-m) - m * mp.exp(-m)
    found = at(counts.log_density, y=1.0, lb=1.0, cens=np.array([0.0, 1.0]), mu=mu)
    exact = [float(mp.log(m * mp.exp(-m) / some)), float(mp.log(several / some))]
    # A difference of logs, each of which has sixteen digits.
    np.testing.assert_allclose(found, exact, rtol=1e-8, atol=1e-14)


REFUSED = [
    ("y | cens(2, ⟪end⟫) ~ 1", "`end` lacks a value in 1 rows: an interval with no upper end is `right`"),
    ("y | cens(2, ⟪y⟫) ~ 1", "an interval ends above where it begins, and within `trunc()`, and here its end is 1"),
    ("y | ⟪cens(2)⟫ ~ 1", "lacks `y2` where `c` is 2"),
    ("y | cens(⟪5⟫) ~ 1", "`cens()` takes -1 or left"),
    ("y | trunc(⟪2⟫) ~ 1", "the response is less than its lower limit, which is 2"),
]


@pytest.mark.parametrize(("marked", "message"), REFUSED)
def test_what_has_no_meaning_is_told(marked: str, message: str) -> None:
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0], "end": [2.0, 3.0, np.nan]})
    with pytest.raises(DataError, match=re.escape(message)):
        tm.model(marked.replace("⟪", "").replace("⟫", ""), frame)


def test_limits_of_a_response_are_censored_rows() -> None:
    """Stata's `ll() ul()`: what is at a limit is beyond it."""
    frame = pd.DataFrame({"y": [0.0, 1.0, 2.5, 4.0]})
    stated = tm.model("y | cens(left = 0, right = 4) ~ 1", frame)
    coded = tm.model("y | cens(c) ~ 1", frame.assign(c=["left", "none", "none", "right"]))
    values = {"mu": 1.0, "sigma": 2.0}
    np.testing.assert_array_equal(stated.log_likelihood(values), coded.log_likelihood(values))


OPEN = pd.DataFrame({
    "lo": [1.0, np.nan, 2.0, 3.0, -np.inf, 1.5, 2.0, 0.0], "hi": [2.0, 1.0, np.nan, 3.0, 2.5, np.inf, 4.0, 5.0],
})  # fmt: skip


@pytest.mark.parametrize("text", ["intreg lo hi", "lo | cens(2 * (lo < hi), hi, open = TRUE) ~ 1"])
def test_intervals_without_an_end_are_censored_on_one_side(text: str) -> None:
    """Stata's missing ends, and infinite ones."""
    normal = stats.norm(1, 2)
    seen = np.log([
        normal.cdf(2) - normal.cdf(1), normal.cdf(1), normal.sf(2), normal.pdf(3), normal.cdf(2.5), normal.sf(1.5),
        normal.cdf(4) - normal.cdf(2), normal.cdf(5) - normal.cdf(0),
    ])  # fmt: skip
    found = tm.model(text, OPEN).log_likelihood({"mu": 1.0, "sigma": 2.0})
    np.testing.assert_allclose(found, seen, rtol=1e-12)


def test_the_printed_program_has_the_graphs_density_of_open_intervals(tmp_path: Path) -> None:
    model = tm.model("lo | cens(2 * (lo < hi), hi, open = TRUE) ~ 1", OPEN, "student")
    OPEN.to_csv(tmp_path / "data.csv", index=False)
    live, printed = model.pymc(), run_source(model.source(), tmp_path)
    (one,), (other,) = (density(m, points(live, range(1))) for m in (live, printed))
    assert one[0] == pytest.approx(other[0], rel=1e-12)
    np.testing.assert_allclose(one[1], other[1], rtol=1e-10)


def test_an_interval_has_an_end() -> None:
    nothing = OPEN.assign(lo=[np.nan, *OPEN["lo"][1:]], hi=[np.nan, *OPEN["hi"][1:]])
    with pytest.raises(DataError, match="`hi` is not a finite number in row 0"):
        tm.model("intreg lo hi", nothing)
