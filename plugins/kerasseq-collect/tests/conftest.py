"""A site on loopback, with traps."""

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

ENGLISH = (
    "The harbour of the old town was quiet in the morning, and the fishermen mended their nets while the first ships "
    "came back with the tide. Nobody could say how many of them had left before the storm of the {n} night began."
)
ARABIC = (
    "كان الميناء القديم هادئا في الصباح وكان الصيادون يصلحون شباكهم بينما عادت السفن الأولى مع المد ولم يستطع أحد أن "
    "يقول كم منها غادر قبل أن تبدأ العاصفة في الليلة رقم {n} من شهر طويل لم ينته بعد كما يروي أهل المدينة"
)


MARKET = (
    "في السوق الكبير تباع التوابل والأقمشة منذ قرون ويأتي التجار من القرى البعيدة كل خميس ومعهم التمر والعسل والزيت "
    "ثم يجلسون في المقهى حتى المساء ويتحدثون عن الأسعار والمطر وأخبار البلاد قبل أن يعودوا إلى بيوتهم"
)

LETTERS = (
    "A printer of letters lived behind the mill, and his cases held more kinds of type than the whole province could "
    "read; when the river rose he carried them to the attic one drawer after the other, and counted every piece."
)
BEHIND = (
    "Whoever walks past the orchard finds a door without a house, and whoever opens it finds the orchard again, a year "
    "younger and without its wall, as travellers have written in letters that nobody at home believed for a moment."
)


def page(text: str, links: tuple[str, ...] = (), head: str = "") -> bytes:
    """Of html, in UTF-8."""
    listed = "".join(f'<li><a href="{link}">a page</a></li>' for link in links)
    body = f"<article><h1>Of the harbour</h1><p>{text}</p></article><ul>{listed}</ul>"
    return f"<html><head><title>The harbour</title>{head}</head><body>{body}</body></html>".encode()


@dataclass
class Site:
    """What it serves, and what it was asked."""

    pages: dict[str, tuple[str, bytes]]
    moved: dict[str, str]
    asked: list[str] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def tale() -> dict[str, str]:
    """A text by its language; `{n}` is a word of it."""
    return {"en": ENGLISH, "ar": ARABIC, "market": MARKET}


@pytest.fixture
def site() -> Iterator[Site]:
    licence = '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
    dated = '<meta property="article:published_time" content="2024-05-06">'
    html = "text/html; charset=utf-8"
    links = (
        "/en", "/ar", "/copy", "/short", "/secret/1", "/bomb", "/huge", "/wrong", "/picture", "/missing", "/away",
        "/calendar/0", "mailto:nobody@example.org", "file:///etc/passwd", "/metadata", "/silent", "/turn", "/letters",
    )  # fmt: skip
    pages = {
        "/": (html, page(ENGLISH.format(n="first"), links)),
        "/en": (
            html,
            page(
                "Long ago. " + ENGLISH.format(n="second") + " So it is told in every house of the town.",
                ("/",),
                licence + dated,
            ),
        ),
        "/ar": (html, page(ARABIC.format(n=7), ("/ar",))),
        "/copy": (html, page(ENGLISH.format(n="first") + " Again.")),
        "/short": (html, page("Too little.")),
        "/secret/1": (html, page(ENGLISH.format(n="secret"))),
        "/huge": (html, page("word " * 400_000)),
        "/bomb": (html, gzip.compress(b"<p>" + b"a" * 50_000_000)),
        "/wrong": (html, page(MARKET).decode().encode("cp1256")),
        "/letters": ("text/html; charset=rot13", page(LETTERS, ("/behind",))),
        "/behind": (html, page(BEHIND)),
        "/picture": ("image/png", b"\x89PNG"),
        "/robots.txt": ("text/plain", b"User-agent: *\nDisallow: /secret/\nCrawl-delay: 0.05\n"),
    }
    moved = {"/away": "file:///etc/passwd", "/metadata": "http://169.254.169.254/latest"}
    moved |= {f"/turn{'n' * turn}": f"/turn{'n' * (turn + 1)}" for turn in range(7)}
    made = Site(pages, moved)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            if self.path.startswith("/calendar/"):
                day = int(self.path.rpartition("/")[2])
                kind, body = html, page("No news.", (f"/calendar/{day + 1}",))
            elif self.path in made.moved:
                self.send_response(302)
                self.send_header("Location", made.moved[self.path])
                self.end_headers()
                return
            elif self.path == "/silent":
                return
            elif self.path not in made.pages:
                self.send_error(404)
                return
            else:
                kind, body = made.pages[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            if self.path == "/bomb":
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
