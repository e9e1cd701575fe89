"""Models that read tokens or vectors, on loopback: what is sent, what comes back, what the service says of them."""

import json

import numpy as np
import pytest
from kerasseq_serve.errors import Refused
from kerasseq_serve.model import load
from kerasseq_serve.sequences import rows
from kerasseq_serve.settings import Settings

SETTINGS = Settings(max_texts=3, max_characters=10)


def test_tokens_are_answered_row_by_row_each_as_long_as_it_was_sent(serve):
    service = serve("tokens")
    status, found = service.post("/predict", {"tokens": [["fine", "day"], [], ["جميل"]]})
    assert (status, found) == (
        200,
        {
            "predictions": [
                {"prediction": ["quality", "time"], "weight": [0.9, 0.1]},
                {"prediction": [], "weight": []},
                {"prediction": ["other"], "weight": [0.5]},
            ]
        },
    )
    assert service.post("/predict", {"tokens": []}) == (200, {"predictions": []})


def test_texts_for_a_model_of_tokens_are_cut_and_come_with_offsets(serve):
    service = serve("tokens")
    one = {"prediction": ["quality", "other", "time"], "weight": [0.9, 0.5, 0.1]}
    one["offsets"] = [[0, 4], [4, 5], [6, 9]]
    assert service.post("/predict", {"text": "fine, day"}) == (200, one)
    status, found = service.post("/predict", {"texts": ["fine, day", ""]})
    assert (status, found["predictions"]) == (200, [one, {"prediction": [], "weight": [], "offsets": []}])
    status, found = serve("lists").post("/predict", {"text": "fine"})
    assert (status, found["error"]) == (422, "tokens: must be given, this model reads tokens")


def test_vectors_are_answered_with_all_that_the_model_says(serve):
    service = serve("vectors")
    status, found = service.post("/predict", {"vectors": [[[0.1, 2], [3, 4.5]], [[1, 1]]]})
    assert status == 200
    assert found["predictions"] == [{"prediction": 4.5, "sums": [3.1, 6.5]}, {"prediction": 1.0, "sums": [1.0, 1.0]}]
    counted = service.metrics()
    assert counted["kerasseq_serve_texts_total"] == 2
    assert 'kerasseq_serve_model_info{name="moves",task="movement",version="0.1.0"}' in counted


@pytest.mark.parametrize(("name", "kind"), [("tokens", "tokens"), ("vectors", "vectors")])
def test_weights_of_words_are_refused_where_there_are_none(serve, name, kind):
    status, _, body = serve(name).ask("POST", "/explain", {"text": "fine day"})
    rule = "path: /explain must be asked of a model that reads texts and answers with a label or a number"
    assert (status, json.loads(body)["error"]) == (404, f"{rule}, got one that reads {kind}")


@pytest.mark.parametrize(
    ("name", "task", "takes", "columns"),
    [
        ("tokens", "tagging", "tokens", ["prediction", "weight"]),
        ("vectors", "movement", "vectors", ["prediction", "sums"]),
        ("words", "classification", "text", ["prediction", "score", "probabilities"]),
        ("pair", "classification", "pair", ["prediction", "score", "probabilities"]),
        ("score", "regression", "text", ["prediction"]),
    ],
)
def test_health_says_what_the_model_takes_and_answers(serve, name, task, takes, columns):
    found = json.loads(serve(name).ask("GET", "/health")[2])
    assert (found["task"], found["takes"], found["columns"]) == (task, takes, columns)
    assert found["explains"] == (takes in ("text", "pair"))


@pytest.mark.parametrize("name", ["tokens", "lists", "vectors"])
def test_openapi_describes_rows_and_answers_and_its_examples_work(serve, name):
    service = serve(name, max_texts=9)
    schema = json.loads(service.ask("GET", "/openapi.json")[2])
    assert set(schema["paths"]) == {"/", "/predict", "/health", "/livez", "/metrics", "/readyz"}
    operation = schema["paths"]["/predict"]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    kind = "vectors" if name == "vectors" else "tokens"
    assert content["schema"]["anyOf"][0]["properties"][kind]["maxItems"] == 9
    assert len(content["schema"]["anyOf"]) == (3 if name == "tokens" else 1)
    for example in content["examples"].values():
        status, answer = service.post("/predict", example["value"])
        assert status == 200, answer
    answer = schema["components"]["schemas"]["Answer"]
    one = service.post("/predict", content["examples"]["rows"]["value"])[1]["predictions"][0]
    assert set(answer["required"]) == set(one)
    kinds = {"tokens": "array", "lists": "array", "vectors": "number"}
    assert answer["properties"]["prediction"]["type"] == kinds[name]
    assert ("offsets" in answer["properties"]) == (name == "tokens")


def test_a_row_that_the_model_fails_on_fails_alone(serve):
    service = serve("tokens")
    status, found = service.post("/predict", {"tokens": [["crash"]]})
    assert (status, found["error"].split(",")[0]) == (500, "model: must answer every text")
    assert service.post("/predict", {"tokens": [["fine"]]})[0] == 200


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tokens", {}, "tokens: must be given, this model reads tokens, text, or texts"),
        ("tokens", {"tokens": "a"}, "tokens: must be a list of lists, got a string"),
        ("tokens", {"tokens": ["a"]}, r"tokens\[0\]: must be a list of strings, got a string"),
        ("tokens", {"tokens": [[], [1]]}, r"tokens\[1\]\[0\]: must be a string, got a number"),
        ("tokens", {"tokens": [["a", ""]]}, r"tokens\[0\]\[1\]: must be a string with a character in it, got an empty"),
        ("tokens", {"tokens": [["a\0"]]}, "no NUL character"),
        (
            "tokens",
            {"tokens": [["aaaa"] * 3]},
            r"tokens\[0\]: must have at most 10 characters, got 15; .*--max-characters",
        ),
        ("tokens", {"tokens": [[]] * 4}, "at most 3 texts, got 4; .*--max-texts"),
        ("tokens", {"tokens": [["a"]], "texts": ["a"]}, "no others, got texts"),
        ("tokens", {"text": "a", "secret": 1}, "no others, got 1 more"),
        ("tokens", {"texts": "a"}, "texts: must be a list of strings, got a string"),
        ("tokens", {"text": ["a"]}, "text: must be a string, got a list"),
        ("vectors", {"text": "a"}, "vectors: must be given, this model reads vectors"),
        ("vectors", {"vectors": [[[1, 2], [1]]]}, "got vectors of several lengths in row 0"),
        ("vectors", {"vectors": [[[1, 2, 3]]]}, "must be vectors of 2 numbers, one a step, got 1 x 3 in row 0"),
        ("vectors", {"vectors": [[1, 2]]}, r"vectors\[0\]\[0\]: must be a list of numbers, got a number"),
        (
            "vectors",
            {"vectors": [[["1", 2]]]},
            r"vectors\[0\]\[0\]: must be a list of numbers, got a string among them",
        ),
        ("vectors", {"vectors": [[[True, 2]]]}, "got a truth value among them"),
        ("vectors", {"vectors": [[[float("nan"), 2]]]}, "must be finite numbers, got nan in step 0 in row 0"),
        ("vectors", {"vectors": [[[10**400, 2]]]}, "got something else in row 0"),
        ("vectors", {"vectors": [[[1, 2]] * 6]}, r"vectors\[0\]: must have at most 10 numbers, got 12"),
        ("vectors", {"vectors": {}}, "vectors: must be a list of lists, got an object"),
    ],
)
def test_a_wrong_body_is_told_the_rule_and_the_value(models, name, content, message):
    with pytest.raises(Refused, match=message) as refused:
        rows(json.dumps(content).encode(), load(models[name]).facts, SETTINGS)
    assert refused.value.status == 422


def test_rows_are_bounded_by_their_size_in_a_batch(models):
    facts = load(models["vectors"]).facts
    assert facts.input.size(np.zeros((7, 2))) == 14
    facts = load(models["tokens"]).facts
    [row] = facts.input.rows([["ab", "c"]])
    assert facts.input.size(row) == 5
