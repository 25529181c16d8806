"""What is given beside a text stands for names that it does not bind; a mean without terms is zero."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

DATA = pd.DataFrame({"y": [0.5, 1.5, -1.0, 2.0, 0.1, -0.3], "n": [0, 1, 2, 0, 3, 1], "x": [1.0, 2, 3, 4, 5, 7]})


def test_priors_and_a_family_beside_the_text_stand_for_names() -> None:
    model = tm.model("brm(n ~ x, d, family = fam, prior = p)", DATA, "poisson(sqrt)", priors="x ~ normal(0, 9)")
    assert "normal(0, 9)" in str(model)
    assert "poisson with sqrt link" in str(model)
    assert "`family = fam` is taken to be the family given here" in model.report.notes
    assert "`prior = p` is taken to be the priors given here" in model.report.notes


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        (
            "glm(n ~ x, d, family = fam)",
            {},
            "bind it in the text, as in `fam <- binomial..`, or give `family=` beside it",
        ),
        ("glm(n ~ x, d, family = poisson)", {"family": "gaussian"}, "the text says poisson already"),
        ("brm(n ~ x, d, prior = p)", {}, "or give `priors=` beside the text"),
        ("glm(n ~ x, d, family = bell)", {}, "the family `bell` is glmmTMB's Bell distribution"),
    ],
)
def test_what_nothing_stands_for_is_told(text: str, given: dict[str, str], said: str) -> None:
    with pytest.raises(tm.TildeError, match=said):
        tm.model(text, DATA, **given)


def test_a_mean_without_terms_is_zero() -> None:
    fit = tm.model("lm(y ~ 0, d)", DATA).fit(draws=50, tune=50, chains=1, seed=1, progress=False)
    assert not fit.predict().to_numpy().any()
    np.testing.assert_allclose(
        tm.model("y ~ 0", DATA).log_likelihood({"sigma": 2.0}), -(DATA.y**2) / 8 - np.log(2 * np.sqrt(2 * np.pi))
    )
