"""What other packages call the verbs of a fit."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ELSEWHERE"]

ELSEWHERE: Mapping[str, str] = {
    "VarCorr": "varcorr()",
    "bayes_R2": "r2()",
    "compare": "tildemc.compare(fit, other)",
    "confint": "fixef(interval=0.9)",
    "fitted": "predict()",
    "fitted_values": "predict()",
    "log_lik": "log_likelihood()",
    "loo_compare": "tildemc.compare(fit, other)",
    "marginal_effects": "conditional_effects()",
    "mcmc_plot": 'plot("trace")',
    "posterior": 'data["posterior"]',
    "posterior_epred": "predict(draws=True)",
    "posterior_interval": "summary(interval=0.9)",
    "posterior_linpred": 'predict(kind="linear", draws=True)',
    "posterior_predict": 'predict(kind="response", draws=True)',
    "pp_mixture": "mixture_probabilities()",
    "posterior_summary": "summary()",
    "pp_check": 'plot("ppc")',
    "prior_summary": "priors()",
    "sample_posterior_predictive": "posterior_predictive()",
    "simulate": 'predict(kind="response", draws=True)',
    "to_netcdf": "save(path)",
}
"""By the name in brms, lme4, rstanarm, Bambi or ArviZ: how it is asked for here."""
