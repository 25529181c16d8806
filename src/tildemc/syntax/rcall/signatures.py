"""The arguments of R's functions in their order, as R's `args()` shows them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["SIGNATURES"]

_GLMER = "control, start, verbose, nAGQ, subset, weights, na.action, offset, contrasts, mustart, etastart, devFunOnly"
_BRM = (
    "formula, data, family, prior, autocor, data2, cov_ranef, sample_prior, sparse, knots, drop_unused_levels, "
    "stanvars, stan_funs, fit, save_pars, save_ranef, save_mevars, save_all_pars, init, inits, chains, iter, warmup, "
    "thin, cores, threads, opencl, normalize, control, algorithm, backend, future, silent, seed, save_model, "
    "stan_model_args, file, file_compress, file_refit, empty, rename, ..."
)
_STAN_LM = "subset, weights, na.action, model, x, y, singular.ok, contrasts, offset, ..., prior, prior_intercept"
_STAN_GLM = "weights, subset, na.action, offset, model, x, y, contrasts, ..., prior, prior_intercept, prior_aux"
_STAN_AUX = "algorithm, mean_PPD, adapt_delta, QR"
_STAN_GLMER = (
    "subset, weights, na.action, offset, contrasts, ..., prior, prior_intercept, prior_aux, prior_covariance, "
    "prior_PD, algorithm, adapt_delta, QR, sparse"
)
_GAM = (
    "formula, family, data, weights, subset, na.action, offset, method, optimizer, control, scale, select, knots, sp, "
    "min.sp, H, gamma, fit, paraPen, G, in.out, drop.unused.levels, drop.intercept, nei, discrete, ..."
)
_FIXEST = "fml, data, vcov, weights, offset, subset, split, cluster, se, ssc, panel.id, fixef, fixef.rm, nthreads, ..."
_SIGNATURES = {
    "lmer": "formula, data, REML, control, start, verbose, subset, weights, na.action, offset, contrasts, devFunOnly, "
    "...",
    "glmer": f"formula, data, family, {_GLMER}, ...",
    "glmer.nb": f"formula, data, {_GLMER}, ..., interval, tol, verbose, nb.control, initCtrl",
    "lm": "formula, data, subset, weights, na.action, method, model, x, y, qr, singular.ok, contrasts, offset, ...",
    "glm": "formula, family, data, weights, subset, na.action, start, etastart, mustart, offset, control, model, "
    "method, x, y, singular.ok, contrasts, ...",
    "glm.nb": "formula, data, weights, subset, na.action, start, etastart, mustart, control, method, model, x, y, "
    "contrasts, ..., init.theta, link",
    "lme": "fixed, data, random, correlation, weights, subset, method, na.action, control, contrasts, keep.data",
    "gls": "model, data, correlation, weights, subset, method, na.action, control, verbose",
    "nlme": "model, data, fixed, random, groups, start, correlation, weights, subset, method, na.action, naPattern, "
    "control, verbose",
    "gnls": "model, data, params, start, correlation, weights, subset, na.action, naPattern, control, verbose",
    "nlmer": "formula, data, control, start, verbose, nAGQ, subset, weights, na.action, offset, contrasts, devFunOnly, "
    "...",
    "nls": "formula, data, start, control, algorithm, trace, subset, weights, na.action, model, lower, upper, ...",
    "nlsLM": "formula, data, start, jac, algorithm, control, lower, upper, trace, subset, weights, na.action, model, "
    "...",
    "glmmTMB": "formula, data, family, ziformula, dispformula, weights, offset, contrasts, na.action, se, verbose, "
    "doFit, control, REML, start, map, sparseX, priors, subset",
    "brm": _BRM,
    "brm_multiple": "formula, data, family, prior, data2, autocor, cov_ranef, sample_prior, sparse, knots, stanvars, "
    "stan_funs, silent, recompile, combine, fit, algorithm, seed, file, file_compress, file_refit, ...",
    "lmList": "formula, data, family, subset, weights, na.action, offset, pool, warn, level, control, ...",
    "mixed": "formula, data, type, method, per_parameter, args_test, test_intercept, check_contrasts, expand_re, "
    "all_fit, set_data_arg, progress, cl, return, sig_symbols, ..., family, weights, control, REML, subset, offset, "
    "contrasts",
    "aov": "formula, data, projections, qr, contrasts, ..., weights, subset, na.action",
    "feols": _FIXEST,
    "fepois": _FIXEST,
    "glmmPQL": "fixed, random, family, data, correlation, weights, control, niter, verbose, ..., subset, na.action",
    "mixed_model": "fixed, random, data, family, weights, na.action, zi_fixed, zi_random, penalized, n_phis, "
    "initial_values, control, ...",
    "polr": "formula, data, weights, start, ..., subset, na.action, contrasts, Hess, model, method",
    "clm": "formula, scale, nominal, data, weights, start, subset, doFit, na.action, contrasts, model, control, link, "
    "threshold, ...",
    "clmm": "formula, data, weights, start, subset, na.action, contrasts, Hess, model, link, doFit, control, nAGQ, "
    "threshold, ...",
    "multinom": "formula, data, weights, subset, na.action, contrasts, Hess, summ, censored, model, ...",
    "stan_polr": "formula, data, weights, ..., subset, na.action, contrasts, model, method, prior, prior_counts, "
    "shape, rate, prior_PD, algorithm, adapt_delta, do_residuals",
    "stan_lm": f"formula, data, {_STAN_LM}, prior_PD, algorithm, adapt_delta",
    "stan_glm": f"formula, family, data, {_STAN_GLM}, prior_PD, algorithm, mean_PPD, adapt_delta, QR, sparse",
    "stan_lmer": f"formula, data, {_STAN_GLMER}",
    "stan_glmer": f"formula, data, family, {_STAN_GLMER}",
    "stan_mvmer": "formula, data, family, weights, prior, prior_intercept, prior_aux, prior_covariance, prior_PD, "
    "algorithm, adapt_delta, max_treedepth, init, QR, sparse, ...",
    "stan_glm.nb": f"formula, data, weights, subset, na.action, offset, model, x, y, contrasts, link, ..., "
    f"prior, prior_intercept, prior_aux, prior_PD, {_STAN_AUX}",
    "stan_betareg": "formula, data, subset, na.action, weights, offset, link, link.phi, model, y, x, ..., prior, "
    "prior_intercept, prior_z, prior_intercept_z, prior_phi, prior_PD, algorithm, adapt_delta, QR",
    "stan_gamm4": "formula, random, family, data, weights, subset, na.action, knots, drop.unused.levels, ..., prior, "
    "prior_intercept, prior_smooth, prior_aux, prior_covariance, prior_PD, algorithm, adapt_delta, QR, sparse",
    "gam": _GAM,
    "bam": f"{_GAM}, chunk.size, rho, AR.start, cluster, nthreads, gc.level, use.chol, samfrac, coef",
    "gamm4": "formula, random, family, data, weights, subset, na.action, knots, drop.unused.levels, REML, control, "
    "start, verbose, nAGQ, ...",
    "betareg": "formula, data, subset, na.action, weights, offset, link, link.phi, type, dist, nu, control, model, y, "
    "x, ...",
    "MCMCglmm": "fixed, random, rcov, family, mev, data, start, prior, tune, pedigree, nodes, scale, nitt, thin, "
    "burnin, pr, pl, verbose, DIC, singular.ok, saveX, saveZ, saveXL, slice, ginverse, trunc, theta_scale, saveWS, "
    "longer",
    "stan_glmer.nb": f"formula, data, {_STAN_GLMER.replace('contrasts', 'contrasts, link')}",
}

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    name: tuple(listed.replace(",", " ").split()) for name, listed in _SIGNATURES.items()
}
"""By the function's name; those after `...` go by their whole names alone."""
