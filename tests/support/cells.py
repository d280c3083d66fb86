"""A test of a table tries each cell of it, and names those that failed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class Cells:
    """The cells that were tried, and what failed in them."""

    def __init__(self) -> None:
        self.tried = 0
        self.failed: list[BaseException] = []

    @contextmanager
    def cell(self, *names: object) -> Iterator[None]:
        """Keep a failure under the cell's names, so that the cells after it are tried as well."""
        self.tried += 1
        try:
            yield
        except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 - raised at the end of the table
            failure.add_note(f"in the cell {' / '.join(str(each) for each in names)}")
            self.failed.append(failure)


@contextmanager
def every_cell() -> Iterator[Cells]:
    """Raise at the end all that failed in a table, or that the table is empty.

    A test for each cell costs pytest more than the cell: each worker collects it, runs its fixtures and reports it.
    """
    cells = Cells()
    yield cells
    assert cells.tried, "the table has no cell"
    if cells.failed:
        raise BaseExceptionGroup(f"{len(cells.failed)} of {cells.tried} cells failed", cells.failed)
