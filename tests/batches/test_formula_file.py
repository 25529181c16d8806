"""Formula files: what they may say, and that every mistake is told with its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tildemc.batches.formula_file import Entry, FormulaFile, FormulaFileError, read_formula_file
from tildemc.batches.plan import plan
from tildemc.batches.slug import is_refused, slugs


def read(folder: Path, text: str, name: str = "models.txt") -> FormulaFile:
    (folder / name).write_text(text, encoding="utf-8")
    return read_formula_file(folder / name)


PLAIN = {
    "y ~ x": [("y ~ x", "y ~ x")],
    "a: y ~ x\nb:y ~ z": [("a", "y ~ x"), ("b", "y ~ z")],
    "# nothing\n\na: y ~ x  # said\n": [("a", "y ~ x")],
    "a: y ~ x\n  + (1 | g)\n\nb: y ~ 1": [("a", "y ~ x\n  + (1 | g)"), ("b", "y ~ 1")],
    "y ~ a:b": [("y ~ a:b", "y ~ a:b")],
    "m: y ~ a:b": [("m", "y ~ a:b")],
    "m: mixed y i.a##c.x || g: x": [("m", "mixed y i.a##c.x || g: x")],
    "mixed y x || g: x, nocons": [("mixed y x || g: x, nocons", "mixed y x || g: x, nocons")],
    "bayes: mixed y x || g:": [("bayes: mixed y x || g:", "bayes: mixed y x || g:")],
    "b: bayes: mixed y x || g:": [("b", "bayes: mixed y x || g:")],
    "m: mixed y x\n  || g: x": [("m", "mixed y x ///\n  || g: x")],
    "r: lme4::lmer(y ~ x + (1 | g), data = d)": [("r", "lme4::lmer(y ~ x + (1 | g), data = d)")],
    "lme4::lmer(y ~ x, data = d)": [("lme4::lmer(y ~ x, data = d)", "lme4::lmer(y ~ x, data = d)")],
    "q: `a # b` ~ x": [("q", "`a # b` ~ x")],
    "ünï.code-1: y ~ x": [("ünï.code-1", "y ~ x")],
}


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text(text: str, tmp_path: Path) -> None:
    assert [(e.name, e.formula) for e in read(tmp_path, text).entries] == PLAIN[text]


def test_toml(tmp_path: Path) -> None:
    text = """
    [defaults]
    data = "a.csv"
    priors = ["sd ~ exponential(1)"]
    [defaults.fit]
    draws = 10
    seed = 1
    [models.a]
    formula = "y ~ x"
    [models."b c"]
    formula = "y ~ 1"
    data = "b.csv"
    family = "poisson"
    priors = []
    by = "state"
    [models."b c".fit]
    draws = 20
    [compare]
    both = ["a", "b c"]
    """
    found = read(tmp_path, text, "m.toml")
    assert found.entries == (
        Entry("a", "y ~ x", "a.csv", priors=("sd ~ exponential(1)",), fit={"draws": 10, "seed": 1}),
        Entry("b c", "y ~ 1", "b.csv", "poisson", by=("state",), fit={"draws": 20, "seed": 1}),
    )
    assert found.compare == {"both": ("a", "b c")}
    assert found.folder == tmp_path.resolve()


SCRIPT = "d <- droplevels(d)\nm1 <- lmer(y ~ x + (1 | g), d)\nm2 <- update(m1, . ~ . - x)\n"


def test_a_script_is_all_of_its_models(tmp_path: Path) -> None:
    first, second = read(tmp_path, SCRIPT, "a.R").entries
    assert (first.name, second.name) == ("m1", "m2")
    assert SCRIPT.startswith(first.formula) and SCRIPT.startswith(second.formula)
    text = '[models.s]\nscript = "a.R"\ndata = "d.csv"\n[compare]\nboth = ["s.m1", "s.m2"]'
    found = read(tmp_path, text, "m.toml")
    assert [(e.name, e.formula, e.data) for e in found.entries] == [
        ("s.m1", first.formula, "d.csv"),
        ("s.m2", second.formula, "d.csv"),
    ]


MISTAKES = {
    '[models.a]\n<script> = "nowhere.R"': "the script",
    '[models.a]\nformula = "y ~ x"\n<script> = "a.R"': "not both",
    '<modles>.a.formula = "y ~ x"': "did you mean `models`?",
    '[models.a]\n<fromula> = "y ~ x"': "did you mean `formula`?",
    '[models.a]\nformula = "y ~ x"\n[models.a.fit]\n<drwas> = 10': "did you mean `draws`?",
    '[defaults]\n<famly> = "poisson"\n[models.a]\nformula = "y ~ x"': "did you mean `family`?",
    '[models.a]\nformula = "y ~ x"\n[defaults.fit]\n<draws> = "many"': "to 10,000,000, not 'many'",
    '[models.a]\nformula = "y ~ x"\n[defaults.fit]\n<chains> = true': "to 10,000, not True",
    '[models.a]\nformula = "y ~ x"\n[models.a.fit]\n<draws> = 0': "from 1 to 10,000,000, not 0",
    '[models.a]\nformula = "y ~ x"\n[models.a.fit]\n<seed> = -1': "from 0 to",
    '[models.a]\nformula = "y ~ x"\n[models.a.fit]\n<method> = "fast"': "is one of auto, exact",
    '[models.a]\nformula = "y ~ x"\n[models.a.fit]\n<target_accept> = 1.5': "between 0 and 1",
    '[models.a]\nformula = "y ~ x"\n[models.a.limits]\n<tems> = 3': "did you mean `terms`?",
    '[models.a]\nformula = "y ~ x"\n[models.a.limits]\n<terms> = "many"': "is a whole number greater than 0",
    '[defaults.limits]\n<sql_seconds> = 0\n[models.a]\nformula = "y ~ x"': "is a number greater than 0",
    '[models.a]\nformula = "y ~ x"\n<priors> = 3': "is a list of texts, not 3",
    "[models.a]\n<formula> = 3": "is a text, not 3",
    '[models.a]\nformula = "y ~ x"\n[models.b]\nformula = "y ~ 1"\n[compare]\n<ab> = ["a", "c"]': "which is no model",
    '[models.a]\nformula = "y ~ x"\n[compare]\n<one> = ["a"]': "two models or more",
    '[models]\n<a> = "y ~ x"': "is a table",
}


@pytest.mark.parametrize("marked", MISTAKES)
def test_mistakes_are_told_with_their_place(marked: str, tmp_path: Path) -> None:
    with pytest.raises(FormulaFileError) as caught:
        read(tmp_path, marked.replace("<", "").replace(">", ""), "m.toml")
    assert MISTAKES[marked] in caught.value.message
    span = caught.value.span
    assert span is not None
    assert (span.start, str(span)) == (marked.index("<"), marked[marked.index("<") + 1 : marked.index(">")])


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FormulaFileError) as caught:
        read(tmp_path, '[models.a]\nfromula = "y ~ x"\nfamly = "poisson"\n[defults]\n', "m.toml")
    for wrong in ("`fromula`", "`famly`", "`defults`"):
        assert wrong in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", "[models]"])
def test_a_file_without_models(text: str, tmp_path: Path) -> None:
    with pytest.raises(FormulaFileError, match="no model"):
        read(tmp_path, text, "m.toml" if "[" in text else "m.txt")


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(FormulaFileError, match="cannot be read"):
        read_formula_file(tmp_path / "nowhere.txt")
    for name in ("a\0.toml", "a" * 5_000, "\ud800.toml"):
        with pytest.raises(FormulaFileError, match="cannot be read"):
            read_formula_file(f"{tmp_path}/{name}")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00y ~ x")
    with pytest.raises(FormulaFileError, match="not UTF-8"):
        read_formula_file(tmp_path / "bytes.txt")
    with pytest.raises(FormulaFileError, match="not TOML"):
        read(tmp_path, "[models", "m.toml")


@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "\\\\host\\evil", "C:/evil", "~/evil", "a\\..\\b", "x\0y"]
)
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    assert is_refused(name)
    quoted = name.replace("\\", "\\\\").replace("\0", "\\u0000")
    with pytest.raises(FormulaFileError, match="leads elsewhere"):
        read(tmp_path, f'[models."{quoted}"]\nformula = "y ~ x"', "m.toml")


def test_two_models_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(FormulaFileError, match="two models"):
        read(tmp_path, "a: y ~ x\na: y ~ 1")


@given(st.text(max_size=200))
def test_slugs_stay_in_their_folder(name: str) -> None:
    found = slugs([name])[name]
    assert found
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.=-")
    assert found[0] != "." and len(found) <= 80 and found not in (".", "..")


ALIKE = {
    "signs": ["a b", "a-b", "a/b", "a:b", "a  b", "y ~ x", "a."],
    "case": ["Radon", "radon", "RADON", "rádon", "RÁDON"],
    "case of by": ["by.state=MN", "by.state=mn", "by.state=Mn"],
    "case folded": ["straße", "STRASSE", "strasse"],
    "case and signs": ["a b", "A b", "a B"],
    "reserved": ["CON", "con", "Con", "nul", ""],
    "length": ["x" * 100, "x" * 101, "X" * 100],
    "surrogates": ["\ud800", "\ud801"],
}


@pytest.mark.parametrize("kind", ALIKE)
def test_slugs_differ_where_names_do_whatever_the_disk_takes_for_the_same(kind: str) -> None:
    names = ALIKE[kind]
    assert len({found.casefold() for found in slugs(names).values()}) == len(names)


def test_names_that_can_are_their_own_slugs() -> None:
    names = ["by_state.state=MN", "Radon", "m1"]
    assert slugs(names) == dict(zip(names, names, strict=True))


def test_of_many_mistakes_the_first_are_told(tmp_path: Path) -> None:
    text = "\n".join(f"[models.a{i}]\nfromula = 'y ~ x'" for i in range(2_000))
    with pytest.raises(FormulaFileError, match="and 1,980 more") as caught:
        read(tmp_path, text, "m.toml")
    assert len(str(caught.value)) < 15_000


LONG = {
    "a line": "y ~ " + "a" * 200_000,
    "lines": "y ~ x\n" * 30_000,
    "a name": "a" * 200_000 + ": y ~ x",
    "quotes": "y ~ '" * 40_000,
    "signs of comments": "y ~ x " + "#" * 200_000,
    "continued lines": "y ~ x\n" + "  + x\n" * 30_000,
    "tables": "[models.a]\n" * 16_000,
    "brackets": "a = " + "[" * 200_000,
    "keys": "\n".join(f"a{i} = 1" for i in range(16_000)),
    "a deep key": "a." * 60_000 + "b = 1",
}


@pytest.mark.parametrize("suffix", ["txt", "toml"])
@pytest.mark.parametrize("kind", LONG)
def test_a_long_file_gets_short_answers(kind: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"m.{suffix}"
    path.write_text(LONG[kind], encoding="utf-8")
    pd.DataFrame({"y": [1.0, 2.0, 4.0], "x": [1.0, 3.0, 2.0]}).to_csv(tmp_path / "d.csv", index=False)
    try:
        file = read_formula_file(path)
    except FormulaFileError as error:
        assert len(str(error)) < 15_000
        return
    for entry in file.entries[:3]:
        found = plan(replace(file, entries=(entry,)), data=str(tmp_path / "d.csv"))
        assert all(len(problem.error) < 15_000 for problem in found.problems)
