"""Group effects r = z L'; what they and the population effects add to the predictors of rows; and the way back."""

from __future__ import annotations

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.views import add, fill
from tildemc.targets.direct.between import relate, relate_back
from tildemc.targets.direct.mixing import mix, mix_back
from tildemc.targets.direct.tables import DIAGONAL, NONE, SPECTRUM, Block, Group, Slot, Tables
from tildemc.targets.direct.transport import carry, carry_back

__all__ = ["build_effects", "differentiate_effects", "differentiate_predictor", "predict"]


@jit
def build_effects(
    t: Tables, value: Floats, factors: Floats, effects: Floats, targets: Floats, space: Floats
) -> float:  # fmt: skip
    """Fill `effects` with each grouping's r, (levels + 1, width), its last row zero; `targets` has room for as many.

    Returns the log density of z, and of what Student-t effects are mixed by, with the Jacobian of those carried.
    """
    total = 0.0
    for k in range(t.terms.size):
        term = t.terms[k]
        group = t.groups[term.group]
        if term.information != NONE:
            total += carry(t, term, value, factors, effects, targets, space)
        for b in range(term.first_block, term.last_block):
            total += _multiplied(t, t.blocks[b], group, value, factors, effects)
        if group.related != NONE:
            relate(t, group, effects)
        if group.spread != NONE:
            _spread(t, group, effects)
        if group.mixing != NONE:
            total += mix(group, value, effects)
    return total


@jit
def _multiplied(t: Tables, block: Block, group: Group, value: Floats, factors: Floats, effects: Floats) -> float:
    """A block's r = L z; returns the log density of z."""
    total = 0.0
    for level in range(group.levels):
        z, r = block.z + level * block.stride, group.effects + level * group.width + block.first
        at = block.factor
        for j in range(block.rank):
            total -= 0.5 * value[z + j] * value[z + j]
        for i in range(block.width):
            # r = L z, a row of the packed triangle after the other; standard normal z make r normal with covariance
            # L Lᵀ.
            if block.kind == DIAGONAL or block.kind == SPECTRUM:
                effects[r + i] = factors[at + i] * value[z + i]
            else:
                effect = 0.0
                for j in range(min(i + 1, block.rank)):
                    effect += factors[at + j] * value[z + j]
                effects[r + i] = effect
                at += i + 1
    return total


@jit
def _spread(t: Tables, group: Group, effects: Floats) -> None:
    """Effects, or derivatives by them, times what each level's are multiplied by."""
    for level in range(group.levels):
        for c in range(group.width):
            effects[group.effects + level * group.width + c] *= t.floats[group.spread + level]


@jit
def differentiate_effects(
    t: Tables, value: Floats, factors: Floats, effects: Floats, targets: Floats, d_effects: Floats, d_value: Floats,
    d_factors: Floats, space: Floats,
) -> None:  # fmt: skip
    """From the derivatives by r to those by z and L, and by what carried effects follow."""
    for k in range(t.terms.size - 1, -1, -1):
        term = t.terms[k]
        group = t.groups[term.group]
        if group.mixing != NONE:
            mix_back(group, value, effects, d_effects, d_value)
        if group.spread != NONE:
            _spread(t, group, d_effects)
        if group.related != NONE:
            relate_back(t, group, d_effects)
        for b in range(term.first_block, term.last_block):
            _multiplied_back(t, t.blocks[b], group, value, factors, d_effects, d_value, d_factors)
        if term.information != NONE:
            carry_back(t, term, value, factors, targets, d_value, d_factors, d_effects, space)


@jit
def _multiplied_back(
    t: Tables, block: Block, group: Group, value: Floats, factors: Floats, d_effects: Floats, d_value: Floats,
    d_factors: Floats,
) -> None:  # fmt: skip
    """R is linear in z and in L: each gets the derivative by r times the other."""
    for level in range(group.levels):
        z, r = block.z + level * block.stride, group.effects + level * group.width + block.first
        at = block.factor
        for j in range(block.rank):
            d_value[z + j] -= value[z + j]
        for i in range(block.width):
            d = d_effects[r + i]
            if block.kind == DIAGONAL or block.kind == SPECTRUM:
                d_value[z + i] += d * factors[at + i]
                d_factors[at + i] += d * value[z + i]
            else:
                for j in range(min(i + 1, block.rank)):
                    d_value[z + j] += d * factors[at + j]
                    d_factors[at + j] += d * value[z + j]
                at += i + 1


@jit
def predict(t: Tables, slot: Slot, value: Floats, effects: Floats, start: int, eta: Floats) -> None:
    """The linear predictor of the rows from `start` on."""
    n, rows = t.header[0].rows, eta.size
    base = value[slot.intercept] if slot.intercept != NONE else 0.0
    if slot.offset != NONE:
        offset = t.floats[slot.offset + start : slot.offset + start + rows]
        for i in range(rows):
            eta[i] = base + offset[i]
    else:
        fill(eta, base)
    # Columns lie one after the other, so that each loop reads memory in order and runs several rows at a time.
    for c in range(slot.columns):
        at = slot.X + c * n + start
        b, X = value[slot.b + c], t.floats[at : at + rows]
        for i in range(rows):
            eta[i] += b * X[i]
    for g in range(slot.first_group, slot.last_group):
        group = t.groups[g]
        index = t.indices[group.labels + start : group.labels + start + rows]
        width = group.width
        # `index` points at the row of zeros past the last level where a row has none: no test in the loop.
        for c in range(width):
            r, Z = effects[group.effects + c :], t.columns[group.column + c]
            if Z == NONE:
                for i in range(rows):
                    eta[i] += r[index[i] * width]
            else:
                values = t.floats[Z + start : Z + start + rows]
                for i in range(rows):
                    eta[i] += r[index[i] * width] * values[i]


@jit
def differentiate_predictor(t: Tables, slot: Slot, start: int, d: Floats, d_value: Floats, d_effects: Floats) -> None:
    """Add what the derivatives `d` by the linear predictor come to for coefficients and effects."""
    n, rows = t.header[0].rows, d.size
    if slot.intercept != NONE:
        d_value[slot.intercept] += add(d)
    for c in range(slot.columns):
        at, total = slot.X + c * n + start, 0.0
        X = t.floats[at : at + rows]
        for i in range(rows):
            total += d[i] * X[i]
        d_value[slot.b + c] += total
    for g in range(slot.first_group, slot.last_group):
        group = t.groups[g]
        index = t.indices[group.labels + start : group.labels + start + rows]
        width = group.width
        for c in range(width):
            r, Z = d_effects[group.effects + c :], t.columns[group.column + c]
            if Z == NONE:
                for i in range(rows):
                    r[index[i] * width] += d[i]
            else:
                values = t.floats[Z + start : Z + start + rows]
                for i in range(rows):
                    r[index[i] * width] += d[i] * values[i]
