"""Family: a distribution of the response that a person writes down, for models to have beside those that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tildemc.errors import SemanticError, doors
from tildemc.visible import shown

if TYPE_CHECKING:
    from tildemc.resolve.own import OwnFamily

__all__ = ["Family", "own_families"]


@doors
class Family:
    """A distribution of the response that is nobody else's, by its log density.

    All arithmetic is text in names and functions, which is read and never run: `y`, the parameters, `trials` and `pi`;
    `+ - * / ^`, comparisons, `where(y < mu, a, b)`, and the functions of formulas, `log`, `exp`, `log1p`, `sqrt`,
    `lgamma`, `lbeta`, `lchoose`, `plogis`, `pnorm` and so on. It becomes a record like those of the families that are
    there, so that every engine, `loo`, predictions, `cens()`, `source()` and saved files have it. A count has its
    `zero_inflated_NAME`, `hurdle_NAME` and `truncated_NAME`, a positive number its `hurdle_NAME`, too. Files of models
    (`tildemc.batch`) and the command line cannot say it.

    Parameters
    ----------
    name : str
        What formulas, calls and `mixture()` call it.
    parameters : mapping of str to {"real", "positive", "unit"}
        The values of each parameter. The first is `mu`, which has the main formula.
    log_density : str
        All its terms.
    type : {"real", "positive", "unit", "count", "trials"}
        What a response is: any number, one above 0, one between 0 and 1, a whole number from 0 up, or successes of
        `trials`.
    links : mapping of str to str or sequence of str, optional
        The links that a parameter may have, the default first.
    priors : mapping of str to str, optional
        Default priors: `{"phi": "gamma(0.01, 0.01)"}`; `"phi.Intercept"` is that of its intercept where a formula
        models it.
    mean, variance : str
        Of the response, in the parameters. Without them there are no predictions of the mean, no Pearson residuals.
    cdf, tail : str
        The probabilities of a response up to `y`, and above it; for `cens()`, `trunc()` and quantile residuals. A tail
        that is not given is 1 less the other, which has no digits far out.
    quantile : str
        The response that has the probability `p` below it.
    draw : str
        A response as arithmetic of what NumPy's generators draw, `binomial(trials, beta(mu * phi, (1 - mu) * phi))`.
        Without it draws are made of `quantile`, or by looking for what has the probability in `cdf`.
    use : str
        What it is for, in a sentence.

    Raises
    ------
    TildeError
        If a text is no arithmetic, or names what is not there; if a parameter is not used; if the name is taken.

    Examples
    --------
    Survival under a risk that grows with age, of which some were seen to the end (Gompertz 1825):

    >>> import tildemc as tm
    >>> gompertz = tm.Family(
    ...     "gompertz",
    ...     parameters={"mu": "positive", "ageing": "positive"},
    ...     log_density="log(mu) + ageing * y - mu / ageing * expm1(ageing * y)",
    ...     type="positive",
    ...     cdf="-expm1(-mu / ageing * expm1(ageing * y))",
    ...     tail="exp(-mu / ageing * expm1(ageing * y))",
    ...     quantile="log1p(-ageing / mu * log1p(-p)) / ageing",
    ...     priors={"ageing": "exponential(1)"},
    ... )
    >>> rows = {"t": [0.3, 1.2, 2.0, 0.7], "died": [1, 1, 0, 1], "x": [0, 0, 1, 1]}
    >>> tm.model("t | cens(1 - died) ~ x", rows, family=gompertz)
    <Model 't | cens(1 - died) ~ x': gompertz, 4 rows>
    """

    def __init__(
        self,
        name: str,
        parameters: Mapping[str, str],
        log_density: str,
        *,
        type: str = "real",
        links: Mapping[str, str | Sequence[str]] | None = None,
        priors: Mapping[str, str] | None = None,
        mean: str = "",
        variance: str = "",
        cdf: str = "",
        tail: str = "",
        quantile: str = "",
        draw: str = "",
        use: str = "",
    ) -> None:
        from tildemc.resolve.own import OwnFamily

        self.written = OwnFamily(
            name, parameters, log_density, type, {} if links is None else links, {} if priors is None else priors,
            mean, variance, cdf, tail, quantile, draw, use,
        )  # fmt: skip

    @property
    def name(self) -> str:
        """What models call it."""
        return self.written.name

    def __repr__(self) -> str:
        return f"<Family {self.name} of {', '.join(self.written.parameters)}>"


def own_families(family: object, families: object) -> tuple[OwnFamily, ...]:
    """The families of a person's own that a model may name: the one that is chosen, and others.

    Raises
    ------
    SemanticError
        If they are none, or two have one name.
    """
    if isinstance(families, str | Family) or not isinstance(families, Sequence):
        raise SemanticError(f"`families` are `tildemc.Family` records in a list, not {shown(families)}")
    found = (*families, *([family] if isinstance(family, Family) and family not in families else []))
    names: dict[str, None] = {}
    for one in found:
        if not isinstance(one, Family):
            raise SemanticError(f"`families` are `tildemc.Family` records, not {shown(one)}")
        if one.name in names:
            raise SemanticError(f"two families are called `{one.name}`")
        names[one.name] = None
    return tuple(one.written for one in found)
