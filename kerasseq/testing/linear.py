"""Whether time grows with a text as the text does: what a visitor writes must not keep a service busy."""

from __future__ import annotations

import time
from collections.abc import Callable

from kerasseq.spec import PreprocessorSpec, TokenizerSpec
from kerasseq.testing.faults import CheckFailed, shown
from kerasseq.testing.preprocessor_checks import made
from kerasseq.testing.tokenizer_checks import trained

__all__ = ["check_preprocessor_time", "check_tokenizer_time"]

SIGNS = "@ # . / < > & ( ) [ ] { } ' ’ - _ : ; = ! ? ، ؟ ـ َ 1 ١ % $ ~ * \u200d 😀 http:// www. t.co/ ＃ ＠ ab "
"""Before each text: rules look only at texts that hold what they are about."""

UNITS = (
    *("a", "ا", "1", "<", "@", "#", "_", " ", "\n", "[", "(", "'", "&", "\u0640", "\u200d", "😀"),
    *("a.", "1.", "1,", "a@", "a-", "a'", "#a_", "<a ", "<a b=", "</", "<!--", "<script>", "_(a", "www.", "http://"),
    *(". ", '."', "a1", "ا1", "ab ", "one hundred and "),
)
"""What a text repeats: beginnings without ends, and runs that go on."""

SHORT, LONG = 1024, 8192
"""Characters; beyond what a pattern with a bound (`{1,256}`) looks ahead."""

MOST = 24.0
"""How many times as long a text of eight times the length may take; 64 where each character is compared with each."""

AT_ONCE = 0.0002
"""Seconds that half a million comparisons take longer than."""

TRIES = 5
"""The shortest counts: what else the machine does makes a try longer, in the long text as in the short one."""


def check_preprocessor_time(spec: PreprocessorSpec) -> None:
    """A text of eight times the length takes about eight times as long, whatever it repeats."""
    preprocess = made(spec)
    _grows(lambda text: preprocess([text]))


def check_tokenizer_time(spec: TokenizerSpec) -> None:
    """A text of eight times the length takes about eight times as long, whatever it repeats."""
    tokenizer = trained(spec)
    _grows(lambda text: tokenizer.encode([text]))


def _grows(work: Callable[[str], object]) -> None:
    for unit in UNITS:
        if _seconds(work, unit, SHORT) < AT_ONCE:
            continue
        tries = [(_seconds(work, unit, SHORT), _seconds(work, unit, LONG)) for _ in range(TRIES)]
        short, long = map(min, zip(*tries, strict=True))
        if long > MOST * short:
            said = f"{shown(unit)} {SHORT} characters long took {short:.3f} s, {LONG} long {long:.3f} s"
            raise CheckFailed(f"time must grow as the text does: of {said}")


def _seconds(work: Callable[[str], object], unit: str, length: int) -> float:
    """Of the processor, for a text that repeats the unit."""
    text = SIGNS + (unit * length)[:length]
    start = time.process_time()
    work(text)
    return time.process_time() - start
