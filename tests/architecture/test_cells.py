"""A test of a table fails with each cell that fails, and by its name."""

import pytest

from tests.support.cells import every_cell


def test_each_cell_that_fails_is_named_and_the_others_are_tried_all_the_same() -> None:
    tried = []
    with (
        pytest.RaisesGroup(
            pytest.RaisesExc(AssertionError, check=lambda failure: failure.__notes__ == ["in the cell 2 / b"]),
            pytest.RaisesExc(ZeroDivisionError, check=lambda failure: failure.__notes__ == ["in the cell 3 / c"]),
            pytest.RaisesExc(pytest.fail.Exception, check=lambda failure: failure.__notes__ == ["in the cell 4 / d"]),
            match="3 of 5 cells failed",
        ),
        every_cell() as table,
    ):
        for number, letter in enumerate("abcde", 1):
            with table.cell(number, letter):
                tried.append(letter)
                assert number != 2, "two"
                assert 6 // (number - 3)
                if number == 4:
                    pytest.fail("four")
    assert tried == list("abcde")


def test_a_table_without_a_cell_fails() -> None:
    with pytest.raises(AssertionError, match="the table has no cell"), every_cell():
        pass


def test_an_interrupt_ends_the_table() -> None:
    with pytest.raises(KeyboardInterrupt), every_cell() as table, table.cell("any"):
        raise KeyboardInterrupt


def test_a_table_whose_cells_all_hold_passes() -> None:
    with every_cell() as table, table.cell("any"):
        pass
    assert (table.tried, table.failed) == (1, [])
