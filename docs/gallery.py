"""Draw docs/gallery/*.png and write docs/gallery.md: every kind of picture, of the examples' data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import pyplot

import tildemc as tm
from tildemc.results.plots import PICTURES, figure_of, save

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"

MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "radon": ("log_radon ~ floor + (1 + floor | county)", "radon/data/radon.csv", {}),
    "sleepstudy": ("Reaction ~ Days + (1 + Days | Subject)", "sleepstudy/data/sleepstudy.csv", {}),
    "epilepsy": ("count ~ zAge + zBase * Trt + (1 | patient)", "batch/epilepsy.csv", {"family": "poisson"}),
    "trial": ("y ~ treat + (0 + treat | j); sigma ~ by(treat)", "partially_clustered/trial.csv", {}),
}

SHOWN: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "shrinkage": [("radon", {}), ("trial", {})],
    "groups": [
        ("radon", {"levels": ["CASS", "CROWWING", "FREEBORN"]}),
        ("sleepstudy", {"levels": [308, 309, 310, 330, 335, 337]}),
    ],
    "ranef": [("sleepstudy", {})],
    "conditional": [("epilepsy", {})],
    "effects": [("epilepsy", {})],
    "ppc": [("radon", {}), ("epilepsy", {})],
    "loo_pit": [("radon", {})],
    "residuals": [("epilepsy", {})],
    "forest": [("trial", {"parameters": ["b", "sd_j", "sigma", "r_j"]})],
    "prior_ppc": [("radon", {})],
    "prior": [("sleepstudy", {})],
    "trace": [("trial", {"parameters": ["sd_j", "sigma"]})],
    "rank": [("radon", {})],
    "pairs": [("trial", {"parameters": ["treat", "sd_j", "sigma"]})],
}
"""Of each kind, which models it is shown of and how."""


TOP = """# Pictures

`fit.plot(kind, ax=, levels=, parameters=, group=)` in Python, and from the shell
`tildemc plot FORMULA --data FILE --kind KIND --out FILE`. This page is written, and its pictures are drawn, by
`python docs/gallery.py`, of four models:
"""


def main() -> None:
    """Draw all pictures and write the page."""
    matplotlib.use("Agg")
    fits = {
        name: tm.model(formula, EXAMPLES / data, **named).fit(seed=1, draws=400, progress=False)
        for name, (formula, data, named) in MODELS.items()
    }
    lines = [*TOP.splitlines(), "", *(f"    {name:12}{formula}" for name, (formula, *_) in MODELS.items())]
    for kind, shown in SHOWN.items():
        lines += ["", f"## {kind}", "", f"{PICTURES[kind].told.capitalize()}."]
        for name, asked in shown:
            file = HERE / "gallery" / f"{kind}_{name}.png"
            picture = fits[name].plot(kind, **asked)
            save(picture, file, dpi=65)
            pyplot.close(figure_of(picture))
            arguments = "".join(f", {key}={value!r}" for key, value in asked.items())
            lines += ["", "```python", f'{name}.plot("{kind}"{arguments})', "```"]
            lines += ["", f"![{kind} of {name}](gallery/{file.name})"]
    (HERE / "gallery.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
