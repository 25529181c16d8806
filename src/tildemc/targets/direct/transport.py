"""Effects from standard normal numbers ε that go with no parameter, as far as a quadratic resembles the likelihood.

Of a level's effects r = Λ v the rows say about r'c - ½ r'M r, with M their information and c the target, which moves
with coefficients and with effects that were made before. Given Λ, v then is normal with precision B = Λ'MΛ + I and
mean B⁻¹ Λ'c, so that with B = L L'

    v = B⁻¹ Λ'c + L⁻ᵀ ε,    log |dv/dε| = -log |L|.

This is one to one at every point whatever M and c are, so nothing is approximated; where the quadratic is good, ε is
about standard normal, independent of all else, and sds may go to zero or far up without a funnel.
"""

from __future__ import annotations

from math import log, sqrt

from tildemc.arrays import Floats
from tildemc.kernels import inlined, jit
from tildemc.kernels.views import copy, fill
from tildemc.targets.direct.special import exp
from tildemc.targets.direct.tables import DIAGONAL, NONE, SPECTRUM, Link, Tables, Term

__all__ = ["carry", "carry_back", "carry_room"]

LARGE = 1e100
"""A product of so much has its log taken."""


@jit
def carry_room(k: int) -> int:
    """How many numbers are written down on the way, of effects of which a level has k."""
    return 5 * k * k + 3 * k


@jit
def carry(
    t: Tables, term: Term, value: Floats, factors: Floats, effects: Floats, targets: Floats, space: Floats
) -> float:  # fmt: skip
    """Make v of ε, in place; returns the log Jacobian."""
    _aim(t, term, value, effects, targets)
    _gather(t, term, factors, space[: term.rank * term.rank])
    # Where code knows how many effects a level has, it has no loops over them.
    if term.rank == 1:
        return _carry_each(t, term, value, targets, space)
    if term.rank == 2:
        return _carry_levels(t, term, 2, value, targets, space)
    return _carry_levels(t, term, term.rank, value, targets, space)


@jit
def _carry_each(t: Tables, term: Term, value: Floats, targets: Floats, space: Floats) -> float:
    """The same where a level has one effect."""
    group, total, product = t.groups[term.group], 0.0, 1.0
    for level in range(term.levels):
        s = _wider(group.mixing, value, level) * space[0]
        root = sqrt(s * s * t.floats[term.information + level] + 1.0)
        v = term.z + level
        value[v] = (s * targets[group.effects + level] / root + value[v]) / root
        product *= root
        if product > LARGE:
            total, product = total - log(product), 1.0
    return total - log(product)


@inlined
def _carry_levels(t: Tables, term: Term, k: int, value: Floats, targets: Floats, space: Floats) -> float:
    group, total, product = t.groups[term.group], 0.0, 1.0
    own, L, a = space[: k * k], space[2 * k * k :], space[5 * k * k :]
    for level in range(term.levels):
        scale = _wider(group.mixing, value, level)
        M = t.floats[term.information + level * k * k :]
        c, v = targets[group.effects + level * k :], value[term.z + level * k :]
        product *= _factorise(M, own, scale, k, term.diagonal, space)
        _pulled(L, own, c, scale, k, term.diagonal, a)
        for i in range(k):
            v[i] += a[i]
        _solve_transposed(L, v, k)
        if product > LARGE:
            total, product = total - log(product), 1.0
    return total - log(product)


@jit
def carry_back(
    t: Tables, term: Term, value: Floats, factors: Floats, targets: Floats, d_value: Floats, d_factors: Floats,
    d_effects: Floats, space: Floats,
) -> None:  # fmt: skip
    """From derivatives by v, in place, to those by ε; adds those by all that v follows, and the log Jacobian's."""
    k = term.rank
    _gather(t, term, factors, space[: k * k])
    by_own = space[4 * k * k : 5 * k * k]
    fill(by_own, 0.0)
    if k == 1:
        _carry_each_back(t, term, value, targets, d_value, space)
    elif k == 2:
        _carry_levels_back(t, term, 2, value, targets, d_value, space)
    else:
        _carry_levels_back(t, term, k, value, targets, d_value, space)
    _scatter(t, term, by_own, d_factors)
    _aim_back(t, term, targets, d_value, d_effects)


@jit
def _carry_each_back(
    t: Tables, term: Term, value: Floats, targets: Floats, d_value: Floats, space: Floats
) -> None:  # fmt: skip
    """The way back where a level has one effect: v = s c / b + ε / √b, b = 1 + s² M; and -½ log b."""
    group = t.groups[term.group]
    for level in range(term.levels):
        scale, M = _wider(group.mixing, value, level), t.floats[term.information + level]
        v, at = term.z + level, group.effects + level
        s, c, d = scale * space[0], targets[at], d_value[v]
        inverse = 1.0 / (s * s * M + 1.0)
        by_s = d * (c * inverse - s * M * inverse * (s * c * inverse + value[v])) - s * M * inverse
        targets[at] = d * s * inverse
        d_value[v] = d * sqrt(inverse)
        space[4] += by_s * scale
        if group.mixing != NONE:
            d_value[group.mixing + level] += 0.5 * by_s * s


@inlined
def _carry_levels_back(
    t: Tables, term: Term, k: int, value: Floats, targets: Floats, d_value: Floats, space: Floats
) -> None:  # fmt: skip
    group = t.groups[term.group]
    own = space[: k * k]
    for level in range(term.levels):
        scale = _wider(group.mixing, value, level)
        M = t.floats[term.information + level * k * k :]
        c, v = targets[group.effects + level * k :], value[term.z + level * k :]
        d_v = d_value[term.z + level * k :]
        by_scale = _level_back(M, own, scale, k, term.diagonal, space, c, v, d_v)
        if group.mixing != NONE:
            d_value[group.mixing + level] += 0.5 * by_scale


@jit
def _wider(mixing: int, value: Floats, level: int) -> float:
    """What the effects of a level are multiplied by, if they are Student's t."""
    return exp(0.5 * value[mixing + level]) if mixing != NONE else 1.0


@jit
def _aim(t: Tables, term: Term, value: Floats, effects: Floats, targets: Floats) -> None:
    """Each level's target, at these coefficients and at the effects made so far."""
    group = t.groups[term.group]
    size = group.levels * group.width
    c = targets[group.effects : group.effects + size]
    copy(t.floats[term.target : term.target + size], c)
    for f in range(term.first_follow, term.last_follow):
        s = t.follows[f]
        _subtract(t.floats[s.matrix : s.matrix + s.columns * size], value[s.by : s.by + s.columns], c)
    for f in range(term.first_link, term.last_link):
        link = t.links[f]
        other = t.groups[link.group]
        r = effects[other.effects : other.effects + other.levels * other.width]
        if link.starts == NONE:
            _subtract(t.floats[link.blocks : link.blocks + r.size * size], r, c)
        else:
            _subtract_entries(t, link, other.width, r, group.width, c)


@jit
def _aim_back(t: Tables, term: Term, d_targets: Floats, d_value: Floats, d_effects: Floats) -> None:
    """Add to derivatives by coefficients and effects what those by the targets come to."""
    group = t.groups[term.group]
    size = group.levels * group.width
    d = d_targets[group.effects : group.effects + size]
    for f in range(term.first_follow, term.last_follow):
        s = t.follows[f]
        _subtract_back(t.floats[s.matrix : s.matrix + s.columns * size], d, d_value[s.by : s.by + s.columns])
    for f in range(term.first_link, term.last_link):
        link = t.links[f]
        other = t.groups[link.group]
        d_r = d_effects[other.effects : other.effects + other.levels * other.width]
        if link.starts == NONE:
            _subtract_back(t.floats[link.blocks : link.blocks + d_r.size * size], d, d_r)
        else:
            _subtract_entries_back(t, link, other.width, d, group.width, d_r)


@jit
def _subtract(matrix: Floats, x: Floats, c: Floats) -> None:
    """Take a matrix, column by column, times x from c."""
    for j in range(x.size):
        column = matrix[j * c.size : (j + 1) * c.size]
        for i in range(c.size):
            c[i] -= x[j] * column[i]


@jit
def _subtract_back(matrix: Floats, d: Floats, d_x: Floats) -> None:
    for j in range(d_x.size):
        column, total = matrix[j * d.size : (j + 1) * d.size], 0.0
        for i in range(d.size):
            total += d[i] * column[i]
        d_x[j] -= total


@jit
def _subtract_entries(t: Tables, link: Link, theirs: int, r: Floats, own: int, c: Floats) -> None:
    """The same of a matrix of few blocks, (own, theirs) each."""
    start = t.indices[link.starts :]
    for level in range(c.size // own):
        for i in range(own):
            total = 0.0
            for e in range(start[level], start[level + 1]):
                at, other = link.blocks + (e * own + i) * theirs, t.indices[link.levels + e] * theirs
                for j in range(theirs):
                    total += t.floats[at + j] * r[other + j]
            c[level * own + i] -= total


@jit
def _subtract_entries_back(t: Tables, link: Link, theirs: int, d: Floats, own: int, d_r: Floats) -> None:
    start = t.indices[link.starts :]
    for level in range(d.size // own):
        for i in range(own):
            by = d[level * own + i]
            for e in range(start[level], start[level + 1]):
                at, other = link.blocks + (e * own + i) * theirs, t.indices[link.levels + e] * theirs
                for j in range(theirs):
                    d_r[other + j] -= t.floats[at + j] * by


@jit
def _gather(t: Tables, term: Term, factors: Floats, own: Floats) -> None:
    """Λ, (k, k), of all blocks, and of all levels that go together."""
    k = term.rank
    fill(own, 0.0)
    for b in range(term.first_block, term.last_block):
        block = t.blocks[b]
        for first in range(block.z - term.z, k, block.stride):
            at = block.factor
            for i in range(block.width):
                row = (first + i) * k + first
                if block.kind == DIAGONAL or block.kind == SPECTRUM:
                    own[row + i] = factors[at + i]
                else:
                    for j in range(i + 1):
                        own[row + j] = factors[at + j]
                    at += i + 1


@jit
def _scatter(t: Tables, term: Term, by_own: Floats, d_factors: Floats) -> None:
    """Add derivatives by Λ to those by the blocks' factors."""
    k = term.rank
    for b in range(term.first_block, term.last_block):
        block = t.blocks[b]
        for first in range(block.z - term.z, k, block.stride):
            at = block.factor
            for i in range(block.width):
                row = (first + i) * k + first
                if block.kind == DIAGONAL or block.kind == SPECTRUM:
                    d_factors[at + i] += by_own[row + i]
                else:
                    for j in range(i + 1):
                        d_factors[at + j] += by_own[row + j]
                    at += i + 1


@inlined
def _factorise(M: Floats, own: Floats, scale: float, k: int, diagonal: int, space: Floats) -> float:
    """P = MΛ and the Cholesky factor L of Λ'P + I, the second and third matrix of `space`; returns L's determinant."""
    P, L = space[k * k :], space[2 * k * k :]
    for i in range(k):
        for j in range(k):
            total = 0.0
            for m in range(j, j + 1 if diagonal else k):
                total += M[i * k + m] * own[m * k + j]
            P[i * k + j] = scale * total
    determinant = 1.0
    for i in range(k):
        for j in range(i + 1):
            total = 0.0
            for m in range(i, i + 1 if diagonal else k):
                total += own[m * k + i] * P[m * k + j]
            total *= scale
            for m in range(j):
                total -= L[i * k + m] * L[j * k + m]
            if i == j:
                L[i * k + i] = sqrt(total + 1.0)
                determinant *= L[i * k + i]
            else:
                L[i * k + j] = total / L[j * k + j]
    return determinant


@inlined
def _pulled(L: Floats, own: Floats, c: Floats, scale: float, k: int, diagonal: int, a: Floats) -> None:
    """Fill a with L⁻¹ Λ'c."""
    for i in range(k):
        total = 0.0
        for m in range(i, i + 1 if diagonal else k):
            total += own[m * k + i] * c[m]
        total *= scale
        for m in range(i):
            total -= L[i * k + m] * a[m]
        a[i] = total / L[i * k + i]


@inlined
def _solve(L: Floats, x: Floats, k: int) -> None:
    """Let x become L⁻¹ x."""
    for i in range(k):
        total = x[i]
        for m in range(i):
            total -= L[i * k + m] * x[m]
        x[i] = total / L[i * k + i]


@inlined
def _solve_transposed(L: Floats, x: Floats, k: int) -> None:
    """Let x become L⁻ᵀ x."""
    for i in range(k - 1, -1, -1):
        x[i] /= L[i * k + i]
        for m in range(i):
            x[m] -= L[i * k + m] * x[i]


@inlined
def _level_back(
    M: Floats, own: Floats, scale: float, k: int, diagonal: int, space: Floats, c: Floats, v: Floats, d_v: Floats
) -> float:
    """One level's way back: c and d_v become derivatives by c and by ε, those by Λ are added to the fifth of `space`.

    Returns the derivative by the log of `scale`.
    """
    P, L, S = space[k * k :], space[2 * k * k :], space[3 * k * k :]
    by_own, a, y, back = space[4 * k * k :], space[5 * k * k :], space[5 * k * k + k :], space[5 * k * k + 2 * k :]
    _factorise(M, own, scale, k, diagonal, space)
    _pulled(L, own, c, scale, k, diagonal, a)
    # v = L⁻ᵀ y, y = a + ε, a = L⁻¹ Λ'c.
    for i in range(k):
        y[i] = 0.0
        for m in range(i, k):
            y[i] += L[m * k + i] * v[m]
    _solve(L, d_v, k)
    for i in range(k):
        back[i] = d_v[i]
    _solve_transposed(L, back, k)
    # With y' by ε, L'(dL) has the lower triangle of -(y y'' + y' a' + I): halved on the diagonal and between L⁻ᵀ and
    # L⁻¹, this is the derivative by B.
    for i in range(k):
        for j in range(k):
            half = 1.0 if j < i else 0.5 if j == i else 0.0
            S[i * k + j] = -half * (y[i] * d_v[j] + d_v[i] * a[j] + (1.0 if i == j else 0.0))
    for i in range(k - 1, -1, -1):
        for j in range(k):
            S[i * k + j] /= L[i * k + i]
        for m in range(i):
            for j in range(k):
                S[m * k + j] -= L[i * k + m] * S[i * k + j]
    for i in range(k):
        _solve_transposed(L, S[i * k :], k)
    # B = Λ'MΛ + I, and c stands beside Λ.
    by_scale = 0.0
    for i in range(k):
        for j in range(i if diagonal else 0, i + 1):
            total = c[i] * back[j]
            for m in range(k):
                total += P[i * k + m] * (S[m * k + j] + S[j * k + m])
            by_own[i * k + j] += scale * total
            by_scale += scale * total * own[i * k + j]
    for i in range(k):
        total = 0.0
        for j in range(i if diagonal else 0, i + 1):
            total += own[i * k + j] * back[j]
        a[i] = scale * total
    for i in range(k):
        c[i] = a[i]
    return by_scale
