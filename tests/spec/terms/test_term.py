"""What every kind of term answers fits together, so that nobody who reads a model need know the kinds."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from tildemc.spec.addresses import targets
from tildemc.spec.design import outline
from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.parameters import coordinates, names, parameters

RNG = np.random.default_rng(3)
DATA = {
    "y": RNG.gamma(2.0, size=24),
    "x": RNG.normal(size=24),
    "z": RNG.normal(size=24),
    "f": list("abc") * 8,
    "g": list("uvwxyz") * 4,
}
MODELS = {
    "population effects": ("y ~ x * f", "gaussian"),
    "no intercept": ("y ~ 0 + x + (1 | g)", "gaussian"),
    "offsets": ("y ~ x + offset(z) + offset(log(x + 9))", "gaussian"),
    "correlated effects": ("y ~ x + (1 + x | g)", "gaussian"),
    "several blocks": ("y ~ x + (1 + x | g) + (0 + z | g) + homcs(0 + f | g)", "gaussian"),
    "one sd for all": ("y ~ homdiag(1 + x + z | g) + (1 | f)", "gaussian"),
    "a parameter for each level": ("y ~ x; sigma ~ by(f)", "gaussian"),
    "a modelled parameter": ("y ~ x + (1 | g); shape ~ z + (1 + z | g)", "gamma"),
}
EACH = pytest.mark.parametrize("name", MODELS)


def model(name: str) -> tm.Model:
    formula, family = MODELS[name]
    return tm.model(formula, DATA, family)


def terms(spec: ModelSpec) -> list[AnyTerm]:
    return [*spec.terms()]


@EACH
def test_no_two_terms_and_no_two_free_quantities_stand_at_one_path(name: str) -> None:
    spec = model(name).spec
    for paths in ([term.path for term in terms(spec)], [free.path for free in spec.free()]):
        assert len(paths) == len({*paths})


@EACH
def test_priors_targets_and_spreads_are_in_one_order(name: str) -> None:
    found = model(name)
    known = names(found.spec)
    for term in terms(found.spec):
        of = [target.prior for target in term.targets(known.of(term), ())]
        assert tuple(of) == term.priors
        assert len(term.spreads(found.design.summary.of(term))) == len(of)
        assert term.with_priors(of) == term
    assert len({target.key for target in targets(found.spec)}) == len(targets(found.spec))


@EACH
def test_what_is_free_is_what_every_target_reports(name: str) -> None:
    spec = model(name).spec
    known, dims = names(spec), coordinates(spec)
    assert {known.free(free) for free in spec.free()} == {parameter.name for parameter in parameters(spec)}
    for free in spec.free():
        assert [dims[dim] for dim in known.dims(free)] == [dim.labels for dim in free.dims]


@EACH
def test_numbers_are_found_by_path_and_the_outline_has_their_form(name: str) -> None:
    found = model(name)
    design = found.design.whole("this test")
    assert design.terms.keys() == {term.path for term in terms(found.spec)}
    for term in terms(found.spec):
        one = term.outline(design.summary.of(term))
        first = [values[:1] for values in design.of(term).alike(slice(None))]
        assert [values.shape for values in one.alike(slice(None))] == [values.shape for values in first]
    assert outline(found.spec, design) is design


@EACH
def test_rows_that_are_taken_are_alike(name: str) -> None:
    design = model(name).design.whole("this test")
    rows = np.array([3, 0, 7])
    for path, numbers in design.take(rows).terms.items():
        own, whole = numbers.alike(slice(None)), design.terms[path].alike(rows)
        for taken, expected in zip(own, whole, strict=True):
            np.testing.assert_array_equal(taken, expected)


def test_a_changed_term_stands_where_the_first_did() -> None:
    spec = model("correlated effects").spec
    (group,) = spec.groups()
    smaller = spec.with_terms({group.path: type(group)(group.parameter, group.factor.only([0, 1]), group.blocks)})
    assert [term.path for term in smaller.terms()] == [term.path for term in spec.terms()]
    assert [len(own.factor.levels) for own in smaller.groups()] == [2]
