"""What may be asked of a fit, whoever asks: Python, the command line or a formula file."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

import tildemc as tm
from tildemc.engines.settings import Settings
from tildemc.errors import FitError
from tildemc.visible import shown

REFUSED: dict[str, tuple[Any, ...]] = {
    "draws": (
        0,
        -1,
        10.5,
        10.0,
        True,
        "many",
        "10",
        None,
        [10],
        float("nan"),
        float("inf"),
        10**400,
        10**5000,
        np.True_,
    ),
    "tune": (-1, 1.5, False, "0", None, 10**10),
    "chains": (0, 2.0, True, "4", None, 10**6),
    "seed": (-1, 1.0, 0.5, True, "1", 2**32, np.int64(-1), [1]),
    "method": ("fast", "", None, 1, ["exact"], True),
    "sampler": ("numpyro", None, 0),
    "target_accept": (0, 1, 1.5, -0.1, True, "0.9", None, float("nan"), float("inf")),
    "progress": (None, 1, "yes"),
    "report": (1, "print"),
}
TAKEN: dict[str, tuple[Any, ...]] = {
    "draws": (1, 10, np.int64(10), np.uint8(10)),
    "tune": (0, np.int32(5)),
    "seed": (None, 0, 2**32 - 1, np.int64(7)),
    "target_accept": (0.5, np.float32(0.5)),
    "report": (None, print),
}


def cases(table: dict[str, tuple[Any, ...]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}={shown(value):.20}") for name, values in table.items() for value in values
    ]


@pytest.mark.parametrize(("name", "value"), cases(REFUSED))
def test_what_cannot_be_asked_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(FitError, match=f"`{name}` is") as caught:
        Settings(**{name: value})
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(("name", "value"), cases(TAKEN))
def test_what_can_be_asked_is_kept_as_python_has_it(name: str, value: Any) -> None:
    kept = getattr(Settings(**{name: value}), name)
    assert kept == value
    assert isinstance(kept, int | float) or kept in (None, print)


UNKNOWN = {
    "random_seed": "no `random_seed`: it is `seed` here",
    "iter": "no `iter`: say `draws`, those that are kept of each chain, and `tune`",
    "warmup": "no `warmup`: it is `tune` here",
    "adapt_delta": "no `adapt_delta`: it is `target_accept` here",
    "samples": "no `samples`: it is `draws` here",
    "nchains": "no `nchains`: it is `chains` here",
    "cores": "no `cores`: chains use all processors here",
    "drawz": "no `drawz`; did you mean `draws`?",
    "nonsense": "no `nonsense`; it has draws, tune, chains, seed, method",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_setting_by_another_name_is_answered_with_ours(name: str) -> None:
    model = tm.model("y ~ x", {"y": [1.0, 2.0, 4.0], "x": [1.0, 2.0, 3.0]})
    with pytest.raises(FitError) as caught:
        model.fit(**{name: 3})
    assert UNKNOWN[name] in str(caught.value)
    with pytest.raises(FitError, match="`optimize` has no"):
        model.optimize(**{name: 3})


def test_a_call_shows_its_settings() -> None:
    shown = inspect.signature(tm.Model.fit).parameters
    settings = {f.name: f.default for f in fields(Settings)}
    assert {name: shown[name].default for name in settings} == settings
