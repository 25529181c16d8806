"""What other rows hold, in Stata and in R: a script's lines come back, or are said to be left out."""

from __future__ import annotations

import pytest

import tildemc as tm

STATA = [
    "bysort id (t): generate a = x[_n-1]\nregress y a",
    "bysort id (t): generate a = x[1] - x[_N] + x[_n+2]\nregress y a",
    "sort t\ngenerate c = sum(x)\nregress y c",
    "bysort id (t): keep if _n == _N\nregress y x",
    "bysort id: keep if _n > 1\nregress y x",
]


@pytest.mark.parametrize("text", STATA)
def test_stata_comes_back(text: str) -> None:
    found = tm.convert(text, "stata")
    assert (str(found), found.cannot_say) == (text, ())


R = {
    "bysort id (t): gen a = x[_n-1]": "arrange(id, t) |> group_by(id) |> mutate(a = lag(x, 1)) |> ungroup()",
    "gsort -t\ngen a = _n": "arrange(desc(t)) |> mutate(a = row_number())",
    "tsset t\ngen a = D.x": "mutate(D.x = x - x[match(t - 1, t)])",
    "xtset id t, delta(2)\ngen a = F2.x": "group_by(id) |> mutate(F2.x = x[match(t + 4, t)]) |> ungroup()",
    "xtset id t\nby id: replace x = x[_n-1] if x == .": "arrange(id, t) |> group_by(id) |> "
    "mutate(x = zoo::na.locf(x, na.rm = FALSE)) |> ungroup()",
}


@pytest.mark.parametrize(("text", "line"), R.items(), ids=R)
def test_r_has_the_rows_in_the_same_order(text: str, line: str) -> None:
    found = tm.convert(f"{text}\nregress y x", "lme4")
    assert (str(found).splitlines()[0], found.cannot_say) == (f"d <- d |> {line}", ())


def test_what_a_language_has_not_is_told() -> None:
    assert (
        "`L.x` = `lag(x, 1)` within `id`, by time `t`" in tm.convert("xtset id t\nregress y L.x", "bambi").cannot_say[0]
    )
