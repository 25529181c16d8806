"""A family and what is known of the response in, the Stata command that has them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tildemc.syntax.family import FamilyName
from tildemc.syntax.stata.families import CANONICAL, FAMILIES
from tildemc.syntax.stata.tables import COMMANDS, Estimator, Kind
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Parens,
    Unary,
    deparse,
)
from tildemc.syntax.unparse.parts import Saying, family_said
from tildemc.syntax.unparse.stata_expr import is_stata_name

__all__ = ["Chosen", "choose"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A command.

    Attributes
    ----------
    name : str
    options : tuple of str
        What says of the family and the response what the name does not.
    response : str or None
        What stands for the response; None for its own name.
    said : tuple of Modifier
        What is known of the response and said by these.
    equations : mapping of str to str
        For a parameter with a predictor of its own, the option that holds it.
    """

    name: str
    options: tuple[str, ...] = ()
    response: str | None = None
    said: tuple[Modifier, ...] = ()
    equations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    """What one modifier comes to in Stata: the kind of limits, how many responses, and what is written."""

    limits: str = ""
    responses: int = 1
    options: tuple[str, ...] = ()
    response: str | None = None
    said: tuple[Modifier, ...] = ()


_LINKS = {"gaussian": "identity", **dict.fromkeys(("poisson", "negbinomial", "gamma", "geometric"), "log"),
          **dict.fromkeys(("zero_inflated_poisson", "zero_inflated_negbinomial"), "log"),
          **dict.fromkeys(("weibull", "exponential", "cox"), "log"), "lognormal": "identity",
          "inverse_gaussian": "1/mu^2"}  # fmt: skip
"""The links where none is named, if they are not logits."""

_TIMES = {"exponential": " time", "weibull": " time", "lognormal": "", "gamma": ""}


def choose(saying: Saying, formula: Formula, *, levels: bool) -> Chosen:
    """The command for a statement's family and response; `meglm`, with what is lost noted, if there is none."""
    family = family_said(saying)
    saying.unsaid += [f"`{option} = {value}` of the family" for option, value in family.options.items()]
    unsaid = {parameter: link for parameter, link in family.links.items() if (parameter, link) not in _OTHER_LINKS}
    saying.unsaid += [f"the link {link} of {parameter}" for parameter, link in unsaid.items()]
    if family.reference is not None and not family.reference.isdecimal():
        saying.unsaid.append(f"comparing with `{family.reference}`: Stata's `baseoutcome()` takes a category's number")
    link = family.link or _LINKS.get(family.name, "logit")
    known = next((k for m in formula.modifiers if (k := _known(m, formula, family)) is not None), _Known())
    if known.responses == 0 and family.name in _TIMES and (levels or family.name != "gamma"):
        return _of_times(family, known, levels=levels)
    plain, dispersion = ("negbinomial", ("dispersion(constant)",)) if family.name == "nbinom1" else (family.name, ())
    for kind in _kinds(family, levels=levels):
        for estimator in COMMANDS.values():
            if estimator.kind == kind and _fits(estimator, plain, "log" if dispersion else link, known):
                return _chosen(estimator, family, formula, known, dispersion)
    return _general(saying, family, link, levels=levels)


def _kinds(family: FamilyName, *, levels: bool) -> Sequence[Kind]:
    # Single commands of binary responses have no trials.
    return ("multilevel",) if levels or family.name == "binomial" else ("single",)


def _fits(estimator: Estimator, family: str, link: str, known: _Known) -> bool:
    plain = "bernoulli" if family == "binomial" else family
    return (
        estimator.says == "command"
        and not estimator.refused
        and (estimator.family, estimator.link or _LINKS.get(estimator.family, "logit")) == (plain, link)
        and (estimator.limits, estimator.responses) == (known.limits, known.responses)
    )


def _chosen(
    estimator: Estimator, family: FamilyName, formula: Formula, known: _Known, options: tuple[str, ...]
) -> Chosen:
    equations = {parameter: option for option, parameter in estimator.equations.items()}
    options += tuple(o for of in family.links.items() if (o := _OTHER_LINKS.get(of)))
    response = known.response
    match formula.response:
        case Call("relevel", (Argument(Call("factor", (Argument(Name(name)),))), Argument(base, "ref"))) if (
            family.name == "categorical"
        ):
            options, response = (*options, f"baseoutcome({deparse(base)})"), name
        case _ if family.reference is not None and family.reference.isdecimal():
            options = (*options, f"baseoutcome({family.reference})")
        case _:
            pass
    return Chosen(estimator.name, (*known.options, *options), response, known.said, equations)


_OTHER_LINKS = {
    ("zi", "logit"): "",
    ("zi", "probit"): "probit",
    ("phi", "log"): "",
    ("phi", "identity"): "slink(identity)",
}
"""How the link of another parameter is said; empty where it is the command's own."""


def _of_times(family: FamilyName, known: _Known, *, levels: bool) -> Chosen:
    options = (f"distribution({family.name}){_TIMES[family.name]}",)
    return Chosen("mestreg" if levels else "streg", options, "", known.said)


_MEGLM = (("gamma", "log"), ("gaussian", "log"))


def _general(saying: Saying, family: FamilyName, link: str, *, levels: bool) -> Chosen:
    """`meglm` or `glm` with the family as an option."""
    if (family.name, link) in _MEGLM:
        return Chosen("meglm", (f"family({family.name})" + ("" if family.name == "gamma" else f" link({link})"),))
    if not levels and (family.name, link) == ("geometric", "log"):
        return Chosen("glm", ("family(nbinomial)",))
    for name, (_, ours, links) in FAMILIES.items():
        if not levels and ours == family.name and link in links and name not in ("ordinal", "nbinomial"):
            shown = "" if link == CANONICAL.get(name, links[0]) else f" link({_STATAS.get(link, link)})"
            return Chosen("glm", (f"family({name}){shown}",))
    known = family.link or family.name in _LINKS or any(e.family == family.name for e in COMMANDS.values())
    named = f"{family.name} with link {link}" if known else str(family)
    saying.unsaid.append(f"the family {named}" + (", with levels" if levels else ""))
    return Chosen("meglm")


_STATAS = {"inverse": "reciprocal"}


# What is known of the response


def _known(modifier: Modifier, formula: Formula, family: FamilyName) -> _Known | None:
    """What a modifier comes to, if Stata has it."""
    response = formula.response
    match modifier:
        case Modifier("cens", (Argument(Binary("-", Number(1.0), Name("_d")), None),)) if response == Name(
            "_t"
        ) and family.name in (*_TIMES, *_COMMANDS_OF_TIMES):
            return _Known(responses=0, response="", said=(modifier,))
        case Modifier(
            "cens",
            (
                Argument(Binary("*", Number(2.0), Parens(Binary("<", Name(lower), Name(upper)))), None),
                Argument(again),
                Argument(Constant(True), "open"),
            ),
        ) if response == Name(lower) and again == Name(upper):
            return _Known(responses=2, response=f"{lower} {upper}", said=(modifier,))
        case Modifier("cens", arguments):
            return _limits("cens", {"left": "ll", "right": "ul"}, modifier, arguments)
        case Modifier("trunc", (Argument(limit, "lb"),)) if family.name in ("poisson", "negbinomial"):
            return _limits("above", {"lb": "ll"}, modifier, (Argument(_one_less(limit), "lb"),))
        case Modifier("trunc", arguments) if family.name == "gaussian":
            return _limits("trunc", {"lb": "ll", "ub": "ul"}, modifier, arguments)
        case _:
            return None


_COMMANDS_OF_TIMES = {e.family for e in COMMANDS.values() if e.responses == 0 and e.says == "command"}
"""The families of commands whose response is what `stset` declared."""


def _limits(kind: str, names: Mapping[str, str], modifier: Modifier, arguments: Sequence[Argument]) -> _Known | None:
    if not arguments or not all(a.name in names and _is_limit(a.value) for a in arguments):
        return None
    options = tuple(f"{names[argument.name or '']}({deparse(argument.value)})" for argument in arguments)
    return _Known(kind, options=options, said=(modifier,))


def _is_limit(value: Expr) -> bool:
    match value:
        case Name(text):
            return is_stata_name(text)
        case Number() | Unary("-", Number()):
            return True
        case _:
            return False


def _one_less(limit: Expr) -> Expr:
    match limit:
        case Number(value):
            return Number(value - 1)
        case Binary("+", inner, Number(1.0)):
            return inner
        case _:
            return limit
