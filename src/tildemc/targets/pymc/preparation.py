"""What the source does before its model block: read the data, choose rows, and lay out the design."""

from __future__ import annotations

from collections.abc import Sequence

from tildemc.arrays import Floats
from tildemc.errors import UnsupportedError
from tildemc.spec.design import Design
from tildemc.spec.expr import Col
from tildemc.spec.model import ModelSpec
from tildemc.spec.origin import Origin
from tildemc.spec.parameters import Names, local
from tildemc.spec.report import Report
from tildemc.spec.terms.areal import Areal, ArealNames
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.group import GroupDesign, GroupEffects, GroupNames
from tildemc.spec.terms.latent import Latent, LatentNames
from tildemc.spec.terms.levels_apart import LevelWeights
from tildemc.spec.terms.measured import Measured, MeasuredNames
from tildemc.spec.terms.process import GaussianProcess, ProcessNames
from tildemc.spec.terms.product import Column, Product
from tildemc.spec.terms.residual import Residual, ResidualNames
from tildemc.spec.terms.shared import SharedEffects, SharedNames
from tildemc.spec.terms.smooth import Smooth, SmoothNames
from tildemc.spec.terms.thresholds import Thresholds, ThresholdsNames
from tildemc.targets.pymc.bases import BasisCode
from tildemc.targets.pymc.chosen import chosen_rows
from tildemc.targets.pymc.docstring import paragraphs
from tildemc.targets.pymc.layout import Bracket, Code, quoted
from tildemc.targets.pymc.literals import real
from tildemc.targets.pymc.names import Identifiers
from tildemc.targets.pymc.opening import opening
from tildemc.targets.pymc.ordered import ordered_lines
from tildemc.targets.pymc.places import Placed, TurnCode
from tildemc.targets.pymc.program import Line
from tildemc.targets.pymc.reading import Reading
from tildemc.targets.pymc.recipe import LevelLists, column_code, factor_lines, frame_code
from tildemc.targets.pymc.typed import integers, mask_of, number, real_numbers

__all__ = ["Preparation"]

_MOST_RELATED = 40
"""So many levels, rows or areas are written out with what they have to do with one another."""


class Preparation:
    """The lines before the model block; it is told of each part of the design as the model is lowered."""

    def __init__(
        self, spec: ModelSpec, design: Design, report: Report, origin: Origin, named: Names, identify: Identifiers
    ) -> None:
        self.spec, self.design, self.report, self.origin = spec, design, report, origin
        self.named, self.identify = named, identify
        self.lists = LevelLists(identify)
        self.reading = Reading(spec, report, origin)
        self._factors: list[Line] = []
        self._columns: list[Line] = []
        self._level_codes: dict[str, str] = {}
        self._index_codes: dict[str, str] = {}
        self._term_codes: dict[str, Code] = {}

    # What the model block asks for

    def population(self, X: str, term_dim: str, terms: Sequence[Product], X_mean: str | None) -> str:
        """The population design as a frame; returns its identifier."""
        frame = self.identify(local(f"frame {X}"), X)
        self._columns.append(Line(frame, frame_code(terms, self.lists)))
        self._term_codes[term_dim] = f"{frame}.columns"
        if X_mean is not None:
            self._columns.append(Line(self.identify(X_mean), f"{frame}.mean().to_numpy()"))
        return frame

    def index(self, factor: Factor, dim: str, mask: Code | None = None) -> str:
        """A factor's level for each row; returns the code of the index."""
        if dim not in self._index_codes:
            codes = self.identify(local(f"codes {dim}"), f"{dim}_codes" if dim.endswith("s") else dim)
            levels = self.identify(local(f"levels {dim}"), f"{dim}_levels")
            has = ""
            if mask is not None:
                has = self.identify(local(f"has {dim}"), f"has_{dim}")
                note = f"Rows without an effect of {factor.label} have the index -1."
                self._factors.append(Line(has, mask, note))
            self._factors += factor_lines(factor, self.reading, codes, levels, has)
            self._level_codes[dim] = levels
            self._index_codes[dim] = codes
        return self._index_codes[dim]

    def group(self, grouping: GroupEffects, design: GroupDesign, named: GroupNames) -> tuple[Code, str]:
        """The columns of a grouping's effects, as code for `pm.Data`, and the code of its index."""
        columns = grouping.columns
        lacking = bool((design.index < 0).any())
        labels = tuple(("", quoted(column.label)) for column in columns)
        self._term_codes[named.term_dim] = self._term_codes[named.term_dim2] = Bracket("[", labels, "]")
        self.texts(named.shape_dim, [name for name, _ in grouping.shapes])
        if grouping.reduced:
            self.texts(named.z_dim, grouping.standard_labels)
        code: Code = ""
        if len(columns) > 1:
            code = self.identify(local(f"frame {named.Z}"), named.Z)
            terms = tuple(product for block in grouping.blocks for product in block.products)
            self._columns.append(Line(code, frame_code(terms, self.lists)))
            self._term_codes[named.term_dim] = self._term_codes[named.term_dim2] = f"{code}.columns"
        elif not grouping.shift:
            code = self.real(columns[0])
        index = self.index(grouping.factor, named.dim, mask_of(columns) if lacking else None)
        return code, f"np.maximum({index}, 0)" if lacking else index

    def beside(self, residual: Residual, named: ResidualNames) -> None:
        """The matrix beside the data by which rows go together, by its numbers.

        Raises
        ------
        UnsupportedError
            If they are too many for a program that people read.
        """
        assert residual.beside is not None
        if len(residual.beside) > _MOST_RELATED:
            raise UnsupportedError(
                f"a program has no matrix of {len(residual.beside):,} rows, only of {_MOST_RELATED} or fewer: "
                "`pymc()` makes the model with it"
            )
        note = f"How rows go together: {residual.label}."
        self._columns.append(Line(self.identify(named.beside), _matrix(residual.beside), note))

    def placed(self, residual: Residual, named: ResidualNames) -> Placed:
        """What tells the rows apart that go together: their group, their places, their level."""
        block, level = "np.zeros(len(data), dtype=int)", ""
        if residual.group is not None:
            block = self.index(residual.group, residual.group.label)
        if residual.by is not None:
            level = self.index(residual.by, named.dim)
            block = f"{block} * {residual.sets} + {level}"
        if residual.at is not None:
            place = self.index(residual.at, named.time or residual.at.label)
            if residual.free_matrix:
                self._level_codes[named.time2] = self._level_codes[named.time]
            return Placed(block, (place if residual.free_matrix else f"{place}.astype(float)",), level)
        if residual.free_matrix:
            self._term_codes[named.time] = self._term_codes[named.time2] = f"range(1, {len(residual.times) + 1})"
        columns = [self.real(column) for column in residual.points]
        if residual.points and not residual.ranked:
            return Placed(block, columns, level)
        if residual.points:
            return Placed(block, (f'({columns[0]}).groupby({block}).rank(method="first") - 1',), level)
        return Placed(block, (f"data.groupby({block}).cumcount().astype(float)",), level)

    def in_turn(self, residual: Residual, named: ResidualNames) -> TurnCode:
        """The row before each of a series, whether there is none, and how far that is, each under its own name."""
        placed = self.placed(residual, named)
        block, place, order, rank = (
            self.identify(local(f"{name} of rows"), name) for name in (named.block, named.place, "order", "rank")
        )
        before, begins = (
            self.identify(local(f"{name} of rows"), f"{name}_row") for name in (named.before, named.begins)
        )
        self._columns += [
            Line(block, placed.block),
            Line(place, Bracket("np.asarray(", (("", placed.places[0]),), ")")),
            Line(order, f"np.lexsort(({place}, {block}))", "Each row follows the one before it in its group."),
            Line(rank, f"np.argsort({order})"),
            Line(before, f"{order}[{rank} - 1]"),
            Line(begins, f"({rank} == 0) | ({block}[{before}] != {block})"),
        ]
        own = f"np.arange(len({rank}))"
        lag = f"np.where({begins}, 1.0, {place} - {place}[{before}])"
        return TurnCode(f"np.where({begins}, {own}, {before})", f"{begins}.astype(int)", lag, placed.level)

    def between(self, name: str, grouping: GroupEffects, named: GroupNames) -> None:
        """The factor of a covariance between levels, by its numbers.

        Raises
        ------
        UnsupportedError
            If they are too many for a program that people read.
        """
        assert grouping.between is not None
        known, levels = grouping.between, grouping.size
        if levels > _MOST_RELATED:
            raise UnsupportedError(
                f"a program has no covariance between {levels:,} levels, only between {_MOST_RELATED} or fewer: "
                "`pymc()` makes the model with it"
            )
        identifier = self.identify(name, f"{known.name}_chol")
        note = f"The Cholesky factor of {known.name}, between the levels of {grouping.factor.label}."
        self._columns.append(Line(identifier, _matrix(known.factor), note))

    def spread(self, name: str, weights: LevelWeights, named: GroupNames) -> None:
        """What effects of each level are multiplied by where levels have weights: it is in the data."""
        own = column_code(Col(weights.column))
        code = f'({own}).groupby({self._index_codes[named.dim]}).first().drop(-1, errors="ignore").to_numpy() ** -0.5'
        note = f"An effect of weight w has its variance over w: {weights.column}."
        self._columns.append(Line(self.identify(name, f"{named.dim}_spread"), code, note))

    def shared(self, shared: SharedEffects, design: GroupDesign, named: SharedNames) -> tuple[Code, str]:
        """The same of effects that come in once more, always as a frame."""
        code = self.identify(local(f"frame {named.Z}"), named.Z)
        self._columns.append(Line(code, frame_code(shared.products, self.lists)))
        self._term_codes[named.term_dim] = f"{code}.columns"
        lacking = bool((design.index < 0).any())
        index = self.index(shared.factor, named.dim, mask_of(shared.columns) if lacking else None)
        return code, f"np.maximum({index}, 0)" if lacking else index

    def smooth(self, smooth: Smooth, named: SmoothNames) -> str:
        """The penalised functions of a smooth as an array; returns its identifier."""
        code = BasisCode(named.Z.removeprefix("Z_"), self.identify)
        values = code.values(smooth.basis, [number(column) for column in smooth.inputs])
        if smooth.by is not None:
            values = code.times(number(smooth.by), values)
        name = self.identify(local(f"array {named.Z}"), named.Z)
        self._columns += [*code.lines, Line(name, values)]
        return name

    def process(self, process: GaussianProcess, named: ProcessNames) -> str:
        """The functions of a process as an array; returns its identifier. The squares of frequencies come before."""
        inputs = [number(column) for column in process.inputs]
        code = BasisCode(process.called, self.identify)
        values = code.values(process.basis, inputs)
        w = self.identify(named.w)
        if process.by is not None:
            values = code.times(number(process.by), values)
        name = self.identify(local(f"array {named.Z}"), named.Z)
        squares = f"({code.frequencies}**2)" + (".T" if process.several else ".sum(axis=1)")
        self._columns += [*code.lines, Line(w, squares), Line(name, values)]
        if process.several:
            self.texts(named.inputs, [column.label for column in process.inputs])
        return name

    def areas(self, areas: Areal, named: ArealNames) -> None:
        """What the effects of areas are made of, by its numbers.

        Raises
        ------
        UnsupportedError
            If they are too many for a program that people read.
        """
        if len(areas.loadings) > _MOST_RELATED:
            raise UnsupportedError(
                f"a program has no map of {len(areas.loadings):,} areas, only of {_MOST_RELATED} or fewer: "
                "`pymc()` makes the model with it"
            )
        note = f"What the effects of {areas.factor.label} are made of: neighbours by {areas.matrix}, {areas.structure}."
        self._columns.append(Line(self.identify(named.loadings), _matrix(areas.loadings), note))
        if areas.shares:
            numbers = tuple(("", real(float(value))) for value in areas.slopes)
            self._columns.append(Line(self.identify(named.slopes), Bracket("np.array([", numbers, "])")))

    def latent(self, latent: Latent, named: LatentNames) -> str:
        """What rows are called that lack a value; returns the code of each row's place among them."""
        seen = f"np.asarray({self.real(latent.seen)})"
        self._term_codes[named["dim"]] = f"({self.labels(self.named.obs)})[{seen} == 0]"
        return f"np.where({seen} == 0, np.cumsum({seen} == 0) - 1, 0)"

    def of_all_rows(self, named: LatentNames) -> None:
        """True values that every row has are called as the rows."""
        self._term_codes[named["dim"]] = self.labels(self.named.obs)

    def measured(self, measured: Measured, named: MeasuredNames) -> str:
        """What was measured of each level, and the errors' sds; returns the code of the rows' levels."""
        index, first = "", ""
        if measured.factor is None:
            self._term_codes[named["dim"]] = self.labels(self.named.obs)
            index = "np.arange(len(data))"
        else:
            index = self.index(measured.factor, named["dim"])
            first = f"[np.unique({index}, return_index=True)[1]]"
        for k, variable in enumerate(measured.variables):
            for name, column in ((named[f"value {k}"], variable.value), (named[f"noise {k}"], variable.noise)):
                self._columns.append(Line(self.identify(name), f"np.asarray({self.real(column)}){first}"))
        return index

    def counted(self, dim: str, size: int) -> None:
        """A dim whose labels count from 1."""
        self._term_codes[dim] = f"range(1, {size + 1})"

    def texts(self, dim: str, labels: Sequence[str]) -> None:
        """A dim whose labels are these."""
        self._term_codes[dim] = Bracket("[", tuple(("", quoted(label)) for label in labels), "]")

    def thresholds(self, thresholds: Thresholds, named: ThresholdsNames) -> Code:
        """What thresholds are called; returns where those of each level stand."""
        if thresholds.by is None:
            self.counted(named.threshold_dim, thresholds.size)
            return ""
        self.counted(named.place_dim, thresholds.size)
        self.texts(named.threshold_dim, [str(label) for label in thresholds.labels])
        rows = tuple(("", f"[{', '.join(map(str, row))}]") for row in thresholds.places.tolist())
        return Bracket("np.array(", (("", Bracket("[", rows, "]")),), ")")

    def number(self, column: Column) -> str:
        """A column as numbers."""
        return number(column)

    def real(self, column: Column) -> str:
        """A column as floats, which PyMC keeps apart from integers."""
        return real_numbers(column, self.report.columns)

    def count(self, column: Column) -> str:
        """A column as integers."""
        return integers(column, self.report.columns)

    # What it all comes to

    def title(self) -> tuple[str, ...]:
        """The paragraphs of the docstring."""
        return paragraphs(self.spec, self.report)

    def sections(self) -> tuple[tuple[str, tuple[Line, ...]], ...]:
        """Commented groups of lines: the data, the rows, the design."""
        columns = {*self.report.columns, *self.report.missing}
        made = ordered_lines(self.spec.ordered, self.identify)
        read = (*opening(self.origin, columns, self.reading.told()), *self.reading.casts(), *made)
        rows = (*chosen_rows(self.spec, self.report), *self.reading.complete())
        design = (*self.lists.lines(), *self._factors, *self._columns)
        found: list[tuple[str, tuple[Line, ...]]] = [("", read)]
        if rows:
            found.append(("The rows that the model is for, with a value in everything it needs.", rows))
        if design:
            found.append((self._design_comment(), design))
        return tuple(found)

    def _design_comment(self) -> str:
        parts = []
        if any("DataFrame" in _head(line.code) for line in self._columns):
            parts.append("one column per coefficient")
        if self._factors:
            parts.append("one index per grouping factor")
        return f"Design: {', '.join(parts)}." if parts else "Design."

    def labels(self, dim: str) -> Code:
        """The code of the labels along a dim."""
        if dim == self.named.obs:
            return "data.index" if self.design.labels is None else self.design.labels.code
        return self._level_codes.get(dim) or self._term_codes[dim]


def _head(code: Code) -> str:
    return code.opening if isinstance(code, Bracket) else str(code)


def _matrix(values: Floats) -> Code:
    """A matrix by its numbers."""
    rows = tuple(("", Bracket("[", tuple(("", real(float(value))) for value in row), "]")) for row in values)
    return Bracket("np.array([", rows, "])")
