"""Job in, HTML or draws out: what a worker of the playground does, and what it keeps from one job to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import tildemc
from tildemc.errors import FitError, TildeError
from tildemc.play.asked import Asked, Draw, Job, Look, LookAtFit
from tildemc.play.panels import Opened, Panel, panel_of
from tildemc.play.worker import Progress
from tildemc.resolve.conventions import Conventions, conventions
from tildemc.resolve.stream import Data, Stream, open_data

if TYPE_CHECKING:
    from tildemc.compiled import Model
    from tildemc.results.fit import Fit

__all__ = ["Answer", "Bench", "bench"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a panel shows, as HTML, with what there is to choose in it; and the names of the text's models."""

    html: str
    choices: tuple[str, ...] = ()
    choice: int = 0
    models: tuple[str, ...] = ()


class Bench:
    """The data, the models and the fit of the last jobs: the next are mostly of the same."""

    def __init__(self) -> None:
        self._opened: tuple[tuple[Path, Conventions], Opened] | None = None
        self._models: tuple[tuple[Path, Asked], dict[str, Model]] | None = None
        self._fit: tuple[Path, Fit] | None = None

    def __call__(self, job: Job, told: Progress) -> Answer:
        """Do a job.

        Raises
        ------
        TildeError
        """
        match job:
            case Look(asked, place, panel, choice):
                found = panel_of(panel, ("data", "model"))
                with _beside(place):
                    if found.of == "data":
                        return _answer(found, self._data(asked, place), choice)
                    models = self._read(asked, place)
                    answer = _answer(found, _chosen(models, asked.which), choice)
                return replace(answer, models=tuple(models))
            case Draw(asked, place, settings):
                said = {name: value for name, value in settings.said().items() if name != "report"}
                with _beside(place):
                    model = _chosen(self._read(asked, place), asked.which)
                    self._fit = place, model.fit(**said, report=told)  # type: ignore[arg-type]
                return Answer("")
            case LookAtFit(panel, choice):
                found = panel_of(panel, ("fit",))
                if self._fit is None:
                    raise FitError("there are no draws yet: press Fit")
                place, fit = self._fit
                with _beside(place):
                    return _answer(found, fit, choice)
            case never:
                assert_never(never)

    def _data(self, asked: Asked, place: Path) -> Opened:
        """The data as they are read for such a text."""
        key = place, conventions(asked.text, asked.blanks())
        if self._opened is None or self._opened[0] != key:
            self._opened = key, Opened(place.name, open_data(place.name, key[1]))
        return self._opened[1]

    def _read(self, asked: Asked, place: Path) -> dict[str, Model]:
        """All models of a text by name."""
        key = place, replace(asked, which="")
        if self._models is None or self._models[0] != key:
            if not asked.text.strip():
                raise TildeError("there is no formula yet: type one, or choose an example")
            opened = self._data(asked, place).data
            # What streams rows decides for each model whether it can.
            data: Data = place.name if isinstance(opened, Stream) else opened
            found = tildemc.models(
                asked.text, data, asked.family or None, asked.stated_priors(), panel=asked.panel or None,
                na=asked.blanks(),
            )  # fmt: skip
            self._models = key, found
        return self._models[1]


def bench() -> Callable[[Job, Progress], Answer]:
    """A new one, with what it needs loaded: for a process of its own."""
    import tildemc.reading  # noqa: F401

    return Bench()


@contextmanager
def _beside(place: Path) -> Iterator[None]:
    """Be where the data are: programs and messages call them by their name alone."""
    with chdir(place.parent):
        yield


def _answer(panel: Panel, subject: object, choice: int) -> Answer:
    return Answer(str(panel.show(subject, choice)), tuple(panel.choices(subject)), choice)


def _chosen(models: dict[str, Model], which: str) -> Model:
    """The model of that name, else the last."""
    return models[which if which in models else [*models][-1]]
