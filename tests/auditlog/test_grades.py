"""An auditor computes each grade again: the letter from its inputs, and these from the person's other entries."""

import datetime as dt
import random
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from auditlog.audit.debts import Gap
from auditlog.audit.entry_filter import Entry
from auditlog.audit.grades import CREDIT, Outcome
from protocol.codes import DisputeDecision
from protocol.context import Purpose
from protocol.log_entries import EntryKind
from registry.work.worker import tick
from tests.support.attestations import attests, fresh, rules_with_grades, withdraws_consent
from tests.support.builders import TODAY, account, tokens
from tests.support.collected import at_the_counter
from tests.support.contexts import asks_in_context, checks_again
from tests.support.disputes import admitted, answers, decides, files
from tests.support.grade_audits import checked, entries, grades_from_the_beginning
from tests.support.money import WANG, a_debt, arranges, confirms, pays, proposes
from tests.support.stories import asks, lists, settles
from tests.support.transfers import accepts, gives_back, offers, wants_back
from tests.support.world import World

DAY = dt.timedelta(days=1)
Change = Callable[[Entry], Entry]


@pytest.fixture
def graded(world: World) -> World:
    grades_from_the_beginning(world)
    return world


def told(world: World) -> str:
    """Ask about wang, a second after all else, and return the text that the entry holds."""
    world.clock.forward(seconds=1)
    asks_in_context(world, "carrier-c", WANG)
    (*_, last) = (each for each in entries(world) if each.kind == EntryKind.INQUIRY)
    world.clock.forward(seconds=1)
    return str(last.personal[CREDIT])


def outcomes(read: list[Entry]) -> list[Outcome]:
    return [each.outcome for each in checked(read)]


def holds(world: World) -> bool:
    """Every grade so far is computed again from the log alone."""
    return set(outcomes(entries(world))) - {Outcome.NOT_GRADED} == {Outcome.HOLDS}


def clears(world: World, days: int = 40) -> None:
    lists(world, "carrier-a", a_debt())
    world.clock.forward(days=days)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=400_00)
    world.clock.forward(days=3)


def test_a_debt_weighs_from_its_listing_to_its_payment_and_after_it(graded: World) -> None:
    assert told(graded) == "o0 p0 d- c0 b0 k0 t0 C"
    lists(graded, "carrier-a", a_debt())
    assert told(graded) == "o1 p0 d- c0 b0 k0 t0 E"
    graded.clock.forward(days=40)
    settles(graded, "carrier-a", WANG, account("A1"), amount_fen=400_00, settled_at=graded.clock() - 2 * DAY)
    assert told(graded) == "o0 p0 d2 c1 b38 k0 t0 D"
    assert holds(graded)


def test_a_waiting_debt_blocks_from_the_end_of_its_lead_time(graded: World) -> None:
    lists(graded, "carrier-a", a_debt(notice_date=TODAY - 10 * DAY))
    assert told(graded) == "o0 p0 d- c0 b0 k0 t0 C"
    graded.clock.forward(days=33)
    tick(graded.registry)
    assert told(graded).startswith("o1 ")
    settles(graded, "carrier-a", WANG, account("A1"), amount_fen=400_00)
    # The lead time of 30 days ran out on day 20, though the clock enforced it on day 33.
    assert told(graded).startswith("o0 p0 d0 c1 b13 ")
    assert holds(graded)


def test_plans_count_when_they_begin_break_and_end(graded: World) -> None:
    record_id = lists(graded, "carrier-a", a_debt()).record_id
    arranges(graded, record_id, (0, 260_00))
    assert told(graded).startswith("o0 p1 d- c1 ")
    graded.clock.forward(days=10)
    # The plan is broken by its date, but a record blocks only from the entry that says so.
    assert told(graded).startswith("o0 p1 ")
    tick(graded.registry)
    assert told(graded).startswith("o1 p0 d- c0 b0 k1 ")
    arranges(graded, record_id, (40, 300_00))
    graded.clock.forward(days=5)
    settles(graded, "carrier-a", WANG, account("A1"), amount_fen=400_00)
    assert told(graded).startswith("o0 p0 d5 c1 b10 k1 ")
    assert holds(graded)


def test_a_reversal_a_sale_and_its_undoing_are_followed(graded: World) -> None:
    record_id = lists(graded, "carrier-a", a_debt()).record_id
    arranges(graded, record_id, (30, 260_00))
    receipt = pays(graded, 260_00)
    assert told(graded).startswith("o0 p0 d0 c1 ")
    graded.clock.forward(days=5)
    confirms(graded, proposes(graded, receipt.settlement_id))
    assert told(graded).startswith("o1 ")
    graded.clock.forward(minutes=5)
    transfer_id = offers(graded, record_id)
    accepts(graded, transfer_id, {record_id: "B1"})
    assert told(graded).startswith("o1 ")
    graded.clock.forward(minutes=5)
    wants_back(graded, transfer_id)
    gives_back(graded, transfer_id)
    graded.clock.forward(days=2)
    settles(graded, "carrier-a", WANG, account("A1"), amount_fen=400_00)
    assert told(graded).startswith("o0 p0 d0 c1 b7 ")
    assert holds(graded)


def test_a_disputed_debt_does_not_weigh_and_an_upheld_one_did_all_along(graded: World) -> None:
    lists(graded, "carrier-a", a_debt())
    (case,) = files(graded, whose=tokens("wang"))
    assert told(graded) == "o0 p0 d- c0 b0 k0 t0 C"
    graded.clock.forward(days=10)
    dispute_id = uuid.UUID(case["dispute_id"])
    answers(graded, dispute_id)
    decides(graded, admitted(graded, "office"), dispute_id, DisputeDecision.UPHOLD)
    settles(graded, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    assert told(graded).startswith("o0 p0 d0 c1 b10 ")
    assert holds(graded)


def test_a_creditor_that_was_silent_too_long_weighs_no_more_though_the_clock_is_late(graded: World) -> None:
    lists(graded, "carrier-a", a_debt())
    lists(graded, "carrier-b", a_debt(account_ref=account("B1")))
    (*_, case) = files(graded, whose=tokens("wang"))
    del case
    graded.clock.forward(days=60)
    assert told(graded).startswith("o0 ")
    tick(graded.registry)
    assert holds(graded)


def test_money_at_another_counter_ends_a_debt(graded: World) -> None:
    at_the_counter(graded)
    assert told(graded).startswith("o0 p0 d0 c1 ")
    assert holds(graded)


def test_a_further_check_is_computed_again_as_well(graded: World) -> None:
    first = asks_in_context(graded, "carrier-c", WANG)
    graded.clock.forward(seconds=1)
    lists(graded, "carrier-a", a_debt())
    graded.clock.forward(seconds=1)
    checks_again(graded, "carrier-c", first)
    assert [(each.outcome, each.told) for each in checked(entries(graded))] == [
        (Outcome.HOLDS, "o0 p0 d- c0 b0 k0 t0 C"),
        (Outcome.HOLDS, "o1 p0 d- c0 b0 k0 t0 E"),
    ]


def test_an_inquiry_that_reads_no_grade_has_none_to_compute(graded: World) -> None:
    asks(graded, "carrier-c", WANG)
    asks_in_context(graded, "carrier-c", WANG, purpose=Purpose.REINSTATEMENT)
    assert outcomes(entries(graded)) == [Outcome.NOT_GRADED, Outcome.NOT_GRADED]


# Falsified entries


def with_text(text: str) -> Change:
    return lambda entry: replace(entry, personal={**entry.personal, CREDIT: text})


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("o0 p0 d3 c1 b40 k0 t0 C", Outcome.LETTER_DIFFERS),
        ("o0 p0 d3 c1 b30 k0 t0 C", Outcome.INPUTS_DIFFER),
        ("o0 p0 d- c0 b0 k0 t0 C", Outcome.INPUTS_DIFFER),
        ("o0 p0 d3 c2 b40 k0 t0 D", Outcome.INPUTS_DIFFER),
        ("o1 p0 d3 c1 b40 k0 t0 E", Outcome.INPUTS_DIFFER),
        ("o0 p0 d3 c1 b40 k0 t36 C", Outcome.LETTER_DIFFERS),
        ("o0 p0 d3 c1 b40 k0 t24 C", Outcome.INPUTS_DIFFER),
        ("o0 p0 d03 c1 b40 k0 t0 D", Outcome.TEXT_MALFORMED),
    ],
)
def test_a_falsified_grade_is_found(graded: World, text: str, outcome: Outcome) -> None:
    clears(graded)
    assert told(graded) == "o0 p0 d3 c1 b40 k0 t0 D"
    read = entries(graded)
    forged = [with_text(text)(each) if each.kind == EntryKind.INQUIRY else each for each in read]
    (check,) = checked(forged)
    assert (check.outcome, check.told) == (outcome, text)
    assert outcomes(read) == [Outcome.HOLDS]


def test_a_grade_under_rules_that_the_log_does_not_prove_is_found(graded: World) -> None:
    told(graded)
    assert [each.outcome for each in checked(entries(graded), rules=None)] == [Outcome.RULES_UNPROVED]


def test_one_inquiry_can_be_asked_for(graded: World) -> None:
    first = asks_in_context(graded, "carrier-c", WANG).inquiry_id
    told(graded)
    assert [each.entry_id for each in checked(entries(graded), only=first)] == [first]


# Entries that tell less


def without(kind: EntryKind, *names: str) -> Change:
    def change(entry: Entry) -> Entry:
        facts = {name: value for name, value in entry.facts.items() if name not in names}
        return replace(entry, facts=facts) if entry.kind == kind else entry

    return change


def erased(*kinds: EntryKind) -> Change:
    return lambda entry: replace(entry, personal={}, is_erased=True) if entry.kind in kinds else entry


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        (without(EntryKind.SETTLEMENT, "settled_at"), Gap.NO_PAYMENT_DAY),
        (without(EntryKind.REPORT_LISTED, "enforceable_from"), Gap.OLDER_ENTRY),
        (erased(EntryKind.REPORT_LISTED, EntryKind.SETTLEMENT, EntryKind.RECORD_TRANSITION), Gap.ERASED),
    ],
)
def test_entries_that_tell_less_leave_the_inputs_open_and_the_letter_is_still_computed(
    graded: World, change: Change, gap: Gap
) -> None:
    lists(graded, "carrier-a", a_debt(notice_date=TODAY - 10 * DAY))
    graded.clock.forward(days=70)
    tick(graded.registry)
    settles(graded, "carrier-a", WANG, account("A1"), amount_fen=400_00)
    assert told(graded) == "o0 p0 d0 c1 b50 k0 t0 D"
    (check,) = checked([change(each) for each in entries(graded)])
    assert (check.outcome, *check.gaps) == (Outcome.NOT_TOLD, gap)
    forged = [
        with_text("o0 p0 d0 c1 b50 k0 t0 C")(each) if each.kind == "inquiry" else each for each in entries(graded)
    ]
    assert outcomes([change(each) for each in forged]) == [Outcome.LETTER_DIFFERS]


def test_a_log_that_begins_after_a_listing_leaves_the_inputs_open(graded: World) -> None:
    clears(graded)
    told(graded)
    (check,) = checked([each for each in entries(graded) if each.kind != EntryKind.REPORT_LISTED])
    assert (check.outcome, *check.gaps) == (Outcome.NOT_TOLD, Gap.ENTRIES_MISSING)


def test_an_erased_inquiry_has_nothing_to_compute(graded: World) -> None:
    told(graded)
    assert outcomes([erased(EntryKind.INQUIRY)(each) for each in entries(graded)]) == [Outcome.ERASED]


def test_an_entry_without_the_facts_of_its_kind_is_refused(graded: World) -> None:
    clears(graded)
    for kind, name in ((EntryKind.REPORT_LISTED, "edges"), (EntryKind.RECORD_TRANSITION, "edge")):
        with pytest.raises(KeyError):
            checked([without(kind, name)(each) for each in entries(graded)])


def test_records_that_claim_to_continue_each_other_end_nowhere(graded: World) -> None:
    record_id = lists(graded, "carrier-a", a_debt()).record_id
    accepts(graded, offers(graded, record_id), {record_id: "B1"})
    told(graded)
    read = entries(graded)
    looped = [
        replace(each, facts={**each.facts, "origin": each.facts["record"]}) if "origin" in each.facts else each
        for each in read
    ]
    assert outcomes(read) == [Outcome.HOLDS]
    (check,) = checked(looped)
    assert check.outcome is Outcome.HOLDS


# Attestations


def attestation(at: dt.datetime, subject: str, *, band: int = 36, until: dt.date = TODAY + 300 * DAY) -> Entry:
    personal = {"subject": subject, "band": band, "until": until.isoformat()}
    named = uuid.UUID(int=random.Random(band).getrandbits(128), version=4)
    return Entry(
        index=0,
        entry_id=named,
        kind="attestation.given",
        at=at,
        by="carrier-a",
        facts={"rules": "2026-1"},
        personal=personal,
        is_erased=False,
    )


def ended(attested: Entry, at: dt.datetime) -> Entry:
    facts = {"attestation": str(attested.entry_id), "state": "WITHDRAWN", "rules": "2026-1"}
    return replace(attested, entry_id=uuid.uuid4(), kind="attestation.ended", at=at, facts=facts, personal={})


def test_the_best_band_that_counted_then_is_found_and_a_withdrawn_one_is_said_to_be_gone(graded: World) -> None:
    told(graded)
    read = entries(graded)
    (asked,) = (each for each in read if each.kind == EntryKind.INQUIRY)
    forged = [with_text("o0 p0 d- c0 b0 k0 t36 A")(each) if each is asked else each for each in read]
    subject = str(asked.personal["subject"])
    best, lesser = (attestation(asked.at - DAY, subject, band=band) for band in (36, 12))
    assert outcomes([*forged, best, lesser]) == [Outcome.HOLDS]
    assert outcomes([*read, best]) == [Outcome.INPUTS_DIFFER]
    assert outcomes([*forged, lesser]) == [Outcome.INPUTS_DIFFER]
    assert outcomes([*forged, best, ended(best, asked.at - DAY / 2)]) == [Outcome.INPUTS_DIFFER]
    assert outcomes([*forged, attestation(asked.at - DAY, subject, until=TODAY)]) == [Outcome.INPUTS_DIFFER]
    gone = replace(best, personal={}, is_erased=True)
    assert outcomes([*forged, gone, ended(best, asked.at + DAY)]) == [Outcome.WITHDRAWN]
    assert outcomes([*forged, gone, ended(best, asked.at - DAY / 2)]) == [Outcome.INPUTS_DIFFER]


def test_what_a_real_registry_attested_is_found_again_until_its_consent_ends(graded: World) -> None:
    attests(graded, fresh(graded, band=24))
    assert told(graded).endswith("t24 B")
    attests(graded, fresh(graded), fresh(graded, "li"))
    assert told(graded).endswith("t36 A")
    assert holds(graded)
    withdraws_consent(graded)
    assert told(graded).endswith("t0 C")
    assert outcomes(entries(graded)) == [Outcome.WITHDRAWN, Outcome.WITHDRAWN, Outcome.HOLDS]


def test_an_attestation_counts_only_by_rules_that_allow_one(graded: World) -> None:
    attests(graded, fresh(graded))
    told(graded)
    assert [each.outcome for each in checked(entries(graded), rules_with_grades(allowed=False))] == [
        Outcome.INPUTS_DIFFER
    ]
    assert holds(graded)
