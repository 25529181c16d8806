"""Functions that formulas have not: what each kind is, what is nearest to it here, and the column to make instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from tildemc.errors import SemanticError, UnknownFunction, UnsupportedError
from tildemc.syntax import tree
from tildemc.syntax.expression import walk
from tildemc.syntax.residuals import RESIDUALS

__all__ = ["no_function"]

_TERMS = {
    "s": "is a term of its own: `y ~ s(x)`",
    "t2": "is a term of its own: `y ~ t2(x, z)`",
    "te": "is a term of its own: `y ~ te(x, z)`",
    "ti": "(interactions of smooths) is not built; `t2(x, z)` has a penalty for each of its parts",
    "ridge": "is a term of its own: `y ~ x + ridge(z1, z2)`",
    "hsgp": "is a term of its own: `y ~ hsgp(x, m=20, c=1.5)`",
    "gp": "is a term of its own: `y ~ gp(x, k = 20, c = 5/4)`",
    "mo": "(monotonic effects) stands among the population effects, by itself or multiplied by others",
    "me": "(measurement error) stands among the population effects, by itself or multiplied by others",
    "mi": "stands beside a response, `y | mi() ~ x`, or among the population effects of another, `bf(y ~ mi(x))`",
    "cs": "(category-specific effects) is not built yet",
    "offset": "is a term of its own: `y ~ x + offset(z)`",
    "by": "stands alone: `sigma ~ by(arm)`",
    **dict.fromkeys(RESIDUALS, "says how residuals go together, and can only be added: `y ~ x + ar(time, g)`"),
}
"""What is a term, and no function of columns."""

_KINDS = {
    "lag lead shift diff": ("is of rows beside this one", '.groupby("g")["{x}"].shift()'),
    "cumsum cumprod cummax cummin cummean rollmean rollapply na.locf": (
        "adds up in the order of rows",
        '.groupby("g")["{x}"].cumsum()',
    ),
    "rank min_rank dense_rank percent_rank cume_dist ecdf": (
        "is a place among all rows, which new rows have not",
        '["{x}"].rank()',
    ),
    "seq_along seq_len row_number row_id order rev rowid rleid": ("goes by the order of rows", ".reset_index().index"),
    "resid residuals fitted predict coef ranef fixef rstudent rstandard simulate": ("is of a fit", ""),
    "sample rnorm runif rbinom rpois jitter": ("is of chance", ""),
    "as.Date Date as.POSIXct as.POSIXlt ymd mdy dmy ymd_hms year month day mday yday wday week hour minute quarter "
    "difftime strftime strptime julian weekdays months as.yearmon decimal_date interval months.Date floor_date": (
        "is of dates, which are no numbers in a model",
        '["{x}"].dt.dayofyear',
    ),
    "tapply aggregate by table prop.table sapply lapply vapply mapply apply Reduce do.call add_count count n": (
        "goes over groups or lists; of groups of rows there is `ave(x, g)`, and `ave(x, g, FUN = length)` counts them",
        '.groupby("g")["{x}"].transform("mean")',
    ),
    "strsplit str_split str_extract regmatches sprintf format formatC str_replace str_replace_all str_c separate "
    "word str_pad chartr rev_string": (
        "is of text, for which there are `substr()`, `sub()`, `paste()` and `grepl()`",
        '["{x}"].str.extract(…)',
    ),
    "cbind rbind model.matrix outer crossprod matrix array": ("is a matrix: add its columns as terms, `x + z`", ""),
    "fct_lump fct_lump_n fct_lump_min fct_lump_prop fct_other fct_reorder reorder fct_shift fct_shuffle addNA fct_na": (
        "orders or merges levels by other things; by name there are `fct_collapse()`, `fct_relevel()` and `ifelse()`",
        '["{x}"].astype("category")',
    ),
    "rcs lspline elspline qspline spl lo pspline ps fp pb cs.spline iSpline mSpline naturalSpline": (
        "is a spline; there are `s(x)`, `ns(x, df = 3)` and `bs(x, df = 5)`, and `pmax(x - 10, 0)` for a bend at 10",
        "",
    ),
    "cut2 quantcut cut_number cut_interval cut_width discretize xtile": (
        "makes groups of a number; there are `cut(x, 3)`, `cut(x, quantile(x), include.lowest = TRUE)`, `ntile(x, 4)`",
        '["{x}"].pipe(pandas.qcut, 4)',
    ),
    "rescale standardize standardise stdize std zscore z.score z scale2 arm::rescale winsorize normalize": (
        "scales a number; there are `scale(x)`, `center(x)` and `I((x - mean(x)) / (2 * sd(x)))`",
        "",
    ),
    "which duplicated match.arg setdiff union": ("picks rows by number", ""),
}
"""Functions of other packages by kind, what is said of them, and what of pandas makes such a column."""

_BY_NAME: Mapping[str, tuple[str, str]] = {name: said for names, said in _KINDS.items() for name in names.split()}


def no_function(call: tree.Call, known: Collection[str]) -> SemanticError:
    """What to say of a function that is not among those that formulas have."""
    name = call.function.rpartition("::")[2]
    if name in _TERMS:
        return UnsupportedError(f"`{call.function}()` {_TERMS[name]}", call.span)
    column = next((part.text for part in walk(call) if isinstance(part, tree.Name)), "x")
    made = f'd["{re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")}_{column}"]'
    if name in _BY_NAME:
        said, pandas = _BY_NAME[name]
        example = f"{made} = d{pandas.format(x=column)}" if pandas else f"{made} = …"
        return UnsupportedError(f"`{call.function}()` {said}: make the column in the data, `{example}`", call.span)
    return UnknownFunction(
        f"formulas have no function `{call.function}`{_meant(name, known)} make the column in the data, `{made} = …`",
        call.span,
    )


def _meant(name: str, known: Collection[str]) -> str:
    """The two or three that are most like it."""
    by_lower = {other.lower(): other for other in known}
    found = [f"`{by_lower[like]}`" for like in get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]
    if not found:
        return ":"
    *others, last = found
    return f"; did you mean {', '.join(others)} or {last}? Else" if others else f"; did you mean {last}? Else"
