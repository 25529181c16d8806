"""What is left of each row, against what the model says of it, and against the normal distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats
from tildemc.results.expected import posterior_means
from tildemc.results.plots.record import Asked
from tildemc.results.plots.style import DATA, NONE, Panels, axes, grid, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["residuals"]


def residuals(asked: Asked) -> Axes | Panels:
    """Quantile residuals, which are standard normal where the model is right; into `ax`, against the means alone."""
    fit = asked.fit
    left = fit.residuals("quantile", seed=1)["residual"].to_numpy(dtype=float)
    means = posterior_means(fit.spec, asked.design, fit.groups["posterior"])
    known = np.isfinite(left)
    if asked.ax is not None:
        ax = axes(asked.ax, (5.0, 4.0))
        _against_means(ax, means[known], left[known], fit.spec.response.label)
        return ax
    _, panels = grid(2, (4.4, 3.6), 2, share_x=False)
    _against_means(panels[0], means[known], left[known], fit.spec.response.label)
    _against_normal(panels[1], left[known])
    return panels


def _against_means(ax: Axes, means: Floats, left: Floats, label: str) -> None:
    tidy(ax)
    ax.axhline(0.0, color="0.6", linewidth=0.8)
    for end in (-2, 2):
        ax.axhline(end, color="0.8", linewidth=0.8, linestyle=":")
    ax.scatter(means, left, s=10, color=DATA, alpha=max(0.15, min(0.7, 150 / len(left))), linewidth=0)
    order = np.argsort(means, kind="stable")
    parts = [part for part in np.array_split(order, min(12, max(1, len(order) // 8))) if len(part)]
    across, middle = [means[part].mean() for part in parts], [left[part].mean() for part in parts]
    ax.plot(across, middle, color=NONE, linewidth=1.6, marker="o", markersize=3)
    ax.set_xlabel(f"posterior mean of {label}")
    ax.set_ylabel("quantile residual")


def _against_normal(ax: Axes, left: Floats) -> None:
    from scipy.stats import norm

    tidy(ax)
    ordered = np.sort(left)
    expected = norm.ppf((np.arange(len(left)) + 0.5) / len(left))
    ax.axline((0.0, 0.0), slope=1.0, color=NONE, linewidth=1)
    ax.scatter(expected, ordered, s=10, color=DATA, alpha=0.6, linewidth=0)
    ax.set_xlabel("standard normal quantile")
