"""The documentation's pages are there by topic, and by the words of their headings."""

from __future__ import annotations

import pytest

from tildemc.errors import TildeError
from tildemc.manual.pages import Page, found, pages

PAGE = Page(
    "cooking",
    "# Cooking\n\nFirst.\n\n## Soup\n\nHot.\n\n### Of peas\n\nGreen.\n\n```\n# no heading\n```\n\n## Bread\n\nDry.\n",
)


def test_a_section_is_shown_with_those_below_it() -> None:
    assert PAGE.about("soup").split() == [
        "##",
        "Soup",
        "Hot.",
        "###",
        "Of",
        "peas",
        "Green.",
        "```",
        "#",
        "no",
        "heading",
        "```",
    ]
    assert PAGE.about("PEAS").startswith("### Of peas")
    assert PAGE.about("wine") == ""


def test_contents_are_the_title_and_what_is_below_it() -> None:
    assert PAGE.contents == "Cooking: Soup, Bread"


def test_links_are_words_and_equations_as_they_are_typed() -> None:
    page = Page("a", "# A\n\nSee [this](there.md#x).\n\n$$ a_1 \\, b $$\n")
    assert page.text == "# A\n\nSee this.\n\n```latex\na_1 \\, b\n```"


@pytest.mark.parametrize("topic", [*pages()])
def test_every_page_has_a_title_and_sections(topic: str) -> None:
    page = pages()[topic]
    assert page.sections[0].depth == 1 and len(page.sections) > 2
    assert found(topic) == page.text


@pytest.mark.parametrize(
    ("topic", "word", "begins"),
    [
        ("priors", "targets", "## Targets"),
        ("negbinomial", None, "### `negbinomial`"),
        ("nbinom2", None, "No heading has `nbinom2`; it stands in\n\n- `tildemc help families`: `negbinomial`"),
        ("PRIORS", None, "# Priors"),
        ("prio", None, "# Priors"),
    ],
)
def test_a_topic_is_a_page_or_a_word_of_headings(topic: str, word: str | None, begins: str) -> None:
    assert found(topic, word).startswith(begins)


@pytest.mark.parametrize(
    ("topic", "word", "told"),
    [
        ("priorz", None, "there is no help on 'priorz'; did you mean `priors`?: there is on batch,"),
        ("priors", "zebra", "nothing under 'priors' is headed 'zebra': there is How a prior is stated,"),
        ("", None, "there is no help on ''"),
    ],
)
def test_what_there_is_no_help_on_is_told_with_what_there_is(topic: str, word: str | None, told: str) -> None:
    with pytest.raises(TildeError) as raised:
        found(topic, word)
    assert str(raised.value).startswith(told)
