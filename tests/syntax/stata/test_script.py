"""Do-files and logs: the models of a text, what it does to its data first, and a whole do-file against pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc
from marked import mistake
from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnsupportedError
from tildemc.resolve.families import read_family
from tildemc.resolve.frame import Frame
from tildemc.resolve.prepare import prepare
from tildemc.resolve.resolve import resolve
from tildemc.resolve.values import Quantity
from tildemc.spec.design import Design
from tildemc.syntax.command import file_of, language_of, models_of, read
from tildemc.syntax.tree import deparse

TEXTS = {
    "a level goes on after three slashes": ("mixed y x /// why\n || g: x", "y ~ x + (1 + x || g)"),
    "semicolons end commands where they are to": (
        "#delimit ;\nlocal xs x\n z;\nmixed y `xs'\n || g:;\n#delimit cr\nsummarize y",
        "y ~ x + z + (1 | g)",
    ),
    "what a log prints is passed over": (
        "      name:  <unnamed>\n. use d\n(data)\n\n. mixed y x || g:\n\nMixed-effects ML regression\n"
        "           x |   1.2   .3\n. estat icc\n",
        "y ~ x + (1 | g)",
    ),
    "a line that a log breaks goes on": (
        ". mixed y x z || g:\n> , reml\n\nPerforming EM optimization ...\n",
        "y ~ x + z + (1 | g)",
    ),
    "a word that a log breaks is one": (
        f". mixed yy x || g:, reml {'nolog ' * 9}n\n> olog\n\nLog likelihood = -1\n",
        "yy ~ x + (1 | g)",
    ),
    "a comment goes on as far as its semicolon": ("#delimit ;\n* a\n comment;\nmixed y x || g:;", "y ~ x + (1 | g)"),
    "a block that only says how": ("quietly {\nmixed y x || g:\n}", "y ~ x + (1 | g)"),
    "a macro stands for its text": ("local xs x z\nmixed y `xs' || g:", "y ~ x + z + (1 | g)"),
    "a global does": ("global xs x\nmixed y ${xs} $xs z || g:", "y ~ x + z + (1 | g)"),
    "a macro is made of itself": ("local xs x\nlocal xs \"`xs' z\"\nmixed y `xs' || g:", "y ~ x + z + (1 | g)"),
    "a macro is named by another": ("local i 2\nlocal x2 z\nmixed y `x`i'' || g:", "y ~ z + (1 | g)"),
    "arithmetic of numbers is worked out": ("local k = 2*(1 + 2)\nmixed y x`k' || g:", "y ~ x6 + (1 | g)"),
    "a loop's last turn": ("foreach v in x z {\n  mixed y `v' || g:\n}", "y ~ z + (1 | g)"),
    "a loop over numbers": (
        "forvalues i = 1/3 {\nquietly {\n}\n}\nforv i=1(2)5 { \nmixed y x`i' || g:\n}",
        "y ~ x5 + (1 | g)",
    ),
    "prefixes say nothing of a model": ("version 12: capture noisily quietly mixed y x || g:", "y ~ x + (1 | g)"),
    "collect and eststo": ("collect: mixed y x || g:\neststo m1, title(a): mixed y z || g:", "y ~ z + (1 | g)"),
    "what comes before and after a model": (
        "clear all\nset more off\ncap log close\nmixed y x || g:\nmargins, at(x=1)\npredict r, reffects\nesttab m1",
        "y ~ x + (1 | g)",
    ),
    "lags of a declared panel": (
        "xtset g t\nmixed y L(0/2).x i.l.k cD.z#c.x L.F.w if L.x > 0 || g: l2.x",
        "y ~ x + L.x + L2.x + factor(L.k) + D.z:x + LF.w + (1 + L2.x || g)",
    ),
    "bases that are declared": (
        "fvset base 3 k\nfvset base last m\nchar n[omit] 2\nfvset base none o\n"
        "mixed y i.k m#c.x i.(n o) c.k 2.k || g: i.k",
        "y ~ relevel(factor(k), ref = 3) + C(m, SAS):x + relevel(factor(n), ref = 2) + C(o, SAS) + k + dummy(k, 2) + "
        "(1 + relevel(factor(k), ref = 3) || g)",
    ),
    "lags in options": (
        "xtset g t\nmepoisson y x, exposure(L.e) || g:",
        "y ~ x + offset(log(L.e)) + (1 | g)",
    ),
    "a response among others in parentheses": ("tsset t\nregress D.(y x z)", "D.y ~ D.x + D.z"),
    "blocks one after the other": ("nestreg: mixed y (x z) (k) if x > 1, reml || g:", "y ~ x + z + k + (1 | g)"),
    "a panel that is declared": ("xtset g t\nsort g t\nxtreg y x, re", "y ~ x + (1 | g)"),
}


@pytest.mark.parametrize(("text", "formula"), TEXTS.values(), ids=TEXTS)
def test_the_last_model_of_a_text(text: str, formula: str) -> None:
    assert language_of(text) == "stata"
    assert str(read(text).formula) == formula


STEPS = {
    "gen x2 = x^2": ["`x2` = `x^2`"],
    "gen double hi = x > 3": ["`hi` = `ifelse((is.na(x) | x > 3), 1, 0)`"],
    "gen lo:lbl = x < 3 if z == 1": ["`lo` = `ifelse(!is.na(z) & z == 1, ifelse(!is.na(x) & x < 3, 1, 0), NA)`"],
    "replace x = . if x == 99": ["`x` = `ifelse(!is.na(x) & x == 99, NA, x)`"],
    "g l = ln(x) + cond(z > 1, 0, int(z))": ["`l` = `log(x) + ifelse((is.na(z) | z > 1), 0, trunc(z))`"],
    "egen m = mean(x), by(g)": ["`m` = `mean(x)` within `g`"],
    "bysort g (t): egen m = total(x > 1)": ["`m` = `sum(ifelse((is.na(x) | x > 1), 1, 0))` within `g`"],
    "egen gs = group(g h)": ["`gs` = `interaction(g, h)`"],
    "egen s = std(x)": ["`s` = `(x - mean(x))/sd(x)`"],
    'recode x (1/3 = 0 "low") (4/max = 1) (. = 9), gen(k)': [
        "`k` = `ifelse(!is.na(x) & x >= 1 & x <= 3, 0, ifelse(!is.na(x) & x >= 4, 1, ifelse(is.na(x), 9, x)))`"
    ],
    "recode x z 2=1 else=.": [
        "`x` = `ifelse(!is.na(x) & x == 2, 1, NA)`",
        "`z` = `ifelse(!is.na(z) & z == 2, 1, NA)`",
    ],
    "drop if x > 3": ["the rows where `x <= 3`"],
    "drop if missing(x) | z != 2": ["the rows where `!is.na(x) & z == 2`"],
    "keep if x > 3 & !(z < 2)": ["the rows where `(is.na(x) | x > 3) & (is.na(z) | z >= 2)`"],
    "keep if inlist(g, 1, 2)": ["the rows where `(g == 1 | g == 2)`"],
    'keep if x < . & s != ""': ["the rows where `!is.na(x) & !is.na(s)`"],
    "drop in 1/5": ["all rows but 1 to 5"],
    "keep in f/10": ["the rows 1 to 10"],
    "rename (a b) (x z)": ["`x` = `a`", "`z` = `b`"],
    "encode s, gen(n)": ["`n` = `s`"],
    "mvdecode x, mv(-9 99)": ["`x` = `ifelse(!is.na(x) & x == -9 | !is.na(x) & x == 99, NA, x)`"],
    "quietly summarize x\ngen xc = x - r(mean)": ["`xc` = `x - mean(x)`"],
    "stset t, failure(d == 1)": ["`_t` = `t`", "`_d` = `ifelse(!is.na(d) & d == 1, 1, 0)`"],
    "stset t if x > 1 & x < ., failure(d == 1 3) origin(time t0) scale(12)": [
        "the rows where `x > 1 & !is.na(x)`",
        "`_t` = `(t - t0)/12`",
        "`_d` = `ifelse(!is.na(d) & (d == 1 | d == 3), 1, 0)`",
    ],
    "stset t": ["`_t` = `t`", "`_d` = `1`"],
    "summarize x\nlocal m = r(mean)\ngen c = x - `m'": ["`m` = `mean(x)`", "`c` = `x - m`"],
    "su x\nscalar s = 2*r(sd)\ngen c = x/s": ["`s` = `2 * sd(x)`", "`c` = `x/s`"],
    "replace x = 0 in 1/-2": ["`x` = `ifelse(row_number() >= 1 & row_number() <= (n() - 1), 0, x)`"],
    "bysort g (t): carryforward x, gen(u)": ["`u` = `locf(x)` within `g`, rows in the order of `g` and `t`"],
    "gen r = recode(x, 1, 2)": ["`r` = `ifelse(is.na(x), NA, ifelse(x <= 1, 1, 2))`"],
    "gen r = string(g)": ["`r` = `as.character(g)`"],
    "by g: frobnicate x, replace": [],
    "mi passive: gen z = x^2": ["`z` = `x^2`"],
    "mi set flong\nmi register imputed x\nmi impute chained (regress) x = z, add(5)": [],
    "tab s, gen(d)\ngen u = d2": [
        "`d1` = `ifelse(as.integer(factor(s)) == 1, 1, 0)`",
        "`d2` = `ifelse(as.integer(factor(s)) == 2, 1, 0)`",
        "`u` = `d2`",
    ],
    "egen k = tag(g h)": ["`k` = `ifelse(row_number() == 1 & !is.na(g) & !is.na(h), 1, 0)` within `g` and `h`"],
    "egen c = cut(x), at(0, 5, 9) icodes": [
        "`c` = `ifelse(x >= 5 & x < 9, 1, ifelse(x >= 0 & x < 5, 0, NA))`",
    ],
    "egen m = anymatch(x z), values(1 2)": [
        "`m` = `ifelse((ifelse(!is.na(x) & (x == 1 | x == 2), 1, 0) + "
        "ifelse(!is.na(z) & (z == 1 | z == 2), 1, 0)) > 0, 1, 0)`",
    ],
    'egen k = concat(g h), punct("-")': ['`k` = `paste(g, h, sep = "-")`'],
    "egen k = seq(), from(2) to(4) block(2)": ["`k` = `2 + (((row_number() - 1)%/%2)%%3)`"],
    "xtile q = x, nq(2)": ["`q` = `ifelse(is.na(x), NA, 1 + ifelse(x > quantile(x, 0.5, type = 2), 1, 0))`"],
    "center x, standardize": ["`c_x` = `(x - mean(x))/sd(x)`"],
    "winsor2 x, trim": [
        "`x_tr` = `ifelse(x >= quantile(x, 0.01, type = 2) & x <= quantile(x, 0.99, type = 2), x, NA)`"
    ],
    "mkspline a 4 b = x": ["`a` = `ifelse(is.na(x), NA, pmin(x, 4))`", "`b` = `ifelse(is.na(x), NA, pmax(x, 4) - 4)`"],
    "tempvar u\ngen `u' = z": ["`u` = `z`"],
    "sum x, d\ngen z = x - r(p25)": ["`z` = `x - quantile(x, 0.25, type = 2)`"],
    "gen r = round(x, 5) + round(z)": ["`r` = `(floor((x)/(5) + 0.5) * (5)) + (floor(z + 0.5))`"],
    "gen r = irecode(x, 1, 2)": ["`r` = `ifelse(is.na(x), NA, ifelse(x > 1, 1, 0) + ifelse(x > 2, 1, 0))`"],
    'if "`c(os)\'" == "Windows" {\ncd "C:"\nlocal a b\n}\nelse {\ncd "/"\n}': [],
    "program define f\ndrop if x > 1\nend": [],
    "bysort g (t): gen n = _n": ["`n` = `row_number()` within `g`, rows in the order of `g` and `t`"],
    "sort g t\nby g: keep if _n == _N": [
        "`_n` = `row_number()` within `g`, rows in the order of `g` and `t`",
        "`_N` = `n()` within `g`, rows in the order of `g` and `t`",
        "the rows where `_n` == `_N`",
    ],
    "gsort -t\ngen c = sum(x)": ["`c` = `cumsum(ifelse(is.na(x), 0, x))`, rows in the order of `-t`"],
    "by g: gen b = x[1] - x[_N] + x[_N-1] + x[2]": [
        "`b` = `first(x) - last(x) + nth(x, -2) + nth(x, 2)` within `g`",
    ],
    "xtset g t\nreplace x = x[_n-1] if missing(x)": ["`x` = `locf(x)`, rows in the order of `g` and `t`"],
    "xtset g t, delta(2)\ngen d = LD.x if f.x < 1": [
        "`F.x` = `lead(x, 1)` within `g`, by time `t` in steps of 2",
        "`LD.x` = `lag(x, 1) - lag(x, 2)` within `g`, by time `t` in steps of 2",
        "`d` = `ifelse(!is.na(F.x) & F.x < 1, LD.x, NA)`",
    ],
    "tsset t\ngen d = S4.x": ["`S4.x` = `x - lag(x, 4)`, by time `t`", "`d` = `S4.x`"],
    "foreach v in x z {\ngen `v'2 = `v'^2\n}": ["`x2` = `x^2`", "`z2` = `z^2`"],
    'keep x y g\ndrop z\nlabel var x "X"\ndestring x, replace\ntab g\norder g': [],
    "preserve\ndrop if x > 1\nrestore": [],
    "drop if x > 1\nuse other, clear": [],
}


@pytest.mark.parametrize(("lines", "steps"), STEPS.items(), ids=STEPS)
def test_data_lines_are_steps(lines: str, steps: list[str]) -> None:
    statement = read(f"{lines}\nmixed y x || g:")
    assert [str(step) for step in statement.steps] == steps


MISTAKES = [
    ("mixed y ⟪`x'⟫ || g:", FormulaSyntaxError, "write `local x …` on a line before"),
    ("local xs : word count a b\nmixed y ⟪`xs'⟫ || g:", UnsupportedError, "line 1: `local xs : word count a b`"),
    ("levelsof g, local(gs)\nforeach g of local ⟪gs⟫ {\n}\nmixed y x || g:", UnsupportedError, "finds in the data"),
    ("⟪merge 1:1 id using b⟫\nmixed y x || g:", UnsupportedError, "line 1: `merge` makes other rows: prepare the data"),
    (
        "gen z = 1\n⟪collapse (mean) y, by(g)⟫\nmixed y x || g:",
        UnsupportedError,
        "everything else of this text is read",
    ),
    ("⟪while⟫ 1 {\n}\nmixed y x || g:", UnsupportedError, "programs are not run"),
    ("program define f\nmixed y x\nend\n⟪f⟫ y x\nmixed y x || g:", UnsupportedError, "`f` is a program of the text"),
    ("⟪if⟫ 1 {\ndrop if x\n}\nmixed y x || g:", UnsupportedError, "programs are not run"),
    ("local v x\nmixed y ⟪ib(freq).⟫`v' || g:", UnsupportedError, "name it"),
    ("local c covv(un)\nmixed y x || g: x, ⟪`c'⟫", FormulaSyntaxError, "did you mean `covariance`"),
    ("replace x = ⟪x[_n-1]⟫\nmixed y x || g:", UnsupportedError, "runs down the rows"),
    ("xtset g\nmixed y ⟪L.x⟫ || g:", SemanticError, "the time of panel `g` is not declared"),
    ("⟪xtset g t, delta(1 month)⟫\nmixed y x || g:", UnsupportedError, "units of the column"),
    ('gen z = ⟪strpos(s, "a")⟫\nmixed y z || g:', UnsupportedError, "works on text"),
    ("gen z = ⟪runiform()⟫\nmixed y z || g:", UnsupportedError, "by chance"),
    ("gen z = ⟪mdy(1, 1, 2000)⟫\nmixed y z || g:", UnsupportedError, "works on dates"),
    ("gen z = ⟪sgn(x)⟫\nmixed y z || g:", UnsupportedError, "did you mean `sign`?"),
    ("⟪stset t, failure(d) id(g)⟫\nstcox x", UnsupportedError, "leave it out if each has one record"),
    ("⟪stset t, failure(d) enter(t0)⟫\nstreg x, dist(weibull)", UnsupportedError, "truncation"),
    ("stset t ⟪[pw=w]⟫, failure(d)\nstcox x", UnsupportedError, "write them in the command"),
    ("gen k = x⟪[⟫g]\nmixed y k || g:", FormulaSyntaxError, "`x[_n-1]`"),
    ("⟪winsor2 x, by(g) label⟫\nmixed y x || g:", UnsupportedError, "`label` of `winsor2` is not read"),
    ("⟪for⟫ any 1 2: mixed y x || g:", UnsupportedError, "write `foreach"),
    ("⟪fracpoly⟫: regress y x", UnsupportedError, "powers are not searched for"),
    ("⟪stepwise⟫, pr(.2): logit y x", UnsupportedError, "by their p-values"),
    ("nestreg: ⟪regress y⟫", FormulaSyntaxError, "blocks of predictors"),
    ("egen c = cut(⟪x⟫), group(4)\nmixed y c || g:", UnsupportedError, "`xtile q = x, nquantiles(4)`"),
    ("⟪predict r, resid⟫\nmixed y r || g:", UnsupportedError, "line 1: `r` is made in a way that is not read"),
    ("egen k = rank(⟪x⟫)\nmixed y k || g:", UnsupportedError, "write the ranks as a column"),
    ("recode x (⟪a⟫ = 1)\nmixed y x || g:", FormulaSyntaxError, "numbers and ranges"),
    ("foreach v in x ⟪{⟫\nmixed y x || g:", FormulaSyntaxError, "never closed"),
    ("summarize y\n⟪mixd⟫ y x || g:", FormulaSyntaxError, "did you mean `mixed`?"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_what_cannot_be_followed_is_named_where_it_stands(marked: str, kind: type[TildeError], fragment: str) -> None:
    mistake(read, marked, fragment, kind)


def test_what_is_not_read_is_told_by_line() -> None:
    statement = read("use d\nfrobnicate x\nmixed y x || g:\n")
    assert "line 2: `frobnicate x` is not read" in statement.notes


def test_a_column_that_is_not_read_may_be_there() -> None:
    text = 'gen z = strpos(s, "a")\nmixed y z || g:'
    statement = read(text, columns=["y", "z", "g", "s"])
    assert any("line 1" in note for note in statement.notes)


NAMES = {
    "by what stores them": ("mixed y x || g:\nest sto a\nmixed y z || g:\nestimates store b", ["a", "b"]),
    "by a prefix": ("eststo clear\neststo a: mixed y x || g:\neststo: qui mixed y z || g:", ["a", "model2"]),
    "by the blocks that they have": ("eststo a: nestreg: regress y (x z) k", ["ablock1", "ablock2"]),
    "by their number": ("mixed y x || g:\nmixed y z || g:", ["model1", "model2"]),
    "by a loop": ("foreach v in x z {\neststo m_`v': mixed y `v' || g:\n}", ["m_x", "m_z"]),
    "the last of a name counts": ("mixed y x || g:\nest sto a\nmixed y z || g:\nest sto a", ["a"]),
}


@pytest.mark.parametrize(("text", "names"), NAMES.values(), ids=NAMES)
def test_models_by_name(text: str, names: list[str]) -> None:
    assert list(models_of(text)) == names


def test_a_models_text_is_the_script_as_far_as_its_end_and_a_loop_is_written_out() -> None:
    text = "gen k = 1\nforeach v in x z {\nmixed y `v' k || g:\n}\nmixed y k || g:\nestat icc"
    found = models_of(text)
    assert [str(read(own).formula) for own in found.values()] == [
        "y ~ x + k + (1 | g)",
        "y ~ z + k + (1 | g)",
        "y ~ k + (1 | g)",
    ]
    assert found["model1"] == "gen k = 1\nmixed y x k || g:"
    assert all(len(read(own).steps) == 1 for own in found.values())


FILES = {
    'use "f.dta", clear\nmixed y x || g:': "f.dta",
    "use y x using sub/f\nmixed y x || g:": "sub/f.dta",
    'global d "a"\nimport delimited using "$d/f.csv"\nmixed y x || g:': "a/f.csv",
    'import excel "f.xlsx", firstrow\nmixed y x || g:': "f.xlsx",
    "sysuse auto\nmixed y x || g:": None,
    "mixed y x || g:": None,
    'd <- read.csv("f.csv")\nlmer(y ~ x + (1 | g), d)': "f.csv",
    "y ~ x": None,
}


@pytest.mark.parametrize(("text", "file"), FILES.items(), ids=FILES)
def test_the_file_that_a_text_reads(text: str, file: str | None) -> None:
    assert file_of(text) == file


# A do-file against pandas

DO_FILE = """* Income and scores
clear all
set more off
capture log close
local covs age2 lninc
global out "results"
use "$out/panel.dta", clear
gen lninc = ln(inc) /* income */
gen byte old = age > 50
replace score = . if score == 99
recode wave (0/2 = 0 "early") (3/max = 1 "late"), gen(late)
bysort id: egen minc = mean(lninc)
egen agec = std(age) if sex == "f"
replace agec = 0 if missing(agec)
summarize age
gen age2 = (age - r(mean))^2
drop if age < 20 | id == 3
label variable old "Over 50"
xtset id wave
foreach y in score {
    eststo m_`y': quietly mixed `y' old late `covs' minc agec i.sex ///
        || id: late
}
esttab using "$out/tab.rtf", replace
"""


def _panel() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 60
    data = pd.DataFrame(
        {
            "id": np.repeat(np.arange(12), 5),
            "wave": np.tile(np.arange(5), 12),
            "inc": rng.lognormal(size=n),
            "age": rng.integers(18, 80, n).astype(float),
            "sex": rng.choice(["f", "m"], n),
            "score": rng.normal(size=n),
        }
    )
    data.loc[3, "age"] = np.nan
    data.loc[7, "score"] = 99
    return data


def _by_pandas(d: pd.DataFrame) -> pd.DataFrame:
    d = d.copy()
    d["lninc"] = np.log(d["inc"])
    d["old"] = ((d["age"] > 50) | d["age"].isna()).astype(float)
    d["score"] = d["score"].where(d["score"] != 99)
    d["late"] = (d["wave"] >= 3).astype(float)
    d["minc"] = d.groupby("id")["lninc"].transform("mean")
    women = d["age"].where(d["sex"] == "f")
    d["agec"] = ((women - women.mean()) / women.std()).fillna(0)
    d["age2"] = (d["age"] - d["age"].mean()) ** 2
    d = d[~((d["age"] < 20) | (d["id"] == 3))]
    return d.dropna(subset=["score", "age2"])


def test_a_do_file_is_what_pandas_makes_of_the_same() -> None:
    data = _panel()
    statement = read(DO_FILE, columns=list(data))
    spec, design, _ = resolve(statement, Frame(data), [read_family("gaussian", None, ())])
    assert isinstance(design, Design)
    expected = _by_pandas(data)
    names = ["old", "late", "age2", "lninc", "minc", "agec"]
    found = design.of(spec.predictors[0].population).X
    np.testing.assert_allclose(found[:, -len(names) - 1 : -1], expected[names])
    assert [column.label for column in spec.predictors[0].population.columns][-1].endswith("m")


def test_the_file_of_a_text_is_read_where_no_data_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    _panel().to_stata(tmp_path / "results" / "panel.dta", write_index=False)
    model = tildemc.model(DO_FILE)
    assert "the data are those of `results/panel.dta`, which the text reads" in str(model)
    assert list(tildemc.models(DO_FILE)) == ["m_score"]
    with pytest.raises(TildeError, match="names no file"):
        tildemc.model("mixed y x || g:")


ROWS = {
    "what has no end is missing": ("gen z = ln(x)", [np.nan, 0.0, np.nan, np.log(2), np.nan]),
    "a group without values has no mean": ("by g: egen z = mean(y)", [1.0, 1.0, np.nan, np.nan, 3.0]),
    "what was made missing is": ("replace x = . if x == 2\ngen z = missing(x)", [0.0, 0.0, 1.0, 1.0, 0.0]),
    "what is missing is larger": ("gen z = x >= 1 & x != 2", [0.0, 1.0, 1.0, 0.0, 0.0]),
    "a test of what is missing is no missing test": ("gen z = cond(x > y, 1, 0)", [0.0, 0.0, 0.0, 0.0, 0.0]),
}


@pytest.mark.parametrize(("lines", "values"), ROWS.values(), ids=ROWS)
def test_made_columns_follow_statas_rules_of_what_is_missing(lines: str, values: list[float]) -> None:
    data = pd.DataFrame(
        {"g": [1, 1, 2, 2, 3], "x": [0.0, 1, np.nan, 2, -1], "y": [1.0, np.nan, np.nan, np.nan, 3]},
    )
    prepared = prepare(Frame(data), read(f"{lines}\nmixed y z || g:", columns=list(data)))
    value = prepared.made["z"].value
    assert isinstance(value, Quantity)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(prepared.frame.evaluate(value.columns[0]) * np.ones(5), values)


def test_the_between_model_is_of_means_in_each_panel() -> None:
    data = _panel()
    statement = read("xtset id wave\nxtreg score age L.inc if wave != 2, be", columns=list(data))
    _, design, _ = resolve(statement, Frame(data), [read_family("gaussian", None, ())])
    assert isinstance(design, Design)
    data["lag"] = data.groupby("id")["inc"].shift(1)
    means = data[data["wave"] != 2].dropna(subset=["score", "age", "lag"]).groupby("id")[["score", "age", "lag"]].mean()
    np.testing.assert_allclose(design.y, means["score"])
    np.testing.assert_allclose(next(iter(design.terms.values())).X, means[["age", "lag"]])


def test_levels_that_a_replacement_leaves_no_row_are_gone() -> None:
    data = pd.DataFrame({"s": ["a", "b", "c", "a"], "y": [1.0, 2, 3, 4], "g": [1, 1, 2, 2]})
    text = 'replace s = "a" if s == "c"\ngen u = "p" if y > 2\nreplace u = "q" if u == ""\nregress y i.s i.u'
    spec, _, _ = resolve(read(text, columns=list(data)), Frame(data), [read_family("gaussian", None, ())])
    assert [column.label for column in spec.predictors[0].population.columns] == ["factor(s)b", "factor(u)q"]


def test_rows_where_a_stata_comparison_holds_are_kept_whatever_is_missing() -> None:
    data = _panel()
    statement = read("keep if age > 50\nmixed score wave || id:")
    kept = data[(data["age"] > 50) | data["age"].isna()]
    assert len(prepare(Frame(data), statement).frame) == len(kept)
    assert deparse(statement.formula.response) == "score"
