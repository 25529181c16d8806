"""Every parameter of every row under every draw, against the formula written by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

import tildemc as tm
from tildemc.results.evaluate import in_chunks, parameters_of


def test_parameters_are_the_links_inverses_of_the_formulas() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"k": rng.poisson(3, 12), "x": rng.normal(size=12), "g": list("abc") * 4})
    model = tm.model("k ~ x + (1 | g); shape ~ x", frame, "negbinomial")
    names = {"Intercept": (), "b": (1,), "r_g": (3, 1), "shape_Intercept": (), "shape_b": (1,)}
    drawn = {name: rng.normal(size=(2, 5, *shape)) for name, shape in names.items()}
    flat = {name: values.reshape(10, *values.shape[2:]) for name, values in drawn.items()}
    x, g = frame["x"].to_numpy(), np.arange(12) % 3
    mu = np.exp(flat["Intercept"][:, None] + flat["b"] * x + flat["r_g"][:, g, 0])
    shape = np.exp(flat["shape_Intercept"][:, None] + flat["shape_b"] * x)
    for chunk, draws in in_chunks(drawn, 2**17):
        found = parameters_of(model.spec, model.design, draws)
        np.testing.assert_allclose(found["mu"], mu[chunk], rtol=1e-12)
        np.testing.assert_allclose(found["shape"], shape[chunk], rtol=1e-12)
