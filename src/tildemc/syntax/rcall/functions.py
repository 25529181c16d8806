"""One record per R function that fits a model: its arguments in order, and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tildemc.errors import FormulaSyntaxError, nearest
from tildemc.span import Span
from tildemc.syntax.tree import Call, Expr

__all__ = ["FUNCTIONS", "Fitter", "bound", "find_function"]

Weights = Literal["precision", "likelihood", "structure", "none"]


@dataclass(frozen=True, slots=True)
class Fitter:
    """An R function that fits a model.

    Attributes
    ----------
    name : str
    package : str
    arguments : tuple of str
        Those that are read, in R's order.
    dropped : mapping of str to str
        Those that are not, each with the reason.
    family : str
        Its family where the call names none; empty where the call must or may.
    weights : str
        What its weights do: divide the residual variance, multiply the likelihood, or say a variance structure.
    split_bars : bool
        Whether `(f || g)` is split as text, as lme4 does, and rstanarm with it.
    """

    name: str
    package: str
    arguments: tuple[str, ...]
    dropped: Mapping[str, str] = field(default_factory=dict)
    family: str = "gaussian"
    weights: Weights = "likelihood"
    split_bars: bool = False


_ML = "REML or maximum likelihood is a way to estimate; here the posterior is drawn"
_OPTIMISER = "it concerns R's optimiser"
_OUTPUT = "it concerns what R returns or prints"
_SAMPLER = "it concerns R's sampler; give settings to `fit`"
_ROWS = "rows with missing values are left out and reported"

_LME4 = {
    "REML": _ML, "control": _OPTIMISER, "start": _OPTIMISER, "verbose": _OUTPUT, "devFunOnly": _OUTPUT,
    "na.action": _ROWS, "nAGQ": "no integral is approximated", "mustart": _OPTIMISER, "etastart": _OPTIMISER,
}  # fmt: skip
_NLME = {
    "method": _ML, "na.action": _ROWS, "control": _OPTIMISER, "keep.data": _OUTPUT, "model": _OUTPUT,
    "verbose": _OUTPUT,
}  # fmt: skip
_TMB = {
    "REML": _ML, "control": _OPTIMISER, "na.action": _ROWS, "se": _OUTPUT, "verbose": _OUTPUT, "doFit": _OUTPUT,
    "start": _OPTIMISER, "sparseX": _OPTIMISER,
}  # fmt: skip
_STAN = dict.fromkeys(
    (
        "chains", "iter", "warmup", "thin", "cores", "threads", "backend", "seed", "control", "refresh", "init",
        "inits", "algorithm", "adapt_delta", "QR", "sparse", "future", "normalize", "open_progress", "opencl",
        "max_treedepth", "stan_model_args", "mean_PPD", "show_messages",
    ),
    _SAMPLER,
) | {
    "file": _OUTPUT, "file_refit": _OUTPUT, "save_pars": _OUTPUT, "save_model": _OUTPUT, "save_warmup": _OUTPUT,
    "silent": _OUTPUT, "na.action": _ROWS, "empty": _OUTPUT, "rename": _OUTPUT, "verbose": _OUTPUT, "x": _OUTPUT,
    "y": _OUTPUT, "model": _OUTPUT, "link": _OUTPUT, "drop": _OUTPUT, "fit": _OUTPUT,
    "sample_prior": "ask for prior draws apart", "prior_PD": "ask for prior draws apart",
}  # fmt: skip
_GLM = _LME4 | {"method": _ML, "model": _OUTPUT, "x": _OUTPUT, "y": _OUTPUT, "qr": _OUTPUT, "singular.ok": _OUTPUT}

_MIXED = ("formula", "data", "family", "subset", "weights", "offset", "contrasts")
_STAN_ARGUMENTS = (*_MIXED, "prior", "prior_intercept", "prior_aux", "prior_covariance")
_GAUSSIAN = tuple(name for name in _MIXED if name != "family")
_STAN_GAUSSIAN = tuple(name for name in _STAN_ARGUMENTS if name != "family")

FUNCTIONS = {
    f.name: f
    for f in (
        Fitter("lmer", "lme4", _GAUSSIAN, _LME4, weights="precision", split_bars=True),
        Fitter("glmer", "lme4", _MIXED, _LME4, split_bars=True),
        Fitter("glmer.nb", "lme4", _GAUSSIAN, _LME4, "negbinomial", split_bars=True),
        Fitter("lm", "stats", _GAUSSIAN, _GLM, weights="precision"),
        Fitter("glm", "stats", ("formula", "family", "data", "weights", "subset", "offset", "contrasts"), _GLM),
        Fitter("glm.nb", "MASS", _GAUSSIAN, _GLM, "negbinomial"),
        Fitter(
            "lme", "nlme", ("fixed", "data", "random", "correlation", "weights", "subset", "contrasts"), _NLME,
            weights="structure",
        ),
        Fitter("gls", "nlme", ("model", "data", "correlation", "weights", "subset"), _NLME, weights="structure"),
        Fitter(
            "glmmTMB", "glmmTMB",
            (
                "formula", "data", "family", "ziformula", "dispformula", "weights", "offset", "contrasts", "subset",
                "priors", "map",
            ),
            _TMB,
        ),
        Fitter("brm", "brms", ("formula", "data", "family", "prior", "autocor", "data2", "stanvars", "knots"), _STAN),
        Fitter("stan_lm", "rstanarm", _STAN_GAUSSIAN, _STAN, weights="precision"),
        Fitter("stan_glm", "rstanarm", _STAN_ARGUMENTS, _STAN),
        Fitter("stan_lmer", "rstanarm", _STAN_GAUSSIAN, _STAN, split_bars=True),
        Fitter("stan_glmer", "rstanarm", _STAN_ARGUMENTS, _STAN, split_bars=True),
        Fitter("stan_glmer.nb", "rstanarm", _STAN_GAUSSIAN, _STAN, "negbinomial", split_bars=True),
    )
}  # fmt: skip


def find_function(call: Call) -> Fitter:
    """The function of that name, with or without its package.

    Raises
    ------
    FormulaSyntaxError
        With the nearest function that is known.
    """
    name = call.function.rpartition("::")[2]
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    hint = nearest(name, FUNCTIONS) or f"; there are {', '.join(FUNCTIONS)}"
    raise FormulaSyntaxError(f"there is no function `{name}` here that fits a model{hint}", function_span(call))


def function_span(call: Call) -> Span | None:
    """Where the function's name stands."""
    span = call.span
    return None if span is None else Span(span.text, span.start, span.start + len(call.function))


def bound(call: Call, fitter: Fitter, notes: list[str]) -> dict[str, Expr]:
    """R's matching: named arguments first, by a beginning of their name too, the others in order.

    Raises
    ------
    FormulaSyntaxError
        With the nearest argument that is known.
    """
    given: dict[str, Expr] = {}
    known = [*fitter.arguments, *fitter.dropped]
    for argument in call.arguments:
        if argument.name is None:
            continue
        begun = [name for name in known if name.startswith(argument.name)]
        name = argument.name if argument.name in known else begun[0] if len(begun) == 1 else argument.name
        if name in fitter.arguments:
            if name in given:
                raise FormulaSyntaxError(f"`{name}` is given twice", argument.span)
            given[name] = argument.value
        elif name in fitter.dropped:
            notes.append(f"`{argument.span}` is dropped: {fitter.dropped[name]}")
        else:
            hint = nearest(name, known) or f"; it has {', '.join(fitter.arguments)}"
            raise FormulaSyntaxError(f"`{fitter.name}()` has no argument `{name}`{hint}", argument.span)
    free = [name for name in fitter.arguments if name not in given]
    positional = [argument for argument in call.arguments if argument.name is None]
    if len(positional) > len(free):
        raise FormulaSyntaxError(f"`{fitter.name}()` has fewer arguments", positional[len(free)].span)
    given |= {name: argument.value for name, argument in zip(free, positional, strict=False)}
    if fitter.arguments[0] not in given:
        message = f"`{fitter.name}()` needs a formula, as in `{fitter.name}(y ~ x, data = d)`"
        raise FormulaSyntaxError(message, call.span)
    return {name: given[name] for name in fitter.arguments if name in given}
