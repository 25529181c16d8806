"""Rows that need not fit in memory: parquet written in parts, a model of it, the same numbers as in memory."""

# %% The data
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import tildemc as tm

rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
PART, GROUPS = 100_000, 1_000
TRUTH = {"intercept": 1.0, "slope": 0.5, "sd of intercepts": 0.3, "sd of slopes": 0.1, "sigma": 1.0}

# %% Write it, a part at a time
random = np.random.default_rng(20260101)
effects = random.normal(0, [TRUTH["sd of intercepts"], TRUTH["sd of slopes"]], (GROUPS, 2))
folder = Path("big")
folder.mkdir(exist_ok=True)
for number, first in enumerate(range(0, rows, PART)):
    size = min(PART, rows - first)
    group, x = random.integers(0, GROUPS, size), random.normal(0, 1, size)
    line = TRUTH["intercept"] + effects[group, 0] + (TRUTH["slope"] + effects[group, 1]) * x
    y = line + random.normal(0, TRUTH["sigma"], size)
    pq.write_table(pa.table({"y": y, "x": x, "g": group}), folder / f"part{number:04}.parquet")
print(f"{rows:,} rows in {number + 1} files")

# %% The model
model = tm.model("y ~ x + (1 + x | g)", tm.stream(folder))
print(model)

# %% Fit
fit = model.fit(draws=500, seed=1)
print(fit)
print(fit.ok)

# %% Was it found?
found = fit.summary().droplevel("part")
for name, parameter in {"slope": "b[x]", "sd of slopes": "sd_g[x]", "sigma": "sigma"}.items():
    low, high = found.loc[parameter, ["eti95_lb", "eti95_ub"]]
    print(f"{name:13} {TRUTH[name]:.1f}: between {low:.3f} and {high:.3f}")

# %% The groups
groups = fit.ranef()["g"]
truth = effects[groups.index.to_numpy()]
for place, effect in enumerate(["Intercept", "x"]):
    inside = (groups[effect]["eti95_lb"] < truth[:, place]) & (truth[:, place] < groups[effect]["eti95_ub"])
    print(f"{effect}: {inside.mean():.3f} of {len(inside):,} groups within their intervals of 95%")

# %% Estimates without draws
print(model.optimize())
