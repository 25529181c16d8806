"""Commands after a model are variables, words or arithmetic, with their options."""

from __future__ import annotations

import pytest

from tildemc.errors import TildeError
from tildemc.syntax.stata.after import Listed, Margined, Reckoned, Replayed, Worded, is_after, parse_after
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.tree import deparse

READ = {
    "lincom 2*1.f#c.x - _b[_cons], or level(90)": (
        Reckoned, "lincom", ["2 * `1.f#c.x` - `_b[_cons]`"], ["or", "level"],
    ),
    "test x z": (Reckoned, "test", ["x", "z"], []),
    "te (x = z) (2.f=3.f = 0)": (Reckoned, "test", ["x = z", "`2.f` = `3.f` = 0"], []),
    "nlcom (r: exp(_b[x])/_b[z]) ln([lnsig_e]_cons)": (
        Reckoned, "nlcom", ["r: exp(`_b[x]`)/`_b[z]`", "log(`[lnsig_e]_cons`)"], [],
    ),
    'di "OR = " %5.2f exp(_b[x])': (Reckoned, "display", ['"OR = "', '""', "exp(`_b[x]`)"], []),
    "lincom [y]x - [y]_b[1.f]": (Reckoned, "lincom", ["`[y]x` - `[y]_b[1.f]`"], []),
    "estat icc, level(90)": (Worded, "estat", ["icc"], ["level"]),
    "predict double u* if e(sample), reff reses(s*)": (Worded, "predict", ["double", "u*"], ["reffects", "reses"]),
    "lrtest m1 .": (Worded, "lrtest", ["m1", "."], []),
    "est table m1 ., b(%9.3f) se": (Worded, "estimates", ["table", "m1", "."], []),
    'esttab m1 using "a.rtf", replace': (Worded, "esttab", ["m1", "using", '"a.rtf"'], []),
    'marginsplot, title("a (b)") recast(line)': (Worded, "marginsplot", [], []),
    "contrast r.f#h, effects": (Listed, "contrast", ["r.f#h"], []),
    "testparm i.f c.x#i.h if e(sample) == 1, equal": (Listed, "testparm", ["i.f", "c.x#i.h"], ["equal"]),
}  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_command_has_its_parts(text: str) -> None:
    kind, command, parts, options = READ[text]
    found = parse_after(Traced.of(text))
    assert isinstance(found, kind) and isinstance(found, Reckoned | Worded | Listed)
    assert (found.command, list(found.options)) == (command, options)
    if isinstance(found, Reckoned):
        sides = [" = ".join(deparse(side) for side in piece.sides) for piece in found.pieces]
        names = [f"{piece.name}: " if piece.name else "" for piece in found.pieces]
        assert [name + side for name, side in zip(names, sides, strict=True)] == parts
    elif isinstance(found, Worded):
        assert [word.text for word in found.words] == parts
    else:
        assert [str(term.span) for term in found.terms] == parts


def test_margins_and_models_have_readers_of_their_own() -> None:
    assert isinstance(parse_after(Traced.of("margins f")), Margined)
    shown = parse_after(Traced.of("melogit, or level(90)"))
    assert isinstance(shown, Replayed) and shown.display == ("or", "level(90)")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("lincom x + ", "+"),
        ("estat icc, foo", "foo"),
        ("contrast f, level(90) level(95)", "level(95)"),
    ],
)
def test_a_mistake_has_its_place(text: str, marked: str) -> None:
    with pytest.raises(TildeError) as error:
        parse_after(Traced.of(text))
    assert str(error.value.span) == marked


@pytest.mark.parametrize("word", ["margins", "linc", "te", "estat", "pwcompare", "di"])
def test_words_may_be_short(word: str) -> None:
    assert is_after(word)
    assert not is_after("mixed")
