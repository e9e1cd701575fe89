"""A task of another shape than ours brings its own rows, and the kit checks it as it does ours."""

import pytest

from kerasseq.testing import CheckFailed, NotChecked, checks_for

WRONG = {
    "CountsPadding": ("check_loss", "must not hang on what an output says at padded steps"),
    "NotFiniteAlone": ("check_loss", "the loss of a row of padding, which fills a batch up, must be finite too"),
    "SaysOneTag": (
        "check_answers",
        r"answer_axes must say the shape of an answer, probabilities has \('batch', 2\), got",
    ),
    "ForgetsProbabilities": (
        "check_answers",
        "what is read from the arrays of answers must be these: . of 9 rows differ",
    ),
    "CountsNoSteps": ("check_pipeline_onnx", "the output length must count the steps of each row"),
}


def test_a_task_that_brings_its_rows_passes_every_check(shape):
    spec = shape("steps", "Steps")
    skipped = {}
    for check in checks_for(spec):
        try:
            check(spec)
        except NotChecked as reason:
            skipped[check.__name__] = str(reason)
    assert set(skipped) <= {"check_backends"}, skipped


@pytest.mark.parametrize("name", WRONG)
def test_what_breaks_a_rule_of_its_shape_is_caught_by_the_check_for_it(shape, name):
    import re

    spec, found = shape("steps", name), {}
    for check in checks_for(spec):
        if check.__name__ != "check_backends":
            try:
                check(spec)
            except CheckFailed as error:
                found[check.__name__] = str(error)
    check, said = WRONG[name]
    assert list(found) == [check], found
    assert re.search(said, found[check]), found


def test_a_task_without_rows_is_told_how_to_bring_some(shape):
    spec = shape("steps", "WithoutExample")
    [check] = [check for check in checks_for(spec) if check.__name__ == "check_targets"]
    with pytest.raises(NotChecked, match=r"let WithoutExample\.example return a kerasseq\.plugin\.Example"):
        check(spec)
