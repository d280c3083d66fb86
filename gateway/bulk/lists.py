"""Write several tables into one folder, where all of them appear together, or none."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from gateway.bulk.verdict_rows import csv_lines
from serving.files import begin_file, make_folder, settle, settle_folder


class Lists:
    """The tables of one run, each under its name; only their owner can read them."""

    def __init__(self, folder: Path, headers: Mapping[str, Sequence[str]]) -> None:
        self._folder = folder
        self._headers = headers
        self._files: dict[str, IO[bytes]] = {}
        self._open = ExitStack()

    def add(self, name: str, lines: Iterable[Sequence[str]]) -> None:
        """Append lines to a table."""
        self._files[name].write(csv_lines(lines))

    def finish(self) -> None:
        """Put all tables in place; if we die in between, some are of this run and the others are missing."""
        for file in self._files.values():
            settle(file)
        for name in self._files:
            (self._folder / name).unlink(missing_ok=True)
        for name in self._files:
            self._partial(name).replace(self._folder / name)
        settle_folder(self._folder)

    def __enter__(self) -> Self:
        make_folder(self._folder)
        for name, header in self._headers.items():
            self._files[name] = self._open.enter_context(begin_file(self._partial(name)))
            self.add(name, [header])
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._open.close()
        for name in self._headers:
            self._partial(name).unlink(missing_ok=True)

    def _partial(self, name: str) -> Path:
        return self._folder / f"{name}.partial"
