"""Guard: who may ask the server, and what browsers may do with its answers.

Pages of other sites can have a browser send requests to this machine. They do not know the token, which is the first
part of every path; a name of theirs that is made to lead here is no host of ours; and a browser says of a request that
changes something from which site it is.
"""

from __future__ import annotations

from secrets import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "HOSTS", "Guard"]

HOSTS = ("127.0.0.1", "localhost")
"""What this machine is called by itself."""

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # Drawings say of each line how it is drawn.
    "style-src-attr": "'unsafe-inline'",
    "img-src": "data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {whence}" for what, whence in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Of every answer."""


class Guard:
    """Refuses what does not come from the page, and adds `HEADERS`.

    Parameters
    ----------
    app : ASGI application
    token : str
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self._refused(scope)
        app = self.app if refused is None else PlainTextResponse(refused, 403)
        await app(scope, receive, sent)

    def _refused(self, scope: Scope) -> str | None:
        """Why somebody gets no answer."""
        token = scope["path"].removeprefix("/").partition("/")[0]
        if not compare_digest(token.encode(), self.token.encode()):
            return "The address lacks its token: open the one that `tildemc play` printed."
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD") and headers.get("origin") != f"http://{headers.get('host')}":
            return "This was asked for by another page."
        return None
