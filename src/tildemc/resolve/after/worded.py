"""`estat icc`, `predict u, reffects`, `lrtest m1 m2`, `estimates table m1 m2`: words -> what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.resolve.after.options import level, taken
from tildemc.resolve.after.records import (
    After,
    Likelihoods,
    Named,
    Pictured,
    Predicted,
    Said,
    Statistic,
    Tabulated,
    What,
)
from tildemc.resolve.margins import Over, outcome_of, straight
from tildemc.spec.model import ModelSpec
from tildemc.syntax.stata.after import Options, Worded
from tildemc.syntax.stata.word import Word, full_name
from tildemc.syntax.stata.written import Given

__all__ = ["read_worded"]


def read_worded(read: Worded, spec: ModelSpec) -> After:
    for word in read.words:
        if word.text in ("if", "in"):
            raise UnsupportedError(f"`{word.text}` is not read here: take the rows of what is returned", word.span)
    match read.command:
        case "marginsplot":
            return Pictured(read.span)
        case "estat":
            return _statistic(read)
        case "predict":
            return _predicted(read, spec)
        case "lrtest":
            if not 1 <= len(read.words) <= 2:
                raise FormulaSyntaxError("`lrtest` names two fits, or one beside this one: `lrtest m1 m2`", read.span)
            names = tuple(word.text for word in read.words)
            return Likelihoods(names if len(names) == 2 else (*names, "."), read.span)
        case _:
            return _stored(read)


_STATISTICS = {
    "icc": "icc", "recovariance": "recov", "ic": "ic", "group": "gr", "sd": "sd", "wcorrelation": "wcor", "vce": "vce",
}  # fmt: skip


def _statistic(read: Worded) -> Statistic:
    first, *others = read.words or (Word("", read.span),)
    name = full_name(first.text, _STATISTICS)
    found = next((what for what in get_args(What) if what == name), None)
    if found is None or others:
        listed = ", ".join(f"`estat {what}`" for what in _STATISTICS)
        hint = nearest(first.text, _STATISTICS)
        raise UnsupportedError(f"`{read.span}` is not read{hint}; there are {listed}", first.span)
    options = taken(read.options, "level", "correlation", "variance", "sd")
    return Statistic(found, "correlation" in options, "variance" in options, level(options))


_SAID: Mapping[str, Said] = {
    "xb": "xb", "mu": "mu", "pr": "mu", "n": "mu", "ir": "mu", "fitted": "fitted", "eta": "fitted",
    "reffects": "reffects", "residuals": "residuals", "rstandard": "rstandard", "pearson": "rstandard",
    "stdp": "stdp",
}  # fmt: skip
_TYPES = ("byte", "int", "long", "float", "double")


def _predicted(read: Worded, spec: ModelSpec) -> Predicted:
    options = taken(read.options, *_SAID, "reses", "conditional", "fixedonly", "marginal", "relevel", "outcome")
    names = tuple(word.text for word in read.words if word.text not in _TYPES)
    said = dict.fromkeys(_SAID[name] for name in options if name in _SAID)
    if len(said) > 1:
        listed = " and ".join(f"`{name}`" for name in options if name in _SAID)
        raise FormulaSyntaxError(f"{listed} are two predictions: ask for one after the other", read.span)
    reses = tuple(word.text for word in options["reses"].given or ()) if "reses" in options else ()
    usual: Said = "xb" if straight(spec) else "mu"
    kind: Said = next(iter(said), "reses" if reses else usual)
    if not names and kind != "reses":
        raise FormulaSyntaxError("`predict` names the new variable, as in `predict u, reffects`", read.span)
    group = next((word.text for word in options["relevel"].given or ()), "") if "relevel" in options else ""
    outcome = ""
    if "outcome" in options:
        option = options["outcome"]
        outcome = outcome_of(Given(option.name.text, option.given, option.span), spec)
    return Predicted(kind, names, _over(options), outcome, group, reses)


def _over(options: Options) -> Over:
    if "marginal" in options:
        return "marginal"
    words = [word.text for word in options["conditional"].given or ()] if "conditional" in options else []
    return "none" if "fixedonly" in options or "fixedonly" in words else "all"


_STORED = {"store": "sto", "table": "tab", "stats": "stat", "replay": "r", "dir": "dir"}


def _stored(read: Worded) -> After:
    words = [word.text for word in read.words]
    if "using" in words:
        words = words[: words.index("using")]
    if read.command != "estimates":
        return Named(words[0]) if read.command == "eststo" and words else Tabulated(tuple(words), False, read.span)
    kind = full_name(words[0], _STORED) if words else None
    if kind == "store" and len(words) == 2:
        return Named(words[1])
    if kind in ("table", "stats"):
        return Tabulated(tuple(words[1:]), kind == "stats", read.span)
    known = "`estimates store m`, `estimates table m1 m2` and `estimates stats m1 m2`"
    raise UnsupportedError(f"`{read.span}` is not read; there are {known}", read.span)
