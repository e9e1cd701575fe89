"""The page: inert, without a network, and used once in a real browser."""

import base64
import contextlib
import fcntl
import hashlib
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

import pytest
from kerasseq_serve.page import page, policy

EVIL = "<script>alert(1)</script><img src=http://example.org/x onerror=alert(2)>"


class _Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def _seen():
    reader = _Reader()
    reader.feed(page())
    return reader.seen


def test_the_page_refers_to_nothing_outside_and_never_sets_markup():
    for _, attributes in _seen():
        for name in ("src", "href", "srcset", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert not re.findall(r"@import|url\(|https?:|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", page())


def test_the_page_is_labelled_and_sets_texts_by_their_own_direction():
    seen = _seen()
    labelled = {attributes["for"] for tag, attributes in seen if tag == "label"}
    areas = [attributes for tag, attributes in seen if tag == "textarea"]
    assert {area["id"] for area in areas} == labelled
    assert {area["dir"] for area in areas} == {"auto"}
    assert [attributes["aria-live"] for _, attributes in seen if attributes.get("id") == "status"] == ["polite"]
    identities = [attributes["id"] for _, attributes in seen if "id" in attributes]
    assert len(identities) == len(set(identities))
    assert all(attributes.get("scope") == "col" for tag, attributes in seen if tag == "th")


def test_the_policy_allows_this_script_and_this_style_alone(serve):
    status, headers, body = serve("words").ask("GET", "/")
    assert (status, body) == (200, page())
    assert headers["content-security-policy"] == policy(page())
    rules = dict(rule.strip().split(" ", 1) for rule in policy(page()).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    for tag in ("script", "style"):
        content = re.search(f"<{tag}>(.*?)</{tag}>", body, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


# === In a browser ===

# Chromium speaks its protocol over the descriptors 3 and 4
_START = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])"""


class Browser:
    """A headless Chromium with one page, driven over its DevTools protocol."""

    def __init__(self, program, profile):
        reads, self._out = os.pipe()
        self._in, writes = os.pipe()
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (reads, writes)]
        flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
        flags += " --disable-component-update --disable-sync --remote-debugging-pipe --window-size=390,2000"
        command = [sys.executable, "-c", _START, *map(str, theirs), program, *flags.split()]
        command += [f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(command, pass_fds=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (reads, writes, *theirs):
            os.close(end)
        self._left, self._number, self._session, self.events = b"", 0, "", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """Send one command and wait for its result; keep the events that come meanwhile."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def _message(self):
        while b"\0" not in self._left:
            part = os.read(self._in, 1 << 16)
            assert part, "the browser has ended"
            self._left += part
        message, _, self._left = self._left.partition(b"\0")
        return json.loads(message)

    def value(self, expression):
        """What JavaScript makes of an expression."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, state):
        end = time.monotonic() + 30
        while self.value("document.documentElement?.dataset.state") != state:
            assert time.monotonic() < end
            time.sleep(0.02)

    def open(self, address, **fields):
        """Open the page with texts in its fragment and wait for the answer."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=f"{address}/#{urllib.parse.urlencode(fields)}")
        self.until("done" if fields else "ready")

    def close(self):
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        self.process.kill()
        self.process.wait()
        os.close(self._in)
        os.close(self._out)


@pytest.fixture(scope="module")
def browser():
    """A browser; skips where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        opened = Browser(found, profile)
        yield opened
        opened.close()


SHOWN = """({
  prediction: document.getElementById("prediction").textContent,
  score: document.getElementById("score").textContent,
  status: document.getElementById("status").textContent,
  failed: document.getElementById("status").className,
  hidden: document.getElementById("result").hidden,
  classes: [...document.querySelectorAll("#classes tbody tr")].map(row => [...row.cells].map(c => c.textContent)),
  words: [...document.querySelectorAll("#words tbody tr")].map(row => [...row.cells].map(c => c.textContent)),
  texts: [...document.querySelectorAll(".text")].map(p => [p.textContent, getComputedStyle(p).direction]),
  marks: Object.fromEntries([...document.querySelectorAll(".text span")].map(s => [s.textContent, s.className])),
  colours: [...document.querySelectorAll(".text span")].map(s => getComputedStyle(s).backgroundColor),
  places: [...document.querySelectorAll(".text span")].map(s => s.getBoundingClientRect().left),
  areas: [...document.querySelectorAll("textarea")].map(a => getComputedStyle(a).direction),
  pair: !document.getElementById("pair").hidden,
  scripts: document.scripts.length, images: document.images.length,
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
})"""


@pytest.fixture
def shown(browser):
    """Opens a service with texts; what the page then shows. Nothing else is asked for and nothing goes wrong."""
    addresses = []

    def show(service, **fields):
        address = f"http://127.0.0.1:{service.port}"
        addresses.append(address)
        browser.open(address, **fields)
        return browser.value(SHOWN)

    browser.events.clear()
    yield show
    browser.value("1")
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith((*addresses, "about:", "data:"))] == []
    assert not [url for url in asked if "text=" in url.partition("#")[0]]
    bad = [e["params"] for e in browser.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert [e for e in bad if "422" not in json.dumps(e)] == []


def test_a_text_is_answered_and_its_words_are_marked(serve, shown):
    found = shown(serve("words"), text="awful thing fine")
    assert (found["prediction"], found["status"], found["hidden"], found["pair"]) == ("bad", "Answered.", False, False)
    assert found["score"].endswith(" %")
    assert [label for label, _ in found["classes"]] == ["bad", "good", "جيد"]
    assert found["marks"] == {"awful": "for", "thing": "", "fine": "against"}
    assert len(set(found["colours"])) == 3
    assert [word for word, _ in found["words"]][-1] == "thing"
    assert dict(found["words"])["awful"].startswith("+")
    assert dict(found["words"])["fine"].startswith("\N{MINUS SIGN}")
    assert found["texts"] == [["awful thing fine", "ltr"]]
    assert found["overflow"] <= 0


def test_arabic_is_set_from_the_right_word_after_word(serve, shown):
    found = shown(serve("words"), text="يوم جميل fine")
    assert found["prediction"] == "جيد"
    assert found["texts"] == [["يوم جميل fine", "rtl"]]
    assert found["areas"][0] == "rtl"
    assert found["places"] == sorted(found["places"], reverse=True)
    assert found["marks"]["جميل"] == "for"


def test_markup_in_a_text_stays_text(serve, shown):
    found = shown(serve("words"), text=f"{EVIL} fine")
    assert found["texts"][0][0] == f"{EVIL} fine"
    assert (found["scripts"], found["images"]) == (1, 0)


def test_a_score_and_a_pair_have_their_own_fields(serve, shown):
    found = shown(serve("score"), text="w3 w4")
    assert (found["prediction"], found["score"], found["classes"]) == ("7", "(0 to 5)", [])
    assert found["words"] == [["w4", "+4"], ["w3", "+3"]]
    found = shown(serve("pair"), text="fine", text_2="يوم awful")
    assert found["pair"]
    assert found["texts"] == [["fine", "ltr"], ["يوم awful", "rtl"]]


def test_past_a_bound_the_page_says_why(serve, shown):
    found = shown(serve("words", max_words=2), text="fine fine fine")
    assert found["prediction"] == "good"
    assert found["status"].startswith("Answered; no weights: text: must have at most 2 words")
    assert (found["words"], found["texts"]) == ([], [])
    found = shown(serve("words", max_characters=3), text="fine")
    assert (found["hidden"], found["failed"]) == (True, "failed")
    assert "at most 3 characters, got 4" in found["status"]


def test_the_form_asks_when_it_is_sent(serve, shown, browser):
    found = shown(serve("words"))
    assert found["hidden"]
    browser.value("document.getElementById('text').value = 'awful'; document.querySelector('button').click()")
    browser.until("done")
    assert browser.value(SHOWN)["prediction"] == "bad"
