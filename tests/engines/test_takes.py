"""What no engine has heard of: refused with a sentence by those with lists, and left to the PyMC graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

import tildemc as tm
from tildemc.engines.choose import ENGINES, asked
from tildemc.engines.settings import METHODS, Settings
from tildemc.errors import FitError
from tildemc.spec.addresses import with_priors
from tildemc.spec.covariance import Covariance, Pattern, Shape
from tildemc.spec.expr import Apply, Const, Expr, Var
from tildemc.spec.families import FAMILIES
from tildemc.spec.links import LINKS
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior, default
from tildemc.spec.support import POSITIVE
from tildemc.spec.takes import article, named
from tildemc.spec.terms.address import Target
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.product import Column, Product

RNG = np.random.default_rng(4)
DATA = {"y": RNG.normal(size=24), "x": RNG.normal(size=24), "g": list("abcdef") * 4}
MODEL = tm.model("y ~ x + (1 + x | g)", DATA)
Change = Callable[[ModelSpec], ModelSpec]


SMOOTHNESS = Shape("smoothness", POSITIVE, default("gamma", 2.0, 1.0, lower=0.0), "nu")
MATERN = Covariance(
    "mat",
    "of a kind",
    correlations=Pattern("matern", lambda _: (SMOOTHNESS,), lambda shapes, d: Apply("bessel", (shapes[0], d)), ""),
)
"""A covariance structure that nobody has written."""


@dataclass(frozen=True, slots=True)
class Smooth(Offset):
    """A term that nobody has written."""


@dataclass(frozen=True, slots=True)
class Spline(Product):
    """Columns of a kind that nobody has written."""


@dataclass(frozen=True, slots=True)
class Heavy(Block):
    """Effects that are not normal."""


def zeta(name: str) -> Expr:
    """A function that no vocabulary has."""
    return Apply("zeta", (Var(name),))


STRANGE = replace(FAMILIES["gaussian"], name="strange", log_density=zeta("mu"))


def first(spec: ModelSpec, **changed: Any) -> ModelSpec:
    return replace(spec, predictors=(replace(spec.predictors[0], **changed), *spec.predictors[1:]))


def columns(spec: ModelSpec, kind: type[Product]) -> ModelSpec:
    own = spec.predictors[0].population
    return spec.with_terms({own.path: replace(own, products=tuple(kind(p.label, p.codings) for p in own.products))})


def block(spec: ModelSpec, change: Callable[[Block], Block]) -> ModelSpec:
    [group] = spec.groups()
    return spec.with_terms({group.path: replace(group, blocks=tuple(map(change, group.blocks)))})


def companion(name: str) -> Change:
    return lambda spec: replace(spec, response=replace(spec.response, companions={name: Column(name, Const(1.0))}))


def prior(kind: str) -> Change:
    def change(target: Target) -> Prior:
        density = replace(target.prior.distribution, name="strange", log_density=zeta("x"))
        return replace(target.prior, distribution=density) if target.kind == kind else target.prior

    return lambda spec: with_priors(spec, change)


INVENTED: dict[str, tuple[Change, str]] = {
    "a family": (lambda spec: replace(spec, family=STRANGE), "strange"),
    "a link": (lambda spec: first(spec, link=replace(LINKS["log"], name="strange", inverse=zeta("eta"))), "strange"),
    "a kind of term": (lambda spec: first(spec, terms=(*spec.predictors[0].terms, Smooth("mu", ()))), "smooth"),
    "a kind of columns": (lambda spec: columns(spec, Spline), "spline"),
    "a class of group effects": (
        lambda spec: block(spec, lambda b: Heavy(b.products, b.covariance, b.sd_priors, b.shape_priors)), "heavy",
    ),
    "a covariance structure": (
        lambda spec: block(spec, lambda b: replace(b, covariance=MATERN, shape_priors=(SMOOTHNESS.prior,))), "mat",
    ),
    "a companion": (companion("exposure"), "exposure"),
    "a density of an intercept": (prior("Intercept"), "Intercept"),
    "a density of a coefficient": (prior("b"), "of x"),
    "a density of an sd": (prior("sd"), "sd(g, x)"),
    "a density of a correlation": (prior("cor"), "cor(g)"),
    "a density of the residual sd": (prior("parameter"), "sigma"),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["exact", "direct"])
@pytest.mark.parametrize("what", INVENTED)
def test_what_no_list_names_is_a_gap(what: str, engine: str) -> None:
    change, told = INVENTED[what]
    takes = ENGINES[engine].takes()
    assert takes.all_of(MODEL.spec) and not takes.gaps(MODEL.spec)
    assert not takes.all_of(change(MODEL.spec))
    sentences = [str(gap) for gap in takes.gaps(change(MODEL.spec))]
    assert sentences
    assert any(told in sentence for sentence in sentences)
    with pytest.raises(FitError, match=f"`method='{engine}'` cannot fit this model; `method='pymc'` can:\n- "):
        replace(MODEL, spec=change(MODEL.spec)).fit(method=engine)


@pytest.mark.parametrize("what", INVENTED)
def test_the_graph_is_asked_last_and_refuses_nothing(what: str) -> None:
    spec = INVENTED[what][0](MODEL.spec)
    able = [engine.name for engine in asked(Settings()) if not engine.takes().gaps(spec)]
    assert able == ["pymc"]


UNREAD: dict[str, tuple[type, Change]] = {
    "by": (
        Auxiliary,
        lambda spec: spec.with_terms({("sigma",): replace(spec.auxiliaries[0], by=next(spec.factors()))}),
    ),
}


@pytest.mark.parametrize("engine", ["exact", "direct"])
@pytest.mark.parametrize("own", UNREAD)
def test_a_field_that_an_engine_does_not_read_is_a_gap_where_it_says_something(own: str, engine: str) -> None:
    kind, change = UNREAD[own]
    takes = ENGINES[engine].takes()
    assert takes.terms is not None
    less = replace(takes, terms={**takes.terms, kind: {*takes.terms[kind]} - {own}})
    assert not less.gaps(MODEL.spec)
    assert [str(gap) for gap in less.gaps(change(MODEL.spec))] == [
        f"the {engine} engine has no `{own}` of {article(named(kind))}"
    ]


@pytest.mark.parametrize("engine", ["exact", "direct"])
@pytest.mark.parametrize("name", ["weights", "se", "trials"])
def test_a_companion_that_is_not_listed_is_a_gap(name: str, engine: str) -> None:
    takes = replace(ENGINES[engine].takes(), companions=frozenset())
    gaps = takes.gaps(companion(name)(MODEL.spec))
    assert [str(gap) for gap in gaps] == [f"the {engine} engine has no `{name}` beside a response"]


@pytest.mark.parametrize("engine", ["exact", "direct"])
@pytest.mark.parametrize("kind", ["Intercept", "b", "sd", "cor", "parameter"])
def test_a_kind_of_parameter_without_a_list_has_no_density(kind: str, engine: str) -> None:
    takes = ENGINES[engine].takes()
    assert takes.densities is not None
    less = replace(takes, densities={known: lists for known, lists in takes.densities.items() if known != kind})
    assert any("none is taken" in str(gap) for gap in less.gaps(MODEL.spec))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_a_list_of_engines(method: str) -> None:
    assert METHODS[method]
    assert {*METHODS[method]} <= {*ENGINES}


@pytest.mark.parametrize("formula", ["bf(y ~ x, sigma = 2)", "bf(y ~ x + (1 | g), sigma = 2)"])
def test_a_stated_sd_is_a_gap_of_the_exact_engine(formula: str) -> None:
    model = tm.model(formula, MODEL.request.data)
    assert [str(gap) for gap in ENGINES["exact"].takes().gaps(model.spec)] == ["sigma is a stated number"]
    assert not ENGINES["direct"].takes().gaps(model.spec)
    with pytest.raises(FitError, match="- sigma is a stated number"):
        model.optimize("reml")
