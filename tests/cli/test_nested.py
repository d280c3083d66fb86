"""Results for people: short values on the line of their name, lists of messages as tables, wide ones item by item."""

from cli.nested import laid_out, plain


def test_scalars_and_short_lists_stand_on_their_line() -> None:
    told = {"rows": 12, "left_at": None, "roles": ["REPORTER", "INQUIRER"], "verdicts": {"ACTIVE": 3, "UPDATED": 1}}
    assert laid_out(told) == [
        "rows      12",
        "left at   -",
        "roles     REPORTER, INQUIRER",
        "verdicts  ACTIVE 3, UPDATED 1",
    ]


def test_a_list_of_messages_is_a_table() -> None:
    items = [{"creditor": "carrier-a", "total_fen": 61_039}, {"creditor": "乙", "total_fen": 5, "note": "x"}]
    assert laid_out({"quote": "q", "lines": items}) == [
        "quote  q",
        "lines",
        "  creditor   total fen  note",
        "  carrier-a  61039      -",
        "  乙         5          x",
    ]


def test_a_message_with_members_of_its_own_stands_below_its_name() -> None:
    told = {"owed": {"total_fen": 1, "parts": [{"part": "COSTS", "fen": 1}]}}
    assert laid_out(told) == ["owed", "  total fen  1", "  parts", "    part   fen", "    COSTS  1"]


def test_a_table_that_is_too_wide_is_written_item_by_item() -> None:
    items = [{"id": "a" * 90, "reason": "b" * 90}, {"id": "c", "reason": "d"}]
    assert laid_out({"held": items}) == [
        "held",
        "  1.",
        f"    id      {'a' * 90}",
        f"    reason  {'b' * 90}",
        "  2.",
        "    id      c",
        "    reason  d",
    ]


def test_nothing_is_a_dash() -> None:
    assert (plain(None), plain([]), plain({}), plain(0), plain("")) == ("-", "-", "-", "0", "")
    assert laid_out({"lines": [], "counts": {}}) == ["lines   -", "counts  -"]
    assert laid_out({}) == []
