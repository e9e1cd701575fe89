from pathlib import Path

from kerasseq.config.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_of_settings_is_up_to_date():
    wanted = reference(ours_only=True)
    command = "kerasseq config reference --built-in --force --output docs/settings.md"
    assert PAGE.read_text(encoding="utf-8") == wanted, f"write it again: {command}"


def test_a_setting_is_a_row_with_type_default_and_meaning():
    page = reference(ours_only=True)
    assert "| `units` | whole number, 1 to 8,192 | `128` | Size of the state of one direction. |" in page
    assert '| `optimizer` | `"adamw"`, `"adam"`, `"sgd"`, `"rmsprop"` | `"adamw"` |' in page
    assert "| `train` | text | required |" in page
    assert "## `[[preprocessor]]`" in page
    assert '### `name = "lectures"`' in page


def test_settings_of_plugins_are_in_it_on_request(install):
    source = (
        "from kerasseq.spec import PoolerSpec\n\n\nclass Top(PoolerSpec):\n"
        '    """Best k."""\n\n    table: dict[str, int] = {"a|b": 1}\n    """A | B."""\n'
    )
    install("top-pack", {"pooler": ["mean = top_pack:Top"]}, {"top_pack.py": source})
    page = reference()
    assert '### `name = "top-pack/mean"`\n\nBest k.' in page
    assert "A \\| B." in page
    assert "top-pack" not in reference(ours_only=True)
