"""A file that would move accounts to other persons is stopped before anything is sent: a shifted column moves none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from client.answers import message
from client.errors import RegistryAnswerBroken
from client.resources.records import own_records
from gateway.bulk.file_guards import Consent
from gateway.errors import FileSuspicious
from gateway.gateway import Gateway
from gateway.identity.accounts import ANY_FORM, AccountForm, Accounts
from gateway.identity.documents import RawIdentity, read_identity
from gateway.wiring import build
from protocol.encodings import b64url_encode
from protocol.identifiers import DocumentKind
from protocol.messages.records import ListedRecord
from protocol.wire.codec import write as write_message
from registry.store.records import record
from tests.support.account_exports import report
from tests.support.builders import TODAY
from tests.support.exports import debt, debts, resident
from tests.support.parties import Parties
from tests.support.sizes import examples
from tests.support.world import World

KEY = bytes(range(32))
ACCOUNTS = Accounts(KEY, ANY_FORM)


def document(serial: int, *, spelled: Callable[[str], str] = str) -> bytes:
    raw = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=spelled(resident(serial)))
    return read_identity(raw, today=TODAY)[1].subject


def shifted(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with each document one row too low, as a sort of one column leaves them."""
    numbers = [each["证件号码"] for each in rows]
    return [row | {"证件号码": number} for row, number in zip(rows, [numbers[-1], *numbers[:-1]], strict=True)]


def persons(gateway: Gateway) -> dict[bytes, bytes | None]:
    return {each.account_ref: each.person_ref for each in own_records(gateway.registry)}


def forget_references(world: World) -> None:
    """Leave the records as a release before this one listed them."""
    world.registry.store.write(lambda tx: tx.records._connection.execute(sa.update(record).values(person_ref=None)))


@pytest.fixture
def listed(gateway: Gateway, tmp_path: Path, mappings: Path, parties: Parties) -> Gateway:
    report(gateway, tmp_path, mappings, debts(30), name="listed.csv")
    parties.registry.sent.clear()
    return gateway


@settings(max_examples=examples(40))
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([str, str.lower, "'{}".format, " {}\t".format]))
def test_two_references_on_an_account_are_equal_exactly_where_the_document_is(
    one: int, other: int, spelled: Callable[[str], str]
) -> None:
    account = ACCOUNTS.read("A1")
    first, second = document(one), document(other, spelled=spelled)
    assert (ACCOUNTS.person_refs(account, first) == ACCOUNTS.person_refs(account, second)) == (one == other)


def test_a_person_has_another_reference_on_each_account_and_under_each_key() -> None:
    person = document(1)
    others = [
        ACCOUNTS.person_refs(ACCOUNTS.read("A1"), person),
        ACCOUNTS.person_refs(ACCOUNTS.read("A2"), person),
        Accounts(bytes(32), ANY_FORM).person_refs(ACCOUNTS.read("A1"), person),
    ]
    assert len(set(others)) == len(others)
    assert ACCOUNTS.read("A1").reference not in others[0]


def test_a_shifted_column_moves_nobody(listed: Gateway, parties: Parties, tmp_path: Path, mappings: Path) -> None:
    before = persons(listed)
    with pytest.raises(FileSuspicious) as stopped:
        report(listed, tmp_path, mappings, shifted(debts(30)))
    assert stopped.value.code == "takes-out-many"
    assert str(stopped.value).endswith(
        "rows take out 30 of 30 open records, more than 20 at once, 30 of them to another person; nothing was sent; "
        "say --take-out 30 if so"
    )
    assert not any(b"record-batches" in each for each in parties.registry.sent)
    assert persons(listed) == before


def test_a_person_that_is_corrected_within_the_bound_is_reported_and_known_from_then_on(
    listed: Gateway, tmp_path: Path, mappings: Path
) -> None:
    before = persons(listed)
    rows = [each | {"证件号码": resident(900)} for each in debts(1)] + debts(29, first=1)
    told = report(listed, tmp_path, mappings, rows)
    assert [bool(row[5]) for row in told] == [True] + [False] * 29
    assert len(before.items() & persons(listed).items()) == 29
    with pytest.raises(FileSuspicious, match="rows take out 0 open records, and not 1"):
        report(listed, tmp_path, mappings, rows, name="again.csv", consent=Consent(take_out=1))


def test_rows_that_take_out_and_rows_that_move_count_together_each_record_once(
    listed: Gateway, tmp_path: Path, mappings: Path
) -> None:
    rows = [each | {"本金": "0"} for each in debts(15)] + shifted(debts(6, first=15))
    rows.append(rows[0] | {"证件号码": resident(900)})
    with pytest.raises(FileSuspicious, match="take out 21 of 30 open records, more than 20 at once, 6 of them to"):
        report(listed, tmp_path, mappings, rows)
    disputed = [each | {"类别": "争议"} for each in shifted(debts(21))]
    with pytest.raises(FileSuspicious, match="take out 21 of 30 open records, more than 20 at once; nothing"):
        report(listed, tmp_path, mappings, disputed)


def test_exactly_the_number_that_was_said_is_moved(
    listed: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    with pytest.raises(FileSuspicious, match="rows take out 30 open records, and not 29"):
        report(listed, tmp_path, mappings, shifted(debts(30)), consent=Consent(take_out=29))
    report(listed, tmp_path, mappings, shifted(debts(30)), consent=Consent(take_out=30))
    assert any(b"record-batches" in each for each in parties.registry.sent)


def test_a_number_that_was_given_to_somebody_else_later_is_not_counted(
    listed: Gateway, tmp_path: Path, mappings: Path
) -> None:
    rows = [each | {"到期日": "2026-11-22", "通知日": ""} for each in shifted(debts(30))]
    assert {row[1] for row in report(listed, tmp_path, mappings, rows)} == {"REJ_ACCOUNT_IN_USE"}


def test_an_older_record_is_not_counted_until_its_next_report_gives_it_a_reference(
    listed: Gateway, world: World, tmp_path: Path, mappings: Path
) -> None:
    before = persons(listed)
    forget_references(world)
    assert set(persons(listed).values()) == {None}
    with pytest.raises(FileSuspicious, match="rows take out 0 open records, and not 1"):
        report(listed, tmp_path, mappings, shifted(debts(30)), consent=Consent(take_out=1))
    told = report(listed, tmp_path, mappings, debts(30)[::-1], name="second.csv")
    assert {row[1] for row in told} == {"DUPLICATE"}
    assert persons(listed) == before
    with pytest.raises(FileSuspicious, match="take out 30 of 30"):
        report(listed, tmp_path, mappings, shifted(debts(30)))


def test_a_width_that_is_declared_later_moves_nobody_and_gives_the_records_their_new_references(
    parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    rows = [debt(str(1_000_000 + each), 证件号码=resident(each)) for each in range(1, 23)]
    with parties.gateway() as gateway:
        report(gateway, tmp_path, mappings, rows, name="listed.csv")
        before = persons(gateway)
    wider = replace(parties.settings("carrier-a"), accounts=AccountForm(width=10))
    with build(wider, transports=parties.lines, clock=parties.clock) as gateway:
        assert {row[1] for row in report(gateway, tmp_path, mappings, rows)} == {"DUPLICATE"}
        after = persons(gateway)
        assert set(after).isdisjoint(before)
        assert set(after.values()).isdisjoint(before.values())
        with pytest.raises(FileSuspicious, match="take out 22 of 22 open records"):
            report(gateway, tmp_path, mappings, shifted(rows), name="shifted.csv")


@pytest.mark.parametrize(
    "change", [{"person_ref": "AAAA"}, {"person_ref": 3}, {"received_at": "yesterday"}, {"due_date": None}]
)
def test_a_list_without_the_agreed_form_is_believed_nothing(listed: Gateway, change: dict[str, Any]) -> None:
    [first, *_] = own_records(listed.registry)
    with pytest.raises(RegistryAnswerBroken, match="does not have the agreed form"):
        message(ListedRecord, write_message(first) | change)


def test_the_reference_goes_with_the_row_and_is_what_the_page_says(
    listed: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    report(listed, tmp_path, mappings, [debt("'B1")])
    [batch] = [each for each in parties.registry.sent if b"/v1/record-batches" in each]
    own = listed.tools.accounts
    present, former = own.person_refs(own.read("'B1"), document(1))
    assert b'"person_ref":"' + b64url_encode(present).encode() in batch
    assert b64url_encode(former).encode() not in batch
