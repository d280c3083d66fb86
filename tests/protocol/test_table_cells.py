"""No cell that we write is a formula, and the text behind it comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.table_cells import plain_cell, text_of_cell

FORMULAS = [
    "=cmd|calc",
    "+1",
    "-12",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "－1",
    "\u200b=1",
    "\ufeff+1",
    "\tA1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "A1", "'0012345678", "0571-88888888", " A1", "O'Neill", "1+1", "''"])
def test_another_cell_stays_as_it_is(text: str) -> None:
    assert plain_cell(text) == text_of_cell(text) == text


@given(st.text("'=+-@\t\r \u200bA1＝", max_size=6) | st.text(max_size=8))
def test_the_text_of_a_cell_comes_back(text: str) -> None:
    assert text_of_cell(plain_cell(text)) == text
