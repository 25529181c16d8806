"""Non-linear formulas × Schema -> the family whose parameters are those of the formulas, and the columns they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tildemc.errors import PriorError, SemanticError, UnsupportedError, nearest
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.meaning import arithmetic
from tildemc.resolve.reckoning import COMPOSED, FUNCTIONS, reckon
from tildemc.resolve.rows import names_of
from tildemc.resolve.schema import Schema
from tildemc.resolve.transforms import TRANSFORMS
from tildemc.spec.addresses import targets
from tildemc.spec.companions import companion_of, covariate
from tildemc.spec.expr import Expr, Var, substitute
from tildemc.spec.families import Family
from tildemc.spec.families.curves import Curve, Curved
from tildemc.spec.links import LINKS, Link
from tildemc.spec.model import ModelSpec, Response
from tildemc.spec.terms.product import Column
from tildemc.spec.vocabulary import VOCABULARY
from tildemc.syntax import tree
from tildemc.syntax.expression import walk
from tildemc.syntax.tree import Predictor, deparse

__all__ = ["check_stated", "curved"]


def curved(
    formula: Expanded, response: Response, family: Family, links: Mapping[str, Link], columns: Schema
) -> tuple[Response, Family]:
    """The response and the family as the non-linear formulas make them; as they are where there are none.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    if not formula.curves:
        return response, family
    reading = _Reading(formula, family, links, columns)
    for curve in formula.curves:
        if curve.parameter in reading.definitions:
            continue
        _check(curve, family, response)
    curves = tuple(
        Curve(curve.parameter, reading.link(curve), reading.value(curve), curve.parameter == family.parameters[0].name)
        for curve in formula.curves
        if curve.parameter not in reading.definitions
    )
    for own in reading.own.values():
        if not any(own.parameter in _named(curve) for curve in formula.curves):
            raise SemanticError(f"no non-linear formula has `{own.parameter}` in it", own.span)
    response = replace(response, companions={**response.companions, **reading.covariates})
    return response, Curved(family, curves, tuple(reading.own)).family()


def check_stated(spec: ModelSpec) -> None:
    """Refuse a non-linear formula's parameter whose size nothing tells.

    Raises
    ------
    PriorError
    """
    nonlinear = {parameter.name for parameter in spec.family.parameters if parameter.nonlinear}
    for target in targets(spec):
        if target.parameter in nonlinear and target.kind in ("b", "Intercept") and target.prior.stated is None:
            b = f"{target.parameter}.b"
            raise PriorError(
                f"nothing tells how large `{target.address}` may be, and a non-linear formula has no default for it: "
                f"state the prior of its coefficients, as `{b} ~ normal(0, 1)`"
            )


def _check(curve: Predictor, family: Family, response: Response) -> None:
    parameter = family.parameter(curve.parameter)
    if parameter is None or family.categories is not None or parameter.size is not None:
        what = f"`{curve.parameter}` of {family} response"
        raise UnsupportedError(f"a non-linear formula of {what} is not built", curve.span)
    for name in response.companions:
        exposed = "rate" in name and curve.parameter in family.exposed
        if exposed or Var(curve.parameter) in response.density(name):
            function = companion_of(name).function
            raise UnsupportedError(
                f"`{function}()` stands beside a response whose `{curve.parameter}` no non-linear formula gives; "
                "write it into the formula",
                curve.span,
            )


def _named(curve: Predictor) -> set[str]:
    return {name.text for name in names_of(curve.right)}


def _is_curves_alone(function: str) -> bool:
    """Whether formulas of columns have no such function, and curves have."""
    return function not in TRANSFORMS and (function in FUNCTIONS or function in COMPOSED or function == "ifelse")


@dataclass
class _Reading:
    """What was read so far.

    Attributes
    ----------
    own : mapping
        The parameters that have a sum of terms and that the family does not have.
    definitions : mapping
        What is a name for arithmetic.
    modelled : frozenset
        The family's parameters that have a formula: other parameters may be arithmetic of these, as a variance is of
        the mean.
    covariates : mapping
        The columns by what densities call them.
    """

    formula: Expanded
    family: Family
    links: Mapping[str, Link]
    columns: Schema
    covariates: dict[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {parameter.name for parameter in self.family.parameters}
        self.own = {p.parameter: p for p in self.formula.predictors if p.parameter not in known}
        self.definitions = {c.parameter: c for c in self.formula.curves if c.parameter not in known}
        modelled = {p.parameter for p in self.formula.predictors} | {c.parameter for c in self.formula.curves}
        self.modelled = frozenset(modelled & known)
        self.open: list[str] = []

    def link(self, curve: Predictor) -> Link:
        """The link of the parameter that a formula is of."""
        return self.links.get(curve.parameter, LINKS["identity"])

    def value(self, curve: Predictor) -> Expr:
        """The arithmetic of a formula."""
        if curve.parameter in self.open:
            raise SemanticError(f"`{curve.parameter}` is made of itself", curve.span)
        self.open.append(curve.parameter)
        found = reckon(curve.right, self._leaf)
        self.open.pop()
        return found

    def _leaf(self, expr: tree.Expr) -> Expr | None:
        """A parameter, or all that the data alone say."""
        if isinstance(expr, tree.Name):
            if expr.text in self.own:
                return Var(expr.text)
            if expr.text in self.definitions:
                return self.value(self.definitions[expr.text])
            if expr.text in self.modelled:
                return self._modelled(expr)
            if expr.text not in self.columns.names:
                raise self._unknown(expr)
        if isinstance(expr, tree.Call) and expr.function == "offset":
            raise SemanticError(
                "a non-linear formula is arithmetic: add the column itself, without `offset()`", expr.span
            )
        named = {name.text for name in names_of(expr)}
        known = {*self.own, *self.definitions, *self.modelled}
        if isinstance(expr, tree.Call):
            self._check_smooth(expr, named)
        if any(isinstance(part, tree.Call) and _is_curves_alone(part.function) for part in walk(expr)):
            return None
        if not named or named & known or not named <= {*self.columns.names}:
            return None
        return self._covariate(expr)

    def _modelled(self, name: tree.Name) -> Expr:
        """A parameter of the response that has a formula of its own."""
        if name.text in self.columns.names:
            message = f"`{name.text}` is a column, and what the response has a formula of: give the column another name"
            raise SemanticError(message, name.span)
        curve = next((curve for curve in self.formula.curves if curve.parameter == name.text), None)
        if curve is None:
            return Var(name.text)
        return substitute(self.link(curve).inverse, {Var("eta"): self.value(curve)})

    def _check_smooth(self, call: tree.Call, named: set[str]) -> None:
        """Refuse a function without a slope of what has one."""
        row = VOCABULARY.get(FUNCTIONS.get(call.function, ""))
        if (
            row is not None
            and not row.slopes
            and call.function not in COMPOSED
            and named & {*self.own, *self.definitions, *self.modelled}
        ):
            message = f"`{call.function}()` has no slope by which a parameter could be found: it is for data alone here"
            raise SemanticError(message, call.span)

    def _covariate(self, expr: tree.Expr) -> Expr:
        while isinstance(expr, tree.Parens):
            expr = expr.inner
        label = deparse(expr)
        for name, column in self.covariates.items():
            if column.label == label:
                return Var(name)
        name = covariate(label)
        while name in self.covariates or name in self.own:
            name += "_"
        self.covariates[name] = Column(label, arithmetic(expr, self.columns), expr.span)
        return Var(name)

    def _unknown(self, name: tree.Name) -> SemanticError:
        own = [*self.own, *self.definitions]
        hint = nearest(name.text, [*own, *self.columns.names])
        hint = hint or f"; a parameter has a formula, as in `{name.text} ~ 1`"
        return SemanticError(f"`{name.text}` is neither a column nor a parameter of the formula{hint}", name.span)
