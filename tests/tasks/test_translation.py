"""The section of a translation: what it asks of its data, and in what it counts."""

import numpy as np
import pyarrow as pa
import pytest

from kerasseq.config.read import read_experiment
from kerasseq.corpus.split import Split

CONFIG = """
name = "translation"
[dataset]
name = "dates"
[[preprocessor]]
name = "casefold"
[task]
name = "translation"
{settings}
"""


def section(folder, settings=""):
    (folder / "c.toml").write_text(CONFIG.format(settings=settings), encoding="utf-8")
    experiment = read_experiment(folder / "c.toml")
    return experiment, experiment.task


@pytest.mark.parametrize(("settings", "copies"), [("", 0), ('preprocess = "both"', 40)])
def test_data_is_looked_at_as_it_is_read_and_as_it_is_learned(tmp_path, settings, copies):
    experiment, task = section(tmp_path, settings)
    texts = [f"Line {n}" for n in range(40)]
    table = pa.table({"text": texts, "target": texts, "source": ["rows"] * 40, "line": list(range(40))})
    rows = np.arange(40)
    found = task.diagnose(experiment, table, Split(rows[:20], rows[20:30], rows[30:], "random"))
    [finding] = [finding for finding in found.findings if finding.name == "copies"]
    assert finding.numbers["rows"] == copies


@pytest.mark.parametrize(("score", "unit"), [("bleu", 100), ("chrf", 100), ("cer", 1), ("exact_match", 1)])
def test_progress_is_measured_in_points_or_in_shares(tmp_path, score, unit):
    from kerasseq.tasks.translator import Translator

    task = section(tmp_path, f'score = "{score}"')[1]
    assert Translator(task, None, None).score_unit == unit


def test_baselines_and_the_page_read_what_the_model_reads(tmp_path):
    from kerasseq.tasks.task import Tested
    from kerasseq.tasks.translations import Translations

    lines = [f"This is Line {n} OF many" for n in range(40)]
    (tmp_path / "rows.csv").write_text("\n".join(["text", *lines]), encoding="utf-8")
    config = CONFIG.format(settings="").replace('"dates"', '"table"\ntrain = "rows.csv"\ntarget = "text"')
    (tmp_path / "c.toml").write_text(config, encoding="utf-8")
    experiment = read_experiment(tmp_path / "c.toml")
    table = experiment.dataset.build()
    task = experiment.task.build(experiment, table)
    samples, truth = task.pipeline.samples(table), task.targets(table)
    found = task.baselines(samples, truth, samples, 0)
    assert found["copy_source"].texts == [line.casefold() for line in lines]
    assert found["most_frequent_form"].texts == lines
    page = dict(task.sections(Tested(samples, truth, Translations.of_texts(lines), [], ())))["Best and worst"]
    assert ">this is line 10 of many<" in page
