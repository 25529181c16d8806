"""The anchor, a quadratic that all points share: about a mode, or by averages about the effects' mean."""

from __future__ import annotations

from tildemc.kernels import jit
from tildemc.kernels.views import Matrix, copy, fill
from tildemc.targets.glmm.blocked import inner_sums, rest_sums, to_effects
from tildemc.targets.glmm.kept import keep
from tildemc.targets.glmm.tables import RUN, Anchor, Tables, Work
from tildemc.targets.glmm.transport import all_rows, predict, settle

__all__ = ["average_anchor", "make_anchor"]

STEP = 1e-4
"""Of differences."""


@jit
def make_anchor(t: Tables, k: Work, new: Anchor) -> bool:
    """The quadratic at `k.v0`, where a point has its mode; whether there is a factor."""
    to_effects(t, k.F, k.v0, k.u, 0, 1)
    all_rows(t, k, k.u, k)
    return _gather(t, k, new)


@jit
def average_anchor(t: Tables, anchor: Anchor, k: Work, eps: Matrix, sums: Work, new: Anchor) -> bool:
    """The quadratic about `k.v0` by the mean slope and curvature over what T makes of each ε and of -ε.

    Its mode is then about where the effects' mean is, not their mode: Opper & Archambeau (2009), The variational
    Gaussian approximation revisited, Neural Computation 21. Of pairs the slopes' linear parts cancel, so that a few are
    enough.
    """
    share = 0.5 / eps.shape[0]
    g, w, slopes, curvatures = sums.g.flat, sums.w.flat, k.g.flat, k.w.flat
    fill(g, 0.0)
    fill(w, 0.0)
    for s in range(2 * eps.shape[0]):
        sign = 1.0 if s % 2 == 0 else -1.0
        for i in range(len(sums.d)):
            sums.d[i] = sign * eps[s // 2, i]
        settle(t, anchor, k, sums.d, 0, k)
        all_rows(t, k, k.u, k)
        for i in range(len(g)):
            g[i] += share * slopes[i]
        for i in range(len(w)):
            w[i] += share * curvatures[i]
    copy(g, slopes)
    copy(w, curvatures)
    to_effects(t, k.F, k.v0, k.u, 0, 1)
    return _gather(t, k, new)


@jit
def _gather(t: Tables, k: Work, new: Anchor) -> bool:
    """The quadratic of the rows' slopes and curvatures in `k`, about `k.u`."""
    n, q, R = t.size[0], t.size[2], t.size[3]
    fill(new.c, 0.0)
    fill(new.ZWX.flat, 0.0)
    inner_sums(t, k.w, k.g, new.D, new.c)
    rest_sums(t, k.w, k.g, new.B, new.S, new.c)
    for lo in range(0, n, RUN):
        hi = min(lo + RUN, n)
        predict(t, k.base, k.u, lo, hi, k.eta)
        for a in range(q + R):
            _add_working(t, k, a, lo, hi, new)
    for p in range(t.size[10], t.size[8]):
        if t.follows[p] == 1:
            _follow(t, k, p, new)
    return keep(t, k, new)


@jit
def _add_working(t: Tables, k: Work, a: int, lo: int, hi: int, new: Anchor) -> None:
    """What some rows add to c and Z'WX of the effects that one column is of."""
    q, JQ, moves = t.size[2], t.size[1] * t.size[2], t.moves[a]
    for p in range(t.size[10]):
        w = k.w[max(p, moves) * (max(p, moves) + 1) // 2 + min(p, moves)]
        for i in range(lo, hi):
            at = t.inner[i] * q + a if a < q else JQ + t.place[a - q, i]
            zw = t.Z[a, i] * w[i]
            new.c[at] += zw * (k.eta[p, i - lo] - t.offset[p, i])
            for c in range(t.first[p], t.first[p + 1]):
                new.ZWX[at, c] += zw * t.columns[c, i]


@jit
def _follow(t: Tables, k: Work, p: int, new: Anchor) -> None:
    """Let the quadratic move with the numbers of another parameter, by differences of slopes as that moves."""
    n, q, JQ = t.size[0], t.size[2], t.size[1] * t.size[2]
    first, columns, base = t.scalar[p] - t.scalar[0], t.first[p + 1] - t.first[p], k.base[p]
    for sign in range(2):
        step = STEP if sign == 0 else -STEP
        for i in range(n):
            base[i] += step
        all_rows(t, k, k.u, k)
        for i in range(n):
            base[i] -= step
        for a in range(q + t.size[3]):
            slopes = k.g[t.moves[a]]
            for i in range(n):
                at = t.inner[i] * q + a if a < q else JQ + t.place[a - q, i]
                change = t.Z[a, i] * slopes[i] / (2.0 * step)
                new.c[at] -= change * (base[i] - t.offset[p, i])
                if columns == 0:
                    new.ZWX[at, first + t.kind[p, i]] -= change
                for c in range(columns):
                    new.ZWX[at, first + c] -= change * t.columns[t.first[p] + c, i]
