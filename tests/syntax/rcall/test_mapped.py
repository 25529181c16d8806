"""glmmTMB's `map` holds parameters at their starting values, which R's `VarCorr()` and `sigma()` show."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import TildeError
from tildemc.syntax.command import read
from tildemc.syntax.tree import Number, PriorStatement, deparse

SDS = [
    ("(1 | g)", "theta = factor(NA)", "theta = log(2)", {"g": 2.0}),
    ("(1 | g) + (1 | h)", "theta = factor(c(NA, 1))", "theta = c(log(1e3), 0)", {"g": 1000.0}),
    ("(1 | g) + (1 | h)", "theta = factor(c(NA, NA))", "theta = c(log(sqrt(4)), 0)", {"g": 2.0, "h": 1.0}),
    ("(1 | g:h)", "theta = factor(c(NA))", "theta = -log(2)", {"g:h": 0.5}),
    ("(1 | g)", "theta = factor(NA)", "beta = 1", {"g": 1.0}),
]


@pytest.mark.parametrize(("groups", "tied", "start", "sds"), SDS)
def test_an_sd_is_its_starting_value(groups: str, tied: str, start: str, sds: dict[str, float]) -> None:
    found = read(f"glmmTMB(y ~ x + {groups}, d, map = list({tied}), start = list({start}))")
    assert {_factor(prior): _value(prior) for prior in found.priors} == pytest.approx(sds)
    assert not any("start" in note for note in found.notes)


def _factor(prior: PriorStatement) -> str:
    assert prior.target_arguments is not None
    return deparse(prior.target_arguments[0]).strip('"')


def _value(prior: PriorStatement) -> float:
    (argument,) = prior.arguments
    assert isinstance(argument.value, Number)
    return argument.value.value


FIXED = [
    ("gaussian", "betadisp", "log(5)", "sigma = 5"),
    ("nbinom2", "betadisp", "log(3)", "shape = 3"),
    ("tweedie()", "psi", "0", "power = 1.5"),
]


@pytest.mark.parametrize(("family", "vector", "start", "fixed"), FIXED)
def test_a_parameter_of_the_response_is_its_starting_value(family: str, vector: str, start: str, fixed: str) -> None:
    held = f"map = list({vector} = factor(NA)), start = list({vector} = {start})"
    (found,) = read(f"glmmTMB(y ~ x, d, family = {family}, {held})").formula.fixed
    assert str(found) == fixed


def test_a_start_beside_no_map_is_dropped() -> None:
    notes = read("glmmTMB(y ~ x + (1 | g), d, start = list(theta = 1))").notes
    assert any(note.startswith("`start = list(theta = 1)` is dropped") for note in notes)


MISTAKES = [
    ("(1 | g)", "list(beta = ⟪factor(c(1, 2, 2))⟫)", "makes parameters equal, which is not built"),
    ("(1 | g)", "list(beta = ⟪factor(c(NA, 1))⟫)", "hold a parameter by a prior, as in `x ~ constant(0)`"),
    ("(1 | g)", "list(betad = ⟪factor(NA)⟫)", "write `betadisp`"),
    ("(x | g)", "list(theta = ⟪factor(c(NA, 1, 2))⟫)", "`theta` is read where each group term is an intercept"),
    ("(1 | g)", "⟪m⟫", "`m` is not bound in the text"),
]


@pytest.mark.parametrize(("groups", "marked", "said"), MISTAKES)
def test_mistakes(groups: str, marked: str, said: str) -> None:
    mistake(lambda text: read(text), f"glmmTMB(y ~ x + {groups}, d, map = {marked})", said, TildeError)
