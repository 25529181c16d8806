"""Commands as people lay them out: each reads as the plain one beside it."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import read

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


@pytest.mark.parametrize(("written", "plain"), ALIKE)
def test_a_command_reads_as_the_plain_one(written: str, plain: str) -> None:
    columns = ["y", "x", "a", "b", "g", "h", "s", "w", "z", "d1", "d2", "d3"]
    found, expected = read(written, columns=columns), read(plain, columns=columns)
    assert found.formula == expected.formula
    assert (found.rows, found.row_numbers, found.family) == (expected.rows, expected.row_numbers, expected.family)
    assert found.notes == expected.notes
