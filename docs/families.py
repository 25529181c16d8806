"""Write docs/families.md: every family, from its record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from math import log, pi, sqrt
from pathlib import Path

from tildemc.spec.companions import COMPANIONS
from tildemc.spec.expr import Apply, Const, Expr, Op, Var, substitute, walk
from tildemc.spec.families import FAMILIES, Family, FamilyParameter
from tildemc.spec.priors import INTERCEPT, Prior
from tildemc.spec.vocabulary import ARGUMENTS, VOCABULARY
from tildemc.syntax.family import BAMBI
from tildemc.syntax.rcall.families import NAMES
from tildemc.targets.latex.expression import expression, symbol

PAGE = Path(__file__).parent / "families.md"

TOP = """# Families

`family=` names one, with a link of its mean if that is not the first of its links: `family="poisson"`,
`family="bernoulli(probit)"`. `mu` has the main formula; every other parameter is one number with the prior below, or
has a formula of its own, `sigma ~ x + (1 | g)`, under the first of its links and with the other prior on its
intercept; `family="beta(logit, link_phi = identity)"` names another link, and under `identity` the intercept has the
parameter's own prior. `mean(y)`, `sd(y)` and `min(y)` are the response's, on the scale of the link; ψ is the digamma
function, Φ the standard normal distribution function, ρ the check function of quantile regression.

A zero-inflated family is one with more zeros, of the probability `zi`; a hurdle has zeros of the probability `hu`, and
only its others are the family's, which for counts are then those above zero; a zero-truncated one has these alone.
`zero_one_inflated_beta` is 0 or 1 with the probability `zoi`, and then 1 with the probability `coi`. Each of these
parameters has the prior `beta(1, 1)`, and under the logit link `logistic(0, 1)` on its intercept. `ordbeta`, the
ordered beta, is 0 where a logistic number about the logit of `mu` is below `cutzero`, and 1 where it is more than
exp(`cutone`) above that; both have the prior `student_t(3, 0, 2.5)`.

A response of several columns is `cbind(a, b, c) ~ x`, each column but the first with a predictor of its own, `mub` and
`muc`; `refcat = "b"` of these families, and of `categorical`, names another that the others are compared with.

## Mixtures

`family="mixture(gaussian, student)"` says that each response comes from one of several families, nobody knows which;
`mixture(poisson, nmix = 2)` has two of one kind. Parameters have the number of their component behind them, `mu1`,
`sigma2`, and links in its parentheses. The formula of the response is that of every `mu` that has none of its own:
`bf(y ~ x, mu2 ~ 1)`. The shares `theta` are positive and sum to 1, with the prior `dirichlet(1, 1)`; or have formulas,
all but one with which they are compared on the scale of their logs, `theta2 ~ x`; or are numbers,
`bf(y ~ x, theta1 = 1, theta2 = 3)`, of which each is divided by the sum. Where all families are the same the intercepts
of the `mu`s, at the predictors' means, increase, so that the components can be told apart; `order = "none"` or
`order = "mu"` says otherwise. What stands beside the response, such as `cens()` and `trunc()`, is of each component.
`Fit.mixture_probabilities()` gives each row's probability to be of each, `predict(kind="theta2")` the shares. All of it
is brms's. A response in categories has no mixtures here.

## Families of one's own

`tildemc.Family` makes a family of its log density, in words that are read and never run:

```python
gompertz = tildemc.Family(
    "gompertz",
    parameters={"mu": "positive", "ageing": "positive"},
    log_density="log(mu) + ageing * y - mu / ageing * expm1(ageing * y)",
    type="positive",
    tail="exp(-mu / ageing * expm1(ageing * y))",
    cdf="-expm1(-mu / ageing * expm1(ageing * y))",
    quantile="log1p(-ageing / mu * log1p(-p)) / ageing",
)
tildemc.model("t | cens(1 - died) ~ x + (1 | clinic)", data, family=gompertz)
```

It is a record like those below: on every engine, in `source()`, `loo`, predictions and saved fits, in
`mixture(gompertz, weibull)` with `families=[gompertz]`; a count has its `zero_inflated_`, `hurdle_` and `truncated_`, a
positive number its `hurdle_`. What nobody has said, a mean, a distribution function, a draw, is not guessed: what needs
it says so. Files of models (`tildemc.batch`) and the command line cannot say one.

## Thresholds

Of ordered categories the thresholds stand in the place of the intercept, and are `Intercept[1]`, `Intercept[2]`, … in
priors and summaries. `family="cumulative(probit, threshold = equidistant)"` has all at one distance, `delta`, which has
a flat prior unless one is stated; under `threshold = sum_to_zero` those of the predictors' means sum to zero, and the
priors are of numbers from which their mean is taken. `y | thres(gr = item) ~ x` gives the rows of each item thresholds
of their own, `Intercept(item, 1)`, as many as its categories need; `thres(4, gr = item)` and `thres(n, gr = item)`
state how many. With sratio, cratio and acat `cs(x)` has an effect `bcs[x, 1]`, `bcs[x, 2]`, … on each threshold, with
one prior, `b(x)`. `hurdle_cumulative` counts from 0, and its first category has the probability `hu`.

## About this page

This page is written by `python docs/families.py`, from the records that the models themselves are made of.
"""

SCALES = {"m_y": "mean(y)", "s_y": "sd(y)", "min_y": "min(y)"}
"""What default priors are made of, in words."""


def page() -> str:
    """The page."""
    lines = [TOP]
    kinds = list(dict.fromkeys(f.values.told for f in FAMILIES.values()))
    known = sorted((f for f in FAMILIES.values() if not f.made_of), key=lambda f: kinds.index(f.values.told))
    for told, families in groupby(known, key=lambda f: f.values.told):
        lines.append(f"## A response that is {told}\n")
        for family in families:
            lines += section(family)
    return "\n".join(lines)


def section(family: Family) -> Iterator[str]:
    """One family's."""
    yield f"### `{family.name}`\n\n{family.use}\n"
    elsewhere = {name for name, ours in (NAMES | BAMBI).items() if ours == family.name}
    others = {*family.aliases, *elsewhere} - {family.name}
    if others:
        yield f"Also called {', '.join(f'`{name}`' for name in sorted(others))}.\n"
    if family.links:
        yield f"Its links are {', '.join(f'`{link}`' for link in family.links)}.\n"
    made = [f"`{other.name}`" for other in FAMILIES.values() if other.made_of == family.name]
    if made:
        yield f"Families made of it: {', '.join(made)}.\n"
    yield "| parameter | values | links | default prior | its intercept's |\n|---|---|---|---|---|"
    for parameter in family.parameters:
        yield row(parameter, family)
    records = (record for record in COMPANIONS.values() if record.goes_with(family))
    cut = ["thres"] if any(parameter.size is not None for parameter in family.parameters) else []
    beside = dict.fromkeys([*(record.function for record in records), *cut])
    yield f"\nBeside the response: {', '.join(f'`{name}()`' for name in beside)}.\n"
    yield f"$$\n{family.law or aligned(equations(family))}\n$$\n"


def row(parameter: FamilyParameter, family: Family) -> str:
    """One parameter's row."""
    links = ", ".join(f"`{link}`" for link in parameter.links)
    own = "" if parameter.prior is None else f"`{worded(parameter.prior)}`"
    # Thresholds are, and have, no intercept.
    cut = any(other.size is not None for other in family.parameters)
    modelled = parameter.intercept is not None or not cut
    intercept = "" if not modelled else f"`{worded(INTERCEPT if parameter.intercept is None else parameter.intercept)}`"
    return f"| `{parameter.name}` | {parameter.support} | {links} | {own} | {intercept} |"


def worded(prior: Prior) -> str:
    """A default prior as a person reads it."""
    return re.sub(r"\b(?:m|s|min)_y\b", lambda found: SCALES[found[0]], str(prior))


def aligned(lines: list[str]) -> str:
    """Equations below one another."""
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def equations(family: Family) -> list[str]:
    """The log density, with letters for what stands in it more than once."""
    letters = {"y": "y", "trials": "n", **{str(value): latex for value, latex in CONSTANTS.items()}}
    arguments = ", ".join(symbol(parameter.name) for parameter in family.parameters)
    whole, known = _plain(family.log_density), dict[Expr, Expr]()
    for letter in LETTERS:
        repeated = max(_repeated(whole), key=_size, default=None)
        if repeated is None:
            break
        known[Var(letter)] = repeated
        whole = substitute(whole, {repeated: Var(letter)})
    lines = [rf"\log p(y \mid {arguments}) &= {expression(whole, letters)}"]
    lines += [f"{expression(name)} &= {expression(part, letters)}" for name, part in known.items()]
    return lines


LETTERS = ("zeta", "omega", "eta")
CONSTANTS = {
    0.5 * log(2 * pi): r"\tfrac{1}{2} \log 2 \pi", log(2 * pi): r"\log 2 \pi", log(2): r"\log 2", 2 / pi: r"2 / \pi",
    sqrt(2 / pi): r"\sqrt{2 / \pi}", log(2) - 0.5 * log(2 * pi): r"\tfrac{1}{2} \log \tfrac{2}{\pi}",
    0.5: r"\tfrac{1}{2}",
}  # fmt: skip
"""Numbers as people write them."""


def _plain(expr: Expr) -> Expr:
    """`expr` in functions that readers know, with its constants as names."""
    match expr:
        case Const(value) if value in CONSTANTS:
            return Var(str(value))
        case Op("+", left, Apply("neg", (inner,))):
            return _plain(left - inner)
        case Op(operator, left, right):
            return Op(operator, _plain(left), _plain(right))
        case Apply("exp", (Op("+" | "-" as sign, Apply("log", (one,)), Apply("log", (two,))),)):
            return _plain(one * two if sign == "+" else one / two)
        case Apply("exp", (Apply("log", (inner,)),)):
            return _plain(inner)
        case Apply(function, arguments) if (plain := VOCABULARY[function].plain) is not None:
            given: dict[Expr, Expr] = {Var(n): argument for n, argument in zip(ARGUMENTS, arguments, strict=False)}
            return _plain(substitute(plain, given))
        case Apply(function, arguments):
            return Apply(function, tuple(map(_plain, arguments)))
        case _:
            return expr


def _repeated(expr: Expr) -> list[Expr]:
    """The parts with an operation in them that stand there more than once, and are worth a letter."""
    counts = Counter(part for part in walk(expr) if isinstance(part, Op))
    return [part for part, count in counts.items() if count > 1 and _size(part) >= 5]


def _size(expr: Expr) -> int:
    return sum(1 for _ in walk(expr))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
