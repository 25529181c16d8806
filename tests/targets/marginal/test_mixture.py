"""The mixture's kernel against SciPy's multivariate t."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_t

from tildemc.engines.independence import BROAD, BROAD_SHARE, NU, Proposal
from tildemc.targets.marginal.mixture import mixture


@pytest.mark.parametrize("d", [1, 2, 5])
@pytest.mark.parametrize("n", [1, 8, 21])
def test_a_mixture_is_the_mean_of_t_densities(n: int, d: int) -> None:
    rng = np.random.default_rng(d)
    x, centres = 3 * rng.normal(size=(n, d)), rng.normal(size=(7, d))
    theirs = np.mean([multivariate_t(c, df=NU).pdf(x).reshape(n) for c in centres], axis=0)
    constant = multivariate_t(np.zeros(d), df=NU).pdf(np.zeros(d))
    np.testing.assert_allclose(mixture(x, centres, NU), theirs / constant, rtol=1e-12)


def test_a_proposals_density_is_scipys() -> None:
    rng = np.random.default_rng(1)
    scale = np.linalg.cholesky(np.cov(rng.normal(size=(3, 20))))
    proposal = Proposal(rng.normal(size=(4, 3)), scale, rng.normal(size=3), BROAD * scale)
    x = proposal.draw(rng, 10)
    near = np.mean([multivariate_t(c, scale @ scale.T, df=NU).pdf(x) for c in proposal.centres], axis=0)
    far = multivariate_t(proposal.middle, BROAD**2 * scale @ scale.T, df=NU).pdf(x)
    theirs = np.log((1 - BROAD_SHARE) * near + BROAD_SHARE * far)
    found = proposal.log_density(x)
    np.testing.assert_allclose(found - found[0], theirs - theirs[0], rtol=1e-10)
