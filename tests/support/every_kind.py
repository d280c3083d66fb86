"""A story in which everything happens that the log has a kind of entry for; every table that names one has a row."""

import datetime as dt
import uuid
from dataclasses import replace
from pathlib import Path

from api.examples import grades
from protocol.activations import ActivationOutcome, UncheckedCause
from protocol.codes import DisputeDecision, DisputeGround, Role, SettlementKind
from protocol.messages.grades import NewCreditTerms
from protocol.messages.rules import NewCreditorTerms
from protocol.messages.webhooks import NewWebhook
from protocol.wire.codec import read, write
from registry.domain.participants import Actor
from registry.usecases.archive.read import read_archive
from registry.usecases.clock.confirm_clock import confirm_clock
from registry.usecases.disassociations.withdraw import withdraw_rebuttal
from registry.usecases.disputes.read import open_paper, read_dispute
from registry.usecases.evidence.read import read_shown_document
from registry.usecases.grades.credit_terms import set_credit_terms
from registry.usecases.log.read_openings import read_openings
from registry.usecases.log.witnesses import remove_witness
from registry.usecases.participants.admit import revoke_key
from registry.usecases.participants.webhooks import admit_webhook
from registry.usecases.restores.declare_restore import declare_restore
from registry.usecases.rules.creditor_terms import set_creditor_terms
from registry.usecases.tallies.read import read_tallies
from registry.usecases.transfers.cancel import cancel_transfer
from registry.work.worker import tick
from tests.support.activations import a_report_on, tells
from tests.support.api import admit, admit_checker
from tests.support.attestations import attests, fresh, replies, rules_with_grades, withdraws_consent
from tests.support.attestations import demands as demands_attestation
from tests.support.builders import a_manifest, a_report, account, tokens
from tests.support.ceremonies import first_held
from tests.support.clocks import a_word
from tests.support.committees import admit_custodians, reported
from tests.support.confirmations import confirms as confirms_unpaid
from tests.support.confirmations import says_unchanged
from tests.support.contexts import asks_in_context, checks_again
from tests.support.counters import answers, collects, quote_for
from tests.support.deposits import gives_back, takes
from tests.support.disassociations import rebuts
from tests.support.disputes import adds, decides, disputed, files
from tests.support.disputes import answers as answers_case
from tests.support.endings import cleared
from tests.support.evidence import NOTICE, demands, shows
from tests.support.grade_reviews import a_review, asks_about_low_grade, reviews
from tests.support.log_rounds import YEAR, admit_witnesses, integrate_all, witness_name
from tests.support.mass import many_tokens, report_all, takes_back
from tests.support.money import arranges, clearance_state, confirms, proposes
from tests.support.overseen import READING
from tests.support.participants import leaves
from tests.support.red_list import approves, operator, revokes
from tests.support.red_list import proposes as proposes_red_list
from tests.support.rules import a_version, approved, proposed
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.take_outs import confirms_take_outs, hold_rows
from tests.support.tallies import YESTERDAY, a_tally, hands_in, signed
from tests.support.transfers import offers, sells, undoes
from tests.support.world import World

HOSPITAL = tokens("hospital")


def begins(world: World, folder: Path) -> None:
    """Who takes part, what the offices do, and one record that is in the archive by the end of it."""
    for name, role in (
        ("auditor", Role.AUDITOR),
        ("regulator", Role.REGULATOR),
        ("court", Role.ADJUDICATOR),
        ("custodian", Role.CUSTODIAN),
    ):
        admit(world, name, role)
    admit_checker(world)
    hands_in(world, signed(world, a_tally()))
    admit_custodians(world)
    reported(world, first_held())
    read_tallies(world.registry, world.actor("auditor", Role.AUDITOR), YESTERDAY, reading=READING)
    proposed(world, a_version(grade=write(rules_with_grades())["grade"]))
    approved(world)
    admit_witnesses(world, "north")
    remove_witness(world.registry, world.actor("operator", Role.OPERATOR), world.call(), witness_name("north"))
    record_id = cleared(world, "old", "Z1")
    world.clock.forward(days=200)
    tick(world.registry)
    read_archive(world.registry, world.actor("auditor", Role.AUDITOR), record_id, reading=READING)
    confirm_clock(world.registry, a_word(world, world.clock()))
    declare_restore(world.registry, 2, {})
    integrate_all(world, folder)
    assert list(read_openings(world.registry, world.actor("auditor", Role.AUDITOR), YEAR, 0, 10, reading=READING))


def goes_on(world: World) -> None:
    """Reports, inquiries, money, disputes, households, the red list, transfers and members."""
    _reports(world)
    _money(world)
    _disputes(world)
    _attestations(world)
    _offices(world)
    _members(world)


def ends(world: World) -> None:
    """Years later everything is over."""
    world.clock.forward(days=365 * 6)
    tick(world.registry)


def _listed(world: World, name: str, number: str, carrier: str = "carrier-a") -> uuid.UUID:
    record_id = lists(world, carrier, a_report(name, number)).record_id
    assert record_id is not None
    return record_id


def _reports(world: World) -> None:
    says_unchanged(world, lists(world, "carrier-a", a_report("chen", "C1")))
    reports(world, "carrier-a", a_report("chen", "C1"))
    reports(world, "carrier-a", a_report("chen", "C1", principal_fen=110_00))
    reports(world, "carrier-a", a_report("chen", "C2", principal_fen=1))
    recently = world.clock().date() - dt.timedelta(days=10)
    waiting = lists(world, "carrier-a", a_report("zhou", "C3", notice_date=recently)).record_id
    assert waiting is not None
    assert confirms_unpaid(world, waiting) == ["CONFIRMED"]
    report_all(world, "carrier-a", list(many_tokens(3)), "wrong")
    takes_back(world, "wrong")
    hold_rows(world, 1)
    confirms_take_outs(world, 1)


def _money(world: World) -> None:
    _listed(world, "sun", "M1")
    receipt = settles(world, "carrier-a", tokens("sun"), account("M1"), amount_fen=9_000_00)
    clearance_state(world, receipt)
    confirms(world, proposes(world, receipt.settlement_id))
    planned = _listed(world, "wu", "M2")
    arranges(world, planned, (300, 5_000_00))
    settles(world, "carrier-a", tokens("wu"), account("M2"), kind=SettlementKind.FULL, amount_fen=9_000_00)
    _listed(world, "zheng", "M3")
    (taken,) = collects(world, "carrier-b", quote_for(world, "carrier-b", tokens("zheng")))["collections"]
    answers(world, "carrier-a", taken["collection_id"])
    terms = NewCreditorTerms(daily_ppm=1, cap_ppm=1, effective_from=world.clock().date())
    carrier = world.actor("carrier-a")
    set_creditor_terms(world.registry, carrier, world.call(), terms)
    tariff = read(NewCreditTerms, grades.NEW_CREDIT_TERMS | {"effective_from": world.clock().date().isoformat()})
    set_credit_terms(world.registry, carrier, world.call(), tariff)
    moved = _listed(world, "feng", "M4")
    sells(world, moved, "B4")
    cancel_transfer(world.registry, carrier, world.call(), offers(world, _listed(world, "feng", "M5")))
    undoes(world, _listed(world, "feng", "M6"), "B6")
    offers(world, _listed(world, "feng", "M7"))


def _disputes(world: World) -> None:
    case = disputed(world)
    paper = adds(world, case)
    court = world.actor("court", Role.ADJUDICATOR)
    open_paper(world.registry, court, case, paper, reading=READING)
    read_dispute(world.registry, court, case, reading=READING)
    decides(world, court, case, DisputeDecision.VOID)
    _listed(world, "yang", "D2")
    files(world, whose=tokens("yang"))
    _listed(world, "zhu", "D3")
    (answered,) = files(world, whose=tokens("zhu"))
    answers_case(world, uuid.UUID(answered["dispute_id"]))
    world.clock.forward(days=17)
    tick(world.registry)
    decides(world, court, uuid.UUID(answered["dispute_id"]), DisputeDecision.UPHOLD)
    (further,) = files(world, whose=tokens("zhu"), ground=DisputeGround.WRONG_AMOUNT)
    decides(world, court, uuid.UUID(further["dispute_id"]), DisputeDecision.STOP)
    auditor = world.actor("auditor", Role.AUDITOR)
    proved = lists(world, "carrier-a", a_report("qin", "D4", evidence=a_manifest())).record_id
    assert proved is not None
    demand = demands(world, auditor, proved)
    assert shows(world, demand, NOTICE) == "MATCHES"
    read_shown_document(world.registry, auditor, uuid.UUID(demand["demand_id"]), reading=READING)


def _attestations(world: World) -> None:
    attests(world, fresh(world, "tao"), fresh(world, "jiang"))
    attests(world, fresh(world, "tao", band=24))
    demands_attestation(world, "tao")
    replies(world, demands_attestation(world, "jiang"))
    withdraws_consent(world, "tao", who="carrier-b")


def _offices(world: World) -> None:
    regulator = world.actor("regulator", Role.REGULATOR)
    _listed(world, "hospital", "H1")
    entry_id = proposes_red_list(world)
    for office in (operator(world), regulator):
        approves(world, office, entry_id)
    asks(world, "carrier-b", HOSPITAL)
    again = checks_again(world, "carrier-b", asks_in_context(world, "carrier-b", HOSPITAL))
    done = a_report_on(world, again, ActivationOutcome.ACTIVATED)
    tells(world, "carrier-b", done)
    unchecked = replace(done, part=2, decision_token=None, unchecked=UncheckedCause.NOT_ASKED)
    tells(world, "carrier-b", unchecked)
    gives_back(world, takes(world, tokens("deposit")))
    reviews(world, a_review(world, asks_about_low_grade(world, "cao")))
    revokes(world, entry_id)
    filing = rebuts(world)
    withdraw_rebuttal(world.registry, world.actor("carrier-b"), world.call(), uuid.UUID(filing["rebuttal_id"]))
    statement(world, tokens("chen"))


def _members(world: World) -> None:
    chief: Actor = operator(world)
    revoke_key(world.registry, chief, world.call(), participant_id="carrier-a", key_id="carrier-a-checker-1")
    admit_webhook(
        world.registry,
        chief,
        world.call(),
        participant_id="carrier-b",
        new=NewWebhook(url="https://carrier-b.example/hook"),
    )
    leaves(world, "carrier-c")
