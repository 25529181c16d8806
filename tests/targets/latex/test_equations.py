"""A model in equations: what was read and accepted of the cases, and LaTeX that is read for whatever a model has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.mathtext import MathTextParser

import tildemc as tm
from case import Case, cases
from targets.pymc.test_program import check_golden
from tildemc.spec.covariance import COVARIANCES
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.expr import Apply, Var
from tildemc.spec.families import FAMILIES
from tildemc.spec.links import LINKS, Link
from tildemc.spec.vocabulary import ARGUMENTS, VOCABULARY
from tildemc.targets.latex.expression import expression, symbol, word

RNG = np.random.default_rng(4)
DATA = pd.DataFrame({name: RNG.uniform(0.2, 0.8, 24) for name in ("share", "x", "z", "se")})
DATA["n"], DATA["k"] = 5, RNG.integers(0, 5, 24)
DATA["g"], DATA["h"], DATA["b"] = np.resize(list("abcd"), 24), np.resize(list("uvw"), 24), np.resize(["no", "yes"], 24)
DATA["positive"] = DATA["share"] * 10


PARSER = MathTextParser("path")


def reads(text: str) -> None:
    """Hold each row of the environment to be mathematics that matplotlib reads."""
    first, *rows, last = text.split("\n")
    assert (first, last) == (r"\begin{aligned}", r"\end{aligned}")
    for row in rows:
        assert row.count("&") - row.count(r"\&") == 1
        assert width(row.removesuffix(" " + chr(92) * 2).replace(" &", " ", 1)) > 0


@cache
def width(mathematics: str) -> float:
    """How wide matplotlib writes it; many models have the same rows."""
    return float(PARSER.parse(f"${mathematics}$").width)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_equations_are_what_was_read_and_accepted(case: Case, accept: bool) -> None:
    text = case.model().latex()
    reads(text)
    check_golden(case.folder / "equations.tex", text + "\n", accept)


def _families() -> Iterator[tuple[str, str]]:
    for family in FAMILIES.values():
        if family.several is not None:
            yield ("cbind(share, 1 - share) ~ x" if family.name == "dirichlet" else "cbind(k, n) ~ x"), family.name
            continue
        if family.categories is not None:
            spread = "; disc ~ z + (1 | h)" if family.parameter("disc") else ""
            response = "b" if family.values.lower else "k"
            yield f"ordered({response}) ~ x + (1 + x | g){spread}", family.name
            continue
        response = "k | trials(n)" if "trials" in family.modifiers else "b"
        response = response if family.values.upper < np.inf or "trials" in family.modifiers else "positive"
        response = "k" if family.values.whole and response == "positive" else response
        response = "share" if not family.values.whole and family.values.upper < np.inf else response
        response = "n" if family.values.whole and family.values.lower == 1 else response
        response = "positive | dec(k == 1)" if "dec" in family.modifiers else response
        others = [f"; {p.name} ~ z + (1 | h)" for p in family.parameters[1:] if not p.share]
        yield f"{response} ~ x + (1 + x | g){''.join(others)}", family.name


MODELS = [
    *_families(),
    *((f"share ~ x + {name}(0 + factor(k) | g)", "gaussian") for name in COVARIANCES),
    ("share ~ x + cs(1 + x | g) + homdiag(0 + z + I(z^2) | g) + (1 | h)", "gaussian"),
    ("share | se(se) + weights(n) ~ x + offset(log(z))", "gaussian"),
    ("share | se(se, sigma = TRUE) ~ 0 + x + (1 | g/h); sigma ~ by(b)", "gaussian"),
    ("share ~ poly(x, 4) + poly(z, 4) + (poly(x, 4) + poly(z, 4) | g)", "gaussian"),
    ("share ~ 1 + offset(x / z + 1)", "gaussian"),
    ("share | trunc(lb = 0, ub = 1) + cens(k == 1) ~ x", "gaussian"),
    ("n | thres(gr = b) ~ x + cs(z + g)", "sratio(threshold = equidistant)"),
    ("n | thres(gr = b) ~ x", "cumulative(threshold = sum_to_zero)"),
    ("n ~ x + cs(z)", "acat(threshold = equidistant)"),
]


@pytest.mark.parametrize(("formula", "family"), MODELS, ids=str)
def test_equations_of_every_family_link_structure_and_companion_are_read(formula: str, family: str) -> None:
    reads(tm.model(formula, DATA, family).latex())


@pytest.mark.parametrize(
    "name", [name for name, record in DISTRIBUTIONS.items() if record.pymc and not record.support.joint]
)
def test_every_density_is_written(name: str) -> None:
    record = DISTRIBUTIONS[name]
    density = f"{name}({', '.join(str(k + 1) for k, _ in enumerate(record.arguments))})"
    text = tm.model("share ~ x + (1 | g)", DATA, priors=[f"b(x) ~ {density}", f"sd(g) ~ {density}"]).latex()
    reads(text)
    assert record.latex in text


@pytest.mark.parametrize("link", LINKS.values(), ids=str)
def test_every_link_is_written(link: Link) -> None:
    reads(f"\\begin{{aligned}}\n{link.latex.format(symbol('mu'))} &= 1\n\\end{{aligned}}")


def test_every_function_is_written() -> None:
    for name in VOCABULARY:
        text = expression(Apply(name, tuple(Var(argument) for argument in ARGUMENTS)))
        reads(f"\\begin{{aligned}}\n{text} &= 1\n\\end{{aligned}}")


@pytest.mark.parametrize(
    ("prior", "line"),
    [
        ("b(x) ~ normal(0, 1, lower=0.5)", r"\beta &\sim \mathrm{N}_{[0.5, \infty]}(0, 1^{2})"),
        ("var(g) ~ gamma(1, 1)", r"\sigma_{\alpha}^2 &\sim \mathrm{Gamma}(1, 1)"),
        ("sigma ~ exponential(1e-7)", r"\sigma &\sim \mathrm{Exponential}(1 \cdot 10^{-7})"),
        ("Intercept ~ normal(0, 1)", r"\mu_{\alpha} &\sim \mathrm{N}(0, 1^{2})"),
        ("Intercept ~ normal(0, 1) at the predictors' means", r"\mu_{\alpha} + \beta\,\overline{\mathrm{x}} &\sim"),
    ],
)
def test_a_prior_is_written_as_it_is_meant(prior: str, line: str) -> None:
    assert line in tm.model("share ~ x + (1 | g)", DATA, priors=[prior]).latex()


@pytest.mark.parametrize("name", ["a_b^2", "50% of $", "{x}#&~", "back\\slash", '"it\'s"', "größe 日本", "a\tb`c"])
def test_a_name_of_any_characters_is_read(name: str) -> None:
    reads(f"\\begin{{aligned}}\n{word(name)} &= 1\n\\end{{aligned}}")


def test_a_notebook_shows_the_equations() -> None:
    model = tm.model("share ~ x", DATA)
    assert model._repr_markdown_() == f"$$\n{model.latex()}\n$$"
