"""ModelSpec × Design -> Program: write a model as PyMC statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tildemc.arrays import Label, Values
from tildemc.spec.design import Design
from tildemc.spec.families.multivariate import spelled_out
from tildemc.spec.likelihood import distribution_of
from tildemc.spec.model import ModelSpec
from tildemc.spec.origin import Origin
from tildemc.spec.parameters import Names, coordinates, local, names, parameters
from tildemc.spec.report import Report
from tildemc.spec.terms.term import ASIDE
from tildemc.targets.pymc.likelihood import likelihood
from tildemc.targets.pymc.lowering import Lowering
from tildemc.targets.pymc.names import Identifiers
from tildemc.targets.pymc.own import functions_of, own_distribution
from tildemc.targets.pymc.predictor import lower_predictor
from tildemc.targets.pymc.preparation import Preparation
from tildemc.targets.pymc.program import Program, Section
from tildemc.targets.pymc.terms.measured import lower_latent, lower_measured
from tildemc.targets.pymc.terms.population import lower_increasing
from tildemc.targets.pymc.terms.quantities import lower_followed
from tildemc.targets.pymc.unprinted import Unprinted

__all__ = ["graph", "lower"]

_FOLLOWED = "What priors are arithmetic of."
_INCREASING = "Intercepts of the components, which increase and so tell these apart."


def lower(spec: ModelSpec, design: Design, report: Report, origin: Origin) -> Program:
    """Write a model as PyMC statements.

    Parameters
    ----------
    spec : ModelSpec
        With numbers for all priors.
    design : Design
    report : Report
    origin : Origin
        Where the source is to read the data, and how.
    """
    known, identify = names(spec), Identifiers()
    _reserve(spec, known, identify)
    return _lowered(spec, design, known, identify, Preparation(spec, design, report, origin, known, identify))


def graph(spec: ModelSpec, design: Design) -> Program:
    """The same statements with no text, for what they compute: what became of a person's data plays no part.

    Responses that are drawn after a fit are no part of it either.
    """
    spec = replace(spec, imputed=None)
    return _lowered(spec, design, names(spec), Identifiers(), Unprinted())


def _lowered(
    spec: ModelSpec, design: Design, known: Names, identify: Identifiers, preparation: Preparation | Unprinted
) -> Program:
    lowering = Lowering(spec, design, known, preparation)
    followed = tuple(lower_followed(lowering))
    sections = [Section(_FOLLOWED, followed)] if followed else []
    sections += [Section(_INCREASING, (made,)) for made in lower_increasing(lowering)]
    sections += [lower_latent(lowering, latent) for latent in spec.latents]
    sections += [lower_measured(lowering, measured) for measured in spec.measured]
    for predictor in spec.predictors:
        sections += lower_predictor(lowering, predictor)
    sections.append(Section("Likelihood.", tuple(likelihood(lowering))))
    reported = tuple(p.name for p in parameters(spec) if p.role not in ASIDE)
    labels: dict[str, Sequence[Label] | Values] = {known.obs: design.obs}
    labels |= {dim: list(values) for dim, values in coordinates(spec).items()}
    return Program(
        preparation.title(),
        preparation.sections(),
        {dim: (values, preparation.labels(dim)) for dim, values in labels.items()},
        lowering.constants,
        tuple(sections),
        reported,
        identify,
    )


def _reserve(spec: ModelSpec, known: Names, identify: Identifiers) -> None:
    """Give what people know by name its own identifier before anything else can take it."""
    if not distribution_of(spec).pymc:
        for name in functions_of(own_distribution(spec)[0]):
            identify(local(f"function {name}"), name)
    spelled = spelled_out(spec.family)
    for parameter in spec.family.parameters:
        identify(local(parameter.name), spelled.get(parameter.name, parameter.name))
    for predictor in (p for p in spec.predictors if p.parameter in spelled):
        link = predictor.link.name
        identify(local(f"{link}_{predictor.parameter}"), f"{link}_{spelled[predictor.parameter]}")
    alone = [known.of(auxiliary).name for auxiliary in spec.auxiliaries]
    for name in (*alone, *(name for shares in spec.shares for name in known.of(shares).values())):
        identify.by_name[name] = identify(local(name))
    for predictor in spec.predictors:
        named = known.of(predictor.population)
        for name in (named.intercept, named.alpha, named.b, named.X_mean):
            identify(name)
        identify(local(f"frame {named.X}"), named.X)
        identify(named.X, f"{named.X}_data")
