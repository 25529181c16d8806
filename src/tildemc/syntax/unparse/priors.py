"""Prior statements as tildemc and brms write them."""

from __future__ import annotations

import re

from tildemc.syntax.tree import Argument, Call, Expr, PriorStatement, Text, deparse

__all__ = ["brms_prior", "density_text", "prior_text"]

_PLAIN = re.compile(r"[^\W\d_][\w.]*(?::[^\W\d_][\w.]*)*")


def prior_text(prior: PriorStatement) -> str:
    """`b(x) ~ normal(0, 1)`."""
    about = "" if prior.target_arguments is None else f"({', '.join(_label(a) for a in prior.target_arguments)})"
    return f"{prior.target}{about} ~ {density_text(prior)}"


def density_text(prior: PriorStatement) -> str:
    """`normal(0, 1)`."""
    return deparse(Call(prior.distribution, tuple(Argument(a.value, a.name) for a in prior.arguments)))


def _label(argument: Expr) -> str:
    if isinstance(argument, Text):
        return argument.value if _PLAIN.fullmatch(argument.value) else deparse(argument)
    return deparse(argument)


def _plain(argument: Expr) -> str:
    return argument.value if isinstance(argument, Text) else deparse(argument)


def brms_prior(prior: PriorStatement) -> str | None:
    """`prior(normal(0, 1), class = b, coef = x)`; None where brms has no such parameter."""
    owner, dot, kind = prior.target.rpartition(".")
    labels = [_plain(argument) for argument in prior.target_arguments or ()]
    if kind == "var" or prior.distribution[:1].isupper():
        return None
    names = {"b": ("coef",), "sd": ("group", "coef"), "cor": ("group",)}.get(kind, ())
    fields = {"class": kind, **dict(zip(names, labels, strict=False))}
    if dot:
        fields["dpar"] = owner
    shown = ", ".join(f"{name} = {_word(value)}" for name, value in fields.items())
    return f"prior({density_text(prior)}, {shown})"


def _word(value: str) -> str:
    return value if re.fullmatch(r"[^\W\d_]\w*", value) else deparse(Text(value))
