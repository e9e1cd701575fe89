"""The page: well-formed, inert, without a network; once in a real browser."""

import functools
import html.parser
import http.server
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import numpy as np
import pytest

from kerasseq.corpus.text import Texts
from kerasseq.report import AttentionSample, write_report
from kerasseq.report.page import report_page

_VOID = {"meta", "link", "br", "hr", "img", "input"}
_EVIL = "<script>alert(1)</script><img src=http://example.org/x onerror=alert(2)>\"' & {}"


class _Reader(html.parser.HTMLParser):
    """Checks that elements nest, and keeps what it saw."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _read(page):
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader.seen


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_the_page_is_well_formed_and_refers_to_nothing_outside(request, kind):
    page = report_page(request.getfixturevalue(kind))
    seen = _read(page)
    assert not {"script", "iframe", "object", "embed", "base"} & {tag for tag, _ in seen}
    for _, attributes in seen:
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert not re.findall(r"@import|url\((?!#)", page)


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_the_page_is_the_same_for_the_same_data(request, kind):
    data = request.getfixturevalue(kind)
    assert report_page(data) == report_page(data)


def test_every_table_and_picture_has_a_name_and_every_id_is_unique(classification):
    page = report_page(classification)
    seen = _read(page)
    identities = [attributes["id"] for _, attributes in seen if "id" in attributes]
    assert len(identities) == len(set(identities))
    assert page.count('<svg role="img"') == page.count("<svg") == 5
    assert len(re.findall(r"<th(?![^>]*scope)(?:\s[^>]*)?>", page)) == 0


def test_what_stands_in_the_data_is_inert_wherever_it_is_shown(classification, moods, classifier, changed):
    task = classifier((_EVIL, "b", "c"))
    predictions = task.read({"probabilities": moods.predictions.probabilities})
    scores = task.scores(moods.truth, predictions, 5, 0.95, 0)
    tested = changed(
        moods,
        samples=Texts([_EVIL] * 60),
        predictions=predictions,
        scores=scores,
        where=[_EVIL] * 60,
        language='"><script>',
    )
    evil = changed(
        classification,
        name=_EVIL,
        settings=_EVIL,
        created=_EVIL,
        environment={_EVIL: {_EVIL: _EVIL}},
        dataset={_EVIL: [_EVIL, _EVIL]},
        kind=_EVIL,
        scores=scores,
        sections=task.sections(tested),
        baselines={_EVIL: scores},
        attention=(AttentionSample((_EVIL,), (1.0,), _EVIL, _EVIL),),
        language=tested.language,
    )
    page = report_page(evil)
    seen = _read(page)
    assert not [tag for tag, _ in seen if tag in ("script", "img")]
    assert not [name for _, attributes in seen for name in attributes if name.startswith("on")]
    assert "default-src 'none'" in page


def test_a_regression_has_a_scatter_and_a_classification_a_matrix(classification, regression):
    assert "Predicted against true" in report_page(regression)
    assert "matrix" not in re.sub(r"<style>.*?</style>", "", report_page(regression), flags=re.DOTALL)
    assert 'class="matrix"' in report_page(classification)


def test_without_attention_there_is_no_section_for_it(regression):
    assert "<h2>Attention</h2>" not in report_page(regression)


def test_one_row_and_two_classes_make_a_page(classification, moods, classifier, changed):
    task, truth = classifier(("a", "b")), np.array([1])
    predictions = task.read({"probabilities": np.array([[1.0, 0.0]])})
    scores = task.scores(truth, predictions, 5, 0.95, 0)
    tested = changed(moods, samples=Texts([""]), truth=truth, predictions=predictions, scores=scores, where=())
    small = changed(
        classification,
        kind=task.kind,
        scores=scores,
        rows=1,
        sections=task.sections(tested),
        attention=(),
        history=[],
        baselines={},
    )
    _read(report_page(small))


def test_importing_the_package_imports_nothing_heavy():
    heavy = "numpy sklearn scipy matplotlib keras torch jax tensorflow pyarrow"
    code = f"import sys, kerasseq.report; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


# === In a browser ===

# The report forbids scripts, so a page beside it looks into it from outside.
_HARNESS = """<!doctype html><iframe src="report.html" style="width:390px;height:4000px"></iframe><pre id="found"></pre>
<script>
document.querySelector("iframe").onload = event => {
  const view = event.target.contentWindow, page = view.document;
  const texts = [...page.querySelectorAll(".text")].map(
    p => [p.textContent, view.getComputedStyle(p).direction]);
  document.getElementById("found").textContent = JSON.stringify({
    texts,
    resources: view.performance.getEntriesByType("resource").map(entry => entry.name),
    scripts: page.scripts.length,
    overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
    pictures: [...page.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect().height),
  });
};
</script>"""


@pytest.fixture
def browser():
    """The command of a Chromium; skips where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed")
    return found


@pytest.fixture
def served(tmp_path):
    """A folder, its address on loopback, and the paths that were asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_sets_arabic_from_the_right_and_asks_for_nothing_else(
    classification, moods, classifier, changed, browser, served
):
    folder, address, asked = served
    tested = changed(moods, samples=Texts([*moods.samples.first[:59], _EVIL]))
    sections = classifier(moods.predictions.labels).sections(tested)
    write_report(changed(classification, sections=sections), folder / "report.html")
    (folder / "index.html").write_text(_HARNESS, encoding="utf-8")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
        flags += " --disable-component-update --disable-sync --enable-logging=stderr --virtual-time-budget=5000"
        command = [browser, *flags.split(), f"--user-data-dir={profile}", "--dump-dom", f"{address}/index.html"]
        run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True)
    written = re.search(r'<pre id="found">(.*?)</pre>', run.stdout, re.DOTALL).group(1)
    found = json.loads(html.unescape(written))

    assert found["texts"]
    for text, resolved in found["texts"]:
        words = re.findall(r"[^\W\d_]+", text)
        arabic = [word for word in words if "\u0620" <= word[0] <= "\u064a"]
        assert resolved == ("rtl" if 2 * len(arabic) > len(words) else "ltr"), text
    assert {resolved for _, resolved in found["texts"]} == {"rtl", "ltr"}
    assert found["resources"] == []
    assert found["scripts"] == 0
    assert found["overflow"] <= 0  # a phone does not scroll sideways
    assert min(found["pictures"]) > 50
    assert set(asked) <= {"/index.html", "/report.html", "/favicon.ico"}
    assert "CONSOLE" not in run.stderr.replace("favicon.ico", "")
