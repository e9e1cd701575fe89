"""The crawl, a process of its own: Scrapy's reactor runs once in a process.

`python -P -m kerasseq_collect.crawl FOLDER` goes through the job of a `Folder` and says after each page, in a line of
JSON on stdout, how many were fetched and kept. It ends when its stdin does, so that it does not outlive who began it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.linkextractors import LinkExtractor
from scrapy.resolver import CachingHostnameResolver
from scrapy.robotstxt import ProtegoRobotParser

from kerasseq_collect.addresses import host_of, is_private
from kerasseq_collect.job import Folder, Job
from kerasseq_collect.texts import Texts

__all__ = ["Guard", "Pages", "PublicResolver", "Robots", "settings_of"]


_refused: Counter[str] = Counter()
"""Requests that were not made, by the reason."""


class Robots(ProtegoRobotParser):  # type: ignore[misc]
    """Heeds `Crawl-delay`, too, which Scrapy does not."""

    def __init__(self, robotstxt_body: bytes, spider: Any) -> None:
        super().__init__(robotstxt_body, spider)
        self._crawler = spider.crawler if spider is not None else None

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        address, agent = (each.decode() if isinstance(each, bytes) else each for each in (url, user_agent))
        delay = self.rp.crawl_delay(agent)
        if delay and self._crawler is not None:
            for name, slot in self._crawler.engine.downloader.slots.items():
                if host_of(f"http://{name}") == host_of(address):
                    slot.delay = max(slot.delay, float(delay))
        return bool(super().allowed(url, user_agent))


class Guard:
    """Refuses addresses that are no http, or numbers of private networks; names are the resolver's."""

    def __init__(self, crawler: Any) -> None:
        self.private = frozenset(crawler.settings.getlist("KERASSEQ_PRIVATE"))

    @classmethod
    def from_crawler(cls, crawler: Any) -> Guard:
        return cls(crawler)

    def process_request(self, request: Any) -> None:
        """Of each request, redirected ones and those for robots.txt, too."""
        host = host_of(request.url)
        if not request.url.startswith(("http://", "https://")):
            reason = "no http or https"
        elif host not in self.private and is_private(host):
            reason = "private address"
        else:
            return
        _refused[reason] += 1
        raise IgnoreRequest(reason)


class PublicResolver(CachingHostnameResolver):  # type: ignore[misc]
    """Names that lead to a private network are not found: it is asked where the connection is made, every time."""

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> PublicResolver:
        made: PublicResolver = super().from_crawler(crawler, reactor)
        made.private = frozenset(crawler.settings.getlist("KERASSEQ_PRIVATE"))
        return made

    def resolveHostName(self, receiver: Any, name: str, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        if name in self.private:
            return super().resolveHostName(receiver, name, *args, **kwargs)
        return super().resolveHostName(_Public(receiver), name, *args, **kwargs)


class _Public:
    """A receiver of addresses that hears of public ones alone."""

    def __init__(self, receiver: Any) -> None:
        self._receiver = receiver

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if is_private(address.host):
            _refused["private address"] += 1
        else:
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


class Pages(scrapy.Spider):  # type: ignore[misc]
    """Follows links between the pages of some hosts."""

    name = "pages"

    def __init__(self, job: Job, folder: Folder, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_urls = list(job.addresses)
        self.allowed_domains = list(job.hosts)
        self._links = LinkExtractor()
        self._folder, self._texts = folder, Texts(job.language, job.words)
        self._known: set[str] = set()
        folder.mend()
        self._kept = 0
        for row in folder.read():
            self._known.add(row["address"])
            if "Text" in row:
                self._texts.remember(row["Text"])
                self._kept += 1

    def parse(self, response: Response, **kwargs: Any) -> Any:
        """Take the text of a page, and its links."""
        if response.url not in self._known:
            self._known.add(response.url)
            if isinstance(response, HtmlResponse):
                row = self._texts.take(response.url, response.body, response.text)
            else:
                row = {"address": response.url, "left_out": "no page of html"}
            self._folder.add(row)
            self._kept += "Text" in row
        print(json.dumps({"pages": len(self._known), "kept": self._kept}), flush=True)
        if isinstance(response, HtmlResponse):
            for link in self._links.extract_links(response):
                if any(f".{host_of(link.url)}".endswith(f".{host}") for host in self.allowed_domains):
                    yield scrapy.Request(link.url, callback=self.parse)


def settings_of(job: Job, folder: Folder) -> dict[str, Any]:
    """Of Scrapy."""
    here = "kerasseq_collect.crawl"
    return {
        "USER_AGENT": job.agent,
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_PARSER": f"{here}.Robots",
        "DNS_RESOLVER": f"{here}.PublicResolver",
        "DOWNLOADER_MIDDLEWARES": {f"{here}.Guard": 1},
        "KERASSEQ_PRIVATE": list(job.private),
        "DOWNLOAD_DELAY": job.delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": 8,
        "DOWNLOAD_MAXSIZE": job.largest,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": 30,
        "DEPTH_LIMIT": job.depth,
        "DEPTH_PRIORITY": 1,  # near pages first
        "SCHEDULER_DISK_QUEUE": "scrapy.squeues.PickleFifoDiskQueue",
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        "CLOSESPIDER_PAGECOUNT": job.pages,
        "CLOSESPIDER_TIMEOUT": job.minutes * 60,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": 2,
        "HTTPCACHE_ENABLED": True,  # a crawl that goes on asks no site twice
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
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    process = CrawlerProcess(settings_of(job, folder))
    crawler = process.create_crawler(Pages)
    process.crawl(crawler, job=job, folder=folder)
    process.start()
    stats = crawler.stats.get_stats()
    print(json.dumps({"ended": stats.get("finish_reason", ""), "counts": _counts(stats)}), flush=True)


def _counts(stats: dict[str, Any]) -> dict[str, int]:
    """What became of requests that gave no page."""
    statuses = {
        int(name.rpartition("/")[2]): value
        for name, value in stats.items()
        if name.startswith("downloader/response_status_count/")
    }
    found = {
        "forbidden by robots.txt": stats.get("robotstxt/forbidden", 0),
        "answered with an error": sum(n for status, n in statuses.items() if status >= 400),
        "not answered": stats.get("downloader/exception_count", 0) - stats.get("robotstxt/forbidden", 0),
        "larger than allowed": stats.get("downloader/exception_type_count/scrapy.exceptions.DownloadCancelledError", 0),
        **_refused,
    }
    return {reason: int(number) for reason, number in found.items() if number > 0}


def _end_with_stdin() -> None:
    while sys.stdin.read(1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
