"""Effects of related levels, rotated once: the marginal likelihood against its n × n definition, and what is a gap."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from resolve.test_given import DATA, PEDIGREE, A
from targets.marginal.test_blocked import both
from tildemc.targets.marginal.takes import TAKES

KNOWN = {"A": A, "P": tm.pedigree(PEDIGREE)}
WEIGHTED = DATA.assign(w=np.linspace(0.5, 2.0, len(DATA)), s=1.0)


@pytest.mark.parametrize(
    "text",
    [
        "y ~ x + (1 | gr(g, cov = A))",
        "y ~ x + (0 + x | gr(g, cov = P)) + (1 + x | h)",
        "y | weights(w) ~ 1 + (1 | g:h) + (1 | gr(g, cov = P))",
    ],
)
@pytest.mark.parametrize("flat", [False, True])
def test_rotated_agrees_with_dense(text: str, flat: bool) -> None:
    for mine, theirs in zip(*both(tm.model(text, WEIGHTED, data2=KNOWN), flat=flat), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8 * max(1.0, float(np.abs(theirs).max(initial=0))))


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("y ~ (1 + x | gr(g, cov = A))", "the related levels of g have 2 effects each"),
        ("y ~ (1 | gr(g, cov = A)); sigma ~ by(h)", "residuals have not one sd"),
        ("y | se(s) ~ (1 | gr(g, cov = A))", "residuals have not one sd"),
        ("y ~ (1 | gr(g, cov = A)); sigma ~ x", "residuals have not one sd"),
    ],
)
def test_what_no_rotation_makes_independent_is_a_gap(text: str, gap: str) -> None:
    assert any(gap in str(found) for found in TAKES.gaps(tm.model(text, WEIGHTED, data2=KNOWN).spec))
