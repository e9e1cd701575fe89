import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from kerasseq.datasets.series import Series
from kerasseq.datasets.series_look import look_at_series
from kerasseq.datasets.times import Gaps, read_times
from kerasseq.errors import DataError, UsageError
from kerasseq.metrics.season import find_season


def spec(path, content="", **settings):
    if content:
        path.write_text(content, encoding="utf-8")
    return Series.model_validate_json(json.dumps({"path": str(path), "columns": "v", **settings}))


def faults(built):
    with pytest.raises(DataError) as caught:
        built.build()
    return [line[line.index("a.") :] for line in str(caught.value).splitlines()]


DAYS = "t,v,w\n2020-01-01,1,10\n2020-01-02,2,20\n2020-01-03,4,40\n"


def test_a_row_is_a_step_and_several_columns_are_one_vector(tmp_path):
    built = spec(tmp_path / "a.csv", DAYS, columns=["w", "v"], time="t")
    assert list(built.problems()) == []
    table = built.build()
    assert table["values"].to_pylist() == [[10, 1], [20, 2], [40, 4]]
    assert table.schema.field("values").type == pa.list_(pa.float64())
    assert table["line"].to_pylist() == [2, 3, 4]
    assert table["time"].to_pylist() == ["2020-01-01", "2020-01-02", "2020-01-03"]
    assert table["source"].to_pylist() == [str(tmp_path / "a.csv")] * 3
    facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert facts == {"target": "w, v", "columns": '["w", "v"]', "filled": "0", "step": "1 day"}


def test_parquet_and_jsonl_and_arabic_digits_are_read_too(tmp_path):
    pq.write_table(pa.table({"v": [1.5, 2.5], "t": [1, 2]}), tmp_path / "a.parquet")
    assert spec(tmp_path / "a.parquet", time="t").build()["values"].to_pylist() == [[1.5], [2.5]]
    lines = '{"v": "٣٫٥"}\n{"v": 4}\n'
    assert spec(tmp_path / "a.jsonl", lines).build()["values"].to_pylist() == [[3.5], [4]]


def test_without_a_time_rows_follow_each_other(tmp_path):
    table = spec(tmp_path / "a.csv", DAYS).build()
    assert table.column_names == ["values", "source", "line"]
    assert b"step" not in table.schema.metadata


def test_every_wrong_number_gap_and_disorder_is_named_at_once(tmp_path):
    content = (
        'day,v\n2019-12-30,0\n2019-12-31,0\n2020-01-01,1\n2020-01-02,\n2020-01-03,"3,5"\n2020-01-05,4\n2020-01-05,5\n2020-01-04,6\nsoon,7\n'
        "2020-01-07,8\n2020-01-07T12:00,9\n2020-01-08,inf\n2020-01-09,1,2\n"
    )
    assert faults(spec(tmp_path / "a.csv", content, time="day")) == [
        'a.csv:5: v: must be a number, got nothing; on_gap = "interpolate" fills it in',
        'a.csv:6: v: must be a number, got "3,5"; write a point for the decimals: 3.5',
        'a.csv:7: day: must come 1 day after 2020-01-03, got 2020-01-05: 1 missing; on_gap = "interpolate" fills it '
        'in, "keep" leaves it',
        "a.csv:8: day: must come after 2020-01-05, got 2020-01-05; the rows must be in the order of time",
        "a.csv:9: day: must come after 2020-01-05, got 2020-01-04; the rows must be in the order of time",
        'a.csv:10: day: must be ISO 8601, like 1981-01-31 12:00, got "soon"',
        'a.csv:11: day: must come 1 day after 2020-01-05, got 2020-01-07: 1 missing; on_gap = "interpolate" fills it '
        'in, "keep" leaves it',
        "a.csv:12: day: must be a whole number of steps of 1 day after 2020-01-07, got 2020-01-07T12:00; "
        'on_gap = "keep" takes the rows as they follow',
        "a.csv:13: day: must be a whole number of steps of 1 day after 2020-01-07T12:00, got 2020-01-08; "
        'on_gap = "keep" takes the rows as they follow',
        'a.csv:13: v: must be a number, got "inf"; its size must be 0 or from 1e-30 to 1e+15',
        'a.csv:14: field 3: must be a row of 2 fields, got 3; a field that holds the delimiter stands in "quotes"',
    ]


def test_gaps_are_filled_by_straight_lines_and_counted(tmp_path, caplog):
    content = "t,v,w\n2020-02-27,1,0\n2020-02-28,,3\n2020-03-02,4,6\n2020-03-03,5,NA\n2020-03-04,6,8\n"
    table = spec(tmp_path / "a.csv", content, columns=["v", "w"], time="t", on_gap="interpolate").build()
    assert table["time"].to_pylist() == [f"2020-{d}" for d in "02-27 02-28 02-29 03-01 03-02 03-03 03-04".split()]
    assert [v for v, _ in table["values"].to_pylist()] == pytest.approx([1, 1.75, 2.5, 3.25, 4, 5, 6])
    assert [w for _, w in table["values"].to_pylist()] == pytest.approx([0, 3, 4, 5, 6, 7, 8])
    assert table["line"].to_pylist() == [2, 3, 4, 4, 4, 5, 6]
    assert table.schema.metadata[b"filled"] == b"4"
    assert "filled in 4 of 7 steps" in caplog.text


def test_an_end_cannot_be_filled_and_a_word_is_no_gap(tmp_path):
    content = "v\n\n?\n1\nmany\n2\n-\n"
    assert faults(spec(tmp_path / "a.csv", content, on_gap="interpolate")) == [
        'a.csv:3: v: must be a number, got "?"; nothing can be filled in at an end of the series: remove the row',
        'a.csv:5: v: must be a number, got "many"',
        'a.csv:7: v: must be a number, got "-"; nothing can be filled in at an end of the series: remove the row',
    ]


def test_keep_takes_trading_days_as_they_follow_each_other(tmp_path):
    content = "t,v\n2024-01-04,1\n2024-01-05,2\n2024-01-08,3\n2024-01-09,4\n"
    assert spec(tmp_path / "a.csv", content, time="t", on_gap="keep").build().num_rows == 4
    assert "2 missing" in faults(spec(tmp_path / "a.csv", content, time="t"))[0]
    assert faults(spec(tmp_path / "a.csv", "t,v\n1,1\n3,\n4,2\n", time="t", on_gap="keep"))[0].startswith("a.csv:3: v")


def test_keep_takes_rows_between_two_steps_and_checks_their_order(tmp_path):
    content = "t,v\n09:00,1\n09:10,2\n09:20,3\n09:23,4\n".replace("09:", "2024-01-04T09:")
    assert spec(tmp_path / "a.csv", content, time="t", on_gap="keep").build().num_rows == 4
    for on_gap in ("error", "interpolate"):
        assert "a whole number of steps" in faults(spec(tmp_path / "a.csv", content, time="t", on_gap=on_gap))[0]
    [said] = faults(spec(tmp_path / "a.csv", content + "2024-01-04T09:22,5\n", time="t", on_gap="keep"))
    assert said.startswith("a.csv:6: t: must come after")


def test_no_more_steps_are_filled_in_than_there_are_rows(tmp_path):
    content = "t,v\n1949-01,1\n1949-02,2\n1949-04,3\n9949-05,4\n"
    assert faults(spec(tmp_path / "a.csv", content, time="t", on_gap="interpolate")) == [
        "a.csv:5: t: must come 1 month after 1949-04, got 9949-05: 96,000 missing; 96,001 steps to fill in between "
        '4 rows are too many: correct the time, or on_gap = "keep"'
    ]
    whole = spec(tmp_path / "a.csv", content.replace("9949-05", "1949-08"), time="t", on_gap="interpolate").build()
    assert whole.num_rows == 8


def test_absent_columns_and_files_are_named(tmp_path):
    built = spec(tmp_path / "a.csv", DAYS, columns=["u", "w"], time="tt")
    assert [key for key, _ in built.problems()] == ["columns", "time"]
    assert [line.partition(",")[0] for line in faults(built)] == ["a.csv:1: must be a column of " + str(built.path)] * 2
    [(key, said)] = spec(tmp_path / "b.csv").problems()
    assert (key, said) == ("path", f'must be a file, got {tmp_path / "b.csv"}; did you mean "a.csv"?')
    [(_, said)] = spec(tmp_path / "a.txt", "v\n1\n").problems()
    assert "has no known suffix" in said
    assert faults(spec(tmp_path / "a.csv", "v\n")) == ["a.csv:1: row: must be at least one below the header, got none"]


def test_columns_that_play_two_parts_are_refused(tmp_path):
    with pytest.raises(ValidationError, match="columns and time must be different"):
        spec(tmp_path / "a.csv", time="v")
    with pytest.raises(ValidationError, match="each column once"):
        spec(tmp_path / "a.csv", columns=["v", "v"])


@pytest.mark.parametrize(
    ("texts", "length", "next_one"),
    [
        (["1949-11", "1949-12", "1950-01"], "1 month", "1950-02"),
        (["2020-01-01", "2020-04-01", "2020-07-01"], "3 months", "2020-10-01"),
        (["2020-01-31", "2020-02-29", "2020-03-31"], "1 month", "2020-04-30"),
        (["2020-01-15 08:00", "2020-02-15 08:00"], "1 month", "2020-03-15 08:00"),
        (["2020-02-28", "2020-02-29"], "1 day", "2020-03-01"),
        (["2020-01-01T23:30", "2020-01-01T23:45"], "15 minutes", "2020-01-02T00:00:00"),
        (["2020-01-01 22:00:00Z", "2020-01-01 23:00:00Z"], "1 hour", "2020-01-02 00:00:00+00:00"),
        (["2020-01-01 23:00:00+01:00", "2020-01-01 23:00:00Z"], "1 hour", "2020-01-02 00:00:00+00:00"),
        (["2020-01-06", "2020-01-13"], "7 days", "2020-01-20"),
        (["0.1", "0.2", "0.3"], "0.1", "0.4"),
        (["1990", "1991"], "1", "1992"),
    ],
)
def test_times_of_many_kinds_have_equal_steps(texts, length, next_one):
    times = read_times(texts)
    assert times.length() == length
    assert times.gaps() == Gaps([0] * len(texts), [], [])
    assert times.after(len(texts) - 1, 1) == next_one


def test_months_and_years_and_leap_days_that_are_missing_are_counted():
    assert read_times(["1949-11", "1949-12", "1950-03"]).gaps().steps == [0, 0, 2]
    assert read_times(["2020-02-27", "2020-02-28", "2020-03-01"]).gaps().steps == [0, 0, 1]
    assert read_times(["1", "2", "3", "10"]).gaps().steps == [0, 0, 0, 6]
    assert read_times(["2020-01-01"]).gaps() == Gaps([0], [], [])
    assert read_times([]).gaps() == Gaps([], [], [])


def test_what_is_no_time_is_said_in_the_kind_of_the_others():
    assert read_times(["1", "2", "x"]).gaps().wrong == [(2, 'must be a number, as most are, got "x"')]
    assert read_times(["1949-01", "1949-02", "1949-13"]).gaps().wrong == [
        (2, 'must be a month like 1949-01, got "1949-13"')
    ]
    assert read_times(["2020-01-01", "01/02/2020", None]).gaps().wrong == [
        (1, 'must be ISO 8601, like 1981-01-31 12:00, got "01/02/2020"'),
        (2, "must be a time, got nothing"),
    ]


@pytest.mark.realdata
def test_the_airline_series_is_whole_and_two_days_of_the_temperatures_are_missing(realdata):
    folder = realdata / "timeseries"
    table = Series(path=str(folder / "airline-passengers.csv"), columns=("Passengers",), time="Month").build()
    assert (table.num_rows, table["values"][0].as_py()) == (144, [112])
    assert table.schema.metadata[b"step"] == b"1 month"
    daily = Series(path=str(folder / "daily-min-temperatures.csv"), columns=("Temp",), time="Date")
    with pytest.raises(DataError) as caught:
        daily.build()
    assert [line.partition(" 1 missing")[0].rpartition(".csv:")[2] for line in str(caught.value).splitlines()] == [
        "1462: Date: must come 1 day after 1984-12-30, got 1985-01-01:",
        "2922: Date: must come 1 day after 1988-12-30, got 1989-01-01:",
    ]
    filled = daily.model_copy(update={"on_gap": "interpolate"}).build()
    assert filled.num_rows == 3652
    assert filled["time"][1460].as_py() == "1984-12-31"
    assert filled["values"][1460].as_py() == [pytest.approx((16.4 + 13.3) / 2)]


def test_an_encoding_that_python_does_not_know_is_refused(tmp_path):
    with pytest.raises(ValidationError, match='must be an encoding that Python knows, got "klingon"'):
        spec(tmp_path / "a.csv", DAYS, encoding="klingon")


def test_times_between_two_steps_are_kept_by_a_new_config_and_a_wrong_order_is_not(tmp_path):
    times = [f"2024-01-04T09:{minute:02}" for minute in (*range(0, 50, 2), 51)]
    columns = {"t": times, "v": [str(number % 7) for number in range(len(times))]}
    seen = look_at_series(columns, "t", ["v"], "a.csv", find_season)
    assert seen.on_gap == ("keep", "1 time between two steps, where nothing can be filled in")
    with pytest.raises(UsageError, match="must come after"):
        look_at_series({**columns, "t": [*times[:-1], times[3]]}, "t", ["v"], "a.csv", find_season)
