"""Program -> pm.Model: make a program live."""

from __future__ import annotations

from operator import attrgetter
from types import SimpleNamespace
from typing import Any, assert_never

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor.tensor.variable import TensorVariable

from tildemc.arrays import Floats, Values
from tildemc.spec.expr import Computes, Expr, Var, evaluate
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.targets.pymc import functions
from tildemc.targets.pymc.program import (
    Argument,
    Array,
    CholeskyCovariance,
    Data,
    Deterministic,
    Local,
    Own,
    Program,
    Random,
    Statement,
    WeightedLikelihood,
)

__all__ = ["build"]

Tensor = TensorVariable[Any, Any]

_HOMES = SimpleNamespace(pm=pm, pt=pt)

FUNCTIONS: dict[str, Computes] = {
    "neg": lambda x: -x,
    **{row.name: attrgetter(row.pymc)(_HOMES) for row in VOCABULARY.values() if "." in row.pymc},
    **{row.name: getattr(functions, row.pymc) for row in VOCABULARY.values() if row.pymc and "." not in row.pymc},
    "transpose": lambda x: x.T,
    "row_sum": lambda x: x.sum(axis=-1),
    "stack": lambda *parts: pt.stack(parts),
    "concatenate": lambda *parts: pm.math.concatenate(parts),
    "columns": lambda *parts: pt.stack(parts, axis=-1),
    "zeros_like": pt.zeros_like,
    "constant": pm.math.constant,
    "beside": lambda *parts: pm.math.concatenate(parts, axis=-1),
    "mean": lambda x: x.mean(),
    "eye": np.eye,
    "ones": np.ones,
    "arange": np.arange,
    "array": lambda *rows: np.array(rows, dtype=float),
    "list": lambda *numbers: numbers,
    "lags": lambda at: np.abs(np.subtract.outer(at, at)),
    "distances": lambda at: np.linalg.norm(at[:, None] - at, axis=-1),
    "cholesky": pt.linalg.cholesky,
    "block_diagonal": lambda *parts: pt.linalg.block_diag(*(pt.atleast_2d(pt.as_tensor(part)) for part in parts)),
}
"""What PyTensor computes for each function that a program's expressions apply."""


def build(program: Program) -> pm.Model:
    """The live model, with coords and dims."""
    with pm.Model(coords={dim: labels for dim, (labels, _) in program.coords.items()}) as model:
        builder = _Builder(program)
        for statement in program.statements:
            builder.state(statement)
    return model


class _Builder:
    """The variables made so far, by name."""

    def __init__(self, program: Program) -> None:
        self.variables: dict[str, Any] = dict(program.constants)

    def value(self, expr: Expr) -> Tensor:
        return evaluate(expr, lambda name: self.variables[name.name], FUNCTIONS)

    def arguments(self, arguments: dict[str, Argument]) -> dict[str, Tensor | Values]:
        return {k: v.values if isinstance(v, Array) else self.value(v) for k, v in arguments.items()}

    def state(self, statement: Statement) -> None:
        match statement:
            case Data(name, values, dims):
                self.variables[name] = pm.Data(name, values, dims=dims or None)
            case Local(name, value):
                self.variables[name] = self.value(value)
            case Deterministic(name, value, dims):
                self.variables[name] = pm.Deterministic(name, self.value(value), dims=dims or None)
            case CholeskyCovariance():
                self._cholesky(statement)
            case Random():
                self.variables[statement.name] = self._random(statement)
            case WeightedLikelihood(name, response, weights):
                observed = self.variables[response]
                row = pm.logp(observed, pm.modelcontext(None).rvs_to_values[observed])
                pm.Potential(name, ((self.variables[weights] - 1) * row).sum())
            case never:
                assert_never(never)

    def _random(self, statement: Random) -> Tensor:
        arguments = self.arguments(statement.arguments)
        if isinstance(statement.distribution, Own):
            return _custom(statement.name, statement.distribution, arguments, statement.dims, self._observed(statement))
        family = getattr(pm, statement.distribution)
        place: dict[str, object] = {"dims": statement.dims or None}
        if statement.shape is not None:
            place = {"shape": statement.shape}
        if statement.ends is not None:
            ends = {k: v for k, v in zip(("lower", "upper"), statement.ends, strict=True) if np.isfinite(v)}
            if statement.start is not None:
                place |= self.arguments({"initval": statement.start})
            cut: Tensor = pm.Truncated(statement.name, family.dist(**arguments), **ends, **place)
            return cut
        if statement.ordered:
            place |= {"transform": pm.distributions.transforms.ordered}
        if statement.start is not None:
            place |= self.arguments({"initval": statement.start})
        if statement.observed is not None:
            place |= {"observed": self._observed(statement)}
        found: Tensor = family(statement.name, **arguments, **place)
        return found

    def _observed(self, statement: Random) -> Tensor | Values | None:
        values = statement.observed
        return self.value(values) if isinstance(values, Var) else values

    def _cholesky(self, statement: CholeskyCovariance) -> None:
        sds = getattr(pm, statement.distribution).dist(**self.arguments(statement.arguments), shape=statement.n)
        chol, cor, sd = pm.LKJCholeskyCov(
            statement.chol, n=statement.n, eta=statement.eta, sd_dist=sds, compute_corr=True, store_in_trace=False
        )
        self.variables |= {statement.chol: chol, statement.cor: cor, statement.sd: sd}


def _custom(
    name: str, own: Own, arguments: dict[str, Tensor | Values], dims: tuple[str, ...], observed: Tensor | Values | None
) -> Tensor:
    """A distribution by its own density and draw."""

    def logp(value: Tensor, *values: Tensor) -> Tensor:
        known = {"y": value, **dict(zip(arguments, values, strict=True))}
        return evaluate(own.log_density, lambda var: known[var.name], FUNCTIONS)

    def random(*values: Floats, rng: np.random.Generator, size: tuple[int, ...]) -> Values:
        assert own.draw is not None
        return own.draw.of(dict(zip(arguments, values, strict=True)), rng, size)

    found: Tensor = pm.CustomDist(
        name, *arguments.values(), logp=logp, random=random if own.draw else None,
        dtype="int64" if own.whole else "float64", dims=dims or None, observed=observed,
    )  # fmt: skip
    return found
