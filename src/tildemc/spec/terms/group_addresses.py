"""How a person addresses the priors of group effects: `sd(g, x)`, `cor(g)`, `rho(g)`, `loading2.1(g)`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tildemc.spec.covariance import Shape
from tildemc.spec.priors import Prior
from tildemc.spec.support import POSITIVE
from tildemc.spec.terms.address import Sense, Target, Words, of_parameter
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.product import Column

__all__ = ["GroupAddresses"]


@dataclass(frozen=True, slots=True)
class GroupAddresses:
    """The addresses of one factor's blocks.

    Attributes
    ----------
    parameter : str
        Whose predictor the effects belong to.
    factor : str
    blocks : tuple of Block
    sd, cor, shape : str
        What sds, correlations, and what these follow from, are called.
    """

    parameter: str
    factor: str
    blocks: tuple[Block, ...]
    sd: str
    cor: str
    shape: str

    def targets(self) -> Iterator[Target]:
        """What each prior is of: of a block the sds, then the correlations."""
        for block in self.blocks:
            yield from self._sds(block)
            for shape, prior in zip(block.shapes, block.shape_priors, strict=True):
                yield self._correlation(block, shape, prior)

    def _sds(self, block: Block) -> Iterator[Target]:
        """Each sd of a block: an effect's own goes by the effect's name, one that all have by the names of all, too."""
        sd = of_parameter(self.parameter, "sd")
        for columns, prior in zip(block.sd_columns, block.sd_priors, strict=True):
            labels = tuple(column.label for column in columns)
            whole: Words = (sd, self.factor, *labels)
            called = [word for column in columns for word in self._names_of(column, block)]
            called += _called(whole, self.sd) if len(columns) > 1 else []
            called += [((f"{self.sd}[{label}]",), Sense.ONE) for label in labels]
            shown = whole if len(self.blocks) > 1 or len(columns) == 1 else whole[:2]
            yield Target(self.parameter, "sd", (self.factor, *labels), POSITIVE, prior, shown, tuple(called))

    def _names_of(self, column: Column, block: Block) -> list[tuple[Words, Sense]]:
        """What the sd of an effect is called; that of one on another parameter is `sigma.sd(g, Intercept)`, too."""
        sd, known = of_parameter(self.parameter, "sd"), block.parameters
        parameter = known[block.columns.index(column)] if known else self.parameter
        if parameter == self.parameter:
            return [word for name in column.names for word in _called((sd, self.factor, name), self.sd)]
        other = of_parameter(parameter, "sd"), self.factor, column.label.removeprefix(f"{parameter}_")
        return [((sd, self.factor, column.label), Sense.ONE), *_called(other, self.sd)]

    def _correlation(self, block: Block, shape: Shape, prior: Prior) -> Target:
        labels, factor = block.labels, self.factor
        word = of_parameter(self.parameter, "cor" if shape.correlation else shape.name)
        shown: Words = (word, factor, *labels) if len(self.blocks) > 1 else (word, factor)
        if shape.correlation:
            pair = (((f"{self.cor}[{', '.join(labels)}]",), Sense.ONE),) if len(labels) == 2 else ()
            called = (*_called((word, factor, *labels), self.cor), *pair)
            made = not shape.support.matrix
            return Target(self.parameter, "cor", (factor, *labels), shape.support, prior, shown, called, made=made)
        called = (*_called((word, factor, *labels), f"{self.shape}[{shape.name}]"),)
        if shape.entry is not None:
            every = of_parameter(self.parameter, "loading")
            called = (*called, ((every,), Sense.ALL), ((every, factor), Sense.PART))
        return Target(self.parameter, "shape", (shape.name, factor, *labels), shape.support, prior, shown, called)


def _called(words: Words, variable: str) -> list[tuple[Words, Sense]]:
    """The names of what is called `sd(county, floor)` and stands in the variable `sd_county`."""
    kind, factor, *effects = words
    return [
        ((kind,), Sense.ALL),
        ((kind, factor), Sense.PART),
        ((variable,), Sense.PART),
        ((kind, *effects), Sense.EFFECT),
        (words, Sense.ONE),
    ]
