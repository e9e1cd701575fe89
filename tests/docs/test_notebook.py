"""docs/notebook.ipynb, executed by a kernel of its own."""

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient", reason="tox -e torch installs it")
pytest.importorskip("ipykernel", reason="tox -e torch installs it")

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # what is kept in the repository has none
    place = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def test_a_run_shows_its_epochs_in_one_output_and_then_its_scores(executed):
    _, (progress, outcome), *_ = executed
    lines = progress["data"]["text/plain"].splitlines()
    assert [line[:11] for line in lines] == [f"epoch   {epoch}/3" for epoch in (1, 2, 3)]
    assert outcome["data"]["text/plain"].startswith("<Outcome runs/experiment/0001: accuracy ")
    assert outcome["data"]["text/html"].count("<svg") == 3


def test_a_data_frame_goes_in_and_comes_out(executed):
    _, _, (model,), (answers,), *_ = executed
    assert "2 classes" in model["data"]["text/html"]
    header = answers["data"]["text/plain"].splitlines()[0].split()
    assert header == ["text", "target", "prediction", "score", "score[no]", "score[yes]"]


def test_a_search_tells_two_settings_apart(executed):
    *_, (results,), (answers,) = executed
    assert [line.split()[1] for line in results["data"]["text/plain"].splitlines()[1:]] == ["mean", "max"]
    assert answers["data"]["text/plain"].startswith("array(['yes', 'no']")
