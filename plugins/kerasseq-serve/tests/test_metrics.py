import dataclasses
import re

from kerasseq_serve.metrics import Histogram, Metrics
from kerasseq_serve.model import Facts

FACTS = Facts('a "b" \\ \n', "regression", (), (), False, "0.1.0", "float32", ())


def test_a_histogram_counts_what_is_at_most_its_bound():
    histogram = Histogram((1, 2, 4))
    for value in (1, 2, 3, 4, 5):
        histogram.observe(value)
    assert list(histogram.lines("n")) == [
        'n_bucket{le="1"} 1',
        'n_bucket{le="2"} 2',
        'n_bucket{le="4"} 4',
        'n_bucket{le="+Inf"} 5',
        "n_sum 15.0",
        "n_count 5",
    ]


def test_the_page_follows_the_text_format_line_by_line():
    metrics = Metrics()
    metrics.request("/predict", 200, 0.2)
    metrics.request("/health", 200, 0.2)
    metrics.batch(3, 0.1)
    page = metrics.render(waiting=2, ready=True, facts=FACTS)
    assert page.endswith("\n")
    sample = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"(,[a-z]+="(?:[^"\\\n]|\\[\\"n])*")*\})? [0-9.e+-]+')
    kinds = {}
    for line in page.splitlines():
        if line.startswith("# TYPE"):
            kinds[line.split()[2]] = line.split()[3]
        elif not line.startswith("# HELP"):
            assert sample.fullmatch(line), line
            name = re.match("[a-z_]+", line)[0]
            assert name in kinds or re.sub("_(bucket|sum|count)$", "", name) in kinds
    assert set(kinds.values()) == {"counter", "gauge", "histogram"}
    assert 'kerasseq_serve_requests_total{path="/predict",status="200"} 1' in page
    assert "kerasseq_serve_request_seconds_count 1" in page
    assert "kerasseq_serve_texts_total 3" in page
    assert "kerasseq_serve_queue_texts 2" in page
    assert r'name="a \"b\" \\ \n"' in page


def test_a_service_that_stops_says_that_it_is_not_ready():
    assert "kerasseq_serve_ready 0" in Metrics().render(0, False, dataclasses.replace(FACTS, name="x"))
