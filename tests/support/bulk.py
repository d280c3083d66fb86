"""Reports whole exports, and takes them back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.bulk.report import ReportSummary
from gateway.bulk.withdraw import WithdrawalSummary, withdraw_report
from gateway.gateway import Gateway
from protocol.codes import WithdrawalReason
from protocol.states import RecordState
from tests.support.exports import write
from tests.support.world import World

WRONG = WithdrawalReason.REPORTED_IN_ERROR


def report(
    gateway: Gateway, tmp_path: Path, mappings: Path, rows: list[dict[str, str]], **options: Any
) -> ReportSummary:
    source = write(tmp_path / "export.csv", rows)
    return gateway.report_file(
        source=source, mapping=mappings / "arrears.toml", output=tmp_path / "results.csv", **options
    )


def nobody(_done: int, _total: int) -> None:
    """Nobody watches."""


def take_back(gateway: Gateway, tmp_path: Path, on_progress: Callable[..., None] = nobody) -> WithdrawalSummary:
    return withdraw_report(gateway.registry, output=tmp_path / "results.csv", reason=WRONG, on_progress=on_progress)


def counts(world: World) -> dict[RecordState, int]:
    return world.registry.store.read(lambda tx: tx.records.count_by_state())
