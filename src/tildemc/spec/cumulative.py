"""Distribution functions and moments of arrays that have no form in elementary functions, or lose digits in it."""

from __future__ import annotations

import numpy as np
import scipy.special as sp

from tildemc.arrays import Floats

__all__ = [
    "asym_laplace_cdf",
    "exgaussian_cdf",
    "exgaussian_tail",
    "extreme_mean",
    "extreme_variance",
    "frechet_dispersion",
    "skew_normal_cdf",
    "von_mises_cdf",
    "von_mises_variance",
    "wald_cdf",
    "wald_tail",
]

_ROOT = np.sqrt(2.0)


def _scaled(x: Floats) -> Floats:
    """Φ(-x) exp(x² / 2) of x ≥ 0."""
    return np.asarray(0.5 * sp.erfcx(x / _ROOT))


def asym_laplace_cdf(x: Floats, q: Floats) -> Floats:
    """The probability below `x` sds of an asymmetric Laplace distribution whose quantile `q` is 0."""
    return np.where(x < 0, q * np.exp((1 - q) * np.minimum(x, 0.0)), 1 - (1 - q) * np.exp(-q * np.maximum(x, 0.0)))


def exgaussian_cdf(z: Floats, r: Floats) -> Floats:
    """The probability below `z` sds of a standard normal number and an exponential one of mean 1 / r."""
    low = np.exp(-0.5 * np.square(z)) * (_scaled(-np.minimum(z, 0.0)) - _scaled(r - np.minimum(z, 0.0)))
    return np.where(z < 0, low, sp.ndtr(z) - _tilted(np.maximum(z, 0.0), r))


def exgaussian_tail(z: Floats, r: Floats) -> Floats:
    """The probability above."""
    return np.asarray(sp.ndtr(-z) + _tilted(z, r))


def _tilted(z: Floats, r: Floats) -> Floats:
    """The exponential of `special.log_tilted`."""
    u = z - r
    low = np.exp(-0.5 * np.square(z)) * _scaled(-np.minimum(u, 0.0))
    return np.where(u < 0, low, np.exp(np.minimum(r * (0.5 * r - z), 0.0)) * sp.ndtr(u))


def wald_cdf(y: Floats, mu: Floats, shape: Floats) -> Floats:
    """The probability that an inverse Gaussian time is at most y."""
    a, b = _crossings(y, mu, shape)
    return np.asarray(sp.ndtr(a) + np.exp(-0.5 * np.square(a)) * _scaled(b))


def wald_tail(y: Floats, mu: Floats, shape: Floats) -> Floats:
    """The probability that it is later."""
    a, b = _crossings(y, mu, shape)
    far = np.exp(-0.5 * np.square(a)) * (_scaled(np.maximum(a, 0.0)) - _scaled(b))
    return np.where(a > 0, far, sp.ndtr(-a) - np.exp(-0.5 * np.square(a)) * _scaled(b))


def _crossings(y: Floats, mu: Floats, shape: Floats) -> tuple[Floats, Floats]:
    root = np.sqrt(shape / y)
    return root * (y / mu - 1), root * (y / mu + 1)


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


def skew_normal_cdf(z: Floats, alpha: Floats) -> Floats:
    """The probability below `z`, 2 ∫ φ(t) Φ(α t) dt: by Owen's T, or by quadrature where that is a small difference."""
    z, alpha = np.broadcast_arrays(np.asarray(z, dtype=np.float64), np.asarray(alpha, dtype=np.float64))
    found = np.asarray(sp.ndtr(z) - 2 * sp.owens_t(z, alpha))
    small = (found < 1e-3) & (alpha > 0) & np.isfinite(z)
    if small.any():
        # Below z the density falls at least as fast as exp(slope s), so that nothing is left beyond 40 of its lengths.
        at, skew = z[small][..., None], alpha[small][..., None]
        length = 40 / np.sqrt((1 + skew**2) * (1 + at**2))
        t = at - 0.5 * length * (_NODES + 1)
        density = np.exp(-0.5 * t**2 + sp.log_ndtr(skew * t)) * np.sqrt(2 / np.pi)
        found = found.copy()
        found[small] = (0.5 * length * _WEIGHTS * density).sum(axis=-1)
    return found


def von_mises_cdf(y: Floats, mu: Floats, kappa: Floats) -> Floats:
    """The probability of an angle between -π and y."""
    from scipy.stats import vonmises

    return np.asarray(vonmises.cdf(y - mu, kappa) - vonmises.cdf(-np.pi - mu, kappa))


def von_mises_variance(kappa: Floats) -> Floats:
    """The variance of an angle about its middle, from -π to π: by Fourier's series, or where that is a difference."""
    kappa = np.asarray(kappa, dtype=np.float64)
    near, n = np.minimum(kappa, 500.0)[..., None], np.arange(1, 400)
    series = np.pi**2 / 3 + 4 * ((-1.0) ** n / n**2 * sp.ive(n, near) / sp.i0e(near)).sum(axis=-1)
    return np.where(kappa > 500, 1 / kappa + 0.5 / kappa**2, series)


def extreme_mean(xi: Floats) -> Floats:
    """The mean of a standard generalised extreme value, (Γ(1 - ξ) - 1) / ξ; infinite from ξ = 1 on."""
    xi = np.asarray(xi, dtype=np.float64)
    small, below = abs(xi) < 1e-6, np.minimum(xi, 0.999999999)
    found = np.expm1(sp.gammaln(1 - below)) / np.where(small, 1.0, xi)
    return np.where(xi >= 1, np.inf, np.where(small, np.euler_gamma + _CURVE * xi, found))


_CURVE = 0.5 * (np.euler_gamma**2 + np.pi**2 / 6)


def extreme_variance(xi: Floats) -> Floats:
    """The variance, (Γ(1 - 2ξ) - Γ(1 - ξ)²) / ξ²; infinite from ξ = 1/2 on."""
    xi = np.asarray(xi, dtype=np.float64)
    small, below = abs(xi) < 1e-5, np.minimum(xi, 0.499999999)
    one = np.exp(2 * sp.gammaln(1 - below))
    found = one * np.expm1(sp.gammaln(1 - 2 * below) - 2 * sp.gammaln(1 - below)) / np.where(small, 1.0, xi**2)
    return np.where(xi >= 0.5, np.inf, np.where(small, np.pi**2 / 6, found))


def frechet_dispersion(nu: Floats) -> Floats:
    """The variance of a Fréchet distribution over its squared mean; infinite up to nu = 2."""
    nu = np.asarray(nu, dtype=np.float64)
    above = np.maximum(nu, 2.000000001)
    found = np.expm1(sp.gammaln(1 - 2 / above) - 2 * sp.gammaln(1 - 1 / above))
    return np.where(nu <= 2, np.inf, found)
