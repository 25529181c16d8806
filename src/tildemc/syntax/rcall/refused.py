"""R functions that fit models which are written otherwise here, or not at all: what each is, and what to write."""

from __future__ import annotations

__all__ = ["LOOKS", "NO_FITTERS", "REFUSED"]

NO_FITTERS = (
    *("list", "c", "lapply", "sapply", "vapply", "map", "walk", "future_map", "mclapply", "replicate", "by", "with"),
    *("for", "while", "repeat", "if", "ifelse", "function", "assign", "do.call", "tryCatch", "try", "local"),
)
"""What may hold models or make several, and fits none itself."""

_COX = (
    "leaves the baseline hazard open, by a partial likelihood, which draws no posterior; by splines it is "
    "`brm(t | cens(1 - d) ~ x, data = d, family = cox())`, where d is 1 for an event, with `(1 | g)` for groups"
)
_AREAS = "fits by approximation what `brm()` writes: `brm(y ~ x + (1 | g))`"
_COMPONENTS = "fits what lme4 writes `lmer(y ~ x + (1 | g))`, with `(1 | gr(g, cov = A))` for known relatedness"
_ROBUST = (
    "weighs outliers down by an estimating equation, which has no likelihood; "
    "`brm(…, family = student)` has a likelihood with heavy tails"
)
_OWN_PRIORS = (
    "has priors of blme's own on covariances, Wishart or gamma, which keep them away from zero: write `{}()` and state "
    "priors, as `sd ~ gamma(2.5, 0.1)`"
)
_PATTERN = (
    "has residuals that go together within a cluster: write `gls(y ~ x, d, correlation = corSymm(form = ~ t | g), "
    "weights = varIdent(form = ~ 1 | t))`"
)
REFUSED = {
    "lmm": f"of LMMstar {_PATTERN}",
    "mmrm": _PATTERN,
    "glmmadmb": "is of an older package, whose models `glmmTMB(y ~ x + (1 | g), d, family = nbinom2)` writes",
    "mixor": "fits what `clmm(y ~ x + (1 | g), d)` writes",
    "blmer": _OWN_PRIORS.format("lmer"),
    "bglmer": _OWN_PRIORS.format("glmer"),
    "rlmer": _ROBUST,
    "lmrob": _ROBUST,
    "rlm": _ROBUST,
    "lm_robust": "makes standard errors robust, of the model that `lm()` fits: write that",
    "gamlss": "models several parameters of a distribution: write `brm(bf(y ~ x, sigma ~ z), data = d)`",
    "felm": "absorbs the levels behind its first bar: write `feols(y ~ x | g, d)`, or `lm(y ~ x + factor(g), d)`",
    "plm": (
        'has its groups in the data: `model = "within"` is `feols(y ~ x | g, d)`, `model = "random"` is '
        "`lmer(y ~ x + (1 | g), d)`"
    ),
    "pglm": 'has its groups in the data: `model = "random"` is `glmer(y ~ x + (1 | g), d, family)`',
    "hglm": "fits hierarchical models by h-likelihood: write `glmer(y ~ x + (1 | g), d, family)`",
    "inla": _AREAS,
    "asreml": _COMPONENTS,
    "mmer": _COMPONENTS,
    "mmes": _COMPONENTS,
    "relmatLmer": _COMPONENTS,
    "spaMM": "fits what `brm()` writes with `gp()`, `car()` or `(1 | g)`",
    "fitme": "fits what `brm()` writes with `gp()`, `car()` or `(1 | g)`",
    "geeglm": (
        "solves estimating equations of the population's mean, which have no likelihood; `glmer(y ~ x + (1 | g))` is "
        "of each group's mean"
    ),
    "gee": "solves estimating equations, which have no likelihood; `glmer(y ~ x + (1 | g))` has one",
    "ivreg": "has instruments, which need a second equation: `brm(bf(y ~ x) + bf(x ~ z) + set_rescor(TRUE))`",
    "zeroinfl": (
        "has a predictor of zeros behind the bar: write `brm(bf(y ~ x, zi ~ z), data = d, family = "
        "zero_inflated_poisson())`"
    ),
    "hurdle": (
        "has a predictor of zeros behind the bar, of their not occurring: write `brm(bf(y ~ x, hu ~ z), data = d, "
        "family = hurdle_poisson())`, where hu has the other sign"
    ),
    "vglm": "fits families of VGAM's own: write `brm()` with the family",
    "lqmm": "fits quantiles: write `brm(bf(y ~ x + (1 | g), quantile = 0.5), data = d, family = asym_laplace())`",
    "rq": "fits quantiles: write `brm(bf(y ~ x, quantile = 0.9), data = d, family = asym_laplace())`",
    "gamm": "fits in turns what `gamm4()` and `brm()` write: `brm(y ~ s(x) + (1 | g))`",
    "svyglm": "has the weights of a survey design: `glm(y ~ x, weights = w)` has their rows' part",
    "clmm2": "is of an older way to write `clmm(y ~ x + (1 | g), d)`",
    "tobit": "censors the response: write `brm(y | cens(c) ~ x, data = d)`, where c says which rows are",
    "censReg": "censors the response: write `brm(y | cens(c) ~ x, data = d)`, where c says which rows are",
    "pedigreemm": (
        'has relatives by a pedigree: write `(1 | gr(animal, cov = A))` and give `data2={"A": tildemc.pedigree(frame)}`'
    ),
    "t.test": "compares two means: write `lm(y ~ group, d)`",
    "loess": "smooths without a likelihood: write `gam(y ~ s(x), data = d)`",
    "coxph": _COX,
    "coxme": _COX,
    "stan_nlmer": (
        "has default priors that rstanarm makes of the data: write `nlmer()`, whose formula is the same, and state "
        "priors"
    ),
    "survreg": (
        "models the log of time; `brm(t | cens(1 - d) ~ x, data = d, family = weibull())`, where d is 1 for an event, "
        "is the same by the mean, and so are the families lognormal, exponential and gamma"
    ),
}
"""By the function's name, what is said of it."""

_PRIORS = "lists the priors that a model could have: write the model's own call, `brm(…)`, and ask it for `priors()`"
_PROGRAM = "writes a model's Stan program or its data: write the model's own call, `brm(…)`, and ask it for `source()`"
LOOKS = {
    **dict.fromkeys(("get_prior", "default_prior", "validate_prior"), _PRIORS),
    **dict.fromkeys(("make_stancode", "stancode", "make_standata", "standata"), _PROGRAM),
    "lFormula": "reads a formula without a fit: write `lmer()` with the same arguments",
    "glFormula": "reads a formula without a fit: write `glmer()` with the same arguments",
}
"""What looks at a model without fitting it, and what is said where a text has no more."""
