"""Points ψ that a chain may go to: what each stands for, and how dense proposals are there.

Those that are drawn before a chain goes on are worked out beforehand; a point near by is when the chain has come there.
"""

from __future__ import annotations

from math import exp, inf, log, log1p
from typing import Annotated, NamedTuple

from tildemc.arrays import Floats
from tildemc.kernels import jit
from tildemc.kernels.machine import types
from tildemc.kernels.structures import Struct
from tildemc.kernels.views import Cube, Integers, Matrix, Vector, View
from tildemc.targets.marginal.coordinates import REACH
from tildemc.targets.marginal.variances import CODE, push

__all__ = ["PLACES", "Places", "place"]


class Places(NamedTuple):
    """Points, and all that it takes to work one out.

    Attributes
    ----------
    psi : (points, size)
    scalars : (points, ·), factors : (points, factors, widest, widest)
    prior : (points,)
        The log prior of ψ; -inf for a point that is not one.
    proposal : (points,)
        The log density of independent proposals.
    code : int
        The address of Code.
    start, roots, plain : (size,)
        As in `Roots`.
    centre : (size,), inverse : (size, size)
        Of the proposals, and of the lower Cholesky factor of their squared scale.
    free : (size,)
        Where among all coordinates those of ψ stand.
    unit, precision, memory
        Scratch.
    phi : (all,)
        The same, but for known numbers.
    nu, broad, share : float
        Degrees of freedom of the proposals; how much wider those of a part are, and which share that is.
    """

    psi: Matrix
    scalars: Matrix
    factors: Annotated[Floats, View(types.float64, 4)]
    prior: Vector
    proposal: Vector
    code: int
    start: Vector
    roots: Integers
    plain: Integers
    centre: Vector
    inverse: Matrix
    free: Integers
    unit: Cube
    precision: Vector
    memory: Vector
    phi: Vector
    nu: float
    broad: float
    share: float


PLACES = Struct(Places)

_code = CODE.at


@jit
def place(p: Places, new: int, old: int, step: Vector) -> None:
    """Work out the point a step away from another one."""
    psi, phi, jacobian = p.psi[new], p.phi, 0.0
    p.prior[new] = -inf
    for i in range(len(psi)):
        at = p.free[i]
        psi[i] = p.psi[old, i] + step[i]
        phi[at] = psi[i]
        if p.roots[i] != 0:
            if psi[i] <= 0.0:
                return
            phi[at] = p.start[i] + 2.0 * log(psi[i])
            jacobian -= 0.5 * phi[at]
        if p.plain[i] == 0 and abs(phi[at]) >= REACH:
            return
    prior = push(_code(p.code), phi, p.scalars[new], p.unit, p.factors[new], p.precision, p.memory)
    p.prior[new] = prior + jacobian
    p.proposal[new] = _proposed(p, psi)


@jit
def _proposed(p: Places, psi: Vector) -> float:
    """The log density of independent proposals, as `Proposal.log_density` has it."""
    d, squared, density = len(psi), 0.0, 0.0
    for i in range(d):
        z = 0.0
        for c in range(i + 1):
            z += p.inverse[i, c] * (psi[c] - p.centre[c])
        squared += z * z
        density += log(p.inverse[i, i])
    power = -0.5 * (p.nu + d)
    near = (1.0 - p.share) * exp(power * log1p(squared / p.nu))
    far = p.share * p.broad**-d * exp(power * log1p(squared / (p.broad * p.broad * p.nu)))
    return density + log(near + far)
