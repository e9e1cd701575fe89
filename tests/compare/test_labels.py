from pathlib import Path

from kerasseq.compare.labels import labels


def test_a_name_of_its_own_stays_as_it_is():
    assert labels([("gru", Path("a.toml")), ("lstm", Path("b.toml"))]) == ["gru", "lstm"]


def test_equal_names_get_as_much_of_their_path_as_tells_them_apart():
    models = [("x", Path("a/m/one.toml")), ("x", Path("b/m/one.toml")), ("x", Path("two.toml"))]
    assert labels(models) == ["x (a/m/one.toml)", "x (b/m/one.toml)", "x (two.toml)"]


def test_a_name_is_one_line():
    assert labels([("a\n b", Path("a.toml"))]) == ["a b"]
