"""Evidence beside an export: promised by digests, kept in a book, shown on demand; nothing of it leaves before."""

import json
import stat
import uuid
from pathlib import Path
from typing import Any

import pytest

from gateway.bulk.evidence import EvidenceFolder, show
from gateway.errors import EvidenceMissing, OutputOfAnotherInput
from gateway.gateway import Gateway
from protocol.codes import EvidenceDocument, Role
from protocol.messages.evidence import NewDemand
from registry.usecases.evidence.demand import demand_evidence
from tests.support.exports import debt, resident, results, write
from tests.support.parties import Parties
from tests.support.world import World

NOTICE = b"%PDF-1.7 reminder to Wang Xiaoming"


@pytest.fixture
def export(tmp_path: Path, mappings: Path) -> Path:
    """Four rows: whole evidence, none, a folder without a contract, and an account that is a path."""
    mapping = mappings / "arrears.toml"
    text = mapping.read_text("utf-8").replace('dealer = "代理商"', 'contract_date = "代理商"')
    mapping.write_text(text + '\n[evidence]\nfolder = "papers"\n', "utf-8")
    for account in ("whole", "torn"):
        folder = tmp_path / "papers" / account
        folder.mkdir(parents=True)
        (folder / "bill-2026-01.pdf").write_bytes(b"%PDF-1.7 January")
        (folder / "bill-2026-02.pdf").write_bytes(b"%PDF-1.7 February")
        (folder / "notice.pdf").write_bytes(NOTICE)
    (tmp_path / "papers/whole/contract.png").write_bytes(b"\x89PNG\r\n\x1a\n signed")
    rows = [
        debt(name, 证件号码=resident(number), 代理商="2024-03-05")
        for number, name in enumerate(("whole", "bare", "torn", "x/papers/whole"), start=1)
    ]
    return write(tmp_path / "export.csv", rows)


def run(gateway: Gateway, export: Path, mappings: Path, **options: Any) -> list[list[str]]:
    output = export.parent / "results.csv"
    gateway.report_file(source=export, mapping=mappings / "arrears.toml", output=output, **options)
    return results(output)[1:]


def demanded(
    world: World, record_id: uuid.UUID, document: EvidenceDocument = EvidenceDocument.NOTICE, bill: int | None = None
) -> uuid.UUID:
    who = world.actor("operator", Role.AUDITOR)
    outcome = demand_evidence(
        world.registry, who, world.call(), record_id=record_id, new=NewDemand(document=document, bill=bill)
    )
    return uuid.UUID(json.loads(outcome.body)["demand_id"])


def test_what_was_promised_is_shown_from_the_book(gateway: Gateway, world: World, export: Path, mappings: Path) -> None:
    rows = run(gateway, export, mappings)
    assert [row[1] for row in rows] == ["ACTIVE", "ACTIVE", "REJ_NO_EVIDENCE", "ACTIVE"]
    book = export.parent / "results.csv.evidence"
    record_id = uuid.UUID(rows[0][2])
    for document, bill in (
        (EvidenceDocument.NOTICE, None),
        (EvidenceDocument.CONTRACT, None),
        (EvidenceDocument.BILL, 2),
    ):
        assert show(gateway.registry, demanded(world, record_id, document, bill), [book]).state == "MATCHES"


def test_neither_documents_nor_their_names_leave_with_the_report(
    gateway: Gateway, parties: Parties, export: Path, mappings: Path
) -> None:
    run(gateway, export, mappings)
    sent = parties.everything_sent()
    for raw in (b"papers", b"bill-2026", b"notice.pdf", b"contract.png", NOTICE, b"January"):
        assert raw not in sent


def test_the_book_is_for_its_owner_only_and_holds_a_line_for_each_document(
    gateway: Gateway, export: Path, mappings: Path
) -> None:
    run(gateway, export, mappings)
    book = export.parent / "results.csv.evidence"
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in book.read_bytes().splitlines()]
    assert len({line["salt"] for line in lines}) == len(lines) == 4


def test_the_same_evidence_again_is_no_change_and_a_new_document_is(
    gateway: Gateway, export: Path, mappings: Path
) -> None:
    run(gateway, export, mappings)
    export.write_bytes(export.read_bytes() + b"\n")
    assert [row[1] for row in run(gateway, export, mappings, restart=True)][:2] == ["DUPLICATE", "DUPLICATE"]
    (export.parent / "papers/whole/bill-2026-03.pdf").write_bytes(b"%PDF-1.7 March")
    with pytest.raises(OutputOfAnotherInput):
        run(gateway, export, mappings)
    assert [row[1] for row in run(gateway, export, mappings, restart=True)][:2] == ["UPDATED", "DUPLICATE"]


def test_a_row_is_unchanged_only_with_the_documents_of_the_last_report(
    gateway: Gateway, export: Path, mappings: Path
) -> None:
    def month(name: str, since: str) -> tuple[list[str], int]:
        export.write_bytes(export.read_bytes() + b"\n")
        summary = gateway.report_file(
            source=export,
            mapping=mappings / "arrears.toml",
            output=export.parent / name,
            since=export.parent / since,
        )
        assert summary.comparison is not None
        return [row[1] for row in results(export.parent / name)[1:]], summary.comparison.confirmed

    run(gateway, export, mappings)
    told = ["DUPLICATE", "DUPLICATE", "REJ_NO_EVIDENCE", "DUPLICATE"]
    assert month("second.csv", "results.csv") == (told, 3)
    (export.parent / "papers/whole/bill-2026-03.pdf").write_bytes(b"%PDF-1.7 March")
    assert month("third.csv", "second.csv") == (["UPDATED", *told[1:]], 2)
    (export.parent / "papers/whole/notice.pdf").unlink()
    assert month("fourth.csv", "third.csv") == (["REJ_NO_EVIDENCE", *told[1:]], 2)


def test_a_document_that_changed_or_is_in_no_book_is_not_shown(
    gateway: Gateway, world: World, export: Path, mappings: Path
) -> None:
    demand_id = demanded(world, uuid.UUID(run(gateway, export, mappings)[0][2]))
    other = export.parent / "other.evidence"
    other.write_bytes(b"")
    with pytest.raises(EvidenceMissing, match="no evidence book"):
        show(gateway.registry, demand_id, [other])
    (export.parent / "papers/whole/notice.pdf").write_bytes(b"%PDF-1.7 forged")
    with pytest.raises(EvidenceMissing, match="not the document any more"):
        show(gateway.registry, demand_id, [export.parent / "results.csv.evidence"])
    (export.parent / "papers/whole/notice.pdf").unlink()
    with pytest.raises(EvidenceMissing, match="cannot be read"):
        show(gateway.registry, demand_id, [export.parent / "results.csv.evidence"])
    with pytest.raises(EvidenceMissing, match="is no evidence book"):
        show(gateway.registry, demand_id, [export])


def test_an_account_names_its_folder_in_its_one_form_too_and_never_another_folder(
    gateway: Gateway, export: Path, tmp_path: Path, mappings: Path
) -> None:
    write(export, [debt("'whole", 代理商="2024-03-05")])
    run(gateway, export, mappings)
    assert len((tmp_path / "results.csv.evidence").read_bytes().splitlines()) == 4
    folder = EvidenceFolder(tmp_path / "papers", bytes(32))
    assert folder.look(["whole"]) is not None
    assert folder.look(["../papers/whole", "..", ".", "", "papers/whole", "missing"]) is None


def test_documents_that_are_missing_are_told_where_the_account_has_an_open_record(
    gateway: Gateway, parties: Parties, export: Path, mappings: Path
) -> None:
    rows = run(gateway, write(export.with_name("first.csv"), [debt("torn")]), mappings, restart=True)
    assert rows[0][1] == "ACTIVE"
    parties.registry.sent.clear()
    run(gateway, write(export, [debt("torn", 代理商="2024-03-05")]), mappings, restart=True)
    [batch] = [each for each in parties.registry.sent if b"/v1/record-batches" in each]
    assert json.loads(batch.split(b"\n")[1])["code"] == "REJ_NO_EVIDENCE"
