"""A member that merges into another or gives up: no debt is left without a creditor, and its past stays provable."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crypto.signing.jws import verify_compact
from crypto.signing.keys import load_public, public_bytes
from protocol.codes import DecisionCode, Role, TransferGround
from protocol.log_entries import EntryKind
from protocol.messages.participants import NewKey
from protocol.messages.records import RecordsQuery
from protocol.messages.transfers import NewTransfer
from protocol.messages.webhooks import NewWebhook
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from protocol.wire.codec import write
from registry.store.transactions import Store
from registry.usecases.inquiries.read import read_quote
from registry.usecases.log.witnesses import list_witnesses
from registry.usecases.participants.admit import add_key
from registry.usecases.participants.exit import exit_participant
from registry.usecases.participants.read import read_participant
from registry.usecases.participants.webhooks import admit_webhook, read_webhook
from registry.usecases.records.read import list_records
from registry.usecases.records.report import report
from registry.usecases.settlements.settle import STATEMENT_TYPE
from registry.usecases.transfers.confirm import confirm_transfer
from registry.usecases.transfers.propose import propose_transfer
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.counters import collects, quote_for
from tests.support.log_rounds import admit_witnesses, witness_key
from tests.support.mass import logged
from tests.support.money import WANG, a_debt, confirms, proposes, refused, second_person
from tests.support.participants import leaves
from tests.support.stories import asks, lists, settles
from tests.support.transfers import accepts
from tests.support.world import World, found_world

KEYS = (witness_key("a"), witness_key("b"))


def test_a_merged_carrier_leaves_when_its_debts_have_another_creditor(world: World) -> None:
    names = [f"debtor-{number}" for number in range(7)]
    for name in names:
        lists(world, "carrier-a", a_report(name, name))
    lists(world, "carrier-a", a_report("late", "late", notice_date=TODAY))
    paid = settles(world, "carrier-a", tokens(names[0]), account(names[0]))
    quote = asks(world, "carrier-c", tokens(names[1])).quote
    with pytest.raises(Refusal) as refusal:
        leaves(world)
    assert refusal.value.problem is Problem.EDGE_NOT_ALLOWED
    assert refusal.value.detail == "Open records: 6 ACTIVE, 1 PENDING. Transfer or withdraw them first."
    assert refusal.value.fields == {"records.ACTIVE": "6", "records.PENDING": "1"}

    world.clock.forward(days=31)

    tick(world.registry)
    after = None
    while True:
        page = write(
            list_records(
                world.registry, world.actor("carrier-a"), RecordsQuery(state=RecordState.ACTIVE, after=after, limit=3)
            )
        )
        ids = [uuid.UUID(each["record_id"]) for each in page["records"]]
        merges(world, ids)
        if page["next"] is None:
            break
        after = uuid.UUID(page["next"])
    gone = leaves(world)
    assert gone["left_at"] is not None
    assert all(each["revoked_at"] is not None for each in gone["keys"])
    assert logged(world, EntryKind.PARTICIPANT_LEFT) == [{"participant": "carrier-a"}]

    for name in names[1:]:
        answer = asks(world, "carrier-c", tokens(name))
        assert answer.decision is DecisionCode.PAY_FIRST
        assert answer.quote is not None
        assert answer.quote.creditors == 1
    assert quote is not None
    assert read_quote(world.registry, world.actor("carrier-c"), quote.reference).lines[0].how_to_pay
    assert paid.clearance is not None
    claims = json.loads(verify_compact(paid.clearance, typ="clearline-clearance+jws", resolve=registry_key(world))[1])
    seller = read_participant(world.registry, world.actor("carrier-c"), "carrier-a")
    assert [key.key_id for key in seller.keys] == ["carrier-a-1"]
    verify_compact(
        claims["settlement"], typ=STATEMENT_TYPE, resolve=lambda _: world.signing_keys["carrier-a"].public_key()
    )


def registry_key(world: World) -> Any:

    def resolve(_key_id: str) -> Ed25519PublicKey:
        return load_public(public_bytes(world.signing_keys["registry"]))

    return resolve


def merges(world: World, ids: list[uuid.UUID]) -> None:
    seller = world.actor("carrier-a")
    outcome = propose_transfer(
        world.registry,
        seller,
        world.call(),
        NewTransfer(to="carrier-b", ground=TransferGround.MERGER, record_ids=tuple(ids)),
    )
    transfer_id = uuid.UUID(json.loads(outcome.body)["transfer_id"])
    confirm_transfer(world.registry, second_person(world), world.call(), transfer_id)
    accepts(world, transfer_id, {each: f"B-{each}" for each in ids})


def test_nothing_is_signed_or_delivered_under_the_name_of_who_left(world: World) -> None:
    operator = world.actor("operator", Role.OPERATOR)
    url = "https://events.carrier-a.example/"
    admit_webhook(world.registry, operator, world.call(), participant_id="carrier-a", new=NewWebhook(url=url))
    leaves(world)
    assert refused(read_webhook, world.registry, operator, "carrier-a") is Problem.NOT_FOUND
    assert refused(leaves, world) is Problem.EDGE_NOT_ALLOWED
    assert refused(leaves, world, "operator") is Problem.EDGE_NOT_ALLOWED
    assert refused(leaves, world, "nobody") is Problem.NOT_FOUND
    assert refused(lists, world, "carrier-a", a_report("wang", "A1")) is Problem.KEY_UNKNOWN
    new = NewKey(key_id="new", public_key=b"k" * 32)
    with pytest.raises(Refusal) as refusal:
        add_key(world.registry, operator, world.call(), participant_id="carrier-a", new=new)
    assert refusal.value.problem is Problem.EDGE_NOT_ALLOWED
    with pytest.raises(Refusal) as refusal:
        admit_webhook(world.registry, operator, world.call(), participant_id="carrier-a", new=NewWebhook(url=url))
    assert refusal.value.problem is Problem.NOT_FOUND


def test_the_witnesses_of_who_left_count_no_more(world: World) -> None:
    admit_witnesses(world, "a", "b")
    operator = world.actor("operator", Role.OPERATOR)
    leaves(world)
    listed = list_witnesses(world.registry, operator).witnesses
    assert [witness.removed_at is not None for witness in listed] == [True, True]
    removed = [{"participant": "carrier-a", "name": key.name, "public_key": key.public_key.hex()} for key in KEYS]
    # Entries of one moment have no order of their own.
    assert sorted(logged(world, EntryKind.WITNESS_REMOVED), key=lambda facts: str(facts["name"])) == removed
    assert refused(admit_witnesses, world, "c") is Problem.NOT_FOUND


def test_no_payment_comes_undone_for_a_creditor_that_has_left(world: World) -> None:
    """Nobody could settle, withdraw or answer for the debt: it would block until its years are over."""
    lists(world, "carrier-a", a_debt())
    (collection,) = collects(world, "carrier-b", quote_for(world, "carrier-b", WANG))["collections"]
    reversal_id = proposes(world, uuid.UUID(collection["settlement_id"]))
    leaves(world)
    assert refused(confirms, world, reversal_id, world.actor("carrier-b")) is Problem.EDGE_NOT_ALLOWED
    assert asks(world, "carrier-c", WANG).decision is DecisionCode.ALLOW


def test_a_reversal_at_the_moment_of_leaving_is_counted_or_refused(store: Store) -> None:
    world = found_world(store)
    lists(world, "carrier-a", a_debt())
    (collection,) = collects(world, "carrier-b", quote_for(world, "carrier-b", WANG))["collections"]
    reversal_id = proposes(world, uuid.UUID(collection["settlement_id"]))

    def succeeds(step: Any, *arguments: Any) -> bool:
        try:
            step(world, *arguments)
        except Refusal as refusal:
            assert refusal.problem is Problem.EDGE_NOT_ALLOWED  # noqa: PT017 (the only lawful one)
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        confirmed = threads.submit(succeeds, confirms, reversal_id, world.actor("carrier-b"))
        left = threads.submit(succeeds, leaves)
    assert confirmed.result() is not left.result()


def test_a_report_at_the_moment_of_leaving_is_counted_or_refused(store: Store) -> None:
    """Whoever is first, no open record is left with a creditor that has gone."""
    world = found_world(store)
    operator = world.actor("operator", Role.OPERATOR)
    calls = [world.call() for _ in range(9)]

    def leave_now(call: Any) -> bool:
        try:
            exit_participant(world.registry, operator, call, "carrier-a")
        except Refusal:
            return False
        return True

    def report_now(number: int) -> bool:
        try:
            report(world.registry, world.actor("carrier-a"), calls[number], a_report(f"d{number}", f"A{number}"))
        except Refusal as refusal:
            assert refusal.problem is Problem.KEY_UNKNOWN  # noqa: PT017 (the only lawful one)
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        left = threads.submit(leave_now, calls[8])
        listed = list(threads.map(report_now, range(8)))
    open_records = world.registry.store.read(lambda tx: tx.records.open_of("carrier-a"))
    assert sum(open_records.values()) == sum(listed)
    assert left.result() == (sum(listed) == 0)


def test_a_creditor_pages_through_its_own_records_in_one_order(world: World) -> None:
    expected = {str(lists(world, "carrier-a", a_report(f"d{each}", f"A{each}")).record_id) for each in range(7)}
    lists(world, "carrier-b", a_report("other", "B1"))
    actor, after, found = world.actor("carrier-a"), None, []
    while True:
        page = write(list_records(world.registry, actor, RecordsQuery(after=after, limit=2)))
        found += [each["record_id"] for each in page["records"]]
        if page["next"] is None:
            break
        after = uuid.UUID(page["next"])
    assert len(found) == len(expected)
    assert set(found) == expected
    assert write(list_records(world.registry, actor, RecordsQuery(state=RecordState.CLEARED, limit=2))) == {
        "records": [],
        "next": None,
    }
    with pytest.raises(Refusal) as refusal:
        list_records(world.registry, actor, RecordsQuery(after=uuid.UUID(int=1), limit=2))
    assert refusal.value.problem is Problem.INVALID_FIELD
