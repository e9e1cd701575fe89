import hashlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kerasseq.datasets import fetch as fetching
from kerasseq.datasets.fetch import ATTEMPTS, RemoteFile, cached, fetch
from kerasseq.datasets.imdb import Imdb
from kerasseq.datasets.named import Sst2
from kerasseq.errors import DownloadError

CONTENT = b"0 bad film .\n1 good film .\n" * 2000


class Handler(BaseHTTPRequestHandler):
    """/good/... sends CONTENT, /cut/... stops half way, /flaky/... fails once, anything else is not there."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if "/flaky/" in self.path and len(self.server.asked) == 1:
            self.send_error(503)
        elif "/cut/" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[: len(CONTENT) // 2])
            self.close_connection = True
        elif "/good/" in self.path or "/flaky/" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)
        else:
            self.send_error(404)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASSEQ_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KERASSEQ_MIRROR", raising=False)
    monkeypatch.setattr(fetching.time, "sleep", lambda seconds: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def remote(server, folder, content=CONTENT, algorithm="sha256"):
    address = f"http://127.0.0.1:{server.server_port}/{folder}/a.txt"
    return RemoteFile("demo", "a.txt", address, f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}")


def left(tmp_path):
    return [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_file_is_downloaded_once(server, tmp_path, algorithm):
    file = remote(server, "good", algorithm=algorithm)
    assert not cached(file)
    assert fetch(file) == tmp_path / "cache" / "demo" / "a.txt"
    assert fetch(file).read_bytes() == CONTENT
    assert cached(file)
    assert server.asked == ["/good/a.txt"]


def test_a_wrong_checksum_leaves_nothing_behind_and_says_so(server, tmp_path):
    file = remote(server, "good", content=b"something else")
    with pytest.raises(DownloadError) as caught:
        fetch(file)
    message = str(caught.value)
    assert file.address in message
    assert file.checksum in message
    assert hashlib.sha256(CONTENT).hexdigest() in message
    assert "KERASSEQ_MIRROR" in message
    assert left(tmp_path) == []


def test_a_cut_connection_leaves_nothing_behind_and_is_tried_again_a_few_times(server, tmp_path):
    with pytest.raises(DownloadError, match=rf"/cut/a\.txt: failed {ATTEMPTS} times, nothing was kept"):
        fetch(remote(server, "cut"))
    assert len(server.asked) == ATTEMPTS
    assert left(tmp_path) == []


def test_a_file_that_is_not_there_is_asked_for_once(server, tmp_path):
    with pytest.raises(DownloadError, match="the server answered 404"):
        fetch(remote(server, "absent"))
    assert len(server.asked) == 1
    assert left(tmp_path) == []


def test_a_server_that_fails_once_is_asked_again(server):
    assert fetch(remote(server, "flaky")).read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_no_server_at_all_is_a_download_error(server, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/a.txt"
    with pytest.raises(DownloadError, match=r"failed 3 times.*refused"):
        fetch(RemoteFile("demo", "a.txt", address, "sha256:0"))
    assert left(tmp_path) == []


def test_an_interrupt_leaves_nothing_behind(server, tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "_checksum", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(remote(server, "good"))
    assert left(tmp_path) == []


def test_a_damaged_file_in_the_cache_is_fetched_anew(server):
    file = remote(server, "good")
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(b"half")
    assert fetch(file).read_bytes() == CONTENT


def test_the_mirror_is_asked_instead(server, monkeypatch):
    monkeypatch.setenv("KERASSEQ_MIRROR", f"http://127.0.0.1:{server.server_port}/good/")
    file = RemoteFile("demo", "a.txt", "http://127.0.0.1:1/a.txt", remote(server, "good").checksum)
    assert fetch(file).read_bytes() == CONTENT
    assert server.asked == ["/good/demo/a.txt"]


def test_a_mirror_that_is_no_web_address_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASSEQ_CACHE", str(tmp_path))
    monkeypatch.setenv("KERASSEQ_MIRROR", "/srv/data")
    with pytest.raises(DownloadError, match=r"must begin with http:// or https://.*dataset\.folder"):
        fetch(RemoteFile("demo", "a.txt", "http://127.0.0.1:1/a.txt", "sha256:0"))


def test_a_cache_that_cannot_be_written_says_so(server, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERASSEQ_CACHE", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match="set KERASSEQ_CACHE"):
        fetch(remote(server, "good"))


def test_a_named_set_is_fetched_then_read_without_a_network(server, monkeypatch):
    base = f"http://127.0.0.1:{server.server_port}/good/"
    files = {side: remote(server, f"good/{side}") for side in Sst2.files}
    files = {side: RemoteFile("sst", f"{side}.txt", base + side, file.checksum) for side, file in files.items()}
    monkeypatch.setattr(Sst2, "files", files)
    assert list(Sst2().problems()) == []
    assert server.asked == []
    assert Sst2().build().num_rows == 12_000
    server.asked.clear()
    monkeypatch.setattr(fetching, "_download", None)
    assert Sst2().build().num_rows == 12_000
    assert server.asked == []


def test_the_archive_of_imdb_is_checked_by_its_md5(server, monkeypatch, tmp_path):
    monkeypatch.setenv("KERASSEQ_MIRROR", f"http://127.0.0.1:{server.server_port}/good")
    with pytest.raises(DownloadError, match=r"imdb/aclImdb_v1\.tar\.gz: must have the checksum md5:7c2ac02c"):
        Imdb().build()
    assert left(tmp_path) == []
