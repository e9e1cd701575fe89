"""Who may ask: requests bear a token (RFC 6750) that stands in a file."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from kerasseq_serve.errors import ServeError

__all__ = ["Guard", "read_tokens"]

OPEN = ("/health", "/livez", "/readyz")
"""Paths that a balancer asks, and that tell no text."""
SHORTEST = 16
"""Characters of a token at least."""


def read_tokens(path: str) -> tuple[str, ...]:
    """The tokens of a file, one a line; empty lines and those that begin with `#` do not count.

    Raises:
        ServeError: The file cannot be read, holds none, or one that is too short or no token.
    """
    try:
        lines = [line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as cause:
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else "no utf-8"
        raise ServeError(f"--tokens: {path}: must be a file of tokens, got {said.lower()}") from cause
    found = tuple(line for line in lines if line and not line.startswith("#"))
    wrong = [number for number, line in enumerate(lines, 1) if line in found and not _is_token(line)]
    if wrong:
        rule = f"must be at least {SHORTEST} printable ASCII characters without a space"
        raise ServeError(f"--tokens: {path}:{wrong[0]}: {rule}; `openssl rand -hex 32` makes one")
    if not found:
        raise ServeError(f"--tokens: {path}: must hold a token, got none; `openssl rand -hex 32` makes one")
    return found


def _is_token(line: str) -> bool:
    return len(line) >= SHORTEST and line.isascii() and line.isprintable() and " " not in line


class Guard:
    """ASGI middleware that answers 401 to a request without a token.

    Args:
        app: What it stands around.
        tokens: Any of them will do.
    """

    def __init__(self, app: ASGIApp, tokens: tuple[str, ...]) -> None:
        self.app = app
        self._digests = [_digest(token.encode()) for token in tokens]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or not."""
        if scope["type"] != "http" or scope["path"] in OPEN or self._bears_one(scope):
            await self.app(scope, receive, send)
            return
        said = {"error": "authorization: must be `Bearer TOKEN` of a token that the service knows"}
        await JSONResponse(said, 401, {"www-authenticate": "Bearer"})(scope, receive, send)

    def _bears_one(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) != 1:
            return False
        scheme, _, token = given[0].partition(b" ")
        digest = _digest(token.strip())
        # every one is compared: the time tells nothing of which
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        return scheme.lower() == b"bearer" and any(matches)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
