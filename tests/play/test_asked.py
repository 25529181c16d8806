"""What the page says is what it may say, or is refused in a sentence."""

from __future__ import annotations

import pytest

from tildemc.errors import TildeError
from tildemc.play.asked import Asked, settings_of, told_of

REFUSED = {
    "no mapping": ([], "names and values"),
    "no text": ({"file": "a.csv"}, "has a text and a data file"),
    "another field": ({"text": "y ~ x", "file": "a.csv", "data2": "b"}, "not 'data2'"),
    "a field of another kind": ({"text": "y ~ x", "file": 1}, "each a text, not 'file'"),
}

PRIORS = {
    "none": ("", []),
    "one a line": ("sd(g) ~ exponential(1)\n\nb ~ normal(0, 1)", ["sd(g) ~ exponential(1)", "b ~ normal(0, 1)"]),
    "a call of brms's on several lines": (
        "c(prior(exponential(1), class = sd),\n  prior(normal(0, 1), class = b))",
        ["c(prior(exponential(1), class = sd),\n  prior(normal(0, 1), class = b))"],
    ),
}


@pytest.mark.parametrize("said, message", REFUSED.values(), ids=REFUSED)
def test_what_is_no_model_is_refused(said: object, message: str) -> None:
    with pytest.raises(TildeError, match=message):
        Asked.of(said)


@pytest.mark.parametrize("text, statements", PRIORS.values(), ids=PRIORS)
def test_priors_are_told_apart(text: str, statements: list[str]) -> None:
    assert Asked("y ~ x", "a.csv", priors=text).stated_priors() == statements


def test_settings_are_what_a_fit_may_be_told() -> None:
    found = settings_of({"draws": 200, "seed": None, "method": "exact"})
    assert (found.draws, found.seed, found.method, found.progress) == (200, None, "exact", False)


@pytest.mark.parametrize(
    "said, message", [({"draws": 0}, "`draws` is a whole number"), ({"method": "mcmc"}, "`method` is one of")]
)
def test_settings_out_of_range_are_refused(said: object, message: str) -> None:
    with pytest.raises(TildeError, match=message):
        settings_of(said)


@pytest.mark.parametrize(
    "said", [{}, {"panel": 1}, {"panel": "model", "choice": -1}, {"panel": "model", "choice": "1"}]
)
def test_a_panel_is_asked_for_by_name_and_number(said: object) -> None:
    with pytest.raises(TildeError, match="by its name, and by the number of a choice"):
        told_of(said)
