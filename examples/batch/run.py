"""A night's models from one file, on a cluster: what is done is kept, what failed is told, and all is in one table."""

# %% The night's models
from pathlib import Path

from distributed import LocalCluster
from matplotlib import pyplot

import tildemc as tm

print(Path("models.toml").read_text())

# %% Run them
cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0")
results = tm.batch("models.toml", out="results", scheduler=cluster.scheduler_address)
print(results.ok, results.index["status"].value_counts().to_dict())

# %% Which models to look at
checks = results.index.set_index("job")[["rows", "divergences", "max_r_hat", "min_ess"]]
print(checks.sort_values("min_ess").head(5).round(3))

# %% Across models
service = results.summary.query("model == 'department' and parameter == 'b[service1]'").set_index("by")
print(service[["mean", "sd", "lower", "upper"]].sort_values("mean").round(2))

# %% The picture
service = service.sort_values("mean")
figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
beside = [service["mean"] - service["lower"], service["upper"] - service["mean"]]
axes.errorbar(service["mean"], service.index, xerr=beside, fmt="o", ms=4, color="#0072B2")
axes.axvline(0, color="black", lw=0.8)
axes.set_xlabel("what a service course changes in the rating (mean, 95% interval)")
axes.spines[["top", "right", "left"]].set_visible(False)
figure.savefig("service.png", dpi=150)

# %% Models of the same rows, compared
assert results.compare is not None
print(results.compare[["model", "elpd_diff", "dse"]].round(1))

# %% One fit, opened again
print(results["trial"].hypothesis("treat > 0")[["mean", "probability"]])

# %% The next night
before = {draws: draws.stat().st_mtime_ns for draws in Path("results/draws").iterdir()}
results = tm.batch("models.toml", out="results", scheduler=cluster.scheduler_address)
print("nothing was fitted again:", before == {draws: draws.stat().st_mtime_ns for draws in before})
cluster.close()
