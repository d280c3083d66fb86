"""Tables of orders are read strictly, and nothing of a row outlives the reading."""

import datetime as dt
import io
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.orders import OrderFault, OrdersRefused, inquiries_in, read_orders
from protocol.grades import Grade, Tenure
from protocol.grading import CreditFacts, graded, text_of
from tests.support.graded_orders import BY_INQUIRY, BY_TEXT, HEADING, first_terms, orders, table

ROW = "2026-03-01,0,0,0,10,1,70,0,12"


def refused(raw: bytes) -> OrdersRefused:
    with pytest.raises(OrdersRefused) as refusal:
        read_orders(io.BytesIO(raw))
    return refusal.value


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("2026-3-01,0,0,0,10,1,70,0,12", "opened_on", OrderFault.NOT_A_DATE),
        ("20260301,0,0,0,10,1,70,0,12", "opened_on", OrderFault.NOT_A_DATE),
        ("0026-03-01,0,0,0,10,1,70,0,12", "opened_on", OrderFault.NOT_A_DATE),
        ("2026-03-01,yes,0,0,10,1,70,0,12", "bad", OrderFault.NOT_0_OR_1),
        ("2026-03-01,0,-1,0,10,1,70,0,12", "open", OrderFault.NOT_WHOLE),
        ("2026-03-01,0,0,2,10,1,70,0,12", "plan_running", OrderFault.NOT_0_OR_1),
        ("2026-03-01,0,0,0,-1,1,70,0,12", "cleared_days", OrderFault.NOT_WHOLE),
        ("2026-03-01,0,0,0,10,01,70,0,12", "cleared_creditors", OrderFault.NOT_WHOLE),
        ("2026-03-01,0,0,0,10,1,1000000,0,12", "blocked_days", OrderFault.NOT_WHOLE),
        ("2026-03-01,0,0,0,10,1,70,,12", "plans_broken", OrderFault.NOT_WHOLE),
        ("2026-03-01,0,0,0,10,1,70,0,13", "tenure", OrderFault.NOT_A_BAND),
        ("2026-03-01,0,0,0,10,1,70,0", None, OrderFault.CELLS_DIFFER),
        ("", None, OrderFault.CELLS_DIFFER),
        ('2026-03-01,0,0,0,"10"x,1,70,0,12', None, OrderFault.NOT_A_TABLE),
    ],
)
def test_a_wrong_cell_is_named_by_its_line_its_column_and_a_code(
    row: str, column: str | None, code: OrderFault
) -> None:
    refusal = refused(table([ROW, row]))
    assert (refusal.line, refusal.column, refusal.code) == (3, column, code)
    assert str(refusal) in {f"line 3, column {column}: {code.value}", f"line 3: {code.value}"}


@pytest.mark.parametrize(
    ("heading", "column", "code"),
    [
        ("", "opened_on", OrderFault.COLUMN_MISSING),
        ("opened_on,bad", "open", OrderFault.COLUMN_MISSING),
        ("opened_on,credit", "bad", OrderFault.COLUMN_MISSING),
        (f"{HEADING},330106199001010017", 10, OrderFault.COLUMN_UNKNOWN),
        ("opened_on,bad,bad", "bad", OrderFault.COLUMN_REPEATED),
        ("opened_on,bad,credit,tenure", "tenure", OrderFault.INPUTS_TWICE),
        ("opened_on,bad,inquiry_id,credit", "inquiry_id", OrderFault.INPUTS_TWICE),
    ],
)
def test_a_wrong_heading_is_refused_and_an_unknown_name_is_not_repeated(
    heading: str, column: str | int, code: OrderFault
) -> None:
    refusal = refused(table([ROW], heading))
    assert (refusal.line, refusal.column, refusal.code) == (1, column, code)
    assert "330106" not in str(refusal)


@pytest.mark.parametrize(
    ("raw", "line", "code"),
    [
        (table([]), 1, OrderFault.NO_ROWS),
        (table([ROW]) + b"\xff\n", 3, OrderFault.NOT_UTF_8),
        (table([ROW, "1" * 5_000]), 3, OrderFault.LINE_TOO_LONG),
        (b"", 0, OrderFault.COLUMN_MISSING),
    ],
)
def test_a_file_that_is_no_table_is_refused(raw: bytes, line: int, code: OrderFault) -> None:
    refusal = refused(raw)
    assert refusal.code is code
    assert refusal.line in {line, 1}


@pytest.mark.parametrize("text", ["o0 p0 d10 c1 b70 k0 t0", "o0 p0 d10 c1 b70 k0 t13 D", "O0 p0 d- c0 b0 k0 t0 C"])
def test_a_text_that_is_not_of_seven_inputs_and_a_letter_is_refused(text: str) -> None:
    refusal = refused(table([f"2026-03-01,0,{text}"], BY_TEXT))
    assert (refusal.line, refusal.column, refusal.code) == (2, "credit", OrderFault.NOT_A_CREDIT_TEXT)


ASKED = uuid.UUID("01a225b9-cdfb-7335-90f5-d68f3071dc19")


def test_a_table_may_name_inquiries_whose_inputs_are_known_and_the_others_are_left_out() -> None:
    raw = table([f"2026-03-01,1,{ASKED}", f"2026-03-02,0,{uuid.UUID(int=7)}"], BY_INQUIRY)
    assert inquiries_in(io.BytesIO(raw)) == {ASKED, uuid.UUID(int=7)}
    assert inquiries_in(io.BytesIO(table([ROW]))) == set()
    read = read_orders(io.BytesIO(raw), {ASKED: "o1 p0 d- c0 b0 k0 t0 E"})
    assert ([kind.told for kind in read.bad], read.good.total(), read.left_out) == ([Grade.E], 0, 1)
    assert (read.first, read.last) == (dt.date(2026, 3, 1), dt.date(2026, 3, 1))


@pytest.mark.parametrize("named", ["7", str(ASKED).upper(), f"{{{ASKED}}}", ASKED.hex])
def test_an_id_of_an_inquiry_has_one_form(named: str) -> None:
    with pytest.raises(OrdersRefused) as refusal:
        read_orders(io.BytesIO(table([f"2026-03-01,1,{named}"], BY_INQUIRY)), {})
    assert (refusal.value.column, refusal.value.code) == ("inquiry_id", OrderFault.NOT_AN_ID)


def test_a_byte_order_mark_and_the_line_ends_of_a_spreadsheet_are_taken() -> None:
    raw = b"\xef\xbb\xbf" + table([ROW, ROW]).replace(b"\n", b"\r\n")
    assert read_orders(io.BytesIO(raw)).good.total() == 2


def test_equal_rows_become_a_count_and_the_dates_a_span() -> None:
    read = orders([ROW, ROW.replace("-03-", "-05-"), "2026-01-02,1,0,0,10,1,70,0,12", "2026-04-02,1,1,0,,0,0,0,0"])
    facts = CreditFacts(cleared_days=10, cleared_creditors=1, blocked_days=70, tenure=Tenure.YEAR)
    assert sorted((kind.facts == facts, number, bad) for kind, number, bad in read.kinds()) == [
        (False, 1, 1),
        (True, 3, 1),
    ]
    assert (read.first, read.last) == (dt.date(2026, 1, 2), dt.date(2026, 5, 1))


FACTS = st.builds(
    CreditFacts,
    open=st.integers(0, 3),
    plan_running=st.integers(0, 1),
    cleared_days=st.integers(-1, 999_999),
    cleared_creditors=st.integers(0, 9),
    blocked_days=st.integers(0, 999_999),
    plans_broken=st.integers(0, 9),
    tenure=st.sampled_from(Tenure),
)


@given(FACTS)
def test_the_text_of_an_entry_and_its_seven_inputs_say_the_same(facts: CreditFacts) -> None:
    letter = graded(facts, first_terms()).grade
    days = "" if facts.cleared_days < 0 else facts.cleared_days
    cells = (facts.open, facts.plan_running, days, facts.cleared_creditors, facts.blocked_days, facts.plans_broken)
    by_text = orders([f"2026-01-01,1,{text_of(facts, letter)}"], BY_TEXT)
    by_cells = orders([f"2026-01-01,1,{','.join(map(str, cells))},{int(facts.tenure)}"])
    assert [(kind.facts, kind.told) for kind in by_text.bad] == [(facts, letter)]
    assert [(kind.facts, kind.told) for kind in by_cells.bad] == [(facts, None)]
    assert letter in Grade
