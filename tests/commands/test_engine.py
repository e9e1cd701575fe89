import pytest

ENGINE = """
import click


@click.group()
def cloud():
    \"\"\"Elsewhere.\"\"\"


@cloud.command()
@click.argument("run")
@click.argument("texts", nargs=-1)
@click.option("--far", is_flag=True)
def predict(run, texts, far):
    \"\"\"Predict elsewhere.\"\"\"
    click.echo(f"{run} {list(texts)} {far}")


@click.command()
@click.option("--engine")
def drive(engine):
    click.echo(f"own {engine}")
"""


@pytest.fixture
def cloud(install, kerasseq):
    install(
        "cloud-pack", {"command": ["cloud = cloud_pack:cloud", "drive = cloud_pack:drive"]}, {"cloud_pack.py": ENGINE}
    )
    return kerasseq


@pytest.mark.parametrize(
    "line",
    [
        "cloud predict here a --far",
        "predict --engine cloud here a --far",
        "predict here --engine=cloud a --far",
        "predict here a --far --engine cloud",
        "predict here a --engine cloud-pack/cloud --far",
    ],
)
def test_an_engine_answers_with_its_own_verb_and_options(cloud, line):
    result = cloud(*line.split())
    assert (result.exit_code, result.stdout) == (0, "here ['a'] True\n"), result.output


def test_help_behind_an_engine_is_that_of_its_verb(cloud):
    assert "Predict elsewhere." in cloud("predict", "--engine", "cloud", "--help").stdout
    assert "--engine ray" in cloud("predict", "--help").stdout


def test_what_stands_behind_two_dashes_is_no_option(cloud):
    assert (
        cloud("predict", "--engine", "cloud", "here", "--", "--engine", "x").stdout == "here ['--engine', 'x'] False\n"
    )
    assert "unknown engine" not in cloud("predict", "here", "--", "--engine").stderr


def test_a_verb_that_has_such_an_option_keeps_it(cloud):
    assert cloud("drive", "--engine", "cloud").stdout == "own cloud\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("predict here --engine", "--engine: must name an engine, got nothing"),
        ("predict here --engine --far", "--engine: must name an engine, got nothing"),
        ("predict here --engine clod", '--engine: must name an engine, got "clod"; did you mean "cloud"?'),
        ("predict here --engine rya", 'got "rya"; did you mean "ray"?'),
        ("predict here --engine config", '--engine config: must have the verb "predict", has '),
        ("train here --engine cloud", '--engine cloud: must have the verb "train", has predict'),
    ],
)
def test_an_engine_that_is_none_is_told(cloud, line, said):
    result = cloud(*line.split())
    assert result.exit_code == 2
    assert said in result.stderr


def test_our_own_engine_says_where_it_comes_from(kerasseq, monkeypatch):
    monkeypatch.setenv("KERASSEQ_PLUGINS", "")
    monkeypatch.setattr("kerasseq.registry.components.find", lambda kind: ())
    result = kerasseq("predict", "here", "--engine", "ray")
    assert result.exit_code == 2
    assert "pip install ./plugins/kerasseq-ray" in result.stderr
