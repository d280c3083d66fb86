"""A carrier lists its own records, and debts change hands without an account number leaving either house."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client.errors import RegistryAnswerBroken, RegistryRefused
from client.resources import transfers
from client.resources.records import own_records
from gateway.bulk.record_files import new_accounts
from gateway.counter import transfers as portfolio
from gateway.errors import VerdictsBroken
from gateway.gateway import Gateway
from gateway.identity.accounts import account_ref
from protocol.codes import TransferGround, WithdrawalReason
from protocol.messages.records import RecordPage
from protocol.messages.transfers import NewTransfer, Transfer
from protocol.states import RecordState
from registry.usecases.records.withdraw import withdraw
from registry.usecases.transfers.confirm import confirm_transfer
from tests.support.builders import a_report
from tests.support.money import second_person
from tests.support.parties import Parties
from tests.support.stories import lists
from tests.support.world import World


@pytest.fixture
def for_sale(world: World) -> list[uuid.UUID]:
    """Three records of carrier-a."""
    found = [lists(world, "carrier-a", a_report(f"debtor-{each}", f"A{each}")).record_id for each in range(3)]
    return [each for each in found if each is not None]


@pytest.fixture
def buyer(parties: Parties) -> Iterator[Gateway]:
    with parties.gateway("carrier-b") as built:
        yield built


def new(ids: list[uuid.UUID], *, to: str = "carrier-b", ground: TransferGround = TransferGround.SALE) -> NewTransfer:
    return NewTransfer(to=to, ground=ground, record_ids=tuple(ids))


def offered(gateway: Gateway, world: World, ids: list[uuid.UUID], **options: Any) -> uuid.UUID:
    [transfer] = portfolio.propose(gateway.registry, new(ids), **options)
    transfer_id = transfer.transfer_id
    confirm_transfer(world.registry, second_person(world), world.call(), transfer_id)
    return transfer_id


def accept(buyer: Gateway, transfer_ids: list[uuid.UUID], accounts: dict[uuid.UUID, str]) -> list[Transfer]:
    return list(portfolio.accept(buyer.registry, buyer.tools.accounts, transfer_ids, accounts))


def test_own_open_records_are_listed_page_by_page(gateway: Gateway, world: World, for_sale: list[uuid.UUID]) -> None:
    lists(world, "carrier-b", a_report("other", "B1"))
    withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=for_sale[1],
        reason=WithdrawalReason.REPORTED_IN_ERROR,
        expected_version=None,
    )
    assert {each.record_id for each in own_records(gateway.registry, limit=2)} == {for_sale[0], for_sale[2]}
    assert len(list(own_records(gateway.registry, RecordState.ACTIVE, limit=1))) == 2
    assert list(own_records(gateway.registry, RecordState.PENDING)) == []


def test_a_list_that_does_not_get_on_is_not_read_for_ever(gateway: Gateway, for_sale: list[uuid.UUID]) -> None:
    del for_sale
    gateway.registry.get = lambda *_: RecordPage(  # type: ignore[method-assign, assignment]
        records=(), next=uuid.UUID(int=1)
    )
    with pytest.raises(RegistryAnswerBroken):
        list(own_records(gateway.registry))


def test_a_debt_goes_to_the_buyer_on_an_account_that_only_it_can_name(
    gateway: Gateway, buyer: Gateway, world: World, parties: Parties, for_sale: list[uuid.UUID]
) -> None:
    transfer_id = offered(gateway, world, for_sale)
    accounts = {for_sale[0]: "BUYERS-ACCOUNT-1", for_sale[1]: "BUYERS-ACCOUNT-2"}
    [done] = accept(buyer, [transfer_id], accounts)
    assert {each.record_id: each.outcome for each in done.records} == {
        for_sale[0]: "TRANSFERRED",
        for_sale[1]: "TRANSFERRED",
        for_sale[2]: "NOT_TAKEN",
    }
    assert accept(buyer, [transfer_id], accounts) == [done]
    sent = parties.everything_sent()
    assert b"BUYERS-ACCOUNT" not in sent
    held = {each.account_ref for each in own_records(buyer.registry)}
    assert held == {account_ref(each, buyer.tools.account_key) for each in accounts.values()}
    assert [each.record_id for each in own_records(gateway.registry)] == [for_sale[2]]


def test_both_parties_undo_a_sale_and_the_debt_has_its_old_account_and_person(
    gateway: Gateway, buyer: Gateway, world: World, for_sale: list[uuid.UUID]
) -> None:
    before = {str(each.record_id): each.account_ref for each in own_records(gateway.registry)}
    transfer_id = offered(gateway, world, for_sale)
    accept(buyer, [transfer_id], {for_sale[0]: "BUYERS-ACCOUNT-1"})
    assert transfers.undo(gateway.registry, transfer_id).state == "UNDO_PROPOSED"
    with pytest.raises(RegistryRefused, match="role-missing"):
        transfers.confirm_undo(gateway.registry, transfer_id)
    done = transfers.confirm_undo(buyer.registry, transfer_id)
    assert transfers.confirm_undo(buyer.registry, transfer_id) == done
    [back] = [each.undo_record_id for each in done.records if each.undo_record_id is not None]
    after = {each.record_id: each.account_ref for each in own_records(gateway.registry)}
    assert after[back] == before[str(for_sale[0])]


def test_many_records_are_a_transfer_for_each_page(gateway: Gateway, for_sale: list[uuid.UUID]) -> None:
    proposed = list(portfolio.propose(gateway.registry, new(for_sale, ground=TransferGround.MERGER), batch=2))
    assert [len(each.records) for each in proposed] == [2, 1]
    assert list(portfolio.propose(gateway.registry, new(for_sale, ground=TransferGround.MERGER), batch=2)) == proposed


def test_a_cancelled_proposal_is_made_again_under_another_name(gateway: Gateway, for_sale: list[uuid.UUID]) -> None:
    [first] = portfolio.propose(gateway.registry, new(for_sale))
    cancelled = transfers.cancel(gateway.registry, first.transfer_id)
    assert cancelled.state == "CANCELLED"
    [again] = portfolio.propose(gateway.registry, new(for_sale), name="second")
    assert (again.state, again.transfer_id != first.transfer_id) == ("PROPOSED", True)


def test_a_record_that_cannot_be_given_away_is_named_by_its_id(
    gateway: Gateway, world: World, for_sale: list[uuid.UUID]
) -> None:
    withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=for_sale[1],
        reason=WithdrawalReason.REPORTED_IN_ERROR,
        expected_version=None,
    )
    with pytest.raises(RegistryRefused) as refused:
        list(portfolio.propose(gateway.registry, new(for_sale)))
    assert refused.value.errors == ((str(for_sale[1]), "WITHDRAWN"),)
    with pytest.raises(RegistryRefused) as refused:
        list(portfolio.propose(gateway.registry, new(for_sale[:1], to="carrier-a")))
    assert refused.value.errors == (("to", "the-sender-itself"),)


def test_accounts_that_do_not_fit_the_transfers_send_nothing(
    gateway: Gateway, buyer: Gateway, world: World, for_sale: list[uuid.UUID]
) -> None:
    transfer_id = offered(gateway, world, for_sale[:2])
    for accounts, complaint in (
        ({for_sale[0]: "B1", for_sale[2]: "B2"}, "1 of the records"),
        ({}, "no record of transfer"),
    ):
        with pytest.raises(VerdictsBroken, match=complaint):
            accept(buyer, [transfer_id], accounts)
    assert transfers.read(gateway.registry, transfer_id).state == "OFFERED"


GOOD = "0198c2c4-0000-7000-8000-000000000000"
SECRET = "ACCOUNT-4201"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (f"{GOOD},{SECRET}\n", "has no column record_id in its first line"),
        (f"record_id,konto\n{GOOD},{SECRET}\n", "has no column account in its first line"),
        (f"record_id,account\n{SECRET},{SECRET}\n", "line 2 holds no record id"),
        (f"account,record_id\n{SECRET}\n", "line 2 has fewer columns than the first line"),
        (f"record_id,account\n{GOOD}, \n", "line 2 holds no account"),
        (f"record_id,account\n{GOOD},{SECRET}\n{GOOD},{SECRET}\n", "line 3 names a record that an earlier line names"),
    ],
)
def test_a_bad_line_among_the_accounts_is_named_and_never_repeated(
    tmp_path: Path, content: str, complaint: str
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(content)
    with pytest.raises(VerdictsBroken) as broken:
        new_accounts(path)
    assert str(broken.value) == f"{path}: {complaint}"


def test_columns_may_stand_in_any_order_and_others_beside_them(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(f"name,account,record_id\nx,B1,{GOOD}\n")
    assert new_accounts(tmp_path / "accounts.csv") == {uuid.UUID(GOOD): "B1"}
