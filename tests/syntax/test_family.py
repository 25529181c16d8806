"""Families as text."""

from __future__ import annotations

import pytest

from tildemc.errors import SemanticError
from tildemc.resolve.families import read_family
from tildemc.syntax.family import FamilyName, family_name

TEXTS = [
    ("poisson", FamilyName("poisson")),
    ("bernoulli(probit)", FamilyName("bernoulli", "probit")),
    ("beta(logit, link_phi = identity)", FamilyName("beta", "logit", {"phi": "identity"})),
    ("hurdle_poisson(link_hu = probit)", FamilyName("hurdle_poisson", None, {"hu": "probit"})),
    ('inverse_gaussian("1/mu^2")', FamilyName("inverse_gaussian", "1/mu^2")),
]


@pytest.mark.parametrize(("text", "family"), TEXTS)
def test_a_family_is_read_and_written(text: str, family: FamilyName) -> None:
    assert family_name(text) == family
    assert str(family) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('binomial(link = "probit")', "binomial(probit)"),
        ("negativebinomial", "negbinomial"),
        ("wald(inverse_squared)", 'inverse_gaussian("1/mu^2")'),
        ("poisson()", "poisson"),
    ],
)
def test_other_ways_to_write_one(text: str, same: str) -> None:
    assert str(family_name(text)) == same


@pytest.mark.parametrize("text", ["2", "beta(2)", "beta(df = logit)", "a + b"])
def test_what_is_no_family(text: str) -> None:
    with pytest.raises(SemanticError, match="a family is a name"):
        family_name(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("beta(link_fi = log)", "has no parameter `fi`; it has phi"),
        ("beta(link_phi = logit)", "phi has the links log, identity"),
        ("bernoulli(link_phi = log)", "it has none beside the mean"),
    ],
)
def test_links_of_parameters_that_are_not_there(text: str, told: str) -> None:
    with pytest.raises(SemanticError, match=told):
        read_family(text)
