"""Engines are calibrated: the truth ranks anywhere among posterior draws, over data sets from the prior.

The exact engine by models written out in NumPy, the direct one by a model for each kind of family, the transport engine
by one shape; and terms.
benchmarks/calibration.py does the same with more data sets, and draws the ranks.
"""

from __future__ import annotations

import numpy as np
import pytest

from calibrated import CARRIED, KINDS, Kind, rank_kind
from simulation import DRAWS, SHAPES, Shape, rank, uniformity

DATASETS, OF_CARRIED = 25, 30
"""As many as find ranks that are not uniform, which is tested too."""
QUANTITIES = sum(len(shape.ranked) + 1 for shape in SHAPES)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_truths_rank_uniformly_among_draws(shape: Shape) -> None:
    ranked = rank(shape, datasets=DATASETS, seed=30)
    suspect = {label: uniformity(ranks) for label, ranks in ranked.ranks.items()}
    assert min(suspect.values()) * QUANTITIES > 0.001, suspect


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_truths_rank_uniformly_for_each_kind_of_family_and_term(kind: Kind) -> None:
    ranked = rank_kind(kind, datasets=DATASETS, seed=30)
    suspect = {label: uniformity(ranks) for label, ranks in ranked.ranks.items()}
    assert min(suspect.values()) * len(suspect) * len(KINDS) > 0.001, suspect


@pytest.mark.parametrize("kind", CARRIED[1:2], ids=str)
def test_truths_rank_uniformly_where_effects_are_carried_along(kind: Kind) -> None:
    ranked = rank_kind(kind, datasets=OF_CARRIED, seed=30)
    suspect = {label: uniformity(ranks) for label, ranks in ranked.ranks.items()}
    assert min(suspect.values()) * len(suspect) > 0.001, suspect


def test_ranks_that_are_not_uniform_are_found() -> None:
    rng = np.random.default_rng(1)
    ranks = rng.integers(0, DRAWS + 1, (500, DATASETS))
    assert 0.01 < np.mean([uniformity(r) < 0.05 for r in ranks]) < 0.1
    biased, narrow = DRAWS - rng.integers(0, 40, DATASETS), rng.integers(40, 60, DATASETS)
    assert max(uniformity(biased), uniformity(narrow)) * QUANTITIES < 0.001
