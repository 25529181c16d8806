"""Every malformed text is told where it goes wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marked import mistake
from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.hypothesis import parse_hypothesis
from tildemc.syntax.julia.parse import parse_julia
from tildemc.syntax.mistakes import MISTAKES
from tildemc.syntax.prior import parse_prior
from tildemc.syntax.rcall.parse import parse_statement
from tildemc.syntax.sas.written import parse_sas
from tildemc.syntax.tree import Expr

FORMULAS = [
    ("⟪⟫", "holds no formula"),
    ("⟪⟫# only\n\n# comments", "holds no formula"),
    ("⟪y⟫", "needs `~`"),
    ("y ⟪~⟫", "write the predictors there"),
    ("y ~ x\nsigma ⟪~⟫", "write the predictors there"),
    ("y ~ x ⟪+⟫", "right of `+`"),
    ("y ~ ⟪+⟫ ", "right of `+`"),
    ("y ~ x ⟪==⟫", "right of `==`"),
    ("y ~ x ⟪&⟫ ", "right of `&`"),
    ("y ~ x ⟪+⟫\nsigma ~ z", "right of `+`"),
    ("y ⟪~⟫\nsigma ~ z", "right of `~`"),
    ("y ~ x ⟪+⟫; sigma ~ z", "right of `+`"),
    ("y ~ (x + ⟪)⟫", "right of `+`; a term is missing before `)`"),
    ("y ~ x + ⟪*⟫ z", "right of `+`; a term is missing before `*`"),
    ("y ~ ⟪*⟫ x", "right of `~`; a term is missing before `*`"),
    ("⟪*⟫ x", "left of `*`"),
    ("y ~ (⟪)⟫", "parentheses are empty"),
    ("y ~ x ⟪z⟫", "write `x + z`, or backquotes"),
    ("y ⟪x⟫", "write `y ~ x`"),
    ("y ~ 2⟪x⟫", "an operator is missing between `2` and `x`"),
    ("y ~ s(x ⟪k⟫ = 3)", "a comma is missing between `x` and the argument `k`"),
    ("y ~ gr(g) ⟪k⟫ == 3", "an operator is missing between `)` and `k`"),
    ("y ~ f(x) ⟪'a'⟫", "an operator is missing between `)` and `'a'`"),
    ("y ~ `a b` ⟪`c d`⟫", "between `a b` and `c d`"),
    ("y ~ (1 | g) ⟪(⟫1 | h)", "an operator is missing between `)` and `(`"),
    ("y ~ ⟪x (1|g)⟫", "write `x + (1|g)`"),
    ("y ~ ⟪x(1 + z|g)⟫", "write `x + (1 + z|g)`"),
    ("y ~ ⟪x (z || g)⟫ + w", "write `x + (z || g)`"),
    ("y ~ x + z⟪)⟫", "never opened"),
    ("y ~ f(x)⟪)⟫ + (z)", "never opened"),
    ("⟪)⟫ ~ x", "never opened"),
    ("y ~ ⟪(⟫1 | g", "never closed"),
    ("y ~ x + ⟪(⟫1 | f(g)", "never closed"),
    ("y ~ ⟪(⟫1 |", "never closed"),
    ("y ~ ⟪(⟫x\nsigma ~ z", "never closed"),
    ("bf⟪(⟫y ~ x", "never closed"),
    ("y ~ x + (1 + x | ⟪)⟫", "name the grouping factor there"),
    ("y ~ x ⟪||⟫", "name the grouping factor there"),
    ("y ~ x + (⟪|⟫ g)", "varies by group"),
    ("y ⟪=⟫ x", "write `~` between response and predictors"),
    ("log(y) ⟪=⟫ x", "write `~` between response and predictors"),
    ("y ~ I(x = 1 ⟪=⟫ 2)", "`==` to compare"),
    ("y ~ x⟪,⟫z", "join terms with `+`"),
    ("y ~ (x⟪,⟫ z)", "join terms with `+`"),
    ("y ~ x ⟪~⟫ z", "one `~`"),
    ("bf(⟪y ~ x ~ z⟫)", "one `~`"),
    ("bf(y ~ x ~ z ⟪~⟫ w)", "one `~`"),
    ("bf(y ~ x, ⟪s ~ x⟫ ~ z)", "name alone stands on the left"),
    ("⟪~ x⟫", "a response is needed"),
    ("y ~ f(x,⟪)⟫", "an argument is missing between `,` and `)`"),
    ("y ~ f(⟪,⟫x)", "an argument is missing between `(` and `,`"),
    ("y ~ f(a = ⟪)⟫", "the value of the argument is missing"),
    ("y ~ a < b ⟪<⟫ c", "cannot be chained"),
    ("y ~ x &⟪&⟫ z", "write one `&`"),
    ("y ~ x + ⟪!⟫z", "put a negation in parentheses"),
    ("y ~ x ⟪%foo%⟫ z", "operator `%foo%` is not known"),
    ("y ~ x ⟪%⟫ z", "operator `%` is not known"),
    ("y ~ ⟪“⟫x”", "curly quotes"),
    ("y ~ d⟪$⟫x", "column's name alone"),
    ("y ~ a⟪@⟫b", "column's name alone"),
    ("y ⟪→⟫ x", "arrows"),
    ("m ⟪<⟫- y ~ x", "`<-` assigns"),
    ("y ~ x ⟪−⟫ 1", "not the minus sign"),
    ("y ⟪∼⟫ x", "not the tilde"),
    ("y ~ x⟪²⟫", "I(x^2)"),
    ("y ~ ⟪{⟫x}", "braces"),
    ("y ~ ⟪€⟫", "`€` means nothing here"),
    ("y ~ ⟪\x00⟫", "`U+0000` means nothing here"),
    ("y ~ ⟪`⟫my col", "this backquote is never closed"),
    ("y ~ ⟪``⟫", "is empty"),
    ("y ~ f(⟪'⟫a)", "this quote is never closed"),
    ("y ~ f('a⟪\\q⟫')", "no escape"),
    ("y ~ f('⟪\\ud800⟫')", "no escape"),
    ("y ~ ⟪1e999⟫", "too large"),
]

PRIORS = [
    ("⟪⟫", "holds no prior"),
    ("sd(county) ⟪exponential⟫(1)", "`~` is missing"),
    ("⟪b⟫", "`~` is missing"),
    ("b ⟪=⟫ normal(0, 1)", "write `~`, not `=`"),
    ("sd(county) ⟪~⟫", "write a distribution there"),
    ("sd(county) ~ exponential⟪(⟫", "never closed"),
    ("b ~ normal(0, 1)⟪)⟫", "never opened"),
    ("⟪~⟫ normal(0,1)", "name the parameter there"),
    ("⟪3⟫ ~ normal(0,1)", "begins with the name of a parameter"),
    ("b ~ ⟪3⟫", "such as `normal(0, 1)`, not `3`"),
    ("b ~ ⟪normal⟫", "the arguments of `normal` are missing"),
    ("b ~ normal(0 ⟪sd⟫ = 1)", "a comma is missing between `0` and the argument `sd`"),
    ("b ~ normal(0 ⟪1⟫)", "a comma or an operator is missing between `0` and `1`"),
    ("b ~ normal(0, -⟪)⟫", "right of `-`"),
    ("b ~ normal(0,⟪)⟫", "an argument is missing"),
    ("b ~ normal(mu = ⟪)⟫", "the value of the argument is missing"),
    ("b ~ normal(0, 1) ⟪+⟫ 1", "nothing can be joined"),
    ("b ~ normal(0, 1)\n⟪a⟫ ~ flat()", "one prior per text"),
    ("b ~ normal(0, 1)⟪;⟫ a ~ flat()", "one prior per text"),
    ("⟪b + a⟫ ~ normal(0, 1)", "one parameter per prior"),
    ("⟪b | a⟫ ~ normal(0, 1)", "one parameter per prior"),
    ("b⟪,⟫ a ~ normal(0, 1)", "one prior for each"),
    ("b + ⟪~⟫ normal(0, 1)", "nothing stands on the right of `+`"),
    ("⟪b()⟫ ~ normal(0, 1)", "parentheses are empty"),
    ("⟪3⟫ ~ normal(0, 1)", "begins with the name of a parameter"),
    ("⟪(b)⟫ ~ normal(0, 1)", "begins with the name of a parameter"),
    ("⟪-b⟫ ~ normal(0, 1)", "begins with the name of a parameter"),
    ("b⟪[⟫x ~ normal(0, 1)", "as in `b(x)`"),
    ("b ~ normal⟪[⟫0, 1]", "as in `b(x)`"),
    ("b ~ normal(0, 1) ⟪at⟫ the means", "complete before"),
    ("b ~ normal(0, ⟪“⟫1”)", "curly quotes"),
]

HYPOTHESES = [
    ("⟪⟫", "holds no hypothesis"),
    ("a + ⟪b⟫", "a hypothesis compares"),
    ("a < b ⟪<⟫ c", "is one comparison"),
    ("a ⟪!=⟫ 0", "write `=`"),
    ("⟪<⟫ 0", "name a quantity there"),
    ("a ⟪<⟫", "nothing stands on the right of `<`"),
    ("a + ⟪>⟫ 2", "nothing stands on the right of `+`"),
    ("(a ⟪<⟫ 0)", "leave the parentheses around it out"),
    ("a ⟪b⟫ < 0", "between `a` and `b`; a label that is no plain name stands in backquotes"),
    ("factor(a)⟪2⟫ < 0", "between `)` and `2`; a label that is no plain name stands in backquotes"),
    ("a ⟪&⟫ b < 0", "nothing can be joined"),
    ("a < 0⟪;⟫ b < 0", "one hypothesis per text"),
    ("sd_g⟪[⟫x < 0", "in brackets has no end"),
    ("f(a ⟪=⟫ 2) < 0", "has no names"),
]


def check(parse: Callable[[str], object], marked: str, fragment: str) -> None:
    assert str(mistake(parse, marked, fragment, FormulaSyntaxError)).endswith("^")


@pytest.mark.parametrize(("marked", "fragment"), FORMULAS)
def test_formulas(marked: str, fragment: str) -> None:
    check(parse_formula, marked, fragment)


@pytest.mark.parametrize(("marked", "fragment"), PRIORS)
def test_priors(marked: str, fragment: str) -> None:
    check(parse_prior, marked, fragment)


@pytest.mark.parametrize(("marked", "fragment"), HYPOTHESES)
def test_hypotheses(marked: str, fragment: str) -> None:
    check(parse_hypothesis, marked, fragment)


def _parse_sas(text: str) -> object:
    return parse_sas(Span(text, 0, len(text)))


def _parse(text: str) -> Expr:
    return parse_statement(Span(text, 0, len(text)))


PARSERS: dict[str, Callable[[str], object]] = {
    "formula": parse_formula,
    "prior": parse_prior,
    "hypothesis": parse_hypothesis,
    "rscript": _parse,
    "sas": _parse_sas,
    "julia": lambda text: parse_julia(Span(text, 0, len(text))),
}


@pytest.mark.parametrize("grammar", MISTAKES)
def test_every_sentence_is_said_of_an_example_of_its_own(grammar: str) -> None:
    parse = {
        "formula": parse_formula,
        "prior": parse_prior,
        "hypothesis": parse_hypothesis,
        "rscript": _parse,
        "sas": _parse_sas,
        "julia": lambda text: parse_julia(Span(text, 0, len(text))),
    }[grammar]
    for sentence, examples in MISTAKES[grammar].items():
        beginning = sentence.partition("{")[0]
        assert any(said(parse, example).startswith(beginning) for example in examples), sentence


def said(parse: Callable[[str], object], text: str) -> str:
    with pytest.raises(FormulaSyntaxError) as caught:
        parse(text)
    return caught.value.message


OPERANDS = ["x", "y", "`a b`", "1", ".5", "'s'", "TRUE", "f(", "bf(", "normal(", "("]
OPERATORS = [*"~|+-*/:^&<!=,", "||", "**", "%in%", "%%", "==", ")", ";", "\n"]
words = st.sampled_from([*OPERANDS, *OPERATORS, *"#%`'\\$€", "::"])


@given(st.lists(words, max_size=12).map(" ".join))
def test_any_text_is_read_or_told_why_not(text: str) -> None:
    for parse in (parse_formula, parse_prior, parse_hypothesis):
        try:
            parse(text)
        except (FormulaSyntaxError, UnsupportedError) as error:
            assert error.span is not None and error.span.text == text
            assert 0 <= error.span.start <= error.span.end <= len(text)
            assert "{" not in error.message
