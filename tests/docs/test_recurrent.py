"""docs/recurrent.md computes what the layers compute, and names the settings that there are."""

import re
from pathlib import Path

from kerasseq.encoders.recurrent import GRU, LSTM, SimpleRNN
from kerasseq.poolers.attention import Attention

TEXT = (Path(__file__).parents[2] / "docs" / "recurrent.md").read_text(encoding="utf-8")


def test_every_block_of_the_page_holds():
    names = {"__name__": "page"}
    blocks = list(re.finditer(r"^```python\n(.*?)^```", TEXT, re.M | re.S))
    assert len(blocks) >= 6
    for block in blocks:
        line = TEXT[: block.start()].count("\n") + 1
        exec(compile("\n" * line + block[1], "docs/recurrent.md", "exec"), names)
    assert abs(names["found"]).max() > 0.01


def test_every_setting_that_it_names_is_one():
    encoders = {**SimpleRNN.model_fields, **GRU.model_fields, **LSTM.model_fields}
    assert set(re.findall(r"encoder\.(\w+)", TEXT)) <= set(encoders)
    assert set(re.findall(r"pooler\.(\w+)", TEXT)) <= set(Attention.model_fields)
    own = set(encoders) - {"name", "dropout", "recurrent_dropout", "kernel_initializer", "from", "from_backward"}
    assert own <= set(re.findall(r"\w+", TEXT)), "a setting without its equation"
