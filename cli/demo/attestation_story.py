"""Tells the last scene of the credit story: an attestation raises a grade, until its consent is withdrawn."""

import csv
import datetime as dt
import io
from dataclasses import replace
from typing import Final

from cli.demo.credit_steps import ASKER, CREDITOR, OTHER, Person, Steps
from cli.demo.debtors import Debtor
from cli.outcome import Failure
from gateway.bulk.attest import attest_file
from gateway.counter.words import Language
from gateway.identity.documents import HOME_ISSUER, RawIdentity
from protocol.attestations import ConsentMethod
from protocol.codes import DecisionCode
from protocol.context import STANDARD_CONSENT
from protocol.encodings import format_time
from protocol.events import EventKind
from protocol.grades import Grade, Tenure
from protocol.identifiers import DocumentKind
from protocol.messages.rules import Rules
from serving.files import write_whole

_LI: Final = Person(
    name="Li",
    customer=Debtor(
        creditor=CREDITOR,
        identity=RawIdentity(kind=DocumentKind.RESIDENT_ID, number="11999919900101016X", issuer=HOME_ISSUER),
        account="A-LI",
    ),
)
_MONTHS: Final = 40
_CONSENT_DAYS: Final = 300
_PROOF: Final = "consent.txt"


def tell_attestation(steps: Steps) -> None:
    """Play the scene; raises Failure where a step does not come out."""
    steps.change_rules(_allowing, "which allow attestations of bills paid in time")
    steps.ask(ASKER, _LI, DecisionCode.ALLOW, Grade.C)
    steps.leave(ASKER)
    _attest(steps)
    steps.ask(ASKER, _LI, DecisionCode.ALLOW, Grade.A)
    steps.leave(ASKER)
    _withdraw(steps)
    steps.ask(ASKER, _LI, DecisionCode.ALLOW, Grade.C)
    steps.leave(ASKER)


def _allowing(before: Rules, begins: dt.date) -> Rules:
    """Return the rules with attestations."""
    if before.grade is None:
        raise Failure("story: the rules in force have no scorecard")
    grade = replace(before.grade, attestations=replace(before.grade.attestations, allowed=True))
    return replace(before, version="3", effective_from=begins, grade=grade)


def _attest(steps: Steps) -> None:
    """Let Li's carrier attest from a file, with the proof of the consent beside it."""
    work, now = steps.system.plan.work, steps.system.clock()
    row = {
        "account": _LI.customer.account,
        "document_kind": _LI.customer.identity.kind.value,
        "document_number": _LI.customer.identity.number,
        "months": str(_MONTHS),
        "as_of": steps.today.isoformat(),
        "consent": "consent-li",
        "consent_text": STANDARD_CONSENT,
        "consent_method": ConsentMethod.COUNTER.value,
        "consent_given_at": format_time(now),
        "consent_until": (steps.today + dt.timedelta(days=_CONSENT_DAYS)).isoformat(),
        "consent_proof": _PROOF,
    }
    source = work / "good-standing.csv"
    write_whole(work / _PROOF, f"{_LI.name} agrees, {steps.today}\n".encode("ascii"))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows((row.keys(), row.values()))
    write_whole(source, text.getvalue().encode("ascii"))
    done = attest_file(
        steps.system.gateways[CREDITOR].tools, source=source, output=work / "attested.csv", today=steps.today
    )
    if done.verdicts != {"ACCEPTED": 1}:
        raise Failure(f"story: {CREDITOR} attested, and the verdicts are {done.verdicts}")
    steps.say(
        f"{_LI.name} agrees at {CREDITOR}, which attests {Tenure.THREE_YEARS} months or more of bills paid in time."
    )


def _withdraw(steps: Steps) -> None:
    """Withdraw every consent at a third carrier's counter, and look for what is left."""
    ended = steps.counters.withdraw_consents(OTHER, _LI.customer)
    if ended["attestations"] != 1:
        raise Failure(f"story: the withdrawal ended {ended} attestations")
    steps.say(f"{_LI.name} withdraws the consent at {OTHER}.")
    left = steps.system.registry.store.read(lambda tx: tx.attestations.over(dt.date.max, 1))
    said = steps.counters.statement(OTHER, _LI.customer, Language.ZH)
    if left or said["attestations"]:
        raise Failure("story: the consent is withdrawn, and an attestation is left")
    events = steps.system.gateways[CREDITOR].events(steps.system.plan.work / f"{CREDITOR}.cursor")
    if not any(each["kind"] == EventKind.CONSENT_WITHDRAWN for each in events):
        raise Failure(f"story: {CREDITOR} was not told that the consent is withdrawn")
    steps.say(f"No attestation is left, in the register or in the statement; {CREDITOR} is told that it ended.")
