"""Effects of the rest by levels: given all else, those of one factor are as independent as the inner ones.

A new v for each level of a factor, from the anchor's quadratic given all other effects, taken or not on its own; ε
follows. Where thousands of effects go together, proposals for all at once are hardly accepted, and these are.
"""

from __future__ import annotations

from math import sqrt

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.views import copy, fill
from tildemc.targets.glmm.blocked import add_rest, rest_of_inner, to_effects, to_standard
from tildemc.targets.glmm.tables import Anchor, Tables, Work
from tildemc.targets.glmm.transport import row_values

__all__ = ["refresh_apart"]


@jit
def refresh_apart(
    t: Tables, anchor: Anchor, k: Work, noise: Floats, chance: Floats, gain: Floats, other: Work
) -> float:
    """New v of the rest; how many levels took theirs. What follows from ε is to be worked out again.

    `noise` has a standard normal number for each effect of the rest, `chance` a standard exponential one; `gain` is
    scratch.
    """
    taken, n, values = 0.0, t.size[0], other.g[0]
    row_values(t, k, k.u, values, other)
    for f in range(len(t.apart)):
        if t.apart[f] == 1:
            _propose(t, anchor, k, f, noise, gain, other)
            taken += _take(t, k, f, chance, gain, other)
    fill(k.ll, 0.0)
    for i in range(n):
        k.ll[t.inner[i]] += values[i]
    return taken


@jit
def _propose(t: Tables, anchor: Anchor, k: Work, f: int, noise: Floats, gain: Floats, other: Work) -> None:
    """New v and u of one factor, and what they gain in prior and proposal."""
    JQ, left, v = t.size[1] * t.size[2], other.d, other.v
    rest_of_inner(t, anchor.B, k.u, left)
    add_rest(t, anchor.S, k.u, left)
    to_standard(t, k.F, left, 1, 1)
    copy(k.v, v)
    for r in range(t.size[4]):
        left[JQ + r] = k.h[JQ + r] - left[JQ + r] - k.v[JQ + r]
        if t.factor[r] == f and t.column[r] == 0:
            gain[r] = 0.0
    for r in range(t.size[4]):
        if t.factor[r] == f and t.column[r] == 0:
            gain[r] = _of_level(t, anchor, k, r, noise, left, v, other.block)
    to_effects(t, k.F, v, other.u, 1, 1)
    for i in range(JQ):
        other.u[i] = k.u[i]


@jit
def _of_level(
    t: Tables, anchor: Anchor, k: Work, r: int, noise: Floats, left: Floats, v: Floats, block: Floats
) -> float:
    """New v of the level whose effects begin at r, by what is left of the quadratic's slope there; what that gains."""
    JQ, f, width = t.size[1] * t.size[2], t.factor[r], 1
    while r + width < t.size[4] and t.column[r + width] == width:
        width += 1
    for a in range(width):
        for b in range(a + 1):
            total = 1.0 if a == b else 0.0
            for c in range(a, width):
                for d in range(b, width):
                    total += k.F[f, c, a] * anchor.S[t.row[r + max(c, d)] + r + min(c, d)] * k.F[f, d, b]
            for c in range(b):
                total -= block[a, c] * block[b, c]
            block[a, b] = sqrt(total) if a == b else total / block[b, b]
    gain, step = 0.0, block[width]
    for a in range(width):
        x = left[JQ + r + a]
        for c in range(a):
            x -= block[a, c] * left[JQ + r + c]
        x /= block[a, a]
        left[JQ + r + a] = x
        step[a] = x + noise[r + a]
        gain += 0.5 * (noise[r + a] * noise[r + a] - x * x)
    for a in range(width - 1, -1, -1):
        x = step[a]
        for c in range(a + 1, width):
            x -= block[c, a] * step[c]
        step[a] = x / block[a, a]
        old = k.v[JQ + r + a]
        v[JQ + r + a] = old + step[a]
        gain += 0.5 * (old * old - v[JQ + r + a] * v[JQ + r + a])
    return gain


@jit
def _take(t: Tables, k: Work, f: int, chance: Floats, gain: Floats, other: Work) -> float:
    JQ, n, taken, column = t.size[1] * t.size[2], t.size[0], 0.0, 0
    while t.factor[t.place[column, 0]] != f or t.column[t.place[column, 0]] != 0:
        column += 1
    head, old, new = t.place[column], other.g[0], other.w[0]
    row_values(t, k, other.u, new, other)
    for i in range(n):
        gain[head[i]] += new[i] - old[i]
    for r in range(t.size[4]):
        if t.factor[r] == f:
            if t.column[r] == 0:
                gain[r] = 1.0 if chance[r] > -gain[r] else 0.0
                taken += gain[r]
            if gain[r - t.column[r]] > 0.0:
                k.v[JQ + r], k.u[JQ + r] = other.v[JQ + r], other.u[JQ + r]
    for i in range(n):
        if gain[head[i]] > 0.0:
            old[i] = new[i]
    return taken
