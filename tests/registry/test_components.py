import sys
import tomllib
from pathlib import Path

import pytest

from kerasseq import __version__
from kerasseq.errors import PluginError
from kerasseq.registry.components import (
    FIRST_PARTY,
    KINDS,
    blame,
    choose,
    closest,
    find,
    load,
    nearest,
    spelling,
    strangers,
    where_to_get,
)
from kerasseq.spec import PoolerSpec

TOP = """
from kerasseq.spec import PoolerSpec


class Top(PoolerSpec):
    k: int = 3
"""


def names(kind):
    return [c.qualified for c in find(kind)]


FAULTY = """
from kerasseq.spec import PoolerSpec


class Top(PoolerSpec):
    def build(self, directions):
        return {}["nothing"]
"""


def test_every_kind_has_built_in_components_found_without_importing_them():
    for kind in KINDS:
        assert any(c.distribution == "kerasseq" for c in find(kind)), kind


def test_each_built_in_component_loads_and_keeps_the_name_it_is_registered_under():
    for kind in KINDS[:-1]:
        for component in find(kind):
            if component.distribution == "kerasseq":
                found, spec = load(kind, component.name)
                assert found == component
                assert spec.kind == kind
                assert spec.__doc__


def test_a_plugin_is_found_listed_and_loaded_by_its_bare_and_its_qualified_name(install):
    install("My_Poolers", {"pooler": ["top_k = my_poolers.top:Top"]}, {"my_poolers/top.py": TOP})
    assert "my-poolers/top_k" in names("pooler")
    assert "my_poolers.top" not in sys.modules
    for name in ("top_k", "my-poolers/top_k", "My.Poolers/top_k"):
        component, spec = load("pooler", name)
        assert component.describe() == 'pooler "top_k" of my-poolers 1.0 (my_poolers.top:Top)'
        assert spec.model_fields["k"].default == 3


def test_a_built_in_name_cannot_be_shadowed_but_the_other_one_can_be_named(install):
    install("shadow", {"pooler": ["mean = shadow_pack:Top"]}, {"shadow_pack.py": TOP})
    assert choose("pooler", "mean").distribution == "kerasseq"
    assert choose("pooler", "shadow/mean").distribution == "shadow"
    found = find("pooler")
    assert {spelling(c, found) for c in found if c.name == "mean"} == {"mean", "shadow/mean"}


def test_two_plugins_with_one_name_are_an_error_only_when_that_name_is_used(install):
    install("one", {"pooler": ["top = one_pack:Top"]}, {"one_pack.py": TOP})
    install("two", {"pooler": ["top = two_pack:Top", "other = two_pack:Top"]}, {"two_pack.py": TOP})
    assert choose("pooler", "other").distribution == "two"
    with pytest.raises(PluginError, match='pooler "top" is ambiguous; write "one/top" or "two/top"'):
        choose("pooler", "top")


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("Top = 3", "must be a subclass of PoolerSpec, got 3"),
        ("from kerasseq.spec import EncoderSpec\nclass Top(EncoderSpec): pass", "must be a subclass of PoolerSpec"),
        ("", "AttributeError"),
        ("raise ValueError('one\\n  two')", "ValueError: one two"),
    ],
)
def test_a_broken_plugin_names_itself_and_its_cause_only_when_it_is_used(install, source, cause):
    install("broken", {"pooler": ["top = broken_pack:Top"]}, {"broken_pack.py": source})
    assert "broken/top" in names("pooler")
    assert load("pooler", "mean")[0].name == "mean"
    with pytest.raises(PluginError) as caught:
        load("pooler", "top")
    assert 'pooler "top" of broken 1.0 (broken_pack:Top) is broken: ' in str(caught.value)
    assert cause in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_plugin_for_another_kerasseq_is_incompatible_before_it_is_imported(install):
    files = {"old_pack.py": "raise RuntimeError('imported')"}
    install("old", {"pooler": ["top = old_pack:Top"]}, files, requires=["kerasseq[jax]<0.0.1", "numpy"])
    component = next(c for c in find("pooler") if c.distribution == "old")
    assert component.state == "incompatible"
    assert component.reason == f"needs kerasseq<0.0.1, installed is {__version__}"
    with pytest.raises(PluginError, match="cannot be used: needs kerasseq<0.0.1"):
        load("pooler", "top")


def test_a_requirement_of_an_extra_that_was_not_asked_for_does_not_count(install):
    requires = ['kerasseq<0.0.1; extra == "legacy"', "kerasseq>=0.0.1"]
    install("fine", {"pooler": ["top = fine_pack:Top"]}, {"fine_pack.py": TOP}, requires=requires)
    assert choose("pooler", "top").state == "ok"


@pytest.mark.parametrize(
    ("allowed", "state"), [("", "disabled"), ("other", "disabled"), ("other, Extra_Pack", "ok"), (None, "ok")]
)
def test_kerasseq_plugins_leaves_distributions_out_and_never_the_built_in_ones(install, monkeypatch, allowed, state):
    install("extra-pack", {"pooler": ["top = extra_pack:Top"]}, {"extra_pack.py": TOP})
    if allowed is not None:
        monkeypatch.setenv("KERASSEQ_PLUGINS", allowed)
    assert {c.state for c in find("pooler") if c.distribution == "kerasseq"} == {"ok"}
    assert next(c for c in find("pooler") if c.distribution == "extra-pack").state == state
    if state == "disabled":
        with pytest.raises(PluginError, match=f'KERASSEQ_PLUGINS="{allowed}" leaves it out'):
            choose("pooler", "top")


def test_an_orphaned_distribution_without_metadata_harms_no_other(install):
    install("orphan", {"pooler": ["top = gone:Top"]}, metadata=False)
    assert choose("pooler", "mean").name == "mean"
    with pytest.raises(
        PluginError, match="its distribution has no metadata in .*orphan-1.0.dist-info; install it again"
    ):
        load("pooler", "top")


def test_a_name_that_one_distribution_registers_twice_cannot_be_used(install):
    install("twice", {"pooler": ["top = a:Top", "top = b:Top"]})
    with pytest.raises(PluginError, match="registered as a:Top and as b:Top|registered as b:Top and as a:Top"):
        choose("pooler", "top")


def test_a_distribution_that_is_installed_later_is_found_without_a_restart(install):
    assert "late/top" not in names("pooler")
    install("late", {"pooler": ["top = late_pack:Top"]}, {"late_pack.py": TOP})
    assert "late/top" in names("pooler")


def test_an_unknown_name_gets_the_nearest_one_or_the_choices():
    with pytest.raises(PluginError, match='unknown encoder "LSMT"; did you mean "lstm"'):
        choose("encoder", "LSMT")
    with pytest.raises(PluginError, match='unknown encoder "mamba"; choose from gru, lstm, none, simple_rnn'):
        choose("encoder", "mamba")
    with pytest.raises(PluginError, match='did you mean "kerasseq/lstm"'):
        choose("encoder", "kerasseq/lsmt")


def declared():
    """What the distributions of this repository register, from their own files."""
    for file in sorted((Path(__file__).parents[2] / "plugins").glob("*/pyproject.toml")):
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        points = project.get("entry-points", {})
        groups = {g.removeprefix("kerasseq.")[:-1]: sorted(names) for g, names in points.items()}
        if groups:  # the runtime registers nothing
            yield project["name"], groups


def test_the_table_of_our_distributions_is_what_they_register():
    assert {d: {k: sorted(n.split()) for k, n in kinds.items()} for d, kinds in FIRST_PARTY.items()} == dict(declared())


@pytest.mark.parametrize("spelled", ["gated", "kerasseq-poolers/gated"])
def test_a_name_of_another_of_our_distributions_says_what_to_install_where_it_is_not(monkeypatch, install, spelled):
    ours = tuple(c for c in find("pooler") if c.distribution == "kerasseq")
    with monkeypatch.context() as patch:
        patch.setattr("kerasseq.registry.components.find", lambda kind: ours)
        with pytest.raises(PluginError, match=f'^unknown pooler "{spelled}"; pip install ./plugins/'):
            choose("pooler", spelled)
    install("kerasseq-poolers", {"pooler": ["top = late_pack:Top"]}, {"late_pack.py": TOP})
    assert where_to_get("pooler", spelled) == ""


def test_case_and_dashes_do_not_hide_the_name_that_was_meant():
    assert closest("Simple-RNN", ["gru", "simple_rnn"]) == "simple_rnn"
    assert closest("", ["gru"]) == ""
    assert nearest("x", []) == ""


def test_an_error_of_a_plugin_gets_a_note_with_its_distribution(install):
    install("faulty", {"pooler": ["top = faulty_pack:Top"]}, {"faulty_pack.py": FAULTY})
    with pytest.raises(KeyError) as caught:
        load("pooler", "top")[1](name="top").build(1)
    assert [blame(caught.value), blame(caught.value)] == ["faulty 1.0"] * 2
    assert caught.value.__notes__ == ["from faulty 1.0"]


def test_an_error_of_our_own_gets_no_note():
    with pytest.raises(NotImplementedError) as caught:
        PoolerSpec(name="x").build(1)
    assert blame(caught.value) == ""
    assert not hasattr(caught.value, "__notes__")


def test_a_distribution_that_is_allowed_and_not_installed_is_named(install, monkeypatch):
    install("my-poolers", {"pooler": ["top = my_pack:Top"]}, {"my_pack.py": TOP})
    monkeypatch.setenv("KERASSEQ_PLUGINS", "my-polers, kerasseq")
    with pytest.raises(PluginError) as caught:
        choose("pooler", "top")
    said = '; "my-polers" is no installed plugin, did you mean "my-poolers"?; name my-poolers there, or unset it'
    assert str(caught.value).endswith(said)
    assert strangers(["My_Poolers", "kerasseq"]) == ""
