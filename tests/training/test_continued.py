import keras
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.errors import RunError
from kerasseq.preparation import read
from kerasseq.run_directory import RunDirectory
from kerasseq.training.continued import check_continues


def test_a_run_of_another_backend_does_not_go_on(finished, tmp_path):
    directory = RunDirectory(tmp_path)
    other = {"torch": "jax", "jax": "torch"}[keras.backend.backend()]
    text = (finished / "environment.json").read_text(encoding="utf-8")
    directory.environment.write_text(text.replace(f'"backend": "{keras.backend.backend()}"', f'"backend": "{other}"'))
    with pytest.raises(RunError, match=f"must go on with {other}, got {keras.backend.backend()}"):
        check_continues(directory, read_experiment(finished / "experiment.toml"), {})


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("seed=1", "seed"),
        ("training.batch_size=8", "training.batch_size"),
        ('preprocessor=[{name="html"}]', r"preprocessor\[0\]"),
        ("preprocessor=[]", r"preprocessor\[0\]"),
    ],
)
def test_a_run_with_another_setting_does_not_go_on(finished, override, key):
    experiment = read_experiment(finished / "experiment.toml", [override])
    with pytest.raises(RunError, match=f"must go on as it began, got another {key}"):
        check_continues(RunDirectory(finished), experiment, {})


def test_more_epochs_are_no_other_run(finished):
    experiment = read_experiment(finished / "experiment.toml", ["training.epochs=9"])
    check_continues(RunDirectory(finished), experiment, read(experiment))
