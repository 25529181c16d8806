"""Group effects: what varies by a factor."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import override

import numpy as np

from tildemc.arrays import Floats, Integers, Mask
from tildemc.spec.covariance import Loadings, Matrix, Pattern
from tildemc.spec.expr import Apply, Expr, Index, Var
from tildemc.spec.moments import Moments, added, stacked, triangle
from tildemc.spec.priors import Prior
from tildemc.spec.support import CORRELATIONS, POSITIVE, REAL
from tildemc.spec.terms.address import Sense, Target, of_parameter
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.group_addresses import GroupAddresses
from tildemc.spec.terms.known import Between
from tildemc.spec.terms.levels_apart import DEGREES, LevelWeights, Tails, widened
from tildemc.spec.terms.product import ONE, Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term
from tildemc.spec.terms.view import TermView

__all__ = ["GroupDesign", "GroupEffects", "GroupNames", "GroupSummary"]


@dataclass(frozen=True, slots=True)
class GroupNames:
    """Dims `dim`, `term_dim` (twice for correlations) and `shape_dim`, the rows' `index`, and the quantities.

    `df` and `u` are those of Student-t effects; `z_dim` is where effects are made of fewer standard normal numbers.
    """

    dim: str
    index: str
    term_dim: str
    term_dim2: str
    sd: str
    var: str
    cor: str
    cov: str
    shape_dim: str
    shape: str
    r: str
    z: str
    chol: str
    Z: str
    df: str = ""
    u: str = ""
    z_dim: str = ""


@dataclass(frozen=True, eq=False)
class GroupDesign:
    """`Z` (n, q), the effects' columns, and `index` (n,), the row's level or -1 for none."""

    Z: Floats
    index: Integers

    def summary(self) -> GroupSummary:
        """What they come to."""
        touched = (self.Z != 0).any(axis=1)
        labelled = self.index >= 0
        levels = int(self.index.max(initial=-1)) + 1
        rows = np.bincount(self.index[touched & labelled], minlength=levels)
        unlabelled = bool((touched & ~labelled).any())
        return GroupSummary(Moments.of(self.Z), triangle(self.Z), rows, not labelled.all(), unlabelled)

    def take(self, rows: Rows) -> GroupDesign:
        """Those of some rows."""
        return GroupDesign(self.Z[rows], self.index[rows])

    def followed_by(self, other: GroupDesign) -> GroupDesign:
        """Those of the rows of both."""
        return GroupDesign(np.concatenate([self.Z, other.Z]), np.concatenate([self.index, other.index]))

    def alike(self, rows: Rows) -> Iterator[Floats | Integers]:
        """The levels, and the columns, which are of no account where the row has no level."""
        index = self.index[rows]
        yield index
        yield np.where(index[:, None] < 0, 0.0, self.Z[rows])


@dataclass(frozen=True, eq=False)
class GroupSummary:
    """Of some rows.

    Attributes
    ----------
    Z : Moments
    triangle : (·, q) or None
        R of the QR decomposition of Z; None if there are too many columns.
    rows : (levels,) of int
        For each level up to the last that a row has, how many of its rows have a column that is not zero.
    lacking : bool
        Whether a row has no level.
    unlabelled : bool
        Whether a row has none and a column that is not zero.
    """

    Z: Moments
    triangle: Floats | None
    rows: Integers
    lacking: bool
    unlabelled: bool

    def merge(self, other: GroupSummary) -> GroupSummary:
        """Of all rows."""
        lacking, unlabelled = self.lacking or other.lacking, self.unlabelled or other.unlabelled
        rows = added(self.rows, other.rows)
        return GroupSummary(self.Z.merge(other.Z), stacked(self.triangle, other.triangle), rows, lacking, unlabelled)

    @property
    def informed(self) -> Mask:
        """For each of these levels, whether a row informs it."""
        return np.asarray(self.rows > 0)


@dataclass(frozen=True, slots=True)
class GroupEffects(Term[GroupDesign, GroupSummary, GroupNames]):
    """All effects that vary by one factor in one predictor.

    Attributes
    ----------
    parameter : str
        Whose predictor they belong to.
    factor : Factor
    blocks : tuple of Block
        Independent of each other.
    between : Known, Related or None
        The covariance between levels, if they are not independent: that of all effects is its product with a block's.
    tails : Tails or None
        If effects are Student-t.
    weights : LevelWeights or None
        Of levels that do not count alike.
    """

    parameter: str
    factor: Factor
    blocks: tuple[Block, ...]
    between: Between | None = None
    tails: Tails | None = None
    weights: LevelWeights | None = None

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "group", self.factor.label)

    @property
    @override
    def grouped_by(self) -> Factor | None:
        return self.factor

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        """The columns of all blocks in order."""
        return tuple(column for block in self.blocks for column in block.columns)

    @property
    def labels(self) -> tuple[str, ...]:
        """The effects'."""
        return tuple(column.label for column in self.columns)

    @property
    def size(self) -> int:
        """How many levels there are."""
        return len(self.factor.levels)

    @property
    def width(self) -> int:
        """How many effects a level has."""
        return len(self.columns)

    def reported(
        self, names: GroupNames, sd: Floats, r: Floats, cor: Floats, shape: Floats | None
    ) -> Mapping[str, Floats]:
        """Sds, effects, correlations where they may differ from zero, and what these follow from."""
        found = {names.sd: sd, names.r: self.related(r)} | ({names.cor: cor} if self.correlated else {})
        return found if shape is None else found | {names.shape: shape}

    def related(self, effects: Floats) -> Floats:
        """Effects (…, levels, columns) of levels that are alike and independent as those of these levels."""
        if self.weights is not None:
            effects = effects * self.weights.spread[:, None]
        return effects if self.between is None else self.between.related(effects)

    def with_tails(self, names: GroupNames, reported: Mapping[str, Floats], df: Floats, u: Floats) -> dict[str, Floats]:
        """What is reported of normal effects, (…), of Student-t ones: with df (…) and u (…, levels)."""
        return {**reported, names.r: widened(reported[names.r], u), names.df: df, names.u: u}

    def only(self, levels: Sequence[int]) -> GroupEffects:
        """The same for these levels."""
        between = None if self.between is None else self.between.only(levels)
        weights = None if self.weights is None else self.weights.only(levels)
        return replace(self, factor=self.factor.only(levels), between=between, weights=weights)

    def in_rows(self, numbers: GroupDesign) -> GroupDesign:
        """What each row has of the effects, and of which level."""
        return numbers

    @property
    def shift(self) -> bool:
        """Whether a level's effect is a shift of the intercept and nothing else."""
        return self.columns == ONE.columns

    @property
    def correlated(self) -> bool:
        """Whether there is a correlation to speak of."""
        return any(block.correlated for block in self.blocks)

    @property
    def standard(self) -> int:
        """Of how many standard normal numbers a level's effects are made."""
        return sum(block.standard for block in self.blocks)

    @property
    def reduced(self) -> bool:
        """Whether these are fewer than the effects."""
        return self.standard < self.width

    @property
    def standard_labels(self) -> tuple[str, ...]:
        """What these are of: an effect, or a factor that effects are sums of."""
        return tuple(
            label
            for number, block in enumerate(self.blocks, start=1)
            for label in (
                block.labels
                if block.standard == block.width
                else (
                    f"factor{k + 1}" if len(self.blocks) == 1 else f"factor{number}.{k + 1}"
                    for k in range(block.standard)
                )
            )
        )

    @property
    def sd_priors(self) -> tuple[Prior, ...]:
        """The priors of all blocks' standard deviations in order."""
        return tuple(prior for block in self.blocks for prior in block.sd_priors)

    @override
    def free(self) -> Iterator[Free]:
        levels, terms, again = self._axes()
        yield Free((*self.path, "sd"), (terms,), POSITIVE, "group sd", self.sd_priors, squared="var")
        if self.correlated:
            priors = tuple(prior for block in self.blocks for prior in block.shape_priors)
            yield Free(
                (*self.path, "cor"), (terms, again), CORRELATIONS, "group correlation", priors, "cov", self._pairs
            )
        if self.shapes:
            along = Dim("shape_dim", tuple(label for label, _ in self.shapes))
            yield Free((*self.path, "shape"), (along,), REAL, "group shape")
        if self.tails is not None:
            yield Free((*self.path, "df"), (), DEGREES, "group tails", (self.tails.prior,))
            yield Free((*self.path, "u"), (levels,), POSITIVE, "working")
        yield Free((*self.path, "r"), (levels, terms), REAL, "group effect")

    @property
    def _pairs(self) -> tuple[tuple[int, int], ...] | None:
        """The correlations that tell all: those that are free, and of a pattern that of neighbours, if it is one."""
        if not any(isinstance(block.covariance.correlations, Pattern) for block in self.blocks):
            return None
        found: list[tuple[int, int]] = []
        start = 0
        for block in self.blocks:
            n = len(block.columns)
            if isinstance(block.covariance.correlations, Matrix | Loadings):
                found += [(start + i, start + j) for i in range(n) for j in range(i + 1, n)]
            elif any(shape.correlation for shape in block.shapes):
                found.append((start, start + 1))
            start += n
        return tuple(found)

    @override
    def dims(self) -> Iterator[Dim]:
        levels, terms, again = self._axes()
        yield from (levels, terms, again) if self.correlated else (levels, terms)
        if self.shapes:
            yield Dim("shape_dim", tuple(label for label, _ in self.shapes))
        if self.reduced:
            yield Dim("z_dim", self.standard_labels)

    @property
    def shapes(self) -> tuple[tuple[str, Prior], ...]:
        """What correlations follow from and do not show, with its priors: of several blocks, numbered by these."""
        return tuple(
            (shape.name if len(self.blocks) == 1 else f"{shape.name}.{number}", prior)
            for number, block in enumerate(self.blocks, start=1)
            for shape, prior in zip(block.shapes, block.shape_priors, strict=True)
            if not shape.correlation
        )

    def _axes(self) -> tuple[Dim, Dim, Dim]:
        return Dim("dim", self.factor.values), Dim("term_dim", self.labels), Dim("term_dim2", self.labels)

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def labelled_names(self) -> Mapping[str, str]:
        prefix, label = "" if self.parameter == "mu" else f"{self.parameter}_", self.factor.label
        kinds = ("sd", "var", "cor", "cov", "r", "z", "chol", "Z", "shape")
        return {
            "term_dim": f"{prefix}{label}_term",
            "term_dim2": f"{prefix}{label}_term2",
            "shape_dim": f"{prefix}{label}_shape",
            **{kind: f"{prefix}{kind}_{label}" for kind in kinds},
            **({"z_dim": f"{prefix}{label}_factor"} if self.reduced else {}),
            **({} if self.tails is None else {"df": f"{prefix}df_{label}", "u": f"{prefix}u_{label}"}),
        }

    @override
    def named(self, given: Mapping[str, str]) -> GroupNames:
        return GroupNames(**given)

    @override
    def spoken_for(self, names: GroupNames) -> Collection[str]:
        shapes = {of_parameter(self.parameter, shape.name) for block in self.blocks for shape in block.shapes}
        own = () if self.tails is None else (names.df, of_parameter(self.parameter, "df"))
        return names.sd, names.var, names.cor, *own, *(shapes - {of_parameter(self.parameter, "rho")})

    @override
    def targets(self, names: GroupNames, taken: Collection[str]) -> Iterator[Target]:
        label = self.factor.label
        known = GroupAddresses(self.parameter, label, self.blocks, names.sd, names.cor, names.shape)
        yield from known.targets()
        if self.tails is not None:
            word = of_parameter(self.parameter, "df")
            called = ((word,), Sense.ALL), ((word, label), Sense.ONE), ((names.df,), Sense.ONE)
            yield Target(self.parameter, "df", (label,), DEGREES, self.tails.prior, (word, label), called)

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        own = () if self.tails is None else (self.tails.prior,)
        return (*(prior for block in self.blocks for prior in block.priors), *own)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> GroupEffects:
        blocks: list[Block] = []
        start = 0
        for block in self.blocks:
            n = len(block.priors)
            blocks.append(block.with_priors(priors[start : start + n]))
            start += n
        return replace(self, blocks=tuple(blocks), tails=None if self.tails is None else Tails(priors[-1]))

    @property
    @override
    def owners(self) -> tuple[str, ...]:
        own = () if self.tails is None else (self.parameter,)
        return (*(owner for block in self.blocks for owner in block.owners(self.parameter)), *own)

    @override
    def spreads(self, summary: GroupSummary) -> Sequence[tuple[str, float]]:
        found: list[tuple[str, float]] = []
        spread = summary.Z.spread
        if self.factor.among:
            # Columns are multiplied by weights, which say nothing of an effect's size.
            spread = np.ones_like(spread)
        own = dict(zip(self.labels, spread.tolist(), strict=True))
        for block in self.blocks:
            # One sd of several effects: the column that spreads least asks for the widest prior.
            least = [min((c.label for c in columns), key=lambda label: own[label]) for columns in block.sd_columns]
            found += [(label, own[label]) for label in least]
            for shape in block.shapes:
                column = "" if shape.entry is None else block.labels[shape.entry[0]]
                found.append((column, own.get(column, 1.0)))
        return [*found, *([("", 1.0)] if self.tails is not None else [])]

    @override
    def read(self, rows: Reader) -> GroupDesign:
        return GroupDesign(rows.numbers(self.columns), rows.levels(self.factor))

    @override
    def outline(self, summary: GroupSummary) -> GroupDesign:
        return GroupDesign(np.zeros((1, len(summary.Z.mean))), np.array([-1 if summary.lacking else 0]))

    @override
    def value(self, names: GroupNames) -> Expr:
        r, index = Var(names.r), Var(names.index)
        if self.shift:
            return Index(r, (index, 0))
        if len(self.columns) == 1:
            return Var(names.Z) * Index(r, (index, 0))
        return Apply("row_sum", (Var(names.Z) * Index(r, (index,)),))

    @override
    def views(self, numbers: GroupDesign) -> Iterator[TermView]:
        start = 0
        for block in self.blocks:
            values = numbers.Z[:, start : start + len(block.labels)]
            start += len(block.labels)
            inner = " + ".join(product.label for product in block.products)
            text = f"({inner if block.products[0].constant else f'0 + {inner}'} | {self.factor.text})"
            yield TermView(text, "group", self.parameter, block.labels, values, numbers.index)
