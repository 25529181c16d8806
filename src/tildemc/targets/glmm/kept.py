"""The rest carried by a factor that is kept: that of its system at the anchor, instead of one at each point.

With P(ψ) for what is left of the system once inner effects are eliminated, and L L' = P at the anchor's own point,

    v_r = m(ψ) + M ε_r,   M = T' L⁻ᵀ,   T = R̂ R(ψ)⁻¹,

where R R' are the blocks on P's diagonal that a level's effects have, R̂ those at the anchor. M is right at the anchor,
and wherever P is its blocks. The mode m solves P m = h by conjugate gradients, preconditioned by M M'. All depends on ψ
alone, so that this is a bijection as good as any other. It costs what the rows do and m², instead of m³.
"""

from __future__ import annotations

from math import isfinite, sqrt

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.views import copy
from tildemc.targets.direct.special import log
from tildemc.targets.glmm.blocked import (
    add_rest,
    factorise,
    factorise_blocks,
    rest_of_inner,
    scale,
    scale_blocks,
    to_effects,
    to_standard,
)
from tildemc.targets.glmm.solves import backward_blocks, backward_rest, forward_blocks, forward_rest, return_rest
from tildemc.targets.glmm.tables import Anchor, Tables, Work

__all__ = ["carry_by_kept", "follow_by_kept", "keep", "locate_by_kept", "return_by_kept"]

MOST = 50
"""Iterations that have not come close enough by then end anyway."""


@jit
def locate_by_kept(t: Tables, anchor: Anchor, k: Work, close: float) -> bool:
    """From h in `k.v0` to the mode there, as near as `close`, its squared distance in posterior sds."""
    JQ, h = t.size[1] * t.size[2], k.v0
    copy(anchor.D, k.D)
    scale_blocks(t, k.F, k.D, k.square)
    factorise_blocks(t, k.D, k.root)
    _diagonal_factors(t, anchor, k, k.T)
    k.value[0] = _relate(t, anchor, k)
    if not isfinite(k.value[0]):
        return False
    for i in range(JQ):
        k.d[i] = h[i]
    _add_inner(t, anchor, k, k.d, -1.0, h)
    _solve(t, anchor, k, h, close)
    follow_by_kept(t, anchor, k, h)
    return True


@jit
def carry_by_kept(t: Tables, anchor: Anchor, k: Work, x: Floats) -> None:
    """The rest's ε, in x, becomes M ε."""
    backward_rest(t, anchor.L, x)
    _scale_back(t, k, x)


@jit
def return_by_kept(t: Tables, anchor: Anchor, k: Work, x: Floats) -> None:
    """The rest's ε, from M ε in x."""
    rest = x[t.size[1] * t.size[2] :]
    for r in range(t.size[4] - 1, -1, -1):
        # T' is upper triangular in each block.
        rest[r] /= k.T[r, t.before[r]]
        for c in range(t.before[r]):
            rest[r - t.before[r] + c] -= k.T[r, c] * rest[r]
    return_rest(t, anchor.L, x)


@jit
def keep(t: Tables, k: Work, new: Anchor) -> bool:
    """The anchor's factor and diagonal blocks, at the point where `k` is."""
    copy(new.D, k.D)
    copy(new.B, k.B)
    copy(new.S, k.S)
    scale(t, k.F, k)
    found = factorise(t, k)
    copy(k.S, new.L)
    _diagonal_factors(t, new, k, new.R)
    return isfinite(found)


@jit
def _with_rest(t: Tables, anchor: Anchor, k: Work, u: Floats, out: Floats) -> None:
    """What inner effects have with the rest's effects u: Λ'Z'WZ u."""
    J, q, JQ = t.size[1], t.size[2], t.size[1] * t.size[2]
    B = anchor.B
    for j in range(J):
        for a in range(q):
            total = 0.0
            for e in range(t.neighbour[j], t.neighbour[j + 1]):
                total += B[e * q + a] * u[JQ + t.met[e]]
            out[j * q + a] = total
    to_standard(t, k.F, out, 0, 0)


@jit
def _add_inner(t: Tables, anchor: Anchor, k: Work, x: Floats, times: float, out: Floats) -> None:
    """The rest in `out` and so many times Λ'Z'WZΛ Q⁻¹ x, of inner x, which is scratch then."""
    JQ, u, y = t.size[1] * t.size[2], k.krylov[4], k.krylov[5]
    forward_blocks(t, k.D, x)
    backward_blocks(t, k.D, x)
    to_effects(t, k.F, x, u, 0, 0)
    rest_of_inner(t, anchor.B, u, y)
    to_standard(t, k.F, y, 1, 1)
    for r in range(JQ, len(y)):
        out[r] += times * y[r]


@jit
def follow_by_kept(t: Tables, anchor: Anchor, k: Work, x: Floats) -> None:
    """Inner x less what the rest's x makes of them, times Q⁻¹, in place."""
    JQ, u, y = t.size[1] * t.size[2], k.krylov[4], k.krylov[5]
    to_effects(t, k.F, x, u, 1, 1)
    _with_rest(t, anchor, k, u, y)
    for i in range(JQ):
        x[i] -= y[i]
    forward_blocks(t, k.D, x)
    backward_blocks(t, k.D, x)


@jit
def _system(t: Tables, anchor: Anchor, k: Work, x: Floats, out: Floats) -> None:
    """P x of the rest."""
    JQ, u, y = t.size[1] * t.size[2], k.krylov[4], k.d
    to_effects(t, k.F, x, u, 1, 1)
    for r in range(JQ, len(x)):
        out[r] = 0.0
    add_rest(t, anchor.S, u, out)
    to_standard(t, k.F, out, 1, 1)
    for r in range(JQ, len(x)):
        out[r] += x[r]
    _with_rest(t, anchor, k, u, y)
    _add_inner(t, anchor, k, y, -1.0, out)


@jit
def _solve(t: Tables, anchor: Anchor, k: Work, x: Floats, close: float) -> None:
    """P⁻¹ x of the rest in place, by conjugate gradients (Hestenes & Stiefel, 1952)."""
    JQ, N = t.size[1] * t.size[2], len(x)
    left, step, near, image = k.krylov[0], k.krylov[1], k.krylov[2], k.krylov[3]
    for r in range(JQ, N):
        left[r], x[r], step[r] = x[r], 0.0, 0.0
    before = 0.0
    for _ in range(MOST):
        for r in range(JQ, N):
            near[r] = left[r]
        _scale_on(t, k, near)
        forward_rest(t, anchor.L, near)
        size = 0.0
        for r in range(JQ, N):
            size += near[r] * near[r]
        if not size > close:
            break
        backward_rest(t, anchor.L, near)
        _scale_back(t, k, near)
        share = size / before if before > 0.0 else 0.0
        for r in range(JQ, N):
            step[r] = near[r] + share * step[r]
        before = size
        _system(t, anchor, k, step, image)
        along = 0.0
        for r in range(JQ, N):
            along += step[r] * image[r]
        length = size / along
        for r in range(JQ, N):
            x[r] += length * step[r]
            left[r] -= length * image[r]


# Blocks on the diagonal


@jit
def _diagonal_factors(t: Tables, anchor: Anchor, k: Work, R: Floats) -> None:
    """R where `k` is, from the factor of inner effects' system in `k.D`; NaN where there is none."""
    for r in range(t.size[4]):
        a = t.before[r]
        for b in range(a + 1):
            R[r, b] = anchor.S[t.row[r] + r - a + b]
    _eliminate_inner(t, anchor, k, R)
    for r in range(t.size[4]):
        if t.before[r] == 0:
            _factor_block(t, k, r, R)


@jit
def _eliminate_inner(t: Tables, anchor: Anchor, k: Work, R: Floats) -> None:
    """Blocks of Z'WZ lose what inner effects explain."""
    q, B, w = t.size[2], anchor.B, k.block
    if q == 1:
        for j in range(t.size[1]):
            own = (k.F[0, 0, 0] * k.D[j]) ** 2
            for e in range(t.neighbour[j], t.neighbour[j + 1]):
                r = t.met[e]
                before = t.before[r]
                for b in range(before + 1):
                    R[r, b] -= own * B[e] * B[e - before + b]
        return
    for j in range(t.size[1]):
        at = j * q * q
        for e in range(t.neighbour[j], t.neighbour[j + 1]):
            # A level's effects are met side by side: what those before have is still there.
            r = t.met[e]
            before = t.before[r]
            for a in range(q):
                x = 0.0
                for c in range(a, q):
                    x += k.F[0, c, a] * B[e * q + c]
                for c in range(a):
                    x -= k.D[at + a * q + c] * w[before, c]
                w[before, a] = x * k.D[at + a * q + a]
            for b in range(before + 1):
                total = 0.0
                for a in range(q):
                    total += w[before, a] * w[b, a]
                R[r, b] -= total


@jit
def _factor_block(t: Tables, k: Work, r: int, R: Floats) -> None:
    """The factor of Λ'QΛ + I of the effects that go together from this one on, Q being in its place."""
    f, first, size = t.factor[r], t.column[r], t.left[r]
    for a in range(size):
        for b in range(a + 1):
            total = 1.0 if a == b else 0.0
            for c in range(a, size):
                for d in range(b, size):
                    total += k.F[f, first + c, first + a] * R[r + max(c, d), min(c, d)] * k.F[f, first + d, first + b]
            R[r + a, b] = total
    for a in range(size):
        for b in range(a + 1):
            x = R[r + a, b]
            for c in range(b):
                x -= R[r + a, c] * R[r + b, c]
            R[r + a, b] = sqrt(x) if a == b else x / R[r + b, b]


@jit
def _relate(t: Tables, anchor: Anchor, k: Work) -> float:
    """T in the place of R(ψ), which `k.T` has; the log determinant of M⁻¹."""
    total = 0.0
    for r in range(t.size[4] - 1, -1, -1):
        a = t.before[r]
        for c in range(a, -1, -1):
            x = anchor.R[r, c]
            for d in range(c + 1, a + 1):
                x -= k.T[r, d] * k.T[r - a + d, c]
            k.T[r, c] = x / k.T[r - a + c, c]
        total -= log(k.T[r, a] * anchor.L[t.row[r] + r])
    return total


@jit
def _scale_on(t: Tables, k: Work, x: Floats) -> None:
    """T x of the rest in place."""
    rest = x[t.size[1] * t.size[2] :]
    for r in range(t.size[4] - 1, -1, -1):
        a, total = t.before[r], 0.0
        for c in range(a + 1):
            total += k.T[r, c] * rest[r - a + c]
        rest[r] = total


@jit
def _scale_back(t: Tables, k: Work, x: Floats) -> None:
    """T' x of the rest in place."""
    rest = x[t.size[1] * t.size[2] :]
    for r in range(t.size[4]):
        a = t.before[r]
        y, rest[r] = rest[r], 0.0
        for c in range(a + 1):
            rest[r - a + c] += k.T[r, c] * y
