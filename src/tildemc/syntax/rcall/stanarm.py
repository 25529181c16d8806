"""rstanarm's priors in, PriorStatement out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.priors import bound
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.rewrite import moved
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name, Number, PriorStatement

__all__ = ["rstanarm_priors"]


@dataclass(frozen=True, slots=True)
class _Density:
    """A function that makes a prior.

    Attributes
    ----------
    name : str
        What it is called here.
    defaults : mapping of str to number or None
        Its arguments in order, and their values where they are not given.
    ours : mapping of str to str
        The names that arguments have here; without any they go by position, and those that are not there are left out.
    together : bool
        Whether it is of coefficients together.
    """

    name: str
    defaults: Mapping[str, float]
    ours: Mapping[str, str] = field(default_factory=dict)
    together: bool = False


_SLAB = {"global_df": "df_global", "global_scale": "scale_global", "slab_df": "df_slab", "slab_scale": "scale_slab"}
_HORSESHOE = {"global_df": 1.0, "global_scale": 0.01, "slab_df": 4.0, "slab_scale": 2.5}
_DENSITIES = {
    "normal": _Density("normal", {"location": 0.0, "scale": 2.5}),
    "student_t": _Density("student_t", {"df": 1.0, "location": 0.0, "scale": 2.5}),
    "cauchy": _Density("cauchy", {"location": 0.0, "scale": 2.5}),
    "laplace": _Density("double_exponential", {"location": 0.0, "scale": 2.5}),
    "exponential": _Density("exponential", {"rate": 1.0}),
    "hs": _Density("horseshoe", {"df": 1.0, **_HORSESHOE}, {"df": "df", **_SLAB}, together=True),
    "hs_plus": _Density(
        "hs_plus", {"df1": 1.0, "df2": 1.0, **_HORSESHOE}, {"df1": "df1", "df2": "df2", **_SLAB}, together=True
    ),
    "lasso": _Density(
        "lasso",
        {"df": 1.0, "location": 0.0, "scale": 2.5},
        {"df": "df", "location": "location", "scale": "scale"},
        together=True,
    ),
    "product_normal": _Density(
        "product_normal",
        {"df": 2.0, "location": 0.0, "scale": 1.0},
        {"df": "df", "location": "location", "scale": "scale"},
        together=True,
    ),
}
_AUTOSCALED = ("normal", "student_t", "cauchy", "laplace", "exponential", "lasso")
_DEFAULT = ("default_prior_coef", "default_prior_intercept")
"""What leaves a prior as it is by default, here too."""
_TARGETS = {
    "prior": "b",
    "prior_intercept": "Intercept",
    "prior_aux": "sigma",
    "prior_smooth": "sds",
    "prior_phi": "phi",
    "prior_z": "phi.b",
    "prior_intercept_z": "phi.Intercept",
}
_DECOV = {"regularization": 1.0, "concentration": 1.0, "shape": 1.0, "scale": 1.0}
LOG_SIGMA = "log_sigma"
_ON_SHAPE = ("gamma", "inverse.gaussian", "beta")
"""Families whose shape rstanarm multiplies the effects' sds by."""


def rstanarm_priors(given: Mapping[str, Expr], family: FamilyName, auxiliary: str = "sigma") -> list[PriorStatement]:
    """The statements of `prior =`, `prior_intercept =`, `prior_aux =` and the other arguments of that kind.

    Parameters
    ----------
    given : mapping of str to Expr
        The call's arguments.
    family : FamilyName
    auxiliary : str
        The parameter that `prior_aux` is of.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    statements: list[PriorStatement] = []
    for argument, target in _TARGETS.items():
        if argument not in given:
            continue
        value = unparenthesised(given[argument])
        if isinstance(value, Call) and value.function.rpartition("::")[2] in _DEFAULT:
            continue
        shown = auxiliary if argument == "prior_aux" else target
        name, arguments = _density(value, shown)
        spans = value.span, value.span, value.span
        statements.append(PriorStatement(shown, None, name, arguments, *spans, at_means=target.endswith("Intercept")))
    if any(statement.distribution == "R2" for statement in statements):
        statements += _flat_elsewhere(statements, family)
    if "prior_covariance" in given:
        statements.append(_covariance(unparenthesised(given["prior_covariance"]), family))
    return statements


def _flat_elsewhere(stated: Sequence[PriorStatement], family: FamilyName) -> Iterator[PriorStatement]:
    """What `stan_lm` has beside R2: a flat intercept, and a flat log of sigma."""
    if family.name != "gaussian":
        return
    (own,) = (statement for statement in stated if statement.distribution == "R2")
    spans = own.span, own.span, own.span
    if not any(statement.target == "Intercept" for statement in stated):
        yield PriorStatement("Intercept", None, "flat", (), *spans, at_means=True)
    log = Call("exp", (Argument(Name(LOG_SIGMA)),))
    yield PriorStatement("sigma", None, "constant", (Argument(log),), *spans)
    yield PriorStatement(LOG_SIGMA, None, "flat", (), *spans)


def _density(value: Expr, target: str) -> tuple[str, tuple[Argument, ...]]:
    match value:
        case Constant(None):
            return "flat", ()
        case Call(function) as call if (name := function.rpartition("::")[2]) in _DENSITIES:
            record = _DENSITIES[name]
            if record.together and target.rpartition(".")[2] != "b":
                raise UnsupportedError(
                    f"`{name}()` is a prior of all coefficients together, not of one number", call.span
                )
            return record.name, _arguments(record, name, call)
        case Call("R2" | "rstanarm::R2") as call:
            if target != "b":
                raise UnsupportedError("`R2()` is a prior of all coefficients together, not of one number", call.span)
            given = bound(call, ("location", "what"))
            if "location" not in given:
                raise FormulaSyntaxError("`R2()` needs `location`, as in `R2(0.5)`", call.span)
            return "R2", tuple(Argument(value, name, value.span) for name, value in given.items())
        case Call(function, span=span):
            hint = nearest(function, _DENSITIES) or f"; there are {', '.join(_DENSITIES)}"
            raise UnsupportedError(f"the prior `{function}` is not built{hint}", span)
        case other:
            message = "a prior is a density such as `normal(0, 2.5)`, or NULL"
            raise unbound(other, "prior", "normal(0, 2.5)") or FormulaSyntaxError(message, other.span)


def _arguments(record: _Density, name: str, call: Call) -> tuple[Argument, ...]:
    able = ("autoscale",) if name in _AUTOSCALED else ()
    given = {
        argument: value for argument, value in bound(call, (*record.defaults, *able)).items() if value != Constant(None)
    }
    found = tuple(
        Argument(moved(given.get(argument, Number(default)), given[argument].span if argument in given else call.span),
                 record.ours.get(argument))
        for argument, default in record.defaults.items()
    )  # fmt: skip
    scaled = given.get("autoscale", Constant(False))
    return found if scaled == Constant(False) else (*found, Argument(scaled, "autoscale", scaled.span))


def _covariance(value: Expr, family: FamilyName) -> PriorStatement:
    match value:
        case Call("decov" | "rstanarm::decov") as call:
            if family.name in _ON_SHAPE:
                message = f"with a {family.name} response rstanarm multiplies sds by its shape, which is not built"
                raise UnsupportedError(f"{message}: state sds, `sd ~ exponential(1)`", call.span)
            given = bound(call, tuple(_DECOV))
            values = tuple(
                Argument(given.get(name, Number(default)), name, call.span) for name, default in _DECOV.items()
            )
            return PriorStatement("sd", None, "decov", values, call.span, call.span, call.span)
        case other:
            message = "`prior_covariance` is `decov(regularization, concentration, shape, scale)` here"
            raise UnsupportedError(f"{message}, or state sds and correlations: `sd ~ exponential(1)`", other.span)
