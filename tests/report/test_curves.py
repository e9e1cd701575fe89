"""The curves of training."""

from kerasseq.report.curves import best_epoch, curves


def test_the_kept_epoch_is_the_named_one_or_that_of_least_validation_loss(classification, changed):
    assert best_epoch(classification) == 2
    assert best_epoch(changed(classification, best_epoch=3)) == 3
    assert best_epoch(changed(classification, history=[{"epoch": 1, "loss": 0.5}])) == 0


def test_there_is_a_picture_for_every_measured_quantity(classification, changed):
    drawn = curves(classification)
    assert drawn.count("<svg") == 4
    for name in ("loss", "Accuracy", "learning rate", "gradient norm"):
        assert f"<title>{name} over 3 epochs" in drawn
    assert curves(changed(classification, history=[])) == "No epoch was finished."
