"""Commands as people lay them out: each reads as the plain one beside it."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import read
from tildemc.syntax.formula import parse_formula
from tildemc.syntax.tree import deparse

ALIKE = [
    ("mixed y x || g: if x > 1", "mixed y x if x > 1 || g:"),
    ("mixed y x || g: z if x < 7.39 + 1.32, cov(un)", "mixed y x if x < 7.39 + 1.32 || g: z, cov(un)"),
    ("mixed y x || a: || b: z in 1/20 [fw=w], reml", "mixed y x [fw=w] in 1/20 || a: || b: z, reml"),
    ("mixed y x || a: if x != . & z != . || b:", "mixed y x if x != . & z != . || a: || b:"),
    ("mixed y || _all: R.a || _all: R.b if x==3, reml", "mixed y if x==3 || _all: R.a || _all: R.b, reml"),
    ('mixed y || g: if x==3 & s!="q1"', 'mixed y if x==3 & s!="q1" || g:'),
    ("mixed y x || g: || h: ||", "mixed y x || g: || h:"),
    ("mixed y , || g: , variance reml,", "mixed y || g:, variance reml"),
    ("regress y i. a x", "regress y i.a x"),
    ("regress y d1 - d3", "regress y d1-d3"),
    ("regress y I.a##C.x", "regress y i.a##c.x"),
]

PREFIXED = [
    ("bootstrap, reps(100): mixed y x || g:", "y ~ x + (1 | g)", None, "resampling gives standard errors"),
    ("bootstrap _b _se, reps(9): mixed y x || g:", "y ~ x + (1 | g)", None, "`bootstrap:` is dropped"),
    ("jackknife: regress y x", "y ~ x", None, "`jackknife:` is dropped"),
    ("svyset psu [pw=w], strata(s)\nsvy: mixed y x || g:", "y | weights(w) ~ x + (1 | g)", None, "design effect"),
    ("svyset psu || ssu\nsvy: regress y x", "y ~ x", None, "design effect"),
    ("svyset [pw=w]\nsvy, subpop(z): regress y x if x > 1", "y | weights(w) ~ x", "(x > 1) & (z != 0 & !is.na(z))", ""),
    ("svyset [pw=w]\nsvy, subpop(if z==1 & a==1): logit y x", "y | weights(w) ~ x", "z == 1 & a == 1", ""),
    (
        "svyset p [pw=w]\nsvy: mixed y || g:, pweight(v)",
        "y | weights(w * v) ~ 1 + (1 | gr(g, pw = v))", None, "their variance over its weight",
    ),
    ("xtset id t\nxtreg y x, fe vce(robust)", "y ~ x + factor(id)", None, "whose first level is the reference"),
    ("xtpoisson y x, i(id) fe", "y ~ x + factor(id)", None, "`fe`: the effects of id"),
    ("areg y i.a, absorb(g)", "y ~ factor(a) + factor(g)", None, "the effects of g"),
    ("reghdfe y x [aw=w], absorb(a b) cl(g)", "y ~ x + factor(a) + factor(b); sigma ~ 1 + offset(-0.5 * log(w))",
     None, "the effects of a and b"),
    ("reghdfe y x, absorb(i.a c.z#i.b)", "y ~ x + factor(a) + z:factor(b)", None, ""),
    ("reghdfe y x, noabsorb r", "y ~ x", None, "robust"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "formula", "rows", "told"), PREFIXED)
def test_prefixes_panels_and_absorbed_effects(text: str, formula: str, rows: str | None, told: str) -> None:
    found = read(text)
    assert found.formula == parse_formula(formula)
    assert (None if found.rows is None else deparse(found.rows)) == rows
    assert any(told in note for note in found.notes)


@pytest.mark.parametrize(("written", "plain"), ALIKE)
def test_a_command_reads_as_the_plain_one(written: str, plain: str) -> None:
    columns = ["y", "x", "a", "b", "g", "h", "s", "w", "z", "d1", "d2", "d3"]
    found, expected = read(written, columns=columns), read(plain, columns=columns)
    assert found.formula == expected.formula
    assert (found.rows, found.row_numbers, found.family) == (expected.rows, expected.row_numbers, expected.family)
    assert found.notes == expected.notes
