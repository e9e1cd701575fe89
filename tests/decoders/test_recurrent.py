import pytest
from pydantic import ValidationError

from kerasseq.decoders.recurrent import GRU, LSTM


def test_a_decoder_that_is_fed_already_takes_no_input_feeding():
    for attention in ("bahdanau", "none"):
        with pytest.raises(ValidationError, match="input_feeding must be false"):
            GRU(attention=attention, input_feeding=True)


def test_it_says_why_it_goes_step_by_step():
    assert GRU().build(2).stepwise == ""
    assert LSTM(attention="bahdanau").build(1).stepwise == "bahdanau attention is fed into the step"
    assert GRU(input_feeding=True).build(1).stepwise == "input feeding"
