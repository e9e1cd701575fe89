"""The crawl, a process of its own: Scrapy's reactor runs once in a process.

`python -P -m kerasseq_collect.crawl FOLDER` goes through the job of a `Folder` and says after each page, in a line of
JSON on stdout, how many were fetched and kept; the last line says why it ended and what gave no page. It ends when its
stdin does, between two pages, so that it does not outlive who began it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.exceptions import CloseSpider, DownloadCancelledError, IgnoreRequest
from scrapy.extensions.httpcache import FilesystemCacheStorage
from scrapy.http import HtmlResponse, Response
from scrapy.linkextractors import LinkExtractor
from scrapy.resolver import CachingHostnameResolver
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.spidermiddlewares.httperror import HttpError

from kerasseq_collect.addresses import belongs, host_of, is_private
from kerasseq_collect.job import ELSEWHERE, ENOUGH, Folder, Job
from kerasseq_collect.texts import Texts

__all__ = ["Cache", "Guard", "Letters", "Pages", "PublicResolver", "Robots", "settings_of"]

PATIENCE = 10.0
"""Seconds that a page in hand may take when the crawl must end."""

_hidden: set[str] = set()
"""Names that lead to a private network alone."""


class Refused(IgnoreRequest):  # type: ignore[misc]
    """A request that is not made; its text is the reason."""


class Robots(ProtegoRobotParser):  # type: ignore[misc]
    """Heeds `Crawl-delay`, too, which Scrapy does not."""

    def __init__(self, robotstxt_body: bytes, spider: Any) -> None:
        super().__init__(robotstxt_body, spider)
        self._crawler = spider.crawler if spider is not None else None

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Refuses what is forbidden by a reason of its own."""
        address, agent = (each.decode() if isinstance(each, bytes) else each for each in (url, user_agent))
        delay = self.rp.crawl_delay(agent)
        if delay and self._crawler is not None:
            slot = self._crawler.engine.downloader.slots.get(urlsplit(address).hostname)
            if slot is not None:
                slot.delay = max(slot.delay, float(delay))
        if not super().allowed(url, user_agent):
            raise Refused("forbidden by robots.txt")
        return True


class Guard:
    """Refuses addresses that are no http, numbers of private networks (names are the resolver's), and other hosts."""

    def __init__(self, crawler: Any) -> None:
        self.private = frozenset(crawler.settings.getlist("KERASSEQ_PRIVATE"))
        self.hosts = tuple(crawler.settings.getlist("KERASSEQ_HOSTS"))

    @classmethod
    def from_crawler(cls, crawler: Any) -> Guard:
        return cls(crawler)

    def process_request(self, request: Any) -> None:
        """Of each request, redirected ones and those for robots.txt, too; the latter go where they are sent."""
        host = host_of(request.url)
        if not request.url.startswith(("http://", "https://")):
            raise Refused("no http or https")
        if host not in self.private and is_private(host):
            raise Refused("private address")
        if not belongs(host, self.hosts) and not request.meta.get("dont_obey_robotstxt"):
            raise Refused(f"{ELSEWHERE}{host}")


class Letters:
    """Pages that are no text in the encoding that they name, as `rot13`, are read as UTF-8."""

    def process_response(self, request: Any, response: Any) -> Any:
        """Of an unpacked answer, before anything reads it."""
        try:
            if isinstance(response, HtmlResponse):
                response.text.encode()
        except (LookupError, UnicodeError):
            return response.replace(encoding="utf-8")
        return response


class PublicResolver(CachingHostnameResolver):  # type: ignore[misc]
    """Names that lead to a private network are not found: it is asked where the connection is made, every time."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> PublicResolver:
        made: PublicResolver = super().from_crawler(crawler, reactor)
        made.private = frozenset(crawler.settings.getlist("KERASSEQ_PRIVATE"))
        return made

    def resolveHostName(self, receiver: Any, name: str, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        host = host_of(f"//{name}")
        if host not in self.private:
            receiver = _Public(receiver, host)
        return super().resolveHostName(receiver, name, *args, **kwargs)


class _Public:
    """A receiver of the addresses of a host that hears of public ones alone."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver, self._host = receiver, host
        self._private = self._public = 0

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if is_private(address.host):
            self._private += 1
        else:
            self._public += 1
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._private and not self._public:
            _hidden.add(self._host)
        self._receiver.resolutionComplete()


class Cache(FilesystemCacheStorage):  # type: ignore[misc]
    """What was answered. An entry that a kill cut off is none: what is written after the body must be there."""

    def retrieve_response(self, spider: Any, request: Any) -> Any:
        whole = Path(self._get_request_path(spider, request), "request_headers").exists()
        return super().retrieve_response(spider, request) if whole else None


class Pages(scrapy.Spider):  # type: ignore[misc]
    """Follows links between the pages of some hosts."""

    name = "pages"

    def __init__(self, job: Job, folder: Folder, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._job, self._folder = job, folder
        self._links, self._texts = LinkExtractor(), Texts(job.language, job.words)
        self._known: set[str] = set()
        self._failed: dict[str, str] = {}  # not in the folder: a crawl that goes on asks again
        folder.mend()
        self._kept = 0
        for row in folder.read():
            self._known.add(row["address"])
            if "Text" in row:
                self._texts.remember(row["Text"])
                self._kept += 1

    async def start(self) -> AsyncIterator[Any]:
        """Ask for where the job begins."""
        for address in self._job.addresses:
            yield self._request(address, dont_filter=True)

    def parse(self, response: Response, **kwargs: Any) -> Any:
        """Take the text of a page, and its links."""
        if response.url not in self._known and len(self._known) < self._job.pages:
            self._take(response)
        print(json.dumps({"pages": len(self._known), "kept": self._kept}), flush=True)
        if len(self._known) >= self._job.pages:
            raise CloseSpider(ENOUGH)
        if isinstance(response, HtmlResponse):
            for link in self._links.extract_links(response):
                if belongs(host_of(link.url), self._job.hosts):
                    yield self._request(link.url)

    def failed(self, failure: Any) -> None:
        """Remember why a request gave no page, by the address that it began with."""
        address = failure.request.meta.get("redirect_urls", [failure.request.url])[0]
        if address not in self._known:
            self._failed[address] = _reason(failure.value, host_of(failure.request.url))

    def closed(self, reason: str) -> None:
        """Say why it ended, and how many addresses gave no page by their reason."""
        print(json.dumps({"ended": reason, "counts": Counter(self._failed.values())}), flush=True)

    def _request(self, address: str, **how: Any) -> Any:
        return scrapy.Request(address, callback=self.parse, errback=self.failed, **how)

    def _take(self, response: Response) -> None:
        address = response.url
        self._known.add(address)
        self._failed.pop(address, None)
        try:
            if isinstance(response, HtmlResponse):
                row = self._texts.take(address, response.body, response.text)
            else:
                row = {"address": address, "left_out": "no page of html"}
            self._folder.add(row)
            self._kept += "Text" in row
        except Exception:  # a page that a library falls over ends no crawl
            self._folder.add({"address": address, "left_out": "could not be read"})


def _reason(cause: BaseException, host: str) -> str:
    """Why a request gave no page."""
    if isinstance(cause, Refused):
        return str(cause)
    if isinstance(cause, HttpError):
        return "answered with an error" if cause.response.status >= 400 else "redirected to no page"
    if isinstance(cause, DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(cause):
        return "larger than allowed"  # as it came, or unpacked
    if isinstance(cause, IgnoreRequest):
        return "redirected too often"
    return "private address" if host in _hidden else "not answered"


def settings_of(job: Job, folder: Folder) -> dict[str, Any]:
    """Of Scrapy. Classes, not their names: by its name the module that runs would be imported a second time."""
    return {
        "USER_AGENT": job.agent,
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_PARSER": Robots,
        "DNS_RESOLVER": PublicResolver,
        "DOWNLOADER_MIDDLEWARES": {
            Guard: 1,
            Letters: 585,  # between what unpacks and what looks for a redirect
        },
        "KERASSEQ_PRIVATE": list(job.private),
        "KERASSEQ_HOSTS": list(job.hosts),
        "DOWNLOAD_DELAY": job.delay,
        "DOWNLOAD_DELAY_JITTER": 0,  # a delay is the least that a site asks for
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": 8,
        "DOWNLOAD_MAXSIZE": job.largest,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": 30,
        "DEPTH_LIMIT": job.depth,
        "DEPTH_PRIORITY": 1,  # near pages first
        "SCHEDULER_DISK_QUEUE": "scrapy.squeues.PickleFifoDiskQueue",
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        "CLOSESPIDER_TIMEOUT": job.minutes * 60,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": 2,
        "HTTPCACHE_ENABLED": True,  # a crawl that goes on asks no site twice
        "HTTPCACHE_STORAGE": Cache,
        "HTTPCACHE_DIR": str(folder.cache.resolve()),
        "HTTPCACHE_IGNORE_HTTP_CODES": [429, *range(500, 600)],
        "HTTPCACHE_GZIP": True,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy would resolve names where no private network is seen
        "TELNETCONSOLE_ENABLED": False,
        "EXTENSIONS": {"scrapy.extensions.logstats.LogStats": None, "scrapy.extensions.memusage.MemoryUsage": None},
        "DOWNLOAD_HANDLERS": {scheme: None for scheme in ("data", "file", "ftp", "s3")},
        "LOG_LEVEL": "CRITICAL",
    }


def main() -> None:
    """See the module."""
    folder = Folder(Path(sys.argv[1]))
    job = folder.job()
    process = CrawlerProcess(settings_of(job, folder))
    process.crawl(Pages, job=job, folder=folder)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    process.start()


def _end_with_stdin() -> None:
    from twisted.internet import reactor

    while sys.stdin.read(1):
        pass
    reactor.callFromThread(os._exit, 1)  # what is being written is written first
    time.sleep(PATIENCE)
    os._exit(1)


if __name__ == "__main__":
    main()
