"""However long, deep or wide a text is, it is answered: by a model, or by one short sentence that states a limit."""

from __future__ import annotations

import hashlib
import inspect
import pickle
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tildemc as tm
from tildemc.batches.digest import feed
from tildemc.cli import app
from tildemc.limits import Limits
from tildemc.spec.expr import Expr
from tildemc.spec.model import ModelSpec
from tildemc.syntax.expression import DEEPEST, LONGEST

ROWS = 24
RNG = np.random.default_rng(3)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(size=ROWS),
        "x": RNG.uniform(1, 1.2, ROWS),
        "b": RNG.normal(size=ROWS) > 0,
        "g": np.repeat(list("abcdef"), 4),
        **{f"x{i}": RNG.normal(size=ROWS) for i in range(30)},
    }
)
LONGEST_ANSWER = 15_000
MEMORY = 200e6
LONG_TEXT = 200_000
"""Letters: many times what any stage works on, and few enough that all of these texts are soon read."""


@pytest.fixture
def shallow() -> Iterator[None]:
    """Python as it starts: PyMC lets it recurse deeper, and hides what would fail without it."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 900)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def chained(operator: str, part: str, count: int = 1_500) -> str:
    return operator.join([part] * (count + 1))


def nested(opening: str, inner: str, closing: str, levels: int) -> str:
    return opening * levels + inner + closing * levels


def names(count: int, joint: str, name: str = "x{}") -> str:
    return joint.join(name.format(i) for i in range(count))


CHAINS = {
    "arithmetic": f"y ~ I({chained('+', 'x', LONGEST)})",
    "arithmetic, minus": f"y ~ I({chained(' - ', 'x')})",
    "arithmetic of a factor's levels": f"y ~ I({chained('+', '(g == "a")')} + x)",
    "conditions": f"y ~ I({chained(' & ', 'b', LONGEST)})",
    "stateful functions": f"y ~ scale({chained('+', 'x')})",
    "levels": f"y ~ factor(round({chained('+', 'x', 900)}))",
    "response": f"I({chained('+', 'y')}) ~ x",
    "weights": f"y | weights({chained('+', 'x')}) ~ x",
    "offset": f"y ~ x + offset({chained('+', 'x')})",
    "effects by group": f"y ~ x + (0 + I({chained('+', 'x')}) | g)",
    "interaction": f"y ~ {chained(':', 'x', LONGEST)}",
    "interaction of many": "y ~ " + names(30, ":"),
    "crossing": f"y ~ {chained('*', 'x')}",
    "nesting": f"y ~ {chained('/', 'x', 900)}",
    "grouping factor": f"y ~ x + (1 | {chained(':', 'g')})",
    "taking away": f"y ~ x0 + x{chained(' - x', '')}",
    "taking away beside groups": f"y ~ x0 + x{chained(' - x', '')} + (1 | g)",
    "terms": "y ~ " + names(1_000, " + ", "I(x + {})"),
    "stata's if": f"regress y x if {chained(' | ', 'x > 0')}",
    "r's subset": f"lm(y ~ x, data = d, subset = {chained(' | ', 'x > 0')})",
    "lme4's bars": f"lmer(y ~ x + ({chained(':', 'x')} || g), data = d)",
    "lme4's bars, minus": f"lmer(y ~ x + (x0 + x{chained(' - x', '')} || g), data = d)",
}


@pytest.mark.parametrize("kind", CHAINS)
def test_a_chain_of_thousands_passes_every_stage(kind: str, shallow: None) -> None:
    passes_every_stage(CHAINS[kind])


DEPTHS: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: f"y ~ I({nested('(', 'x', ')', n - 1)})",
    "parentheses in a sum": lambda n: f"y ~ I({nested('x + (', 'x', ')', (n - 1) // 2)})",
    "signs": lambda n: f"y ~ I({nested('-', 'x', '', n - 1)})",
    "negations": lambda n: f"y ~ I({nested('!', 'b', '', n - 1)})",
    "negations in parentheses": lambda n: f"y ~ I({nested('(!', 'b', ')', (n - 1) // 2)})",
    "functions": lambda n: f"y ~ {nested('abs(', 'x', ')', n)}",
    "stateful functions": lambda n: f"y ~ {nested('scale(', 'x', ')', n)}",
    "functions of conditions": lambda n: f"y ~ {nested('as.numeric(1 < ', 'x', ')', n // 2)}",
    "factors": lambda n: f"y ~ {nested('relevel(', 'g', ", 'b')", n)}",
    "conditions": lambda n: f"y ~ I({nested('b & (', 'b', ')', (n - 1) // 2)})",
    "terms": lambda n: f"y ~ {nested('x:(x + ', 'x', ')', n // 3)}",
    "stata's lists": lambda n: f"regress y {nested('(', 'x', ')', n - 1)}",
    "stata's if": lambda n: f"regress y x if {nested('x > 0 & (', 'x > 0', ')', (n - 2) // 2)}",
    "r's subset": lambda n: f"lm(y ~ x, data = d, subset = {nested('x > 0 & (', 'x > 0', ')', (n - 2) // 2)})",
}


@pytest.mark.parametrize("kind", DEPTHS)
def test_what_is_nested_up_to_the_limit_passes_every_stage(kind: str, shallow: None) -> None:
    passes_every_stage(DEPTHS[kind](DEEPEST))


@pytest.mark.parametrize("kind", DEPTHS)
def test_what_is_nested_deeper_is_refused(kind: str, shallow: None) -> None:
    with pytest.raises(tm.TildeError, match="levels deep"):
        tm.model(DEPTHS[kind](DEEPEST + 3), DATA)


def unfolded[T](ask: Callable[[], T]) -> T:
    """What `ask` gives; pytest would compare all that is in a thousand frames."""
    try:
        return ask()
    except RecursionError as error:
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        assert last is not None
        pytest.fail(f"{last.tb_frame.f_code.co_qualname} recurses", pytrace=False)


def passes_every_stage(text: str) -> None:
    """Explained, printed, compiled by Python, compared, hashed, pickled for a worker, and fingerprinted by a batch."""
    model = unfolded(lambda: tm.model(text, DATA))
    assert str(model) and repr(model) and repr(model.spec)
    compile(unfolded(lambda: model.source("data.csv")), "source", "exec")
    again = pickle.loads(pickle.dumps(model.spec))
    assert again == model.spec
    assert {hash(value) for value in values(again)} == {hash(value) for value in values(model.spec)}
    digests = [hashlib.sha256(), hashlib.sha256()]
    for digest, spec in zip(digests, (model.spec, again), strict=True):
        feed(digest, spec)
    assert digests[0].digest() == digests[1].digest()


def values(spec: ModelSpec) -> list[Expr]:
    return [*spec.expressions()]


@pytest.mark.parametrize("target", tm.TARGETS)
@pytest.mark.parametrize("kind", CHAINS)
def test_chains_are_converted(kind: str, target: str, shallow: None) -> None:
    assert unfolded(lambda: tm.convert(CHAINS[kind], target)).text


WIDE = {
    "stars": ("y ~ " + names(25, "*"), "5,000 terms"),
    "stars in groups": (f"y ~ x + ({names(25, '*')} | g)", "5,000 terms"),
    "stars of a variable with itself": (f"y ~ {chained('*', '(x0 + x1 + x2 + x3 + x4 + x5)^6', 400)}", "5,000 terms"),
    "power of twelve": (f"y ~ ({names(14, ' + ')})^14", "5,000 terms"),
    "power of three": (f"y ~ ({names(100, ' + ', 'v{}')})^3", "5,000 terms"),
    "power without end": (f"y ~ ({names(30, ' + ')})^1000000000", "5,000 terms"),
    "slashes": ("y ~ " + names(4_000, "/", "v{}"), "5,000 terms"),
    "nested groups": (f"y ~ x + (1 | {names(4_000, '/', 'v{}')})", "5,000 terms"),
    "few terms of long variables": (
        "y ~ " + "*".join(f"I({chained('+', f'x{i}', 500)})" for i in range(12)),
        "2,000,000 letters",
    ),
    "polynomials, raw": ("y ~ poly(x, 1e9, raw = TRUE)", "up to 10,000"),
    "polynomials": ("y ~ poly(x, 1e9)", "up to 12"),
    "intervals": ("y ~ cut(x, 1e9)", "up to 10,000"),
    "columns": ("y ~ " + names(5, "*", "poly(x{}, 8)"), "columns, more than 10,000"),
    "stata's ##": ("regress y " + names(25, "##", "c.x{}"), "up to 8 variables"),
    "stata's ## of lists": ("regress y (x0-x29)##(x0-x29)##(x0-x29)", "5,000 terms"),
    "stata's #": ("regress y " + names(9, "#", "c.x{}"), "up to 8 variables"),
    "stata's levels": ("regress y i(1/999999).g", "1,000 levels"),
    "stata's range": ("regress y v1-v99999", "no column `v1`"),
    "lme4's bars": (f"lmer(y ~ x + ({names(25, '*')} || g), data = d)", "5,000 terms"),
}


@pytest.mark.parametrize("kind", WIDE)
def test_what_multiplies_out_is_counted_before_it_is_made(kind: str) -> None:
    text, sentence = WIDE[kind]
    tracemalloc.start()
    try:
        answer = refusal(lambda: tm.model(text, DATA))
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert sentence in answer


def refusal(ask: Callable[[], Any]) -> str:
    """The sentence that refuses: short, and without what would steer a terminal."""
    with pytest.raises(tm.TildeError) as caught:
        ask()
    answer = str(caught.value)
    assert len(answer) < LONGEST_ANSWER
    assert answer.isprintable() or set(filter(lambda c: not c.isprintable(), answer)) <= {"\n", "\t"}
    return answer


RAISED = {
    "terms": ("y ~ " + names(4, "*"), Limits(terms=10), Limits(terms=15)),
    "words": ("y ~ x + x0 + x1", Limits(words=6), Limits(words=7)),
    "columns": ("y ~ poly(x, 5)", Limits(columns=4), Limits(columns=5)),
    "letters": ("y ~ x0*x1", Limits(letters=10), Limits(letters=12)),
    "columns of a factor": ("y ~ factor(x)", Limits(columns=20), Limits(columns=24)),
    "terms of stata": ("regress y c.x0##c.x1##c.x2", Limits(terms=6), Limits(terms=7)),
}


@pytest.mark.parametrize("kind", RAISED)
def test_a_limit_says_its_name_and_can_be_raised(kind: str) -> None:
    text, low, high = RAISED[kind]
    with pytest.raises(tm.TildeError, match=kind.split()[0]):
        tm.model(text, DATA, limits=low)
    assert tm.model(text, DATA, limits=high)
    assert tm.model(text, DATA), "a limit holds for one model"


def test_limits_are_raised_on_the_command_line(tmp_path: Path) -> None:
    DATA.to_csv(tmp_path / "data.csv", index=False)
    arguments = ["explain", "y ~ " + names(4, "*"), "--data", str(tmp_path / "data.csv")]
    assert "more than 10 terms" in CliRunner().invoke(app, [*arguments, "--limit", "terms=10"]).stderr
    assert CliRunner().invoke(app, [*arguments, "--limit", "terms=15"]).exit_code == 0
    for wrong in ("terms", "tems=3", "terms=many", "terms=0", "terms=1.5"):
        said = CliRunner().invoke(app, [*arguments, "--limit", wrong])
        assert said.exit_code == 1 and "limit" in said.stderr


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "many", None, float("inf"), float("nan")])
def test_a_limit_is_a_number(value: Any) -> None:
    with pytest.raises(tm.TildeError, match="the limit `terms`"):
        Limits(terms=value)


LONG: dict[str, str] = {
    "a name": "y ~ " + "a" * LONG_TEXT,
    "a name in backquotes": f"y ~ `{'a b ' * (LONG_TEXT // 4)}`",
    "names": "y ~ " + names(LONG_TEXT // 8, "+", "v{}"),
    "calls": "y ~ " + names(LONG_TEXT // 10, "+", "f(v{})"),
    "parentheses": f"y ~ {nested('(', 'x', ')', LONG_TEXT // 2)}",
    "parentheses that open": "y ~ " + "(" * LONG_TEXT,
    "group terms": "y ~ x" + " + (1 | g)" * (LONG_TEXT // 10),
    "statements": "y ~ x" + "; s ~ x" * (LONG_TEXT // 7),
    "a quote": "y ~ x + '" + "a" * LONG_TEXT,
    "quotes": "y ~ " + "'" * LONG_TEXT,
    "backquotes": "y ~ " + "`a" * (LONG_TEXT // 2),
    "escapes": "y ~ '" + "\\\\" * (LONG_TEXT // 2),
    "digits": "y ~ I(x * " + "9" * LONG_TEXT + ")",
    "an exponent": "y ~ I(x * 1e" + "9" * LONG_TEXT + ")",
    "dots": "y ~ " + "." * LONG_TEXT,
    "an operator": "y ~ %" + "a" * LONG_TEXT,
    "blanks": "y ~ x" + " " * LONG_TEXT + "+",
    "lines": "y ~ x" + "\n" * LONG_TEXT + "+ +",
    "control characters": "y ~ " + "\x1b[2J\0" * (LONG_TEXT // 5),
    "signs beyond letters": "y ~ " + "\U0001f600" * (LONG_TEXT // 4),
    "a level": f"y ~ I(g == '{'a' * LONG_TEXT}')",
    "levels": f"y ~ factor(g, levels = c({names(LONG_TEXT // 10, ',', '"v{}"')}))",
    "unary signs": "y ~ " + "-" * LONG_TEXT + "x",
    "adjacent": "y ~ " + "x " * (LONG_TEXT // 2),
    "stata, names": "regress y " + names(LONG_TEXT // 8, " ", "v{}"),
    "stata, a name": "regress y " + "a" * LONG_TEXT,
    "stata, wildcards": "regress y " + "* " * (LONG_TEXT // 2),
    "stata, a wildcard": "regress y " + "*a" * 9_000,
    "stata, parentheses": f"regress y {nested('(', 'x', ')', LONG_TEXT // 2)}",
    "stata, if": "regress y x if " + "(" * LONG_TEXT,
    "stata, options": "regress y x, " + "a(" * (LONG_TEXT // 2),
    "stata, levels": "mixed y x " + "|| g: x " * (LONG_TEXT // 8),
    "stata, comments": "regress y z" + " /* a */" * (LONG_TEXT // 8),
    "stata, an open comment": "regress y z /*" + "*" * LONG_TEXT,
    "stata, operators": "regress y " + "i." * (LONG_TEXT // 2) + "x",
    "stata, an operator": "regress y i" + "(1)" * (LONG_TEXT // 3) + ".x",
    "stata, joints": "regress y " + chained("#", "x", 9_000),
    "stata, a macro": "regress y `" + "a" * LONG_TEXT,
    "stata, prefixes": "qui " * (LONG_TEXT // 4) + "regress y x",
    "stata, lines": "regress y z" + "\n" * LONG_TEXT,
    "r, parentheses": f"lm({nested('(', 'y ~ x', ')', LONG_TEXT // 3)}, data = d)",
    "r, lists": f"lmer(y ~ x, control = {nested('list(', '', ')', LONG_TEXT // 6)})",
    "r, statements": f"brm(bf(y ~ x{', s ~ x' * (LONG_TEXT // 7)}))",
    "r, priors": f"brm(y ~ x, prior = c({chained(',', 'prior(normal(0, 1))', LONG_TEXT // 20)}))",
    "r, an unknown function": "lmr(y ~ x" + ", data = d" * (LONG_TEXT // 10) + ")",
    "r, a call": "lmer(" + "a" * LONG_TEXT,
    "r, libraries": "library(a)\n" * (LONG_TEXT // 11) + "lm(y ~ x)",
    "r, calls before a tilde": "x(" * (LONG_TEXT // 2) + "~",
    "r, pairs before a tilde": "f(" + "(a)" * (LONG_TEXT // 3) + ") ~ x",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_text_gets_a_short_answer(kind: str) -> None:
    refusal(lambda: tm.model(LONG[kind], DATA))


PRIORS = {
    "parentheses": f"b ~ normal({nested('(', '0', ')', 9_000)}, 1)",
    "a chain": f"b ~ normal({chained('+', '0', LONGEST + 1)}, 1)",
    "a power": "b ~ normal(0, 10^10^10)",
    "powers": "b ~ normal(0, 9^9^9^9)",
    "a root of a negative number": "b ~ normal((-8)^0.5, 1)",
    "a function": "b ~ normal(exp(1000), 1)",
    "a division": "b ~ normal(1/0, 1)",
    "a name": "b ~ normal(0, 1) " + "x" * LONG_TEXT,
    "a target": f"b({'x' * LONG_TEXT}) ~ normal(0, 1)",
    "targets": f"b({names(LONG_TEXT // 8, ',', 'v{}')}) ~ normal(0, 1)",
    "a density": "n" * LONG_TEXT + " ~ x",
    "arguments": f"b ~ normal({chained(',', '1', 9_000)})",
}


@pytest.mark.parametrize("kind", PRIORS)
def test_a_prior_without_end_gets_a_short_answer(kind: str, shallow: None) -> None:
    refusal(lambda: tm.model("y ~ x", DATA, priors=[PRIORS[kind]]))


def test_a_chain_in_a_prior_is_worked_out(shallow: None) -> None:
    model = tm.model("y ~ x", DATA, priors=[f"b ~ normal({chained('+', '1', 4_999)}, 1)"])
    assert "5000" in str(model)


@pytest.mark.parametrize("family", ["gaussian(" * 3_000, "a" * LONG_TEXT, "gaussian(" + "(" * LONG_TEXT, "\x1b[2J"])
def test_a_family_without_end_gets_a_short_answer(family: str) -> None:
    refusal(lambda: tm.model("y ~ x", DATA, family=family))


@pytest.mark.parametrize(
    "text", ["y ~ I(x * 10^10^10)", "y ~ I(x + 1/0)", "y ~ I(0/0 * x)", "y ~ I(10^400 + x)", "y ~ exp(10^3 * x)"]
)
def test_constants_are_worked_out_as_columns_are(text: str) -> None:
    assert "is not a finite number" in refusal(lambda: tm.model(text, DATA))
