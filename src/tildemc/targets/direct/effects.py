"""Group effects r = z L'; what they and the population effects add to the predictors of rows; and the way back."""

from __future__ import annotations

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.views import add, fill
from tildemc.targets.direct.between import relate, relate_back
from tildemc.targets.direct.mixing import mix, mix_back
from tildemc.targets.direct.tables import DIAGONAL, NONE, SPECTRUM, Group, Slot, Tables

__all__ = ["build_effects", "differentiate_effects", "differentiate_predictor", "predict"]


@jit
def build_effects(t: Tables, value: Floats, factors: Floats, effects: Floats) -> float:
    """Fill `effects` with each grouping's r, (levels + 1, width), its last row zero.

    Returns the log density of z, and of what Student-t effects are mixed by.
    """
    total = 0.0
    for k in range(t.blocks.size):
        block = t.blocks[k]
        group = t.groups[block.group]
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
    for g in range(t.groups.size):
        if t.groups[g].related != NONE:
            relate(t, t.groups[g], effects)
        if t.groups[g].spread != NONE:
            _spread(t, t.groups[g], effects)
        if t.groups[g].mixing != NONE:
            total += mix(t.groups[g], value, effects)
    return total


@jit
def _spread(t: Tables, group: Group, effects: Floats) -> None:
    """Effects, or derivatives by them, times what each level's are multiplied by."""
    for level in range(group.levels):
        for c in range(group.width):
            effects[group.effects + level * group.width + c] *= t.floats[group.spread + level]


@jit
def differentiate_effects(
    t: Tables, value: Floats, factors: Floats, effects: Floats, d_effects: Floats, d_value: Floats, d_factors: Floats
) -> None:
    """From the derivatives by r to those by z and L."""
    for g in range(t.groups.size):
        if t.groups[g].mixing != NONE:
            mix_back(t.groups[g], value, effects, d_effects, d_value)
        if t.groups[g].spread != NONE:
            _spread(t, t.groups[g], d_effects)
        if t.groups[g].related != NONE:
            relate_back(t, t.groups[g], d_effects)
    for k in range(t.blocks.size):
        block = t.blocks[k]
        group = t.groups[block.group]
        for level in range(group.levels):
            z, r = block.z + level * block.stride, group.effects + level * group.width + block.first
            at = block.factor
            for j in range(block.rank):
                d_value[z + j] -= value[z + j]
            for i in range(block.width):
                # r is linear in z and in L: each gets the derivative by r times the other.
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
