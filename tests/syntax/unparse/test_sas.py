"""Models as SAS's PROC MIXED and GLIMMIX write them: read back they are the same, and what these have not is told."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import convert, read

SAME = [
    ("proc mixed", "class g;", "model y = x / solution;", "random int x / subject=g type=un;"),
    ("proc mixed", "class a(ref=first) b(ref='q') g;", "model y = x a b x*a / noint solution;",
     "random x / subject=g;"),
    ("proc mixed", "by h;", "where z > 3;", "class s c;", "model y = x*x / solution;", "random int / subject=s*c;"),
    ("proc mixed", "class f g;", "model y = x / solution;", "random f / subject=g type=csh;"),
    ("proc mixed", "class g;", "model y = x / solution;", "weight w;"),
    ("proc mixed", "class v;", "model y = x / solution;", "repeated / group=v;"),
    ("proc mixed", "class g;", "model y = x / solution;", "repeated / subject=g type=cs;"),
    ("proc mixed", "class t g;", "model y = x / solution;", "repeated t / subject=g type=ar(1);"),
    ("proc mixed", "class t g;", "model y = x / solution;", "repeated t / subject=g type=un;"),
    ("proc mixed", "class t g;", "model y = x / solution;", "repeated t / subject=g type=toep(3);"),
    ("proc mixed", "class g;", "model y = x / solution;", "repeated / subject=g type=sp(exp)(u v) local;"),
    ("proc glimmix", "class g;", "model s/n = x / dist=binomial link=probit solution;", "random int / subject=g;"),
    ("proc glimmix", "model y(event='yes') = x / dist=binary solution;"),
    ("proc glimmix", "model y(descending) = x / offset=e dist=binary solution;", "freq n;"),
    ("proc glimmix", "model y = x / dist=gamma link=inverse solution;"),
]  # fmt: skip


@pytest.mark.parametrize("statements", SAME, ids=lambda statements: statements[-1])
def test_sas_and_back(statements: tuple[str, ...]) -> None:
    procedure, *others = statements
    text = "\n".join([f"{procedure} data=d;", *(f"  {other}" for other in others), "run;"])
    first, found = read(text), convert(text, "sas")
    second = read(found.text)
    assert found.cannot_say == ()
    assert (second.formula, second.family, second.rows, second.by) == (
        first.formula, first.family, first.rows, first.by,
    )  # fmt: skip
    assert convert(found.text, "sas").text == found.text


def program(*statements: str, procedure: str = "mixed") -> str:
    return "\n".join([f"proc {procedure} data=d;", *(f"  {statement}" for statement in statements), "run;"])


def step(*statements: str) -> str:
    return "\n".join(["data d;", "  set d;", *(f"  {statement}" for statement in statements), "run;", ""])


ELSEWHERE = [
    (
        "y ~ log(x) + I(z / 2) + (1 | a/b)",
        step("log_x = log(x);", "z_2 = z / 2;")
        + program(
            "class a b;",
            "model y = log_x z_2 / solution;",
            "random int / subject=a;",
            "random int / subject=a*b;",
        ),
        "",
    ),
    (
        "lme(y ~ t, d, ~ 1 | g, correlation = corAR1(form = ~ as.integer(factor(t)) | g))",
        step("t_class = t;")
        + program(
            "class g t_class;",
            "model y = t / solution;",
            "random int / subject=g;",
            "repeated t_class / subject=g type=ar(1);",
        ),
        "",
    ),
    (
        "lm(y ~ w, d |> filter(x > 1 & z < 3) |> mutate(w = ifelse(x < 2, 1, 0)))",
        step("if x > 1 and z < 3 and not missing(z);", "w = ifn(missing(x), ., ifn(x < 2, 1, 0));")
        + program("model y = w / solution;"),
        "",
    ),
    (
        "lm(y ~ x, filter(d, x > 1 | z < 2))",
        program("where x > 1 or (z < 2 and not missing(z));", "model y = x / solution;"),
        "",
    ),
    ("lm(y ~ x, filter(d, !(x > 1 & z > 2)))", program("model y = x / solution;"), "the rows where"),
    ("keep if x < 3\nregress y x", program("where x < 3 and not missing(x);", "model y = x / solution;"), ""),
    ("y ~ x + corAR1(form = ~ t | g)", None, "rows next to each other in time are one step apart"),
    ("y ~ poly(x, 2)", program("model y = / solution;"), "`poly(x, 2)`: make a column"),
    ("y ~ C(a, sum)", program("model y = / solution;"), "the coding `C(a, sum)`"),
    ("y ~ x; sigma ~ z", program("model y = x / solution;"), "residual variances by a column's levels"),
    ("y ~ x + ma(t, g)", program("model y = x / solution;"), "`ma(t, g)`: SAS has"),
    ("brm(y ~ x, d, weibull())", program("model y = x / solution;"), "the family weibull"),
    ("polr(y ~ x, d)", program("model y = x / dist=multinomial solution;", procedure="glimmix"), "the sign of"),
    ("brm(y ~ x, d, prior = prior(normal(0, 1)))", program("model y = x / solution;"), "procedures have none"),
]


@pytest.mark.parametrize(("text", "expected", "unsaid"), ELSEWHERE)
def test_models_of_other_languages_are_sas_or_what_is_lost_is_told(
    text: str, expected: str | None, unsaid: str
) -> None:
    found = convert(text, "sas")
    assert found.text == expected or expected is None
    assert unsaid in " ".join(found.cannot_say)
    assert bool(found.cannot_say) == bool(unsaid)
    assert read(found.text).syntax == "sas"
