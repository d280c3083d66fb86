"""Reports whole exports, takes them back, compares them with the registry, and settles files of payments."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.bulk.mapping import Layout, load
from gateway.bulk.reconcile import ReconcileSummary, reconcile_file
from gateway.bulk.report import ReportSummary
from gateway.bulk.settle import SettleSummary, settle_file
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


def reconcile(gateway: Gateway, source: Path, mapping: Path, folder: Path, **options: Any) -> ReconcileSummary:
    """Compare an export with the carrier's records."""
    layout = load(mapping, Layout.ARREARS)
    return reconcile_file(gateway.tools, source=source, mapping=layout, folder=folder, today=gateway.today(), **options)


def settle_payments(gateway: Gateway, source: Path, output: Path, **options: Any) -> SettleSummary:
    """Settle a file of payments."""
    return settle_file(
        gateway.tools,
        gateway.settler,
        source=source,
        output=output,
        today=gateway.today(),
        note=gateway.note_receipt,
        **options,
    )
