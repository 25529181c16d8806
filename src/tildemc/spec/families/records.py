"""What a family is: what a response may be, its parameters, its density, and how PyMC spells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from tildemc.spec.chance import Draw
from tildemc.spec.expr import Apply, Const, Expr, Var, substitute, walk
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.values import Values
from tildemc.spec.links import Link
from tildemc.spec.priors import m_y, s_y

__all__ = ["Categories", "Elliptical", "Family", "Mixture", "Multivariate", "Recipe", "Several"]


class Recipe(Protocol):
    """How a family is made that no table has."""

    def family(self) -> Family:
        """The family."""


@dataclass(frozen=True, slots=True)
class Categories:
    """What a family of categories is a family of.

    Attributes
    ----------
    labels : tuple of str
        What the categories are called, in order.
    link : Link
        From a chance to what thresholds are compared with.
    chances : tuple of Expr
        The probability of each category, in the parameters.
    ordered : bool
        Whether one is more than the one before it, so that their numbers have a mean.
    latent : Expr or None
        The variance of what thresholds cut, on the predictor's scale; None where there is no such thing.
    """

    labels: tuple[str, ...]
    link: Link
    chances: tuple[Expr, ...]
    ordered: bool = True
    latent: Expr | None = None


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a family that is a mixture of others is a mixture of.

    Attributes
    ----------
    families : tuple of Family
        As they are by themselves.
    components : tuple of Family
        The same with their parameters numbered: `mu1`, `sigma1`, `mu2` …
    shares, log_shares : tuple of Expr
        Of each component, and their logs.
    ordered : bool
        Whether the intercepts of the components' first parameters increase, which tells components apart.
    """

    families: tuple[Family, ...]
    components: tuple[Family, ...]
    shares: tuple[Expr, ...]
    log_shares: tuple[Expr, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class Elliptical:
    """What makes a law of one number a law of several that are correlated.

    Attributes
    ----------
    law : Expr
        The log density of standardised, uncorrelated numbers, in `radius`, the sum of their squares, and `size`, how
        many they are.
    distance : Expr
        In `y` and the parameters: a number, standardised.
    log_scale : Expr
        The log of what it was divided by.
    """

    law: Expr
    distance: Expr
    log_scale: Expr

    def instead(self, parts: Mapping[Expr, Expr]) -> Elliptical:
        """The same with other parts in place of some."""
        return Elliptical(*(substitute(part, parts) for part in (self.law, self.distance, self.log_scale)))

    @property
    def shared(self) -> frozenset[str]:
        """The parameters that all numbers have in common."""
        named = {part.name for part in walk(self.law) if isinstance(part, Var)}
        return frozenset(named - {"radius", "size"})


@dataclass(frozen=True, slots=True)
class Multivariate:
    """What a family of several responses a row consists of.

    Attributes
    ----------
    names : tuple of str
        What parameters are called after: those of `y2` are `y2`, in place of `mu`, and `sigma_y2`.
    families : tuple of Family
        Of each response, as it is by itself.
    parts : tuple of Family
        The same with the parameters' names in the model.
    correlated : bool
        Whether residuals of a row are correlated.
    present : tuple of tuple of int
        Which responses a row may have, by their numbers: all, and where some may be missing also those that are left.
    """

    names: tuple[str, ...]
    families: tuple[Family, ...]
    parts: tuple[Family, ...]
    correlated: bool
    present: tuple[tuple[int, ...], ...]

    @property
    def lacking(self) -> frozenset[int]:
        """The responses that a row may lack."""
        return frozenset(k for own in self.present for k in range(len(self.names)) if k not in own)


@dataclass(frozen=True, slots=True)
class Several:
    """What a response that is several numbers a row has of each of them.

    Attributes
    ----------
    prefix : str
        What densities call all but the first, with the number of each, from 2 up, behind it.
    means : tuple of Expr
    drawn : tuple of Expr
        In terms of what the steps of the family's draw have drawn.
    """

    prefix: str
    means: tuple[Expr, ...]
    drawn: tuple[Expr, ...]


_ARITHMETIC = (
    "log_density", "mean", "variance", "cdf", "tail", "log_cdf", "log_tail", "centre", "middle", "rough", "partial",
    "square", "partial_square",
)  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A distribution of the response.

    Attributes
    ----------
    name : str
    title : str
        As in "Gaussian model of y".
    use : str
        What it is for, in a sentence.
    values : Values
        What the response may be.
    parameters : tuple of FamilyParameter
        `mu`, the one with the main formula, is first.
    log_density : Expr
        All its terms, in `y`, `trials` and the parameters. Where a link keeps digits of the log of a parameter or of
        its complement, it finds them as `log(mu)` and `log1p(-mu)`.
    centre : Expr
        Of `y` and `trials`: what has the mean `middle` and the variance `variance`.
    rough : Expr or None
        Of `y` and `trials`: what stands for `mu` before anything is known, `centre` if None.
    mean, variance : Expr
        The response's mean, and the variance of `centre`, in the parameters and `trials`.
    middle : Expr
        The mean of `centre`.
    cdf, tail : Expr
        The probabilities of a response up to `y`, and above `y`, each to its own last digits.
    draw : Draw
        Of a response, in the parameters and `trials`.
    pymc : str
        PyMC's class; empty where it has none that is exact, so that its models have a `CustomDist` of this density.
    native : mapping of str to Expr
        That class's arguments, in terms of the family's parameters, `trials`, and of `eta`, the predictor of `mu`.
    native_by_link : mapping
        Arguments to use instead where `mu` has that link: PyMC's numerically stable forms.
    latex : str
        How the distribution is written.
    modifiers : frozenset of str
        The response modifiers that it takes, beside `weights`.
    location, spread : Expr
        What default priors are scaled by: mean and sd of what stands for `mu`, in terms of those of the response,
        `m_y` and `s_y`.
    aliases : tuple of str
        What it is called elsewhere.
    single : str
        The family that it is of one trial a row; empty if trials must be given.
    chances : Expr or None
        Of successes of trials: the variance of a row's chance of success about `mu`. None for other responses.
    adds : {"trials", "exposure", ""}
        What rows with one predictor add up to: successes of all their trials, or, under a log link, a count over the
        sum of their exposures; empty if no sums say what the rows do.
    notation : tuple of Expr
        What is written in the distribution's parentheses; empty for the trials, if it has any, and the parameters.
    law : str
        In LaTeX, of categories: what their chances are, however many there are; of others that are better said so
        than by the density.
    links : tuple of str
        The links of the family itself, the default first; empty where those of its first parameter are meant.
    categories : Categories or None
        Of a response that is one of several categories.
    made : callable or None
        The same family of other categories: from their labels and the link.
    steps : mapping of str to Expr
        What `native` names beside the parameters, each worked out before those after it.
    observed : Expr
        In `y`: what PyMC's distribution is of.
    simple : (str, mapping) or None
        PyMC's class, and its arguments, where no formula models a parameter that is fixed.
    log_cdf, log_tail : Expr or None
        The logs of `cdf` and `tail` where these would be too small for numbers; None for the logs as they are.
    partial : Expr or None
        The mean of what a response is where it is up to `y`, and of 0 where it is more.
    square, partial_square : Expr or None
        The mean of its square, and, as `partial`, that of the squares up to `y` alone.
    joint : str
        PyMC's class of several rows that go together, if there is such a family.
    made_of : str
        The family whose responses it has, with more zeros or without any; empty for one that stands for itself.
    exposed : tuple of str
        Of a count, the parameters that grow with how long, or on how much, there is to count: `rate()`.
    signed : Draw or None
        Of times of two kinds, a time that is negative where it is of the first; `cdf` and `tail` are of the times of
        one kind. None for other responses.
    reference : str
        Of categories in no order, until those of a response are known: the one that is to be their first.
    timed : callable or None
        The same family of a hazard with other knots, the first and the last of which are the ends of all times.
    several : Several or None
        Of a response that is several numbers a row, whose first is `y`.
    mains : tuple of str
        The parameters that the response's formula is of unless they have one of their own, where these are several.
    mixture : Mixture or None
        Of a mixture of families.
    multivariate : Multivariate or None
        Of several responses a row, each of a family.
    elliptical : Elliptical or None
        How several responses of the family are correlated, if they can be.
    recipe : Recipe or None
        How it is made again, for files; None where its key tells.
    """

    name: str
    title: str
    values: Values
    parameters: tuple[FamilyParameter, ...]
    log_density: Expr
    mean: Expr
    variance: Expr
    cdf: Expr
    tail: Expr
    draw: Draw
    latex: str
    pymc: str = ""
    native: Mapping[str, Expr] = field(default_factory=dict)
    native_by_link: Mapping[str, Mapping[str, Expr]] = field(default_factory=dict)
    modifiers: frozenset[str] = frozenset()
    centre: Expr = Var("y")  # noqa: RUF009 (it is frozen)
    middle: Expr = Var("mu")  # noqa: RUF009
    rough: Expr | None = None
    location: Expr = m_y
    spread: Expr = s_y
    aliases: tuple[str, ...] = ()
    single: str = ""
    chances: Expr | None = None
    adds: Literal["trials", "exposure", ""] = ""
    notation: tuple[Expr, ...] = ()
    use: str = ""
    law: str = ""
    links: tuple[str, ...] = ()
    categories: Categories | None = None
    made: Callable[[tuple[str, ...], Link], Family] | None = field(default=None, compare=False)
    steps: Mapping[str, Expr] = field(default_factory=dict)
    observed: Expr = Var("y")  # noqa: RUF009 (it is frozen)
    simple: tuple[str, Mapping[str, Expr]] | None = None
    log_cdf: Expr | None = None
    log_tail: Expr | None = None
    partial: Expr | None = None
    square: Expr | None = None
    partial_square: Expr | None = None
    joint: str = ""
    made_of: str = ""
    exposed: tuple[str, ...] = ()
    signed: Draw | None = None
    reference: str = ""
    timed: Callable[[Sequence[float]], Family] | None = field(default=None, compare=False)
    several: Several | None = None
    mains: tuple[str, ...] = ()
    mixture: Mixture | None = None
    multivariate: Multivariate | None = None
    elliptical: Elliptical | None = None
    recipe: Recipe | None = None

    def __str__(self) -> str:
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"

    @property
    def key(self) -> str:
        """What a file calls it: its name; of given categories also the link, and what they are called."""
        if self.categories is None:
            return self.name
        return json.dumps([self.name, self.categories.link.name, *self.categories.labels])

    @property
    def called(self) -> str:
        """Its name, of what is made of families with theirs."""
        made_of = self.mixture or self.multivariate
        if made_of is None:
            return self.name
        return f"{self.name}({', '.join(family.called for family in made_of.families)})"

    def component(self, parameter: str) -> Family:
        """What has this parameter of a mixture's components, or of several responses' families; else the family."""
        components = () if self.mixture is None else self.mixture.components
        components = components if self.multivariate is None else self.multivariate.parts
        return next((family for family in components if family.parameter(parameter) is not None), self)

    @property
    def written(self) -> tuple[Expr, ...]:
        """What is written in the distribution's parentheses."""
        names = (*(("trials",) if "trials" in self.modifiers else ()), *(p.name for p in self.parameters))
        return self.notation or tuple(map(Var, names))

    @property
    def log_below(self) -> Expr:
        """The log of the probability of a response up to `y`."""
        return _log(self.cdf, self.tail) if self.log_cdf is None else self.log_cdf

    @property
    def log_above(self) -> Expr:
        """The log of the probability of a response above `y`."""
        return _log(self.tail, self.cdf) if self.log_tail is None else self.log_tail

    def instead(self, parts: Mapping[Expr, Expr]) -> Family:
        """The same with other parts of its arithmetic in place of some."""
        known = {name: expr for name in _ARITHMETIC if (expr := getattr(self, name)) is not None}
        changed: dict[str, Any] = {name: substitute(expr, parts) for name, expr in known.items()}
        elliptical = None if self.elliptical is None else self.elliptical.instead(parts)
        return replace(self, **changed, elliptical=elliptical, draw=self.draw.instead(parts))

    @property
    def fixes(self) -> dict[str, float]:
        """The parameters that are what they are unless a formula models them."""
        return {parameter.name: parameter.fixed for parameter in self.parameters if parameter.fixed is not None}

    def fixing(self, values: Mapping[str, float]) -> Family:
        """The same with parameters that are these numbers."""
        known = (replace(p, fixed=values[p.name]) if p.name in values else p for p in self.parameters)
        return replace(self, parameters=tuple(known))

    def parameter(self, name: str) -> FamilyParameter | None:
        """The parameter of that name, or None."""
        return next((p for p in self.parameters if p.name == name), None)


def _log(probability: Expr, rest: Expr) -> Expr:
    """The log of a probability, by what is left of 1 where that is the less."""
    less = Apply("less", (probability, rest))
    small, left = Apply("where", (less, probability, Const(1.0))), Apply("where", (less, Const(0.0), rest))
    return Apply("log", (small,)) + Apply("log1p", (-left,))
