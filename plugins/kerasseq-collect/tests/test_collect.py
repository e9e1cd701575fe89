"""From a site on loopback to a table, past its traps."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kerasseq_collect import command
from kerasseq_collect.addresses import is_private, problem
from kerasseq_collect.job import COLUMNS, Folder
from kerasseq_collect.scoring import read_rules
from kerasseq_collect.texts import Texts

from kerasseq.commands.main import main
from kerasseq.plugin import ConfigError

GOLDEN = Path(__file__).parents[3] / "tests" / "golden"
QUICK = ["--delay", "0", "--allow-private", "127.0.0.1", "--largest", "1"]


def collected(*words: str) -> Any:
    return CliRunner().invoke(main, ["collect", *words])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_texts_of_a_site_become_a_table_and_its_traps_are_counted(
    site: Any, tale: dict[str, str], tmp_path: Path
) -> None:
    table = tmp_path / "texts.csv"
    result = collected(site.address, "--output", str(table), *QUICK, "--depth", "3")
    assert result.exit_code == 0, result.output
    found = {row["address"].removeprefix(site.address): row for row in rows(table)}
    assert list(next(iter(found.values()))) == list(COLUMNS)
    assert set(found) == {"/", "/en", "/ar", "/wrong"}  # a host alone ends with a slash
    assert tale["en"].format(n="second") in found["/en"]["Text"]
    assert found["/en"]["date"] == "2024-05-06"
    assert found["/en"]["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["/en"]["title"] in ("The harbour", "Of the harbour")
    assert (found["/en"]["language"], found["/ar"]["language"]) == ("en", "ar")
    assert tale["market"] in found["/wrong"]["Text"]  # whatever its header says
    for said in ("4 texts", "nearly the same", "too few words", "forbidden by robots.txt", "no page of html", "larger"):
        assert said in result.output
    assert "/secret/1" not in site.asked
    assert Counter(site.asked)["/robots.txt"] == 1
    assert not list(tmp_path.glob("*.collecting"))


def test_the_commands_and_the_rules_of_the_page_work(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    [rules] = re.findall(r"```toml\n(.*?)```", page, re.S)
    begin, again = re.findall(r"^\$ kerasseq collect (.*)$", page, re.M)
    monkeypatch.chdir(tmp_path)
    Path("rules.toml").write_text(rules, encoding="utf-8")
    words = begin.replace("https://example.org/news", site.address).split()
    result = collected(*words, *QUICK, "--rules", "rules.toml")
    assert result.exit_code == 0, result.output
    assert {row["Score"] for row in rows(Path("texts.csv"))} == {"5.0"}
    Path("texts.csv").unlink()
    assert "nothing was begun for texts.csv" in collected(*again.split()).output


def test_a_site_that_never_ends_ends_at_the_pages_that_were_asked_for(site: Any, tmp_path: Path) -> None:
    table = tmp_path / "texts.jsonl"
    words = ["--output", str(table), *QUICK, "--pages", "6", "--depth", "1000", "--words", "1"]
    result = collected(f"{site.address}/calendar/0", *words)
    assert result.exit_code == 0, result.output
    assert "the sites have more pages: --pages was reached" in result.output
    assert len(site.asked) < 15
    assert [json.loads(line)["Text"] for line in table.read_text(encoding="utf-8").splitlines()]


def test_what_was_fetched_before_a_kill_is_asked_for_no_more(site: Any, tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    folder = Folder(tmp_path / "texts.csv.collecting")
    result = collected(site.address, "--output", str(table), *QUICK, "--pages", "3", "--words", "100000")
    assert result.exit_code == 1, result.output  # nothing was kept, and so the folder is
    assert "no page gave a text that was asked for" in result.output
    job = json.loads(folder.settings.read_text(encoding="utf-8"))
    folder.settings.write_text(json.dumps(job | {"pages": 100, "words": 20, "depth": 2}), encoding="utf-8")
    folder.rows.write_text("", encoding="utf-8")
    command_ = [sys.executable, "-P", "-m", "kerasseq_collect.crawl", str(folder.path)]
    process = subprocess.Popen(command_, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    process.kill()
    process.communicate()
    with folder.rows.open("a", encoding="utf-8") as file:
        file.write('{"address": "cut o')
    again = collected("--resume", "--output", str(table))
    assert again.exit_code == 0, again.output
    assert {row["address"].removeprefix(site.address) for row in rows(table)} == {"/", "/en", "/ar", "/wrong"}
    twice = {path: number for path, number in Counter(site.asked).items() if number > 2}
    assert not twice.keys() & set(site.pages) - {"/robots.txt", "/huge", "/bomb"}, twice


def test_a_crawl_does_not_outlive_who_began_it(site: Any, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "texts.csv.collecting")
    collected(site.address, "--output", str(tmp_path / "texts.csv"), *QUICK, "--pages", "1", "--words", "100000")
    told = json.loads(folder.settings.read_text(encoding="utf-8"))
    folder.settings.write_text(json.dumps(told | {"delay": 60.0, "pages": 100}), encoding="utf-8")
    words = [sys.executable, "-P", "-m", "kerasseq_collect.crawl", str(folder.path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 1


def test_every_wrong_address_is_said_at_once_before_any_is_asked(tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    words = ["ftp://a.org", "page.html", "https://", "http://me:secret@a.org", "http://10.0.0.1/x", "http://localhost"]
    result = collected(*words, "--output", str(table), "--language", "xx")
    assert result.exit_code == 2
    for said in (
        "ftp://a.org: must begin with http:// or https://",
        "page.html: must begin with",
        "https://: must name a host",
        "must hold no password",
        "http://10.0.0.1/x: must not be of this machine or a private network; --allow-private 10.0.0.1 allows it",
        "--allow-private localhost",
        "--language: must be one of",
    ):
        assert said in " ".join(result.output.split())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output", "texts.xlsx", "https://a.org"], "--output must end with .csv, .tsv, .jsonl"),
        (["--output", "there.csv", "https://a.org"], "--force overwrites it"),
        (["--output", "texts.csv"], "give an ADDRESS"),
        (["--output", "texts.csv", "--resume"], "nothing was begun for texts.csv"),
        (["--output", "begun.csv", "https://a.org"], "--resume goes on"),
        (["--output", "begun.csv", "--resume", "https://a.org"], "give none"),
        (["--output", "texts.csv", "https://a.org", "--rules", "there.csv", "--score", "there.csv"], "not both"),
    ],
)
def test_what_cannot_be_is_refused(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").touch()
    Path("begun.csv.collecting").mkdir()
    Path("begun.csv.collecting/job.json").write_text("{", encoding="utf-8")
    result = collected(*words)
    assert result.exit_code == 2
    assert said in result.output


def test_a_damaged_job_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "texts.csv.collecting"
    folder.mkdir()
    (folder / "job.json").write_text('{"pages": 3}', encoding="utf-8")
    result = collected("--resume", "--output", str(tmp_path / "texts.csv"))
    assert result.exit_code == 1
    assert "job.json: must be what kerasseq collect wrote" in result.output


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("169.254.169.254", True),
        ("0.0.0.0", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("::ffff:192.168.0.1", True),
        ("224.0.0.1", True),
        ("box.localhost", True),
        ("93.184.216.34", False),
        ("2606:2800:220:1::1", False),
        ("example.org", False),
    ],
)
def test_private_numbers_are_known(host: str, private: bool) -> None:
    assert is_private(host) is private


def test_a_name_that_leads_to_a_private_network_is_not_found() -> None:
    from kerasseq_collect.crawl import _Public
    from twisted.internet.address import IPv4Address

    heard: list[str] = []

    class Receiver:
        def resolutionBegan(self, resolution: Any) -> None:
            heard.append("began")

        def addressResolved(self, address: Any) -> None:
            heard.append(address.host)

        def resolutionComplete(self) -> None:
            heard.append("complete")

    receiver = _Public(Receiver())
    receiver.resolutionBegan(None)
    for host in ("127.0.0.1", "93.184.216.34", "192.168.1.1"):
        receiver.addressResolved(IPv4Address("TCP", host, 80))
    receiver.resolutionComplete()
    assert heard == ["began", "93.184.216.34", "complete"]


def test_addresses_that_cannot_be_parsed_are_told() -> None:
    assert problem("http://a.org:99999/").startswith("must be an address")
    assert problem("http://[::1/") != ""
    assert problem("https://a.org/x?y=1") == ""


def test_another_language_is_left_out_and_nearly_the_same_text_is_kept_once(tale: dict[str, str]) -> None:
    texts = Texts("ar", 5)

    def take(text: str, name: str) -> dict[str, Any]:
        page = f"<html><body><article><p>{text}</p></article></body></html>"
        return texts.take(f"https://a.org/{name}", page.encode(), page)

    assert take(tale["en"].format(n=1), "1")["left_out"] == "another language"
    assert take(tale["ar"].format(n=1), "2")["language"] == "ar"
    assert take("يقال: " + tale["ar"].format(n=1), "3")["left_out"] == "nearly the same as another"
    assert take("", "4")["left_out"] == "no text"


RULES = """
start = 5
range = [1, 10]
[[rule]]
words = ["ممتاز", "Excellent"]
add = 3
[[rule]]
words = ["bad"]
add = -9
"""


def test_rules_add_up_within_their_range(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    rules = read_rules(tmp_path / "rules.toml")
    texts = ["nothing", "an EXCELLENT, excellent day", "فيلم ممتاز", "bad", "badly"]
    assert rules(texts) == [5, 8, 8, 1, 5]


def test_every_problem_of_rules_is_said(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('start = 50\nranges = 1\nrange = [1, 10]\n[[rule]]\nwords = "good"\n[[rule]]\nwords = ["a"]\n')
    with pytest.raises(ConfigError) as caught:
        read_rules(path)
    said = str(caught.value)
    assert all(key in said for key in ("start", "ranges", "rule[0].words", "rule[1].add"))
    path.write_text("start =")
    with pytest.raises(ConfigError, match="must be a TOML file"):
        read_rules(path)


def test_a_run_fills_the_scores(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "texts.csv.collecting")
    folder.path.mkdir()
    row = {"Text": "a good day", "address": "https://a.org/", "title": "", "date": "", "language": "en", "licence": ""}
    folder.add(row)
    folder.add({"address": "https://a.org/2", "left_out": "no text"})
    run = GOLDEN / "0.1.0" / "classification"
    score = command._score(run, None)
    assert command._write(folder, tmp_path / "texts.csv", score) == 1
    [written] = rows(tmp_path / "texts.csv")
    assert written["Score"]
    assert written["Text"] == "a good day"
