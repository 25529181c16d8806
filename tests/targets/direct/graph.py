"""The PyMC graph's log density and gradient at the direct engine's points, and from its coordinates to the graph's."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytensor
from numpy.typing import NDArray

from programs import compiled
from tildemc.compiled import Model
from tildemc.spec.model import ModelSpec, chains
from tildemc.spec.parameters import names
from tildemc.spec.terms.thresholds import Thresholds, ThresholdsNames
from tildemc.targets.direct.entry import evaluate, quantities
from tildemc.targets.direct.problem import Problem
from tildemc.targets.pymc.names import Spare

Floats = NDArray[np.float64]


def graph_density(
    model: Model, problem: Problem, *, gradient: bool = True
) -> Callable[[Floats], tuple[float, Floats | None]]:
    """(log density, gradient if asked) of the PyMC graph at the coordinates of a problem without decorrelation."""
    graph = model.pymc()
    places = positions(model, problem)
    # Numbers have places and no coordinates.
    number = np.full(problem.layout.size, -1)
    number[problem.free] = np.arange(problem.size)
    free = [(graph.rvs_to_values[rv], number[np.array(places[rv.name])]) for rv in graph.free_RVs]
    assert sorted(k for _, where in free for k in where.ravel()) == list(range(problem.size))
    # PyMC has shares as logs over their geometric mean: of two, half the log of their ratio.
    scale = {names(model.spec).of(shares)["together"]: 0.5 for shares in model.spec.shares}
    effects = (effect for predictor in model.spec.predictors for effect in predictor.monotonic)
    scale |= {names(model.spec).of(effect).simo: 0.5 for effect in effects}
    scale |= {own.name: 0.5 for own in model.spec.hyperparameters if own.support.shares}
    values, logp = [value for value, _ in free], graph.logp()
    by_values = pytensor.grad(logp, values, disconnected_inputs="ignore") if gradient else []
    function = compiled(values, [logp, *by_values])

    factors = [scale.get(rv.name, 1.0) for rv in graph.free_RVs]

    def density(x: Floats) -> tuple[float, Floats | None]:
        value, *slopes = function(*(factor * x[where] for factor, (_, where) in zip(factors, free, strict=True)))
        if not gradient:
            return float(value), None
        by_x = np.empty(problem.size)
        for factor, (_, where), slope in zip(factors, free, slopes, strict=True):
            by_x[where] = factor * slope
        return float(value), by_x

    return density


def graph_coordinates(problem: Problem, coordinates: Floats) -> Floats:
    """The graph's coordinates of points (…, size)."""
    tables, x = problem.tables, np.zeros((*coordinates.shape[:-1], problem.layout.size))
    # Numbers have places and no coordinates.
    x[..., problem.free] = coordinates
    for bend in tables.bends:
        u = x[..., bend["at"]]
        x[..., bend["at"]] = bend["origin"] + bend["scale"] * (u - 0.5 * np.logaddexp(0, -u) ** 2)
    for m in tables.maps:
        T = tables.floats[m["matrix"] : m["matrix"] + m["size"] ** 2].reshape(m["size"], m["size"])
        where = slice(m["at"], m["at"] + m["size"])
        x[..., where] = x[..., where] @ T.T
    for s in tables.shifts:
        K = tables.floats[s["matrix"] : s["matrix"] + s["size"] * s["columns"]].reshape(s["columns"], s["size"])
        x[..., s["at"] : s["at"] + s["size"]] += x[..., s["by"] : s["by"] + s["columns"]] @ K
    found = quantities(tables, coordinates)
    for layout in problem.layout.groups.values():
        x[..., layout.z] = found[..., layout.z]
    return x[..., problem.free]


def log_jacobian(problem: Problem, coordinates: Floats) -> float:
    """Of `graph_coordinates`, from central differences of the eighth order."""
    steps = 0.01 * np.eye(problem.size)
    ahead, weights = np.array([1, 2, 3, 4]), np.array([4 / 5, -1 / 5, 4 / 105, -1 / 280])
    points = coordinates + ahead[:, None, None] * steps, coordinates - ahead[:, None, None] * steps
    moved = [graph_coordinates(problem, each) for each in points]
    J = np.tensordot(weights, moved[0] - moved[1], axes=1) / 0.01
    return float(np.linalg.slogdet(J)[1])


def slopes(problem: Problem, x: np.ndarray) -> np.ndarray:
    """The derivatives of the kernel's value by each coordinate, from central differences of the eighth order."""
    weights, step = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}, 0.001
    total = np.zeros(len(x))
    for k, along in enumerate(step * np.eye(len(x))):
        for many, weight in weights.items():
            ahead, behind = (evaluate(problem.tables, x + sign * many * along)[0] for sign in (1, -1))
            total[k] += weight * (ahead - behind) / step
    return total


def compare_coordinates(problem: Problem, sampled: Problem, rng: np.random.Generator) -> None:
    """In the sampler's coordinates the density is that in the graph's, times the Jacobian, and has its slopes."""
    constants, size = [], 1.0
    for _ in range(2):
        u = sampled.start + 0.3 * rng.normal(size=sampled.size)
        value, gradient = evaluate(sampled.tables, u)
        in_graph = evaluate(problem.tables, graph_coordinates(sampled, u))[0]
        constants.append(value - in_graph - log_jacobian(sampled, u))
        size = max(size, abs(value))
        expected = slopes(sampled, u)
        np.testing.assert_allclose(gradient, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())
    assert np.ptp(constants) < 1e-8 * size


def positions(model: Model, problem: Problem) -> dict[str, Any]:
    """For every name that the graph may give a free variable, the coordinates that it stands for."""
    spec = model.spec
    found: dict[str, Any] = {}
    known, layout = names(spec), problem.layout
    for predictor in spec.predictors:
        population = predictor.population
        named, place = known.of(population), layout.populations[population.path]
        if place.intercept is not None:
            found[named.alpha if population.centred else named.intercept] = place.intercept
        found |= _each(named.b, named.b, _range(place.b), [c.label for c in population.columns])
        found |= {known.of(effect)["b"]: layout.measured_effects[effect.path] for effect in predictor.measured}
        for smooth in predictor.smooths:
            own_layout, own_called = layout.groups[smooth.path], known.of(smooth)
            found[own_called.z] = _range(own_layout.z)
            found[own_called.sds] = own_layout.blocks[0].sds[0]
        for process in predictor.processes:
            named_process, place = known.of(process), layout.groups[process.path]
            block = place.blocks[0]
            assert block.sd is not None and block.chol is not None
            found[named_process.z], found[named_process.sdgp] = _range(place.z), block.sd.start
            scales = _range(block.chol)
            labels = [column.label for column in process.inputs]
            found |= (
                _each(named_process.lscale, "", scales, labels)
                if process.several
                else {named_process.lscale: scales[0]}
            )
        for areas in predictor.areas:
            named_areas, place = known.of(areas), layout.groups[areas.path]
            block = place.blocks[0]
            assert block.sd is not None and block.chol is not None
            found |= {named_areas.z: _range(place.z), named_areas.sdcar: block.sd.start}
            if areas.shares:
                found[named_areas.share] = block.chol.start
        for effects in predictor.groups:
            group, called = layout.groups[effects.path], known.of(effects)
            found[called.z] = np.array(_range(group.z)).reshape(group.levels, -1)
            if group.df is not None and group.mixing is not None:
                found |= {called.df: group.df, called.u: _range(group.mixing)}
            sds = [k for block in group.blocks if block.sd is not None for k in _range(block.sd)]
            found |= _each(called.sd, called.var, sds, list(effects.labels))
            for number, (block, where) in enumerate(zip(effects.blocks, group.blocks, strict=True), start=1):
                label = "" if len(effects.blocks) == 1 else f"_{number}"
                if where.chol is not None:
                    found[f"{called.chol}{label}"] = _range(where.chol)
                    found[f"rho{called.cor.removeprefix('cor')}{label}"] = where.chol.start
                    names_of = [shape.name for shape in block.shapes]
                    found |= _each(f"{called.shape}{label}", "", _range(where.chol), names_of)
                    d = where.scores.stop - where.scores.start
                    found[f"{called.shape}{label}_diagonal"] = _range(where.chol)[:d]
                    found[f"{called.shape}{label}_below"] = _range(where.chol)[d:]
                if where.sd is not None:
                    for name in (called.sd, called.var):
                        found[f"{name}{label}_shared"] = where.sd.start
                    found |= _each(f"{called.sd}{label}", f"{called.var}{label}", _range(where.sd), list(block.labels))
    if spec.thresholds is not None and layout.thresholds is not None:
        found |= _of_thresholds(spec.thresholds, known.of(spec.thresholds), _range(layout.thresholds.own))
        distances = _range(layout.thresholds.distances)
        levels = [] if spec.thresholds.by is None else list(spec.thresholds.by.levels)
        if distances:
            found |= _each("delta", "delta", distances, levels) if levels else {"delta": distances[0]}
    if spec.specific is not None and layout.thresholds is not None:
        effects = np.array(_range(layout.thresholds.effects)).reshape(spec.specific.size, -1).T
        found |= _each("bcs", "bcs", list(effects), [c.label for c in spec.specific.columns]) | {"bcs": effects}
    increasing = [
        layout.populations[p.population.path].intercept for p in spec.predictors if p.parameter in _ordered(spec)
    ]
    found["increasing_Intercept"] = increasing
    for shares in spec.shares:
        found[known.of(shares)["together"]] = _range(layout.shares[shares.path])
    if spec.rescor is not None:
        places = _range(layout.rescor)
        found |= _each(known.of(spec.rescor).partial, "", places, [str(k) for k in range(len(places))])
    for effect in (effect for predictor in spec.predictors for effect in predictor.monotonic):
        step = layout.monotonic[effect.path]
        found |= {known.of(effect).b: step.b, known.of(effect).simo: _range(step.shares)}
    for latent in spec.latents:
        found[known.of(latent)["true 0"]] = _range(layout.latents[latent.path])
    for measured in spec.measured:
        called_, where = known.of(measured), layout.measured[measured.path]
        for k in range(measured.width):
            found |= {called_[f"mean {k}"]: where.means.start + k, called_[f"sd {k}"]: where.sds.start + k}
            found[called_[f"z {k}"]] = _range(where.z)[k * measured.size : (k + 1) * measured.size]
        for at, (j, k) in enumerate(measured.pairs, start=where.partials.start):
            found[called_[f"partial {j} {k}"]] = at
    for auxiliary in spec.auxiliaries:
        named_, own_place = known.of(auxiliary), layout.auxiliaries[auxiliary.path]
        found[named_.name] = found[named_.var] = own_place.start if auxiliary.by is None else _range(own_place)
    for hyperparameter in spec.hyperparameters:
        numbers = _range(layout.hyperparameters[hyperparameter.path])
        found[hyperparameter.name] = numbers if hyperparameter.along else numbers[0]
    # What follows others is made of a standard variable.
    spare = Spare(())
    return found | {spare("z", name): place for name, place in found.items() if not name.startswith("z_")}


def _of_thresholds(thresholds: Thresholds, named: ThresholdsNames, own: list[int]) -> dict[str, Any]:
    name = named.cutpoints if thresholds.centred or thresholds.spacing == "sum_to_zero" else named.name
    if thresholds.spacing == "equidistant":
        levels = [] if thresholds.by is None else list(thresholds.by.levels)
        first = Spare(())("first", named.name)
        return _each(first, first, own, levels) if levels else {first: own[0]}
    found = _each(name, name, own, [str(label) for label in thresholds.labels])
    if thresholds.by is not None:
        spare = Spare(())
        for level, (start, end) in zip(thresholds.by.levels, pairwise(thresholds.starts.tolist()), strict=True):
            found[spare(name, level)] = own[start:end]
    return found


def _ordered(spec: ModelSpec) -> set[str]:
    return {name for chain in chains(spec) if len(chain) > 1 for name in chain}


def _range(where: slice) -> list[int]:
    return list(range(where.start, where.stop))


def _each(name: str, variance: str, places: list[Any], labels: list[str]) -> dict[str, Any]:
    found, spare = {name: places, variance: places}, Spare(())
    for label, place in zip(labels, places, strict=False):
        found[spare(name, label)] = found[spare(variance, label)] = place
    return found
