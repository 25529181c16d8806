"""The transport engine against the direct one, and point estimates of glmer and glmmTMB (if R has them).

`python glmm.py [PROBLEM …]` prints a table in Markdown: seconds of processor time and of wall time in a warm process,
from formula and data frame to draws; the least bulk ESS of population effects and other parameters, of sds, of effects;
and how many times more effective draws a processor second the transport gives, the least of each.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.results.diagnose import COLUMNS, diagnose
from tildemc.results.fit import Fit

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Problem:
    """A model in tildemc's words and in R's, `glmer` or `nb` for `glmmTMB` alone."""

    formula: str
    family: str
    frame: Callable[[], pd.DataFrame]
    r_family: str = ""
    factors: tuple[str, ...] = field(default=())


def _read(name: str, *texts: str) -> pd.DataFrame:
    [place, *_] = (*ROOT.glob(f"tests/data/{name}.csv"), *ROOT.glob(f"examples/*/data/{name}.csv"))
    frame = pd.read_csv(place)
    return frame.assign(**{text: frame[text].astype(str) for text in texts})


def _named(prefix: str, numbers: np.ndarray) -> np.ndarray:
    return np.char.add(prefix, numbers.astype(str))


def _binary(rng: np.random.Generator, eta: np.ndarray) -> np.ndarray:
    return (rng.uniform(size=len(eta)) < 1 / (1 + np.exp(-eta))).astype(int)


def grouped(n: int = 10_000, levels: int = 200) -> pd.DataFrame:
    """Many rows in few groups."""
    rng = np.random.default_rng(5)
    x, g, u = rng.normal(size=n), rng.integers(0, levels, n), rng.normal(0, 0.8, levels)
    return pd.DataFrame({"y": _binary(rng, 0.3 + 0.5 * x + u[g]), "x": x, "g": _named("g", g)})


def tiny(levels: int = 1000) -> pd.DataFrame:
    """Two or three binary rows a group, and an sd of 2.5: Laplace's approximation is poor."""
    rng = np.random.default_rng(11)
    g = np.repeat(np.arange(levels), rng.integers(2, 4, levels))
    x, u = rng.normal(size=len(g)), rng.normal(0, 2.5, levels)
    return pd.DataFrame({"y": _binary(rng, -0.5 + x + u[g]), "x": x, "g": _named("g", g)})


def contraception() -> pd.DataFrame:
    """As the Bangladeshi survey of contraception: 1,934 women in 60 districts, which differ in towns."""
    rng = np.random.default_rng(7)
    n, levels = 1934, 60
    g, urban, age = rng.integers(0, levels, n), rng.integers(0, 2, n), rng.normal(0, 9, n)
    children = rng.integers(0, 4, n)
    u = rng.multivariate_normal([0, 0], [[0.38, -0.4], [-0.4, 0.65]], levels)
    eta = -1.2 + 0.8 * urban - 0.02 * age - 0.004 * age**2 + 0.8 * (children > 0) + u[g, 0] + u[g, 1] * urban
    return pd.DataFrame({
        "use": _binary(rng, eta), "urban": urban, "age": age, "age2": age**2 / 50, "children": _named("c", children),
        "district": _named("d", g),
    })  # fmt: skip


def grouseticks() -> pd.DataFrame:
    """As ticks on grouse chicks: 403 chicks in 118 broods in 63 places, each with an effect of its own."""
    rng = np.random.default_rng(3)
    brood_of, place_of = np.sort(rng.integers(0, 118, 403)), np.sort(rng.integers(0, 63, 118))
    height, year = rng.normal(0, 1, 63), rng.integers(95, 98, 118)
    eta = 0.4 - 0.9 * height[place_of] + np.where(year == 96, 1.2, np.where(year == 97, -1.0, 0.0))
    eta = eta + rng.normal(0, 0.75, 118) + rng.normal(0, 0.55, 63)[place_of]
    ticks = rng.poisson(np.exp(eta[brood_of] + rng.normal(0, 0.55, 403)))
    return pd.DataFrame({
        "ticks": ticks, "height": height[place_of[brood_of]], "year": _named("y", year[brood_of]),
        "chick": _named("i", np.arange(403)), "brood": _named("b", brood_of), "place": _named("l", place_of[brood_of]),
    })  # fmt: skip


def crossed(persons: int = 316, items: int = 24) -> pd.DataFrame:
    """As verbal aggression: all persons answer all items."""
    rng = np.random.default_rng(4)
    p, i = np.repeat(np.arange(persons), items), np.tile(np.arange(items), persons)
    anger, kind = rng.normal(0, 1, persons), rng.integers(0, 3, items)
    eta = 0.2 + 0.3 * anger[p] - 0.9 * (kind[i] == 1) - 1.8 * (kind[i] == 2)
    eta = eta + rng.normal(0, 1.35, persons)[p] + rng.normal(0, 0.6, items)[i]
    return pd.DataFrame({
        "y": _binary(rng, eta), "anger": anger[p], "kind": _named("k", kind[i]), "id": _named("p", p),
        "item": _named("i", i),
    })  # fmt: skip


EPILEPSY = "count ~ zAge + zBase * Trt + (1 | patient)"
PROBLEMS = {
    "cbpp": Problem(
        "cbind(incidence, size - incidence) ~ period + (1 | herd)",
        "binomial",
        lambda: _read("cbpp", "herd", "period"),
        "binomial",
    ),
    "epilepsy": Problem(f"{EPILEPSY} + (1 | obs)", "poisson", lambda: _read("epilepsy", "patient", "obs"), "poisson"),
    "epilepsy_nb": Problem(EPILEPSY, "negbinomial", lambda: _read("epilepsy", "patient", "obs"), "nbinom2"),
    "contraception": Problem(
        "use ~ age + age2 + urban + children + (1 + urban | district)", "bernoulli", contraception, "binomial"
    ),
    "grouped": Problem("y ~ x + (1 | g)", "bernoulli", grouped, "binomial"),
    "tiny": Problem("y ~ x + (1 | g)", "bernoulli", tiny, "binomial"),
    "grouseticks": Problem(
        "ticks ~ year + height + (1 | chick) + (1 | brood) + (1 | place)", "poisson", grouseticks, "poisson"
    ),
    "crossed": Problem("y ~ anger + kind + (1 | id) + (1 | item)", "bernoulli", crossed, "binomial"),
}


@dataclass(frozen=True)
class Cost:
    """Seconds, and the least ESS of parameters, of sds, and of effects."""

    used: float
    wall: float
    sizes: tuple[float, float, float]
    path: str

    @property
    def rate(self) -> float:
        """Effective draws a processor second, the least."""
        return min(self.sizes) / self.used


def cost(problem: Problem, frame: pd.DataFrame, method: str, repeats: int = 2) -> Cost:
    """The cheapest of some warm runs."""
    best: Cost | None = None
    for repeat in range(repeats + 1):
        start, used = time.perf_counter(), time.process_time()
        fit = tm.model(problem.formula, frame, family=problem.family).fit(
            method=method, seed=10 + repeat, progress=False
        )
        used, wall = time.process_time() - used, time.perf_counter() - start
        if repeat and (best is None or used < best.used):
            best = Cost(used, wall, least_sizes(fit), fit.path)
    assert best is not None
    return best


def least_sizes(fit: Fit) -> tuple[float, float, float]:
    """The least bulk ESS of what is no group's, of sds and correlations, and of effects."""
    found = [np.inf, np.inf, np.inf]
    for name, values in fit.groups["posterior"].variables.items():
        array = np.asarray(values[1])
        flat = np.asarray(array, dtype=float).reshape(*array.shape[:2], -1)
        kind = 2 if name.startswith(("r_", "z_")) else 1 if name.startswith(("sd_", "cor_")) else 0
        sizes = diagnose(np.moveaxis(flat, 2, 0))[:, COLUMNS.index("ess_bulk")]
        found[kind] = min(found[kind], float(np.fmin.reduce(sizes, initial=np.inf)))
    return found[0], found[1], found[2]


R = """
suppressMessages({{library({package})}})
d <- read.csv("{path}", stringsAsFactors = TRUE)
for (v in c("herd", "period", "patient", "obs")) if (v %in% names(d)) d[[v]] <- factor(d[[v]])
for (i in 1:2) t <- system.time(try({package}::{call}({formula}, d, family = {family}), silent = TRUE))
cat(t[["user.self"]] + t[["sys.self"]])
"""


def in_r(problem: Problem, frame: pd.DataFrame, package: str, call: str) -> str:
    """Processor seconds of a point estimate; a dash where R cannot."""
    if shutil.which("Rscript") is None or (call == "glmer" and problem.r_family == "nbinom2"):
        return "—"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        frame.to_csv(path, index=False)
        formula = problem.formula
        code = R.format(package=package, call=call, path=path, formula=formula, family=problem.r_family)
        run = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return f"{float(run.stdout.split()[-1]):.2f}" if run.returncode == 0 and run.stdout.strip() else "—"


def main(names: list[str]) -> None:
    """Print the table."""
    print(
        "| model | transport: cpu, wall s; least ESS | direct: cpu, wall s; least ESS | ratio | glmer, glmmTMB cpu s |"
    )
    print("|---|---|---|---|---|")
    for name in names or PROBLEMS:
        problem = PROBLEMS[name]
        frame = problem.frame()
        ours, theirs = (cost(problem, frame, method) for method in ("transport", "direct"))
        told = [
            f"{each.used:.2f}, {each.wall:.2f}; " + ", ".join(f"{size:.0f}" for size in each.sizes)
            for each in (ours, theirs)
        ]
        point = ", ".join(in_r(problem, frame, *who) for who in (("lme4", "glmer"), ("glmmTMB", "glmmTMB")))
        print(f"| {name} | {told[0]} | {told[1]} | {ours.rate / theirs.rate:.1f} | {point} |", flush=True)
        print(f"  {ours.path}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
