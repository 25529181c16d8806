"""What R scripts do to rows: the order of lags, and comparisons of what is missing, as dplyr and base R have them."""

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

DATA = pd.DataFrame(
    {
        "id": [1, 1, 1, 1, 2, 2, 2, 2, 1, 2],
        "t": [4, 1, 2, 6, 3, 1, 2, 4, 5, 9],
        "x": [10.0, np.nan, 30, 40, 50, 60, 70, 80, 90, 100],
        "y": [1.0, 2, 4, 3, 5, 7, 6, 8, 3, 2],
    }
)

_LAST = {0: 30.0, 3: 90.0, 4: 70.0, 6: 60.0, 7: 50.0, 8: 10.0, 9: 80.0}

# As dplyr 1.0.10 and R 4.2 have them, by the place of the row in the data.
COLUMNS = {
    "d <- d %>% arrange(id, t) %>% group_by(id) %>% mutate(z = lag(x))": _LAST,
    "d <- d %>% group_by(id) %>% arrange(t) %>% mutate(z = lag(x))": _LAST,
    "d <- arrange(d, id)\nd <- group_by(d, id)\nd <- arrange(d, t)\nd <- mutate(d, z = lag(x))": _LAST,
    "d <- d[order(d$id, d$t), ]\nd$z <- dplyr::lag(d$x)": {**_LAST, 5: 40.0},
}


@pytest.mark.parametrize("text", COLUMNS)
def test_rows_are_in_the_order_that_a_script_brings_them_into(text: str) -> None:
    found = tm.model(f"{text}\nm <- lm(y ~ z, d)", DATA).design_matrix()["z"]
    assert found.to_dict() == COLUMNS[text]


# What becomes of the row without x, in R: a value, or none.
UNKNOWN = {
    'd$z <- case_when(d$x > 60 ~ "c", TRUE ~ "a")': 10,
    "d$z <- case_when(d$x != 60 ~ 3, TRUE ~ 1)": 10,
    'd$z <- case_when(d$x != 60 ~ "c", TRUE ~ "a")': 10,
    'd$z <- ifelse(d$x != 60, "a", "b")': 9,
    "d$z <- ifelse(d$x != 60 | d$t == 1, 1, 2)": 10,
    "d$z <- is.na(d$x)": 10,
    "d$z <- d$x > 60": 9,
    "d$z <- d$x > 60 | d$t == 1": 10,
    "d$z <- (d$x > 60) * 1": 9,
    "d$z <- as.numeric(d$x > 60 & d$t > 1)": 10,
    "d$z <- d$t\nd$z[d$x > 60] <- 0": 10,
    "d$z <- cut(d$x, c(10, 40, 100))": 8,
}


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_comparison_of_what_has_no_value_has_none(text: str) -> None:
    model = tm.model(f"{text}\nm <- lm(y ~ z, d)", DATA)
    assert model.report.used == UNKNOWN[text]
