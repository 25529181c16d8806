"""Fit -> its report, an HTML file that needs nothing but itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tildemc.errors import DataError, FitError, TildeError
from tildemc.markup import render
from tildemc.results.report.pictures import MISSING, Equations, has_library, pictures
from tildemc.results.report.tables import columns, diagnostics, numbers_of, predictive, session, sizes
from tildemc.results.stored import check_path
from tildemc.targets.explain import page as page_of_model
from tildemc.targets.latex.equations import latex

if TYPE_CHECKING:
    from tildemc.results.drawn import Fitted
    from tildemc.results.predicted import Predicted

__all__ = ["write"]


def write(fit: Predicted, path: str | Path) -> Path:
    """Write the report; folders are made.

    Raises
    ------
    DataError
        If the file cannot be written.
    FitError
        If the draws came without their model.
    """
    check_path(path)
    if fit.model is None:
        raise FitError("a report tells of a model, and these draws came without theirs")
    text = _html(fit, fit.model)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}") from None
    return Path(path)


def _html(fit: Predicted, model: Fitted) -> str:
    library = has_library()
    source, unprinted = _source(model)
    return render(
        "report.html",
        page=fit.page(),
        model=page_of_model(model.facts()),
        equations=Equations.of(fit.spec) if library else None,
        latex=latex(fit.spec),
        columns=columns(model.report),
        numbers=numbers_of(fit.spec, fit.design),
        groups=sizes(fit.spec, fit.design),
        predictive=predictive(fit),
        ok=fit.ok,
        diagnostics=diagnostics(fit),
        pictures=pictures(fit) if library else {},
        missing="" if library else MISSING,
        source=source,
        unprinted=unprinted,
        session=session(fit, model),
    )


def _source(model: Fitted) -> tuple[str, str]:
    """The model as a program, or why there is none."""
    try:
        return model.source(), ""
    except TildeError as error:
        return "", error.message
