"""Groups in one arm of a trial only: one residual sd, then one for each arm."""

from __future__ import annotations

import argparse
from pathlib import Path

import tildemc as tm

TRIAL = Path(__file__).parent / "trial.csv"

FORMULAS = ["y ~ treat + (0 + treat | j)", "y ~ treat + (0 + treat | j); sigma ~ by(treat)"]

PRIORS = [
    "Intercept ~ normal(0, 100)",
    "b ~ normal(0, 100)",
    "var(j) ~ gamma(1, 1)",
    "var(sigma) ~ uniform(0, 100)",
]


def main(draws: int) -> None:
    """Explain, translate and fit both models; print the groups' effects and the residual sds of the second."""
    for formula in FORMULAS:
        model = tm.model(formula, TRIAL, priors=PRIORS)
        fit = model.fit(draws=draws, tune=max(draws, 200), seed=1, progress=False)
        title(f"The model: {formula}")
        print(model)
        title("Its translation")
        print(model.source(data="trial.csv"), end="")
        title("Its posterior")
        print(fit)

    posterior = fit.data["posterior"]
    over = ("chain", "draw")
    title("Residual sd of each arm, mean and 95% interval")
    for arm, sigma in posterior["sigma"].groupby("treat"):
        low, high = sigma.quantile([0.025, 0.975]).to_numpy()
        print(f"  treat = {arm}: {float(sigma.mean()):.2f} ({low:.2f} to {high:.2f})")
    title("Effects of the groups, mean and sd")
    groups = posterior["r_j"].sel(j_term="treat")
    for group, mean, sd in zip(groups["j"].to_numpy(), groups.mean(over), groups.std(over), strict=True):
        print(f"  {group!s:>2}: {float(mean):5.2f} ({float(sd):.2f})")


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'─' * len(text)}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000, help="of each chain")
    main(parser.parse_args().draws)
