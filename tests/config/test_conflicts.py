import pytest

from kerasseq.config.conflicts import conflicts
from kerasseq.config.read import read_text
from kerasseq.spec import EncoderSpec


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[split]\nmethod = 'group'\n", 'split.method: "group" needs a group column; set dataset.group'),
        ("[split]\nmethod = 'given'\n", 'split.method: "given" needs given sides; set dataset.split, or dataset.test'),
        ("[split]\nmethod = 'kfold'\nfold = 5\n", "split.fold: must be less than split.folds = 5, got 5"),
        ("[split]\nfold = 1\n", 'split.fold: only method = "kfold" has folds, got method = "auto"; remove it'),
        ("[split]\nvalidation = 0.5\ntest = 0.5\n", "split.test: validation + test must be less than 1, got 0.5 + 0.5"),
        ("[training]\nmomentum = 0.9\n", 'training.momentum: "adamw" has no momentum setting; remove it or use "sgd"'),
        (
            "[training]\noptimizer = 'sgd'\nlazy_embeddings = true\n",
            'training.lazy_embeddings: "sgd" has no lazy form; remove it or use "adamw"',
        ),
        (
            "[training]\nlazy_embeddings = true\naveraging = 0.99\n",
            "training.averaging: moves every row of an embedding in every update; remove it or lazy_embeddings",
        ),
        (
            "[training]\nlearning_rate = 1e-7\n",
            "training.minimum_learning_rate: must be at most learning_rate = 1e-07, got 1e-06",
        ),
        (
            '[training]\nschedule = "cosine"\nplateau_patience = 2\n',
            'training.plateau_patience: only schedule = "plateau" waits for one, got schedule = "cosine"; remove it',
        ),
        (
            '[training]\nschedule = "linear"\nplateau_factor = 0.3\n',
            'training.plateau_factor: only schedule = "plateau" waits for one, got schedule = "linear"; remove it',
        ),
        (
            '[training]\nschedule = "constant"\nminimum_learning_rate = 1e-4\n',
            "training.minimum_learning_rate: only a rate that falls has a least value, got schedule = "
            '"constant"; remove it',
        ),
        (
            '[training]\nschedule = "triangular"\nwarmup_steps = 9\n',
            "training.warmup_steps: must be 0 where the rate rises over a tenth of all updates, got schedule = "
            '"triangular"; remove it, or use "linear"',
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(problems, working, settings, message):
    assert [line.split(": ", 1)[1] for line in problems(working + settings)] == [message]


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine", "triangular"])
def test_the_filled_in_file_of_a_run_with_a_schedule_is_read_again(read, working, folder, schedule):
    made = read(working + f'[training]\nschedule = "{schedule}"\n')
    text = made.to_toml()
    assert "plateau_patience = 3" in text
    assert read_text(text, "a.toml", folder) == made
    assert read_text(read(working).to_toml(), "a.toml", folder, [f"training.schedule={schedule}"]) == made


@pytest.mark.parametrize("pair", ["combine", "attend", "esim"])
def test_a_pair_that_is_read_apart_needs_a_second_text(problems, working, pair):
    said = f'a.toml:10:1: task.pair: "{pair}" needs a second text; set dataset.text_2'
    assert problems(working + f'pair = "{pair}"\n') == [said]
    two = working.replace("target =", 'text_2 = "label"\ntarget =')
    assert problems(two + f'pair = "{pair}"\nmatch = "subwords"\n') == []


def test_one_column_is_text_and_target_of_a_translation_alone(problems, working):
    one = working.replace('target = "score"', 'target = "text"')
    [said] = problems(one)
    assert said.endswith('dataset.target: must be another column than dataset.text, got "text" for both')
    assert problems(one.replace("regression", "translation")) == []


def test_matches_are_of_texts_that_are_read_apart(problems, working):
    two = working.replace("target =", 'text_2 = "label"\ntarget =')
    assert problems(two + 'match = "words"\n') == [
        'a.toml:11:1: task.match: "words" compares two texts that are read apart, got pair = "join"; use pair = '
        '"combine", "attend" or "esim", or remove it'
    ]


def test_a_second_encoder_needs_a_first_one(problems, working):
    two = working.replace("target =", 'text_2 = "label"\ntarget =') + 'pair = "%s"\n[encoder]\nname = "none"\n'
    assert problems(two % "attend") == []
    assert problems(two % "esim") == [
        'a.toml:11:1: task.pair: "esim" reads with a second encoder, which encoder "none" has not; use "gru", "lstm" '
        'or "simple_rnn", or pair = "attend"'
    ]


def test_words_of_a_file_need_a_tokenizer_that_looks_words_up(problems, working, folder):
    (folder / "v.txt").write_text("a 1 2\n")
    text = working + "[embedding]\nname = 'pretrained'\npath = 'v.txt'\nfile_words = 9\n[tokenizer]\nname = '%s'\n"
    assert problems(text % "word") == []
    [problem] = problems(text % "subword")
    assert problem.endswith(
        'embedding.file_words: needs a tokenizer that looks whole words up, "subword" cuts inside them; remove it or '
        'use tokenizer.name = "word"'
    )


def test_settings_that_agree_are_not(problems, working):
    text = working.replace("target =", 'group = "author"\ntarget =')
    text += "[split]\nmethod = 'group'\n[training]\noptimizer = 'sgd'\nmomentum = 0.9\n"
    assert problems(text) == []
    assert problems(working + "[split]\nmethod = 'kfold'\nfold = 4\n") == []


def test_a_section_with_a_mistake_is_judged_by_what_is_right_in_it(problems, working):
    text = (
        working
        + "[split]\nmethod = 'groop'\nvalidation = 0.6\ntest = 0.6\n[training]\noptimizer = 'sdg'\nmomentum = 0.9\n"
    )
    assert [line.split(": ")[1] for line in problems(text)] == ["split.method", "split.test", "training.optimizer"]


def test_a_fault_in_a_check_itself_is_not_swallowed(read):
    experiment = read()
    sections = {name: getattr(experiment, name) for name in ("split", "training", "dataset", "task")}
    assert list(conflicts(sections)) == []

    class Broken:
        def conflicts(self, sections):
            raise AttributeError("a typing error")
            yield

    with pytest.raises(AttributeError, match="a typing error"):
        list(conflicts({"dataset": experiment.dataset, "task": Broken()}))


def test_lazy_embeddings_are_refused_on_jax_with_their_line_and_open_there_once_trained(problems, working, folder):
    text = working + "[training]\nlazy_embeddings = true\n"
    assert problems(text) == []
    message = 'training.lazy_embeddings: jax has no lazy updates; remove it or use backend = "torch"'
    assert f"a.toml:11:1: {message}" in problems(text, backend="jax")
    pytest.importorskip("jax", reason="reading an experiment for jax needs jax")
    assert read_text(text, "a.toml", folder, backend="jax", finished=True).training.lazy_embeddings


def test_letters_of_words_need_a_tokenizer_that_looks_words_up(problems, working):
    config = working + "[embedding]\nname = 'subword'\n[tokenizer]\nname = 'subword'\n"
    assert problems(config) == [
        'a.toml:11:1: embedding.name: "subword" reads the letters of whole words, "subword" cuts inside them; use '
        'tokenizer.name = "word" or another embedding'
    ]


def test_several_columns_of_a_target_are_for_a_class_and_a_deviation_is_for_a_number(problems, working, folder):
    (folder / "soft.csv").write_text("text,no,yes,sd\na,0.5,0.5,1\n")
    number = working.replace("rows.csv", "soft.csv").replace('target = "score"', 'target = ["no", "yes"]')
    soft = number.replace("regression", "classification")
    assert problems(soft) == problems(soft + "temperature = 2.0\n") == []
    distilled = "temperature = 2.0\n[training]\nfolds = 3\ndistillation = 0.5\n"
    assert problems(working.replace("regression", "classification") + distilled) == []
    [hot] = problems(working.replace("regression", "classification") + "temperature = 2.0\n")
    assert hot.endswith(
        "task.temperature: is of distributions; name a column of dataset.target for each class, set "
        "training.distillation, or remove it"
    )
    [several] = problems(number)
    assert several.endswith(
        'dataset.target: must be one column for "regression", got several, which hold probabilities'
    )
    [unsure] = problems(soft.replace("target =", 'deviation = "sd"\ntarget ='))
    assert unsure.endswith('dataset.deviation: is of a number, "classification" gives a class; remove it')
    [wrong] = problems(working.replace('"score"', "3"))
    assert wrong.endswith("dataset.target: must be a column, or a list of two columns or more, got 3")


def test_an_encoder_of_one_task_is_refused_in_another(read, working):
    class Own(EncoderSpec):
        own_task = "mine"

    sections = {"encoder": Own(name="own"), "task": read(working).task}
    message = 'must be one that task "regression" can take, got "own", which stands in task "mine" alone'
    assert list(conflicts(sections)) == [("encoder.name", message)]
    mine = read(working).task.model_copy(update={"name": "other-pack/mine"})
    assert list(conflicts({**sections, "task": mine})) == []
