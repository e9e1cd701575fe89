import functools
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.errors import UsageError
from kerasseq.preprocessors.replace import Replace, verbatim


def test_groups_are_named_by_number_and_an_unused_one_is_empty() -> None:
    assert Replace("(a)|(b)", r"<\1\2>").step()("abc") == "<a><b>c"


def test_a_backslash_is_written_twice() -> None:
    assert Replace("a", "\\\\").step()("ab") == "\\b"


@pytest.mark.parametrize("text", [r"\1", "\\", r"\\n$0", "plain"])
def test_verbatim_gives_the_text_itself(text: str) -> None:
    assert Replace("(a)", verbatim(text)).step()("ab") == text + "b"


@pytest.mark.parametrize("replacement", [r"\2", r"\g<1>", r"\0", "\\n", "\\", r"\9"])
def test_a_replacement_names_only_groups_that_are_there(replacement: str) -> None:
    with pytest.raises(UsageError, match="replacement"):
        Replace("(a)", replacement)


def test_a_pattern_that_re2_reads_otherwise_is_refused_when_built() -> None:
    with pytest.raises(UsageError, match="pattern"):
        Replace(r"\w+", "")


@pytest.mark.parametrize("only_with", ["", "@", "@#", "@😀"])
def test_the_hint_changes_no_result(only_with: str) -> None:
    step = Replace("@[a-z]+", "U", only_with=only_with).step()
    assert [step(text) for text in ("hi @bob", "hi", "", "😀@a")] == ["hi U", "hi", "", "😀U"]


@pytest.mark.parametrize("kind", ["space", "letter", "otherspace"])
@settings(deadline=None)
@given(st.text(alphabet="a \u00a0\x1c\n\u2028.ا", max_size=12))
def test_trimming_both_ends_is_what_the_pattern_says(kind: str, text: str) -> None:
    step, pattern = _trimming(kind)
    assert step(text) == pattern.sub("", text)


@functools.cache
def _trimming(kind: str) -> tuple[Callable[[str], str], re.Pattern[str]]:
    trim = Replace(f"{{start}}{{{kind}}}+|{{{kind}}}+{{end}}", "")
    return trim.step(), re.compile(trim.compiled.python)
