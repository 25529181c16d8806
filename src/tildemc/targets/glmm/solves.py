"""Solutions by the factor of the blocked system, A = L L': L⁻¹ x, L⁻ᵀ x and their ways back, by parts."""

from __future__ import annotations

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.targets.glmm.tables import Tables, Work

__all__ = [
    "backward_blocks",
    "backward_inner",
    "backward_rest",
    "forward",
    "forward_blocks",
    "forward_rest",
    "return_blocks",
    "return_rest",
]


@jit
def forward(t: Tables, k: Work, x: Floats) -> None:
    """L⁻¹ x in place."""
    J, q, JQ = t.size[1], t.size[2], t.size[1] * t.size[2]
    forward_blocks(t, k.D, x)
    for j in range(J):
        for e in range(t.neighbour[j], t.neighbour[j + 1]):
            total = 0.0
            for a in range(q):
                total += k.B[e * q + a] * x[j * q + a]
            x[JQ + t.met[e]] -= total
    forward_rest(t, k.S, x)


@jit
def forward_rest(t: Tables, S: Floats, x: Floats) -> None:
    """The rest's own factor in S, inverted, times x in place."""
    JQ = t.size[1] * t.size[2]
    for h in range(t.size[5]):
        lo = t.component[h]
        for r in range(lo, t.component[h + 1]):
            total, row, y = x[JQ + r], S[t.row[r] + lo : t.row[r] + r], x[JQ + lo : JQ + r]
            for c in range(r - lo):
                total -= row[c] * y[c]
            x[JQ + r] = total * S[t.row[r] + r]


@jit
def forward_blocks(t: Tables, D: Floats, x: Floats) -> None:
    """C⁻¹ x of each level in place."""
    J, q = t.size[1], t.size[2]
    if q == 1:
        for j in range(J):
            x[j] *= D[j]
        return
    for j in range(J):
        at, place = j * q * q, j * q
        for a in range(q):
            total = x[place + a]
            for c in range(a):
                total -= D[at + a * q + c] * x[place + c]
            x[place + a] = total * D[at + a * q + a]


@jit
def backward_blocks(t: Tables, D: Floats, x: Floats) -> None:
    """C⁻ᵀ x of each level in place."""
    J, q = t.size[1], t.size[2]
    if q == 1:
        for j in range(J):
            x[j] *= D[j]
        return
    for j in range(J):
        at, place = j * q * q, j * q
        for a in range(q - 1, -1, -1):
            total = x[place + a]
            for c in range(a + 1, q):
                total -= D[at + c * q + a] * x[place + c]
            x[place + a] = total * D[at + a * q + a]


@jit
def backward_rest(t: Tables, S: Floats, x: Floats) -> None:
    """The rest of L⁻ᵀ x in place, the rest's own factor being in S."""
    JQ = t.size[1] * t.size[2]
    for h in range(t.size[5]):
        lo = t.component[h]
        for r in range(t.component[h + 1] - 1, lo - 1, -1):
            y = x[JQ + r] * S[t.row[r] + r]
            x[JQ + r] = y
            row, before = S[t.row[r] + lo : t.row[r] + r], x[JQ + lo : JQ + r]
            for c in range(r - lo):
                before[c] -= row[c] * y


@jit
def return_rest(t: Tables, S: Floats, x: Floats) -> None:
    """What `backward_rest` had, in place."""
    JQ = t.size[1] * t.size[2]
    for h in range(t.size[5]):
        lo = t.component[h]
        for r in range(lo, t.component[h + 1]):
            y = x[JQ + r]
            row, before = S[t.row[r] + lo : t.row[r] + r], x[JQ + lo : JQ + r]
            for c in range(r - lo):
                before[c] += row[c] * y
            x[JQ + r] = y / S[t.row[r] + r]


@jit
def backward_inner(t: Tables, k: Work, x: Floats) -> None:
    """The inner part of L⁻ᵀ x in place, whose rest is done."""
    J, q, JQ = t.size[1], t.size[2], t.size[1] * t.size[2]
    for j in range(J):
        for e in range(t.neighbour[j], t.neighbour[j + 1]):
            y = x[JQ + t.met[e]]
            for a in range(q):
                x[j * q + a] -= k.B[e * q + a] * y
    backward_blocks(t, k.D, x)


@jit
def return_blocks(t: Tables, D: Floats, x: Floats) -> None:
    """What `backward_blocks` had, in place."""
    J, q = t.size[1], t.size[2]
    for j in range(J):
        at, place = j * q * q, j * q
        for a in range(q):
            total = x[place + a] / D[at + a * q + a]
            for c in range(a + 1, q):
                total += D[at + c * q + a] * x[place + c]
            x[place + a] = total
