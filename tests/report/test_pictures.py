"""Pictures are inline SVG in the page's colours, the same on every call, and leave matplotlib's settings alone."""

import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest

from kerasseq.report.pictures import axes_of, curve, forest, residuals, scatter, svg_of, tradeoff

_SVG = "{http://www.w3.org/2000/svg}"


def _words(element):
    return "".join(element.itertext())


def _all():
    generator = np.random.default_rng(0)
    truth = generator.uniform(0, 10, 5000)
    prediction = truth + generator.normal(size=5000)
    return {
        "curve": curve("loss", [1, 2, 3], {"training": [1, math.nan, 0.5], "validation": [0.01, 0.02, 3.0]}, 2),
        "forest": forest("F1", [("this model", 0.8, 0.7, 0.9), ("majority", 0.4, 0.4, 0.4)]),
        "scatter": scatter(truth, prediction, "points"),
        "residuals": residuals(truth, prediction, "نقطة"),
        "tradeoff": tradeoff("F1", "training, s", [("نموذج", 1.0, 0.5), ("$b_c$", 300.0, 0.7)]),
    }


@pytest.mark.parametrize("name", ["curve", "forest", "scatter", "residuals", "tradeoff"])
def test_a_picture_is_well_formed_and_says_what_it_shows(name):
    drawing = _all()[name]
    root = ET.fromstring(drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert root.get("width") is None
    assert len(root.find("title").text if root.find("title") is not None else root.find(f"{_SVG}title").text) > 15


@pytest.mark.parametrize("name", ["curve", "forest", "scatter", "residuals", "tradeoff"])
def test_a_picture_takes_its_colours_from_the_page(name):
    drawing = _all()[name]
    assert "var(--ink)" in drawing
    assert not re.findall(r"#0[0-9]0[0-9]0[0-9]", drawing)
    assert not re.findall(r"(?:fill|stroke): ?#(?:000000|ffffff)", drawing)


def test_the_same_data_give_the_same_bytes():
    assert _all() == _all()


def test_a_large_scatter_stays_small_and_still_says_how_many_rows_it_shows():
    drawing = _all()["scatter"]
    assert drawing.count("<use") < 2100
    assert "1667 test rows" in drawing


@pytest.mark.parametrize("unit", ["points", "نقطة", "$a_b$", "点", "a & b < c"])
def test_a_unit_stays_text_that_the_browser_sets(unit):
    truth = np.array([1.0, 2.0])
    written = ET.fromstring(scatter(truth, truth, unit).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    assert f"true ({unit})" in set(map(_words, written.iter(f"{_SVG}text")))


@pytest.mark.parametrize(
    ("name", "right"),
    [("شبكة بسيطة (RNN)", True), ("GPT نموذج لغوي كبير", True), ("a & b < c (x)", False), ("12", False)],
)
def test_a_name_runs_in_its_own_direction_as_in_the_tables(name, right):
    for drawing in (forest("F1", [(name, 0.8, 0.7, 0.9)]), tradeoff("F1", "s", [(name, 1.0, 0.5)])):
        written = ET.fromstring(drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
        shown = [words for words in map(_words, written.iter(f"{_SVG}text")) if name in words]
        assert shown == [f"\u2067{name}\u2069" if right else name]


def test_a_name_too_long_for_a_picture_is_cut():
    assert "<svg" in forest("x" * 10, [("a very long name of a baseline " * 5, 1.0, 0.0, 2.0)])


def test_a_tradeoff_names_every_model_and_several_models_share_a_colour():
    written = ET.fromstring(_all()["tradeoff"].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    assert {"\u2067نموذج\u2069", "$b_c$"} <= set(map(_words, written.iter(f"{_SVG}text")))
    rows = [("a", 0.8, 0.7, 0.9), ("b", 0.4, 0.3, 0.5), ("majority", 0.4, 0.4, 0.4)]
    first, all_of_them = forest("F1", rows), forest("F1", rows, 2)
    assert all_of_them.count("var(--first)") > first.count("var(--first)") > forest("F1", rows, 0).count("var(--first)")
    assert "<svg" in tradeoff("F1", "training, s", [("a", 1.0, 0.5)])


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("values", [[1.0, 2.0], [1e-9, 1e9], [123456.0, 123456.5], [3e-5, 8e-5]])
def test_the_words_around_a_picture_lie_inside_of_it_and_use_its_room(scale, values):
    figure, axes = axes_of(4.4, 2.8)
    axes.plot([1, 2], values)
    axes.set_yscale(scale)
    axes.set_xlabel("epoch")
    axes.set_title("Loss", y=1.0)
    svg_of(figure, "loss")
    drawn, room = axes.get_tightbbox(), figure.bbox
    assert drawn.x0 >= 0
    assert drawn.y0 >= 0
    assert drawn.x1 <= room.width
    assert drawn.y1 <= room.height
    assert drawn.width * drawn.height > 0.85 * room.width * room.height
    assert 2 <= len([tick for tick in axes.get_yticklabels() if tick.get_text()]) <= 9


def test_numbers_of_decades_are_plain_and_an_epoch_is_whole():
    drawing = curve("loss", [7], {"training": [1.0]}, 7)
    labels = {_words(text) for text in ET.fromstring(drawing.replace("xlink:href", "href")).iter("text")}
    assert {"6", "7", "8"} <= labels
    drawing = curve("loss", [1, 2, 3], {"training": [0.01, 0.5, 30.0]}, 2)
    labels = {_words(text) for text in ET.fromstring(drawing.replace("xlink:href", "href")).iter("text")}
    assert {"0.1", "1", "10", "2"} <= labels


@pytest.mark.parametrize("values", [[1.0], [0.0, 0.0], [1e-9, 1e9], [5.0, math.nan]])
def test_curves_of_any_kind_draw_without_a_warning(values):
    assert "<svg" in curve("learning rate", list(range(1, len(values) + 1)), {"learning rate": values}, 0)


def test_constant_and_single_rows_draw_without_a_warning():
    for rows in (1, 4):
        constant = np.full(rows, 2.0)
        assert "constant" in scatter(constant, constant, "")
        assert "<svg" in residuals(constant, constant, "")


def test_drawing_changes_no_global_setting():
    before = dict(mpl.rcParams)
    _all()
    assert dict(mpl.rcParams) == before


def test_drawing_never_touches_pyplot():
    code = (
        "import sys; from kerasseq.report.pictures import forest; print('matplotlib' in sys.modules);"
        "forest('x', [('a', 1., 0., 2.)]); print('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
