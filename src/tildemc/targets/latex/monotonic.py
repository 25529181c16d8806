"""A monotonic effect in equations: a mean effect of a step times the steps' shares so far."""

from __future__ import annotations

from tildemc.spec.priors import Prior
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.targets.latex.expression import expression, word
from tildemc.targets.latex.symbols import Symbol

__all__ = ["MonotonicNotation"]


class MonotonicNotation:
    r"""The symbols of one effect: b, and the shares \zeta of its steps."""

    def __init__(self, effect: Monotonic, above: str) -> None:
        self.effect = effect
        name = word(effect.label)
        shares = word((effect.owner or effect.path)[-1])
        self.b, self.shares = Symbol("b", above, (name,)), Symbol(r"\zeta", above, (shares,))

    def term(self) -> str:
        """What it adds to the predictor of row i."""
        top = word(self.effect.code.label)
        value = rf"{self.effect.steps}\,{self.b} \sum_{{k=1}}^{{{top}_i}} {self.shares.at('k')}"
        times = self.effect.times
        return value if times is None else rf"{expression(times.value)}\,{value}"

    def priors(self) -> list[tuple[str, Prior]]:
        """Of both, if the shares are its own."""
        shares = [(str(self.shares), self.effect.shares)] if self.effect.owner is None else []
        return [(str(self.b), self.effect.prior), *shares]
