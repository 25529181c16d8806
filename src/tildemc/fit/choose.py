"""Which engine draws, and why: the first in `ENGINES` that can fit the model, else NUTS on the PyMC graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tildemc.errors import FitError
from tildemc.fit.settings import Settings
from tildemc.model.design import Numbers, Streamed
from tildemc.model.gaps import Unsupported
from tildemc.model.spec import ModelSpec
from tildemc.results.fit import Fit

__all__ = ["ENGINES", "Engine", "fit"]

GRAPH = "NUTS on the PyMC graph"


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to a posterior.

    Attributes
    ----------
    name : str
        As in `method=`.
    path : str
        What a fit says of it.
    gaps : callable
        What of a model it cannot express.
    sample : callable
        Draws; takes the model, its design, the settings, and what to say of the path.
    """

    name: str
    path: str
    gaps: Callable[[ModelSpec], tuple[Unsupported, ...]]
    sample: Callable[[ModelSpec, Numbers, Settings, str], Fit]


def _direct_gaps(spec: ModelSpec) -> tuple[Unsupported, ...]:
    from tildemc.targets.direct.gaps import gaps

    return gaps(spec)


def _direct(spec: ModelSpec, design: Numbers, settings: Settings, path: str) -> Fit:
    from tildemc.fit.direct import sample_direct

    return sample_direct(spec, design.whole("the direct engine"), settings, path)


def _exact_gaps(spec: ModelSpec) -> tuple[Unsupported, ...]:
    from tildemc.targets.marginal import gaps

    return gaps(spec)


def _exact(spec: ModelSpec, design: Numbers, settings: Settings, path: str) -> Fit:
    from tildemc.fit.exact import sample_exact

    return sample_exact(spec, design, settings, path)


def _on_graph(spec: ModelSpec, design: Numbers, settings: Settings, path: str) -> Fit:
    from tildemc.fit.nuts import sample_graph

    return sample_graph(spec, design.whole(path), settings, path)


ENGINES = (
    Engine("exact", "exact", _exact_gaps, _exact),
    Engine("direct", "NUTS, direct engine", _direct_gaps, _direct),
)
"""In the order in which `method="auto"` asks them; `method="nuts"` passes over the first."""


_ASKED = {"auto": ("exact", "direct"), "nuts": ("direct",)}


def fit(spec: ModelSpec, design: Numbers, settings: Settings) -> Fit:
    """Draw from the posterior with the engine that the settings ask for.

    Parameters
    ----------
    spec, design
    settings : Settings

    Returns
    -------
    Fit
        With fewer draws than asked for, which it says, if a sampler was interrupted.

    Raises
    ------
    FitError
        If an engine was asked for by name and cannot fit the model, with all reasons.
    Interrupted
        If a sampler was, before there were draws.
    """
    return _draw(spec, design, settings).asked(settings.chains, settings.draws)


def _draw(spec: ModelSpec, design: Numbers, settings: Settings) -> Fit:
    if isinstance(design, Streamed):
        _refuse_streamed(spec, design, settings)
    if settings.method == "pymc" or (settings.method in ("auto", "nuts") and settings.sampler == "pymc"):
        return _on_graph(spec, design, settings, GRAPH)
    if settings.sampler != "nutpie":
        raise FitError(f"the {settings.method} engine has a sampler of its own; `sampler` goes with `method='pymc'`")
    asked = [engine for engine in ENGINES if engine.name in _ASKED.get(settings.method, (settings.method,))]
    for engine in asked:
        reasons = engine.gaps(spec)
        if not reasons:
            return engine.sample(spec, design, settings, engine.path)
    if settings.method in _ASKED:
        return _on_graph(spec, design, settings, f"{GRAPH} ({'; '.join(map(str, reasons))})")
    listed = "".join(f"\n- {reason}" for reason in reasons)
    raise FitError(f"`method={settings.method!r}` cannot fit this model; `method='pymc'` can:{listed}")


def _refuse_streamed(spec: ModelSpec, design: Streamed, settings: Settings) -> None:
    """Streamed rows are for the exact engine."""
    if settings.method not in ("auto", "exact"):
        design.whole(f"`method={settings.method!r}`")
    reasons = _exact_gaps(spec)
    if reasons:
        design.whole(f"this model ({'; '.join(map(str, reasons))})")
