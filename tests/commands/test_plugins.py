import json
import sys

from kerasseq.registry import KINDS, find


def test_every_component_is_a_line_and_nothing_is_imported(install, kerasseq):
    install(
        "sad-pack",
        {"pooler": ["mean = sad_module:Mean", "top = sad_module:Top"]},
        {"sad_module.py": "raise SystemExit"},
    )
    result = kerasseq("plugins")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["kind", "name", "distribution", "version", "state"]
    assert len(lines) - 1 == sum(len(find(kind)) for kind in KINDS)
    assert ["pooler", "mean", "kerasseq", "0.1.0", "ok"] in lines
    assert ["pooler", "sad-pack/mean", "sad-pack", "1.0", "ok"] in lines
    assert ["pooler", "top", "sad-pack", "1.0", "ok"] in lines
    assert "sad_module" not in sys.modules


def test_one_kind_as_json(kerasseq):
    rows = json.loads(kerasseq("plugins", "--kind", "encoder", "--json").stdout)
    assert [row["name"] for row in rows] == ["gru", "lstm", "none", "simple_rnn"]
    assert rows[1] == {
        "kind": "encoder",
        "name": "lstm",
        "distribution": "kerasseq",
        "version": rows[0]["version"],
        "target": "kerasseq.encoders.recurrent:LSTM",
        "state": "ok",
        "reason": "",
    }


def test_what_cannot_be_used_says_why(install, kerasseq, monkeypatch):
    install("old-pack", {"pooler": ["top = old:Top"]}, requires=["kerasseq>=99"])
    assert "incompatible: needs kerasseq>=99" in kerasseq("plugins").stdout
    monkeypatch.setenv("KERASSEQ_PLUGINS", "other")
    assert 'disabled: KERASSEQ_PLUGINS="other" leaves it out' in kerasseq("plugins", "--kind", "pooler").stdout


def test_an_unknown_kind_is_refused(kerasseq):
    result = kerasseq("plugins", "--kind", "poolers")
    assert result.exit_code == 2
    assert "pooler" in result.stderr
