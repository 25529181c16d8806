"""Stata's commands that fit models of other kinds: what each is, so that none is taken for another misspelt."""

from __future__ import annotations

import re

from tildemc.errors import UnsupportedError
from tildemc.span import Span

__all__ = ["OTHERS", "refuse_others"]

_INSTRUMENTS = "fits a regression by instrumental variables"
_STRUCTURAL = "fits equations with latent variables"
_SURVIVAL = "models survival with flexible baselines; `mestreg x || group:, distribution(weibull)` is read"
_PANEL_GMM = "fits a dynamic panel by the generalised method of moments"
_AVERAGED = "fits a population average by estimating equations"
_SERIES = "models one series; `mixed y x || group:, residuals(ar 1, t(time))` is read"
_QUANTILES = "fits quantiles; the family asym_laplace does, as in `bf(y ~ x, quantile = 0.5)`"
_SELECTION = "models a response together with its selection"
_CHOICES = "models choices among alternatives with attributes of their own; `mlogit` is read"
_CONDITIONAL = "is a logit given each group's total; `melogit y x || group:` has group effects"
_SYSTEM = "fits several equations together; a formula says them, as in `bf(y1 ~ x) + bf(y2 ~ z) + set_rescor(TRUE)`"
_ORDERED = "is an ordered model whose slopes differ by threshold; `ologit` and `meologit` are read"
_TREATMENT = "estimates effects of treatments by weighting or matching"
_SELECTING = "selects variables by a penalty; a prior does, as in `b ~ horseshoe(1)`"
_META = "combines studies; a formula does, as in `y | se(s) ~ 1 + (1 | study)`"
_STEPPING = "selects variables by their p-values; write the model with all of them, or shrink: `b ~ horseshoe(1)`"
_FRONTIER = "fits a stochastic frontier"

_BY_KIND = {
    _INSTRUMENTS: ("ivregress", "ivreg2", "ivreg", "ivprobit", "ivtobit", "ivpoisson", "xtivreg", "xtivreg2",
                   "ivreghdfe"),
    _STRUCTURAL: ("sem", "gsem"),
    _SURVIVAL: ("stmixed", "stpm2", "stpm3", "merlin", "stcrreg", "stintreg"),
    _PANEL_GMM: ("xtabond", "xtabond2", "xtdpd", "xtdpdsys", "gmm"),
    _AVERAGED: ("xtgee",),
    _SERIES: ("arima", "arch", "var", "newey", "prais", "xtregar", "xtpcse", "xtgls", "ucm"),
    _QUANTILES: ("qreg", "sqreg", "bsqreg", "iqreg", "xtqreg", "qreg2"),
    _SELECTION: ("heckman", "heckprobit", "heckprob", "heckoprobit", "xtheckman", "etregress", "treatreg", "eregress"),
    _CHOICES: ("asclogit", "cmclogit", "cmmixlogit", "mixlogit", "asmixlogit", "nlogit", "mprobit", "asmprobit",
               "rologit", "cmxtmixlogit"),
    _CONDITIONAL: ("clogit",),
    _SYSTEM: ("sureg", "mvreg", "reg3", "biprobit", "mvprobit", "cmp"),
    _ORDERED: ("gologit2", "gologit", "slogit", "hetoprobit"),
    _TREATMENT: ("teffects", "psmatch2", "rdrobust", "didregress", "xtdidregress", "csdid"),
    _SELECTING: ("lasso", "elasticnet", "lasso2", "cvlasso", "dsregress", "poregress"),
    _STEPPING: ("stepwise", "sw"),
    _META: ("meta", "metan", "metareg", "mvmeta", "metaan"),
    _FRONTIER: ("frontier", "xtfrontier", "sfcross", "sfpanel"),
    "fits latent and mixed models by adaptive quadrature; `mixed` and the `me` commands are read": ("gllamm",),
    "writes a model by its likelihood; `bayes, prior(…): command` is read": ("bayesmh",),
    "models a share by a quasi-likelihood; `betareg` is read": ("fracreg", "fracglm"),
    "models the variance too; a formula does, as in `bf(y ~ x, sigma ~ z)`": ("hetregress", "hetprobit", "hetprob"),
    "fits a curve; `menl y = {a}*exp(-{b}*x)` is read": ("nl",),
    "gives outlying rows less weight; the family student does so": ("rreg",),
    "compares means; `regress y i.g` is read": ("anova", "manova", "oneway", "loneway", "ttest"),
    "models a latent class or a mixture": ("fmm",),
    "fits a curve without a form; a formula does, as in `y ~ s(x)`": ("npregress", "lowess", "lpoly"),
    "leaves the coefficients of a transformation open": ("boxcox",),
    "models effects of items; `melogit y ibn.item, nocons || person:` is read": ("irt",),
}  # fmt: skip

OTHERS = {command: kind for kind, commands in _BY_KIND.items() for command in commands}
"""What each does, to follow `it` in a sentence."""

_FIRST = re.compile(r"(?:\A|:)\s*(?:(?:qui\w*|noi\w*|cap\w*|xi|eststo)\s+)*([^\W\d]\w*)")


def refuse_others(command: str, shown: str) -> None:
    """Say what a command does that fits another kind of model; how it is written is no matter.

    Raises
    ------
    UnsupportedError
    """
    for found in _FIRST.finditer(command.partition("||")[0]):
        if found[1] in OTHERS:
            raise UnsupportedError(f"`{found[1]}` is not built: it {OTHERS[found[1]]}", Span(shown, *found.span(1)))
