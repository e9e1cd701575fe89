"""`python -m kerasseq_serve.load URL`: requests from many clients at once, and a table of how they were answered."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Figures", "main", "measure", "table"]

TEXTS = ("a fine day", "not a good film at all, but the music was lovely", "يوم جميل في المدينة", "no")
"""What is sent where no file is given."""

WARM_UP = 0.5
"""Seconds that are not counted, at the start of each number of clients."""


@dataclass
class Figures:
    """What came back.

    Attributes:
        clients: Clients at once, each with one connection and one request under way.
        seconds: How long.
        latencies: Seconds of each request that was answered with 200.
        errors: Other statuses, and failures of the connection by name, with their number.
    """

    clients: int
    seconds: float
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def quantile(self, share: float) -> float:
        """The latency in milliseconds that `share` of the requests keep; NaN where none was answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


async def measure(address: str, bodies: Sequence[bytes], clients: int, seconds: float) -> Figures:
    """Send `bodies` in turn to /predict from `clients` connections for `seconds`."""
    begin = time.perf_counter() + min(WARM_UP, seconds / 2)
    figures = Figures(clients, seconds)
    turn = itertools.cycle(bodies)
    await asyncio.gather(*(_client(address, turn, figures, begin) for _ in range(clients)))
    return figures


async def _client(address: str, turn: itertools.cycle[bytes], figures: Figures, begin: float) -> None:
    parts = urlsplit(address)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    head = f"POST {parts.path.rstrip('/')}/predict HTTP/1.1\r\nhost: {host}:{port}\r\n".encode()
    end, streams = begin + figures.seconds, None
    while (started := time.perf_counter()) < end:
        try:
            streams = streams or await asyncio.open_connection(host, port)
            body = next(turn)
            streams[1].write(head + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
            status, last = await _answer(streams[0])
        except (OSError, EOFError, ValueError) as failure:
            status, last = type(failure).__name__, True
        finished = time.perf_counter()
        if started >= begin and status == "200":
            figures.latencies.append(finished - started)
        elif started >= begin:
            figures.errors[status] += 1
        if last and streams:
            streams[1].close()
            streams = None
        if status != "200":
            await asyncio.sleep(0.01)  # a refused client that asks again at once would only measure refusals
    if streams:
        streams[1].close()


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bool]:
    """Read one answer; its status, and whether the connection ends with it."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    await reader.readexactly(int(headers.get("content-length", "0")))
    return lines[0].split()[1], headers.get("connection", "") == "close"


def table(rows: Sequence[Figures]) -> str:
    """The figures as markdown."""
    lines = ["| clients | requests/s | p50, ms | p99, ms | errors |", "|---:|---:|---:|---:|---|"]
    for row in rows:
        errors = ", ".join(f"{count} x {name}" for name, count in sorted(row.errors.items())) or "none"
        speed = len(row.latencies) / row.seconds
        lines.append(f"| {row.clients} | {speed:.0f} | {row.quantile(0.5):.1f} | {row.quantile(0.99):.1f} | {errors} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure for each number of clients and print a table; 1 where nothing was answered."""
    parser = argparse.ArgumentParser(prog="python -m kerasseq_serve.load", description=__doc__)
    parser.add_argument("address", metavar="URL", help="http://127.0.0.1:8000")
    parser.add_argument("--clients", default="1,8,64", help="Numbers of clients, one after the other [%(default)s]")
    parser.add_argument("--seconds", type=float, default=10.0, help="Seconds for each [%(default)s]")
    parser.add_argument("--texts", type=Path, help="A file with a text in each line, or two with a tab between.")
    given = parser.parse_args(arguments)
    lines = given.texts.read_text(encoding="utf-8").splitlines() if given.texts else list(TEXTS)
    bodies = [_body(line) for line in lines]
    rows = [
        asyncio.run(measure(given.address, bodies, int(clients), given.seconds)) for clients in given.clients.split(",")
    ]
    print(table(rows))
    return 0 if all(row.latencies for row in rows) else 1


def _body(line: str) -> bytes:
    first, tab, second = line.partition("\t")
    return json.dumps({"text": first} | ({"text_2": second} if tab else {}), ensure_ascii=False).encode("utf-8")


if __name__ == "__main__":
    sys.exit(main())
