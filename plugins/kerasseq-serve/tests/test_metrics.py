from kerasseq_serve.metrics import CONTENT_TYPE, Metrics
from kerasseq_serve.model import Facts
from prometheus_client.parser import text_string_to_metric_families

FACTS = Facts('a "b" \\ \n', "regression", (), (), False, "0.1.0", "float32", ())


def samples(metrics, waiting=0, ready=True):
    metrics.now(waiting, ready)
    families = list(text_string_to_metric_families(metrics.render().decode()))
    found = {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}
    return {family.name: family.type for family in families}, found


def test_the_page_is_read_back_by_prometheus_with_the_names_that_operators_know():
    metrics = Metrics(FACTS, {"max_texts": 256})
    metrics.request("/predict", 200, 0.2)
    metrics.request("/health", 200, 0.2)
    metrics.batch(3, 0.1)
    kinds, found = samples(metrics, waiting=2)
    assert kinds == {
        f"kerasseq_serve_{name}": kind
        for name, kind in {
            "requests": "counter",
            "texts": "counter",
            "batch_size": "histogram",
            "model_seconds": "histogram",
            "request_seconds": "histogram",
            "queue_texts": "gauge",
            "in_flight_requests": "gauge",
            "ready": "gauge",
            "workers": "gauge",
            "limit": "gauge",
            "model_info": "gauge",
        }.items()
    }
    assert found["kerasseq_serve_requests_total", "/predict", "200"] == 1
    assert found["kerasseq_serve_texts_total",] == 3
    assert found["kerasseq_serve_limit", "max_texts"] == 256
    assert found["kerasseq_serve_request_seconds_count",] == 1
    assert (found["kerasseq_serve_queue_texts",], found["kerasseq_serve_ready",]) == (2, 1)
    assert found["kerasseq_serve_model_info", 'a "b" \\ \n', "regression", "0.1.0"] == 1
    assert not any(name.endswith("_created") for name, *_ in found)
    assert CONTENT_TYPE.startswith("text/plain; version=")


def test_a_histogram_counts_what_is_at_most_its_bound():
    metrics = Metrics(FACTS)
    for texts in (1, 2, 3, 4, 500):
        metrics.batch(texts, 0.0)
    found = samples(metrics)[1]
    counts = [found["kerasseq_serve_batch_size_bucket", bound] for bound in ("1.0", "2.0", "4.0", "256.0", "+Inf")]
    assert counts == [1, 2, 4, 4, 5]
    assert found["kerasseq_serve_batch_size_sum",] == 510


def test_a_service_that_stops_says_that_it_is_not_ready():
    assert samples(Metrics(FACTS), ready=False)[1]["kerasseq_serve_ready",] == 0
