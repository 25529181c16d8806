"""Columns in the part they play in a call of R's, where a recipe drawn alone would be data that R itself refuses.

A recipe says what a column is by itself; that failures are the trials less the successes, or that `cens()` is 0 or 1,
is said by the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

__all__ = ["bound_elsewhere", "longest_row", "matrices", "parameters_named", "with_names", "with_roles"]

Role = Callable[[pd.DataFrame, re.Match[str], np.random.Generator], None]

_BINOMIAL = re.compile(r"binomial")
_NO_BINOMIAL = re.compile(r"(?:beta|n?e?g)_?binomial")


def longest_row(text: str, rows: int) -> int:
    """As many rows as there are, or as the call picks by number."""
    picked = re.findall(r"\[\s*\d+:(\d+)\s*,|subset\s*=\s*-(\d+)", text)
    return max([rows, *(int(number) for pair in picked for number in pair if number)])


def with_names(text: str, recipes: Mapping[str, list[object]]) -> dict[str, list[object]]:
    """The recipes by the names that the call has: one column of it may be called `d`, as the data are."""
    lost = [name for name in recipes if not re.search(rf"\b{name}\b", text)]
    shared = re.search(r"\bd\s*~|~[^,]*\bd\b", text)
    renamed = {"d": recipes[lost[-1] if re.search(r"\bd\s*~", text) else lost[0]]} if lost and shared else {}
    return {**recipes, **renamed}


def with_roles(text: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns that the call says more of."""
    rng = np.random.default_rng(2)
    for pattern, role in _ROLES.items():
        for found in re.finditer(pattern, text):
            role(frame, found, rng)
    return frame


def matrices(text: str, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What `data2 = list(M = M)` has: areas that are neighbours in a ring, or covariances of levels that have none."""
    found: dict[str, pd.DataFrame] = {}
    for name in re.findall(r"(\w+)\s*=\s*\w+", "".join(re.findall(r"data2\s*=\s*list\(([^()]*)\)", text))):
        by = re.search(rf"\bcar\({name},\s*(?:gr\s*=\s*)?(\w+)|(\w+),\s*cov\s*=\s*{name}", text)
        group = by and (by[1] or by[2])
        labels = [*frame[group].unique()] if group in frame else [*range(len(frame))]
        ring = np.roll(np.eye(len(labels)), 1, axis=0)
        adjacent = re.search(rf"\b(car|sar)\({name}\b", text)
        neighbours = ring + ring.T
        if adjacent and adjacent[1] == "sar":
            # spdep's weights, of which those of a place are together 1.
            neighbours /= neighbours.sum(axis=1, keepdims=True)
        found[name] = pd.DataFrame(neighbours if adjacent else np.eye(len(labels)), labels, labels)
    return found


def bound_elsewhere(text: str) -> str:
    """The text after lines that bind what only the script before it does, `prior = pr`, to nothing."""
    names = re.findall(r"\b(?:prior\w*|priors|weights|correlation)\s*=\s*([A-Za-z_][\w.]*)\s*[,)]", text)
    return "".join(f"{name} <- NULL\n" for name in dict.fromkeys(names) if name not in ("NULL", "d")) + text


def parameters_named(text: str) -> str:
    """The text with the family's own parameters for names of columns, as `sigma` for the `y2` of `bf(y ~ x, y2 ~ x)`.

    Who made names of scripts generic took these for columns.
    """
    if re.search(r"\bnl\s*=\s*T|\bnlf\(|\bmixture\(", text):
        return text
    asked = dict.fromkeys(re.findall(r",\s*(y\d+)\s*~", text))
    known = next((own for family, own in _PARAMETERS.items() if re.search(rf"\b{family}\b", text)), ("sigma",))
    for name, own in zip(asked, known, strict=False):
        text = re.sub(rf"\b{name}\b", own, text)
    return text


_PARAMETERS = {
    "zero_one_inflated_beta": ("phi", "zoi", "coi"),
    "zero_inflated_beta": ("phi", "zi"),
    "zero_inflated_negbinomial": ("zi",),
    "zero_inflated_poisson": ("zi",),
    "beta_binomial": ("phi",),
    "negbinomial": ("shape",),
    "cumulative": ("disc",),
    "sratio": ("disc",),
    "[Bb]eta": ("phi",),
    "[Gg]amma": ("shape",),
}
"""The parameters that people model beside the mean, by what a call says of its family; of all others sigma."""


def _drawn(draw: Callable[[np.random.Generator, int], object]) -> Role:
    def role(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
        if found[1] in frame:
            frame[found[1]] = draw(rng, len(frame))

    return role


def _differences(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    """Successes and failures are counts; what others are taken from is at least as large as these together."""
    for part in found[1].split(","):
        names = [name for name in re.findall(r"[^\W\d]\w*", part) if name in frame]
        for name in names:
            if not pd.api.types.is_integer_dtype(frame[name]):
                frame[name] = rng.integers(0, 6, len(frame))
        if "-" in part and len(names) > 1:
            frame[names[0]] = frame[names].sum(axis=1) + rng.integers(0, 3, len(frame))


def _trials(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    """Numbers of trials, and a response that is successes: a share of them where weights say the trials."""
    response = re.search(r"\b(\w+)(\s*/\s*\w+)?\s*[~|]", found.string)
    name = found[1] or found[2]
    by_weights = found[2] is not None
    shares = by_weights and response is not None and not response[2]
    if name not in frame or response is None or response[1] not in frame:
        return
    if by_weights and (not _BINOMIAL.search(_NO_BINOMIAL.sub("", found.string)) or "cbind" in found.string):
        return
    trials = rng.integers(5, 9, len(frame))
    successes = rng.integers(0, 5, len(frame))
    frame[name], frame[response[1]] = trials, successes / trials if shares else successes


def _by_group(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    """Times that count the rows of a group."""
    if {found[1], found[2]} <= {*frame}:
        frame[found[1]] = frame.groupby(found[2]).cumcount() + 1


def _in_order(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    if found[1] in frame and not pd.api.types.is_numeric_dtype(frame[found[1]]):
        frame[found[1]] = pd.Categorical(frame[found[1]], ordered=True)


def _with_levels(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    """A factor, of which alone R takes contrasts."""
    if found[1] in frame and pd.api.types.is_numeric_dtype(frame[found[1]]):
        frame[found[1]] = np.resize(np.array(["a", "b", "c"]), len(frame))


def _one_of(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    """The levels that a condition asks for."""
    levels = re.findall(r"\"([^\"]*)\"|'([^']*)'|(\d+)", found[2])
    if found[1] in frame and levels:
        values = [int(number) if number else one or other for one, other, number in levels]
        frame[found[1]] = np.resize(np.array(values), len(frame))


def _one_or_another(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    """A text that a condition compares with, and another."""
    if found[1] in frame:
        frame[found[1]] = np.resize(np.array([found[2], "another", "a third"]), len(frame))


def _numbered(frame: pd.DataFrame, found: re.Match[str], rng: np.random.Generator) -> None:
    """MCMCglmm's own column, of the rows' numbers."""
    frame["units"] = range(len(frame))


_RESPONSE = r"[^~]*?\b(y)\b\s*[~|]"
_ROLES: dict[str, Role] = {
    r"\bcbind\(((?:[^()]|\([^()]*(?:\([^()]*\))?[^()]*\))*)\)\s*~": _differences,
    r"\bcens\(\s*(?:1\s*-\s*)?(\w+)": _drawn(lambda rng, n: rng.integers(0, 2, n)),
    rf"\bstan_betareg\({_RESPONSE}": _drawn(lambda rng, n: rng.uniform(0.05, 0.95, n)),
    r"\b(y)\b(?=\s*[~|].*(?:\bBeta\(|beta_family))": _drawn(lambda rng, n: rng.uniform(0.05, 0.95, n)),
    rf"\bstan_polr\({_RESPONSE}": _drawn(
        lambda rng, n: pd.Categorical(np.resize(np.array(["a", "b", "c"]), n), ordered=True)
    ),
    r"\b(y)\b(?=\s*[~|].*truncated_)": _drawn(lambda rng, n: rng.integers(1, 6, n)),
    r"\btrials\((\w+)\)|\bweights\s*=\s*(?:d\$)?(\w+)": _trials,
    r"\bmm\([^()]*weights\s*=\s*cbind\((\w+)": _drawn(lambda rng, n: rng.uniform(0.1, 1, n)),
    r"\bmm\([^()]*weights\s*=\s*cbind\(\w+,\s*(\w+)": _drawn(lambda rng, n: rng.uniform(0.1, 1, n)),
    r"\b(?:het)?ar1\((?:0\s*\+\s*)?(?:as\.numeric\()?(\w+)\b": _drawn(
        lambda rng, n: np.resize(np.array(["t1", "t2", "t3", "t4"]), n)
    ),
    r"\bmat\(0\s*\+\s*(\w+)": _drawn(lambda rng, n: np.resize(np.array(["p1", "p2", "p3", "p4"]), n)),
    r"\bcor(?:AR1|Symm)\(form\s*=\s*~\s*(?:as\.numeric\()?(\w+)\)?\s*\|\s*(\w+)": _by_group,
    r"\bmo\((\w+)": _in_order,
    r"\bcontrasts\s*=\s*(?:list|c)\(\s*(\w+)\s*=": _with_levels,
    r"\bcontrasts\s*=\s*(?:list|c)\([^()]*,\s*(\w+)\s*=": _with_levels,
    r"\bMCMCglmm\(": _numbered,
    r"\bcar\(\w+,\s*(?:gr\s*=\s*)?(\w+)": _drawn(lambda rng, n: np.resize(np.array(["a", "b", "c", "d"]), n)),
    r"\b([xg]\d*)\s*[!=]=\s*[\"']([^\"']*)[\"']": _one_or_another,
    r"\b(\w+)\s*%in%\s*c\(([^()]*)\)": _one_of,
}
"""What of a call says more of a column, and what it makes of it."""
