"""Each deliberately wrong component is caught by exactly the check that is there for it."""

from importlib.util import find_spec

import pytest

from kerasseq.testing import CheckFailed, NotChecked, checks_for
from kerasseq.testing.answer_checks import check_scores
from kerasseq.testing.suite import EVERY, KINDS

PARTS = {
    "RightMean": "",
    "NullDefault": "check_toml_round_trip",
    "Undocumented": "check_documented",
    "Lax": "check_strict",
    "KeepsTheAxis": "check_shapes_and_dtypes",
    "SumsEverything": "check_masks",
    "UniformWhereEmpty": "check_masks",
    "DividesByTime": "check_padding_invariance",
    "LooksAtNeighbours": "check_batch_independence",
    "DividesByNothing": "check_all_masked_row",
    "DrawsAnew": "check_seeds",
    "DrawsInKeras": "check_backends",
    "HasADeadWeight": "check_gradients",
    "ForgetsItsArgument": "check_save_load_clone",
    "IsNotRegistered": "check_save_load_clone",
    "OtherOnJax": "check_backends",
    "WrongInOnnx": "check_network_onnx",
    "BrokenInOnnx": "check_network_onnx",
    "NewWeightsEachTime": "check_shared_weights",
    "SameNamesAgain": "check_composition",
    "LeaksIntoNeighbours": "check_masks",
    "ReliesOnAnImplicitMask": "check_padding_invariance",
    "ReliesOnOneInside": "check_padding_invariance",
    "HalvesOfThree": "check_shapes_and_dtypes",
    "PlainEmbedding": "check_padding_id",
}
TEXTS = {
    "ChangesTheList": "check_pure",
    "FirstIsSpecial": "check_texts_independent",
    "HoldsALambda": "check_picklable",
    "CannotReadSurrogates": "check_hostile_texts",
    "LooksAgain": "check_preprocessor_time",
    "NeverDone": "check_idempotent",
    "OtherInTheGraph": "check_preprocessor_onnx",
    "RightWords": "",
    "GivesTheSeparator": "check_ids",
    "SplitsOtherwise": "check_pieces",
    "GluesWords": "check_decode",
    "ClaimsTooMuch": "check_decode",
    "NeverCuts": "check_truncation",
    "OrderOfASet": "check_deterministic",
    "ForgetsTheTail": "check_save_and_load",
    "OfAnotherKind": "check_save_and_load",
    "NeedsTexts": "check_untrained_texts",
    "CannotSplitSurrogates": "check_hostile_ids",
    "SplitsAgain": "check_tokenizer_time",
    "OtherIdsInTheGraph": "check_tokenizer_onnx",
}
BRANCHES = {
    "RightLine": "",
    "KeepsOneBranch": "check_unfitted",
    "DoublePrecision": "check_branch_values",
    "ForgetsTheLimits": "check_branch_values",
    "CentresTheBatch": "check_rows_apart",
    "HoldsNothingOut": "check_held_out",
    "SawTheRows": "check_held_out",
    "JudgesTheFirstRows": "check_held_out",
    "DrawsItsWeights": "check_fitted_again",
    "NeedsTwoClasses": "check_few_rows",
    "DescribesAnArray": "check_told_weights",
    "HeaviestOfOneLine": "check_told_weights",
    "WeighsWithoutSign": "check_told_weights",
    "ForgetsTheBias": "check_restored",
    "TakesAnyFile": "check_lost_files",
    "OtherValuesInTheGraph": "check_branch_onnx",
}
SEARCHES = {
    "RightFirst": "",
    "WritesPadding": "check_texts",
    "KeepsTheStop": "check_texts",
    "FilteredProbability": "check_log_probabilities",
    "DrawsOn": "check_same_seed",
    "SharesAGenerator": "check_neighbours",
    "TellsTheEnd": "check_told",
}
DECODERS = {"BeginsWell": "", "StepsElsewhere": "check_steps"}
REST = {
    "Rows": "",
    "TokenRows": "",
    "SmallLines": "check_columns",
    "TokensInOneText": "check_columns",
    "PromisesSides": "check_provides",
    "LinesFromZero": "check_rows",
    "Shuffled": "check_same_rows",
    "TruthIsNumbers": "check_targets",
    "ForgetsTheOrder": "check_state",
    "FirstRowIsSpecial": "check_pipeline",
    "PromisesNine": "check_outputs",
    "PoolsPadding": "check_padding_invariance",
    "LossOfTheBatch": "check_loss",
    "ScoreFirst": "check_answers",
    "UnknownScore": "check_scores",
    "OtherRowsInTheGraph": "check_pipeline_onnx",
    "OtherAnswersInTheGraph": "check_task_onnx",
    "WritesElsewhere": "check_path",
    "LeavesASecondFile": "check_export",
    "TakesNoBrackets": "check_told",
    "CountsItsRuns": "check_goes_on",
    "TidiesUp": "check_leaves_the_run",
}
WRONG = [
    (module, name, check)
    for module, names in (
        ("wrong_heavy", {"Heavy": "check_light_import"}),
        ("wrong_parts", PARTS),
        ("wrong_texts", TEXTS),
        ("wrong_branches", BRANCHES),
        ("wrong_searches", SEARCHES),
        ("wrong_decoders", DECODERS),
        ("wrong_rest", REST),
    )
    for name, check in names.items()
]


def failures(spec):
    """Name of each check that fails, and what it says."""
    found = {}
    for check in checks_for(spec):
        try:
            check(spec)
        except NotChecked:
            continue
        except CheckFailed as error:
            found[check.__name__] = str(error)
    return found


@pytest.mark.parametrize(("module", "name", "check"), WRONG, ids=lambda value: value)
@pytest.mark.filterwarnings("ignore:.*is not deterministic:UserWarning")
def test_a_wrong_component_is_caught_by_exactly_the_check_for_it(wrong, module, name, check):
    if check == "check_backends" and not find_spec("jax"):
        pytest.skip("needs a second backend: pip install jax")
    found = failures(wrong(module, name))
    assert list(found) == ([check] if check else []), found
    assert all(len(message) > 40 and "\n" not in message for message in found.values())


def test_there_is_a_wrong_component_for_every_check():
    every = {check.__name__ for group in (EVERY, *KINDS.values()) for check in group}
    every |= {"check_idempotent", "check_composition"}
    assert {check for _, _, check in WRONG} - {""} == every


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        ("wrong_parts", "KeepsTheAxis", r"must have shape \(B, F\) with a known last size, got \(None, 1, 6\)"),
        ("wrong_parts", "SumsEverything", r"must not reach the output .*shape \(5, 6\), largest difference"),
        ("wrong_texts", "CannotReadSurrogates", r"'\\ud800' raised UnicodeEncodeError"),
        ("wrong_texts", "GivesTheSeparator", r"'\[SEP\] \[UNK\] \[PAD\] good' gave \[2, 1, 1"),
        (
            "wrong_parts",
            "ReliesOnAnImplicitMask",
            r"^the output relies on an implicit mask, .* no longer from Keras 3.16",
        ),
        (
            "wrong_parts",
            "ReliesOnOneInside",
            r"^the output relies on an implicit mask, .*; give mask=mask to every layer",
        ),
        (
            "wrong_branches",
            "NeedsTwoClasses",
            r"^fit must learn from any rows, 1 with the classes \[0\] raised ValueError",
        ),
        ("wrong_branches", "JudgesTheFirstRows", r"in the last 6 rows, .* for 2 classes row 27 is NaN"),
        ("wrong_branches", "ForgetsTheLimits", r"inside the limits \(0.0, 40.0\), got \d"),
        ("wrong_searches", "WritesPadding", r"^a text must not hold \[0\], forbidden, ending or unknown with Limits\("),
        ("wrong_searches", "SharesAGenerator", r"^neighbours must not change a text, \(6,\) gave \[\["),
        ("wrong_parts", "HasADeadWeight", r"wrong/dead of shape \(6,\) gets 0"),
    ],
)
def test_a_message_names_the_rule_and_what_broke_it(wrong, module, name, said):
    import re

    [message] = failures(wrong(module, name)).values()
    assert re.search(said, message), message


def test_a_part_that_takes_no_mask_fails_by_the_rule():
    import keras

    from kerasseq.spec import PoolerSpec

    class Blind(PoolerSpec):
        def build(self, directions):
            return keras.layers.Dense(3)

    checks = {check.__name__: check for check in checks_for(Blind(name="blind"))}
    with pytest.raises(
        CheckFailed, match=r"must accept mask, as in pooler\(x, mask=mask\), it takes \(inputs, training"
    ):
        checks["check_masks"](Blind(name="blind"))


def test_a_task_must_have_its_main_score_after_every_epoch(wrong):
    with pytest.raises(CheckFailed, match="quick_scores must have the main score, f1_macro, got accuracy"):
        check_scores(wrong("wrong_rest", "NothingToWatch"))
