"""Described: a model and its data, as text, tables, equations and programs; GroupTerm: one group term of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.errors import SemanticError, TildeError, doors
from tildemc.spec.customs import NOBODYS, Customs
from tildemc.spec.origin import UNNAMED, Origin
from tildemc.visible import shown, visible

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm

    from tildemc.arrays import Floats, Integers, Label
    from tildemc.resolve.request import Request
    from tildemc.spec.design import Numbers
    from tildemc.spec.model import ModelSpec
    from tildemc.spec.report import Report
    from tildemc.spec.terms.view import TermView
    from tildemc.spec.unobserved import Unobserved
    from tildemc.targets.explain import Facts
    from tildemc.targets.pymc.program import Program

__all__ = ["Described", "GroupTerm"]


@dataclass(frozen=True, eq=False)
class GroupTerm:
    """One group term.

    Attributes
    ----------
    parameter : str
        Whose predictor it belongs to.
    group : str
    levels : tuple
    columns : tuple of str
    correlated : bool
    index : (n,) of int
        The row's level, -1 for none.
    values : (n, q)
        The effects' columns.
    """

    parameter: str
    group: str
    levels: tuple[Label, ...]
    columns: tuple[str, ...]
    correlated: bool
    index: Integers
    values: Floats

    def __repr__(self) -> str:
        kind = "correlated" if self.correlated else "independent"
        columns = ", ".join(self.columns)
        size = f"{len(self.levels)} levels, {kind}, {len(self.index)} rows"
        return visible(f"<GroupTerm ({columns} | {self.group}): {size}>")


@doors
@dataclass(frozen=True, eq=False)
class Described:
    """A model and its data, and what they are to a reader or to PyMC.

    Attributes
    ----------
    request : Request
        What it was made of: the text, the data and all else that `model` was given.
    spec : ModelSpec
        What the model is.
    design : Numbers
        Its numbers: arrays, or a pass over the rows if these are streamed.
    report : Report
        What was left out on the way.
    origin : Origin or None
        The file the data came from, and how it is read.
    display : tuple of str
        How the text asks for results: "or", "irr", "eform", "level(90)".
    later : Unobserved or None
        What is drawn after a fit.
    customs : Customs
        How the package of the text estimates such models.
    after : tuple of str
        Stata's commands after the model in its text, which `Fit.stata` answers.
    """

    request: Request
    spec: ModelSpec
    design: Numbers
    report: Report
    origin: Origin | None = None
    display: tuple[str, ...] = ()
    later: Unobserved | None = None
    customs: Customs = NOBODYS
    after: tuple[str, ...] = ()

    @property
    def path(self) -> str | None:
        """The file the data came from."""
        return None if self.origin is None else self.origin.path

    def __str__(self) -> str:
        from tildemc.targets.explain import render

        return render(self.facts())

    def __repr__(self) -> str:
        from tildemc.spec.design import Completed, Streamed

        streamed = ", streamed" if isinstance(self.design, Streamed) else ""
        if isinstance(self.design, Completed):
            streamed = f" of {len(self.design.designs)} data sets"
        return f"<Model {shown(self.spec.formula)}: {self.spec.family.called}, {self.design.n} rows{streamed}>"

    def _repr_html_(self) -> str:
        from tildemc.targets.explain import page

        return page(self.facts()).html()

    def facts(self) -> Facts:
        """What `print` shows, as plain JSON values."""
        from tildemc.targets.explain import facts

        return facts(self.spec, self.report)

    def priors(self) -> pd.DataFrame:
        """Every prior of the model.

        Returns
        -------
        DataFrame
            `target` and `prior`, which joined by `~` are a statement that `model` takes; `stated`, whether a person
            made it; and `source`: their statement, or how a default's numbers come from the data.
        """
        from tildemc.targets.explain import prior_frame

        return prior_frame(self.spec)

    def design_matrix(self, parameter: str = "mu") -> pd.DataFrame:
        """The population design of a parameter: R's columns, `Intercept` first, the rows used under their own index.

        Raises
        ------
        SemanticError
            If no formula models that parameter.
        """
        import pandas as pd

        from tildemc.spec.terms.product import INTERCEPT_LABEL

        design = self.design.whole("the design matrix")
        predictor = self.spec.predictor(parameter)
        if predictor is not None:
            population = predictor.population
            frame = pd.DataFrame(design.of(population).X, design.index, [c.label for c in population.columns])
            if population.intercept is not None:
                frame.insert(0, INTERCEPT_LABEL, 1.0)
            return frame
        modelled = ", ".join(p.parameter for p in self.spec.predictors)
        raise SemanticError(f"no formula models `{parameter}`; there are formulas for {modelled}")

    def group_terms(self) -> tuple[GroupTerm, ...]:
        """The group terms of all parameters, in order."""
        found: list[GroupTerm] = []
        design = self.design.whole("a list of the group terms")
        for group in self.spec.groups():
            numbers, start = design.of(group), 0
            for block in group.blocks:
                values = numbers.Z[:, start : start + len(block.columns)]
                start += len(block.columns)
                found.append(
                    GroupTerm(
                        group.parameter, group.factor.label, group.factor.values, block.labels, block.correlated,
                        numbers.index, values,
                    )
                )  # fmt: skip
        return tuple(found)

    def terms(self) -> tuple[TermView, ...]:
        """Every term of every predictor, with its columns and what was learned of the data for it."""
        from tildemc.spec.listing import terms_of

        return terms_of(self.spec, self.design.whole("a list of the terms"))

    def source(self, data: str | Path | None = None) -> str:
        """The model as a PyMC program of its own.

        Parameters
        ----------
        data : str, optional
            The path that the program is to read; by default the one that the model was given, else `data.csv`: the
            frame's columns as `to_csv(path, index=False)` writes them, so that its rows are counted from 0 there.
        """
        from tildemc.targets.pymc.source import source

        return source(self._program(None if data is None else str(data)))

    def latex(self) -> str:
        r"""The model in equations, in Gelman and Hill's notation: an `aligned` environment, for `$$ … $$`."""
        from tildemc.targets.latex.equations import latex

        return latex(self.spec)

    def _repr_markdown_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def write_project(self, folder: str | Path, data: str | Path | None = None) -> tuple[Path, ...]:
        """Write the model as the files of an analysis: `data.py model.py fit.py graphics.py README.md`.

        Parameters
        ----------
        folder : path
            Made if need be. Files there are overwritten only if they are as this method left them.
        data : path, optional
            As for `source`, from where Python runs now; the programs are to run in `folder`. Data that came as a frame
            are read from `data.csv` there by default.

        Returns
        -------
        tuple of Path
            The files.

        Raises
        ------
        TildeError
            If a file is there that is not this method's, or the folder cannot be written to.
        """
        from tildemc.project.write import write_project

        if not isinstance(folder, str | Path) or not str(folder):
            raise TildeError(f"`folder` is a path, not {shown(folder)}")
        program = self._program(None if data is None else str(data), folder=str(folder))
        framed = self.origin is None and data is None
        return write_project(Path(folder), self.spec, program, framed=framed)

    def pymc(self) -> pm.Model:
        """The model as a live PyMC graph, with coords and dims."""
        from tildemc.targets.pymc.build import build
        from tildemc.targets.pymc.lower import graph

        return build(graph(self.spec, self.design.whole("the PyMC graph")))

    def _program(self, path: str | None = None, folder: str = "") -> Program:
        """The program with its text; it reads the data at `path`, by default where the model found them.

        It is to run in `folder`, by default where Python does.
        """
        from tildemc.spec.design import outline
        from tildemc.targets.pymc.lower import lower

        origin = self.origin or UNNAMED
        known = origin.named or path is not None
        origin = origin if path is None else origin.at(path)
        origin = origin.seen_from(folder) if folder and known else origin
        return lower(self.spec, outline(self.spec, self.design), self.report, origin)
