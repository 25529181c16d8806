"""A trial like the one of the question: treated in groups of ten, controls on their own. Writes trial.csv."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

GROUPS, SIZE, CONTROLS = 10, 10, 100
EFFECT = 0.3
SD_GROUPS, SD_TREATED, SD_CONTROLS = 0.5, 0.9, 1.1


def simulate(seed: int = 2011) -> pd.DataFrame:
    """One row for each person: outcome, arm, and the group `j` of those who have one."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(GROUPS), SIZE)
    treated = EFFECT + random.normal(0, SD_GROUPS, GROUPS)[group] + random.normal(0, SD_TREATED, GROUPS * SIZE)
    controls = random.normal(0, SD_CONTROLS, CONTROLS)
    return pd.DataFrame(
        {
            "y": np.concatenate([treated, controls]).round(4),
            "treat": np.repeat([1, 0], [GROUPS * SIZE, CONTROLS]),
            "j": pd.array([*(group + 1), *[None] * CONTROLS], dtype="Int64"),
        }
    )


if __name__ == "__main__":
    simulate().to_csv(Path(__file__).parent / "trial.csv", index=False)
