"""Reports whole exports, and takes them back."""

from gateway.bulk.withdraw import withdraw_report
from protocol.codes import WithdrawalReason
from tests.support.exports import write

WRONG = WithdrawalReason.REPORTED_IN_ERROR


def report(gateway, tmp_path, mappings, rows, **options):
    source = write(tmp_path / "export.csv", rows)
    return gateway.report_file(
        source=source, mapping=mappings / "arrears.toml", output=tmp_path / "results.csv", **options
    )


def nobody(_done, _total):
    """Nobody watches."""


def take_back(gateway, tmp_path, on_progress=nobody):
    return withdraw_report(gateway.registry, output=tmp_path / "results.csv", reason=WRONG, on_progress=on_progress)


def counts(world):
    return world.registry.store.read(lambda tx: tx.records.count_by_state())
