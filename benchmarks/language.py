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
from roles import bound_elsewhere, longest_row, matrices, parameters_named, with_names, with_roles

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


_COUNTS = r"\b(?:me|meqr|xtme|xt|z|t)?(?:poisson|nbreg|ip|inb)\b"
_ORDERED = r"\b(?:me|xt)?o(?:logit|probit)\b|\bmlogit\b|family\(ordinal"
_CHOICES = (
    r"\b(?:me|meqr|xtme|xt)?(?:logit|probit|cloglog|logistic)\b|family\(be|family\(binomial(?:,[^)]*)?\)|\bcloglog\b"
)
_BASE = re.compile(r"\bi?b(\d+)\.\(?(\w+)")
_SYSTEM = ("_n", "_N", "_cons", "_all")


def stata_frame(text: str, rows: int) -> pd.DataFrame:
    """Columns for whatever names a command has, each by the part that it plays there."""
    rng = np.random.default_rng(1)
    words = [word for word in dict.fromkeys(re.findall(r"[^\W\d]\w*", text)) if word not in _SYSTEM]
    words += [] if "g1" in words else ["g1"]
    whole = _factors(text)
    columns: dict[str, Any] = {}
    for word in words:
        columns[word] = rng.integers(1, 5, rows) if word in whole else rng.gamma(2.0, 1.0, rows)
    columns |= {word: rng.permutation(np.resize([int(base), 1, 2, 3], rows)) for base, word in _BASE.findall(text)}
    timed = re.findall(r"\bt\(\s*(\w+)\s*\)", text)
    columns |= {word: np.arange(rows) % 6 + 1 for word in timed}
    columns |= {word: np.arange(rows) // 6 for word in re.findall(r"\|\|\s*(\w+)\s*:", text) if timed and word in words}
    levels = re.findall(r"\|\|\s*(\w+)\s*:", text)
    columns |= {word: columns[levels[-1]] + 1.5 for word in re.findall(r",[^|]*\bpw\w*\((\w+)\)", text) if levels}
    columns |= _response(text, rows, rng)
    columns |= _asked(text, columns, rows)
    return pd.DataFrame(columns)


def _factors(text: str) -> set[str]:
    """Names of groups and of what is under `i.`, `b3.`, `2.`, or joined by `#` without `c.`."""
    factors = {"g1"} | set(re.findall(r"\b[gG]\d*\b", text)) | set(re.findall(r"\|\|\s*(\w+)\s*:", text))
    factors |= set(re.findall(r"\b(?:i?b?\d+|[iI]\w*|bn?|R)\.\s?(?:b\d+\.)?\(?(\w+)", text))
    for operators, inside in re.findall(r"((?:\b\w+\.)+)\(([^()]*)\)", text):
        factors |= set(re.findall(r"\w+", inside)) if operators[0] in "iIb" else set()
    for term in re.findall(r"\S*#\S*", text):
        for part in re.split(r"#+", term):
            inner = part.strip("(),:|")
            factors |= {inner} if re.fullmatch(r"\w+", inner) else set()
    return factors


def _response(text: str, rows: int, rng: np.random.Generator) -> dict[str, Any]:
    """The response, as the command wants it."""
    found = re.search(
        r"\b(?:me\w*|xt\w+|mixed|reg\w*|\w*logit|\w*probit|logistic|\w*poisson|nbreg|tobit)\s+(\w+)", text
    )
    if found is None:
        return {}
    for pattern, values in (
        (_ORDERED, rng.integers(1, 5, rows)),
        (_COUNTS, rng.integers(0, 5, rows)),
        (_CHOICES, np.arange(rows) % 2),
    ):
        if re.search(pattern, text):
            return {found[1]: values}
    return {}


def _asked(text: str, columns: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """What a condition compares, so that half the rows and more fulfil it."""
    asked: dict[str, Any] = {}
    most = np.arange(rows) % 5 != 4
    for name, sign, value in re.findall(r"(\w+)\s*(==|!=|~=|>=|<=|>|<)\s*(\"[^\"]*\"|[\d.]+\d|\d+)", text):
        if name not in columns or name in asked or re.search(rf"[i\d]\.{name}\b", text):
            continue
        if value.startswith('"'):
            other = f"{value.strip(chr(34))}-" if sign == "==" else value.strip('"')
            asked[name] = np.where(most, value.strip('"') if sign == "==" else "q0", other)
        else:
            away = {"==": 0, "!=": 1, "~=": 1, ">=": 1, ">": 1, "<=": -1, "<": -1}[sign]
            own = np.where(most, float(value) + away, float(value) if away else float(value) + 1)
            asked[name] = own.astype(int) if float(value).is_integer() else own
    for name in re.findall(r"\bif\s*[!~](\w+)|&\s*[!~](\w+)", text):
        asked |= {one: np.zeros(rows, int) for one in name if one in columns}
    return asked


def declared_elsewhere(text: str, frame: pd.DataFrame) -> tuple[str, Any]:
    """A command after the lines that declare its survey or panel, and completed data sets where it is of these."""
    rows = len(frame)
    groups = re.findall(r"\bby\(([^()]*)\)|\bbys\w*\s+([^:]*):", text)
    names = {name for pair in groups for name in " ".join(pair).split() if name in frame}
    frame = frame.assign(**{name: np.arange(rows) % 2 for name in names}, panel_=np.arange(rows) // 6)
    frame["time_"], frame["weight_"] = np.arange(rows) % 6, 1 + np.arange(rows) % 3
    before = "svyset panel_ [pw=weight_]\n" if re.search(r"\bsvy\b", text) else ""
    lines = f"{before}xtset panel_ time_\n{text}"
    return lines, [frame, frame] if re.match(r"\s*mi\s+est", text) else frame


def answer(text: str, data: pd.DataFrame, family: str | None, **options: Any) -> str:
    """Empty if the text is a model of such data; else the first line of what is said instead."""
    try:
        if re.match(r"[^|]*\b(?:by|bys\w*)\s[^:]*:|statsby\b", text.splitlines()[-1]):
            tm.models(text, data, family, **options)
        else:
            tm.model(text, data, family, **options)
    except tm.TildeError as error:
        return str(error).splitlines()[0]
    except Exception as error:  # a fault of ours, which is counted as such
        return f"CRASH {type(error).__name__}: {error}"
    return ""


def answers(folder: Path, rows: int) -> Iterable[tuple[str, str, str]]:
    """For each text its kind, the text, and what stops it.

    A call whose priors are in the script before it, `prior = pr`, is refused as it stands, and counted once more with
    that name bound, and once more with the family's own parameters by their names; so is a command that needs `svyset`,
    `xtset` or `mi set`.
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
            stop = stop and answer(text, frame, family, **options)
            yield "calls of R, names bound", text, stop
            text = parameters_named(text)
            yield "calls of R, names bound, parameters named", text, stop and answer(text, frame, family, **options)
    for line in (folder / "stata_lines.jsonl").read_text().splitlines():
        text, several = json.loads(line)["text"], json.loads(line)["multilevel"]
        kind = "Stata lines of several levels" if several else "other Stata lines"
        frame = stata_frame(text, rows)
        stop = answer(text, frame, None, syntax="stata", panel="g1")
        yield kind, text, stop
        declared, data = declared_elsewhere(text, frame)
        yield f"{kind}, with what lines before declare", text, stop and answer(declared, data, None, syntax="stata")


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
