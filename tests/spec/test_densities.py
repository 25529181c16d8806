"""The records of prior densities: their log densities against PyMC's, and their spellings."""

from __future__ import annotations

import numpy as np
import pytest

from programs import quick
from tildemc.spec.densities import DISTRIBUTIONS, SPELLINGS

ARGUMENTS = (1.5, 2.0, 2.5)
"""Of every density, as many as it has: positive, and in order."""

X = np.array([0.2, 0.7, 1.6, 1.9])


@pytest.mark.parametrize(
    "name", [name for name, record in DISTRIBUTIONS.items() if record.pymc and not record.support.joint]
)
def test_a_log_density_is_pymcs(name: str) -> None:
    import pymc as pm

    record = DISTRIBUTIONS[name]
    values = ARGUMENTS[: len(record.arguments)]
    inside = X[(record.support.lower < X) & (record.support.upper > X)]
    if record.ends is not None:
        inside = inside[(inside > values[0]) & (inside < values[1])]
    theirs = pm.logp(getattr(pm, record.pymc).dist(**record.in_pymc(values)), inside).eval(mode=quick())
    ours = [record.of(record.log_density, (*values, x)) for x in inside]
    # PyTensor keeps some constants in single precision; tests/test_scalars.py holds the digits, by SciPy.
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_has_as_many_arguments(name: str) -> None:
    spelling = SPELLINGS[name]
    record = DISTRIBUTIONS[spelling.distribution]
    without = spelling.half and record.location is not None
    assert len(spelling.arguments) == len(record.arguments) - without
    assert {*spelling.defaults} <= {*spelling.arguments}


def test_no_two_densities_have_one_name() -> None:
    names = [name for record in DISTRIBUTIONS.values() for name in (record.name, *record.aliases)]
    assert len({*names}) == len(names)
    assert not {*SPELLINGS} & {*DISTRIBUTIONS}
