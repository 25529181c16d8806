"""A model's priors: what each one is of, and the same model with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tildemc.spec.model import AnyTerm, ModelSpec
from tildemc.spec.parameters import Names, names
from tildemc.spec.priors import Prior
from tildemc.spec.terms.address import KINDS, Sense, Target

__all__ = ["targets", "with_priors"]


def targets(spec: ModelSpec) -> tuple[Target, ...]:
    """What every prior of a model is of, in the order in which people read them."""
    return tuple(target for _, own in _targets(spec) for target in own)


def with_priors(spec: ModelSpec, change: Callable[[Target], Prior]) -> ModelSpec:
    """The same model with the prior that `change` gives for each of its targets."""
    return spec.with_terms({term.path: term.with_priors([*map(change, own)]) for term, own in _targets(spec)})


def _targets(spec: ModelSpec) -> Iterator[tuple[AnyTerm, tuple[Target, ...]]]:
    known = names(spec)
    taken = _taken(spec, known)
    for term in spec.terms():
        own = term.targets(known.of(term), taken)
        yield term, tuple(map(_of_several, own) if spec.responses else own)


def _of_several(target: Target) -> Target:
    """What belongs to one of several responses goes by its kind alone, too: `b` is of all of them.

    Correlations between effects belong to no response: `cor(g)`.
    """
    found = list(target.names)
    for (first, *labels), sense in target.names:
        owner, _, kind = first.rpartition(".")
        if owner and kind == "cor":
            found.append(((kind, *labels), sense))
        elif owner and kind in KINDS and not labels:
            found.append(((kind,), Sense.EVERY))
    return replace(target, names=tuple(dict.fromkeys(found)))


def _taken(spec: ModelSpec, known: Names) -> frozenset[str]:
    """The words that no column's label can be taken for: those of kinds, of parameters, and of other priors."""
    parameters = [parameter.name for parameter in spec.family.parameters]
    kinds = (f"{parameter}.{kind}" for parameter in parameters for kind in KINDS)
    own = (word for term in spec.terms() for word in term.spoken_for(known.of(term)))
    return frozenset({*KINDS, *parameters, *kinds, *own})
