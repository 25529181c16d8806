"""Smooths as PyMC statements: the sd of a penalty, and the coefficients that it shrinks."""

from __future__ import annotations

from tildemc.spec.expr import Const, Index, Op, Var
from tildemc.spec.terms.process import KERNELS, GaussianProcess, ProcessNames
from tildemc.spec.terms.smooth import Smooth, SmoothNames
from tildemc.targets.pymc.densities import prior_statements
from tildemc.targets.pymc.lowering import Lowered, Lowering
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Deterministic, Random, Statement

__all__ = ["lower_process", "lower_smooth"]


def _describe_smooth(smooth: Smooth, on: str) -> str:
    """`Penalised functions of s(x): 8; non-centred.`, for a comment; `on` says of what."""
    number = f", part {smooth.number}" if smooth.number > 1 else ""
    by = "" if smooth.by is None else f" by {smooth.by.label}"
    return f"Penalised functions of {smooth.text}{by}{on}{number}: {smooth.width}; non-centred."


def _smooth_statements(smooth: Smooth, named: SmoothNames, spare: Spare) -> list[Statement]:
    """The statements from the prior of the sd to the coefficients `s`."""
    dims = (named.dim,)
    recovered = Op("/", Var(named.s), Index(Var(named.sds), (..., None)))
    return [
        *prior_statements(named.sds, (smooth.prior,), (), (), spare),
        Random(named.z, "Normal", {"mu": Const(0.0), "sigma": Const(1.0)}, dims, recovered=recovered),
        Deterministic(named.s, Op("*", Var(named.z), Var(named.sds)), dims),
    ]


def _describe_process(process: GaussianProcess, on: str) -> str:
    """`Gaussian process gp(x, k = 8, c = 5/4): 8 functions; squared exponential; non-centred.`, for a comment."""
    by = "" if process.by is None else f" by {process.by.label}"
    title = KERNELS[process.kernel].title
    return f"Gaussian process {process.text}{by}{on}: {process.width} functions; {title}; non-centred."


def _process_statements(process: GaussianProcess, named: ProcessNames, spare: Spare) -> list[Statement]:
    """The statements from the priors of sd and length scales to the coefficients `s`."""
    dims, labels = (named.dim,), [column.label for column in process.inputs] if process.several else []
    along = (named.inputs,) if process.several else ()
    recovered = Op("/", Var(named.s), process.recovered_amplitudes(named))
    return [
        *prior_statements(named.sdgp, (process.sd,), (), (), spare),
        *prior_statements(named.lscale, process.scales, labels, along, spare),
        Random(named.z, "Normal", {"mu": Const(0.0), "sigma": Const(1.0)}, dims, recovered=recovered),
        Deterministic(named.s, Op("*", process.named_amplitudes(named), Var(named.z)), dims),
    ]


def lower_smooth(lowering: Lowering, smooth: Smooth, on: str) -> Lowered:
    """The penalised functions of a smooth."""
    named, Z = lowering.named.of(smooth), lowering.design.of(smooth).Z
    lowering.preparation.counted(named.dim, smooth.width)
    code = lowering.preparation.smooth(smooth, named)
    data = lowering.data(named.Z, Z, (lowering.named.obs, named.dim), code)
    made = _smooth_statements(smooth, named, lowering.spare)
    return Lowered([data, *made], lowering.value(smooth), _describe_smooth(smooth, on))


def lower_process(lowering: Lowering, process: GaussianProcess, on: str) -> Lowered:
    """The functions that approximate a Gaussian process."""
    named = lowering.named.of(process)
    lowering.preparation.counted(named.dim, process.width)
    code = lowering.preparation.process(process, named)
    lowering.constants[named.w] = process.squares
    data = lowering.data(named.Z, lowering.design.of(process).Z, (lowering.named.obs, named.dim), code)
    made = _process_statements(process, named, lowering.spare)
    return Lowered([data, *made], lowering.value(process), _describe_process(process, on))
