"""What is measured with error in equations: what is observed, the true values, and what these add to a predictor."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.spec.expr import Apply
from tildemc.spec.priors import Prior
from tildemc.spec.terms.measured import Measured
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.targets.latex.expression import expression, listed, word
from tildemc.targets.latex.symbols import Equation, Indices, Symbol

__all__ = ["MeasuredNotation", "coefficient", "effect_of_true"]


def effect_of_true(effect: MeasuredEffect, above: str) -> str:
    r"""What true values, with a star, add to the predictor of row i."""
    # What may be missing has no star: where it is there it is known.
    known = [isinstance(column.value, Apply) and column.value.function == "where" for column in effect.measured]
    each = zip(effect.measured, known, strict=True)
    true = r"\,".join(f"{word(c.label)}_{{i}}" if there else _starred(expression(c.value)) for c, there in each)
    found = rf"{coefficient(effect, above)}\,{true}"
    return found if effect.times is None else rf"{found}\,{expression(effect.times.value)}"


def coefficient(effect: MeasuredEffect, above: str) -> Symbol:
    """The symbol of what true values are multiplied by."""
    return Symbol(r"\beta", above, (word(effect.label),))


def _starred(value: str) -> str:
    return f"{{{value}}}^{{*}}"


class MeasuredNotation:
    r"""The symbols of true values: their means \mu, their sds \tau, and the correlations R."""

    def __init__(self, measured: Measured, indices: Indices) -> None:
        self.measured, self.indices = measured, indices
        names = [word(variable.label) for variable in measured.variables]
        self.means = [Symbol(r"\mu", "", (name,)) for name in names]
        self.sds = [Symbol(r"\tau", "", (name,)) for name in names]
        self.correlations = Symbol("R", "", (word(measured.label),))

    def equations(self) -> Iterator[Equation]:
        """What is observed, given the true values; and how these are distributed."""
        values = [expression(variable.value.value) for variable in self.measured.variables]
        factor = self.measured.factor
        each = "" if factor is None else rf"\quad\text{{for each {word(factor.label)}}}"
        for value, variable in zip(values, self.measured.variables, strict=True):
            noise = expression(variable.noise.value)
            yield Equation(value, r"\sim", rf"\mathrm{{N}}({_starred(value)}, {{{noise}}}^2){each}")
        if not self.measured.pairs:
            for value, mean, sd in zip(values, self.means, self.sds, strict=True):
                yield Equation(_starred(value), r"\sim", rf"\mathrm{{N}}({mean}, {sd}^2){each}")
            return
        sds = rf"\mathrm{{diag}}({listed([*map(str, self.sds)])})"
        together, means = listed([*map(_starred, values)]), listed([*map(str, self.means)])
        yield Equation(f"({together})", r"\sim", rf"\mathrm{{N}}(({means}), {sds}\,{self.correlations}\,{sds}){each}")

    def priors(self) -> list[tuple[str, Prior]]:
        """Of all."""
        variables = self.measured.variables
        found = [(str(mean), variable.mean) for mean, variable in zip(self.means, variables, strict=True)]
        found += [(str(sd), variable.sd) for sd, variable in zip(self.sds, variables, strict=True)]
        correlations = self.measured.correlations
        return found if correlations is None else [*found, (str(self.correlations), correlations)]
