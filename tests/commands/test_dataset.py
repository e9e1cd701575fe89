import functools
import hashlib
import http.server
import threading

import pytest

PLUGIN = """
from typing import ClassVar

from kerasseq.datasets.fetch import RemoteFile, fetch
from kerasseq.spec import DatasetSpec


class Tiny(DatasetSpec):
    \"\"\"Tiny: two rows.

    More words.
    \"\"\"

    licence: ClassVar[str] = "CC0"
    files: ClassVar = {{"train": RemoteFile("tiny", "tiny.csv", "http://127.0.0.1:1/tiny.csv", "sha256:{checksum}")}}

    def fetch(self):
        return {{side: fetch(file) for side, file in self.files.items()}}
"""
DATA = b"text,target\na,1\nb,2\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def serve(monkeypatch):
    """`serve(folder)`: what lies in it is the mirror."""
    servers = []

    def start(folder):
        handler = functools.partial(Quiet, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        monkeypatch.setenv("KERASSEQ_MIRROR", f"http://127.0.0.1:{server.server_port}")

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def tiny(install, tmp_path):
    """A plugin's data set of one file, and a mirror that has it."""
    install(
        "tiny-pack",
        {"dataset": ["tiny = tiny_pack:Tiny"]},
        {"tiny_pack.py": PLUGIN.format(checksum=hashlib.sha256(DATA).hexdigest())},
    )
    (tmp_path / "mirror" / "tiny").mkdir(parents=True)
    (tmp_path / "mirror" / "tiny" / "tiny.csv").write_bytes(DATA)
    return tmp_path / "mirror"


def test_check_reports_passes_and_warnings_and_ends_with_0(kerasseq, config):
    result = kerasseq("dataset", "check", config)
    assert result.exit_code == 0, result.output
    assert "60 rows by ratio, stratified by class, seed 0: train 48, validation 6, test 6" in result.stdout
    assert "0 errors" in result.stdout.splitlines()[-1]


def test_check_follows_overrides(kerasseq, config):
    text = "train 36, validation 12, test 12"
    assert (
        text in kerasseq("dataset", "check", config, "--set", "split.test=0.2", "--set", "split.validation=0.2").stdout
    )
    group = kerasseq("dataset", "check", config, "--set", "dataset.group=author")
    assert "by group" in group.stdout


def test_check_ends_with_1_when_training_cannot_work(kerasseq, config, table):
    table.write_text(table.read_text(encoding="utf-8").replace(",no,", ",yes,"), encoding="utf-8")
    result = kerasseq("dataset", "check", config)
    assert result.exit_code == 1
    assert "train must have two classes or more" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("1 error")


def test_check_warns_of_test_rows_that_are_trained_on(kerasseq, config, table):
    lines = table.read_text(encoding="utf-8").splitlines()
    (table.parent / "test.csv").write_text("\n".join([lines[0], *lines[1:9]]) + "\n", encoding="utf-8")
    result = kerasseq("dataset", "check", config, "--set", "dataset.test=test.csv")
    assert result.exit_code == 0
    assert "warn  overlap" in result.stdout


def test_check_of_bad_rows_names_file_line_and_column_and_ends_with_1(kerasseq, config, table):
    with table.open("a", encoding="utf-8") as file:
        file.write(",1,yes,2\nno label,2,,2\n")
    result = kerasseq("dataset", "check", config)
    assert result.exit_code == 1
    assert "rows.csv:62: text: must not be empty" in result.stderr
    assert "rows.csv:63: label: " in result.stderr
    assert "2 of 62 rows" in result.stderr


def test_check_of_a_wrong_config_ends_with_2(kerasseq, config):
    result = kerasseq("dataset", "check", config, "--set", "dataset.text=txt")
    assert result.exit_code == 2
    assert 'dataset.text: must be a column of rows.csv, got "txt"; did you mean "text"? (from --set)' in result.stderr


def test_check_of_pairs_and_of_the_bundled_sets(kerasseq, config):
    pair = ["--set", "dataset.text_2=author", "--set", "task.pair=combine"]
    assert kerasseq("dataset", "check", config, *pair).exit_code == 0
    (config.parent / "b.toml").write_text(
        '[dataset]\nname = "bundled"\nset = "reviews_en"\n[task]\nname = "classification"\n', encoding="utf-8"
    )
    result = kerasseq("dataset", "check", "b.toml")
    assert result.exit_code == 0, result.output


def test_list_shows_licence_what_is_here_and_what_it_holds(kerasseq, tiny):
    lines = kerasseq("dataset", "list").stdout.splitlines()
    assert lines[0].split() == ["name", "licence", "here", "holds"]
    names = [line.split()[0] for line in lines[1:]]
    assert names == ["bundled", "ajgt", "arsarcasm", "imdb", "sst2", "sst5", "tiny", "trec"]
    assert "CC0      " in lines[7]
    assert lines[7].endswith("not fetched  Tiny: two rows.")
    assert "shipped" in lines[1]


def test_fetch_downloads_once_and_list_says_so(kerasseq, tiny, serve, tmp_path):
    serve(tiny)
    path = tmp_path / "cache" / "tiny" / "tiny.csv"
    result = kerasseq("dataset", "fetch", "tiny", "tiny")
    assert (result.exit_code, result.stdout) == (0, f"tiny train: {path}\n")
    assert path.read_bytes() == DATA
    (tiny / "tiny" / "tiny.csv").unlink()
    assert kerasseq("dataset", "fetch", "tiny").exit_code == 0
    assert "cached, 0.0 MB" in kerasseq("dataset", "list").stdout


def test_fetch_of_an_altered_file_leaves_nothing_and_ends_with_1(kerasseq, tiny, serve, tmp_path):
    serve(tiny)
    (tiny / "tiny" / "tiny.csv").write_bytes(DATA + b"c,3\n")
    result = kerasseq("dataset", "fetch", "tiny")
    assert result.exit_code == 1
    assert "must have the checksum" in result.stderr
    assert list((tmp_path / "cache" / "tiny").iterdir()) == []


def test_fetch_of_an_unknown_set_gets_the_nearest_name_before_anything_is_fetched(kerasseq, tmp_path):
    result = kerasseq("dataset", "fetch", "sst3", "trek", "sst2")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        'unknown data set "sst3"; did you mean "sst5"?',
        'unknown data set "trek"; did you mean "trec"?',
    ]
    assert not (tmp_path / "cache").exists()


@pytest.mark.realdata
def test_fetch_takes_real_sets_from_a_mirror(kerasseq, serve, realdata, tmp_path):
    serve(realdata)
    result = kerasseq("dataset", "fetch", "ajgt", "arsarcasm")
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) == 4
    assert kerasseq("dataset", "list").stdout.count("cached, ") == 2
