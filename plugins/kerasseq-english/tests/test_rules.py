"""The steps that are rules: examples, calendars, and the same in a graph as in Python."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kerasseq_english.dates import EnglishDates
from kerasseq_english.quantities import EnglishQuantities
from kerasseq_english.sentences import EnglishSentences
from kerasseq_english.spoken import EnglishSpoken

from kerasseq.plugin import PreprocessorSpec
from kerasseq.testing import rules_in_graph

SPECS: list[PreprocessorSpec] = [
    EnglishSpoken(),
    EnglishSpoken(bare=False),
    EnglishDates(),
    EnglishQuantities(),
    EnglishQuantities(money_token=r"\$1", words=False),
    EnglishSentences(),
    EnglishSentences(separator=r" \1 "),
]

HOSTILE = [
    "",
    "\ufdd0\ufdd1 5\ufdd0th \ufdd1'em\ufdd0",
    "'em'em 'em' ''em'' rock'n'roll '' ' ’",
    "1/1/1/1/1 12:30:30:30 $$5$5 5%%% 1st2nd",
    "A. B. C. D. \"E.\" 'F.' ... . . .",
    "\\1 \\0 $1 \t\r\n\u2028 \x01\x1f\x7f",
    "e\u0301 ﬁ ½ ² ٣ ８ 👨‍👩‍👧 👍🏽",
    "one one one hundred and and two",
]
WORDS = (
    "gonna Dunno goin' 'em ’Tis dont I'd've couldn’t’ve May 5 March 12th 2024 3/4/24 17:45 pm p.m. $5.99 20 % € "
    'dollars 22nd twenty-five three hundred and one Mr. J. K. Smith e.g. U.S. etc. No. ? ! … " ) ( “ ”'
).split()
TEXTS = st.lists(
    st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)), max_size=10
).flatmap(lambda parts: st.sampled_from([" ", "", "  "]).map(lambda between: between.join(parts)))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.name}")
def test_a_step_does_the_same_in_the_graph(spec: PreprocessorSpec) -> None:
    built = spec.build()
    assert built.portable
    run = rules_in_graph(built.rules)

    @given(st.lists(TEXTS, min_size=1, max_size=6))
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    def same(texts: list[str]) -> None:
        texts = [text.replace("\0", "\x01") for text in texts]
        assert run(texts) == built(texts)

    same()
    assert run([*HOSTILE, " ".join(HOSTILE)]) == built([*HOSTILE, " ".join(HOSTILE)])


@pytest.mark.parametrize(
    ("spec", "text", "wanted"),
    [
        (EnglishSpoken(), "I'm gonna go, I Dunno", "I'm going to go, I Do not know"),
        (EnglishSpoken(), "DONT tell 'em 'em im goin’ home", "DO NOT tell them them I am going home"),
        (EnglishSpoken(), "’Tis couldn’t’ve I'd've 'CAUSE", "It is could not have I would have BECAUSE"),
        (
            EnglishSpoken(),
            "rock'em 'emergency' begin' 'begin' gonnas ill",
            "rock'em 'emergency' begin' 'begin' gonnas ill",
        ),
        (EnglishSpoken(bare=False), "dont im gonna", "dont im going to"),
        (EnglishDates(), "it may 5 days, in May, 1.2.3 10.0.0.1", "it may 5 days, in May, 1.2.3 10.0.0.1"),
        (EnglishDates(), "12th of March 2024, 5pm. 5pmx 2024-03-12T10:00:00Z", "[date], [time]. 5pmx [date]"),
        (EnglishDates(date_token="D", time_token="T"), "31 Dec at 5 p.m. sharp", "D at T sharp"),
        (EnglishQuantities(), "$5.99 £3m US$5 20€ 5 million dollars", "[money] [money] US[money] [money] [money]"),
        (EnglishQuantities(), "50% 3.5 per cent 22nd first", "[percent] [percent] [ordinal] first"),
        (EnglishQuantities(), "one of twenty-five, One hundred and two", "one of [number], [number]"),
        (EnglishQuantities(), "tense weight someone 5mx 3D 7 1,000", "tense weight someone 5mx 3D 7 1,000"),
        (EnglishQuantities(words=False), "twenty 1st", "twenty [ordinal]"),
        (EnglishSentences(), "It rained. Mr. Smith left.", "It rained.\nMr. Smith left."),
        (
            EnglishSentences(),
            'Oh! "Really?" She... went. (Yes.) 3.5 No. 5',
            'Oh!\n"Really?"\nShe... went.\n(Yes.)\n3.5 No. 5',
        ),
        (
            EnglishSentences(),
            "J. R. R. T. Smith, e.g. Bob. It was I. So",
            "J. R. R. T. Smith, e.g. Bob.\nIt was I.\nSo",
        ),
        (
            EnglishSentences(separator=" [eos] "),
            "The U.S. Army. He ate etc. So",
            "The U.S. Army. [eos] He ate etc. [eos] So",
        ),
    ],
)
def test_examples(spec: PreprocessorSpec, text: str, wanted: str) -> None:
    assert spec.build()([text]) == [wanted]
    assert rules_in_graph(spec.build().rules)([text]) == [wanted]


FORMATS = "%Y-%m-%d|%d/%m/%Y|%m/%d/%y|%d.%m.%Y|%B %d, %Y|%d %B %Y|%a, %b %d, %Y|%A %d %b. %Y|%d %b|%Y/%m/%d".split("|")
CLOCKS = "%H:%M|%I:%M %p|%H:%M:%S|%I %p|%I%p".split("|")


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2099, 12, 31)))
@settings(max_examples=60, deadline=None)
def test_every_day_in_every_common_form_is_a_date_and_every_minute_a_time(moment: dt.datetime) -> None:
    build = EnglishDates().build()
    said = build([f"on {moment.strftime(form)}, then" for form in FORMATS])
    assert said == ["on [date], then"] * len(FORMATS)
    said = build([f"at {moment.strftime(form)} we" for form in CLOCKS])
    assert said == ["at [time] we"] * len(CLOCKS)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_sentences_change_nothing_but_the_white_space_between_them(text: str) -> None:
    text = " ".join(text.replace("\ufdd0", "").split())
    once = EnglishSentences().build()([text])
    assert once[0].replace("\n", " ") == text
    assert EnglishSentences().build()(once) == once
