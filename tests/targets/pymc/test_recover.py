"""Recovered variables are those that the program's statements make the reported quantities from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.linalg import block_diag

import tildemc as tm
from case import cases
from tildemc.model.expr import Const, evaluate
from tildemc.model.parameters import parameters
from tildemc.targets.pymc.lower import graph
from tildemc.targets.pymc.program import CholeskyCovariance, Deterministic, Program, Random
from tildemc.targets.pymc.recover import recover

FUNCTIONS: dict[str, Any] = {
    "sqrt": np.sqrt,
    "transpose": np.transpose,
    "stack": lambda *parts: np.stack(parts),
    "concatenate": lambda *parts: np.concatenate(parts),
    "beside": lambda *parts: np.concatenate(parts, axis=-1),
    "block_diagonal": block_diag,
    "cholesky": np.linalg.cholesky,
    "eye": np.eye,
    "ones": np.ones,
}
RNG = np.random.default_rng(4)
N = 60
DATA = pd.DataFrame(
    {
        "y": RNG.normal(5, 2, N),
        "x": RNG.normal(size=N),
        "w": RNG.normal(size=N),
        "g": np.resize(list("abcdef"), N),
        "arm": np.resize(["old", "new"], N),
    }
)
PRIORS = {
    "of one kind": (),
    "of several kinds": ("sd(g, x) ~ exponential(1)", "b(x) ~ student_t(3, 0, 1)"),
    "on variances": ("var(g) ~ gamma(2, 1)", "var(sigma) ~ inv_gamma(2, 1)"),
    "on one variance": ("var(g, x) ~ gamma(2, 1)",),
    "truncated": ("sd(g) ~ normal(1, 1)",),
    "at zero": ("Intercept ~ normal(0, 1)",),
}
FORMULAS = (
    "y ~ x + I(w / 2) + (1 + x || g)",
    "y ~ x + I(w / 2) + (1 + x + I(x / 2) | g); sigma ~ by(arm)",
    "y ~ x + I(w / 2) + (1 | g) + (0 + x + w | g)",
    "y ~ x + I(w / 2) + homdiag(1 + x | g)",
    "y ~ x + I(w / 2) + cs(1 + x + I(x / 2) | g)",
    "y ~ x + I(w / 2) + homcs(1 + x | g) + homdiag(0 + w + I(x / 2) | g)",
)
MODELS = {
    **{case.name: case.model for case in cases()},
    **{
        f"{formula}: priors {kind}": lambda formula=formula, priors=priors: tm.model(formula, DATA, priors=priors)
        for formula in FORMULAS
        for kind, priors in PRIORS.items()
    },
}


def drawn(program: Program, rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Some values of the free variables, and all that the program computes from them."""
    sizes = {dim: len(labels) for dim, (labels, _) in program.coords.items()}
    known: dict[str, Any] = dict(program.constants)
    for statement in program.statements:
        match statement:
            case Random(name, "LKJCorr", arguments):
                known[name] = factor(int(evaluate(arguments["n"], known.get, {})), rng)
            case Random(name, "Uniform", {"lower": Const(lower), "upper": Const(upper)}, dims=()):
                known[name] = rng.uniform(lower, upper)
            case Random(name, dims=dims, shape=shape, observed=None):
                known[name] = rng.uniform(0.5, 2, shape if shape is not None else [sizes[dim] for dim in dims])
            case CholeskyCovariance(chol, cor, sd, n=n):
                known[sd], unit = rng.uniform(0.5, 2, n), factor(n, rng)
                known[cor], known[chol] = unit @ unit.T, known[sd][:, None] * unit
            case Deterministic(name, value):
                known[name] = evaluate(value, lambda variable: known[variable.name], FUNCTIONS)
    return known


def factor(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The lower Cholesky factor of a correlation matrix."""
    lower_part = np.tril(rng.normal(size=(n, n)), -1) + np.eye(n)
    return np.asarray(lower_part / np.linalg.norm(lower_part, axis=1, keepdims=True))


@pytest.mark.parametrize("name", MODELS)
def test_free_variables_are_recovered_from_what_is_reported(name: str) -> None:
    model = MODELS[name]()
    program = graph(model.spec, model.design)
    known = drawn(program, np.random.default_rng(1))
    reported = {p.name: np.stack([known[p.name]] * 3)[None] for p in parameters(model.spec)}
    found = recover(program, reported)
    packed = {s.chol for s in program.statements if isinstance(s, CholeskyCovariance)}
    free = {s.name for s in program.statements if isinstance(s, Random) and s.observed is None} | packed
    assert free <= set(found) | set(reported)
    for variable, (_, values) in found.items():
        expected = known[variable]
        expected = expected[np.tril_indices(len(expected))] if variable in packed else expected
        assert values.shape == (1, 3, *np.shape(expected))
        np.testing.assert_allclose(values, np.broadcast_to(expected, values.shape), rtol=1e-9, atol=1e-9)


VANISHING = {
    "the first sd": ((0.0, 1.0), 0.6),
    "the second sd": ((1.0, 0.0), 0.6),
    "both sds": ((0.0, 0.0), 0.6),
    "the first sd nearly": ((1e-300, 1.0), -0.6),
    "the rest of the second effect": ((1.0, 2.0), 1.0),
    "the rest of the second effect, correlated negatively": ((1.0, 2.0), -1.0),
    "the rest of the second effect nearly": ((1.0, 2.0), 1 - 1e-13),
}


@pytest.mark.parametrize("what", VANISHING)
def test_variances_that_vanish_leave_no_gap(what: str) -> None:
    sd, rho = VANISHING[what]
    model = tm.model("y ~ 1 + (1 + x | g)", DATA)
    program = graph(model.spec, model.design)
    rng = np.random.default_rng(2)
    cor = np.array([[1.0, rho], [rho, 1.0]])
    values, vectors = np.linalg.eigh(cor)
    effects = rng.normal(size=(6, 2)) @ (vectors * np.sqrt(np.maximum(values, 0))).T * sd
    known = drawn(program, rng) | {"cor_g": cor, "sd_g": np.array(sd), "r_g": effects}
    found = recover(program, {p.name: known[p.name][None, None] for p in parameters(model.spec)})
    packed, z = found["chol_g"][1][0, 0], found["z_g"][1][0, 0]
    L = np.array([[packed[0], 0.0], [packed[1], packed[2]]])
    assert np.isfinite(z).all() and np.isfinite(L).all()
    np.testing.assert_allclose(z @ L.T, effects, atol=1e-6)
