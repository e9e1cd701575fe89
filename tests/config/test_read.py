import dataclasses
import json
import subprocess
import sys
import tomllib

import pytest

from kerasseq.config.read import read_experiment, read_text
from kerasseq.errors import ConfigError

EIGHT = """name = "eight"
backend = "jaxx"

[dataset]
name = "table"
train = "rows.csv"
test = "rowz.csv"
target = "scor"

[encoder]
name = "lstn"

[pooler]
name = "attention"
units = 0

[task]
name = "regression"
standardize = true

[split]
method = "group"

[training]
epochs = "three"
"""


def test_eight_mistakes_give_eight_messages_in_one_run_before_anything_heavy_is_imported(folder):
    (folder / "eight.toml").write_text(EIGHT, encoding="utf-8")
    code = (
        "import atexit, json, sys\n"
        "heavy = ('keras', 'torch', 'jax', 'tensorflow', 'sklearn', 'pyarrow')\n"
        "atexit.register(lambda: print(json.dumps([m for m in heavy if m in sys.modules])))\n"
        "from kerasseq.commands.main import main\n"
        "main(['config', 'check', 'eight.toml'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert json.loads(done.stdout) == []
    assert done.stderr.splitlines() == [
        'eight.toml:2:1: backend: must be one of "torch", "jax", got "jaxx"; did you mean "jax"?',
        f'eight.toml:7:1: dataset.test: must be a file, got {folder / "rowz.csv"}; did you mean "rows.csv"?',
        'eight.toml:8:1: dataset.target: must be a column of rows.csv, got "scor"; did you mean "score"?',
        'eight.toml:11:1: encoder.name: unknown encoder "lstn"; did you mean "lstm"?',
        "eight.toml:15:1: pooler.units: must be at least 1, got 0",
        'eight.toml:19:1: task.standardize: unknown key; did you mean "standardise"?',
        'eight.toml:22:1: split.method: "group" needs a group column; set dataset.group',
        'eight.toml:25:1: training.epochs: must be a whole number, got "three"',
        "eight.toml: 8 problems",
    ]


def test_eight_mistakes_stop_a_run_too(folder):
    with pytest.raises(ConfigError) as caught:
        read_text(EIGHT, "eight.toml", folder)
    assert len(caught.value.problems) == 8
    assert caught.value.exit_code == 2


def test_mistakes_beside_each_other_in_one_section_are_all_found(problems):
    text = """
[dataset]
name = "table"
train = "rows.csv"
test = "gone.csv"
text = "txt"
target = 3
on_bad_row = "skipp"

[task]
name = "regression"
loss = "hubber"

[training]
epochs = 0
optimizer = "adam"
momentum = 0.9
"""
    found = problems(text)
    assert [line.split(": ")[1] for line in found] == [
        "dataset.test",
        "dataset.text",
        "dataset.target",
        "dataset.on_bad_row",
        "task.loss",
        "training.epochs",
        "training.momentum",
    ]


def test_a_misspelt_key_does_not_lead_to_a_second_message_about_its_default(problems, working):
    assert problems(working.replace("target =", "targt =")) == [
        'a.toml:6:1: dataset.targt: unknown key; did you mean "target"?'
    ]
    assert problems(working + '[training]\noptimiser = "sgd"\nmomentum = 0.9\n') == [
        'a.toml:11:1: training.optimiser: unknown key; did you mean "optimizer"?'
    ]


def test_sections_that_a_task_needs_are_filled_in(read):
    experiment = read()
    assert [experiment.components[k].name for k in ("tokenizer", "embedding", "encoder", "pooler")] == [
        "word",
        "learned",
        "lstm",
        "mean",
    ]
    assert experiment.preprocessor == ()
    assert (experiment.name, experiment.seed, experiment.backend) == ("small", 0, "torch")


def test_the_filled_in_experiment_reads_back_equal(read, working, folder):
    text = working + '[[preprocessor]]\nname = "arabic"\n[[preprocessor]]\nname = "stopwords"\nkeep = ["no"]\n'
    experiment = read(text.replace('"regression"', '"regression"\nrange = [0, 5.5]'), ["training.learning_rate=3e-5"])
    again = read_text(experiment.to_toml(), "filled.toml", folder / "elsewhere")
    assert dataclasses.asdict(again) == dataclasses.asdict(experiment)
    assert again == experiment
    assert again.to_toml() == experiment.to_toml()
    assert tomllib.loads(experiment.to_toml())["preprocessor"][1]["name"] == "kerasseq/stopwords"


def test_paths_start_at_the_folder_of_the_file(folder, monkeypatch, working):
    (folder / "configs").mkdir()
    (folder / "configs" / "a.toml").write_text(working.replace("rows.csv", "../rows.csv"), encoding="utf-8")
    monkeypatch.chdir("/")
    assert read_experiment(folder / "configs" / "a.toml").dataset.train == str(folder / "rows.csv")


def test_the_experiment_of_a_finished_run_reads_where_its_data_is_gone(folder, working):
    experiment = read_text(working, "a.toml", folder)
    (folder / "rows.csv").unlink()
    (folder / "experiment.toml").write_text(experiment.to_toml(), encoding="utf-8")
    assert read_experiment(folder / "experiment.toml", finished=True) == experiment
    with pytest.raises(ConfigError, match="dataset.train: must be a file"):
        read_experiment(folder / "experiment.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "a.toml:1:1: x: unknown key; choose from backend, name, precision, seed"),
        ("epochs = 1\n", 'a.toml:1:1: epochs: unknown key; did you mean "training.epochs"?'),
        ("[encodr]\nname = 'lstm'\n", 'a.toml:1:1: encodr: unknown section; did you mean "encoder"?'),
        (
            "[[encoder]]\nname = 'lstm'\n",
            "a.toml:1:1: encoder[0]: must be one section, written [encoder] and not [[encoder]]",
        ),
        (
            "[preprocessor]\nname = 'html'\n",
            "a.toml:1:1: preprocessor: must be written [[preprocessor]], one table for each step",
        ),
        ("encoder = 'lstm'\n", "a.toml:1:1: encoder: must be a section [encoder] with a name, got 'lstm'"),
        ("training = 3\n", "a.toml:1:1: training: must be a section, written [training], got 3"),
        ("[[training]]\nepochs = 3\n", "a.toml:1:1: training: must be a section, written [training], once"),
        ("[[preprocessor]]\ntags = true\n", "a.toml:1:1: preprocessor[0].name: is required: which preprocessor"),
        ("[encoder]\nname = 3\n", "a.toml:2:1: encoder.name: must be a text in quotes, got 3"),
        (
            "preprocessor = ['html']\n",
            "a.toml:1:17: preprocessor[0]: must be a section [preprocessor] with a name, got 'html'",
        ),
        ("[training]\nunits = 3\n", "a.toml:2:1: training.units: unknown key; choose from"),
        (
            "[encoder]\nname = 'lstm'\nbatch_size = 3\n",
            'a.toml:3:1: encoder.batch_size: unknown key; did you mean "training.batch_size"?',
        ),
        ("[encoder]\nname = 'a/lstm'\n", 'a.toml:2:1: encoder.name: unknown encoder "a/lstm"; did you mean'),
    ],
)
def test_the_shape_of_the_file_is_explained(problems, working, text, message):
    found = problems(
        text + working.replace('name = "small"', "") if "=" in text.split("\n")[0] else text + working[15:]
    )
    assert any(line.startswith(message) for line in found), found


def test_what_is_missing_is_named(problems):
    assert problems('name = "x"\n') == [
        "a.toml: dataset: is required: a section [dataset] with a name",
        "a.toml: task: is required: a section [task] with a name",
    ]
    assert "kerasseq config new" in problems("# nothing\n")[0]


def test_a_section_that_the_task_forbids_is_refused(install, problems, working):
    source = """
from kerasseq.spec import TaskSpec


class Plain(TaskSpec):
    forbids = frozenset({"pooler", "preprocessor"})
"""
    install("plain-task", {"task": ["plain = plain_task:Plain"]}, {"plain_task.py": source})
    text = working.replace('"regression"', '"plain"') + "[pooler]\nname = 'mean'\n[[preprocessor]]\nname = 'html'\n"
    assert problems(text) == [
        'a.toml:10:1: pooler: the task "plain" forbids this section; remove it',
        'a.toml:12:1: preprocessor: the task "plain" forbids this section; remove it',
    ]


@pytest.mark.parametrize("written", ["[wide]\nname = 'ngrams'\nwords = 3\n", "[wide]\n"])
@pytest.mark.parametrize(
    ("dataset", "task", "why"),
    [
        ("bundled_tags", "tagging", 'the task "tagging" has no class and no number of a text'),
        ("mackey_glass", "forecast", 'the task "forecast" has no class and no number of a text'),
        ("curves", "tagging", 'the task "tagging" has no class and no number of a text'),
        ("curves", "classification", 'must read texts, the rows of dataset "curves" are vectors'),
    ],
)
def test_a_linear_model_where_nothing_can_be_shared_is_refused_with_the_reason(problems, dataset, task, why, written):
    end = "" if why.startswith("must") else " that a linear model could share"
    said = problems(f"[dataset]\nname = '{dataset}'\n[task]\nname = '{task}'\n{written}")
    assert f"a.toml:5:1: wide: {why}{end}; remove it" in said
    assert not [line for line in said if "wide." in line]


def test_a_linear_model_is_there_only_where_the_file_says_so(read, working):
    assert read(working).wide is None
    experiment = read(working + "[wide]\nname = 'ngrams'\nshare = 0.25\n")
    assert (experiment.wide.share, experiment.wide.words) == (0.25, 2)
    assert experiment.to_dict()["wide"]["name"] == "kerasseq/ngrams"


def test_plugins_allow_decides_which_distributions_may_be_named(install, problems, working):
    source = "from kerasseq.spec import PoolerSpec\n\n\nclass Top(PoolerSpec):\n    pass\n"
    install("top-pack", {"pooler": ["top = top_pack:Top"]}, {"top_pack.py": source})
    text = working + "[pooler]\nname = 'top'\n[plugins]\nallow = "
    assert problems(text + "['*']") == []
    assert problems(text + "['top-pack']") == []
    assert problems(text + "['Top_Pack']") == []
    assert problems(text + "[]") == ['a.toml:11:1: pooler.name: "top-pack/top" is not in plugins.allow']
    said = '; "top-park" is no installed plugin, did you mean "top-pack"?'
    assert problems(text + "['top-park']") == [
        f'a.toml:11:1: pooler.name: "top-pack/top" is not in plugins.allow{said}'
    ]


def test_a_broken_plugin_is_one_line_of_the_config_that_names_it(install, problems, working):
    install("sad", {"pooler": ["sad = sad_pack:Sad"]}, {"sad_pack.py": "import gone_module"})
    assert problems(working) == []
    assert problems(working + "[pooler]\nname = 'sad'\n") == [
        'a.toml:11:1: pooler.name: pooler "sad" of sad 1.0 (sad_pack:Sad) is broken: '
        "ModuleNotFoundError: No module named 'gone_module'; upgrade or reinstall sad, or name another pooler"
    ]


def test_the_section_of_a_verb_of_a_distribution_is_passed_over(tmp_path):
    from kerasseq.config.read import read_text

    text = "[dataset]\nname = 'bundled'\n[encoder]\nname = 'gru'\n[task]\nname = 'classification'\n"
    with_it = read_text(text + "[tune]\n'encoder.units' = [2, 4]\n", "a.toml")
    assert with_it.to_toml() == read_text(text, "a.toml").to_toml()
