"""Write the rejected rows of a file in its own layout, so that they can be mended and sent again."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.bulk.export import CheckedFile, Export, RawRow
from gateway.bulk.summary import REFUSED
from gateway.bulk.verdict_rows import HEADER
from gateway.errors import FileBroken
from serving.files import begin_file, settle, settle_folder

_VERDICT = HEADER.index("verdict")


def write_rejected(export: Export, checked: CheckedFile, verdicts: Path, output: Path) -> int:
    """Copy the first line and each row with a REJ_ verdict as they stand in the export; returns their number.

    ``verdicts`` is the finished file of the same export. The rows have identities in them, as the export has: the file
    is its owner's alone, and it is there whole or not at all. Raises FileBroken where the two files do not go together.
    """
    told = _verdicts_in(verdicts)

    def is_rejected(_row: RawRow) -> bool:
        verdict = next(told, None)
        if verdict is None:
            raise FileBroken(verdicts, 1, 1, "has fewer rows than the export")
        return verdict.startswith(REFUSED)

    return write_chosen(export, checked, output, is_rejected)


def write_chosen(export: Export, checked: CheckedFile, output: Path, is_chosen: Callable[[RawRow], bool]) -> int:
    """Copy the first line and each chosen row as they stand in the file, whole or not at all; returns their number.

    ``is_chosen`` is asked about each row once, in order. Only its owner can read the copy.
    """
    fresh, count = output.with_name(output.name + ".partial"), 0
    with begin_file(fresh) as file:
        file.write(export.encoded(checked.header))
        for row in export.rows(checked):
            if is_chosen(row):
                file.write(export.encoded(row.text))
                count += 1
        settle(file)
    fresh.replace(output)
    settle_folder(output.parent)
    return count


def _verdicts_in(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        for cells in rows:
            yield cells[_VERDICT]
