"""How much of what people write is read: the share of real calls and commands that are models, and what stops others.

`python benchmarks/language.py FOLDER [--rows 40] [--top 25] [--all]` takes calls.jsonl and stata_lines.jsonl from the
folder: shapes of calls out of public scripts, with generic names, and a recipe for each column.
"""

from __future__ import annotations

import argparse
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from roles import bound_elsewhere, longest_row, matrices, with_names, with_roles

import tildemc as tm

Recipe = Sequence[Any]


def column(recipe: Recipe, rows: int, rng: np.random.Generator) -> pd.Series[Any]:
    """A column as its recipe says: its kind, and its levels, its mean and largest value, or its mean and sd."""
    match recipe:
        case ["text", levels]:
            return pd.Series(rng.permutation(np.resize(np.array(levels), rows)))
        case ["binary"]:
            return pd.Series(rng.permutation(np.arange(rows) % 2))
        case ["unit"]:
            return pd.Series(rng.uniform(0.05, 0.95, rows))
        case ["positive"]:
            return pd.Series(rng.gamma(2.0, 1.0, rows))
        case ["count" | "integer" as kind, mean, largest]:
            least = 0 if kind == "count" else 1
            drawn = least + rng.binomial(int(largest) - least, (mean - least) / (largest - least), rows)
            return pd.Series(drawn)
        case ["real", mean, sd]:
            return pd.Series(rng.normal(mean, sd, rows))
        case _:
            raise ValueError(f"no such recipe: {recipe}")


def frame_of(recipes: Mapping[str, Recipe], rows: int, text: str) -> pd.DataFrame:
    """The columns of one call, each as its recipe says and as the call says of it."""
    rng = np.random.default_rng(1)
    rows = longest_row(text, rows)
    columns = {name: column(recipe, rows, rng) for name, recipe in with_names(text, recipes).items()}
    return with_roles(text, pd.DataFrame(columns, index=range(rows)))


_COUNTS = ("poisson", "nbreg", "zip", "zinb", "tpoisson")
_CHOICES = ("logit", "probit", "cloglog", "logistic", "xtlogit", "xtmelogit")


def stata_frame(text: str, rows: int) -> pd.DataFrame:
    """Columns for whatever names a command has: codes for factors, groups and conditions; what commands ask of y."""
    rng = np.random.default_rng(1)
    words = dict.fromkeys(re.findall(r"[^\W\d]\w*", text))
    factors = set(re.findall(r"(?:i\w*|R)\.\(?(\w+)", text)) | set(re.findall(r"\|\|\s*(\w+)", text))
    equal = dict(re.findall(r"(\w+)\s*==\s*(\d+)", text))
    columns: dict[str, Any] = {}
    for word in words:
        columns[word] = rng.integers(1, 5, rows) if word in factors or word[0] == "g" else rng.gamma(2.0, 1.0, rows)
    columns |= {name: np.full(rows, int(code)) for name, code in equal.items() if name in columns}
    if any(re.search(rf"\b(?:me|meqr|xtme)?{name}\b", text) for name in _CHOICES):
        columns["y"] = np.arange(rows) % 2
    elif any(re.search(rf"\w*{name}\b", text) for name in (*_COUNTS, "ologit", "oprobit", "mlogit")):
        columns["y"] = rng.integers(1, 5, rows)
    return pd.DataFrame(columns)


def answer(text: str, data: pd.DataFrame, family: str | None, **options: Any) -> str:
    """Empty if the text is a model of such data; else the first line of what is said instead."""
    try:
        tm.model(text, data, family, **options)
    except tm.TildeError as error:
        return str(error).splitlines()[0]
    except Exception as error:  # a fault of ours, which is counted as such
        return f"CRASH {type(error).__name__}: {error}"
    return ""


def answers(folder: Path, rows: int) -> Iterable[tuple[str, str, str]]:
    """For each text its kind, the text, and what stops it.

    A call whose priors are in the script before it, `prior = pr`, is refused as it stands, and counted once more with
    that name bound.
    """
    for line in (folder / "calls.jsonl").read_text().splitlines():
        call = json.loads(line)
        name, _, link = call["family"].partition(":") if call["kind"] == "pyformula" else ("", "", "")
        family = f"{name}({link})" if link else name or None
        syntax = "auto" if call["kind"] == "pyformula" or call["func"].startswith("bmb") else "r"
        frame = frame_of(call["columns"], rows, call["text"])
        options = {"syntax": syntax, "data2": matrices(call["text"], frame)}
        stop = answer(call["text"], frame, family, **options)
        yield "calls", call["text"], stop
        if call["kind"] == "formula":
            yield "calls of R", call["text"], stop
            text = bound_elsewhere(call["text"])
            yield "calls of R, names bound", text, stop and answer(text, frame, family, **options)
    for line in (folder / "stata_lines.jsonl").read_text().splitlines():
        text = json.loads(line)["text"]
        yield "Stata lines", text, answer(text, stata_frame(text, rows), None, syntax="stata", panel="g1")


def main() -> None:
    """Print the shares, and the most frequent obstacles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--top", type=int, default=25)
    parser.add_argument("--all", action="store_true", help="every text that is no model, with what is said")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found = list(answers(given.folder, given.rows))
    for kind in dict.fromkeys(kind for kind, _, _ in found):
        said = [(text, stop) for of, text, stop in found if of == kind]
        read = sum(not stop for _, stop in said)
        print(f"{kind}: {read} of {len(said)} are models, {read / len(said):.1%}")
        alike = Counter(re.sub(r"\b[xyg]\d*\b", "…", stop) for _, stop in said if stop)
        for stop, count in alike.most_common(given.top):
            print(f"{count:5}  {stop[:160]}")
        for text, stop in said if given.all else ():
            if stop:
                print(f"\t{stop}\t{text}")


if __name__ == "__main__":
    main()
