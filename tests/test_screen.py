"""Numbers have the digits that they mean, and no line is wider than the screen."""

from __future__ import annotations

import math
import re

import pytest
from rich.cells import cell_len

from tildemc.screen import aligned, continued, folded, number, numbers, tables

NUMBERS = {
    "an sd of some": ([251.4051, 6.8246, 238.01, 264.9], 6.8246, ["251.41", "6.82", "238.01", "264.90"]),
    "an sd of hundredths": ([1.49423, 0.05251, 1.3929, 1.5989], 0.05251, ["1.4942", "0.0525", "1.3929", "1.5989"]),
    "an sd of hundreds": ([-12345.6, 432.1], 432.1, ["-12346", "432"]),
    "an sd of hundreds of thousands": ([3017587.2, 296394.1], 296394.1, ["3017587", "296394"]),
    "an sd below a millionth": ([2.549e-9, 2.24e-10, -2.084e-9], 2.24e-10, ["2.549e-9", "2.24e-10", "-2.084e-9"]),
    "an sd of billions": ([2.976e12, 4.65e11], 4.65e11, ["2.976e12", "4.65e11"]),
    "hundreds of millions, of which few digits say anything": ([4.0031e8, 1.066e8], 1.066e8, ["4.00e8", "1.07e8"]),
    "an sd far below the mean": ([1e9, 1.5, 1e9 + 3], 1.5, ["1000000000.00", "1.50", "1000000003.00"]),
    "an end near zero": ([0.3, 0.09, -1e-7, 0.5], 0.09, ["0.3000", "0.0900", "0.0000", "0.5000"]),
    "an end at zero, with exponents": ([3e-9, 1e-9, 0.0], 1e-9, ["3.00e-9", "1.00e-9", "0"]),
    "no sd: what never varies": ([1.0, 0.0], 0.0, ["1.000", "0"]),
    "no draws but one": ([2.5, math.nan], math.nan, ["2.500", "nan"]),
    "odds beyond all bounds": ([math.inf, math.inf], math.inf, ["inf", "inf"]),
}


@pytest.mark.parametrize(("values", "sd", "shown"), NUMBERS.values(), ids=NUMBERS.keys())
def test_values_have_the_places_of_their_sd(values: list[float], sd: float, shown: list[str]) -> None:
    assert numbers(values, sd) == shown


def test_points_stand_below_one_another_and_what_is_no_number_to_the_right() -> None:
    assert aligned(["1.25", "-10.5", "nan", "3"]) == ["  1.25", "-10.5 ", "   nan", "  3   "]


@pytest.mark.parametrize("exponent", [-300, *range(-24, 25, 3), 300])
def test_no_scale_loses_its_digits(exponent: int) -> None:
    values = [m * 10.0**exponent for m in (1.234, 0.567, -9.876)]
    shown = numbers(values, values[1])
    assert max(map(len, shown)) <= 11
    assert [float(text) for text in shown] == pytest.approx(values, abs=0.006 * values[1])


ALONE = {0.0: "0", 0.5: "0.5000", 25.591812: "25.59", -3.0e-9: "-3.000e-9", 1.5e12: "1.500e12", math.nan: "nan"}


@pytest.mark.parametrize(("value", "shown"), ALONE.items())
def test_a_number_alone_has_four_digits(value: float, shown: str) -> None:
    assert number(value) == shown


LABELS = {
    "short": ["x", "Intercept"],
    "of forty characters": ["x", "a_column_whose_name_has_forty_characters"],
    "of two hundred": ["x" * 200, "y"],
    "of several words": ["cor_g[Intercept, a_column_whose_name_has_more_than_forty_characters]"],
    "in characters two columns wide": ["所得の対数変換された値", "x", "所得の対数変換された値" * 5],
    "empty": ["", "x"],
}


@pytest.mark.parametrize("columns", [60, 80, 132])
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS.keys())
def test_tables_fit_the_screen(labels: list[str], columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = [(label, ["-0.1234", "0.0567", "-0.2345", "-0.0123", "4041", "1.000"]) for label in labels]
    (lines,) = tables([rows], ("mean", "sd", "2.5%", "97.5%", "ESS", "R-hat"))
    assert all(cell_len(line) <= columns for line in lines)
    numbered = [line for line in lines if "0.0567" in line]
    assert len(numbered) == len(rows)
    assert len({cell_len(line) for line in [lines[0], *numbered]}) == 1
    text = "".join("".join(line.split()) for line in lines)
    assert all("".join(label.split()) in text for label in labels)


def test_tables_of_one_grid_have_their_points_below_one_another() -> None:
    one, two = tables([[("a", ["1.5", "10"])], [("long", ["-22.25", "9"]), ("b", ["3", "100"])]], ("x", "n"))
    assert one == ["             x    n", "  a       1.5    10"]
    assert two == ["             x    n", "  long  -22.25    9", "  b       3     100"]


TEXTS = {
    "a sentence": "what a sentence is " * 12,
    "one word": "w" * 300,
    "characters two columns wide": "値" * 200,
    "lines of its own": "y ~ x\nsigma ~ z",
    "nothing": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_is_folded(text: str) -> None:
    lines = folded(text, "! ", "  ")
    assert all(cell_len(line) <= 80 for line in lines)
    assert [line[:2] for line in lines] == ["! ", *["  "] * (len(lines) - 1)][: len(lines)]
    assert "".join("".join(line[2:].split()) for line in lines) == "".join(text.split())


TYPED = {
    "a formula": ("y ~ " + " + ".join(f"predictor{i}" for i in range(30)), 80),
    "quotes": (
        "b(" + ", ".join(f'"level {i} of the \\" factor"' for i in range(9)) + ") ~ normal(0, 1)  (default)",
        80,
    ),
    "quotes of other kinds": ("b(" + ", ".join(["'a \"b\" c'", "`d e  f`"] * 9) + ") ~ normal(0, 1)", 80),
    "an apostrophe": ("Intercept ~ normal(0, 1) at the predictors' means " * 4, 80),
    "a word that is too long": (f"b({'w' * 100}, {'v' * 100}) ~ normal(0, 1)", 110),
    "characters two columns wide": ("b(" + ", ".join(["値" * 9] * 9) + ")", 80),
    "nothing": ("", 80),
}


@pytest.mark.parametrize(("text", "widest"), TYPED.values(), ids=TYPED.keys())
def test_a_line_that_may_be_typed_again_is_cut_between_words_alone(text: str, widest: int) -> None:
    lines = continued(text, "  ", "    ")
    assert all(cell_len(line) <= widest for line in lines)
    quoted = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|w+|値+')
    assert quoted.findall("\n".join(lines)) == quoted.findall(text)
    assert " ".join(line.strip() for line in lines).split() == text.split()


@pytest.mark.parametrize("count", [10, 100_000])
def test_a_line_of_any_length_is_cut(count: int) -> None:
    assert sum(line.count("x") for line in continued("y ~ " + " + ".join(["x"] * count))) == count
