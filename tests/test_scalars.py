"""Prior densities as kernels work them out, against SciPy's, by value and by difference; cut off, too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tildemc.kernels.densities import density
from tildemc.scalars import Computable, coded, log_constant
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.expr import Apply, Const, Var
from tildemc.spec.priors import Prior, restricted
from tildemc.spec.support import Support

ARGUMENTS = (1.5, 2.0, 2.5)
"""Of every density, as many as it has: positive, and in order."""

WHOLE, INFINITE = (0.0, 1.0), np.inf
CUTS = {"whole": WHOLE, "below": (0.0, 0.7), "above": (0.2, 1.0), "between": (0.2, 0.7), "in a tail": (0.9999999, 1.0)}
"""Where a density is cut off, in shares of its probability."""

KNOWN = {name: record for name, record in DISTRIBUTIONS.items() if record.scipy}


def _scipys(prior: Prior) -> Any:
    record = prior.distribution
    arguments = {name: record.of(expr, prior.values) for name, expr in record.scipy_arguments.items()}
    return getattr(stats, record.scipy)(**arguments)


def _prior(name: str, cut: str = "whole") -> Prior:
    record = DISTRIBUTIONS[name]
    whole = Prior(record, tuple(Const(a) for a in ARGUMENTS[: len(record.arguments)]))
    shares = CUTS[cut]
    theirs = _scipys(whole)
    lower = theirs.isf(1 - shares[0]) if shares[0] > 0 else -INFINITE
    upper = theirs.ppf(shares[1]) if shares[1] < 1 else INFINITE
    return restricted(whole, Support(lower, upper))


def _at(prior: Prior, x: float) -> tuple[float, float]:
    scalar = coded(prior)
    number, a, b, c = scalar.at(0)
    value, slope = density(np.array(scalar.steps), number, x, a, b, c)
    return value + log_constant(prior), slope


def _inside(prior: Prior) -> np.ndarray:
    theirs = _scipys(prior)
    lower, upper = theirs.cdf(prior.support.lower), theirs.cdf(prior.support.upper)
    return np.asarray(theirs.ppf(np.linspace(lower, upper, 10)[1:-1]))


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", KNOWN)
def test_a_density_is_scipys_whole_and_cut_off(name: str, cut: str) -> None:
    prior = _prior(name, cut)
    theirs, lower, upper = _scipys(prior), prior.support.lower, prior.support.upper
    mass = theirs.sf(lower) - theirs.sf(upper)
    for x in _inside(prior):
        expected = theirs.logpdf(x) - np.log(mass)
        if prior.distribution.ends is not None:
            expected = -np.log(upper - lower)
        assert _at(prior, x)[0] == pytest.approx(expected, abs=1e-7 if cut == "in a tail" else 1e-10)


@pytest.mark.parametrize("name", KNOWN)
def test_a_slope_is_the_difference(name: str) -> None:
    prior, step = _prior(name), 1e-6
    for x in _inside(prior):
        difference = (_at(prior, x + step)[0] - _at(prior, x - step)[0]) / (2 * step)
        assert _at(prior, x)[1] == pytest.approx(difference, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", [name for name, record in KNOWN.items() if record.half])
def test_half_a_density_is_twice_the_whole_one(name: str) -> None:
    record = DISTRIBUTIONS[name]
    values = {**dict(zip(record.arguments, ARGUMENTS, strict=False)), str(record.location): 0.0}
    whole = Prior(record, tuple(Const(values[argument]) for argument in record.arguments))
    half = restricted(whole, Support(0.0))
    assert half.folded
    assert _at(half, 0.8)[0] == pytest.approx(_at(whole, 0.8)[0] + np.log(2))


def test_far_in_a_tail_there_are_digits_left() -> None:
    prior = restricted(Prior(DISTRIBUTIONS["normal"], (Const(0.0), Const(1.0))), Support(30.0, 31.0))
    assert _at(prior, 30.5)[0] == pytest.approx(stats.norm.logpdf(30.5) - stats.norm.logsf(30.0), abs=1e-9)


def test_flat_has_no_slope() -> None:
    for flat in (Prior(DISTRIBUTIONS["flat"]), restricted(Prior(DISTRIBUTIONS["flat"]), Support(0.0))):
        assert _at(flat, 2.0) == (0, 0)


@pytest.mark.parametrize("name", [name for name, record in KNOWN.items() if record.form])
def test_code_of_its_own_and_steps_agree(name: str) -> None:
    own = _prior(name)
    stepped = replace(own, distribution=replace(own.distribution, form=None))
    assert not coded(own).steps
    assert coded(stepped).steps
    for x in _inside(own):
        np.testing.assert_allclose(_at(own, x), _at(stepped, x), atol=1e-12)


def test_what_has_no_step_cannot_be_computed() -> None:
    strange = replace(DISTRIBUTIONS["normal"], log_density=Apply("zeta", (Var("x"),)))
    known = Computable()
    assert strange not in known
    assert all(record in known for record in DISTRIBUTIONS.values() if not record.support.joint)
