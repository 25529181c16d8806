"""The variance parameters on an unconstrained scale: φ -> sds, Cholesky factors, precisions, and their prior.

A positive scalar (an sd, or its square where the prior is on that) is exp(φ), or a logistic function of φ where its
prior ends somewhere; of numbers that increase each is the one before it plus exp(φ). Correlations are canonical partial
correlations tanh(φ), under which an LKJ density is a product of betas (Lewandowski, Kurowicka and Joe, 2009). The
numbers that other correlations follow from are scalars, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cosh, exp, inf, isinf, log, log1p, sqrt, tanh
from typing import NamedTuple, assert_never

import numpy as np

from tildemc.arrays import Floats
from tildemc.kernels import jit, kernel
from tildemc.kernels.densities import density
from tildemc.kernels.structures import Packed, Struct, pack
from tildemc.kernels.views import Cube, Integers, Matrix, Table, Vector, fill, view
from tildemc.scalars import coded, log_constant
from tildemc.spec import covariance
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior
from tildemc.spec.terms.effects import Blocks, EffectsBlock
from tildemc.targets.marginal.numbers import Number
from tildemc.targets.shared.correlations import differentiate_unit, triangle_at, unit_factor
from tildemc.targets.shared.recipes import recipe_of, recipe_of_diagonal, recipe_of_loadings, room_for

__all__ = [
    "CODE", "CORRELATION", "FREE", "POINT", "RESIDUAL", "Code", "Point", "encode_variances", "expand", "point", "pull",
    "push",
]  # fmt: skip


RESIDUAL, CORRELATION = -1, -2
"""Scalars that are no sd of a factor's effects: residual sds, and what correlations follow from."""
ALONE = -2
"""In place of the scalar that is an effect's sd: its factor's entries are as they are."""
FREE = -1
"""Correlations that follow no pattern: a matrix."""


class Code(NamedTuple):
    """What the kernels read of the variance parameters.

    Attributes
    ----------
    kind : (scalars,), arguments : (scalars, 3), steps : (steps,)
        Prior densities, see `scalars.density`. The scalars are each factor's sds in order, then
        what correlations follow from, then the residual sds.
    lower, upper : (scalars,)
        Where they end.
    after : (scalars,)
        1 for one that is so far above the scalar before it as it is above `lower`.
    stated : (scalars,)
        1 for a number that is known, which is its own φ.
    vanishing : (scalars,)
        1 where a density goes to zero at zero faster than any power.
    squared : (scalars,)
        1 where the scalar is a variance.
    typical : (scalars,)
        A value that the prior finds plausible.
    factor : (scalars,)
        Whose sd it is, or RESIDUAL or CORRELATION.
    sd : (factors, widest)
        The scalar that is the sd of each factor's effects, or ALONE; -1 past its last.
    block : (blocks, 5)
        Of each correlation matrix: its factor, first row, size, where in φ its parameters begin, and where its recipe
        begins, or FREE.
    eta : (blocks,)
        LKJ's, of free correlations.
    recipes : (·,)
        By which correlations are worked out that are not free.
    memory : int
        How many numbers the largest of them needs.
    sigma : (classes,)
        For each residual class the scalar that is its sd, or -1.
    known : (classes,)
        For each residual class the variance that is known.
    shape : (2,)
        The number of factors, and the widest one's effects.
    constant : float
        Of the prior.
    """

    kind: Integers
    arguments: Matrix
    steps: Vector
    lower: Vector
    upper: Vector
    after: Integers
    stated: Integers
    vanishing: Integers
    squared: Integers
    typical: Vector
    factor: Integers
    sd: Table
    block: Table
    eta: Vector
    recipes: Vector
    memory: int
    sigma: Integers
    known: Vector
    shape: Integers
    constant: float

    @property
    def size(self) -> int:
        """The length of φ."""
        return len(self.kind) + sum(int(n) * (int(n) - 1) // 2 for n in self.block[self.block[:, 4] == FREE, 2])


CODE = Struct(Code)


class Point(NamedTuple):
    """Arrays for what one φ stands for, and for derivatives."""

    sds: Vector  # (scalars,)
    unit: Cube  # (factors, widest, widest), as the next and the last but one
    factors: Cube
    precision: Vector  # (classes,)
    by_factor: Cube
    by_precision: Vector  # (classes,)
    memory: Vector  # to work recipes out in


POINT = Struct(Point)


def point(code: Code) -> Packed:
    """Memory for one φ after another."""
    f, widest = (int(n) for n in code.shape)
    cube, classes = (f, widest, widest), len(code.sigma)
    return pack(POINT, tuple(np.empty(n) for n in (len(code.kind), cube, cube, classes, cube, classes, code.memory)))


def encode_variances(
    spec: ModelSpec, groups: Sequence[Blocks], sigma: Integers, known: Floats, numbers: tuple[Number, ...] = ()
) -> Code:
    """Number the variance parameters of a model.

    Parameters
    ----------
    spec : ModelSpec
    groups : sequence of Blocks
        In the kernels' order.
    sigma : (classes,)
        The residual sd of each class, counted from 0; -1 for none.
    known : (classes,)
    numbers : tuple of Number
        Of residuals that go together, which then have no sds beside them.
    """
    priors: list[Prior] = []
    factor: list[int] = []
    shape = max(len(groups), 1), max((g.width for g in groups), default=1)
    sd = np.full(shape, -1)
    for f, grouping in enumerate(groups):
        own = [number if number == ALONE else len(priors) + number for number in _numbers(grouping)]
        sd[f, : len(own)] = own
        spreads = [prior for block in grouping.blocks for prior in block.sd_priors]
        priors += spreads
        factor += [f] * len(spreads)
    shapes = [prior for grouping in groups for block in grouping.blocks for prior in _scalar_shapes(block)]
    first_shape = len(priors)
    priors += shapes
    residual = [] if numbers else [a.prior for a in spec.auxiliaries for _ in range(a.size)]
    first = len(priors)
    priors += residual
    scalars = [*map(coded, priors), *(number.scalar for number in numbers)]
    starts = np.cumsum([0, *(len(scalar.steps) for scalar in scalars)])
    placed = [scalar.at(start) for scalar, start in zip(scalars, starts, strict=False)]
    ends = np.array(
        [(-inf, inf) if p.distribution.point else (p.support.lower, p.support.upper) for p in priors]
        + [(number.lower, number.upper) for number in numbers]
    ).reshape(-1, 2)
    blocks, eta, recipes, constant = _correlations(groups, first_shape, len(scalars))
    constant += sum(number.constant for number in numbers)
    kinds = [RESIDUAL if number.spread else CORRELATION for number in numbers]
    return Code(
        kind=np.array([kind for kind, *_ in placed], dtype=np.int64),
        arguments=np.array([arguments for _, *arguments in placed], dtype=float).reshape(-1, 3),
        steps=np.array([step for scalar in scalars for step in scalar.steps], dtype=float),
        lower=ends[:, 0].copy(),
        upper=ends[:, 1].copy(),
        after=np.array([0] * len(priors) + [number.after for number in numbers], dtype=np.int64),
        stated=np.array([p.distribution.point for p in priors] + [n.stated for n in numbers], dtype=np.int64),
        vanishing=np.array([p.distribution.vanishing for p in priors] + [False] * len(numbers), dtype=np.int64),
        squared=np.array([p.on_variance for p in priors] + [number.squared for number in numbers], dtype=np.int64),
        typical=np.array([p.plausible for p in priors] + [number.start for number in numbers], dtype=float),
        factor=np.array([*factor, *[CORRELATION] * len(shapes), *[RESIDUAL] * len(residual), *kinds], dtype=np.int64),
        sd=sd.astype(np.int64),
        block=blocks,
        eta=eta,
        recipes=np.concatenate([np.empty(0), *recipes]),
        memory=max(map(room_for, recipes), default=0),
        sigma=np.where(sigma >= 0, sigma + first, -1),
        known=known,
        shape=np.array(shape),
        constant=constant + sum(log_constant(prior) for prior in priors),
    )


def _numbers(grouping: Blocks) -> list[int]:
    """For each of a grouping's effects the number of its sd, or ALONE."""
    numbers: list[int] = []
    start = 0
    for block in grouping.blocks:
        numbers += [start + number for number in block.sds] or [ALONE] * block.width
        start += len(block.sd_priors)
    return numbers


def _scalar_shapes(block: EffectsBlock) -> tuple[Prior, ...]:
    """The priors of the numbers that a block's correlations follow from."""
    free = isinstance(block.covariance.correlations, covariance.Matrix)
    return () if free else block.shape_priors


def _correlations(groups: Sequence[Blocks], shape: int, start: int) -> tuple[Integers, Floats, list[Floats], float]:
    """Code's `block` and `eta`, recipes, and the priors' constant; `shape`, `start`: where in φ parameters begin."""
    from scipy.special import betaln

    blocks: list[tuple[int, int, int, int, int]] = []
    etas: list[float] = []
    recipes: list[Floats] = []
    constant = 0.0
    for f, grouping in enumerate(groups):
        first = 0
        for block in grouping.blocks:
            n = block.width
            match block.covariance.correlations:
                case covariance.Matrix():
                    eta = block.shape_priors[0].values[0]
                    shapes = eta + (n - 2 - np.array([c for a in range(n) for c in range(a)])) / 2
                    constant -= float(np.sum((2 * shapes - 1) * np.log(2) + betaln(shapes, shapes)))
                    blocks.append((f, first, n, start, FREE))
                    etas.append(eta)
                    start += n * (n - 1) // 2
                case covariance.Pattern() as pattern:
                    blocks.append((f, first, n, shape, sum(map(len, recipes))))
                    etas.append(0.0)
                    recipes.append(recipe_of(pattern, block.apart))
                    shape += len(block.shape_priors)
                case covariance.Loadings() as loadings:
                    blocks.append((f, first, n, shape, sum(map(len, recipes))))
                    etas.append(0.0)
                    recipes.append(recipe_of_loadings(loadings, n))
                    shape += len(block.shape_priors)
                case None if block.spectrum:
                    blocks.append((f, first, n, shape, sum(map(len, recipes))))
                    etas.append(0.0)
                    recipes.append(recipe_of_diagonal(block.spectrum, len(block.shape_priors)))
                    shape += len(block.shape_priors)
                case None:
                    pass
                case never:
                    assert_never(never)
            first += n
    return np.array(blocks, dtype=np.int64).reshape(-1, 5), np.array(etas, dtype=float), recipes, constant


@jit
def _sd(code: Code, sds: Vector, f: int, a: int) -> float:
    """What an effect's row of the correlations' factor is multiplied by."""
    at = code.sd[f, a]
    return sds[at] if at >= 0 else 1.0 if at == ALONE else 0.0


@jit
def _scalar(code: Code, i: int, at: float, sds: Vector) -> tuple[float, float, float, float, float]:
    """A scalar's sd, its derivative by φ, its prior with the Jacobian; the prior's derivative, and the Jacobian's by φ.

    `sds` has those before it.
    """
    lower, upper = code.lower[i], code.upper[i]
    # The change of variables adds log |dx/dφ|: φ itself for an exponential, log x (1 - x) for a share.
    if isinf(lower) and isinf(upper):
        x, slope, jacobian, by = at, 1.0, 0.0, 0.0
    elif isinf(upper):
        x = exp(at)
        slope, jacobian, by = x, at, 1.0
        x += lower + (sds[i - 1] if code.after[i] == 1 else 0.0)
    elif isinf(lower):
        x = exp(at)
        slope, jacobian, by = -x, at, 1.0
        x = upper - x
    else:
        share = 1.0 / (1.0 + exp(-at))
        x = lower + (upper - lower) * share
        slope = (upper - lower) * share * (1.0 - share)
        jacobian, by = log(slope), 1.0 - 2.0 * share
    a, b, c = code.arguments[i, 0], code.arguments[i, 1], code.arguments[i, 2]
    found, change = density(code.steps, code.kind[i], x, a, b, c)
    # A prior on the variance is met with the variance, and kernels go on with its root.
    if code.squared[i]:
        sd = sqrt(x)
        return sd, 0.5 * slope / sd, found + jacobian, 2.0 * sd * change, by
    return x, slope, found + jacobian, change, by


@jit
def push(
    code: Code, phi: Vector, sds: Vector, unit: Cube, factors: Cube, precision: Vector, memory: Vector
) -> float:  # fmt: skip
    """φ -> sds, the correlations' Cholesky factors, the covariances', and precisions; returns the log prior of φ.

    Parameters
    ----------
    phi : (size,)
    sds : (scalars,)
    unit, factors : (factors, widest, widest)
    precision : (classes,)
    memory : (code.memory,)
    """
    total = code.constant
    fill(unit.flat, 0.0)
    fill(factors.flat, 0.0)
    for i in range(len(code.kind)):
        sds[i], _, prior, _, _ = _scalar(code, i, phi[i], sds)
        total += prior
    for f in range(code.sd.shape[0]):
        for a in range(code.sd.shape[1]):
            if code.sd[f, a] != -1:
                unit[f, a, a] = 1.0
    for k in range(len(code.block)):
        f, first, n = code.block[k, 0], code.block[k, 1], code.block[k, 2]
        at, pattern = code.block[k, 3], code.block[k, 4]
        # Row a of the correlations' factor is a unit vector: each partial correlation takes its share z of what the
        # others have left of the length, as in breaking a stick, and the diagonal gets what remains.
        if pattern != FREE:
            recipe = code.recipes[pattern:]
            unit_factor(recipe, sds[at:], memory)
            L = memory[triangle_at(recipe) :]
            for a in range(n):
                for c in range(a + 1):
                    unit[f, first + a, first + c] = L[a * (a + 1) // 2 + c]
            continue
        for a in range(n):
            left = 1.0
            for c in range(a):
                z, size = tanh(phi[at]), abs(phi[at])
                unit[f, first + a, first + c] = z * left
                left /= cosh(min(size, 300.0))
                # log(1 - z²), where 1 - z² may underflow
                total += 2.0 * (code.eta[k] + (n - 2 - c) / 2) * (log(2.0) - size - log1p(exp(-2.0 * size)))
                at += 1
            unit[f, first + a, first + a] = left
    for f in range(code.sd.shape[0]):
        for a in range(code.sd.shape[1]):
            sd = _sd(code, sds, f, a)
            for c in range(a + 1):
                factors[f, a, c] = sd * unit[f, a, c]
    # A row's variance is sigma's and, with `se(…, sigma = TRUE)`, its known one.
    for k in range(len(code.sigma)):
        own = sds[code.sigma[k]] ** 2 if code.sigma[k] >= 0 else 0.0
        precision[k] = 1.0 / (own + code.known[k])
    return total


@jit
def pull(
    code: Code, phi: Vector, sds: Vector, unit: Cube, precision: Vector, by_factor: Cube, by_precision: Vector,
    memory: Vector, out: Vector,
) -> None:  # fmt: skip
    """Derivatives by factors and precisions -> those by φ, the log prior's added; into `out` (size,)."""
    fill(out, 0.0)
    for f in range(code.sd.shape[0]):
        for a in range(code.sd.shape[1]):
            if code.sd[f, a] >= 0:
                for c in range(a + 1):
                    out[code.sd[f, a]] += by_factor[f, a, c] * unit[f, a, c]
    for k in range(len(code.block)):
        f, first, n = code.block[k, 0], code.block[k, 1], code.block[k, 2]
        at, pattern = code.block[k, 3], code.block[k, 4]
        if pattern != FREE:
            # The memory holds what the last recipe left: worked out once more, each has its own for as long as needed.
            recipe = code.recipes[pattern:]
            unit_factor(recipe, sds[at:], memory)
            D = memory[triangle_at(recipe) + n * (n + 1) // 2 :]
            for a in range(n):
                for c in range(a + 1):
                    D[a * (a + 1) // 2 + c] = by_factor[f, first + a, first + c] * _sd(code, sds, f, first + a)
            differentiate_unit(recipe, memory)
            shapes = int(recipe[0])
            by_shape = memory[shapes + int(recipe[1]) :]
            for k in range(shapes):
                out[at + k] += by_shape[k]
    # d precision / d sd = -2 sd precision², for precision = 1 / (sd² + known).
    for k in range(len(code.sigma)):
        if code.sigma[k] >= 0:
            out[code.sigma[k]] -= 2.0 * sds[code.sigma[k]] * precision[k] ** 2 * by_precision[k]
    for i in range(len(code.kind) - 1, -1, -1):
        _, slope, _, change, by = _scalar(code, i, phi[i], sds)
        total = out[i] + change
        out[i] = total * slope + by
        # Those that stand after a scalar move with it.
        if code.after[i] == 1:
            out[i - 1] += total
    for k in range(len(code.block)):
        f, first, n = code.block[k, 0], code.block[k, 1], code.block[k, 2]
        at, pattern = code.block[k, 3], code.block[k, 4]
        if pattern != FREE:
            continue
        for a in range(1, n):
            sd = sds[code.sd[f, first + a]]
            left = 1.0
            for c in range(a):
                # A partial correlation moves its own entry, and shrinks by z all entries that stand after it in the
                # row.
                z = tanh(phi[at])
                below = 0.0
                for h in range(c + 1, a + 1):
                    below += by_factor[f, first + a, first + h] * unit[f, first + a, first + h]
                growth = cosh(min(abs(phi[at]), 300.0))
                out[at] = sd * (by_factor[f, first + a, first + c] * left / (growth * growth) - z * below)
                out[at] -= 2.0 * (code.eta[k] + (n - 2 - c) / 2) * z
                left /= growth
                at += 1


_code = CODE.at


@kernel
def expand(
    encoded: int, phi_: Floats, sds_: Floats, unit_: Floats, factors_: Floats, precision_: Floats, memory_: Floats,
    prior: Floats,
) -> None:  # fmt: skip
    """`push` at many points: every array has one axis more, in front, and the log prior goes to `prior`."""
    code, phi, sds = _code(encoded), view(phi_), view(sds_)
    unit, factors, precision, memory = view(unit_), view(factors_), view(precision_), view(memory_)
    for s in range(len(phi)):
        prior[s] = push(code, phi[s], sds[s], unit[s], factors[s], precision[s], memory)
