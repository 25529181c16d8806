"""R scripts: the last model counts, names mean what the text binds them to, and what is done to data is steps."""

from __future__ import annotations

import pytest

from marked import mistake
from tildemc.errors import FormulaSyntaxError, TildeError, UnsupportedError
from tildemc.syntax.command import language_of, models_of, read
from tildemc.syntax.tree import deparse

FORMULAS = {
    "a formula of its own": ("f <- y ~ x + (1 | g)\nm <- lmer(f, data = d)", "y ~ x + (1 | g)"),
    "a quoted formula": ('lmer("y ~ x + (1 | g)", d)', "y ~ x + (1 | g)"),
    "as.formula": ('f = as.formula("y ~ x"); lm(f, d)', "y ~ x"),
    "reformulate": ('lm(reformulate(c("x", "z"), "y"), d)', "y ~ x + z"),
    "columns taken out of data": ('lm(d$y ~ d$x + d[["z"]])', "y ~ x + z"),
    "a console's prompts": ("> m <- lmer(y ~ x +\n+   (1 | g), data = d)\n> summary(m)", "y ~ x + (1 | g)"),
    "T and F": ("lm(y ~ poly(x, 2, raw = T), d)", "y ~ poly(x, 2, raw = TRUE)"),
    "lines that begin with a plus": ("lmer(y ~ x\n+ (1 | g)\n+ z, data = d)", "y ~ x + (1 | g) + z"),
    "given to the right": ("lm(y ~ x, d) -> m", "y ~ x"),
    "in parentheses": ("(m <- lm(y ~ x, d))", "y ~ x"),
    "a comma that nothing follows": ("lm(y ~ x, data = d,)", "y ~ x"),
    "looked at": ("summary(lmer(y ~ x + (1 | g), d))", "y ~ x + (1 | g)"),
    "within data": ("with(d, lm(y ~ x))", "y ~ x"),
    "at the end of a pipe": ("d %>% filter(x > 1) %>% lm(y ~ x, data = .)", "y ~ x"),
    "changed since": ("m <- lm(y ~ x, d)\nm2 <- update(m, . ~ . + z)\nanova(m, m2)", "y ~ x + z"),
    "after lines that say nothing of models": ("library(lme4)\nset.seed(1)\nplot(d)\nlm(y ~ x, d)", "y ~ x"),
    "several lines without a name": ("lm(y ~ x, d)\nlm(y ~ z, d)", "y ~ z"),
}


@pytest.mark.parametrize(("text", "formula"), FORMULAS.values(), ids=FORMULAS)
def test_the_last_model_is_read(text: str, formula: str) -> None:
    assert language_of(text) == "r"
    assert read(text).formula.text == formula


STEPS = {
    "d[d$x > 1, ]": ["the rows where `x > 1`"],
    'd[d$x > 1 & d[["z"]] < 2, c("x", "y")]': ["the rows where `x > 1 & z < 2`", "the columns `x`, `y`"],
    "d[1:20, ]": ["the rows 1 to 20"],
    "d[which(x > 1), ]": ["the rows where `x > 1`"],
    "d[complete.cases(d), ]": ["the rows with a value of every column"],
    "subset(d, x > 1, select = c(x, y))": ["the rows where `x > 1`", "the columns `x`, `y`"],
    'filter(d, x > 1, f %in% c("a", "b"))': ["the rows where `x > 1`", 'the rows where `(f == "a" | f == "b")`'],
    "dplyr::filter(d, !g %in% 1:2)": ["the rows where `!g %in% 1:2`"],
    "na.omit(d)": ["the rows with a value of every column"],
    "d |> drop_na(x, z)": ["the rows with a value of `x` and `z`"],
    "droplevels(d)": [],
    "head(d, 10)": ["the rows 1 to 10"],
    "d %>% mutate(z = log(x)) %>% select(y, z)": ["`z` = `log(x)`", "the columns `y`, `z`"],
    "d %>% group_by(g) %>% mutate(z = x - mean(x)) %>% ungroup()": ["`z` = `x - mean(x)` within `g`"],
    "transform(d, z = x / 2)": ["`z` = `x/2`"],
    "rename(d, z = x)": ["`z` = `x`"],
    "na.omit(d[, -1])": ["all columns but 1", "the rows with a value of every column"],
    "select(d, -z, -w)": ["all columns but `z`, `w`"],
    "d[-which(d$x > 1), ]": ["the rows where `!(x > 1) | is.na(x > 1)`"],
    "d[order(d$x), ]": [],
    "d[!duplicated(d$id), ]": ["the first row of each `id`"],
    'd[!duplicated(d[, c("g", "id")], fromLast = TRUE), ]': ["the last row of each `g` and `id`"],
    "distinct(d, id, .keep_all = TRUE)": ["the first row of each `id`"],
    "d %>% group_by(id) %>% slice(1)": ["the first row of each `id`"],
    "d %>% group_by(id) %>% slice_head(n = 2)": ["the first 2 rows of each `id`"],
    "d %>% group_by(id) %>% filter(row_number() == 1)": ["the first row of each `id`"],
    "filter(d, row_number() <= 5)": ["the rows 1 to 5"],
    "head(d, -2)": ["all rows but the last 2"],
    "tail(d, 3)": ["the last 3 rows"],
    "d[seq(1, 7, by = 3), ]": ["the rows 1, 4, 7"],
    "d[1:nrow(d), ]": [],
    'd[complete.cases(d[, c("x", "z")]), ]': ["the rows with a value of `x` and `z`"],
    "d[rowSums(is.na(d)) == 0, ]": ["the rows with a value of every column"],
    "d[x > 1]": ["the rows where `x > 1`"],
    "setDT(d)[x > 1 & z < 2]": ["the rows where `x > 1 & z < 2`"],
    "mutate(d, z = x - mean(x), .by = g)": ["`z` = `x - mean(x)` within `g`"],
    "mutate(d, across(c(x, z), ~ .x / 2))": ["`x` = `x/2`", "`z` = `z/2`"],
    "mutate_at(d, vars(x), scale)": ["`x` = `scale(x)`"],
    "mutate(d, z = ave(x, g, FUN = function(v) mean(v, na.rm = TRUE)))": [
        "`z` = `ave(x, g, FUN = function(v) mean(v, na.rm = TRUE))`"
    ],
    "d %>% arrange(id, desc(t)) %>% group_by(id) %>% mutate(z = lag(x))": [
        "`z` = `lag(x)` within `id`, rows in the order of `id` and `-t`"
    ],
    "my_data(d)": [],
    "o$d": [],
}


@pytest.mark.parametrize(("data", "steps"), STEPS.items())
def test_what_is_done_to_data(data: str, steps: list[str]) -> None:
    assert [str(step) for step in read(f"lmer(y ~ z + (1 | g), data = {data})").steps] == steps


ASSIGNED = {
    "d$z <- scale(d$x)": ["`z` = `scale(x)`"],
    'd[["z"]] = d$x^2': ["`z` = `x^2`"],
    "d$x[d$x > 9] <- 9": ["`x` = `replace(x, x > 9, 9)`"],
    'levels(d$f) <- c("u", "v")': ['`f` = `factor(f, labels = c("u", "v"))`'],
    'd[c("x", "z")] <- scale(d[c("x", "z")])': ["`x` = `scale(x)`", "`z` = `scale(z)`"],
    'd[, c("f", "s")] <- lapply(d[, c("f", "s")], factor)': ["`f` = `factor(f)`", "`s` = `factor(s)`"],
    'd[d$x > 9, "x"] <- NA': ["`x` = `replace(x, x > 9, NA)`"],
    "d$x <- NULL": ["all columns but `x`"],
    "d$z <- tapply(d$x, d$g, mean)[d$g]": ["`z` = `ave(x, g, FUN = mean)`"],
    "d$z <- with(d, x * 2)": ["`z` = `x * 2`"],
    'names(d)[names(d) == "x"] <- "z"': ["`z` = `x`"],
    "d <- within(d, {w <- x^2; v <- w + 1})": ["`w` = `x^2`", "`v` = `w + 1`"],
    "d[, z := x^2]": ["`z` = `x^2`"],
    "d[x > 9, x := 9]": ["`x` = `replace(x, x > 9, 9)`"],
    'd[, c("z", "m") := list(x^2, mean(x)), by = g]': ["`z` = `x^2` within `g`", "`m` = `mean(x)` within `g`"],
    "contrasts(d$f) <- contr.sum(3)": ["`f` = `C(f, contr.sum(3))`"],
    'contrasts(d[["f"]], 1) <- c(1, 0, -1)': ["`f` = `C(f, c(1, 0, -1), 1)`"],
    "k <- cbind(c(1, 0, -1))\ncontrasts(d$f) <- k": ["`f` = `C(f, cbind(c(1, 0, -1)))`"],
    "d <- d[d$x > 1, ]\nd$z <- d$x - 1": ["the rows where `x > 1`", "`z` = `x - 1`"],
    "e <- d %>% filter(x > 1)\nd <- e": ["the rows where `x > 1`"],
}


@pytest.mark.parametrize(("lines", "steps"), ASSIGNED.items())
def test_what_is_assigned_to_data(lines: str, steps: list[str]) -> None:
    assert [str(step) for step in read(f"{lines}\nm <- lm(y ~ x, d)").steps] == steps


def test_an_update_keeps_what_stands_without_a_name_in_its_place() -> None:
    found = read("m <- lm(y ~ x, d, x > -9, w)\nm2 <- update(m, subset = x > 0)")
    assert found.rows is not None and deparse(found.rows) == "x > 0"
    assert found.formula.predictors[1].parameter == "sigma"
    found = read("m <- glmer(y ~ x + (1 | g), d, binomial)\nm2 <- update(m, data = subset(d, x > 0))")
    assert (found.family, [str(step) for step in found.steps]) == ("binomial", ["the rows where `x > 0`"])


def test_a_model_in_parentheses_ends_with_them() -> None:
    assert models_of("(m <- lm(y ~ x, d))\nm") == {"m": "(m <- lm(y ~ x, d))"}


def test_what_is_not_understood_is_named() -> None:
    (note, *_) = read("dim(d$f) <- 3\nlm(y ~ f, d)").notes
    assert note == "`dim(d$f) <- 3` is not read: if it changes the data, do it to them first"


def test_every_model_has_its_name_and_the_text_as_far_as_its_end() -> None:
    text = "m <- lm(y ~ x, d)\nlm(y ~ 1, d)\nm2 <- update(m, . ~ . + z)\nsummary(m2)"
    found = models_of(text)
    assert [*found] == ["m", "model2", "m2"]
    assert [read(own).formula.text for own in found.values()] == ["y ~ x", "y ~ 1", "y ~ x + z"]


MISTAKES = [
    ("m <- lm(⟪f⟫, d)", FormulaSyntaxError, "bind it there, as in `f <- y ~ x`"),
    ('⟪options(contrasts = c("contr.sum", "contr.poly"))⟫\nlm(y ~ f, d)', UnsupportedError, "say it of each"),
    ("m2 <- update(⟪m⟫, . ~ . + z)", FormulaSyntaxError, "bind it there, as in `m <- lmer("),
    ("⟪tobit⟫(y ~ x, d)", UnsupportedError, "cens(c)"),
    ("d$z <- 1\nm <- lm(y ~ ⟪*⟫ x, d)", FormulaSyntaxError, "right of `~`"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_mistakes(marked: str, kind: type[TildeError], fragment: str) -> None:
    mistake(read, marked, fragment, kind)


def test_a_step_that_cannot_be_said_is_refused_where_it_stands() -> None:
    for marked, said in (
        ('lm(y ~ x, mutate(d, ⟪across(starts_with("x"), log)⟫))', "prepare the data first; everything else"),
        ("lm(y ~ x, ⟪merge(d, e)⟫)", "`merge()` joins data frames"),
        ("e <- ⟪pivot_longer(d, x)⟫\nlm(y ~ x, e)", "`pivot_longer()` gives data another shape"),
        ("lm(y ~ x, d[⟪sample(nrow(d), 5)⟫, ])", "`sample()` is of chance"),
        ("lm(y ~ x, d %>% ⟪summarise(x = mean(x))⟫)", "`summarise()` makes other rows"),
        ("lm(y ~ x, head(d[order(d$x), ], ⟪5⟫))", "which rows have these numbers in the order of `x`"),
    ):
        mistake(read, marked, said, UnsupportedError)
