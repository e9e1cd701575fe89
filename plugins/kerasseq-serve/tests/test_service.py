"""The service on loopback: whose answer is whose, what is refused, what is counted."""

import concurrent.futures
import json
import logging
import math
import socket

import kerasseq_runtime
import pytest
from kerasseq_serve.logs import set_up


def test_one_text_and_a_list_of_texts_are_answered_in_their_order(serve):
    service = serve("words")
    status, one = service.post("/predict", {"text": "fine day"})
    assert status == 200
    assert one["prediction"] == "good"
    assert list(one["probabilities"]) == ["bad", "good", "جيد"]
    assert one["score"] == one["probabilities"]["good"] == pytest.approx(math.e**2.5 / (math.e**2.5 + math.e**-1 + 1))
    status, many = service.post("/predict", {"texts": ["awful", "fine day", "يوم جميل"]})
    assert [answer["prediction"] for answer in many["predictions"]] == ["bad", "good", "جيد"]
    assert many["predictions"][1] == one
    assert service.post("/predict", {"texts": []}) == (200, {"predictions": []})


def test_a_regression_and_a_pair_have_their_own_shapes(serve):
    assert serve("score").post("/predict", {"text": "w1 w2 w4"}) == (200, {"prediction": 7.0})
    pair = serve("pair")
    status, answer = pair.post("/predict", {"texts": ["fine", "awful"], "texts_2": ["awful", "fine"]})
    assert [one["prediction"] for one in answer["predictions"]] == ["good", "bad"]
    status, answer = pair.post("/predict", {"text": "fine"})
    assert (status, answer["error"].split(":")[0]) == (422, "text_2")


def test_under_load_every_answer_belongs_to_its_text_and_batches_form(serve):
    service = serve("score", max_batch=16, max_wait=5)

    def client(number):
        for turn in range(12):
            first, last = (number * 7 + turn) % 200, (turn * 31) % 200
            if turn % 3:
                assert service.post("/predict", {"text": f"w{first} w{last}"}) == (200, {"prediction": first + last})
            else:
                texts = [f"w{first}", f"w{last}", ""]
                expected = [{"prediction": first}, {"prediction": last}, {"prediction": 0.0}]
                assert service.post("/predict", {"texts": texts}) == (200, {"predictions": expected})
        return 12

    with concurrent.futures.ThreadPoolExecutor(24) as clients:
        requests = sum(clients.map(client, range(24)))

    counted = service.metrics()
    assert counted['kerasseq_serve_requests_total{path="/predict",status="200"}'] == requests
    assert counted["kerasseq_serve_texts_total"] == counted["kerasseq_serve_batch_size_sum"] == 24 * (8 + 4 * 3)
    assert counted["kerasseq_serve_batch_size_count"] < counted["kerasseq_serve_texts_total"] / 2
    assert counted['kerasseq_serve_batch_size_bucket{le="16.0"}'] == counted["kerasseq_serve_batch_size_count"]
    assert counted["kerasseq_serve_request_seconds_count"] == requests
    assert counted["kerasseq_serve_queue_texts"] == 0
    assert counted["kerasseq_serve_in_flight_requests"] == 1  # the question itself


def test_past_the_queue_requests_are_refused_and_what_was_accepted_is_answered(serve):
    service = serve("score", held=True, queue=4, max_batch=1, max_texts=4, max_words=3, max_beam=4)
    with concurrent.futures.ThreadPoolExecutor(3) as clients:
        accepted = [clients.submit(service.post, "/predict", {"text": "w5"})]
        assert service.model.entered.wait(10)
        accepted.append(clients.submit(service.post, "/predict", {"texts": ["w1", "w2", "w3"]}))
        service.until(lambda: service.service.batcher.waiting == 3)
        status, headers, body = service.ask("POST", "/predict", {"texts": ["w1", "w2"]})
        assert status == 429
        assert int(headers["retry-after"]) >= 1
        assert json.loads(body)["error"].startswith("queue: must have room for every text of a request, got 3 of 4")
        assert service.metrics()["kerasseq_serve_queue_texts"] == 3
        service.model.gate.set()
        assert accepted[0].result() == (200, {"prediction": 5.0})
        assert [one["prediction"] for one in accepted[1].result()[1]["predictions"]] == [1.0, 2.0, 3.0]
    assert service.metrics()['kerasseq_serve_requests_total{path="/predict",status="429"}'] == 1
    assert service.post("/predict", {"text": "w9"}) == (200, {"prediction": 9.0})


def test_the_texts_of_a_client_that_goes_away_leave_the_queue(serve):
    service = serve("score", held=True)
    with concurrent.futures.ThreadPoolExecutor(1) as clients:
        first = clients.submit(service.post, "/predict", {"text": "w5"})
        assert service.model.entered.wait(10)
        body = b'{"texts": ["w1", "w2"]}'
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            head = f"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            service.until(lambda: service.service.batcher.waiting == 2)
        service.until(lambda: service.service.batcher.waiting == 0)
        service.model.gate.set()
        assert first.result() == (200, {"prediction": 5.0})
    service.until(lambda: service.metrics().get('kerasseq_serve_requests_total{path="/predict",status="499"}') == 1)
    assert service.metrics()["kerasseq_serve_texts_total"] == 1


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_past_its_bound_is_refused_and_the_service_goes_on(serve, chunked):
    service = serve("words", max_bytes=1000)
    body = json.dumps({"text": "a" * 5000}).encode()
    content = iter([body[:800], body[800:]]) if chunked else body
    status, _, answer = service.ask("POST", "/predict", content)
    assert status == 413
    assert json.loads(answer)["error"].startswith("body: must have at most 1000 bytes, got ")
    assert service.post("/predict", {"text": "fine"})[0] == 200


def test_a_compressed_body_an_unknown_path_and_a_wrong_method_are_told_so(serve):
    service = serve("words")
    status, _, body = service.ask("POST", "/predict", b"x", {"content-encoding": "gzip"})
    assert (status, json.loads(body)["error"].split(":")[0]) == (415, "content-encoding")
    status, _, body = service.ask("GET", "/a-secret-text")
    assert (status, json.loads(body)["error"].split(":")[0]) == (404, "path")
    status, headers, body = service.ask("GET", "/predict")
    assert (status, headers["allow"], json.loads(body)["error"].split(":")[0]) == (405, "POST", "method")
    assert service.metrics()['kerasseq_serve_requests_total{path="other",status="404"}'] == 1


@pytest.mark.parametrize("path", ["/predict", "/explain"])
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"{", b"null", b'{"text": "\\ud800"}', b'{"text": "a\\u0000"}', b'{"text": 1}', b"[" * 5000],
)
def test_whatever_is_sent_is_refused_below_500(serve, path, body):
    service = serve("words")
    status, headers, answer = service.ask("POST", path, body)
    assert status in (400, 422)
    assert headers["content-type"] == "application/json"
    assert list(json.loads(answer)) == ["error"]


def test_a_text_that_the_model_fails_on_fails_alone(serve, capfd):
    service = serve("words", held=True)
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        first = clients.submit(service.post, "/predict", {"text": "day"})
        assert service.model.entered.wait(10)
        answers = [clients.submit(service.post, "/predict", {"text": text}) for text in ("fine", "crash", "awful")]
        service.until(lambda: service.service.batcher.waiting == 3)
        service.model.gate.set()
        assert [answer.result()[0] for answer in (first, *answers)] == [200, 200, 500, 200]
    assert answers[1].result()[1]["error"].startswith("model: must answer every text, got ")
    assert service.metrics()["kerasseq_serve_batch_size_sum"] == 4


def test_an_answer_that_is_no_number_is_a_failure_of_the_model(serve):
    service = serve("words")
    assert service.post("/predict", {"text": "nan"})[0] == 500
    assert service.post("/explain", {"text": "fine nan"})[0] == 500
    assert service.post("/predict", {"text": "fine"})[0] == 200


def test_explaining_a_class_says_what_its_probability_loses_without_each_word(serve):
    service = serve("words")
    status, found = service.post("/explain", {"text": "fine  nothing awful"})
    without = [service.post("/predict", {"text": text})[1] for text in ("nothing awful", "fine awful", "fine nothing")]
    assert status == 200
    assert found["prediction"] == "bad"
    assert [(word["word"], word["start"], word["field"]) for word in found["words"]] == [
        ("fine", 0, "text"),
        ("nothing", 6, "text"),
        ("awful", 14, "text"),
    ]
    expected = [found["probabilities"]["bad"] - answer["probabilities"]["bad"] for answer in without]
    assert [word["weight"] for word in found["words"]] == pytest.approx(expected, abs=1e-6)
    assert found["words"][1]["weight"] == 0


def test_explaining_a_score_and_a_pair(serve):
    status, found = serve("score").post("/explain", {"text": "w3 w4"})
    assert (status, found["prediction"]) == (200, 7.0)
    assert [word["weight"] for word in found["words"]] == [3.0, 4.0]
    status, found = serve("pair").post("/explain", {"text": "fine", "text_2": "awful x"})
    assert [(word["field"], word["word"]) for word in found["words"]] == [
        ("text", "fine"),
        ("text_2", "awful"),
        ("text_2", "x"),
    ]
    assert serve("score").post("/explain", {"text": ""})[1] == {"prediction": 0.0, "words": []}


@pytest.mark.parametrize(("name", "text"), [("words", "fine  جميل nothing"), ("score", "w3 w199 w4")])
def test_the_service_weighs_words_as_the_file_does(serve, models, name, text):
    status, found = serve(name).post("/explain", {"text": text})
    [own] = kerasseq_runtime.load(models[name]).explain([text])
    assert status == 200
    keys = ("word", "start", "field")
    assert [[word[key] for key in keys] for word in found["words"]] == [
        [getattr(word, key) for key in keys] for word in own.words
    ]
    assert [word["weight"] for word in found["words"]] == pytest.approx([word.weight for word in own.words], abs=1e-6)


def test_health_names_the_model_and_its_bounds(serve):
    status, _, body = serve("score", max_texts=7).ask("GET", "/health")
    found = json.loads(body)
    assert status == 200
    assert found["status"] == "ready"
    assert (found["name"], found["task"], found["labels"], found["range"]) == ("score", "regression", [], [0, 5])
    assert found["limits"]["max_texts"] == 7


def test_alive_and_ready_are_told_apart(serve):
    service = serve("score")
    for path in ("/livez", "/readyz"):
        status, _, body = service.ask("GET", path)
        assert (status, json.loads(body)) == (200, {"status": "ready"})
    service.service.batcher.close(1.0)  # the thread that answers has ended, and nobody told it to
    service.until(lambda: not service.service.ready)
    for path in ("/livez", "/readyz"):
        status, _, body = service.ask("GET", path)
        assert (status, json.loads(body)) == (503, {"status": "failed"})


@pytest.mark.parametrize("name", ["words", "score", "pair"])
def test_openapi_describes_this_model_and_its_examples_work(serve, name):
    service = serve(name, max_texts=9)
    schema = json.loads(service.ask("GET", "/openapi.json")[2])
    assert schema["openapi"].startswith("3.")
    assert set(schema["paths"]) == {"/", "/predict", "/explain", "/health", "/livez", "/metrics", "/readyz"}

    def references(node):
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        found = [node["$ref"]] if isinstance(node, dict) and "$ref" in node else []
        return found + [reference for child in children for reference in references(child)]

    assert {reference.rpartition("/")[2] for reference in references(schema)} <= set(schema["components"]["schemas"])
    for path in ("/predict", "/explain"):
        operation = schema["paths"][path]["post"]
        assert {"200", "400", "413", "422", "429", "503"} <= set(operation["responses"])
        content = operation["requestBody"]["content"]["application/json"]
        assert content["schema"]
        for example in content["examples"].values():
            status, answer = service.post(path, example["value"])
            assert status == 200, answer
    many = schema["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]["anyOf"][1]
    assert many["properties"]["texts"]["maxItems"] == 9


@pytest.mark.parametrize("as_json", [False, True])
def test_a_request_is_a_line_that_holds_no_text(serve, capfd, as_json):
    loggers = [logging.getLogger(name) for name in ("kerasseq_serve", "uvicorn")]
    before = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    try:
        set_up(as_json)
        service = serve("words")
        service.post("/predict", {"texts": ["asecret fine", "asecret crash"]})
        service.post("/predict", {"text": "asecret", "asecret": "asecret"})
        service.ask("GET", "/asecret?text=asecret")
        service.until(lambda: service.counted("requests_total", path="other", status="404") == 1)
    finally:
        for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
            logger.handlers[:], logger.propagate = handlers, propagate
            logger.setLevel(level)
    lines = capfd.readouterr().err.splitlines()
    assert not [line for line in lines if "asecret" in line]
    assert not [line for line in lines if "127.0.0.1" in line and "ready" not in line and "answers at" not in line]
    if as_json:
        requests = [entry for entry in map(json.loads, lines) if entry["event"] == "request"]
        assert [(entry["path"], entry["status"], entry["texts"]) for entry in requests] == [
            ("/predict", 500, 2),
            ("/predict", 422, 0),
            ("other", 404, 0),
        ]
        assert all(entry["milliseconds"] >= 0 and entry["time"] for entry in requests)
    else:
        assert any(line.startswith("POST /predict 500 2 texts ") for line in lines)


def test_too_many_open_requests_are_refused_before_their_bodies_are_read(serve):
    service = serve("score", queue=2, max_batch=1, max_texts=2, max_words=1, max_beam=1)
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{"
    slow = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(3)]
    try:
        for connection in slow:
            connection.sendall(head)
        service.until(lambda: service.counted("in_flight_requests") == 3)
        assert service.post("/predict", {"text": "w1"})[0] == 429
    finally:
        for connection in slow:
            connection.close()
    service.until(lambda: service.counted("in_flight_requests") == 0)
    assert service.post("/predict", {"text": "w1"})[0] == 200
