"""What is measured with error, or missing, in the kernel's tables: true values, and the coefficients of these."""

from __future__ import annotations

from tildemc.arrays import Integers
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.expr import Const
from tildemc.spec.priors import Prior
from tildemc.spec.terms.latent import Latent
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.targets.direct.packing import Packing
from tildemc.targets.direct.tables import LEVELS, Slot

__all__ = ["pack_latent", "pack_measured", "pack_measured_effect", "slots_of_levels"]


def pack_measured(packing: Packing, measured: Measured) -> None:
    """Means, sds and partial correlations of true values, and a standard normal number for each."""
    layout, called = packing.layout.measured[measured.path], measured.drawn_in_rows
    for k, variable in enumerate(measured.variables):
        for field, place, prior in (("mean", layout.means, variable.mean), ("sd", layout.sds, variable.sd)):
            packing.scalar(place.start + k, prior)
            packing.slots[called[f"{field} {k}"]] = Slot(LEVELS, value=place.start + k)
    for at, (j, k) in enumerate(measured.pairs, start=layout.partials.start):
        # Their places between -1 and 1 are beta.
        weight = Const(measured.partial_weight(j))
        packing.scalar(at, Prior(DISTRIBUTIONS["beta"], (weight, weight)))
        packing.slots[called[f"partial {j} {k}"]] = Slot(LEVELS, value=at)
    packing.slots |= slots_of_levels(packing, measured, packing.design.of(measured).index)


def slots_of_levels(packing: Packing, measured: Measured, index: Integers) -> dict[str, Slot]:
    """The standard normal numbers of rows with these levels."""
    layout, levels = packing.layout.measured[measured.path], packing.index(index, measured.size)
    return {
        measured.drawn_in_rows[f"z {k}"]: Slot(LEVELS, value=layout.z.start + k * measured.size, labels=levels)
        for k in range(measured.width)
    }


def pack_latent(packing: Packing, latent: Latent) -> None:
    """Missing values, whose density is that of the response."""
    place, numbers = packing.layout.latents[latent.path], packing.design.of(latent)
    labels = packing.index(numbers.place, max(latent.size, 1))
    packing.slots[latent.drawn_in_rows] = Slot(LEVELS, value=place.start, labels=labels)
    packing.start[place] = latent.centre
    packing.start[place.start + numbers.place[numbers.measured]] = numbers.value[numbers.measured]


def pack_measured_effect(packing: Packing, effect: MeasuredEffect) -> None:
    """The coefficient of true values."""
    at = packing.layout.measured_effects[effect.path]
    packing.scalar(at, effect.prior)
    packing.slots[effect.in_rows] = Slot(LEVELS, value=at)
