"""The data that the playground comes with, and texts to try on them: one record for each data set."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

__all__ = ["EXAMPLES", "Example", "Line"]


@dataclass(frozen=True, slots=True)
class Line:
    """A text to try.

    Attributes
    ----------
    language : str
        Whose it is, as people call it.
    text : str
    family, priors : str
        What is said beside it; empty for nothing.
    """

    language: str
    text: str
    family: str = ""
    priors: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A data set.

    Attributes
    ----------
    title : str
    checkout : str
        Its file in a checkout, under `examples/`; the wheel has it under its own name beside this module.
    lines : tuple of Line
    """

    title: str
    checkout: str
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        """What the file is called."""
        return Path(self.checkout).name

    @property
    def path(self) -> Path:
        """Where it is."""
        shipped = Path(str(files("tildemc") / "play" / "data" / self.name))
        return shipped if shipped.is_file() else Path(__file__).parents[3] / "examples" / self.checkout


EXAMPLES = (
    Example(
        "Radon in 919 houses of 85 counties",
        "radon/data/radon.csv",
        (
            Line("lme4, brms", "log_radon ~ floor + (1 + floor | county)"),
            Line("Stata", "mixed log_radon floor || county: floor, covariance(unstructured)"),
            Line(
                "SAS",
                "proc mixed data=radon;\n  class county;\n  model log_radon = floor / solution;\n"
                "  random intercept floor / subject=county type=un;\nrun;",
            ),
            Line(
                "brms",
                "brm(\n  log_radon ~ floor + log_uranium + (1 | county), data = radon,\n"
                "  prior = prior(exponential(1), class = sd)\n)",
            ),
        ),
    ),
    Example(
        "Sleep study: reaction times of 18 people",
        "sleepstudy/data/sleepstudy.csv",
        (
            Line("lme4", "lmer(Reaction ~ Days + (Days | Subject), data = sleepstudy)"),
            Line("nlme", "lme(Reaction ~ Days, data = sleepstudy, random = ~ Days | Subject, correlation = corAR1())"),
            Line("Bambi", 'bmb.Model("Reaction ~ Days + (Days | Subject)", sleepstudy)'),
            Line("Julia", "fit(MixedModel, @formula(Reaction ~ 1 + Days + (1 + Days | Subject)), sleepstudy)"),
        ),
    ),
    Example(
        "Seizures of 59 patients, counted at four visits",
        "batch/epilepsy.csv",
        (
            Line("glmmTMB", "glmmTMB(count ~ zAge + zBase * Trt + (1 | patient), data = epilepsy, family = nbinom2)"),
            Line("Stata", "mepoisson count zAge c.zBase##i.Trt || patient:"),
            Line("brms", "count ~ zAge + zBase * Trt + (1 | patient) + (1 | obs)", "poisson"),
        ),
    ),
    Example(
        "A trial with clusters in one arm only",
        "partially_clustered/trial.csv",
        (Line("tildemc", "y ~ treat + (0 + treat | j); sigma ~ by(treat)", priors="var(j) ~ gamma(1, 1)"),),
    ),
)
"""In the order in which the page offers them."""
