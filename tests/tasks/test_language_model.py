"""What a language model asks of the other sections."""

import pytest

from kerasseq.config.read import read_text
from kerasseq.errors import ConfigError

BASE = """
[dataset]
name = "bundled"
[tokenizer]
name = "character"
[encoder]
name = "lstm"
bidirectional = false
[task]
name = "language_model"
"""


def problems(text):
    with pytest.raises(ConfigError) as caught:
        read_text(text, "c.toml")
    return str(caught.value)


def test_it_is_read_and_samples_by_default():
    experiment = read_text(BASE, "c.toml")
    assert experiment.pooler is None
    assert experiment.search.name.endswith("sample")
    assert read_text(experiment.to_toml(), "again.toml", finished=True).task == experiment.task


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bidirectional = false", "", "encoder.bidirectional: must be false, for a language model does not read ahead"),
        ('name = "lstm"\nbidirectional = false', 'name = "none"', "encoder.name: must give its state back"),
        ('"character"', '"character"\nmax_length = 20', "tokenizer.max_length: has no meaning here"),
        ("[task]", "[split]\nmethod = 'kfold'\n[task]", 'split.method: must be "auto"'),
        ("[task]", "[training]\nfolds = 3\n[task]", "training.folds: must be 0"),
        ("[task]", "[pooler]\nname = 'mean'\n[task]", "pooler"),
        ("[task]", "[embedding]\nname = 'subword'\n[task]", "embedding.name: must read tokens alone"),
        ("[task]", "[task]\nbptt = 0", "task.bptt"),
        ("[task]", "[training]\nbptt = 9\n[task]", "training.bptt: must be 0 for a language model"),
        (
            "[task]",
            "[training]\nlazy_embeddings = true\n[task]\ntied = true",
            "training.lazy_embeddings: must be false",
        ),
        (
            "[task]",
            "[[embedding.parts]]\nname = 'learned'\n[[embedding.parts]]\nname = 'learned'\n"
            "[embedding]\nname = 'concatenate'\n[task]\ntied = true",
            "task.tied: must be false, for no one table holds the vectors",
        ),
        ("[task]", "[task]\nactivation_penalty = -1", "task.activation_penalty"),
    ],
)
def test_what_it_cannot_use_is_said(old, new, said):
    assert said in problems(BASE.replace(old, new, 1))


def test_every_problem_is_said_in_one_pass(tmp_path):
    (tmp_path / "a.csv").write_text("text,other,weight\na,b,1\n", encoding="utf-8")
    table = f'name = "table"\ntrain = "{tmp_path}/a.csv"\ntarget = ""\ntext_2 = "other"\nweight = "weight"'
    said = problems(BASE.replace('name = "bundled"', table).replace("bidirectional = false", ""))
    for part in ("dataset.text_2: must be empty", "dataset.weight: must be empty", "encoder.bidirectional"):
        assert part in said


def test_documents_apart_are_cut_as_rows_are():
    experiment = read_text(BASE + 'documents = "apart"\n[split]\nmethod = "kfold"\n', "c.toml")
    table = experiment.dataset.build()
    assert experiment.task.table(table, experiment.split) is table
