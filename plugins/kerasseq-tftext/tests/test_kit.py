"""Every component keeps the rules that kerasseq asks of components."""

import importlib.util

from kerasseq_tftext.normalize_utf8 import NormalizeUtf8
from kerasseq_tftext.saved_model import SavedModel
from kerasseq_tftext.sentencepiece import Sentencepiece
from kerasseq_tftext.sentences import Sentences
from kerasseq_tftext.unicode_script import UnicodeScript
from kerasseq_tftext.whitespace import Whitespace
from kerasseq_tftext.wordpiece import Wordpiece

from kerasseq.testing import parametrize_with_checks

SPECS = [
    NormalizeUtf8(),
    NormalizeUtf8(form="NFD"),
    Sentences(),
    UnicodeScript(),
    Whitespace(truncation="both"),
    Wordpiece(),
    Wordpiece(vocabulary_size=40, truncation="tail"),
    SavedModel(),
    *([Sentencepiece(), Sentencepiece(algorithm="bpe")] if importlib.util.find_spec("sentencepiece") else []),
]


@parametrize_with_checks(SPECS)
def test_keeps_the_rules(spec, check):
    check(spec)
