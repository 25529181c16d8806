"""Incomplete beta and gamma functions: by mpmath's quadrature in 40 digits, and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sp
from scipy import stats

from tildemc.spec import incomplete
from tildemc.targets.direct.incomplete import PARTS

EXACT = [
    ((2.5, 3, -200), (-497.93630681529, -199.49206349206, 0.68830881348328, 2.5)),
    ((1e-08, 1, -20), (-2.0000000002061e-7, -20.000000002061, 1.6449340527665e-8, 9.9999999793885e-9)),
    ((1e-08, 100000000.0, -40), (-2.1002103604796e-7, -21.00210361302, 1.0000000045752e-16, 9.9999999957516e-9)),
    ((100000000.0, 100000000.0, -0.002), (-103.57301920498, -0.0010054536830233, 0.0010044487319841, 100495.08691703)),
    ((100000000.0, 30, 14.0), (-25.790620587908, -5.4660770457156e-7, 1.0540614158342, 54.660755656978)),
    ((0.3, 10000.0, -12), (-0.74276821320747, -2.656648202159, 2.8612002847818e-5, 0.28610913554858)),
    ((2.5, 0.01, 30), (-1.3875807397655, -0.01470060068562, 86.341129537787, 0.030051488255412)),
    ((30, 100000000.0, -13.5), (-3.8847521634482e-29, -6.0033613614498e-29, 4.2094414299604e-35, 4.2094391548462e-27)),
    ((0.001, 1e-08, 5), (-11.507949552397, -995.0181242773, 99998999.997578, 0.0009950197647778)),
]
"""(a, b, z) and the log of the distribution function with its slopes."""


@pytest.mark.parametrize(("at", "exact"), EXACT, ids=lambda values: str(values))
def test_logs_and_slopes_keep_their_digits(at: tuple[float, ...], exact: tuple[float, ...]) -> None:
    machine, _ = PARTS["log_beta_cdf"]
    for found in (incomplete.log_beta_parts(*at), machine(*at)):
        np.testing.assert_allclose(np.array(found, dtype=float), exact, rtol=1e-9)


@pytest.mark.parametrize("shape", [1e-8, 0.3, 1.0, 20.0, 1e8])
def test_gamma_functions_are_scipys_where_those_have_digits(shape: float) -> None:
    x = shape * np.exp(np.array([-3, -1, 0.1, 0.5, 2]) / np.sqrt(max(shape, 1)))
    np.testing.assert_allclose(np.exp(incomplete.log_gamma_cdf(shape, np.log(x))), sp.gammainc(shape, x), rtol=1e-8)
    np.testing.assert_allclose(np.exp(incomplete.log_gamma_tail(shape, np.log(x))), sp.gammaincc(shape, x), rtol=1e-8)


def test_a_student_t_far_out_is_scipys_and_at_zero_is_a_half() -> None:
    x = np.array([-1e40, -7.0, 0.0, 2.0, 1e9])
    expected = stats.t(3).logcdf(x)
    np.testing.assert_allclose(incomplete.log_student_cdf(np.full(5, 3.0), x)[1:], expected[1:], rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(incomplete.log_student_cdf(3.0, -1e40), np.log(sp.stdtr(3, -1e10)) - 90 * np.log(10))


def test_no_successes_to_come_and_no_failures() -> None:
    assert incomplete.log_beta_cdf(0, 3, 1.0) == 0
    assert incomplete.log_beta_cdf(3, 0, 1.0) == -np.inf
