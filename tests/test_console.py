import io
import logging
import sys

import pytest
from rich.cells import cell_len

from kerasseq.console import columns, show_log

pytestmark = pytest.mark.usefixtures("own_log")


def test_columns_are_aligned_whatever_the_script():
    rows = [["class", "f1"], ["إيجابي", "0.9"], ["中性", "0.8"], ["x", "0.7"]]
    starts = {cell_len(line[: line.index("0.")]) for line in columns(rows)[1:]}
    assert starts == {8}
    assert columns([["a", ""]], gap=1) == ["a"]


def test_messages_go_to_the_stderr_of_their_moment_and_once(monkeypatch):
    show_log()
    show_log()
    for _ in range(2):
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        logging.getLogger("kerasseq.datasets").info("skipped [3] rows")
        logging.getLogger("kerasseq").debug("nobody wants to know")
        assert stream.getvalue() == "skipped [3] rows\n"


def test_other_handlers_still_get_messages(caplog):
    show_log()
    logging.getLogger("kerasseq").info("heard")
    assert "heard" in caplog.text


def test_a_name_of_a_foreign_file_does_not_command_the_terminal(monkeypatch):
    show_log()
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logging.getLogger("kerasseq").info("pooler %s, نص\n\tnext", "\x1b]0;mine\x07\x9b2J\r\x7f")
    assert stream.getvalue() == "pooler \\x1b]0;mine\\x07\\x9b2J\\x0d\\x7f, نص\n\tnext\n"
