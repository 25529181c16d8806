"""Expressions keep R's precedence, and every node knows its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.expression import parse_expression, walk
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Name, Number, Parens, Text, Tilde, Unary, deparse


def grouped(expr: Expr) -> str:
    """`expr` with square brackets around every operation."""
    match expr:
        case Binary(operator, left, right):
            return f"[{grouped(left)} {operator} {grouped(right)}]"
        case Unary(operator, operand):
            return f"[{operator}{grouped(operand)}]"
        case Tilde(None, right):
            return f"[~ {grouped(right)}]"
        case Tilde(left, right):
            return f"[{grouped(left)} ~ {grouped(right)}]"
        case Parens(inner):
            return f"({grouped(inner)})"
        case _:
            return deparse(expr)


PRECEDENCE = [
    ("a + b * c", "[a + [b * c]]"),
    ("a - b - c", "[[a - b] - c]"),
    ("a / b / c", "[[a / b] / c]"),
    ("f * g %in% h", "[f * [g %in% h]]"),
    ("b / a %in% c", "[b / [a %in% c]]"),
    ("a %in% b:c", "[a %in% [b : c]]"),
    ("a %% b %/% c", "[[a %% b] %/% c]"),
    ("-a:b", "[[-a] : b]"),
    ("a:-b", "[a : [-b]]"),
    ("-a^2", "[-[a ^ 2]]"),
    ("a^-2:b", "[[a ^ [-2]] : b]"),
    ("a^b^c", "[a ^ [b ^ c]]"),
    ("a^-b^c", "[a ^ [-[b ^ c]]]"),
    ("a**2", "[a ^ 2]"),
    ("a * b ** 2", "[a * [b ^ 2]]"),
    ("--a", "[-[-a]]"),
    ("a + -1", "[a + [-1]]"),
    ("x > 0 + f", "[x > [0 + f]]"),
    ("!a == b", "[![a == b]]"),
    ("!a & b", "[[!a] & b]"),
    ("a & b | c & d", "[[a & b] | [c & d]]"),
    ("1 + x | g", "[[1 + x] | g]"),
    ("1 | ID | g", "[[1 | ID] | g]"),
    ("1 || g", "[1 || g]"),
    ("y | trials(n) + weights(w) ~ x", "[[y | [trials(n) + weights(w)]] ~ x]"),
    ("y ~ 1 | g", "[y ~ [1 | g]]"),
    ("~ 1 | g", "[~ [1 | g]]"),
    ("x <= 1", "[x <= 1]"),
    ("x != 1", "[x != 1]"),
    ("x < -1", "[x < [-1]]"),
    ("(a + b) * c", "[([a + b]) * c]"),
]


@pytest.mark.parametrize(("text", "expected"), PRECEDENCE)
def test_operators_bind_as_in_r(text: str, expected: str) -> None:
    assert grouped(parse_expression(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", Name("x")),
        (".", Name(".")),
        (".x", Name(".x")),
        ("_x.1", Name("_x.1")),
        ("größe", Name("größe")),
        ("年齢", Name("年齢")),
        ("TRUEx", Name("TRUEx")),
        ("`my col`", Name("my col")),
        (r"`a\`b\\`", Name("a`b\\")),
        ("`TRUE`", Name("TRUE")),
        ("1", Number(1)),
        ("1.5", Number(1.5)),
        ("1.", Number(1)),
        (".5", Number(0.5)),
        ("1e-3", Number(0.001)),
        ("2E+2", Number(200)),
        ("1L", Number(1)),
        ("TRUE", Constant(True)),
        ("False", Constant(False)),
        ("NULL", Constant(None)),
        ("'a \"b\"'", Text('a "b"')),
        (r'"a\tb\n\\\"\'é"', Text("a\tb\n\\\"'é")),
        (r'"\u{e9}"', Text("é")),
        ('"# no comment ~"', Text("# no comment ~")),
        ("brms::bf()", Call("brms::bf")),
        ("stats::poisson", Call("stats::poisson")),
    ],
)
def test_atoms(text: str, expected: Expr) -> None:
    assert parse_expression(text) == expected


def test_arguments_may_be_named_and_may_be_formulas() -> None:
    call = parse_expression("lme(y ~ x, `a b` = 2, random = ~ 1 | g)")
    assert isinstance(call, Call)
    assert [argument.name for argument in call.arguments] == [None, "a b", "random"]
    assert [grouped(argument.value) for argument in call.arguments] == ["[y ~ x]", "2", "[~ [1 | g]]"]
    assert [str(argument.span) for argument in call.arguments] == ["y ~ x", "`a b` = 2", "random = ~ 1 | g"]


def test_every_node_spans_its_own_characters() -> None:
    text = "  -(a +  log( x , base=2))^2 ~ `b c` # comment"
    spans = [str(node.span) for node in walk(parse_expression(text))]
    assert spans == [
        "-(a +  log( x , base=2))^2 ~ `b c`",
        "-(a +  log( x , base=2))^2",
        "(a +  log( x , base=2))^2",
        "(a +  log( x , base=2))",
        "a +  log( x , base=2)",
        "a",
        "log( x , base=2)",
        "x",
        "2",
        "2",
        "`b c`",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log( x )", "log(x)"),
        ("I(x ^ 2)", "I(x^2)"),
        ("I(x/2*3)", "I(x/2 * 3)"),
        ("x%%2", "x%%2"),
        ("x%in%f", "x %in% f"),
        ("x>0+f", "x > 0 + f"),
        ("f(a=1,'b')", 'f(a = 1, "b")'),
        ("x*100000", "x * 1e+05"),
        ("x*123456", "x * 123456"),
        ("x*0.0001", "x * 1e-04"),
        ("0.1 + 1.50", "0.1 + 1.5"),
        ("` a`+`_b`+`TRUE`+.c", "` a` + `_b` + `TRUE` + .c"),
        ("y~x", "y ~ x"),
        ("~x", "~x"),
    ],
)
def test_deparse_spells_as_r_does(text: str, expected: str) -> None:
    assert deparse(parse_expression(text)) == expected


names = st.one_of(st.sampled_from(["x", ".", "a.b", "TRUE"]), st.text(min_size=1, max_size=5)).filter(
    lambda text: text.isprintable()
)
leaves = st.one_of(
    names.map(Name),
    st.floats(0, 1e20).map(lambda value: Number(float(f"{value:.14e}"))),
    st.text(st.characters(codec="utf-8"), max_size=5).map(Text),
    st.sampled_from([True, False, None]).map(Constant),
)
operators = st.sampled_from(["+", "-", "*", "/", ":", "^", "%in%", "%%", "==", "<", "&", "|", "||"])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Binary, operators, inner.map(Parens), inner.map(Parens)),
        st.builds(Unary, st.sampled_from("!+-"), inner.map(Parens)),
        inner.map(Parens),
    ),
    max_leaves=8,
)


@given(expressions)
def test_what_deparse_writes_is_read_back(expr: Expr) -> None:
    assert parse_expression(deparse(expr)) == expr


@pytest.mark.parametrize("opening", ["(", "f(", "-", "x^", "!", "f(a = "])
def test_deep_nesting_is_refused_not_crashed_on(opening: str) -> None:
    closing = ")" if "(" in opening else ""
    with pytest.raises(FormulaSyntaxError, match="levels deep"):
        parse_expression(opening * 3000 + "x" + closing * 3000)


def test_long_sums_are_read() -> None:
    text = " + ".join(f"x{i}" for i in range(2000))
    expr = parse_expression(text)
    assert deparse(expr) == text
    assert sum(isinstance(node, Name) for node in walk(expr)) == 2000


def test_endless_sums_are_refused() -> None:
    with pytest.raises(FormulaSyntaxError, match="operators in a row"):
        parse_expression("+".join(["x"] * 5_100))
