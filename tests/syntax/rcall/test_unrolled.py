"""R's control flow: what the text itself says is written out as models, what it does not is refused where it stands."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.syntax.command import language_of, models_of, read
from tildemc.syntax.rcall.unrolled import unrolled

MODELS = {
    "a loop over texts": (
        'for (v in c("x", "z")) {\n  f <- as.formula(paste("y ~", v))\n  m <- lm(f, d)\n  print(summary(m))\n}',
        {"m.x": "y ~ x", "m.z": "y ~ z"},
    ),
    "a loop over formulas": ("for (f in c(y ~ x, y ~ z)) m <- lm(f, d)", {"m.1": "y ~ x", "m.2": "y ~ z"}),
    "a body on the next line": (
        "for (k in 1:2)\n  m <- lm(y ~ poly(x, k), d)",
        {"m.1": "y ~ poly(x, 1)", "m.2": "y ~ poly(x, 2)"},
    ),
    "a list that is filled": (
        "fs <- list(a = y ~ x, b = y ~ z)\nfits <- list()\n"
        "for (i in seq_along(fs)) {\n  fits[[i]] <- lm(fs[[i]], d)\n}",
        {"fits.1": "y ~ x", "fits.2": "y ~ z"},
    ),
    "by name": (
        "fs <- list(a = y ~ x, b = y ~ z)\nfor (n in names(fs)) fits[[n]] <- lm(fs[[n]], d)",
        {"fits.a": "y ~ x", "fits.b": "y ~ z"},
    ),
    "a column of the loop's name": (
        'for (v in c("x", "z")) {\n  d$v <- d[[v]]\n  m <- lm(y ~ v, d)\n}',
        {"m.x": "y ~ v", "m.z": "y ~ v"},
    ),
    "lapply": ("ms <- lapply(list(y ~ x, y ~ z), function(f) lm(f, d))", {"ms.1": "y ~ x", "ms.2": "y ~ z"}),
    "lapply of formulas by name": (
        "f1 <- y ~ x\nf2 <- y ~ z\nms <- lapply(list(f1, f2), lm, data = d)",
        {"ms.f1": "y ~ x", "ms.f2": "y ~ z"},
    ),
    "sapply of several statements": (
        'ms <- sapply(c("x", "z"), function(v) {\n  f <- reformulate(v, "y")\n  m <- lm(f, d)\n  return(m)\n})',
        {"ms.x": "y ~ x", "ms.z": "y ~ z"},
    ),
    "map": ("ms <- purrr::map(list(a = y ~ x, b = y ~ z), ~ lm(.x, data = d))", {"ms.a": "y ~ x", "ms.b": "y ~ z"}),
    "glue": ('ms <- map(c("x", "z"), \\(v) lm(as.formula(glue("y ~ {v}")), d))', {"ms.x": "y ~ x", "ms.z": "y ~ z"}),
    "a list of models": ("ms <- list(a = lm(y ~ x, d), b = lm(y ~ z, d))", {"ms.a": "y ~ x", "ms.b": "y ~ z"}),
    "models that are compared": ("anova(lm(y ~ x, d), lm(y ~ x + z, d))", {"model1": "y ~ x", "model2": "y ~ x + z"}),
    "parts of a list": ('ms[["a"]] <- lm(y ~ x, d)\nms$b <- lm(y ~ z, d)', {"ms.a": "y ~ x", "ms.b": "y ~ z"}),
    "assign": (
        'for (v in c("x", "z")) assign(paste0("m_", v), lm(reformulate(v, "y"), d))',
        {"m_x": "y ~ x", "m_z": "y ~ z"},
    ),
    "do.call": ('m <- do.call("lm", list(y ~ x, data = d))', {"m": "y ~ x"}),
    "tryCatch": ("m <- tryCatch({\n  lm(y ~ x, d)\n}, error = function(e) NULL)", {"m": "y ~ x"}),
    "a branch that is taken": (
        'if (!file.exists("m.rds")) {\n  m <- lm(y ~ x, d)\n} else {\n  m <- readRDS("m.rds")\n}',
        {"m": "y ~ x"},
    ),
    "a branch by a constant": ("if (FALSE) m <- lm(y ~ x, d) else m <- lm(y ~ z, d)", {"m": "y ~ z"}),
    "an own function": (
        'fit <- function(v, data = d) {\n  m <- lm(as.formula(sprintf("y ~ %s", v)), data = data)\n  m\n}\n'
        'a <- fit("x")\nb <- fit(v = "z")',
        {"a": "y ~ x", "b": "y ~ z"},
    ),
    "texts that are put together": (
        'p <- c("x", "z")\nf <- paste("y ~", paste(p, collapse = " + "))\nm <- lm(as.formula(f), data = d)',
        {"m": "y ~ x + z"},
    ),
    "what is around models": ("if (center) d$x <- 1\nfor (v in vs) plot(v)\nm <- lm(y ~ x, d)", {"m": "y ~ x"}),
}


@pytest.mark.parametrize(("text", "formulas"), MODELS.values(), ids=MODELS)
def test_models_are_written_out(text: str, formulas: dict[str, str]) -> None:
    assert language_of(text) == "r"
    assert {name: read(own).formula.text for name, own in models_of(text).items()} == formulas


def test_data_of_a_loop_are_those_of_its_turn() -> None:
    texts = models_of("for (k in c(1, 3)) m <- lm(y ~ x, subset(d, g == k))")
    assert [str(step) for text in texts.values() for step in read(text).steps] == [
        "the rows where `g == 1`", "the rows where `g == 3`",
    ]  # fmt: skip


def test_a_script_without_control_flow_is_as_it_was() -> None:
    text = "> library(lme4)\n> m <- lmer(y ~ x +\n+   (1 | g), data = d)\n> summary(m)"
    assert unrolled(text) is text


REFUSED = [
    ("⟪for (v in vars) m <- lm(reformulate(v), d)⟫", UnsupportedError, "`vars`, which the text does not hold"),
    ("⟪while (TRUE) m <- lm(y ~ x, d)⟫", UnsupportedError, "`while` is a loop whose end the text does not say"),
    ("⟪if (flag) m <- lm(y ~ x, d) else m <- lm(y ~ z, d)⟫", UnsupportedError, "whether `flag` is true is not known"),
    ("⟪m <- ifelse(a, lm(y ~ x, d), lm(y ~ z, d))⟫", UnsupportedError, "which of its models `ifelse()` is"),
    (
        "⟪ms <- lapply(split(d, d$g), function(s) lm(y ~ x, s))⟫",
        UnsupportedError,
        "write `lmList(y ~ x | g, data = d)`",
    ),
    ("⟪d %>% group_by(g) %>% do(lm(y ~ x, data = .))⟫", UnsupportedError, "a model for each group"),
    ("m <- ⟪foo⟫(y ~ x)", FormulaSyntaxError, "there is no function `foo` here that fits a model"),
    ("glmmTMB(y ~ x + ⟪hetcs(1 + x | g)⟫, d)", FormulaSyntaxError, "write `cs(…)`"),
    ("glmmTMB(y ~ x + ⟪AR1(0 + f | g)⟫, d)", FormulaSyntaxError, "write `ar1(…)`"),
]


@pytest.mark.parametrize(("marked", "kind", "said"), REFUSED)
def test_what_the_text_does_not_hold_is_refused(marked: str, kind: type[TildeError], said: str) -> None:
    mistake(read, marked, said, kind)
