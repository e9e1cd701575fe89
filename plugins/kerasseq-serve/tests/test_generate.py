"""`POST /generate` on loopback: whole texts, server-sent events, bounds."""

import concurrent.futures
import http.client
import json

import kerasseq_runtime
import pytest
from kerasseq_serve.generate import wanted
from kerasseq_serve.settings import Settings


def streamed(service, content):
    """The events of a stream: name and content."""
    status, headers, body = service.ask("POST", "/generate", {**content, "stream": True})
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    events = []
    for block in body.rstrip("\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((lines.get("event", ""), json.loads(lines["data"])))
    return events


def test_a_prompt_is_written_on_as_the_runtime_writes_it(serve, models):
    service = serve("writes")
    status, found = service.post("/generate", {"prompt": "a", "greedy": True})
    assert status == 200
    [text] = found["texts"]
    assert (text["text"], text["tokens"], text["ended"]) == ("b c a b", 4, True)
    asked = {"temperature": 2.0, "top_k": 0, "repetition_penalty": 1.0, "samples": 5, "seed": 7, "max_length": 9}
    status, found = service.post("/generate", {"prompt": "b", **asked})
    [drafts] = kerasseq_runtime.load(models["writes"]).generate(["b"], **asked)
    assert [text["text"] for text in found["texts"]] == [draft.text for draft in drafts]
    assert service.post("/generate", {})[0] == 200  # a text from its beginning
    assert service.post("/generate", {"prompt": "a", "beam": 3, "samples": 2, "max_length": 4})[1]["texts"][1]
    assert service.metrics()['kerasseq_serve_requests_total{path="/generate",status="200"}'] == 4


@pytest.mark.parametrize("stop", [[], ["c a"], ["c"], ["nothing like it"]])
def test_a_stream_is_the_text_piece_by_piece_and_at_last_the_whole(serve, stop):
    service = serve("writes")
    content = {"prompt": "a", "greedy": True, "stop": stop}
    whole = service.post("/generate", content)[1]["texts"][0]
    *pieces, (name, last) = streamed(service, content)
    assert (name, last) == ("done", whole)
    assert "".join(piece["text"] for _, piece in pieces) == whole["text"]
    assert {kind for kind, _ in pieces} == {""}
    if not stop:
        assert [piece["text"] for _, piece in pieces] == ["b", " c", " a", " b"]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"{", 400, "body: must be JSON"),
        (b"[]", 422, "body: must be a JSON object, got a list"),
        ({"prompt": 3}, 422, "prompt: must be a string, got a number"),
        ({"prompt": "a" * 21}, 422, "prompt: must have at most 20 characters, got 21"),
        ({"text": "a"}, 422, "body: must have keys of prompt, stop, temperature"),
        (
            {"max_length": 51},
            422,
            "max_length: must be in [1, 50], got 51; start the service with a larger --max-tokens",
        ),
        ({"max_length": 0}, 422, "max_length: must be in [1, 50], got 0"),
        ({"max_length": True}, 422, "max_length: must be a whole number, got a truth value"),
        ({"samples": 4}, 422, "samples: must be in [1, 3], got 4"),
        ({"seed": -1}, 422, "seed: must be in [0, "),
        ({"temperature": "hot"}, 422, "temperature: must be a number, got a string"),
        ({"temperature": 0}, 422, "temperature: must be in (0, 100], got 0"),
        ({"top_p": 2}, 422, "top_p: must be in (0, 1], got 2"),
        ({"greedy": True, "top_k": 3}, 422, "greedy: draws nothing, got top_k too"),
        ({"greedy": "yes"}, 422, "greedy: must be a truth value, got a string"),
        ({"stop": "a"}, 422, "stop: must be a list of strings, got a string"),
        ({"stop": ["a", ""]}, 422, "stop[1]: must be a string with a character in it"),
        ({"stop": ["a"] * 17}, 422, "stop: must have at most 16 texts, got 17"),
        ({"stream": True, "samples": 2}, 422, "stream: must be of one text, got 2 samples"),
        ({"beam": 9}, 422, "search.width: must be at most the 4 tokens that may be written, got 9"),
        ({"beam": 11}, 422, "beam: must be in [0, 10], got 11; start the service with a larger --max-beam"),
    ],
)
def test_what_cannot_be_written_is_said(serve, content, status, said):
    service = serve("writes", max_tokens=50, max_texts=3, max_beam=10, max_characters=20)
    got, _, body = service.ask("POST", "/generate", content)
    assert (got, json.loads(body)["error"][: len(said)]) == (status, said)


def test_each_model_is_asked_what_it_can_answer(serve):
    writes, words = serve("writes"), serve("words")
    assert writes.post("/predict", {"text": "a"})[1]["error"].endswith("got a language model; ask /generate")
    assert writes.post("/explain", {"text": "a"})[0] == 404
    status, found = words.post("/generate", {"prompt": "a"})
    assert status == 404
    assert found["error"].endswith("must be asked of a language model, got one of classification; ask /predict")
    health = json.loads(writes.ask("GET", "/health")[2])
    assert (health["takes"], health["writes"], health["explains"]) == ("prompt", True, False)
    paths = json.loads(writes.ask("GET", "/openapi.json")[2])["paths"]
    assert "/generate" in paths and "/predict" not in paths
    assert "/generate" not in json.loads(words.ask("GET", "/openapi.json")[2])["paths"]


def test_no_more_is_accepted_than_the_queue_holds_and_who_goes_away_is_not_written_for(serve):
    service = serve("endless", max_tokens=1_000_000, queue=2, max_texts=2, max_beam=2, max_words=1, writers=1)
    content = {"prompt": "a", "max_length": 1_000_000, "stream": True, "greedy": True}
    connections = []
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        connection.request("POST", "/generate", json.dumps(content))
        connections.append(connection)
    service.until(lambda: service.service.writers.open == 2)
    status, headers, body = service.ask("POST", "/generate", content)
    assert (status, headers["retry-after"]) == (429, "1")
    assert "got 2 of 2 texts being written" in body
    answer = connections[0].getresponse()
    assert answer.read(20).startswith(b"data: ")
    answer.close()
    for connection in connections:
        connection.close()
    service.until(lambda: service.service.writers.open == 0)
    assert service.post("/generate", {"prompt": "a", "max_length": 3})[0] == 200


def test_a_stop_of_the_service_ends_a_text_that_does_not_end(serve):
    service = serve("endless", max_tokens=1_000_000, stop_within=0.2)
    with concurrent.futures.ThreadPoolExecutor(1) as clients:
        asked = {"prompt": "a", "max_length": 1_000_000, "greedy": True}
        running = clients.submit(service.post, "/generate", asked)
        service.until(lambda: service.service.writers.open == 1)
        service.stop()
        status, found = running.result(30)
    assert (status, found["error"][:30]) == (503, "service: must be running, got ")


def test_a_class_writes_where_the_file_has_classes(serve):
    service, plain = serve("classes"), serve("writes")
    for name, first in (("x", "b"), ("y", "c")):
        status, found = service.post("/generate", {"condition": name, "greedy": True})
        assert (status, found["texts"][0]["text"][0]) == (200, first)
    status, found = service.post("/generate", {"greedy": True})
    assert status == 422
    assert "condition: must be one of x, y, got ''" in json.dumps(found)
    assert plain.post("/generate", {"condition": "x"})[0] == 422
    schema = json.loads(service.ask("GET", "/openapi.json")[2])["paths"]["/generate"]["post"]["requestBody"]["content"]
    said = schema["application/json"]["schema"]
    assert (said["properties"]["condition"], said["required"]) == ({"enum": ["x", "y"]}, ["condition"])
    assert said["properties"]["beam"] == {"type": "integer", "minimum": 0, "maximum": 16}


def test_a_file_that_searches_by_a_beam_writes_as_many_texts_as_are_asked_for(serve):
    service = serve("beams")
    ask = {"prompt": "a", "max_length": 3}
    status, found = service.post("/generate", ask | {"samples": 2})
    assert (status, len(found["texts"])) == (200, 2)
    assert service.counted("texts_total") == 2
    assert found["texts"][0] != found["texts"][1]
    [one] = service.post("/generate", ask)[1]["texts"]
    assert one == found["texts"][0]
    *pieces, (name, last) = streamed(service, ask)
    assert (name, last) == ("done", one)
    status, found = service.post("/generate", ask | {"samples": 4})
    assert (status, found["error"]) == (422, "n_best: must be at most the width 3, got 4")
    assert len(service.post("/generate", ask | {"samples": 4, "temperature": 1})[1]["texts"]) == 4


def test_several_texts_of_a_file_that_draws_none_are_refused(serve):
    service = serve("likeliest")
    assert service.post("/generate", {"prompt": "a"})[0] == 200
    status, found = service.post("/generate", {"prompt": "a", "samples": 2})
    assert (status, found["error"]) == (
        422,
        "samples: must be 1 where the search is greedy, got 2; a temperature draws",
    )


@pytest.mark.parametrize(
    ("own", "sent", "places"),
    [
        ({}, {}, 1),
        ({}, {"samples": 3}, 3),
        ({}, {"beam": 4, "samples": 3}, 4),
        ({"name": "beam", "width": 5, "n_best": 2}, {"samples": 3}, 5),
        ({"name": "beam", "width": 50}, {}, 20),
    ],
)
def test_a_request_takes_a_place_of_the_queue_for_each_text_that_is_written_beside_others(own, sent, places):
    settings = Settings(queue=20, max_texts=9, max_words=9)
    assert wanted(json.dumps(sent).encode(), own, settings).places == places
