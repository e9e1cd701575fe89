import gzip
import json
import re
import tomllib

import pytest

from kerasseq.config.read import read_experiment, read_text


def test_a_right_config_is_ok_with_a_summary(kerasseq, config):
    result = kerasseq("config", "check", config, "--set", "training.epochs=1", "--backend", "torch")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        f"{config}: ok",
        "  dataset table, tokenizer word, embedding learned, encoder lstm, pooler mean, task classification, "
        "exporter onnx",
        "  backend torch, seed 0, at most 1 epoch of batches of 32",
    ]


def test_several_configs_are_all_checked_and_one_wrong_one_fails(kerasseq, config):
    wrong = config.parent / "wrong.toml"
    wrong.write_text(config.read_text(encoding="utf-8").replace("label", "lable"), encoding="utf-8")
    result = kerasseq("config", "check", "wrong.toml", "small.toml", "gone.toml")
    assert result.exit_code == 2
    assert result.stdout.startswith("small.toml: ok\n")
    assert result.stderr.splitlines() == [
        'wrong.toml:4:1: dataset.target: must be a column of rows.csv, got "lable"; did you mean "label"?',
        "wrong.toml: 1 problem",
        "gone.toml: there is no such file",
        "gone.toml: 1 problem",
    ]


def test_check_without_a_config_is_a_wrong_command_line(kerasseq):
    assert kerasseq("config", "check").exit_code == 2


def test_fill_writes_every_default_and_reads_back_equal(kerasseq, config):
    printed = kerasseq("config", "fill", config, "--set", "seed=7")
    written = kerasseq("config", "fill", config, "--set", "seed=7", "-o", "full/filled.toml")
    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    text = (config.parent / "full" / "filled.toml").read_text(encoding="utf-8")
    assert printed.stdout == text
    assert tomllib.loads(text)["training"]["plateau_patience"] == 3
    experiment = read_experiment(config, ["seed=7"], "torch")
    assert read_experiment(config.parent / "full" / "filled.toml", backend="torch") == experiment


def test_files_that_are_there_are_overwritten_only_by_force(kerasseq, config, table):
    (config.parent / "there.toml").write_text("mine", encoding="utf-8")
    for verb in (["fill", config], ["schema"], ["reference"], ["new", "--data", table, "--target", "label"]):
        refused = kerasseq("config", *verb, "-o", "there.toml")
        assert refused.exit_code == 2
        assert refused.stderr == "there.toml is already there; --force overwrites it, --output writes another file\n"
    assert (config.parent / "there.toml").read_text(encoding="utf-8") == "mine"
    assert kerasseq("config", "fill", config, "-o", "there.toml", "--force").exit_code == 0
    assert "must be a file, got the directory" in kerasseq("config", "schema", "-o", ".").stderr


def test_the_schema_is_json_of_the_draft_that_editors_read(kerasseq, tmp_path):
    assert kerasseq("config", "schema", "-o", "s.json").exit_code == 0
    built = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert built["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(kerasseq("config", "schema").stdout) == built


def test_the_reference_is_printed(kerasseq):
    assert kerasseq("config", "reference", "--built-in").stdout.startswith("# Settings\n")


@pytest.mark.parametrize(("target", "task"), [("label", "classification"), ("score", "regression")])
def test_new_writes_a_commented_config_that_checks_and_whose_data_checks(kerasseq, table, target, task):
    result = kerasseq("config", "new", "--data", "rows.csv", "--target", target)
    assert (result.exit_code, result.stderr) == (0, "wrote rows.toml\n")
    text = (table.parent / "rows.toml").read_text(encoding="utf-8")
    assert text.startswith(f"# {task.capitalize()} of rows.csv: 60 rows.")
    assert "kerasseq run rows.toml" in text
    assert kerasseq("config", "check", "rows.toml").exit_code == 0
    checked = kerasseq("dataset", "check", "rows.toml")
    assert checked.exit_code == 0, checked.output


def test_new_works_from_another_folder_and_into_one(kerasseq, table, tmp_path):
    (tmp_path / "data").mkdir()
    table.rename(tmp_path / "data" / "my rows.csv")
    for output, path in (("a.toml", "data/my rows.csv"), ("data/a.toml", "my rows.csv")):
        assert kerasseq("config", "new", "--data", "data/my rows.csv", "--target", "label", "-o", output).exit_code == 0
        tables = tomllib.loads((tmp_path / output).read_text(encoding="utf-8"))
        assert tables["dataset"]["train"] == path
        assert tables["name"] == "my-rows"
        assert kerasseq("config", "check", output).exit_code == 0
    assert kerasseq("config", "new", "--data", "data/my rows.csv", "--target", "label", "-o", "b/c.toml").exit_code == 0
    assert kerasseq("config", "check", "b/c.toml").exit_code == 0


ROWS = [
    {"نص": f"هذا نص عربي رقم {i} عن الذكاء", "درجة": i / 3, "side": "train" if i % 4 else "test"} for i in range(40)
]


def write(path, kind):
    import pyarrow as pa
    import pyarrow.parquet as pq

    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist([{**row, "nested": [1, 2]} for row in ROWS]), path)
        return
    if kind == "jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    else:
        mark = {"csv": ",", "semicolon": ";", "tsv": "\t", "cp1256": ","}[kind]
        text = "\n".join(mark.join(map(str, row.values())) for row in [dict(zip(ROWS[0], ROWS[0], strict=True)), *ROWS])
    data = text.encode("cp1256" if kind == "cp1256" else "utf-8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.mark.parametrize(
    ("file", "kind", "keys"),
    [
        ("a.csv", "csv", {}),
        ("a.csv.gz", "csv", {}),
        ("a.csv", "semicolon", {"delimiter": ";"}),
        ("a.tsv", "tsv", {}),
        ("a.csv", "cp1256", {"encoding": "cp1256"}),
        ("a.jsonl", "jsonl", {}),
        ("a.parquet", "parquet", {}),
    ],
)
def test_new_reads_every_format_encoding_and_delimiter(kerasseq, tmp_path, file, kind, keys):
    write(tmp_path / file, kind)
    result = kerasseq("config", "new", "--data", file, "--target", "درجة", "-o", "-")
    assert result.exit_code == 0, result.stderr
    tables = tomllib.loads(result.stdout)
    expected = {"name": "table", "train": file, "text": "نص", "target": "درجة", "split": "side", **keys}
    assert tables["dataset"] == expected
    assert [step["name"] for step in tables["preprocessor"]] == ["unicode", "arabic"]
    experiment = read_text(result.stdout, "new.toml", tmp_path, backend="torch")
    assert experiment.dataset.build().num_rows == 40


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "lable"], '--target must be a column of rows.csv, got "lable"; did you mean "label"?'),
        (
            ["--target", "label", "--text", "txt"],
            '--text must be a column of rows.csv, got "txt"; did you mean "text"?',
        ),
        (["--target", "label", "--text-2", "score2"], 'did you mean "score"?'),
        (["--target", "label", "--task", "regression"], 'column "label" must hold numbers, got "no"'),
        (["--target", "label", "--task", "regresion"], "regression"),
        ([], "--target"),
    ],
)
def test_new_says_what_is_wrong_with_its_options(kerasseq, table, arguments, message):
    result = kerasseq("config", "new", "--data", "rows.csv", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (table.parent / "rows.toml").exists()


def test_new_without_a_readable_file_says_so(kerasseq, tmp_path):
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    assert kerasseq("config", "new", "--data", "gone.csv", "--target", "y").stderr == "gone.csv: must be a file\n"
    assert (
        "a.txt: must end in .csv, .tsv, .jsonl, .json or .parquet"
        in kerasseq("config", "new", "--data", "a.txt", "--target", "y").stderr
    )


def test_new_counts_rows_that_cannot_be_read(kerasseq, table):
    with table.open("a", encoding="utf-8") as file:
        file.write("one field too many,1,yes,3,4\n")
    result = kerasseq("config", "new", "--data", "rows.csv", "--target", "label")
    assert result.exit_code == 0
    assert "1 row of rows.csv cannot be read; `kerasseq dataset check` names them" in result.stderr
    assert "rows.csv:62" in kerasseq("dataset", "check", "rows.toml").stderr


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("file", "target", "task", "text"),
    [
        ("arsarcasm/ArSarcasm_train.csv", "sentiment", "classification", "tweet"),
        ("ajgt/UBC_AJGT_final_shuffled_train.tsv", "label", "classification", "content"),
    ],
)
def test_new_understands_real_tables(kerasseq, realdata, file, target, task, text):
    result = kerasseq("config", "new", "--data", realdata / file, "--target", target, "-o", "-")
    assert result.exit_code == 0, result.stderr
    tables = tomllib.loads(result.stdout)
    assert (tables["task"]["name"], tables["dataset"]["text"]) == (task, text)
    assert "arabic" in [step["name"] for step in tables["preprocessor"]]


def test_a_file_without_columns_says_what_it_is(kerasseq, tmp_path):
    (tmp_path / "a.jsonl").write_text('[["a", 1]]', encoding="utf-8")
    result = kerasseq("config", "new", "--data", "a.jsonl", "--target", "target")
    assert result.exit_code == 1
    assert result.stderr.startswith("a.jsonl: must have columns, got none; none of its first values of the list")


def test_the_traceback_of_a_plugin_that_cannot_be_imported_is_shown_where_it_is_asked_for(install, kerasseq, config):
    install(
        "deep-pack",
        {"pooler": ["top = deep_pack.top:Top"]},
        {
            "deep_pack/top.py": "import deep_pack.inner\n",
            "deep_pack/inner.py": "def fail():\n    return 1 / 0\n\n\nfail()\n",
        },
    )
    config.write_text(config.read_text() + "[pooler]\nname = 'top'\n", encoding="utf-8")
    for verb in (["config", "check"], ["config", "fill"]):
        assert "inner.py" not in kerasseq(*verb, config).stderr
        result = kerasseq(*verb, config, "--traceback")
        assert result.exit_code == 2
        assert re.search(r'inner.py", line 2, in fail\n.*return 1 / 0\n', result.stderr), result.stderr
        assert ":1: pooler.name: " in result.stderr


def test_of_several_broken_plugins_every_traceback_is_shown(install, kerasseq, config):
    lines = ["one = one_pack:One", "two = two_pack:Two"]
    install("some-pack", {"preprocessor": lines}, {"one_pack.py": "1 / 0\n", "two_pack.py": "{}['two']\n"})
    more = "[[preprocessor]]\nname = 'one'\n[[preprocessor]]\nname = 'two'\n"
    config.write_text(config.read_text() + more, encoding="utf-8")
    said = kerasseq("--traceback", "config", "check", config).stderr
    assert "one_pack.py" in said and "two_pack.py" in said


def test_new_says_which_rows_will_be_dropped_and_that_one_class_is_not_enough(kerasseq, table, tmp_path):
    lines = table.read_text(encoding="utf-8").splitlines()
    rows = [",".join([*line.split(",")[:2], "yes" if i % 5 else "", "1"]) for i, line in enumerate(lines[1:])]
    (tmp_path / "one.csv").write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    result = kerasseq("config", "new", "--data", "one.csv", "--target", "label")
    assert result.exit_code == 0, result.output
    assert '12 of 60 rows have nothing in "label"; on_bad_row = "skip" leaves them out\n' in result.stderr
    assert '"label" has only one class, "yes", and a model needs two; --target names another column' in result.stderr
    assert "# only one class, and a model needs two: yes (48)" in (tmp_path / "one.toml").read_text(encoding="utf-8")
    result = kerasseq("config", "new", "--data", table, "--target", "label")
    assert result.stderr == "wrote rows.toml\n"
