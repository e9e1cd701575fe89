"""Whatever stands in a config, the answer is an experiment or a list of problems, never a crash."""

import tomllib

import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasseq.config.experiment import COMPONENTS, General
from kerasseq.config.read import read_text
from kerasseq.config.settings import SECTIONS
from kerasseq.errors import ConfigError
from kerasseq.registry.components import find

NAMES = [c.name for kind in COMPONENTS for c in find(kind)]
SETTINGS = sorted(
    {key for section in (General, *SECTIONS.values()) for key in section.model_fields}
    | {"units", "layers", "train", "text", "target", "text_2", "range", "max_length", "labels", "pair", "size", "name"}
)
values = st.recursive(
    st.sampled_from([*NAMES, "", "kerasseq/lstm", "/nowhere", "jax", "نص"])
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.booleans()
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(SETTINGS), inner, max_size=3),
    max_leaves=4,
)
tables = st.dictionaries(st.sampled_from(SETTINGS), values, max_size=5)
components = st.builds(lambda table, name: {**table, "name": name}, tables, st.sampled_from(NAMES))
sections = st.sampled_from([*COMPONENTS, *SECTIONS])
files = st.dictionaries(
    sections | st.sampled_from(SETTINGS), tables | components | values | st.lists(components, max_size=2)
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(files, st.lists(st.builds("{}.{}={}".format, sections, st.sampled_from(SETTINGS), values), max_size=2))
def test_every_file_is_read_or_its_problems_are_listed(folder, file, overrides):
    text = tomli_w.dumps(file)
    lines = text.count("\n") + 1
    try:
        experiment = read_text(text, "a.toml", folder, overrides)
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert 0 <= problem.line <= lines
            assert problem.message
            assert "\n" not in problem.message
    else:
        assert read_text(experiment.to_toml(), "b.toml", folder) == experiment


RIGHT = """
[dataset]
name = "table"
train = "rows.csv"
target = "label"
[encoder]
name = "gru"
[task]
name = "classification"
[training]
"""


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(st.sampled_from(SETTINGS), values, min_size=1, max_size=2),
    st.sampled_from(list(tomllib.loads(RIGHT))),
)
def test_a_right_file_with_one_odd_section_is_too(folder, change, section):
    tables = tomllib.loads(RIGHT)
    tables[section] = {**tables[section], **change}
    try:
        experiment = read_text(tomli_w.dumps(tables), "a.toml", folder)
    except ConfigError as error:
        assert {p.key.split(".")[0].split("[")[0] for p in error.problems} <= {section, "training", "split", "task"}
    else:
        assert read_text(experiment.to_toml(), "b.toml", folder) == experiment
