"""Prior statements × ModelSpec -> the model with these priors: each reaches what it names, the most specific first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import PriorError, nearest
from tildemc.resolve.hyperparameters import Chosen, Key, Stating
from tildemc.spec.addresses import targets, with_priors
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.priors import Prior
from tildemc.spec.terms.address import KINDS, Sense, Target, Words
from tildemc.syntax import tree
from tildemc.syntax.priorclasses import in_brms
from tildemc.syntax.tree import Argument, PriorStatement, deparse
from tildemc.visible import listed

__all__ = ["normal", "spelled", "state"]

_MANY = 12


def state(spec: ModelSpec, statements: Sequence[PriorStatement]) -> tuple[ModelSpec, tuple[str, ...]]:
    """The model with the priors that a person stated.

    Parameters
    ----------
    spec : ModelSpec
        With the default priors.
    statements : sequence of PriorStatement

    Returns
    -------
    ModelSpec
    tuple of str
        Which targets a density keeps to a part of the values that they may take.

    Raises
    ------
    PriorError
        If a statement names nothing, or several things, in the model, or its density does not fit what it names.
    """
    if not statements:
        return spec, ()
    known = _Known(spec)
    # What no part of the model is called may be what other priors are arithmetic of.
    waiting = [s for s in statements if s.target_arguments is None and not known.has(s)]
    chosen = known.chosen([s for s in statements if s not in waiting])
    stating = Stating(spec, chosen, waiting)
    spec, priors = stating.stated()
    if stating.unused:
        raise _Known(spec).unknown(stating.unused[0])
    cut: dict[str, list[str]] = {}

    def change(target: Target) -> Prior:
        prior = priors.get(target.key, target.prior)
        if target.key in priors and _ends_inside(prior, target):
            cut.setdefault(f"kept to {prior.support} by {prior}", []).append(replace(target, prior=prior).address)
        return prior

    found = with_priors(spec, change)
    named = {note: [f"`{address}`" for address in addresses] for note, addresses in cut.items()}
    notes = (f"{listed(words, _MANY)} {'is' if len(words) == 1 else 'are'} {note}" for note, words in named.items())
    return found, tuple(notes)


def _ends_inside(prior: Prior, target: Target) -> bool:
    """Whether the density, by itself and not by what is written in it, leaves out values that the target may take."""
    return prior.distribution.ends is None and not prior.made and not target.support.within(prior.distribution.support)


# What a statement names


@dataclass
class _Known:
    """The names that the targets of a model go by."""

    spec: ModelSpec

    def __post_init__(self) -> None:
        self.targets = targets(self.spec)
        self.parameters = [p.name for p in self.spec.family.parameters if p.name != "mu"]
        several = self.spec.family.multivariate
        pairs = () if several is None else zip(several.names, several.parts, strict=True)
        self.responses = {name: part.parameters[0].name for name, part in pairs}
        self.variances = dict(_variances(self.spec))
        self.by_words: dict[Words, list[tuple[Sense, Target]]] = {}
        for target in self.targets:
            # A column may be its whole term, and a variable be called as what it holds is addressed.
            for words, sense in {normal(words): sense for words, sense in sorted(target.names, key=_sense)}.items():
                self.by_words.setdefault(words, []).append((sense, target))
        self._correlations()

        # What R's names of coefficients look like in brms, where nothing else is called so.
        for words, found in [*self.by_words.items()]:
            self.by_words.setdefault(_in_brms(words), found)

    def has(self, statement: PriorStatement) -> bool:
        """Whether a statement names something in the model."""
        return any(self._by(words) for words, _ in self._readings(statement))

    def _by(self, words: Words) -> list[tuple[Sense, Target]]:
        """What goes by these words, or by what brms makes of them."""
        return self.by_words.get(normal(words)) or self.by_words.get(_in_brms(words), [])

    def chosen(self, statements: Sequence[PriorStatement]) -> dict[Key, Chosen]:
        """For each target the statement that counts.

        Raises
        ------
        PriorError
            If two are as specific.
        """
        found: dict[Key, Chosen] = {}
        for statement in statements:
            sense, on_variance, named = self.named(statement)
            for number, target in enumerate(named):
                before = found.get(target.key)
                if before is not None and before.sense == sense:
                    raise PriorError("this parameter's prior is stated twice", statement.span)
                if before is None or before.sense < sense:
                    found[target.key] = Chosen(target, sense, statement, on_variance, (number, len(named)))
        return found

    def _correlations(self) -> None:
        """Brms's correlations have no parameter: where `mu` has none of that name, all others' go by it, too."""
        plain: dict[Words, list[tuple[Sense, Target]]] = {}
        for words, found in self.by_words.items():
            for sense, target in found:
                if target.kind == "cor" and words[0] == f"{target.parameter}.cor":
                    plain.setdefault(("cor", *words[1:]), []).append((sense, target))
        self.by_words = {**plain, **self.by_words}

    def named(self, statement: PriorStatement) -> tuple[Sense, bool, list[Target]]:
        """How much a statement names, whether the variance of it, and what."""
        for words, on_variance in self._readings(statement):
            found = self._by(words)
            senses = {sense for sense, _ in found}
            if len(senses) > 1 or (senses == {Sense.EFFECT} and len(found) > 1):
                raise self._ambiguous(statement, [target for _, target in found])
            if found:
                return found[0][0], on_variance, [target for _, target in found]
        raise self.unknown(statement)

    def _readings(self, statement: PriorStatement) -> Iterator[tuple[Words, bool]]:
        """What a target may mean: a kind of parameter and labels, or else a label or quantity as it is written."""
        labels = tuple(_label(argument) for argument in statement.target_arguments or ())
        owner, _, kind = statement.target.rpartition(".")
        owner = self.responses.get(owner, owner)
        if kind not in KINDS or owner not in ("mu", *self.parameters):
            owner, kind = "", statement.target
        prefix = f"{owner}." if owner in self.parameters else ""
        quantity, bracket, place = statement.target.partition("[")
        if quantity in self.variances:
            yield (f"{self.variances[quantity]}{bracket}{place}",), True
        elif kind == "var":
            if len(labels) == 1 and labels[0] in self.parameters:
                yield labels, True
            yield (f"{prefix}sd", *labels), True
        else:
            yield (f"{prefix}{kind}", *labels), False
            yield (_written(statement),), False

    def _ambiguous(self, statement: PriorStatement, found: Sequence[Target]) -> PriorError:
        several = listed([*dict.fromkeys(f"`{target.address}`" for target in found)], _MANY)
        return PriorError(f"`{_shown(statement)}` may be one of {several}: write which", statement.target_span)

    def unknown(self, statement: PriorStatement) -> PriorError:
        """What there is in place of what a statement names."""
        shown = _shown(statement)
        reason = self._joint(statement.target)
        if reason is None:
            addresses = list(dict.fromkeys(target.address for target in self.targets))
            reason = f"it has {listed(addresses, _MANY)}{nearest(shown, [*addresses, *map(spelled, self.by_words)])}"
        return PriorError(f"the model has no `{shown}`: {reason}", statement.target_span)

    def _joint(self, quantity: str) -> str | None:
        """Why one number of a quantity has no prior of its own."""
        base = quantity.partition("[")[0]
        known = names(self.spec)
        for auxiliary in self.spec.auxiliaries:
            if base == known.of(auxiliary).name and auxiliary.by is not None:
                return f"`{base}` has one for all levels of {auxiliary.by.label}"
        for group in self.spec.groups():
            named = known.of(group)
            if base == named.cor:
                return f"correlations by {group.factor.label} have one together, `{base}`"
            if base == named.r:
                return f"effects have that of their sd, `{named.sd}`"
        return None


def _variances(spec: ModelSpec) -> Iterator[tuple[str, str]]:
    """What a summary calls a variance, and what it calls the sd."""
    known = names(spec)
    yield from ((known.squared(free), known.free(free)) for free in spec.free() if free.squared)


def _in_brms(words: Words) -> Words:
    return (words[0], *map(in_brms, words[1:]))


def _sense(name: tuple[Words, Sense]) -> Sense:
    return name[1]


def normal(words: Words) -> Words:
    """Names of quantities without the blanks around brackets and commas, which people leave out or put in."""
    return tuple(re.sub(r"\s*([\[\],])\s*", r"\1", word) for word in words)


def spelled(words: Words) -> str:
    """A name as people write it: `sd(county, floor)`."""
    return words[0] if len(words) == 1 else f"{words[0]}({', '.join(words[1:])})"


def _written(statement: PriorStatement) -> str:
    """A target as the label of a column: `I(x^2)`."""
    if statement.target_arguments is None:
        return statement.target
    return deparse(tree.Call(statement.target, tuple(Argument(value) for value in statement.target_arguments)))


def _shown(statement: PriorStatement) -> str:
    return str(statement.target_span) if statement.target_span else _written(statement)


def _label(argument: tree.Expr) -> str:
    match argument:
        case tree.Text(value):
            return value
        case tree.Name(text):
            return text
        case _:
            return deparse(argument)
