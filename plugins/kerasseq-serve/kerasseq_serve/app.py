"""The FastAPI application."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.exceptions import HTTPException

from kerasseq_serve import __version__, body, explain, generate, openapi, schemas, sequences
from kerasseq_serve.errors import Refused
from kerasseq_serve.metrics import CONTENT_TYPE
from kerasseq_serve.model import Answer, Model
from kerasseq_serve.page import page, policy
from kerasseq_serve.service import Service
from kerasseq_serve.settings import Settings
from kerasseq_serve.tokens import Guard, read_tokens
from kerasseq_serve.watch import PATHS, Watch

__all__ = ["create_app"]

CLOSE_SECONDS = 1.0
"""Seconds that the run under way has left when the application ends."""

_REFUSED = {
    400: "the body is no JSON in utf-8",
    401: "the request bears no token that the service knows, where it asks for one",
    408: "the body came too slowly",
    413: "the body is too long",
    415: "the body is compressed",
    422: "the body has another shape, or a text is past a bound",
    429: "the queue has no room; Retry-After says when",
    500: "the model failed on a text",
    503: "the service is stopping",
}


def create_app(model: Model, settings: Settings, metrics: str = "") -> FastAPI:
    """The application around one model, for any ASGI server. Its lifespan starts and ends the batching.

    Args:
        model: What `kerasseq_serve.model.load` gives.
        settings: The bounds; `host`, `port`, `workers` and `stop_within` belong to the server.
        metrics: The folder in which several processes count together; empty where one counts alone.
    """
    service = Service(model, settings, metrics)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.batcher.start()
        yield
        service.stop()
        service.batcher.close(CLOSE_SECONDS)
        service.writers.close()

    app = FastAPI(
        title=f"kerasseq-serve: {model.facts.name}",
        summary="Text in, answer out.",
        version=__version__,
        docs_url=None,  # FastAPI's pages load their scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    if settings.tokens:
        app.add_middleware(Guard, tokens=read_tokens(settings.tokens))
    app.add_middleware(Watch, service=service)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _not_found)
    _add_routes(app, Routes(service))
    return app


class Routes:
    """What each path answers.

    Args:
        service: The model and its queue.
    """

    def __init__(self, service: Service) -> None:
        self.service, self.facts, self.settings = service, service.model.facts, service.settings
        self._page = page()
        self._policy = policy(self._page)

    async def predict(self, request: Request) -> JSONResponse:
        """Answer one row, or a list of rows in its order."""
        if self.facts.writes:
            rule = "path: /predict must be asked of a model that answers rows"
            raise Refused(404, f"{rule}, got a language model; ask /generate")
        content = await self.service.read(request)
        asked = sequences.rows(content, self.facts, self.settings)
        answers = [self._content(answer) for answer in await self.service.answers(request, asked.texts)]
        return JSONResponse({"predictions": answers} if asked.many else answers[0])

    async def explain(self, request: Request) -> JSONResponse:
        """Answer one text and leave out each of its words in turn.

        This is occlusion (Zeiler & Fergus 2014; Li et al. 2016): the weight of a word is what the probability of the
        predicted label, or the score, loses without it. Above 0 the word speaks for the prediction, or raises the
        score. A text of n words costs n + 1 answers. A model of another kind of rows or answers is told so with 404.
        """
        if not self.facts.weighs:
            wanted = "a model that reads texts and answers with a label or a number"
            raise Refused(404, f"path: /explain must be asked of {wanted}, got one that reads {self.facts.input.kind}")
        content = await self.service.read(request)
        text = body.one_text(content, self.facts.pair, self.settings)
        words = explain.words(text, self.settings.max_words)
        answers = await self.service.answers(request, explain.variants(text, words))
        whole = self._content(answers[0])
        weights = explain.weights(answers, self.facts.labels)
        if not all(map(math.isfinite, weights)):
            raise Refused(500, "model: must answer with numbers, got one that is none for the text without a word")
        shown = [
            {"field": word.field, "word": word.word, "start": word.start, "weight": round(weight, 7)}
            for word, weight in zip(words, weights, strict=True)
        ]
        return JSONResponse(whole | {"words": shown})

    async def generate(self, request: Request) -> Response:
        """Write on behind a prompt.

        With `"stream": true` the answer is server-sent events: `{"text": ...}` for each piece as it is written, and a
        last event `done` with the whole text; or `error`. A model of another kind is told so with 404.
        """
        if not self.facts.writes:
            got = f"got one of {self.facts.task}"
            raise Refused(404, f"path: /generate must be asked of a language model, {got}; ask /predict")
        content = await self.service.read(request)
        wanted = generate.wanted(content, self.facts.search, self.settings, self.facts.conditions)
        if not wanted.stream:
            drafts = await self.service.drafts(request, wanted)
            return JSONResponse({"texts": [generate.shown(draft) for draft in drafts]})
        job = self.service.begin(request, wanted)

        async def pieces() -> AsyncIterator[str]:
            try:
                async for event in generate.events(job, wanted.stop):
                    yield event
            finally:
                self.service.writers.drop(job)

        return StreamingResponse(pieces(), media_type="text/event-stream")

    async def health(self) -> JSONResponse:
        """Say whether requests are accepted, and which model answers."""
        service, facts = self.service, self.facts
        limits = {name: getattr(self.settings, name) for name in schemas.Limits.model_fields}
        content = {
            "status": service.status,
            "name": facts.name,
            "task": facts.task,
            "takes": facts.input.kind,
            "columns": list(facts.columns),
            "explains": facts.weighs,
            "writes": facts.writes,
            "labels": facts.labels,
            "range": facts.range,
            "pair": facts.pair,
            "precision": facts.precision,
            "version": facts.version,
            "sha256": facts.sha256,
            "service": __version__,
            "workers": self.settings.workers,
            "needs": facts.needs,
            "limits": limits,
        }
        return JSONResponse(content, 200 if service.ready else 503)

    async def livez(self) -> JSONResponse:
        """Say whether the process shall go on: 503 once it cannot answer any more and has to be started anew."""
        status = self.service.status
        return JSONResponse({"status": status}, 503 if status == "failed" else 200)

    async def readyz(self) -> JSONResponse:
        """Say whether requests are accepted: 503 from the moment at which it is told to stop."""
        return JSONResponse({"status": self.service.status}, 200 if self.service.ready else 503)

    async def metrics(self) -> Response:
        """Counters in the text format of Prometheus."""
        service = self.service
        service.count()
        return Response(service.metrics.render(), media_type=CONTENT_TYPE)

    async def page(self) -> HTMLResponse:
        """A page to try a text."""
        return HTMLResponse(self._page, headers={"content-security-policy": self._policy})

    def _content(self, answer: Answer) -> dict[str, Any]:
        if not _finite([answer.prediction, *answer.probabilities, *answer.more.values()]):
            raise Refused(500, "model: must answer with numbers, got one that is none")
        return schemas.answer_content(answer, self.facts)


def _finite(value: Any) -> bool:
    """Whether every number in it, in lists too, is one."""
    if isinstance(value, list):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _add_routes(app: FastAPI, routes: Routes) -> None:
    facts, settings = routes.facts, routes.settings
    refused: dict[int | str, dict[str, Any]] = {
        status: {"model": schemas.Failure, "description": text} for status, text in _REFUSED.items()
    }
    answers, explanation = openapi.response_models(facts)
    for path, endpoint, model, many in (
        ("/predict", routes.predict, answers, True),
        ("/explain", routes.explain, explanation, False),
    ):
        shown = facts.weighs or (many and not facts.writes)
        more = {"requestBody": openapi.request_body(facts, settings, many)} if shown else {}
        app.add_api_route(
            path,
            endpoint,
            methods=["POST"],
            response_model=model,
            responses=refused,
            openapi_extra=more,
            include_in_schema=shown,
        )
    app.add_api_route(
        "/generate",
        routes.generate,
        methods=["POST"],
        response_model=schemas.Written,
        responses=refused,
        openapi_extra={"requestBody": openapi.generate_body(settings, facts.conditions)} if facts.writes else {},
        include_in_schema=facts.writes,
    )
    down: dict[int | str, dict[str, Any]] = {503: {"model": schemas.Health, "description": "no requests are accepted"}}
    app.add_api_route("/health", routes.health, response_model=schemas.Health, responses=down)
    unfit: dict[int | str, dict[str, Any]] = {503: {"model": schemas.State}}
    app.add_api_route("/livez", routes.livez, response_model=schemas.State, responses=unfit)
    app.add_api_route("/readyz", routes.readyz, response_model=schemas.State, responses=unfit)
    app.add_api_route("/metrics", routes.metrics, response_class=PlainTextResponse)
    app.add_api_route("/", routes.page, response_class=HTMLResponse)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refused):
        raise error
    headers = {"retry-after": str(error.retry_after)} if error.retry_after else {}
    if error.status in (408, 503):
        headers["connection"] = "close"
    return JSONResponse({"error": error.message}, error.status, headers)


async def _not_found(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    known = f"path: must be one of {', '.join(PATHS)}, got another"
    message = "method: must be one that the path allows, got another" if error.status_code == 405 else known
    return JSONResponse({"error": message}, error.status_code, error.headers)
