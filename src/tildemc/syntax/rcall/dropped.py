"""Arguments of R's functions that say nothing of the model, with why; and those that do so in another way than here."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.syntax.tree import Constant, Expr, Number, Text, Unary

__all__ = ["DEFAULTS", "DROPPED", "ELSEWHERE", "PASSED_ON"]

_STAN = (
    "adapt_delta", "adapt_engaged", "adapt_iter", "as_vector", "boost_lib", "calculate_lp", "chain_id", "chain_ids",
    "chains", "check_data", "control", "cores", "cpp_options", "diagnostic_file", "draws", "elbo_samples",
    "enable_random_init", "eta", "eval_elbo", "fixed_param", "grad_samples", "history_size", "importance_resampling",
    "include", "init", "init_alpha", "init_buffer", "init_r", "inv_metric", "iter", "iter_sampling", "iter_warmup",
    "jacobian", "keep_every", "max_lbfgs_iters", "max_treedepth", "metric", "metric_file", "mock_fit", "mode",
    "num_elbo_draws", "num_paths", "num_threads", "open_progress", "opt_args", "output_basename", "output_dir",
    "output_samples", "parallel_chains", "pars", "psis_resample", "refresh", "sample_file", "save_cmdstan_config",
    "save_dso", "save_latent_dynamics", "save_single_paths", "save_warmup", "seed", "show_exceptions",
    "show_messages", "sig_figs", "single_path_draws", "sparse", "stanc_options", "step_size", "stepsize",
    "term_buffer", "thin", "threads_per_chain", "tol_grad", "tol_obj", "tol_param", "tol_rel_grad", "tol_rel_obj",
    "validate_csv", "verbose", "warmup", "window",
)  # fmt: skip
"""What rstan and cmdstanr may be told of sampling and of approximations."""

_WHY = {
    "REML or maximum likelihood is a way to estimate; here the posterior is drawn": ("REML", "method"),
    "it concerns how R computes": ("control", "trace", "jac", "algorithm"),
    "it concerns R's optimiser": (
        "start", "mustart", "etastart", "sparseX", "init.theta", "nb.control", "interval", "tol",
        "initCtrl", "optimizer", "discrete", "nthreads", "chunk.size", "gc.level", "cluster", "use.chol", "samfrac",
        "coef", "maxit", "epsilon", "fixef.tol", "fixef.iter", "glm.iter", "glm.tol", "collin.tol", "iter_EM",
        "iter_qN_outer", "iter_qN_incr", "max_coef_value", "parscale_betas",
    ),
    "no integral is approximated": ("nAGQ", "niter", "initial_values"),
    "it makes standard errors of estimates robust; here the posterior is of the model as it is written": (
        "vcov", "cluster", "se_type", "ssc",
    ),
    "it says which tests are made": (
        "type", "per_parameter", "args_test", "test_intercept", "check_contrasts", "all_fit", "set_data_arg",
        "progress", "cl", "return", "sig_symbols", "projections",
    ),
    "rows with missing values are left out and reported": ("na.action",),
    "levels that no row has are left out": ("drop_unused_levels", "drop.unused.levels", "drop"),
    "it concerns what R returns or prints": (
        "verbose", "devFunOnly", "keep.data", "model", "se", "doFit", "x", "y", "qr", "singular.ok", "fit", "file",
        "Hess", "summ",
        "file_compress", "file_refit", "save_pars", "save_ranef", "save_mevars", "save_all_pars", "save_model",
        "save_warmup", "silent", "empty", "rename", "censored", "hessian",
        "pr", "pl", "DIC", "saveX", "saveZ", "saveXL", "saveWS", "notes", "lean", "mem.clean", "data.save",
    ),
    "it concerns R's sampler; give settings to `fit`": (
        *_STAN, "threads", "opencl", "normalize", "backend", "inits", "QR", "future", "stan_model_args", "mean_PPD",
        "do_residuals", "nitt", "burnin", "tune", "slice", "longer",
    ),
    "draws of all data sets are pooled, and `fit.of_data_set(1)` has those of one": ("combine", "recompile"),
    "each fit has a residual sd of its own": ("pool", "warn"),
    "ask for prior draws apart": ("sample_prior", "prior_PD"),
}  # fmt: skip
DROPPED = {name: reason for reason, names in _WHY.items() for name in names}
"""Arguments that no model depends on, each with the reason."""

_BOUNDED = "bounds estimates: state priors with bounds, `a.b ~ normal(1, 2, lower = 0)`"
ELSEWHERE = {
    ("ordinal", "scale"): "is the log sd of what thresholds cut, and `disc` here one over that sd: write "
    "`bf(y ~ x, disc ~ 0 + z)`, whose coefficients have the other sign",
    ("stats", "algorithm"): '"plinear" has parameters that the formula does not name: write them into it',
    **{(package, end): _BOUNDED for package in ("stats", "minpack.lm") for end in ("lower", "upper")},
    ("ordinal", "nominal"): "gives thresholds effects of their own, by which those of a cumulative response may cross: "
    "families sratio, cratio and acat have such effects, `cs(z)`",
    **{
        (package, "knots"): "says where the pieces of smooths join, which is not read: smooths place them by the data"
        for package in ("brms", "mgcv", "gamm4", "rstanarm")
    },
    ("rstanarm", "prior_counts"): "is a Dirichlet prior of the categories' shares where predictors have their means, "
    "which is not built: state one of the thresholds, `Intercept ~ normal(0, 2)`",
}
"""What an argument is that says something of the model in another way than here, by package."""
DEFAULTS: Mapping[str, tuple[Expr, ...]] = {
    "select": (Constant(False),),
    "gamma": (Number(1.0),),
    "scale": (Number(0.0), Unary("-", Number(1.0)), Constant(True)),
    "nodes": (Text("ALL"),),
    "trunc": (Constant(False),),
    "rho": (Number(0.0),),
    "expand_re": (Constant(False),),
    "penalized": (Constant(False),),
    "algorithm": (Text("default"), Text("port"), Text("LM")),
}
"""Arguments that are not built, with the values by which they change nothing."""

PASSED_ON: Mapping[str, tuple[str, ...]] = {
    "brms": _STAN,
    "rstanarm": _STAN,
    "lme4": ("nAGQ", "verbose", "nb.control"),
    "stats": ("maxit", "epsilon", "trace"),
    "MASS": ("maxit", "epsilon", "trace"),
    "GLMMadaptive": ("nAGQ", "iter_EM", "iter_qN_outer", "iter_qN_incr", "optimizer", "max_coef_value", "verbose"),
    "fixest": (
        "notes", "lean", "mem.clean", "warn", "verbose", "data.save", "fixef.tol", "fixef.iter", "glm.iter", "glm.tol",
        "collin.tol",
    ),
}  # fmt: skip
"""What a package's functions hand on to others by `...`."""
