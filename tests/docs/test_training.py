import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import keras
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.commands.run import run, train
from kerasseq.config.read import read_experiment
from kerasseq.run_directory import RunDirectory

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ kerasseq (.*)$", TEXT, re.M)
SMALL = [
    "--set", "training.epochs=1", "--set", "training.batch_size=256", "--set", 'encoder={name="none"}', "--set",
    "embedding.dimension=4", "--set", "tokenizer.max_length=8", "--set", "evaluation.resamples=100", "--set",
    "wide.words=1", "--set", "wide.characters=0",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch, few_rows):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    (tmp_path / "texts.txt").write_text("هاتف جديد\n\nسوق السمك\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("text,target\nهاتف جديد بذكاء,8.5\nسوق السمك,0.5\nعدس,1\n", encoding="utf-8")
    (tmp_path / "reviews.csv").write_text("id;date;review\n007;2024-01-01;هاتف جديد\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KERASSEQ_BACKEND", raising=False)
    return tmp_path


def test_every_command_of_the_page_works_in_its_order(folder):
    assert len(COMMANDS) > 10
    for command in COMMANDS:
        arguments, _, source = command.partition(" < ")
        words = shlex.split(arguments)
        if words[0] in ("run", "train") and "--resume" not in words and "runs/" not in words[1]:
            words += SMALL  # of the overrides of a key the last one counts
        if "--backend" in words:
            words[words.index("--backend") + 1] = keras.backend.backend()
        piped = (folder / source).read_text(encoding="utf-8") if source else None
        result = CliRunner().invoke(main, words, input=piped)
        assert result.exit_code == 0, f"{command}: {result.output}"
    assert Path("answered.csv").read_text(encoding="utf-8").startswith("id,date,review,prediction\n007,2024-01-01,هاتف")
    first, reproduced = RunDirectory("runs/bilstm/0001"), sorted(Path("runs/bilstm").iterdir())[-1]
    for name in ("metrics.json", "history.csv", "predictions.csv"):
        assert (reproduced / name).read_bytes() == (first.path / name).read_bytes()
    listed = set(re.findall(r"`([\w.]+(?:\.\w+|/))`", TEXT.split("## Read the run directory")[1].split("\n## ")[0]))
    held = {p.name + ("/" if p.is_dir() else "") for p in first.path.iterdir()}
    held |= {p.name for p in first.checkpoints.iterdir()} - {"lock"}  # which the table names without a suffix
    # the table says with which section; the lectures have none of them
    only_with = {"diverged.csv", "within.npz", "folds.json", "subwords.json", "trackers.json", "tracking.jsonl"}
    assert only_with < listed
    assert listed - only_with == held


def test_every_toml_block_of_the_page_says_what_it_means(folder):
    (folder / "configs" / "glove.6B.50d.txt").write_text("the 0.1 0.2\n", encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
    assert len(blocks) >= 3
    lectures = (folder / "configs" / "bilstm.toml").read_text(encoding="utf-8")
    for number, block in enumerate(blocks):
        told = tomllib.loads(block)
        config, overrides = lectures, []
        for name, keys in told.items():
            if isinstance(keys, list):
                config += block
            elif "name" in keys:  # another component, whose section stands in place of the config's
                config = re.sub(rf"^\[{name}\]\n[^\[]*", "", config, flags=re.M)
            else:
                overrides += [f"{name}.{key}={json.dumps(value)}" for key, value in keys.items()]
        if config != lectures and block not in config:
            config += block
        (folder / "configs" / f"block{number}.toml").write_text(config, encoding="utf-8")
        experiment = read_experiment(f"configs/block{number}.toml", overrides, backend="torch")
        for name, keys in told.items():
            found = getattr(experiment, name)
            for part, told_of in zip(found, keys, strict=True) if isinstance(keys, list) else [(found, keys)]:
                assert_holds(part.model_dump(mode="json"), told_of)


def assert_holds(found, told):
    """What was told stands in what was found, beside defaults."""
    for key, value in told.items():
        if isinstance(value, list):
            for one, other in zip(found[key], value, strict=True):
                assert_holds(one, other)
        else:
            assert (Path(found[key]).name if key == "path" else found[key]) == value, key


def test_every_option_of_the_page_exists():
    options = set(re.findall(r"`(--[\w-]+)", TEXT))
    known = {o for c in (*main.commands.values(), run, train) for p in c.params for o in p.opts}
    known |= {"--traceback"} | {
        o for v in ("predict", "evaluate") for p in main.get_command(None, v).params for o in p.opts
    }
    assert options <= known
