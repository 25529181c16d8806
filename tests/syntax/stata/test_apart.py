"""Prefixes by which a command is several models."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import language_of, read

GROUPS = {
    "by arm: mixed y x || g:": ("arm",),
    "bysort arm (t): mixed y x || g:": ("arm",),
    "bys arm site (t id), sort: mixed y x || g:": ("arm", "site"),
    "quietly by arm: regress y x": ("arm",),
    "bysort arm: bayes, prior({y:x}, normal(0, 1)): regress y x": ("arm",),
    "statsby _b _se, by(arm site) clear: mixed y x || g:": ("arm", "site"),
    "bysort arm: menl y = {a} + {b}*x, define(a: {U[g]})": ("arm",),
    "lmList(y ~ x | arm, data = d)": ("arm",),
    "nlme::lmList(y ~ x | site/arm, d)": ("site", "arm"),
    "mixed y by": (),
}


@pytest.mark.parametrize("text", GROUPS)
def test_models_by_groups(text: str) -> None:
    assert read(text).by == GROUPS[text]


IMPUTED = {
    "mi estimate: mixed y x || g:": ((), ()),
    "mi est, or dots: melogit y x || g:": (("or",), ("`dots` is dropped",)),
    "eststo a: mi estimate, post: mixed y x || g:": ((), ("`post` is dropped",)),
    "m <- brm_multiple(y ~ x, data = imp)": ((), ("`data",)),
    "brm_multiple(y ~ x, list(d1, d2), combine = FALSE)": ((), ("`combine = FALSE` is dropped: draws of all",)),
}


@pytest.mark.parametrize("text", IMPUTED)
def test_models_of_completed_data_sets(text: str) -> None:
    found, (display, notes) = read(text), IMPUTED[text]
    assert found.imputed
    assert found.display == display
    for note in notes[:1] if language_of(text) == "stata" or "combine" in text else ():
        assert any(told.startswith(note) for told in found.notes), found.notes


@pytest.mark.parametrize(
    ("text", "cannot"),
    [
        ("bysort arm: mixed y x || g:", "a model of each group by arm"),
        ("mi estimate: mixed y x || g:", "draws of several completed data sets are pooled"),
    ],
)
def test_what_no_formula_says_is_told(text: str, cannot: str) -> None:
    from tildemc.syntax.command import convert

    assert cannot in convert(text, "brms").cannot_say
