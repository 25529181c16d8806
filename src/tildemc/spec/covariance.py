"""Covariance structures: how the effects of one group term vary together. All that is to say of one is said here.

A structure has standard deviations, one for each effect or one for all, and correlations: none, a free matrix, or a
pattern that follows from a few numbers and from how far apart effects are. Whoever names, explains, scales, lays out,
expands or estimates a model asks it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.expr import Apply, Const, Expr, Var, evaluate
from tildemc.spec.matrices import cholesky, inverse, loadings
from tildemc.spec.priors import CORRELATION, Prior, default, s_x, s_y
from tildemc.spec.support import CORRELATIONS, POSITIVE, REAL, Support
from tildemc.spec.vocabulary import NUMPY

__all__ = [
    "AUTOREGRESSIVE",
    "COVARIANCES",
    "EXCHANGEABLE",
    "EXPONENTIAL",
    "GAUSSIAN",
    "MATERN",
    "MATRIX",
    "NAMED",
    "Correlations",
    "Covariance",
    "Loadings",
    "Matrix",
    "Pattern",
    "Places",
    "Shape",
    "distances",
    "effects",
    "spread_and_correlations",
]

Places = tuple[tuple[float, ...], ...]
"""The coordinates of each effect."""


def distances(places: Places) -> Floats:
    """How far apart effects are, (n, n)."""
    at = np.array(places, dtype=float)
    return np.asarray(np.sqrt(((at[:, None] - at) ** 2).sum(axis=-1)))


@dataclass(frozen=True, slots=True)
class Shape:
    """What correlations follow from: one number, or a matrix that is the correlations.

    Attributes
    ----------
    name : str
    support : Support
    prior : Prior
        Its default.
    latex : str
    correlation : bool
        Whether it is the correlation of two effects, and reported as that.
    entry : (int, int) or None
        The row and the column that it is of a factor, if it is: the row's effect has its scale.
    """

    name: str
    support: Support
    prior: Prior
    latex: str
    correlation: bool = False
    entry: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Correlations that are free: a matrix with one prior."""

    def shapes(self, apart: Floats) -> tuple[Shape, ...]:
        """The matrix itself."""
        return (Shape("cor", CORRELATIONS, CORRELATION, "R", correlation=True),)

    def draw(self, priors: Sequence[Prior], apart: Floats, generator: np.random.Generator, size: int) -> Floats:
        """Matrices from an LKJ prior, (size, n, n).

        By the onion, which adds one effect after the other: Lewandowski, Kurowicka & Joe (2009), Generating random
        correlation matrices based on vines and extended onion method, Journal of Multivariate Analysis 100.
        """
        (prior,), n = priors, len(apart)
        (eta,) = prior.values
        factor = np.zeros((size, n, n))
        factor[:, 0, 0] = 1.0
        for i in range(1, n):
            # What the others explain of this effect, and in which direction.
            share = generator.beta(0.5 * i, eta + 0.5 * (n - 1 - i), size)
            direction = generator.normal(size=(size, i))
            direction /= np.sqrt((direction**2).sum(axis=1, keepdims=True))
            factor[:, i, :i] = np.sqrt(share)[:, None] * direction
            factor[:, i, i] = np.sqrt(1.0 - share)
        return factor @ factor.transpose(0, 2, 1)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Correlations that follow from a few numbers.

    Attributes
    ----------
    name : str
    shapes : callable
        Of how far apart effects are, (n, n): the numbers.
    entry : callable
        Of the numbers, and of how far apart two effects are: their correlation.
    latex : str
        How that is written, with the numbers' names in braces, of effects j and k.
    located : bool
        Whether the effects' own coordinates say how far apart they are, and not the order in which they stand.
    damped : bool
        Whether all correlations times one number below 1 are of the pattern too, as noise on effects makes them.
    """

    name: str
    shapes: Callable[[Floats], tuple[Shape, ...]]
    entry: Callable[[Sequence[Expr], Expr], Expr]
    latex: str
    located: bool = False
    damped: bool = False

    @property
    def of_two(self) -> Expr:
        """The correlation of two effects at a `distance`, by `shape0`, `shape1` and so on."""
        shapes = self.shapes(np.array([[0.0, 1.0], [1.0, 0.0]]))
        return self.entry([Var(f"shape{k}") for k in range(len(shapes))], Var("distance"))

    def matrix(self, values: Sequence[Floats], apart: Floats) -> Floats:
        """The correlations (…, n, n) of effects so far apart, by the numbers, each (…)."""
        known = {f"shape{k}": np.asarray(value) for k, value in enumerate(values)}
        found = np.ones((*known["shape0"].shape, *apart.shape))
        for distance in np.unique(apart[apart > 0]):
            entry = self.entry([Var(name) for name in known], Const(float(distance)))
            value = evaluate(entry, lambda name: known[name.name], NUMPY)
            found[..., apart == distance] = np.asarray(value)[..., None]
        return found


@dataclass(frozen=True, slots=True)
class Loadings:
    """Effects that are sums of a few factors: the covariance Λ Λᵀ, Λ (n, rank) with zeros above its diagonal.

    The diagonal is positive, which tells a factor from its opposite. McGillycuddy, Popovic, Bolker & Warton (2025),
    Parsimoniously fitting large multivariate random effects in glmmTMB, Journal of Statistical Software 112.
    """

    rank: int

    def entries(self, n: int) -> tuple[tuple[int, int], ...]:
        """Where loadings of n effects stand: those of the diagonal, then the others row by row."""
        d = min(n, self.rank)
        return (*((k, k) for k in range(d)), *((a, c) for a in range(n) for c in range(min(a, d))))

    def shapes(self, apart: Floats) -> tuple[Shape, ...]:
        """The loadings: effect 2 has `loading2.1` on the first factor."""
        return tuple(
            Shape(
                f"loading{a + 1}.{c + 1}",
                POSITIVE if a == c else REAL,
                default("normal", 0.0, 2.5 * s_y / s_x, lower=0.0 if a == c else -math.inf),
                r"\lambda",
                entry=(a, c),
            )
            for a, c in self.entries(len(apart))
        )

    def matrix(self, values: Floats, n: int) -> Floats:
        """Λ (…, n, rank), by its loadings (…, loadings)."""
        return loadings(values, n, min(n, self.rank))


def spread_and_correlations(factor: Floats) -> tuple[Floats, Floats]:
    """The sds (…, n) and the correlations (…, n, n) of effects whose covariance has this factor (…, n, ·)."""
    sd = np.sqrt((factor**2).sum(axis=-1))
    unit = factor * inverse(sd)[..., None]
    return sd, unit @ np.swapaxes(unit, -1, -2)


Correlations = Matrix | Pattern | Loadings


def _rho(lower: float) -> Shape:
    """One correlation. All values are alike to its default prior: LKJ's density with eta = 1 on such matrices."""
    return Shape("rho", Support(lower, 1.0), default("uniform", lower, 1.0), r"\rho", correlation=True)


def _range(apart: Floats) -> tuple[Shape, ...]:
    """Over what distance correlations fall; by default about the median of the effects' distances."""
    median = float(np.median(apart[np.tril_indices(len(apart), -1)]))
    prior = default("lognormal", float(np.round(np.log(median), 2)), 1.0)
    prior = replace(prior, origin="lognormal(log(the median of the effects' distances), 1)")
    return (Shape("range", POSITIVE, prior, r"\ell"),)


def _partials(apart: Floats) -> tuple[Shape, ...]:
    """Partial autocorrelations, one for each lag."""
    prior, support = default("uniform", -1.0, 1.0), Support(-1.0, 1.0)
    return tuple(Shape(f"partial{lag}", support, prior, r"\varphi") for lag in range(1, len(apart)))


_SMOOTHNESS = Shape("smoothness", POSITIVE, default("lognormal", 0.0, 0.5), r"\nu")
"""Of Matérn's functions: 0.5 is the exponential, infinity the Gaussian."""

MATRIX = Matrix()
EXCHANGEABLE = Pattern(
    "exchangeable",
    shapes=lambda apart: (_rho(-1.0 / (len(apart) - 1)),),
    entry=lambda shapes, _: shapes[0],
    latex="{rho}",
    damped=True,
)
AUTOREGRESSIVE = Pattern(
    "autoregressive",
    shapes=lambda _: (_rho(-1.0),),
    entry=lambda shapes, distance: shapes[0] ** distance,
    latex="{rho}^{{|j - k|}}",
)
TOEPLITZ = Pattern(
    "toeplitz",
    shapes=_partials,
    entry=lambda shapes, distance: Apply("autocorrelation", (distance, *shapes)),
    latex=r"r_{{|j - k|}}",
    damped=True,
)
EXPONENTIAL = Pattern(
    "exponential",
    shapes=_range,
    entry=lambda shapes, distance: Apply("exp", (-(distance / shapes[0]),)),
    latex=r"\exp(-d_{{jk}} / {range})",
    located=True,
)
GAUSSIAN = Pattern(
    "gaussian",
    shapes=_range,
    entry=lambda shapes, distance: Apply("exp", (-((distance / shapes[0]) ** 2),)),
    latex=r"\exp(-d_{{jk}}^2 / {range}^2)",
    located=True,
)


MATERN = Pattern(
    "matern",
    shapes=lambda apart: (*_range(apart), _SMOOTHNESS),
    entry=lambda shapes, distance: Apply("matern", (distance / shapes[0], shapes[1])),
    latex=r"\mathrm{{M}}_{{{smoothness}}}(d_{{jk}} / {range})",
    located=True,
)


@dataclass(frozen=True, slots=True)
class Covariance:
    """A structure.

    Attributes
    ----------
    name : str
        As R's packages call it: `diag(1 + x | g)`.
    title : str
        What effects that have it are.
    equal : bool
        Whether all effects have the same sd.
    correlations : Correlations or None
        None if effects are independent.
    """

    name: str
    title: str
    equal: bool = False
    correlations: Correlations | None = None

    @property
    def alike(self) -> bool:
        """Whether sds or correlations are kept the same, or follow from less."""
        return self.equal or isinstance(self.correlations, Pattern | Loadings)

    @property
    def located(self) -> bool:
        """Whether effects have coordinates of their own."""
        return isinstance(self.correlations, Pattern) and self.correlations.located

    def sds(self, n: int) -> tuple[int, ...]:
        """For each of n effects the number of its sd; none where loadings say that."""
        if isinstance(self.correlations, Loadings):
            return ()
        return (0,) * n if self.equal else tuple(range(n))

    def standard(self, n: int) -> int:
        """Of how many standard normal numbers a level's n effects are made."""
        return min(n, self.correlations.rank) if isinstance(self.correlations, Loadings) else n

    def of_rank(self, rank: int) -> Covariance:
        """The same structure with so many factors, `rr3`."""
        assert isinstance(self.correlations, Loadings)
        if rank == self.correlations.rank:
            return self
        title = f"sums of {rank} factor{'s' * (rank > 1)}"
        return replace(self, name=f"{self.name}{rank}", title=title, correlations=Loadings(rank))

    def shapes(self, apart: Floats) -> tuple[Shape, ...]:
        """What the correlations of effects that are so far apart, (n, n), follow from."""
        return () if self.correlations is None else self.correlations.shapes(apart)

    def like_noise(self, n: int) -> list[list[int]]:
        """The effects, by number, that noise could be taken for: with a multiple of I added, it stays."""
        match self.correlations:
            case None if not self.equal:
                return [[a] for a in range(n)]
            case Loadings():
                # A multiple of I has all directions, and these effects have few.
                return [] if self.standard(n) < n else [[*range(n)]]
            case Pattern(damped=damped) if n > 2 and not (self.equal and damped):
                return []
            case _:
                return [[*range(n)]]


def effects(sd: Floats, correlations: Floats | None, generator: np.random.Generator, levels: int) -> Floats:
    """Effects of levels that nothing is known of but their distribution.

    Parameters
    ----------
    sd : (draws, q)
    correlations : (draws, q, q) or None
        None if effects are independent.
    generator : Generator
    levels : int

    Returns
    -------
    (draws, levels, q) array
    """
    z = generator.normal(size=(len(sd), levels, sd.shape[1]))
    unit = z if correlations is None else z @ cholesky(correlations).transpose(0, 2, 1)
    return np.asarray(unit * sd[:, None, :])


COVARIANCES = {
    structure.name: structure
    for structure in (
        Covariance("diag", "independent"),
        Covariance("us", "correlated", correlations=MATRIX),
        Covariance("homdiag", "independent with one sd", equal=True),
        Covariance("cs", "equally correlated", correlations=EXCHANGEABLE),
        Covariance("homcs", "equally correlated with one sd", equal=True, correlations=EXCHANGEABLE),
        Covariance("ar1", "autoregressive with one sd", equal=True, correlations=AUTOREGRESSIVE),
        Covariance("hetar1", "autoregressive", correlations=AUTOREGRESSIVE),
        Covariance("toep", "correlated by lag", correlations=TOEPLITZ),
        Covariance("homtoep", "correlated by lag with one sd", equal=True, correlations=TOEPLITZ),
        Covariance("ou", "correlated exponentially in time", equal=True, correlations=EXPONENTIAL),
        Covariance("exp", "correlated exponentially in space", equal=True, correlations=EXPONENTIAL),
        Covariance("gau", "correlated as a Gaussian in space", equal=True, correlations=GAUSSIAN),
        Covariance("mat", "correlated by Matérn's function in space", equal=True, correlations=MATERN),
        Covariance("rr", "sums of 2 factors", correlations=Loadings(2)),
    )
}
"""The structures by name; of one effect alone there is only `diag`."""


class _Named(Mapping[str, Covariance]):
    """The same, and those of any number of factors."""

    def __getitem__(self, name: str) -> Covariance:
        if name in COVARIANCES:
            return COVARIANCES[name]
        stem, rank = name.rstrip("0123456789"), name[len(name.rstrip("0123456789")) :]
        found = COVARIANCES[stem]
        if not rank or not isinstance(found.correlations, Loadings):
            raise KeyError(name)
        return found.of_rank(int(rank))

    def __iter__(self) -> Iterator[str]:
        return iter(COVARIANCES)

    def __len__(self) -> int:
        return len(COVARIANCES)


NAMED: Mapping[str, Covariance] = _Named()
