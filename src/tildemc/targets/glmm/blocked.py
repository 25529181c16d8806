"""The blocked system A = Λ'Z'WZΛ + I = L L': its sums over rows, and its factor.

The inner levels' part of A is block diagonal. What is left of the rest once they are eliminated falls into components,
each a dense matrix: none for one factor, one for each top level of nested factors, one in all for crossed factors.
"""

from __future__ import annotations

from math import nan, sqrt

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.views import fill
from tildemc.targets.direct.special import log
from tildemc.targets.glmm.tables import Tables, Work
from tildemc.targets.marginal.lapack import factor_lower

__all__ = [
    "add_rest",
    "factorise",
    "factorise_blocks",
    "inner_sums",
    "rest_of_inner",
    "rest_sums",
    "scale",
    "scale_blocks",
    "to_effects",
    "to_standard",
]

SMALL = 64
"""Up to this size a plain loop factors about as fast as LAPACK, and needs no call."""


@jit
def inner_sums(t: Tables, w: Floats, g: Floats, D: Floats, out: Floats) -> None:
    """Z'WZ of the inner effects, lower triangles, into D, and Z'g into `out`."""
    J, q = t.size[1], t.size[2]
    if q == 1 and t.ones[0] == 1:
        own, slopes = w[t.pair[0, 0]], g[t.moves[0]]
        for j in range(J):
            a, b = 0.0, 0.0
            for i in range(t.start[j], t.start[j + 1]):
                a += own[i]
                b += slopes[i]
            D[j], out[j] = a, b
        return
    fill(D, 0.0)
    for i in range(J * q):
        out[i] = 0.0
    for a in range(q):
        za, slopes = t.Z[a], g[t.moves[a]]
        for j in range(J):
            total = 0.0
            for i in range(t.start[j], t.start[j + 1]):
                total += slopes[i] * za[i]
            out[j * q + a] = total
        for b in range(a + 1):
            zb, own = t.Z[b], w[t.pair[a, b]]
            for j in range(J):
                total = 0.0
                for i in range(t.start[j], t.start[j + 1]):
                    total += own[i] * za[i] * zb[i]
                D[(j * q + a) * q + b] = total


@jit
def rest_sums(t: Tables, w: Floats, g: Floats, B: Floats, S: Floats, out: Floats) -> None:
    """Z'WZ of the rest with the inner effects, into B, and with itself, lower triangles, into S; Z'g into `out`."""
    J, q, R, JQ = t.size[1], t.size[2], t.size[3], t.size[1] * t.size[2]
    fill(B, 0.0)
    fill(S, 0.0)
    for r in range(t.size[4]):
        out[JQ + r] = 0.0
    for j in range(J):
        entries = t.neighbour[j]
        for i in range(t.start[j], t.start[j + 1]):
            for c in range(R):
                r, z = t.place[c, i], t.Z[q + c, i]
                at, pair = (entries + t.slot[c, i]) * q, t.pair[q + c]
                out[JQ + r] += g[t.moves[q + c], i] * z
                for a in range(q):
                    B[at + a] += w[pair[a], i] * z * t.Z[a, i]
                for h in range(c + 1):
                    o = t.place[h, i]
                    # Two columns of one row may be of one effect, which then is there twice.
                    times = 2.0 if o == r and h < c else 1.0
                    S[t.row[max(r, o)] + min(r, o)] += times * w[pair[q + h], i] * z * t.Z[q + h, i]


@jit
def to_effects(t: Tables, F: Floats, v: Floats, u: Floats, first: int, last: int) -> None:
    """U = Λ v; of the inner effects where `first` is 0, of the rest where `last` is 1."""
    J, q = t.size[1], t.size[2]
    JQ = J * q
    if first == 0 and t.simple[0] == 1:
        f = F[0, 0, 0]
        for i in range(JQ):
            u[i] = f * v[i]
    elif first == 0:
        for j in range(J):
            for a in range(q):
                x = 0.0
                for c in range(a + 1):
                    x += F[0, a, c] * v[j * q + c]
                u[j * q + a] = x
    if last == 1:
        for r in range(t.size[4]):
            k, a = t.factor[r], t.column[r]
            x = F[k, a, a] * v[JQ + r]
            if t.simple[1] == 0:
                for c in range(1, a + 1):
                    # A place whose level's columns reach as far as this one belongs to its sum.
                    if t.left[r - c] > c:
                        x += F[k, a, a - c] * v[JQ + r - c]
            u[JQ + r] = x


@jit
def to_standard(t: Tables, F: Floats, x: Floats, first: int, last: int) -> None:
    """Λ' x in place; of the inner effects where `first` is 0, of the rest where `last` is 1."""
    J, q = t.size[1], t.size[2]
    JQ = J * q
    if first == 0 and q == 1:
        f = F[0, 0, 0]
        for j in range(J):
            x[j] *= f
    elif first == 0:
        for j in range(J):
            for a in range(q):
                total = 0.0
                for c in range(a, q):
                    total += F[0, c, a] * x[j * q + c]
                x[j * q + a] = total
    if last == 1:
        for r in range(t.size[4]):
            k, a = t.factor[r], t.column[r]
            total = 0.0
            for c in range(t.left[r]):
                total += F[k, a + c, a] * x[JQ + r + c]
            x[JQ + r] = total


@jit
def rest_of_inner(t: Tables, B: Floats, u: Floats, out: Floats) -> None:
    """Z'WZ u of the rest, of inner effects u."""
    J, q, JQ = t.size[1], t.size[2], t.size[1] * t.size[2]
    for r in range(JQ, len(out)):
        out[r] = 0.0
    for j in range(J):
        for a in range(q):
            x = u[j * q + a]
            for e in range(t.neighbour[j], t.neighbour[j + 1]):
                out[JQ + t.met[e]] += x * B[e * q + a]


@jit
def add_rest(t: Tables, S: Floats, u: Floats, out: Floats) -> None:
    """The rest's Z'WZ u of its own effects is added."""
    JQ = t.size[1] * t.size[2]
    for r in range(t.size[4]):
        row, first, total, own = t.row[r], t.reach[r], 0.0, u[JQ + r]
        each, before, left = S[row + first : row + r], u[JQ + first : JQ + r], out[JQ + first : JQ + r]
        for c in range(r - first):
            total += each[c] * before[c]
            left[c] += each[c] * own
        out[JQ + r] += total + S[row + r] * own


@jit
def scale_blocks(t: Tables, F: Floats, D: Floats, square: Floats) -> None:
    """Each level's block Z'WZ, a lower triangle, becomes F' Z'WZ F + I."""
    J, q = t.size[1], t.size[2]
    if q == 1:
        f = F[0, 0, 0] * F[0, 0, 0]
        for j in range(J):
            D[j] = D[j] * f + 1.0
        return
    for j in range(J):
        _scale_block(q, F, D, j * q * q, square)


@jit
def _scale_block(q: int, F: Floats, D: Floats, at: int, square: Floats) -> None:
    for a in range(q):
        for b in range(a):
            D[at + b * q + a] = D[at + a * q + b]
    column = square[0]
    for a in range(q):
        for b in range(q):
            total = 0.0
            for c in range(b, q):
                total += D[at + a * q + c] * F[0, c, b]
            column[b] = total
        for b in range(q):
            D[at + a * q + b] = column[b]
    for b in range(q):
        for a in range(b, q):
            total = 0.0
            for c in range(a, q):
                total += F[0, c, a] * D[at + c * q + b]
            D[at + a * q + b] = total
        D[at + b * q + b] += 1.0


@jit
def scale(t: Tables, F: Floats, k: Work) -> None:
    """Z'WZ -> Λ'Z'WZΛ + I in place."""
    scale_blocks(t, F, k.D, k.square)
    _scale_entries(t, F, k)
    for h in range(t.size[5]):
        lo, hi = t.component[h], t.component[h + 1]
        if t.simple[1] == 0:
            _scale_component(t, F, k.S, lo, hi)
        else:
            for r in range(lo, hi):
                f, row = F[t.factor[r], 0, 0], t.row[r]
                for o in range(lo, r + 1):
                    k.S[row + o] *= f * F[t.factor[o], 0, 0]
        for r in range(lo, hi):
            k.S[t.row[r] + r] += 1.0


@jit
def _scale_entries(t: Tables, F: Floats, k: Work) -> None:
    q, B = t.size[2], k.B
    for e in range(t.size[6]):
        r = t.met[e]
        f, a = t.factor[r], t.column[r]
        for b in range(q):
            total = 0.0
            for c in range(t.left[r]):
                total += F[f, a + c, a] * B[(e + c) * q + b]
            B[e * q + b] = total
        if q == 1:
            B[e] *= F[0, 0, 0]
            continue
        for b in range(q):
            total = 0.0
            for c in range(b, q):
                total += B[e * q + c] * F[0, c, b]
            B[e * q + b] = total


@jit
def _scale_component(t: Tables, F: Floats, S: Floats, lo: int, hi: int) -> None:
    for r in range(lo, hi):
        for o in range(lo, r):
            S[t.row[o] + r] = S[t.row[r] + o]
    # Rows first, then columns: each takes only what stands after it, which is as it was.
    for r in range(lo, hi):
        f, a = t.factor[r], t.column[r]
        for o in range(lo, hi):
            total = 0.0
            for c in range(t.left[r]):
                total += F[f, a + c, a] * S[t.row[r + c] + o]
            S[t.row[r] + o] = total
    for r in range(lo, hi):
        f, a = t.factor[r], t.column[r]
        for o in range(lo, hi):
            total = 0.0
            for c in range(t.left[r]):
                total += F[f, a + c, a] * S[t.row[o] + r + c]
            S[t.row[o] + r] = total


@jit
def factorise_blocks(t: Tables, D: Floats, root: Floats) -> None:
    """The lower factor of each level's block in place, with one over its diagonal; log determinants, NaN if none."""
    J, q = t.size[1], t.size[2]
    if q == 1:
        # Several levels at a time: nothing here has a branch.
        for j in range(J):
            root[j] = 0.5 * log(D[j])
            D[j] = 1.0 / sqrt(D[j])
        return
    for j in range(J):
        root[j] = _cholesky(D, j * q * q, q)


@jit
def _cholesky(D: Floats, at: int, q: int) -> float:
    total, least = 0.0, 1.0
    for a in range(q):
        for b in range(a + 1):
            x = D[at + a * q + b]
            for c in range(b):
                x -= D[at + a * q + c] * D[at + b * q + c]
            if a == b:
                least = min(least, x)
                total += 0.5 * log(x)
                D[at + a * q + a] = 1.0 / sqrt(x)
            else:
                D[at + a * q + b] = x * D[at + b * q + b]
    return total if least > 0.0 else nan


@jit
def factorise(t: Tables, k: Work) -> float:
    """The factor of the whole in place; the log determinant of the rest's part, and `k.root` that of each level's."""
    factorise_blocks(t, k.D, k.root)
    for j in range(t.size[1]):
        _eliminate(t, k, j)
    total = 0.0
    for h in range(t.size[5]):
        n, at = t.component[h + 1] - t.component[h], t.row[t.component[h]] + t.component[h]
        total += _by_lapack(k, at, n) if n > SMALL else _cholesky(k.S, at, n)
    return total


@jit
def _by_lapack(k: Work, at: int, n: int) -> float:
    """As `_cholesky`, of the component whose matrix stands there."""
    S, total = k.S[at : at + n * n], 0.0
    if not factor_lower(S, n, k.routine):
        return nan
    for r in range(n):
        total += log(S[r * n + r])
        S[r * n + r] = 1.0 / S[r * n + r]
    return total


@jit
def _eliminate(t: Tables, k: Work, j: int) -> None:
    """B_j becomes B_j C_j'⁻¹, and the rest loses the product of that with itself."""
    q, first, last = t.size[2], t.neighbour[j], t.neighbour[j + 1]
    at = j * q * q
    for e in range(first, last):
        for a in range(q):
            x = k.B[e * q + a]
            for c in range(a):
                x -= k.D[at + a * q + c] * k.B[e * q + c]
            k.B[e * q + a] = x * k.D[at + a * q + a]
    if first < last and t.met[last - 1] - t.met[first] == last - 1 - first:
        _eliminate_side_by_side(t, k, first, last)
        return
    for e in range(first, last):
        row = t.row[t.met[e]]
        if q == 1:
            b = k.B[e]
            for o in range(first, e + 1):
                k.S[row + t.met[o]] -= b * k.B[o]
        else:
            for o in range(first, e + 1):
                x = 0.0
                for a in range(q):
                    x += k.B[e * q + a] * k.B[o * q + a]
                k.S[row + t.met[o]] -= x


@jit
def _eliminate_side_by_side(t: Tables, k: Work, first: int, last: int) -> None:
    """The same where what a level meets stands side by side: several numbers of a row at a time."""
    q, n, least = t.size[2], last - first, t.met[first]
    for e in range(first, last):
        at = t.row[t.met[e]] + least
        S, size = k.S[at : at + n], e - first + 1
        if q == 1:
            b, B = k.B[e], k.B[first:last]
            for o in range(size):
                S[o] -= b * B[o]
            continue
        for o in range(size):
            x = 0.0
            for a in range(q):
                x += k.B[e * q + a] * k.B[(first + o) * q + a]
            S[o] -= x
