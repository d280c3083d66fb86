"""Ends the story with a refresh of the custodians' shares, after which the same applicant gets the same answer."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from ceremony.standing import Formed
from cli.demo.ceremony import Parties
from cli.demo.ceremony_steps import finish, join, propose
from cli.demo.counters import Counters
from cli.demo.genesis import fingerprint
from cli.demo.launch import pin_of
from cli.demo.plan import Plan
from cli.demo.processes import Household
from cli.demo.settings_files import EPOCH, REGISTRY_KEY_ID
from cli.demo.story import Told
from cli.outcome import Failure
from cli.output import say
from gateway import settings
from gateway.pins.book import PinBook
from gateway.pins.values import named_in
from gateway.wiring import build_log, pin_check
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.codes import DecisionCode

_PATIENCE_SECONDS: Final = 25.0
_PAUSE_SECONDS: Final = 0.1


def tell_refresh(servers: Household, plan: Plan, parties: Parties, told: Told | None) -> None:
    """Hold the refresh, let the gateways take the new committee, and ask again; raises Failure if a step fails."""
    if not parties.custodian_keys:
        say(
            "\nThe custodians hold a dealer's shares of an earlier release, which nobody refreshes: without --keep they"
        )
        say("make a key of their own.")
        return
    say("\nThe custodians refresh their shares: who stole one before has nothing that goes with those of today")
    formed = _refresh(servers, parties)
    committee, key = formed.committee.committee, fingerprint(formed.committee.joint_public_key)
    say(f"  12. committee {committee} holds new shares of the same key, {key}")
    _take(parties, committee)
    say(f"  13. the gateways take it: committee {committee - 1} signed for it, the log has it, and witnesses saw that")
    _require_deleted(parties, committee - 1)
    say(f"  14. the shares of committee {committee - 1} are deleted; at an operator's, after a week")
    if told is not None:
        _ask_again(plan, told, committee)


def _refresh(servers: Household, parties: Parties) -> Formed:
    """Let every custodian take its step, and hand the transcript in at the registry."""
    ceremony = propose(servers, parties, "--kind", "refresh", "--epoch", str(EPOCH), "--keep-days", "0")
    join(servers, parties, ceremony)
    registry = ("--url", pin_of(parties).url, "--registry-key", str(parties.registry_public_key))
    return finish(servers, parties, ceremony, list(parties.custodians), *registry, "--registry-key-id", REGISTRY_KEY_ID)


def _take(parties: Parties, committee: int) -> None:
    """Let the carriers witness the committee's entry, and check their pins as their gateways do every day."""
    here = [settings.load(path, {}) for path in parties.carriers.values()]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with ExitStack() as stack:
        witnesses = [stack.enter_context(build_log(each)) for each in here]
        checks = [stack.enter_context(pin_check(each, PinBook(named_in(each), each.pins))) for each in here]
        while waiting := [walk for walk in (each.look() for each in checks) if not walk.proven]:
            if time.monotonic() > deadline:
                why = {walk.refused.text for walk in waiting if walk.refused is not None}
                raise Failure(f"story: the new committee is not proven: {'; '.join(sorted(why))}")
            for witness in witnesses:
                witness.witness_round()
            time.sleep(_PAUSE_SECONDS)
        with _unlogged():
            taken = [each.run() for each in checks]
    if [(each.pins.committee, each.is_well) for each in taken] != [(committee, True)] * len(taken):
        raise Failure("story: a gateway does not take the new committee; `clearline gateway pins check` says why")


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep warnings of a new committee out of the story, which tells of it in its own words."""
    log = logging.getLogger("clearline.gateway")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _require_deleted(parties: Parties, committee: int) -> None:
    """Refuse the story's end while a file of a share that was replaced is there."""
    for path in parties.custodians.values():
        if (path.parent / "shares" / f"share-{EPOCH}-{committee}.json").exists():
            raise Failure(f"story: {path.parent.name} has not deleted its share of committee {committee}")


def _ask_again(plan: Plan, told: Told, committee: int) -> None:
    """Ask about the story's applicant once more, whose history has to be found under the same pseudonym."""
    number = f"{told.number}-refreshed"
    with Counters(plan) as counters:
        answer = counters.check(told.asker, told.debtor, number)
        counters.tell(told.asker, number, ActivationOutcome.DECLINED, ActivationReason.APPLICANT_LEFT)
        statement = counters.statement(told.asker, told.debtor)
    known = [done for each in statement["inquiries"] for done in each.get("activations", ())]
    if answer["decision"] != DecisionCode.ALLOW or ActivationOutcome.ACTIVATED not in {
        each["outcome"] for each in known
    }:
        raise Failure("story: after the refresh the applicant is another person")
    say(f"  15. the same applicant asks at {told.asker}: {answer['decision']} as before, by committee {committee};")
    say("     the statement tells the same order, since key and pseudonym have stayed")
