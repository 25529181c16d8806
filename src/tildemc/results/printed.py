"""A model and the summary of its draws -> the page that is shown of a fit, in brms's sections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tildemc.arrays import Floats
from tildemc.page import Section
from tildemc.results.summary import Scalar, Summary
from tildemc.screen import Row, numbers
from tildemc.spec.model import ModelSpec
from tildemc.spec.terms.term import COEFFICIENTS

__all__ = ["about", "sections"]


def about(spec: ModelSpec, used: int, given: int | None) -> str:
    """The family with its links, the level of a binary response that is modelled, and the rows.

    Parameters
    ----------
    spec : ModelSpec
    used : int
        Rows in the model.
    given : int, optional
        Rows in the data, where that is known.
    """
    first, *others = spec.predictors
    if spec.family.categories is not None or spec.family.mixture is not None:
        # Categories have the link of the first of them, and of a mixture's components it is said of those that differ.
        others = [predictor for predictor in others if predictor.link != first.link]
    links = "".join(f", {predictor.link} link for {predictor.parameter}" for predictor in others)
    success = "" if spec.response.success is None else f"; success: {spec.response.label} is {spec.response.success}"
    rows = f"{used:,} rows" if given in (None, used) else f"{used:,} of {given:,} rows"
    return f"{spec.family.called} with {spec.link} link{links}{success}; {rows}"


def sections(
    spec: ModelSpec, summary: Summary, levels: Mapping[str, int], *, exponentiated: bool, group_effects: bool
) -> Iterator[Section]:
    """How effects vary by each factor, population effects, the family's parameters.

    Parameters
    ----------
    spec : ModelSpec
    summary : Summary
    levels : mapping of str to int
        The length of each dim.
    exponentiated : bool
        Whether population effects are.
    group_effects : bool
        Whether each level's effects come last.
    """
    tail = 50 * (1 - summary.interval)
    above = ("mean", "sd", f"{tail:.4g}%", f"{100 - tail:.4g}%", "ESS", "R-hat")
    groups = dict.fromkeys(scalar.group for scalar in summary.scalars if scalar.group is not None)

    def section(title: str, belongs: Callable[[Scalar], bool]) -> Iterator[Section]:
        at = [i for i, scalar in enumerate(summary.scalars) if belongs(scalar)]
        if at:
            yield Section(title, above, _rows([summary.scalars[i].label for i in at], summary.numbers[at]))

    for group in groups:
        title = f"Effects by {group}: {levels[group]:,} levels"
        yield from section(title, lambda s, group=group: s.group == group and s.role != "group effect")  # type: ignore[misc]
    title = "Population effects, exponentiated" if exponentiated else "Population effects"
    yield from section(title, lambda scalar: scalar.role == "population")
    for own in ("monotonic share", "measured", "smooth parameter"):
        yield from section(summary.titles[own], lambda scalar, own=own: scalar.role == own)  # type: ignore[misc]
    rest = "Other parameters" if spec.residual_sd is None else "Residual"
    yield from section(rest, lambda scalar: scalar.role in ("residual", "residual correlation"))
    yield from section(summary.titles["hyperparameter"], lambda scalar: scalar.role == "hyperparameter")
    if group_effects:
        for role in COEFFICIENTS:
            yield from section(summary.titles[role], lambda scalar, role=role: scalar.role == role)  # type: ignore[misc]


def _rows(labels: Sequence[str], table: Floats) -> list[Row]:
    """Each parameter's numbers: its own to the places that its sd has, then how well they are known."""
    rows: list[Row] = []
    for label, values in zip(labels, table.tolist(), strict=True):
        mean, sd, lower, upper, ess, _, r_hat = values
        # Of what is a number nothing was drawn.
        known = ["", ""] if sd == 0 else [f"{ess:.0f}", f"{r_hat:.3f}"]
        rows.append((label, [*numbers((mean, sd, lower, upper), sd), *known]))
    return rows
