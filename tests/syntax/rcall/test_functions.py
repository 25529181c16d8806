"""Arguments by place, by name and by the beginning of a name, in the order of each function's own signature."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.syntax.command import read
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.rcall.functions import FUNCTIONS
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import deparse

BY_PLACE = [
    ("lmer(y ~ x + (1 | g), d, FALSE)", "REML = FALSE", "y ~ x + (1 | g)"),
    ("lmer(y ~ x + (1 | g), d, FALSE, lmerControl(), NULL, 0, x > 1)", "REML = FALSE", "y ~ x + (1 | g)"),
    ("glmer(y ~ x + (1 | g), d, poisson, glmerControl())", "control = glmerControl()", "y ~ x + (1 | g)"),
    ("lme(y ~ x, d, ~ 1 | g, NULL, NULL, x > 1, 'ML')", "method = 'ML'", "y ~ x + (1 | g)"),
    ("gls(y ~ x, d, NULL, varIdent(form = ~ 1 | g))", "", "y ~ x; sigma ~ by(g)"),
    ("lm(y ~ x, d, x > 1)", "", "y ~ x"),
    ("glm(y ~ x, poisson, d, w)", "", "y | weights(w) ~ x"),
    ("glmmTMB(y ~ x, d, gaussian, ~ 0, ~ z)", "", "y ~ x; sigma ~ z"),
    ("brm(y ~ x, d, poisson)", "", "y ~ x"),
    ("stan_glm(y ~ x, poisson, d)", "", "y ~ x"),
    ("lmer(data = d, y ~ x + (1 | g), F)", "REML = F", "y ~ x + (1 | g)"),
]


@pytest.mark.parametrize(("call", "dropped", "formula"), BY_PLACE)
def test_arguments_by_place(call: str, dropped: str, formula: str) -> None:
    statement = read(call, syntax="r")
    assert statement.formula == parse_formula(formula)
    assert statement.data == "d"
    assert any(note.startswith(f"`{dropped}` is dropped") for note in statement.notes) == bool(dropped)
    assert rows(statement) == ("x > 1" if "x > 1" in call else None)


def rows(statement: Statement) -> str | None:
    return None if statement.rows is None else deparse(statement.rows)


BY_BEGINNING = [
    ("lm(form = y ~ x, d, sub = x > 1)", "x > 1"),
    ("glmer(y ~ x + (1 | g), fam = poisson, dat = d)", None),
    ("lmer(y ~ x + (1 | g), d, REM = FALSE, subs = x > 1)", "x > 1"),
]


@pytest.mark.parametrize(("call", "expected"), BY_BEGINNING)
def test_the_beginning_of_a_name(call: str, expected: str | None) -> None:
    assert rows(read(call, syntax="r")) == expected


OF_NO_MODEL = [
    "brm(y ~ x, d, output_dir = o, sig_figs = 9, metric = m, step_size = 0.1, stanc_options = list('O1'), pars = p)",
    "brm(y ~ x, d, algorithm = 'pathfinder', num_paths = 4, draws = 100, psis_resample = TRUE)",
    "brm(y ~ x, d, algorithm = 'meanfield', grad_samples = 2, elbo_samples = 100, eta = 1, adapt_iter = 9)",
    "brm(y ~ x, d, family = NULL, autocor = NULL, data2 = NULL, stanvars = NULL, knots = NULL)",
    "stan_glm(y ~ x, data = d, algorithm = 'fullrank', keep_every = 1, importance_resampling = TRUE, offset = NULL)",
    "glmmTMB(y ~ x, d, ziformula = NULL, dispformula = NULL, weights = NULL, map = NULL, priors = NULL)",
    "glm(y ~ x, data = d, maxit = 100, epsilon = 1e-9, contrasts = NULL, subset = NULL)",
    "gls(y ~ x, d, correlation = NULL, weights = NULL, control = ctrl)",
    "feols(y ~ x, d, notes = FALSE, lean = TRUE, mem.clean = TRUE, warn = FALSE, fixef.tol = 1e-8, cluster = ~ g)",
    "mixed_model(y ~ x, data = d, nAGQ = 11, iter_EM = 30, penalized = FALSE, initial_values = start)",
    "mixed(y ~ x, d, method = 'KR', expand_re = FALSE, progress = FALSE)",
]


@pytest.mark.parametrize("call", OF_NO_MODEL)
def test_arguments_that_no_model_depends_on_never_refuse_it(call: str) -> None:
    assert read(call, syntax="r").formula == parse_formula("y ~ x")


MISTAKES = [
    ("brm(y ~ s(x), d, knots = ⟪list(x = 1)⟫)", UnsupportedError, "says where the pieces of smooths join"),
    ("lmer(y ~ x + (1 | g), ⟪d = e⟫)", FormulaSyntaxError, "it may be `data`, `devFunOnly`"),
    ("stan_glm(y ~ x, ⟪prior_i = normal()⟫)", FormulaSyntaxError, "it may be `prior_intercept`"),
    ("lmer(y ~ x + (1 | g), data = d, ⟪data = e⟫)", FormulaSyntaxError, "given twice"),
    ("gls(y ~ x, d, NULL, NULL, NULL, 'ML', na.omit, list(), F, ⟪w⟫)", FormulaSyntaxError, "fewer arguments"),
    ("brm(y ~ x, d, cov_ranef = ⟪A⟫)", UnsupportedError, "`cov_ranef` of `brm()` is not built"),
    ("polr(y ~ x, d, method = ⟪2⟫)", FormulaSyntaxError, "`method` names a link"),
    ("clm(y ~ x, data = d, threshold = ⟪c(1)⟫)", FormulaSyntaxError, "`threshold` is a word"),
    ("clm(y ~ x, scale = ⟪~ z⟫, data = d)", UnsupportedError, "is the log sd of what thresholds cut, and `disc` here"),
    ("clm(y ~ x, data = d, nominal = ⟪~ z⟫)", UnsupportedError, "gives thresholds effects of their own"),
    (
        "stan_polr(y ~ x, data = d, prior_counts = ⟪dirichlet(1)⟫)",
        UnsupportedError,
        "a Dirichlet prior of the categories'",
    ),
    ("stan_gamm4(y ~ x, random = ⟪g⟫, data = d)", FormulaSyntaxError, "`random` is a formula"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_mistakes(marked: str, kind: type[TildeError], fragment: str) -> None:
    mistake(lambda text: read(text, syntax="r"), marked, fragment, kind)


@pytest.mark.parametrize("link", ["log", "sqrt"])
def test_the_link_may_be_named(link: str) -> None:
    assert read(f"glm.nb(y ~ x, d, link = {link})").family == f"negbinomial({link})"


def test_what_dots_stand_for_is_not_known() -> None:
    assert read("lmer(y ~ x + (1 | g), data = d, ...)").notes == (
        "what `...` stands for is not known here, and left out",
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signatures_name_each_argument_once(name: str) -> None:
    own = [argument for argument in FUNCTIONS[name].signature if argument != "verbose"]
    assert len(own) == len(set(own))
