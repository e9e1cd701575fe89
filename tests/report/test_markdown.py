from kerasseq.report.markdown import plain, table


def test_what_markdown_would_read_as_markup_is_shown_as_it_is():
    assert plain("a|b\n<b> *c*") == "a\\|b \\<b\\> \\*c\\*"


def test_a_table_has_a_rule_below_its_head():
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
