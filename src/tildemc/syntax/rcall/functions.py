"""One record per R function that fits a model: its arguments in order, and what becomes of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.family import OPTIONS
from tildemc.syntax.matching import Signature
from tildemc.syntax.rcall.dropped import DEFAULTS, DROPPED, ELSEWHERE, PASSED_ON
from tildemc.syntax.rcall.refused import LOOKS, REFUSED
from tildemc.syntax.rcall.rightsides import absorbed, strata
from tildemc.syntax.rcall.signatures import SIGNATURES
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name

__all__ = ["FUNCTIONS", "Fitter", "bound", "find_function", "no_fitter"]

Weights = Literal["precision", "likelihood", "structure", "none"]


@dataclass(frozen=True, slots=True)
class Fitter:
    """An R function that fits a model.

    Attributes
    ----------
    name : str
    package : str
    signature : tuple of str
        Its arguments in R's order; those after `...` go by their whole names alone.
    family : str
        Its family where the call names none; empty where the call must or may.
    weights : str
        What its weights do: divide the residual variance, multiply the likelihood, or say a variance structure.
    split_bars : bool
        Whether `(f || g)` is split as text, as lme4 does, and rstanarm with it.
    links : mapping of str to str
        Its arguments that name links, and the parameter of each.
    second : str
        The parameter whose predictor follows the mean's after a bar, `y ~ x | z`; empty if none does.
    options : tuple of str
        Its arguments that say something else of the family.
    others : tuple of str
        Further arguments that say something of the model when it has them.
    apart : {"", "imputed", "by"}
        What it fits several models of: of completed data sets, or of the groups that stand behind a bar, `y ~ x | g`.
    curve : str
        Where the first formula is arithmetic, the argument that says what its parameters are; else empty.
    right : callable or None
        What the right side of its formula means in lme4's, where that is written otherwise.
    says : str
        What is to be said of every call.
    """

    name: str
    package: str
    signature: tuple[str, ...]
    family: str = "gaussian"
    weights: Weights = "likelihood"
    split_bars: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    second: str = ""
    options: tuple[str, ...] = ()
    curve: str = ""
    others: tuple[str, ...] = ()
    apart: Literal["", "imputed", "by"] = ""
    right: Callable[[Expr], Expr] | None = None
    says: str = ""

    @property
    def formula(self) -> str:
        """What it calls its first argument."""
        return self.signature[0]

    def reads(self, name: str) -> bool:
        """Whether an argument says something of the model."""
        own = {self.formula, *self.links, *self.options, *self.others}
        own |= {self.curve, "start", "groups"} if self.curve else set()
        return name in own or name in _READ

    def match(self, call: Call) -> dict[str, Argument]:
        """The call's arguments by name."""
        listed = tuple(name for name in self.signature if self.reads(name))
        passed_on = PASSED_ON.get(self.package, ())
        signature = Signature(self.name, self.signature, (), passed_on, listed, True, FormulaSyntaxError)
        return signature.match(call.arguments, call.span)


_READ = frozenset(
    (
        "formula", "fixed", "data", "family", "random", "subset", "weights", "offset", "contrasts", "correlation",
        "ziformula", "dispformula", "prior", "prior_intercept", "prior_aux", "prior_covariance", "prior_phi", "prior_z",
        "prior_intercept_z", "prior_smooth", "autocor", "data2", "stanvars", "naPattern",
    )
)  # fmt: skip
"""Arguments that have a meaning here, whichever function has them."""


def _fitter(
    name: str,
    package: str,
    family: str = "gaussian",
    *,
    weights: Weights = "likelihood",
    split_bars: bool = False,
    links: Mapping[str, str] | None = None,
    second: str = "",
    curve: str = "",
    options: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    apart: Literal["", "imputed", "by"] = "",
    right: Callable[[Expr], Expr] | None = None,
    says: str = "",
) -> Fitter:
    signature = SIGNATURES[name]
    given = links or {}, second, options, curve, others, apart, right, says
    return Fitter(name, package, signature, family, weights, split_bars, *given)


_LINK = {"link": "mu"}
_STRATA = "the strata of `Error()` are read as effects by its groups, which in balanced data are the same model"
_CONTRASTS = (
    "afex codes factors by `contr.sum`, which changes the coefficients and not the model: write `C(f, sum)` for such; "
    "tests of terms are not made"
)
_QUASI = "penalised quasi-likelihood is a way to estimate; here the posterior is drawn"
_ABSORBED = "the levels behind the bar are absorbed by R; here each has a coefficient, as a factor's"
_LINKS_OF_BETA = {"link": "mu", "link.phi": "phi"}


FUNCTIONS = {
    f.name: f
    for f in (
        _fitter("lmer", "lme4", weights="precision", split_bars=True),
        _fitter("glmer", "lme4", split_bars=True),
        _fitter("glmer.nb", "lme4", "negbinomial", split_bars=True),
        _fitter("mixed", "afex", weights="precision", split_bars=True, says=_CONTRASTS),
        _fitter("lm", "stats", weights="precision"),
        _fitter("aov", "stats", weights="precision", right=strata, says=_STRATA),
        _fitter("feols", "fixest", weights="precision", right=absorbed, says=_ABSORBED),
        _fitter("fepois", "fixest", "poisson", right=absorbed, says=_ABSORBED),
        _fitter("glm", "stats"),
        _fitter("glm.nb", "MASS", "negbinomial", links=_LINK),
        _fitter("polr", "MASS", "cumulative", links={"method": "mu"}),
        _fitter("betareg", "betareg", "beta", links=_LINKS_OF_BETA, second="phi"),
        _fitter("clm", "ordinal", "cumulative", links=_LINK, options=OPTIONS),
        _fitter("clmm", "ordinal", "cumulative", links=_LINK, options=OPTIONS),
        _fitter("multinom", "nnet", "categorical"),
        _fitter("glmmPQL", "MASS", says=_QUASI),
        _fitter("mixed_model", "GLMMadaptive"),
        _fitter("lme", "nlme", weights="structure"),
        _fitter("gls", "nlme", weights="structure"),
        _fitter("nlme", "nlme", weights="structure", curve="fixed"),
        _fitter("gnls", "nlme", weights="structure", curve="params"),
        _fitter("nlmer", "lme4", weights="precision", curve="formula"),
        _fitter("nls", "stats", weights="precision", curve="start"),
        _fitter("nlsLM", "minpack.lm", weights="precision", curve="start"),
        _fitter("glmmTMB", "glmmTMB", others=("map", "priors")),
        _fitter("brm", "brms"),
        _fitter("brm_multiple", "brms", apart="imputed"),
        _fitter("lmList", "nlme", weights="precision", apart="by"),
        _fitter("stan_lm", "rstanarm", weights="precision"),
        _fitter("stan_glm", "rstanarm"),
        _fitter("stan_lmer", "rstanarm", split_bars=True),
        _fitter("stan_glmer", "rstanarm", split_bars=True),
        _fitter("stan_mvmer", "rstanarm", weights="none", split_bars=True),
        _fitter("stan_glm.nb", "rstanarm", "negbinomial", links=_LINK),
        _fitter("stan_glmer.nb", "rstanarm", "negbinomial", split_bars=True, links=_LINK),
        _fitter("stan_betareg", "rstanarm", "beta", links=_LINKS_OF_BETA, second="phi"),
        _fitter("stan_polr", "rstanarm", "cumulative", links={"method": "mu"}),
        _fitter("stan_gamm4", "rstanarm", split_bars=True),
        _fitter("gam", "mgcv"),
        _fitter("bam", "mgcv"),
        _fitter("gamm4", "gamm4", split_bars=True),
        _fitter("MCMCglmm", "MCMCglmm", weights="none", others=("rcov", "mev", "pedigree", "ginverse")),
    )
}


_WITH_FAMILY = {"lmer": "glmer", "stan_lmer": "stan_glmer"}
"""What a function of Gaussian models is where a family is named."""


def find_function(call: Call) -> Fitter:
    """The function of that name, with or without its package.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the nearest function that is known, or how its model is written here.
    """
    name = call.function.rpartition("::")[2]
    if name in FUNCTIONS:
        stated = any(argument.name == "family" for argument in call.arguments)
        return FUNCTIONS[_WITH_FAMILY.get(name, name) if stated else name]
    said = REFUSED.get(name) or LOOKS.get(name)
    if said is not None:
        raise UnsupportedError(f"`{name}()` {said}", function_span(call))
    raise no_fitter(call.function, function_span(call))


def no_fitter(function: str, span: Span | None) -> FormulaSyntaxError:
    """What to say of a function that fits no model here."""
    name = function.rpartition("::")[2]
    hint = nearest(name, FUNCTIONS) or "; those that do are lme4's, nlme's, glmmTMB's, brms's, rstanarm's and base R's"
    return FormulaSyntaxError(f"there is no function `{name}` here that fits a model{hint}", span)


def function_span(call: Call) -> Span | None:
    """Where the function's name stands."""
    span = call.span
    return None if span is None else Span(span.text, span.start, span.start + len(call.function))


def without_dots(call: Call) -> Call:
    """The call without the `...` that stands in another function's body."""
    return replace(call, arguments=tuple(a for a in call.arguments if a != Argument(Name("..."))))


def bound(call: Call, fitter: Fitter, notes: list[str]) -> dict[str, Expr]:
    """The arguments of a call by name; `notes` gets what is left out.

    Returns
    -------
    dict
        The arguments that have a meaning here.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the nearest argument that is known.
    """
    if fitter.says:
        notes.append(fitter.says)
    if any(argument == Argument(Name("...")) for argument in call.arguments):
        notes.append("what `...` stands for is not known here, and left out")
        call = without_dots(call)
    matched = fitter.match(call)
    if fitter.formula not in matched:
        message = f"`{fitter.name}()` needs a formula, as in `{fitter.name}(y ~ x, data = d)`"
        raise FormulaSyntaxError(message, call.span)
    # What glmmTMB's `map` holds stays at its starting value.
    beside = ("start",) if "map" in matched and fitter.reads("map") else ()
    return {
        name: argument.value
        for name, argument in matched.items()
        if name in beside or (_is_read(name, argument, fitter, notes) and not _is_left_out(name, argument, fitter))
    }


def _is_left_out(name: str, argument: Argument, fitter: Fitter) -> bool:
    """Whether an argument is NULL, which means that it is not given; rstanarm's `prior = NULL` is a flat one."""
    return argument.value == Constant(None) and not name.startswith("prior") and name != fitter.formula


def _is_read(name: str, argument: Argument, fitter: Fitter, notes: list[str]) -> bool:
    """Whether an argument says something of the model; if not it is dropped, and that is noted."""
    if fitter.reads(name):
        return True
    default = DEFAULTS.get(name, ())
    usual = argument.value == Constant(None) or argument.value in default
    elsewhere = ELSEWHERE.get((fitter.package, name))
    if name in DROPPED and (usual or elsewhere is None):
        alone = argument.name is None or argument.span == argument.value.span
        shown = f"{name} = {argument.span}" if alone else str(argument.span)
        notes.append(f"`{shown}` is dropped: {DROPPED[name]}")
    elif not usual:
        raise UnsupportedError(f"`{name}` of `{fitter.name}()` {elsewhere or 'is not built'}", argument.value.span)
    return False
