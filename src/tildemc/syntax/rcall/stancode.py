"""The little Stan that brms's priors are written with: a hyperparameter's declaration, and its density."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.rewrite import moved, summands
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Number, PriorStatement, Text, Unary

__all__ = ["NO_BOUNDS", "Bounds", "Stanvars", "stan_prior", "stanvars"]

Bounds = tuple[float | None, float | None]
"""Where a quantity ends, as it is declared; None where it does not."""

NO_BOUNDS: Mapping[str, Bounds] = {}

_DECLARED = re.compile(r"\s*real\s*(?:<([^>]*)>)?\s*(\w+)\s*;?\s*")
_ADDED = re.compile(r"\s*(?:target|lprior)\s*\+=\s*(\w+?)_l[pu]+df\s*\(\s*(\w+)\s*\|(.*)\)\s*;?\s*", re.DOTALL)
_SAMPLED = re.compile(r"\s*(\w+)\s*~\s*(\w+)\s*\((.*)\)\s*;?\s*", re.DOTALL)
_IS_READ = (
    'of `stanvars` what declares a hyperparameter is read, `stanvar(scode = "real<lower=0> tau;", '
    'block = "parameters")`, and its density, `stanvar(scode = "tau ~ exponential(1);", block = "model")`'
)


@dataclass
class Stanvars:
    """What `stanvars` says: where hyperparameters end, and their priors."""

    bounds: dict[str, Bounds] = field(default_factory=dict)
    priors: list[Text] = field(default_factory=list)

    def statements(self) -> Iterator[PriorStatement]:
        """Their priors as statements."""
        for text in self.priors:
            found = stan_prior(text, self.bounds)
            if found is None:
                raise UnsupportedError(_IS_READ, text.span)
            yield found


def stanvars(given: Expr) -> Stanvars:
    """What `stanvar(…) + stanvar(…)` says of hyperparameters.

    Raises
    ------
    UnsupportedError, FormulaSyntaxError
        If it is other code, with its place in the text.
    """
    found = Stanvars()
    inner = unparenthesised(given)
    for part in summands(inner) if isinstance(inner, Binary) else (inner,):
        match part:
            case Call("stanvar" | "brms::stanvar") as call:
                _take(call, found)
            case other:
                raise UnsupportedError(_IS_READ, other.span)
    return found


def _take(call: Call, found: Stanvars) -> None:
    names = ("x", "name", "scode", "block", "position", "pll_args")
    signature = Signature("stanvar", names, shortened=True, error=FormulaSyntaxError)
    given = {name: argument.value for name, argument in signature.match(call.arguments, call.span).items()}
    match given.get("scode"), given.get("block"):
        case Text(code), Text("parameters") if "x" not in given and (read := _DECLARED.fullmatch(code)):
            found.bounds[read[2]] = _bounds(read[1] or "", call)
        case Text() as code, Text("model" | "tparameters") if "x" not in given:
            found.priors.append(code)
        case _:
            raise UnsupportedError(_IS_READ, call.span)


def _bounds(declared: str, call: Call) -> Bounds:
    ends: dict[str, float] = {}
    for part in filter(None, map(str.strip, declared.split(","))):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            ends[name] = float(value)
        except ValueError:
            raise UnsupportedError(_IS_READ, call.span) from None
    return ends.get("lower"), ends.get("upper")


def stan_prior(text: Text, bounds: Mapping[str, Bounds]) -> PriorStatement | None:
    """The statement that `target += exponential_lpdf(tau | 1)`, or `tau ~ exponential(1)`, makes; None if it is none.

    Raises
    ------
    FormulaSyntaxError
        If its arguments cannot be read.
    """
    if (added := _ADDED.fullmatch(text.value)) is not None:
        density, target, arguments = added.groups()
    elif (sampled := _SAMPLED.fullmatch(text.value)) is not None:
        target, density, arguments = sampled.groups()
    else:
        return None
    span = text.span
    try:
        made = moved(parse_expression(f"{density}({arguments})"), span)
    except FormulaSyntaxError as error:
        raise FormulaSyntaxError(f"the density cannot be read: {error.message}", span) from None
    assert isinstance(made, Call), made
    ends = zip(("lower", "upper"), bounds.get(target, (None, None)), strict=True)
    cut = tuple(Argument(_number(end), name, span) for name, end in ends if end is not None)
    return PriorStatement(target, None, density, (*made.arguments, *cut), span, span, span)


def _number(value: float) -> Expr:
    return Number(value) if value >= 0 else Unary("-", Number(-value))
