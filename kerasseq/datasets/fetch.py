"""Files of named data sets: downloaded once, checked always, whole or absent.

`KERASSEQ_CACHE` is the folder they are kept in (default: the user's cache folder). `KERASSEQ_MIRROR` is a base address:
with it, a file comes from `MIRROR/<dataset>/<file>` and from nowhere else.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

from kerasseq.datasets.problems import shown
from kerasseq.errors import DownloadError
from kerasseq.files import atomic

__all__ = ["ATTEMPTS", "RemoteFile", "cache", "cached", "checked", "fetch"]

ATTEMPTS = 3
"""Tries for a connection that fails; a wrong checksum and a refusal by the server are final."""
TIMEOUT = 30.0
"""Seconds without a byte before a connection counts as failed."""

log = logging.getLogger("kerasseq.datasets")


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    Attributes:
        dataset: Folder in the cache and on a mirror.
        name: File name there.
        address: Where it comes from without a mirror.
        checksum: `sha256:...` or `md5:...`.
    """

    dataset: str
    name: str
    address: str
    checksum: str

    @property
    def source(self) -> str:
        """The address that will be asked: upstream, or the mirror's."""
        mirror = os.environ.get("KERASSEQ_MIRROR", "").rstrip("/")
        return f"{mirror}/{self.dataset}/{self.name}" if mirror else self.address

    @property
    def path(self) -> Path:
        """Where it lies in the cache."""
        return cache() / self.dataset / self.name


def cache() -> Path:
    """The folder of downloaded files: `KERASSEQ_CACHE`, or the platform's."""
    import pooch

    return Path(os.environ.get("KERASSEQ_CACHE", "") or pooch.os_cache("kerasseq")).expanduser()


def cached(file: RemoteFile) -> bool:
    """Whether the file lies in the cache and is the right one."""
    return file.path.is_file() and _checksum(file.path, file.checksum) == file.checksum


def fetch(file: RemoteFile) -> Path:
    """The path of the file in the cache; downloads it if it is not there or is not the right one.

    Raises:
        DownloadError: It could not be fetched, or what came has another checksum. What was received is removed.
    """
    if cached(file):
        return file.path
    try:
        with atomic(file.path) as temporary:
            _download(file, temporary)
            got = _checksum(temporary, file.checksum)
            if got != file.checksum:
                raise DownloadError(
                    f"{file.source}: must have the checksum {file.checksum}, got {got}; nothing was kept: "
                    f"the file changed or was altered on the way, {_elsewhere(file)}"
                )
    except OSError as cause:
        raise DownloadError(f"{file.path}: cannot be written: {cause}; set KERASSEQ_CACHE to another folder") from cause
    return file.path


def checked(path: Path | str, file: RemoteFile) -> Path:
    """`path`, if it is the file that is meant.

    Raises:
        DownloadError: It is absent, or another file.
    """
    local = Path(path)
    if not local.is_file():
        raise DownloadError(f"{shown(local)}: must be a file; get it from {file.source}")
    got = _checksum(local, file.checksum)
    if got != file.checksum:
        raise DownloadError(
            f"{shown(local)}: must have the checksum {file.checksum}, got {got}; get it anew from {file.source}"
        )
    return local


def _download(file: RemoteFile, target: Path) -> None:
    import pooch
    import requests

    if not file.source.startswith(("http://", "https://")):
        raise DownloadError(f"{file.source}: must begin with http:// or https://; for local files set dataset.folder")
    downloader = pooch.HTTPDownloader(timeout=TIMEOUT, chunk_size=1 << 16)
    log.info("downloading %s", file.source)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            downloader(file.source, str(target), None)
        except requests.HTTPError as cause:
            status = cause.response.status_code if cause.response is not None else 0
            if status < 500 or attempt == ATTEMPTS:
                raise DownloadError(f"{file.source}: the server answered {status}; {_elsewhere(file)}") from cause
        except requests.RequestException as cause:
            if attempt == ATTEMPTS:
                reason = f"failed {ATTEMPTS} times, nothing was kept: {_reason(cause)}"
                raise DownloadError(f"{file.source}: {reason}; {_elsewhere(file)}") from cause
        else:
            return
        time.sleep(0.25 * 2**attempt)


def _checksum(path: Path, expected: str) -> str:
    import pooch

    algorithm = expected.partition(":")[0]
    return f"{algorithm}:{pooch.file_hash(str(path), alg=algorithm)}"


def _elsewhere(file: RemoteFile) -> str:
    return (
        f"check the network, set KERASSEQ_MIRROR, or put {file.name} into a folder of your own and set dataset.folder"
    )


def _reason(cause: Exception) -> str:
    """The innermost cause: "Connection refused" says more than the chain of wrappers around it."""
    while cause.args and isinstance(cause.args[0], Exception):
        cause = cause.args[0]
    inner = getattr(cause, "reason", None)
    return str(inner if isinstance(inner, Exception) else cause)
