"""What is collected, and where it stands meanwhile."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kerasseq.plugin import DataError, write_json

__all__ = ["COLUMNS", "ELSEWHERE", "ENOUGH", "Folder", "Job"]

COLUMNS = ("Text", "address", "title", "date", "language", "licence")
"""Of the table."""

ELSEWHERE = "redirected to another host: "
"""A reason why an address gave no page; the host stands behind it."""

ENOUGH = "pages"
"""Why a crawl ended that fetched as many pages as its job says."""


@dataclass(frozen=True)
class Job:
    """See the options of `kerasseq collect`.

    Attributes:
        addresses: Where it begins.
        hosts: Whose pages are followed, by `addresses.belongs`.
        pages: Most pages that are fetched.
        depth: Most links between an address and a page.
        minutes: Most time.
        delay: Seconds between two requests to a host.
        largest: Most bytes of a page.
        language: Code of ISO 639-1, or empty for any.
        words: Fewest words of a text.
        private: Hosts that may lie on this machine or in a private network.
        agent: What sites are told.
    """

    addresses: tuple[str, ...]
    hosts: tuple[str, ...]
    pages: int
    depth: int
    minutes: float
    delay: float
    largest: int
    language: str
    words: int
    private: tuple[str, ...]
    agent: str


class Folder:
    """What is known of a job that is not at its end.

    Args:
        path: `texts.csv.collecting`, beside the table.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings = path / "job.json"
        self.rows = path / "pages.jsonl"
        self.cache = path / "cache"

    def write(self, job: Job) -> None:
        """Write the job down, over what it was."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.settings, asdict(job))

    def job(self) -> Job:
        """As it was written down.

        Raises:
            DataError: The file is damaged.
        """
        try:
            told = json.loads(self.settings.read_text(encoding="utf-8"))
            settings: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in told.items()
            }
            return Job(**settings)
        except (OSError, ValueError, TypeError, AttributeError) as cause:
            raise DataError(f"{self.settings}: must be what kerasseq collect wrote: {cause}") from cause

    def mend(self) -> None:
        """End a line that a kill cut off, so that the next one stands by itself."""
        if self.rows.exists() and not self.rows.read_bytes().endswith(b"\n"):
            with self.rows.open("ab") as file:
                file.write(b"\n")

    def add(self, row: Mapping[str, Any]) -> None:
        """One page: a text with what is known of it, or `left_out` with the reason."""
        with self.rows.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def read(self) -> Iterator[dict[str, Any]]:
        """Every page once; a last line that a kill cut off is none."""
        seen = set()
        if not self.rows.exists():
            return
        with self.rows.open(encoding="utf-8") as file:
            for line in file:
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                if row["address"] not in seen:
                    seen.add(row["address"])
                    yield row

    def left_out(self) -> Counter[str]:
        """How many pages, by their reason."""
        return Counter(row["left_out"] for row in self.read() if "left_out" in row)
