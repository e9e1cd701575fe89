import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.text import Texts
from kerasseq.verify.sample import Sample


def test_a_sample_comes_back_as_it_was_written(tmp_path):
    inputs = (Ragged.from_lists([[3, 4], [], [5]]), Ragged.from_lists([[1], [2], []]))
    texts = Texts(["خدمة 😀", "", "a\ud83db\x00"], ["x", "\r\n", ""])
    before = Sample(texts, inputs, np.array([1, 0, 2]), ("bad", "جيد"), 2.5, "bfloat16", "3 test rows")
    before.write(tmp_path)
    after = Sample.read(tmp_path)
    assert (after.texts, after.labels, after.unit) == (texts, before.labels, 2.5)
    assert (after.precision, after.source, len(after)) == ("bfloat16", "3 test rows", 3)
    assert [[ragged[i].tolist() for i in range(3)] for ragged in after.inputs] == [[[3, 4], [], [5]], [[1], [2], []]]
    np.testing.assert_array_equal(after.targets, before.targets)
    assert after.targets.dtype == before.targets.dtype
