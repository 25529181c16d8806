"""The server: its routes, each a few lines over the public API, which workers call."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tildemc.engines.settings import METHODS, Settings
from tildemc.errors import TildeError
from tildemc.markup import render
from tildemc.play.asked import Asked, Draw, Job, Look, LookAtFit, settings_of, told_of
from tildemc.play.bench import Answer
from tildemc.play.examples import EXAMPLES
from tildemc.play.fitting import LONGEST, Fitting
from tildemc.play.guard import HOSTS, Guard
from tildemc.play.panels import PANELS
from tildemc.play.shelf import LARGEST, Shelf, megabytes
from tildemc.play.worker import Worker
from tildemc.spec.families import FAMILIES
from tildemc.spec.origin import SUFFIXES

__all__ = ["Playground", "Server", "TooLarge", "app_of"]

LOOKING = 60.0
"""A panel of a model takes no longer, in seconds."""
LONGEST_TEXT = 2_000_000
"""Of what the page says, in bytes."""
STATIC = Path(__file__).parents[1] / "templates" / "play" / "static"


class TooLarge(TildeError):
    """What comes is larger than it may be."""


@dataclass
class Playground:
    """What the server works with: the files, who reads models, who fits them, and what is chosen at first."""

    shelf: Shelf
    reader: Worker[Job, Answer]
    fitting: Fitting
    first: str = EXAMPLES[0].name

    # What the page shows

    async def page(self, request: Request) -> Response:
        """The page itself."""
        text = render(
            "play/index.html", panels=PANELS, examples=EXAMPLES, files=[*self.shelf.places], first=self.first,
            families=sorted(FAMILIES), methods=[*METHODS], defaults=Settings(), suffixes=",".join(SUFFIXES),
            largest=megabytes(LARGEST),
        )  # fmt: skip
        return HTMLResponse(text)

    async def upload(self, request: Request) -> Response:
        """A data file that comes, under `?name=`."""
        place = self.shelf.room(request.query_params.get("name", ""))
        try:
            with place.open("wb") as file:
                async for chunk in _chunks(request, LARGEST):
                    file.write(chunk)
        except (TooLarge, ClientDisconnect):
            place.unlink()
            raise
        return JSONResponse({"file": self.shelf.keep(place)})

    async def look(self, request: Request) -> Response:
        """A panel of data or of a model."""
        said = await _said(request)
        asked, (panel, choice) = Asked.of(said.get("asked")), told_of(said)
        return await self._told(asked, self.reader, Look(asked, self.shelf.at(asked.file), panel, choice), LOOKING)

    # Fits

    async def fit(self, request: Request) -> Response:
        """Begin a fit."""
        said = await _said(request)
        asked = Asked.of(said.get("asked"))
        self.fitting.begin(Draw(asked, self.shelf.at(asked.file), settings_of(said.get("settings", {}))))
        return JSONResponse(asdict(self.fitting.state), 202)

    async def state(self, request: Request) -> Response:
        """How far it is."""
        return JSONResponse(asdict(self.fitting.state))

    async def cancel(self, request: Request) -> Response:
        """Break it off."""
        await run_in_threadpool(self.fitting.cancel)
        return JSONResponse(asdict(self.fitting.state))

    async def look_at_fit(self, request: Request) -> Response:
        """A panel of the fit."""
        panel, choice = told_of(await _said(request))
        return await self._told(None, self.fitting.worker, LookAtFit(panel, choice), LONGEST)

    async def _told(self, asked: Asked | None, worker: Worker[Job, Answer], job: Job, seconds: float) -> Response:
        try:
            return JSONResponse(asdict(await run_in_threadpool(worker.ask, job, seconds)))
        except TildeError as error:
            # That a text is half typed is no failure of the request's.
            return JSONResponse({"error": _mistake(error, "" if asked is None else asked.text)})

    @asynccontextmanager
    async def running(self, app: Starlette) -> AsyncIterator[None]:
        """Have workers while the server runs."""
        self.reader.begin()
        self.fitting.worker.begin()
        try:
            yield
        finally:
            self.close()
            self.shelf.clear()

    def close(self) -> None:
        """End the workers; who waits for them is told so."""
        self.reader.close()
        self.fitting.worker.close()


def app_of(playground: Playground, token: str) -> Starlette:
    """The application, which answers those who know the token."""
    routes = [
        Route("/", _told_mistakes(playground.page)),
        Route("/files", _told_mistakes(playground.upload), methods=["POST"]),
        Route("/look", _told_mistakes(playground.look), methods=["POST"]),
        Route("/fit", _told_mistakes(playground.fit), methods=["POST"]),
        Route("/fit", _told_mistakes(playground.state)),
        Route("/fit", _told_mistakes(playground.cancel), methods=["DELETE"]),
        Route("/fit/look", _told_mistakes(playground.look_at_fit), methods=["POST"]),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    guards = [Middleware(TrustedHostMiddleware, allowed_hosts=[*HOSTS]), Middleware(Guard, token=token)]
    return Starlette(routes=[Mount(f"/{token}", routes=routes)], middleware=guards, lifespan=playground.running)


class Server(uvicorn.Server):
    """Serves a playground; when it is to end, it does not wait for what workers do."""

    def __init__(self, playground: Playground, token: str) -> None:
        # A log of who asks would have the token.
        super().__init__(uvicorn.Config(app_of(playground, token), log_level="warning", access_log=False))
        self.playground = playground

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        await run_in_threadpool(self.playground.close)
        await super().shutdown(sockets)


type _Endpoint = Callable[[Request], Awaitable[Response]]


def _told_mistakes(endpoint: _Endpoint) -> _Endpoint:
    """A route whose errors about what was asked are told."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except TildeError as error:
            return JSONResponse({"error": _mistake(error, "")}, 413 if isinstance(error, TooLarge) else 422)

    return answer


def _mistake(error: TildeError, text: str) -> dict[str, object]:
    """An error as the page tells it; with its place as browsers count, if that is in the text."""
    found: dict[str, object] = {"message": error.message, "caret": "", "place": None}
    span = error.span
    if span is not None:
        found["caret"] = span.caret()
        if span.text == text:
            found["place"] = [len(text[:end].encode("utf-16-le")) // 2 for end in (span.start, span.end)]
    return found


async def _chunks(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body of a request as it comes.

    Raises
    ------
    TooLarge
    """
    told = (
        f"this is larger than {megabytes(most)}, the limit of the playground: in Python and on the shell there is none"
    )
    stated, came = request.headers.get("content-length", "0"), 0
    if not stated.isdigit() or int(stated) > most:
        raise TooLarge(told)
    async for chunk in request.stream():
        came += len(chunk)
        if came > most:
            raise TooLarge(told)
        yield chunk


async def _said(request: Request) -> dict[str, object]:
    """What the page says, by name."""
    body = b"".join([chunk async for chunk in _chunks(request, LONGEST_TEXT)])
    with suppress(ValueError):
        said = json.loads(body)
        if isinstance(said, dict):
            return said
    raise TildeError("the page asks by names and values")
