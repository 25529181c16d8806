"""Families of a person's own: what `tildemc.Family` is given in words -> records like those of all other families."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.densities import read_prior
from tildemc.resolve.wording import read_arithmetic, read_draw
from tildemc.spec.chance import Draw, Quantile, Step
from tildemc.spec.expr import Apply, Const, Expr, Var, substitute, walk
from tildemc.spec.families import FAMILIES, Family, varied
from tildemc.spec.families.limits import UNKNOWN, settled
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.symbols import y
from tildemc.spec.families.values import BETWEEN, NUMBERS, POSITIVES, SUCCESSES, WHOLE, Values
from tildemc.spec.links import LINKS, MEAN_LINKS, PROBABILITY_LINKS
from tildemc.spec.priors import Prior, default
from tildemc.spec.support import POSITIVE, REAL, UNIT, Support
from tildemc.spec.terms.address import Target
from tildemc.spec.vocabulary import apply
from tildemc.visible import shown

__all__ = ["Made", "OwnFamily"]

_TYPES: Mapping[str, Values] = {
    "real": NUMBERS, "positive": POSITIVES, "unit": BETWEEN, "count": WHOLE, "trials": SUCCESSES,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    """What parameters with the same values have, unless a person says something else."""

    support: Support
    links: tuple[str, ...]
    prior: Prior
    intercept: Prior
    typical: float


_WIDE = default("student_t", 3.0, 0.0, 2.5)
_KINDS = {
    "real": _Kind(REAL, MEAN_LINKS, _WIDE, _WIDE, 0.0),
    "positive": _Kind(POSITIVE, ("log", "identity", "softplus"), replace(_WIDE, lower=0.0), _WIDE, 1.0),
    "unit": _Kind(UNIT, PROBABILITY_LINKS, default("beta", 1.0, 1.0), default("logistic", 0.0, 1.0), 0.5),
}


@dataclass(frozen=True)
class OwnFamily:
    """What a person says of a family of their own, in words; see `tildemc.Family`."""

    name: str
    parameters: Mapping[str, str]
    log_density: str
    type: str = "real"
    links: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    priors: Mapping[str, str] = field(default_factory=dict)
    mean: str = ""
    variance: str = ""
    cdf: str = ""
    tail: str = ""
    quantile: str = ""
    draw: str = ""
    use: str = ""

    def __post_init__(self) -> None:
        self._check()
        # What is wrong with it is said here, and not when a model first has it.
        assert self.records

    @cached_property
    def records(self) -> Mapping[str, Family]:
        """The family, and those made of it with zeros and without, by their names."""
        own = self._record()
        made = [own, *(settled(variant) for variant in varied(own))]
        taken = {*FAMILIES, *(alias for known in FAMILIES.values() for alias in known.aliases), "mixture"}
        for record in made:
            if record.name in taken:
                raise SemanticError(f"there is a family `{record.name}` already: call yours something else")
        return {record.name: replace(record, recipe=Made(self, record.name)) for record in made}

    def _check(self) -> None:
        """Refuse what is of another type than it must be."""
        for part in fields(self):
            value = getattr(self, part.name)
            if part.name in ("parameters", "links", "priors"):
                if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
                    raise SemanticError(f"`{part.name}` of a family is a mapping by names, not {shown(value)}")
            elif not isinstance(value, str):
                raise SemanticError(f"`{part.name}` of a family is a text, not {shown(value)}")
        if not self.name.isidentifier():
            raise SemanticError(f"a family's name is a word such as `gompertz`, not {shown(self.name)}")
        _one_of(self.type, _TYPES, "type")
        names = [*self.parameters]
        if names[:1] != ["mu"]:
            raise SemanticError("the first parameter is `mu`, which has the main formula")
        for name in names:
            if not name.isidentifier() or name in _RESERVED:
                raise SemanticError(f"a parameter's name is a word such as `phi`, not {shown(name)}")
        for what, given in (("links", self.links), ("priors", self.priors)):
            for key in given:
                owner = key.removesuffix(".Intercept") if what == "priors" else key
                if owner not in names:
                    message = f"`{what}` name {shown(key)}, which is no parameter; there are {', '.join(names)}"
                    raise SemanticError(message + nearest(owner, names))
        if not self.log_density.strip():
            raise SemanticError("a family has a log density: `log_density=`")

    def _record(self) -> Family:
        values = _TYPES[self.type]
        known = (*self.parameters, "trials") if values.successes else (*self.parameters,)
        density = read_arithmetic(self.log_density, ("y", *known), "log density")
        used = {part.name for part in walk(density) if isinstance(part, Var)}
        unused = [name for name in self.parameters if name not in used]
        if unused:
            raise SemanticError(f"the log density of {self.name} does not have its parameter `{unused[0]}`")
        mean, variance = (self._known(what, known) for what in ("mean", "variance"))
        cdf, tail = self._functions(known)
        log_cdf, log_tail = _log_of(cdf), _log_of(tail)
        lower = Const(values.lower - values.whole) if values.lower > -float("inf") else None
        return Family(
            name=self.name, title=self.name[0].upper() + self.name[1:].replace("_", " "), values=values, use=self.use,
            parameters=tuple(self._parameter(name) for name in self.parameters),
            log_density=density, mean=mean, middle=mean, variance=variance, cdf=cdf, tail=tail,
            log_cdf=log_cdf, log_tail=log_tail,
            draw=self._draw(known, cdf, tail, lower),
            latex=rf"\mathrm{{{self.name.replace('_', r'\_')}}}",
            modifiers=frozenset({"trials"} if values.successes else ()),
        )  # fmt: skip

    def _known(self, what: str, known: Collection[str]) -> Expr:
        text: str = getattr(self, what)
        return read_arithmetic(text, known, what) if text else UNKNOWN

    def _functions(self, known: Collection[str]) -> tuple[Expr, Expr]:
        """The distribution function and its tail, also of what no response may be."""
        if not self.cdf:
            if self.tail:
                raise SemanticError("`tail` goes with `cdf`: a family has both, or the `cdf` alone")
            return UNKNOWN, UNKNOWN
        cdf = read_arithmetic(self.cdf, ("y", *known), "cdf")
        if self.tail:
            return cdf, read_arithmetic(self.tail, ("y", *known), "tail")
        match cdf:
            case Apply("neg", (Apply("expm1", (log_tail,)),)):
                return cdf, apply("exp", log_tail)
            case _:
                return cdf, 1 - cdf

    def _draw(self, known: Collection[str], cdf: Expr, tail: Expr, lower: Expr | None) -> Draw:
        if self.draw:
            return read_draw(self.draw, known)
        if self.quantile:
            at = read_arithmetic(self.quantile, ("p", *known), "quantile")
            return Draw(substitute(at, {Var("p"): Var("chance")}), {"chance": Step("random", ())})
        if cdf is UNKNOWN:
            return Draw(UNKNOWN)
        whole = _TYPES[self.type].whole
        if lower is not None:
            below = apply("less", y, lower + 1 if whole else lower)
            cdf, tail = apply("where", below, Const(0.0), cdf), apply("where", below, Const(1.0), tail)
        return Draw(Var("drawn"), {"drawn": Quantile(cdf, tail, lower, whole=whole)})

    def _parameter(self, name: str) -> FamilyParameter:
        values = self.parameters[name]
        kind = _KINDS[_one_of(values, _KINDS, f"the values of `{name}`")]
        given = self.links.get(name, kind.links)
        links = (given,) if isinstance(given, str) else tuple(given)
        for link in links:
            _one_of(link, LINKS, f"a link of `{name}`")
            domain = LINKS[link].domain
            if not (domain.within(kind.support) or kind.support.within(domain)):
                raise SemanticError(f"the link {link} is of {domain}, and `{name}` is one of {kind.support}")
        if not links:
            raise SemanticError(f"`links` name none for `{name}`")
        if name == "mu":
            own = self._prior("mu.Intercept", REAL) if "mu.Intercept" in self.priors else None
            if "mu" in self.priors:
                raise SemanticError("`mu` always has a formula: `mu.Intercept` is what has a prior")
            return FamilyParameter(name, kind.support, links, intercept=own, typical=kind.typical)
        prior = self._prior(name, kind.support) if name in self.priors else kind.prior
        modelled = f"{name}.Intercept"
        intercept = self._prior(modelled, REAL) if modelled in self.priors else kind.intercept
        return FamilyParameter(name, kind.support, links, prior, intercept, kind.typical)

    def _prior(self, target: str, support: Support) -> Prior:
        """A default prior that is stated here."""
        from tildemc.syntax.command import read_priors

        [statement] = read_priors({target: self.priors[target]})
        own = Target(target, "parameter", (), support, _WIDE, (target,))
        return replace(read_prior(statement, own), stated=None)


_RESERVED = frozenset({"y", "trials", "pi", "p"})


def _log_of(probability: Expr) -> Expr | None:
    """The log of a probability that is written as an exponential, with all its digits; None for any other."""
    match probability:
        case Apply("exp", (log,)):
            return log
        case Apply("neg", (Apply("expm1", (log,)),)):
            return apply("log1mexp", log)
        case _:
            return None


def _one_of(value: object, known: Collection[str], what: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise SemanticError(f"{what} is one of {', '.join(known)}, not {shown(value)}{nearest(str(value), known)}")
    return value


@dataclass(frozen=True)
class Made:
    """How one of a person's families is made, or one that is made of it.

    Attributes
    ----------
    own : OwnFamily
    name : str
        Which of its records.
    """

    own: OwnFamily
    name: str

    def family(self) -> Family:
        """The family."""
        return self.own.records[self.name]
