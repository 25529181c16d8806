"""Write docs/covariances.md: how effects of a group, and how residuals, go together, from the records of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

import tildemc as tm
from tildemc.spec.covariance import COVARIANCES, Covariance, Loadings, Matrix

PAGE = Path(__file__).parent / "covariances.md"

TOP = r"""# Covariance structures

What varies together, and how. **Effects of a group** have standard deviations, one for each effect or one for all,
and correlations; **residuals** of a group's rows have correlations, and sigma. Both tables are made of the records that
the compiler has of the structures. A dash stands where a language has none of that kind, or says it in other words:
[from R](from-r.md), [from Stata](from-stata.md), [from others](from-other.md).

## Effects of groups

`cs(0 + f | g)` has effects of the levels of `f` that vary by `g`. Below, $j$ and $k$ are two effects, and $d$ is how
far apart they are, by the coordinates that `numFactor(a, b)` names. `(1 + x | g)` alone has effects that are `us`, and
`(1 + x || g)` ones that are `diag`.

"""
RESIDUALS = r"""
## Residuals

A term of the formula, `y ~ x + ar(t, g)`: rows of `g` in the order of `t`. Below, $i$ and $i'$ are two rows, $t$ their
times and $d$ their distance. Groups are independent of one another; where no group is named all rows go together.

"""
AFTER = """
A residual variance for each level of a column, `sigma ~ by(arm)`, goes with any of these, and so does a formula,
`sigma ~ x`.

## Priors

Each number of a structure is a parameter with a prior, which `print` shows and `priors=` states: `sd(g)` and `cor(g)`
of effects, `rho(g)`, `range(g)` and so on, by the names in the tables. A correlation's default is uniform where it can
be, a free matrix has `lkj(2)`. [Priors](priors.md) has the rest.

## Which to take

- Levels without an order, few of them and data enough: `us`. Many: `homcs`, with one sd and one correlation, or
  `rr(0 + f | g, d = 2)`, sums of two factors.
- Times at equal steps: `ar1`; at any times: `ou`. For residuals `ar(t, g)` and `corCAR1(form = ~ t | g)`.
- Places: `exp` falls at once, `gau` is smooth, `mat` has its smoothness as a parameter.
- `fit.re_pca()` says in how many directions effects vary, and `tildemc.compare(fit, other)` which structure predicts
  better.
"""

BARS = re.compile(r"\|([^|]+)\|")
MEANING = ("what they are", "sds", "correlation of two", "its numbers")
CALLED = {"stata": "Stata", "sas": "SAS"}
LACKING = ("none of that kind", "make a column", "covariance structure")
"""What is said of a structure that a language does not have."""
INSIDE = {"ou": "numFactor(t)", **dict.fromkeys(("exp", "gau", "mat"), "numFactor(a, b)")}
"""What has effects of a structure, where it is more than the levels of a column."""
GROUP_TERMS = {
    "glmmTMB": re.compile(r"y ~ x \+ (.+), data = d\)"),
    "nlme": re.compile(r"data = d, (random = .+)\)"),
    "stata": re.compile(r"(\|\| .+)"),
    "sas": re.compile(r"(random .+;)"),
}
ROWS = {
    "f": list("pqrspqrs"),
    "y": [0.3, 1.2, 0.1, 0.9, 1.4, 0.2, 0.8, 0.5],
    "x": [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0],
    "g": list("uuuuvvvv"),
    **{column: [1, 2, 3, 4, 1, 2, 3, 4] for column in "tab"},
}
WRITTEN = (
    *("ar(t, g)", "ar(t, g, cov = TRUE)", "ma(t, g)", "arma(t, g)", "cosy(t, g)", "unstr(t, g)", "toeplitz(t, g)"),
    *("banded(t, g, q = 2)", "corCAR1(form = ~ t | g)", "corCompSymm(form = ~ 1 | g)"),
    *(f"{name}(form = ~ a + b | g)" for name in ("corExp", "corGaus", "corLin", "corSpher")),
)
"""How residuals are written, in the order in which the table has them."""
RESIDUAL_TERMS = {
    "brms": re.compile(r"y ~ x \+ (.+), data = d\)"),
    "nlme": re.compile(r"(correlation = .+)\)"),
    "stata": re.compile(r"(residuals\(.+\))"),
    "sas": re.compile(r"(repeated .+;)"),
}


def page() -> str:
    """The whole page."""
    effects = [_effects(structure) for structure in COVARIANCES.values()]
    residuals = [_residuals(term) for term in WRITTEN]
    return "".join(
        [
            *(TOP, *_tables(("structure", *MEANING), GROUP_TERMS, effects)),
            *(RESIDUALS, *_tables(("term", *MEANING[:1], *MEANING[2:]), RESIDUAL_TERMS, residuals)),
            AFTER,
        ]
    )


def _effects(structure: Covariance) -> list[str]:
    inside = INSIDE.get(structure.name, "f")
    said = f"y ~ x + {structure.name}(0 + {inside} | g)"
    apart = np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
    match structure.correlations:
        case None:
            correlation, names = "$0$", []
        case Matrix():
            correlation, names = "free", ["cor"]
        case Loadings():
            correlation, names = r"of $\Lambda \Lambda^\top$", ["loading"]
        case pattern:
            shapes = pattern.shapes(apart)
            correlation = _mathematics(pattern.latex.format(**{shape.name: shape.latex for shape in shapes}))
            names = [shape.name for shape in shapes]
    return [
        _code(f"{structure.name}(0 + {inside} | g)"),
        structure.title,
        "one" if structure.equal else "—" if isinstance(structure.correlations, Loadings) else "one each",
        correlation,
        ", ".join(f"`{name}`" for name in names) or "—",
        *_in_languages(said, GROUP_TERMS),
    ]


def _residuals(term: str) -> list[str]:
    said = f"y ~ x + {term}"
    residual = tm.model(said, ROWS).spec.residual
    assert residual is not None
    structure, order = residual.correlation, residual.order
    names = ", ".join(f"`{each.name}`" for each in structure.coefficients if each.size(order)) or "`cor`"
    title = structure.title + ("; sigma is of what is new" if structure.innovations else "")
    return [
        _code(term),
        title,
        _mathematics(structure.latex),
        names,
        *_in_languages(said, RESIDUAL_TERMS),
    ]


def _in_languages(said: str, terms: dict[str, re.Pattern[str]]) -> Iterator[str]:
    for language, pattern in terms.items():
        converted = tm.convert(said, language, data=ROWS)
        found = pattern.search(converted.text)
        lacking = any(reason in thing for thing in converted.cannot_say for reason in LACKING)
        yield "—" if found is None or lacking else _code(found[1])


def _code(text: str) -> str:
    """In a table's cell, where a bar is the cell's end."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def _mathematics(latex: str) -> str:
    return f"${BARS.sub(r'\\lvert \1 \\rvert', latex)}$"


def _tables(head: tuple[str, ...], languages: Iterable[str], rows: list[list[str]]) -> Iterator[str]:
    """What structures mean, and below that how they are written elsewhere."""
    yield from _table(head, [row[: len(head)] for row in rows])
    yield "\nIn other languages:\n\n"
    elsewhere = (head[0], *(CALLED.get(language, language) for language in languages))
    yield from _table(elsewhere, [[row[0], *row[len(head) :]] for row in rows])


def _table(head: Iterable[str], rows: Iterable[list[str]]) -> Iterator[str]:
    columns = list(head)
    yield f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"
    yield from (f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
