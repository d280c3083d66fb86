"""Reports rows and reads their results."""

from pathlib import Path
from typing import Any

from gateway.gateway import Gateway
from tests.support.exports import results, write


def report(
    gateway: Gateway,
    tmp_path: Path,
    mappings: Path,
    rows: list[dict[str, str]],
    name: str = "results.csv",
    **options: Any,
) -> list[list[str]]:
    source = write(tmp_path / f"{name}-export.csv", rows)
    output = tmp_path / name
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=output, **options)
    return results(output)[1:]
