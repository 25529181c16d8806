"""ModelSpec × Design -> Marginal: a model's marginal likelihood, of rows that are independent or go together."""

from __future__ import annotations

import numpy as np

from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec
from tildemc.targets.marginal.joint import joint
from tildemc.targets.marginal.likelihood import Marginal, reduced
from tildemc.targets.marginal.residuals import Residuals, residuals
from tildemc.targets.marginal.structured import JointMarginal
from tildemc.targets.marginal.variances import encode_variances

__all__ = ["go_together", "marginal"]


def marginal(spec: ModelSpec, design: Numbers, *, flat: bool = False, integrate: bool = True) -> Marginal:
    """Reduce a model and its data to what its marginal likelihood needs.

    Parameters
    ----------
    spec : ModelSpec
        Without gaps, and with numbers for all priors.
    design : Numbers
    flat : bool
        Take all population priors for flat.
    integrate : bool
        Integrate the population effects out; otherwise they are at their best.
    """
    if go_together(spec):
        return _joint(spec, design, flat=flat, integrate=integrate)
    found = reduced(spec, design, residuals(spec, design), flat=flat, integrate=integrate)
    code = encode_variances(spec, found.groups, found.known.sigma, found.known.known)
    return Marginal(found.groups, found.population, found.blocks, code, integrate, found.rotation)


def go_together(spec: ModelSpec) -> bool:
    """Whether rows go together, or a formula models their sd: no cross-products then serve for all points."""
    return spec.residual is not None or len(spec.predictors) > 1


def _joint(spec: ModelSpec, design: Numbers, *, flat: bool, integrate: bool) -> JointMarginal:
    whole = design.whole("a model whose residuals go together")
    # Whitened rows have a variance of one, which is known.
    known = Residuals(np.array([-1]), np.ones(1), alone=True)
    found = reduced(spec, whole, known, flat=flat, integrate=integrate)
    own = joint(spec, whole, found.layout, found.rows(whole), found.sums)
    code = encode_variances(spec, found.groups, known.sigma, known.known, own.numbers)
    size = len(found.sums.start) - 1
    # A level's products are its own: no other has the same whatever the correlations.
    blocks = found.blocks._replace(
        start=np.arange(size + 1), classes=np.zeros(size, np.int64), table=np.zeros(size),
        twin=np.arange(len(found.sums.twin)),
    )  # fmt: skip
    return JointMarginal(found.groups, found.population, blocks, code, integrate, joint=own)
