"""From a site on loopback to a table, past its traps."""

import csv
import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kerasseq_collect import command
from kerasseq_collect.addresses import belongs, host_named, host_of, is_private, problem
from kerasseq_collect.job import COLUMNS, ELSEWHERE, Folder, Job
from kerasseq_collect.scoring import read_rules
from kerasseq_collect.texts import Texts

from kerasseq.commands.main import main
from kerasseq.plugin import ConfigError

GOLDEN = Path(__file__).parents[3] / "tests" / "golden"
KEPT = {"/", "/en", "/ar", "/wrong", "/letters", "/behind"}
QUICK = ["--delay", "0", "--allow-private", "127.0.0.1", "--largest", "1"]


def collected(*words: str) -> Any:
    return CliRunner().invoke(main, ["collect", *words])


def left_out(said: str) -> dict[str, int]:
    """Numbers by their reason."""
    counts = re.search(r"left out: (.*)", said)
    assert counts, said
    return {reason: int(number) for number, _, reason in (each.partition(" ") for each in counts[1].split(", "))}


def told(file: Path) -> str:
    return gzip.decompress(file.read_bytes()).decode()


def job_of(*addresses: str, **how: Any) -> Job:
    hosts = tuple(host_of(address) for address in addresses)
    usual = {"pages": 100, "depth": 3, "minutes": 1.0, "delay": 0.0, "largest": 10**6, "language": "", "words": 5}
    return Job(addresses, hosts, private=("127.0.0.1",), agent="kerasseq", **usual | how)


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
    assert set(found) == KEPT  # a host alone ends with a slash
    assert tale["en"].format(n="second") in found["/en"]["Text"]
    assert found["/en"]["date"] == "2024-05-06"
    assert found["/en"]["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["/en"]["title"] in ("The harbour", "Of the harbour")
    assert (found["/en"]["language"], found["/ar"]["language"]) == ("en", "ar")
    assert tale["market"] in found["/wrong"]["Text"]  # whatever its header says
    assert left_out(result.output) == {  # pages, however often each was asked for
        "too few words": 4,
        "larger than allowed": 2,
        "nearly the same as another": 1,
        "no page of html": 1,
        "forbidden by robots.txt": 1,
        "private address": 1,
        "answered with an error": 1,
        "redirected to no page": 1,
        "redirected too often": 1,
        "not answered": 1,
    }
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
    result = collected(f"{site.address}/calendar/0", site.address, *words)
    assert result.exit_code == 0, result.output
    assert "the sites may have more pages: --pages was reached" in result.output
    texts = [json.loads(line)["Text"] for line in table.read_text(encoding="utf-8").splitlines()]
    others = left_out(result.output)
    pages = {"nearly the same as another", "no page of html"} & set(others)  # the rest are no pages
    assert len(texts) + sum(others[reason] for reason in pages) == 6
    assert len(site.asked) < 20


def test_what_was_fetched_before_a_kill_is_asked_for_no_more(site: Any, tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    folder = Folder(tmp_path / "texts.csv.collecting")
    folder.write(job_of(f"{site.address}/", depth=2, words=20))
    command_ = [sys.executable, "-P", "-m", "kerasseq_collect.crawl", str(folder.path)]
    process = subprocess.Popen(command_, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(5):
        process.stdout.readline()
    process.kill()
    process.communicate()
    with folder.rows.open("a", encoding="utf-8") as file:
        file.write('{"address": "cut o')
    [first] = [each.parent for each in folder.cache.rglob("meta") if f"{site.address}/'" in told(each)]
    (first / "response_body").write_bytes(b"")
    for later in ("response_data", "request_headers", "request_body"):
        (first / later).unlink()
    again = collected("--resume", "--output", str(table))
    assert again.exit_code == 0, again.output
    assert {row["address"].removeprefix(site.address) for row in rows(table)} == KEPT
    twice = {path: number for path, number in Counter(site.asked).items() if number > 2}
    assert not twice.keys() & set(site.pages) - {"/robots.txt", "/huge", "/bomb"}, twice


SLOW = """
import time
from kerasseq_collect import crawl
take = crawl.Texts.take
def slowly(*page):
    print("begun", flush=True)
    time.sleep(0.5)
    return take(*page)
crawl.Texts.take = slowly
crawl.main()
"""


def test_a_crawl_does_not_outlive_who_began_it_and_writes_what_it_has_in_hand(site: Any, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "texts.csv.collecting")
    folder.write(job_of(f"{site.address}/"))
    words = [sys.executable, "-P", "-c", SLOW, str(folder.path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        command._stop(process)
        assert process.returncode == 1
    assert [row["address"] for row in folder.read()] == [f"{site.address}/"]


def test_a_crawl_that_a_signal_ended_is_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "python"
    told.write_text("""#!/bin/sh\necho '{"ended": "shutdown", "counts": {}}'\n""", encoding="utf-8")
    told.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(told))
    result = collected("https://a.org", "--output", str(tmp_path / "texts.csv"))
    assert result.exit_code == 1
    assert "the crawl ended" in result.output
    assert (tmp_path / "texts.csv.collecting/job.json").exists()


def test_redirects_to_other_hosts_are_counted_and_followed_where_it_is_asked_for(site: Any, tmp_path: Path) -> None:
    other = site.address.replace("127.0.0.1", "localhost")
    site.moved |= {"/robots.txt": f"{other}/rules", "/moved": f"{other}/en", "/elsewhere": f"{other}/ar"}
    site.pages["/rules"] = site.pages["/robots.txt"]
    links = b'<ul><li><a href="/elsewhere">a</a> <a href="/secret/1">b</a></li>'
    site.pages["/hub"] = ("text/html", site.pages["/behind"][1].replace(b"<ul>", links))
    words = [f"{site.address}/moved", f"{site.address}/hub", *QUICK, "--allow-private", "localhost", "--output"]
    result = collected(*words, str(tmp_path / "texts.csv"))
    assert result.exit_code == 0, result.output
    assert "1 texts; left out: 2 redirected to another host: localhost, 1 forbidden by robots.txt" in result.output
    assert "--also localhost follows redirects there" in " ".join(result.output.split())
    assert not {"/en", "/ar", "/secret/1"} & set(site.asked)
    result = collected(*words, str(tmp_path / "more.csv"), "--also", "LOCALHOST.")
    assert result.exit_code == 0, result.output
    assert {f"{other}/en", f"{other}/ar"} < {row["address"] for row in rows(tmp_path / "more.csv")}


def test_of_many_hosts_that_pages_were_redirected_to_some_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {f"{ELSEWHERE}{name}.org": number for number, name in enumerate("abcde", 1)}
    command._report({"ended": "finished", "counts": counts}, Counter(), 1, Path("texts.csv"))
    said = capsys.readouterr().out
    assert "5 redirected to another host: e.org" in said
    assert "3 redirected to yet other hosts" in said
    assert "; --also e.org follows redirects there" in said
    assert "a.org" not in said


def test_a_page_that_cannot_be_read_is_counted_and_its_links_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kerasseq_collect.crawl import Pages
    from scrapy.http import HtmlResponse

    def falls(*_: Any) -> None:
        raise ValueError("of lxml")

    monkeypatch.setattr(Texts, "take", falls)
    folder = Folder(tmp_path / "texts.csv.collecting")
    folder.write(job_of("https://a.org/"))
    page = HtmlResponse("https://a.org/", body=b'<a href="/b">b</a><a href="https://b.org">c</a>')
    assert [request.url for request in Pages(folder.job(), folder).parse(page)] == ["https://a.org/b"]
    assert folder.left_out() == {"could not be read": 1}


def test_a_host_is_asked_no_sooner_than_the_delay() -> None:
    from kerasseq_collect.crawl import settings_of
    from scrapy.core.downloader import Slot
    from scrapy.settings import Settings

    job = job_of("https://a.org/", delay=2.0)
    settings = Settings(settings_of(job, Folder(Path("nowhere"))))
    slot = Slot(1, settings.getfloat("DOWNLOAD_DELAY"), settings.getfloat("DOWNLOAD_DELAY_JITTER"))
    assert {slot.download_delay() for _ in range(9)} == {2.0}


def test_a_crawl_goes_on_with_other_limits_and_refuses_other_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path / "texts.csv.collecting")
    begun = job_of("https://a.org/")
    folder.write(begun)
    words = ["--resume", "--output", str(tmp_path / "texts.csv")]
    result = collected(*words, "--depth", "9", "--allow-private", "b.org", "--delay", "2")
    assert result.exit_code == 2
    said = "--allow-private, --depth: a crawl goes on as it was begun; --pages, --minutes, --delay may change"
    assert said in " ".join(result.output.split())
    assert folder.job() == begun
    monkeypatch.setattr(command, "_crawl", lambda *_: {"ended": "finished", "counts": {}})
    result = collected(*words, "--pages", "7", "--delay", "2")
    assert result.exit_code == 1  # nothing was kept, and so the folder is
    assert "no page gave a text that was asked for; nothing was left out" in result.output
    assert folder.job() == replace(begun, pages=7, delay=2.0)


def test_every_wrong_address_is_said_at_once_before_any_is_asked(tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    words = ["ftp://a.org", "page.html", "https://", "http://me:secret@a.org", "http://10.0.0.1/x", "http://localhost"]
    hosts = ["--also", "https://B.org/x", "--also", "*.b.org", "--allow-private", "b.org:80"]
    result = collected(*words, "--output", str(table), "--language", "xx", *hosts)
    assert result.exit_code == 2
    for said in (
        "ftp://a.org: must begin with http:// or https://",
        "page.html: must begin with",
        "https://: must name a host",
        "must hold no password",
        "http://10.0.0.1/x: must not be of this machine or a private network; --allow-private 10.0.0.1 allows it",
        "--allow-private localhost",
        "--also: must be a host alone, got https://B.org/x; write --also b.org",
        "--also: must be a host alone, got *.b.org; write --also example.org",
        "--allow-private: must be a host alone, got b.org:80; write --allow-private b.org",
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
    from kerasseq_collect.crawl import _Public, _reason
    from scrapy.exceptions import CannotResolveHostError
    from twisted.internet.address import IPv4Address

    heard: list[str] = []

    class Receiver:
        def resolutionBegan(self, resolution: Any) -> None:
            heard.append("began")

        def addressResolved(self, address: Any) -> None:
            heard.append(address.host)

        def resolutionComplete(self) -> None:
            heard.append("complete")

    receiver = _Public(Receiver(), "a.org")
    receiver.resolutionBegan(None)
    for host in ("127.0.0.1", "93.184.216.34", "192.168.1.1"):
        receiver.addressResolved(IPv4Address("TCP", host, 80))
    receiver.resolutionComplete()
    assert heard == ["began", "93.184.216.34", "complete"]
    assert _reason(CannotResolveHostError(), "a.org") == "not answered"
    hidden = _Public(Receiver(), "b.org")
    hidden.addressResolved(IPv4Address("TCP", "10.0.0.1", 80))
    hidden.resolutionComplete()
    assert _reason(CannotResolveHostError(), "b.org") == "private address"


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("Example.org.", "example.org"),
        ("مصر.example", "xn--wgbh1c.example"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("10.0.0.1", "10.0.0.1"),
        ("example.org:80", ""),
        ("fade:80", ""),
        ("a b", ""),
        ("", ""),
    ],
)
def test_hosts_that_are_given_are_the_hosts_of_addresses(given: str, host: str) -> None:
    assert host_named(given) == host
    if host:
        assert host_of(f"http://{given}:80/") == host


def test_www_in_front_makes_no_other_host_and_subdomains_belong_to_theirs() -> None:
    def known(*hosts: str) -> list[bool]:
        return [belongs(host, hosts) for host in ("a.org", "www.a.org", "news.a.org", "x.www.a.org", "ba.org", "org")]

    assert known("a.org") == [True, True, True, True, False, False]
    assert known("www.a.org") == [True, True, False, True, False, False]
    assert known("b.org", "news.a.org") == [False, False, True, False, False, False]


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
