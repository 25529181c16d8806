"""The kernel: a packed model's log density and gradient at a point of the unconstrained space."""

from __future__ import annotations

from math import exp, log1p, sqrt

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.densities import density
from tildemc.kernels.views import add, copy, fill
from tildemc.targets.direct.coordinates import follow, follow_back, stretch, stretch_back
from tildemc.targets.direct.effects import build_effects, differentiate_effects, differentiate_predictor, predict
from tildemc.targets.direct.factors import build_factors, differentiate_factors
from tildemc.targets.direct.made import make, make_back
from tildemc.targets.direct.rows import call_rows
from tildemc.targets.direct.tables import ABOVE, AFTER, BELOW, INTERVAL, NONE, PREDICTED, RUN, Slot, Tables
from tildemc.targets.direct.transport import carry_room

__all__ = ["constrained", "log_density", "room"]


@jit
def room(t: Tables) -> int:
    """How many numbers the functions below write down on their way."""
    header = t.header[0]
    m = header.places
    own = 5 * m + t.made.size + 2 * header.factors + 3 * header.effects + header.recipes + carry_room(header.rank)
    return int(own + (t.slots.size + 1) * RUN)


@jit
def log_density(t: Tables, x: Floats, gradient: Floats, space: Floats) -> float:
    """The log density of the model `t` at `x`, up to a constant; `gradient` takes its derivatives.

    `space` has `room` for what is computed on the way.
    """
    # Numbers have places among the coordinates, so that all else finds both in the same way.
    whole, d_whole = x, gradient
    if t.free.size:
        whole, space = _split(space, t.header[0].places)
        d_whole, space = _split(space, t.header[0].places)
        _place(t, x, whole)
    total = _all_free(t, whole, d_whole, space, True)
    if t.free.size:
        for i in range(x.size):
            gradient[i] = d_whole[t.free[i]]
    return total


@jit
def constrained(t: Tables, x: Floats, value: Floats, space: Floats) -> None:
    """The model's free quantities, numbers among them, at `x`: effects standardised."""
    whole, space = _split(space, value.size)
    aside, space = _split(space, value.size)
    copy(x, whole)
    if t.free.size:
        _place(t, x, whole)
    _all_free(t, whole, aside, space, False)
    copy(space[: value.size], value)


@jit
def _place(t: Tables, x: Floats, whole: Floats) -> None:
    """Coordinates in their places, where numbers have zero."""
    fill(whole, 0.0)
    for i in range(x.size):
        whole[t.free[i]] = x[i]


@jit
def _all_free(t: Tables, x: Floats, gradient: Floats, space: Floats, all_the_way: bool) -> float:
    """The same of a vector with all places; else, what `space` then begins with is the model's free quantities."""
    header, n = t.header[0], x.size
    # All memory is parts of one array that the caller has: nothing is allocated, nor its references counted.
    value, space = _split(space, n)
    slope, space = _split(space, n)
    factors, space = _split(space, header.factors)
    zeros = space[: n + header.factors + 2 * header.effects]
    d_value, space = _split(space, n)
    d_factors, space = _split(space, header.factors)
    effects, space = _split(space, header.effects)
    d_effects, space = _split(space, header.effects)
    targets, space = _split(space, header.effects)
    memory, space = _split(space, header.recipes)
    carrying, space = _split(space, carry_room(header.rank))
    standard, runs = _split(space, t.made.size)
    copy(x, value)
    fill(slope, 1.0)
    fill(zeros, 0.0)
    fill(gradient, 0.0)
    # Forwards, from the sampler's coordinates to each row's density; every stage adds its log Jacobian or prior, and
    # leaves what its way back needs. Then backwards in the opposite order: `d_…` are derivatives of the total by …
    total = follow(t, x, value)
    total += _constrain(t, value, slope, gradient, d_value)
    make(t, value, standard, memory)
    total += build_factors(t, value, factors, memory)
    total += stretch(t, value, factors, slope)
    total += build_effects(t, value, factors, effects, targets, carrying)
    if not all_the_way:
        return total
    total += _likelihood(t, value, effects, d_value, d_effects, runs)
    differentiate_effects(t, value, factors, effects, targets, d_effects, d_value, d_factors, carrying)
    stretch_back(t, value, factors, d_value, d_factors)
    differentiate_factors(t, value, factors, d_factors, d_value, memory)
    make_back(t, value, standard, d_value, memory)
    _order_back(t, d_value)
    # Scalars have one coordinate each, but for what stands after another: their way back is one factor.
    for i in range(n):
        gradient[i] += d_value[i] * slope[i]
    follow_back(t, x, gradient)
    return total


@jit
def _split(space: Floats, size: int) -> tuple[Floats, Floats]:
    return space[:size], space[size:]


@jit
def _constrain(t: Tables, value: Floats, slope: Floats, gradient: Floats, d_value: Floats) -> float:
    """Scalars from their coordinates, with their priors and Jacobians.

    What a prior says of a scalar that stands after another goes to `d_value`, since it moves with that one too.
    """
    total = 0.0
    for k in range(t.scalars.size):
        s = t.scalars[k]
        x = value[s.at]
        v, by_x, jacobian, by_jacobian = x, 1.0, 0.0, 0.0
        if s.transform == ABOVE:
            by_x, jacobian, by_jacobian = exp(x), x, 1.0
            v = s.lower + by_x
        elif s.transform == BELOW:
            by_x, jacobian, by_jacobian = -exp(x), x, 1.0
            v = s.upper + by_x
        elif s.transform == AFTER:
            by_x, jacobian, by_jacobian = exp(x), x, 1.0
            v = value[s.at - 1] + by_x
        elif s.transform == INTERVAL:
            # Written with exp(-|x|), which cannot overflow; `large * small` is share (1 - share) without cancellation.
            tail = exp(-abs(x))
            large, small = 1 / (1 + tail), tail / (1 + tail)
            share = large if x > 0 else small
            v = s.lower + (s.upper - s.lower) * share
            by_x = (s.upper - s.lower) * large * small
            jacobian, by_jacobian = -abs(x) - 2 * log1p(tail), 1 - 2 * share
        # The prior is on the natural scale, the sampler on the other: the density of the coordinate has dv/dx as a
        # factor.
        prior, by_prior = density(t.floats, s.density, v, s.a, s.b, s.c)
        total += prior + jacobian
        gradient[s.at] += by_jacobian
        if s.transform == AFTER:
            d_value[s.at] += by_prior
        else:
            gradient[s.at] += by_prior * by_x
        # The density was one of a variance; from here on its sd is wanted.
        if s.root:
            v = sqrt(v)
            by_x *= 0.5 / v
        value[s.at], slope[s.at] = v, by_x
    return total


@jit
def _order_back(t: Tables, d_value: Floats) -> None:
    """Add to the derivatives by scalars those by the ones that stand after them."""
    for k in range(t.scalars.size - 1, -1, -1):
        s = t.scalars[k]
        if s.transform == AFTER:
            d_value[s.at - 1] += d_value[s.at]


@jit
def _likelihood(t: Tables, value: Floats, effects: Floats, d_value: Floats, d_effects: Floats, space: Floats) -> float:
    """The rows' log density; adds their derivatives by values and effects."""
    # One flat array for all parameters, so that loops over rows need few checks of what may overlap.
    theta, ones = _split(space, t.slots.size * RUN)
    fill(ones, 1.0)
    total = 0.0
    for number in range(t.kinds.size):
        kind = t.kinds[number]
        first, stop, given = kind.first_slot, kind.start + kind.rows, t.given[kind.given :]
        # A run at a time, all that is done with its rows: predictors, densities, derivatives; then it may leave the
        # cache.
        for start in range(kind.start, stop, RUN):
            end = min(start + RUN, stop)
            rows = end - start
            for k in range(first, kind.last_slot):
                at = (k - first) * RUN
                _parameter(t, t.slots[k], value, effects, start, theta[at : at + rows])
            weights = t.weights[start:end] if t.weights.size else ones[:rows]
            total += call_rows(kind.density, start - kind.start, kind.rows, given, weights, theta)
            for k in range(first, kind.last_slot):
                at = (k - first) * RUN
                _differentiate(t, t.slots[k], start, theta[at : at + rows], d_value, d_effects)
    return total


@jit
def _parameter(t: Tables, slot: Slot, value: Floats, effects: Floats, start: int, theta: Floats) -> None:
    """A parameter of the density for a run of rows."""
    if slot.kind == PREDICTED:
        predict(t, slot, value, effects, start, theta)
    elif slot.labels == NONE:
        fill(theta, value[slot.value])
    else:
        index = t.indices[slot.labels + start : slot.labels + start + theta.size]
        for i in range(theta.size):
            theta[i] = value[slot.value + index[i]]


@jit
def _differentiate(t: Tables, slot: Slot, start: int, d: Floats, d_value: Floats, d_effects: Floats) -> None:
    """Add what the derivatives by a parameter, `d`, come to for values and effects."""
    if slot.kind == PREDICTED:
        differentiate_predictor(t, slot, start, d, d_value, d_effects)
    elif slot.labels == NONE:
        d_value[slot.value] += add(d)
    else:
        index = t.indices[slot.labels + start : slot.labels + start + d.size]
        for i in range(d.size):
            d_value[slot.value + index[i]] += d[i]
