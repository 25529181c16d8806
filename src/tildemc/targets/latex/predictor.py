"""One linear predictor in equations: its sum, the distributions of its groups' effects, and its priors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched
from typing import assert_never

from tildemc.spec.covariance import Loadings, Matrix, Pattern
from tildemc.spec.expr import Const, without_ones
from tildemc.spec.model import Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.offset import Offset
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import INTERCEPT_LABEL, Column
from tildemc.spec.terms.shared import SharedEffects
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.term import Path
from tildemc.targets.latex.areas import AreaNotation
from tildemc.targets.latex.expression import expression, listed, of_row, symbol, word
from tildemc.targets.latex.measured import coefficient, effect_of_true
from tildemc.targets.latex.monotonic import MonotonicNotation
from tildemc.targets.latex.smooths import ProcessNotation, SmoothNotation
from tildemc.targets.latex.symbols import Equation, Indices, Symbol

__all__ = ["GroupNotation", "PredictorNotation", "in_row"]

_WIDE = 6
"""Of more columns than this only the product with their coefficients is written."""
_PER_LINE = 4


class PredictorNotation:
    """The symbols of a predictor.

    Attributes
    ----------
    predictor : Predictor
    parts : list of str
        What it is the sum of.
    """

    def __init__(
        self, predictor: Predictor, indices: Indices, letters: Iterator[str], known: dict[Path, GroupNotation]
    ) -> None:
        self.predictor, self.indices, self.own, self.known = predictor, indices, predictor.population, known
        self.above = "" if predictor.parameter == "mu" else symbol(predictor.parameter)
        self.alpha, self.beta = Symbol(r"\alpha", self.above), Symbol(r"\beta", self.above)
        self.wide = len(self.own.columns) > _WIDE
        self.coefficients = _numbered(self.beta, [column.label for column in self.own.columns])
        self.symbols = {} if self.wide else dict(self.coefficients)
        if self.own.intercept is not None:
            self.symbols[INTERCEPT_LABEL] = self.alpha
        self.groups = [GroupNotation(self, group, letters) for group in predictor.groups]
        known |= {group.grouping.path: group for group in self.groups}
        self.parts = [*self._parts()] or ["0"]

    def home(self, label: str) -> GroupEffects | None:
        """The one factor that varies a coefficient of the population; None where there is none, or several."""
        having = [group for group in self.predictor.groups if label in group.labels and not group.factor.among]
        return having[0] if len(having) == 1 and label in self.symbols else None

    def _parts(self) -> Iterator[str]:
        groups = iter(self.groups)
        for term in self.predictor.terms:
            match term:
                case Population():
                    yield from self._population()
                case Offset():
                    yield from (expression(column.value) for column in term.columns)
                case GroupEffects():
                    yield from next(groups).deviations()
                case SharedEffects():
                    yield from self.known[term.owner].again(term, self.indices(term.factor))
                case Smooth():
                    yield self._smooth(term).term()
                case GaussianProcess():
                    yield self._process(term).term()
                case Areal():
                    yield AreaNotation(term, self.indices, self.above).term()
                case Monotonic():
                    yield MonotonicNotation(term, self.above).term()
                case MeasuredEffect():
                    yield effect_of_true(term, self.above)
                case never:
                    assert_never(never)

    def _population(self) -> Iterator[str]:
        if self.own.intercept is not None:
            yield str(self._coefficient(INTERCEPT_LABEL, self.alpha))
        if self.wide:
            yield f"{self._design('X')} {self.beta}"
        else:
            for column in self.own.columns:
                yield rf"{self._coefficient(column.label, self.coefficients[column.label])}\,{in_row(column)}"

    def _coefficient(self, label: str, own: Symbol) -> Symbol:
        home = self.home(label)
        return own if home is None else own.at(f"{self.indices(home.factor)}[i]")

    def _design(self, letter: str) -> Symbol:
        return Symbol(letter, self.above, ("i",))

    def sum(self) -> str:
        """The predictor on one line."""
        return " + ".join(self.parts)

    def equations(self, left: str = "") -> Iterator[Equation]:
        """What the link of the parameter, or `left`, is, and the columns of designs that have a letter."""
        first, *others = batched(self.parts, _PER_LINE)
        left = left or self.predictor.link.latex.format(of_row(self.predictor.parameter))
        yield Equation(left, "=", " + ".join(first))
        yield from (Equation("", "", rf"\quad + {' + '.join(parts)}") for parts in others)
        if self.wide:
            yield _columns(self._design("X"), self.own.columns)

    def effects(self) -> Iterator[Equation]:
        """How the effects of all groups are distributed."""
        for smooth in self.predictor.smooths:
            yield from self._smooth(smooth).equations()
        for process in self.predictor.processes:
            yield from self._process(process).equations()
        for areas in self.predictor.areas:
            yield from AreaNotation(areas, self.indices, self.above).equations()
        for group in self.groups:
            yield from group.equations()

    def _process(self, process: GaussianProcess) -> ProcessNotation:
        return ProcessNotation(process, self.above)

    def _smooth(self, smooth: Smooth) -> SmoothNotation:
        return SmoothNotation(smooth, self.above)

    def priors(self) -> Iterator[list[tuple[str, Prior]]]:
        """What each prior is of: the intercept's, those of coefficients, those of groups."""
        if self.own.intercept is not None:
            yield [(self.intercept(), self.own.intercept)]
        means = [self._mean(column.label, self.coefficients[column.label]) for column in self.own.columns]
        yield list(zip(means, self.own.coefficients, strict=True))
        for effect in self.predictor.monotonic:
            yield MonotonicNotation(effect, self.above).priors()
        yield [(str(coefficient(number, self.above)), number.prior) for number in self.predictor.measured]
        yield [(str(self._smooth(smooth).sd), smooth.prior) for smooth in self.predictor.smooths]
        yield [pair for process in self.predictor.processes for pair in self._process(process).priors()]
        for areas in self.predictor.areas:
            yield AreaNotation(areas, self.indices, self.above).priors()
        yield [pair for group in self.groups for pair in group.priors()]

    def intercept(self) -> str:
        """What the prior of the intercept is of: where predictors have their means, if they are measured from these."""
        own = self._mean(INTERCEPT_LABEL, self.alpha)
        return " + ".join((own, *self.at_means())) if self.own.centred else own

    def at_means(self) -> Iterator[str]:
        """What the predictor is, but for its intercept, where the predictors have their means."""
        several = len(self.own.columns) > 1
        if several and not any(self.home(column.label) for column in self.own.columns):
            yield rf"\overline{{X}} {self.beta}"
            return
        for column in self.own.columns:
            yield rf"{self._mean(column.label, self.coefficients[column.label])}\,\overline{{{word(column.label)}}}"

    def _mean(self, label: str, own: Symbol) -> str:
        return str(own if self.home(label) is None else own.of(r"\mu"))


class GroupNotation:
    """The symbols of the effects of one grouping factor."""

    def __init__(self, owner: PredictorNotation, grouping: GroupEffects, letters: Iterator[str]) -> None:
        self.owner, self.grouping = owner, grouping
        self.index = owner.indices(grouping.factor)
        self.own = [column for column in grouping.columns if owner.home(column.label) is not grouping]
        self.letter = Symbol(next(letters), owner.above) if self.own else Symbol("")
        self.symbols = owner.symbols | _numbered(self.letter, [column.label for column in self.own])
        self.wide = len(self.own) > _WIDE

    def deviations(self) -> Iterator[str]:
        """The effects that are deviations from zero, for row i."""
        row = f"{self.index}[i]"
        if self.wide:
            yield f"{self._design()} {self.letter.at(row)}"
            return
        for column in self.own:
            if column.value != Const(0.0):
                yield self._times(self.symbols[column.label].at(row), column)

    def again(self, shared: SharedEffects, index: str) -> Iterator[str]:
        """The same where they come in once more."""
        labels = self.grouping.labels[shared.first :]
        for label, column in zip(labels, shared.columns, strict=False):
            yield self._times(self.symbols[label].at(f"{index}[i]"), column)

    def _times(self, effect: Symbol, column: Column) -> str:
        """An effect times its column; of several groups of a row, with the group's weight."""
        if self.grouping.factor.among:
            return rf"{expression(without_ones(column.value))}\,{effect}"
        return str(effect) if column.label == INTERCEPT_LABEL else rf"{effect}\,{in_row(column)}"

    def _design(self) -> Symbol:
        return Symbol("Z", self.owner.above, (word(self.grouping.factor.label), "i"))

    def equations(self) -> Iterator[Equation]:
        """How the effects are distributed, block by block."""
        if self.wide:
            yield _columns(self._design(), self.own)
        for number, block in enumerate(self.grouping.blocks, start=1):
            yield from self._block(block, number)

    def _block(self, block: Block, number: int) -> Iterator[Equation]:
        effects = [self.symbols[column.label] for column in block.columns]
        means = [self._mean(column) for column in block.columns]
        each = self.owner.indices.range(self.grouping.factor)
        sds = self._sds(block, number)
        if not block.correlated and not block.one_sd and len(effects) <= _WIDE:
            for effect, mean, sd in zip(effects, means, sds, strict=True):
                yield Equation(str(effect.at(self.index)), r"\sim", f"{self._law(mean, f'{sd}^2')}{each}")
            return
        left = rf"({listed([str(effect.at(self.index)) for effect in effects])})^{{\top}}"
        mean = "0" if set(means) == {"0"} else rf"({listed(means)})^{{\top}}"
        covariance = self._of(r"\Sigma", number)
        yield Equation(left, r"\sim", f"{self._law(mean, str(covariance))}{each}")
        correlations = self._of("R", number)
        if isinstance(block.covariance.correlations, Loadings):
            factor = self._of(r"\Lambda", number)
            size = rf"\mathbb{{R}}^{{{block.width} \times {block.standard}}}"
            yield Equation(str(covariance), "=", rf"{factor} {factor}^{{\top}}")
            zero = rf"{factor.at('j', 'k')} = {self._of(r'\lambda', number, 'j,k')},\ 0 \text{{ for }} k > j"
            yield Equation(str(factor), r"\in", rf"{size},\quad {zero}")
            return
        yield Equation(str(covariance), "=", _covariance(sds, correlations, block))
        match block.covariance.correlations:
            case Pattern() as pattern:
                entry = pattern.latex.format(**dict(self._shapes(block, number)))
                yield Equation(f"{correlations}[j,k]", "=", entry + r"\quad \text{for } j \ne k")
            case Matrix() | Loadings() | None:
                pass
            case never:
                assert_never(never)

    def _law(self, mean: str, spread: str) -> str:
        """The distribution of a level's effects."""
        weights = self.grouping.weights
        if weights is not None:
            spread = f"{spread} / {word(weights.column)}_{{{self.index}}}"
        law = r"\mathrm{N}" if self.grouping.tails is None else rf"\mathrm{{t}}_{{{self._degrees}}}"
        return f"{law}({mean}, {spread})"

    @property
    def _degrees(self) -> Symbol:
        return Symbol(r"\nu", self.owner.above, (word(self.grouping.factor.label),))

    def _mean(self, column: Column) -> str:
        folded = self.owner.home(column.label) is self.grouping
        return str(self.symbols[column.label].of(r"\mu")) if folded else "0"

    def _sds(self, block: Block, number: int) -> list[Symbol]:
        """One for each sd of the block."""
        if block.one_sd:
            return [self._of(r"\sigma", number)]
        if not block.sd_priors:
            return []
        return [self.symbols[column.label].of(r"\sigma") for column in block.columns]

    def _of(self, letter: str, number: int, *more: str) -> Symbol:
        """A letter for the whole of a block."""
        block = () if len(self.grouping.blocks) == 1 else (str(number),)
        return Symbol(letter, self.owner.above, (word(self.grouping.factor.label), *block, *more))

    def priors(self) -> Iterator[tuple[str, Prior]]:
        """What each prior is of."""
        for number, block in enumerate(self.grouping.blocks, start=1):
            for sd, prior in zip(self._sds(block, number), block.sd_priors, strict=True):
                yield str(sd), prior
            for (_, shape), prior in zip(self._shapes(block, number), block.shape_priors, strict=True):
                yield str(shape), prior
        if self.grouping.tails is not None:
            yield str(self._degrees), self.grouping.tails.prior

    def _shapes(self, block: Block, number: int) -> Iterator[tuple[str, Symbol]]:
        """What each number that a block's correlations follow from is called, and its letter."""
        for k, shape in enumerate(block.shapes, start=1):
            which = "" if len(block.shapes) == 1 else str(k)
            if shape.entry is not None:
                which = ",".join(str(place + 1) for place in shape.entry)
            yield shape.name, self._of(shape.latex, number, *([which] if which else []))


def _covariance(sds: list[Symbol], correlations: Symbol, block: Block) -> str:
    """A covariance matrix by its sds and correlations."""
    unit = str(correlations) if block.correlated else r"\mathrm{I}"
    if block.one_sd:
        return rf"{sds[0]}^2\,{unit}"
    diagonal = rf"\mathrm{{diag}}({listed([str(sd) for sd in sds])})"
    return rf"{diagonal}\,{unit}\,{diagonal}" if block.correlated else f"{diagonal}^2"


def _numbered(letter: Symbol, labels: list[str]) -> dict[str, Symbol]:
    """The letter for each label, with a number where there are several."""
    if len(labels) == 1:
        return {labels[0]: letter}
    return {label: letter.at(str(number)) for number, label in enumerate(labels, start=1)}


def _columns(design: Symbol, columns: tuple[Column, ...] | list[Column]) -> Equation:
    return Equation(str(design), "=", f"({listed([in_row(column) for column in columns])})")


def in_row(column: Column) -> str:
    """A column's value in row i."""
    return f"{word(column.label)}_{{i}}"
