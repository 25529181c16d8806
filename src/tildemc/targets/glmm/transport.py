"""The transport v = T_ψ(ε), a bijection for each point ψ, the density of (ψ, ε), and Laplace's approximation.

The rest goes by the anchor's quadratic, v_r = v0_r + L_r⁻ᵀ ε_r; then, given the rest, each inner level by one Newton
step from where that quadratic has it, v_j = v1_j + C_j⁻ᵀ ε_j, or without one. T is triangular: its Jacobian is
1 / (det L_r Π det C_j). How good it is decides how often a chain moves, not what it converges to.
"""

from __future__ import annotations

from math import inf, isfinite

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.views import copy, fill
from tildemc.targets.glmm.blocked import (
    factorise,
    factorise_blocks,
    inner_sums,
    rest_sums,
    scale,
    scale_blocks,
    to_effects,
    to_standard,
)
from tildemc.targets.glmm.kept import carry_by_kept, follow_by_kept, locate_by_kept, return_by_kept
from tildemc.targets.glmm.rows import call_rows
from tildemc.targets.glmm.solves import (
    backward_blocks,
    backward_inner,
    backward_rest,
    forward,
    forward_blocks,
    return_blocks,
    return_rest,
)
from tildemc.targets.glmm.tables import RUN, Anchor, Tables, Work

__all__ = [
    "all_rows",
    "level_values",
    "locate",
    "newton",
    "predict",
    "row_values",
    "settle",
    "unsettle",
]

NEAR = 0.1
"""A Newton step that would gain more is not the last of those that lead to a mode."""


@jit
def _base(t: Tables, scalars: Floats, k: Work) -> None:
    """What a point says of each parameter without group effects."""
    n = t.size[0]
    for p in range(t.size[8]):
        base, offset, at, first = k.base[p], t.offset[p], t.scalar[p], t.first[p]
        columns = t.first[p + 1] - first
        if columns == 0 and t.kind[p, 0] >= 0:
            kind = t.kind[p]
            for i in range(n):
                base[i] = scalars[at + kind[i]]
            continue
        for lo in range(0, n, RUN):
            hi = min(lo + RUN, n)
            for i in range(lo, hi):
                base[i] = offset[i]
            for c in range(columns):
                b, x = scalars[at + c], t.columns[first + c]
                for i in range(lo, hi):
                    base[i] += b * x[i]


@jit
def predict(t: Tables, base: Floats, u: Floats, lo: int, hi: int, eta: Floats) -> None:
    """The linear predictors of some rows."""
    J, q, R = t.size[1], t.size[2], t.size[3]
    index, rest = t.inner[lo:hi], u[J * q :]
    for k in range(t.size[10]):
        own, alone = eta[k], base[k]
        for i in range(hi - lo):
            own[i] = alone[lo + i]
    for c in range(q):
        own = eta[t.moves[c]]
        if t.ones[c] == 1:
            for i in range(hi - lo):
                own[i] += u[index[i] * q + c]
        else:
            z = t.Z[c][lo:hi]
            for i in range(hi - lo):
                own[i] += z[i] * u[index[i] * q + c]
    for c in range(R):
        at, own = t.place[c][lo:hi], eta[t.moves[q + c]]
        if t.ones[q + c] == 1:
            for i in range(hi - lo):
                own[i] += rest[at[i]]
        else:
            z = t.Z[q + c][lo:hi]
            for i in range(hi - lo):
                own[i] += z[i] * rest[at[i]]


@jit
def _call(t: Tables, function: int, k: Work, lo: int, hi: int, out: Work) -> float:
    """A row function at `out.eta`, on the rows from `lo` to `hi`."""
    n, others = t.size[0], k.base.flat[t.size[10] * t.size[0] + lo :]
    return call_rows(
        function, hi - lo, n, t.given.flat[lo:], t.weights[lo:hi], others, out.eta, out.g.flat[lo:], out.w.flat[lo:]
    )


@jit
def all_rows(t: Tables, k: Work, u: Floats, out: Work) -> float:
    """The log likelihood at effects u; slopes and curvatures into `out`."""
    n, total = t.size[0], 0.0
    for lo in range(0, n, RUN):
        hi = min(lo + RUN, n)
        predict(t, k.base, u, lo, hi, out.eta)
        total += _call(t, t.curved, k, lo, hi, out)
    return total


@jit
def level_values(t: Tables, k: Work, u: Floats, out: Work) -> None:
    """The log likelihood of each inner level's rows at effects u, into `out.ll`."""
    n, value = t.size[0], out.eta[0]
    fill(out.ll, 0.0)
    for lo in range(0, n, RUN):
        hi = min(lo + RUN, n)
        predict(t, k.base, u, lo, hi, out.eta)
        _call(t, t.values, k, lo, hi, out)
        # Rows are sorted by level: the sum stays at hand.
        index = t.inner[lo:hi]
        j, total = index[0], 0.0
        for i in range(hi - lo):
            if index[i] != j:
                out.ll[j] += total
                j, total = index[i], 0.0
            total += value[i]
        out.ll[j] += total


@jit
def row_values(t: Tables, k: Work, u: Floats, values: Floats, out: Work) -> None:
    """The log likelihood of each row at effects u, into `values`."""
    n, found = t.size[0], out.eta[0]
    for lo in range(0, n, RUN):
        hi = min(lo + RUN, n)
        predict(t, k.base, u, lo, hi, out.eta)
        _call(t, t.values, k, lo, hi, out)
        for i in range(lo, hi):
            values[i] = found[i - lo]


@jit
def locate(t: Tables, anchor: Anchor, scalars: Floats, F: Floats, k: Work, close: float) -> bool:
    """The mode of the anchor's quadratic at a point, and the factor of the system there: no pass over the rows.

    Where the anchor's factor is kept, the mode is iterated until its squared distance in posterior sds is `close`.
    """
    _base(t, scalars, k)
    copy(F.flat, k.F.flat)
    for i in range(len(k.v0)):
        total = anchor.c[i]
        for c in range(t.size[9]):
            total -= anchor.ZWX[i, c] * scalars[t.scalar[0] + c]
        k.v0[i] = total
    to_standard(t, k.F, k.v0, 0, 1)
    copy(k.v0, k.h)
    found = locate_by_kept(t, anchor, k, close) if t.kept == 1 else _locate_by_factor(t, anchor, k)
    return found and (isfinite(k.v0[0]) if len(k.v0) > 0 else True)


@jit
def _locate_by_factor(t: Tables, anchor: Anchor, k: Work) -> bool:
    """From h in `k.v0` to the mode there."""
    copy(anchor.D, k.D)
    copy(anchor.B, k.B)
    copy(anchor.S, k.S)
    scale(t, k.F, k)
    k.value[0] = factorise(t, k)
    if not isfinite(k.value[0]):
        return False
    forward(t, k, k.v0)
    backward_rest(t, k.S, k.v0)
    backward_inner(t, k, k.v0)
    return True


@jit
def settle(t: Tables, anchor: Anchor, k: Work, eps: Floats, steps: int, out: Work) -> float:
    """Carry ε to v at the point that `k` is located at; the log density of (ψ, ε) but for ψ's prior.

    `out`, which may be `k`, gets all that depends on ε.
    """
    JQ, v, d = t.size[1] * t.size[2], out.v, out.d
    for r in range(JQ, len(v)):
        d[r] = eps[r]
    if t.kept == 1:
        carry_by_kept(t, anchor, k, d)
    else:
        backward_rest(t, k.S, d)
    _follow_rest(t, anchor, k, d)
    for i in range(len(v)):
        v[i] = k.v0[i] + d[i]
    if not _centre_levels(t, k, steps, out):
        out.value[1] = -inf
        return -inf
    for i in range(JQ):
        d[i] = eps[i]
    backward_blocks(t, out.C, d)
    for i in range(JQ):
        v[i] = out.centre[i] + d[i]
    to_effects(t, k.F, v, out.u, 0, 1)
    level_values(t, k, out.u, out)
    return log_density(t, k, out)


@jit
def unsettle(t: Tables, anchor: Anchor, k: Work, eps: Floats, steps: int, out: Work) -> bool:
    """ε from v in `k`, and what else depends on it there, but for log likelihoods; `out` is scratch.

    False where it could not be computed.
    """
    JQ, v, d = t.size[1] * t.size[2], out.v, out.d
    for i in range(JQ, len(v)):
        eps[i] = k.v[i] - k.v0[i]
    copy(eps, d)
    if t.kept == 1:
        return_by_kept(t, anchor, k, eps)
    else:
        return_rest(t, k.S, eps)
    _follow_rest(t, anchor, k, d)
    for i in range(len(v)):
        v[i] = k.v0[i] + d[i]
    if not _centre_levels(t, k, steps, out):
        return False
    for i in range(JQ):
        eps[i] = k.v[i] - out.centre[i]
    return_blocks(t, out.C, eps)
    copy(out.centre, k.centre)
    copy(out.C, k.C)
    copy(out.root, k.root)
    return True


@jit
def _follow_rest(t: Tables, anchor: Anchor, k: Work, d: Floats) -> None:
    """Inner levels follow the rest's d as the quadratic has it."""
    for i in range(t.size[1] * t.size[2]):
        d[i] = 0.0
    if t.kept == 1:
        follow_by_kept(t, anchor, k, d)
    else:
        backward_inner(t, k, d)


@jit
def _centre_levels(t: Tables, k: Work, steps: int, out: Work) -> bool:
    """Centres and factors of inner levels, from where the quadratic has them in `out.v`, with or without a step."""
    for i in range(t.size[1] * t.size[2]):
        out.centre[i] = out.v[i]
    if steps == 0:
        copy(k.D, out.C)
        copy(k.root, out.root)
        return True
    return _newton_of_levels(t, k, out)


@jit
def log_density(t: Tables, k: Work, out: Work) -> float:
    """Of (ψ, ε), from what `settle` has left; -inf where a number is not finite."""
    total = -k.value[0]
    for i in range(len(out.v)):
        total -= 0.5 * out.v[i] * out.v[i]
    for j in range(t.size[1]):
        total += out.ll[j] - out.root[j]
    total = total if isfinite(total) else -inf
    out.value[1] = total
    return total


@jit
def _newton_of_levels(t: Tables, k: Work, out: Work) -> bool:
    """A Newton step of the inner levels given the rest, from `out.v`: centres, factors, their log determinants."""
    J, JQ = t.size[1], t.size[1] * t.size[2]
    to_effects(t, k.F, out.v, out.u, 0, 1)
    all_rows(t, k, out.u, out)
    inner_sums(t, out.w, out.g, out.C, out.d)
    to_standard(t, k.F, out.d, 0, 0)
    scale_blocks(t, k.F, out.C, out.square)
    factorise_blocks(t, out.C, out.root)
    for i in range(JQ):
        out.d[i] -= out.v[i]
    forward_blocks(t, out.C, out.d)
    backward_blocks(t, out.C, out.d)
    total = 0.0
    for i in range(JQ):
        out.centre[i] += out.d[i]
        total += out.centre[i]
    for j in range(J):
        total += out.root[j]
    return isfinite(total)


@jit
def newton(t: Tables, k: Work, steps: int, tolerance: float) -> bool:
    """Newton steps of all effects from `k.v0`, which stays the mode; Laplace's log likelihood into `k.value[2]`.

    A step that makes things worse is halved. The last step's gain is added, and what is left is of fourth order in it;
    where that is no small gain, the mode is not near and there is no approximation.
    """
    best, v, halved, gain = -inf, k.v, 0, inf
    copy(k.v0, v)
    k.value[2] = -inf
    for _ in range(steps):
        to_effects(t, k.F, v, k.u, 0, 1)
        found = all_rows(t, k, k.u, k)
        for i in range(len(v)):
            found -= 0.5 * v[i] * v[i]
        if not found >= best - 1e-9 * abs(best) and halved < 30:
            halved += 1
            for i in range(len(v)):
                v[i] = 0.5 * (v[i] + k.v0[i])
            continue
        best, halved = found, 0
        inner_sums(t, k.w, k.g, k.D, k.d)
        rest_sums(t, k.w, k.g, k.B, k.S, k.d)
        scale(t, k.F, k)
        to_standard(t, k.F, k.d, 0, 1)
        for i in range(len(v)):
            k.d[i] -= v[i]
        k.value[0] = factorise(t, k)
        det = k.value[0]
        for j in range(t.size[1]):
            det += k.root[j]
        if not isfinite(det):
            return False
        forward(t, k, k.d)
        gain = 0.0
        for i in range(len(v)):
            gain += 0.5 * k.d[i] * k.d[i]
        backward_rest(t, k.S, k.d)
        backward_inner(t, k, k.d)
        copy(v, k.v0)
        for i in range(len(v)):
            v[i] += k.d[i]
        k.value[2] = best + gain - det
        if gain < tolerance:
            break
    copy(v, k.v0)
    return gain < NEAR and isfinite(k.value[2])
