"""Propose an organisation for the red list; nothing is waived before two others have approved."""

from protocol.log_entries import EntryKind
from protocol.messages.red_list import RedListProposal
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.participants import Actor
from registry.domain.red_list import ExpiryOutOfBounds, RedListEntry, check_expiry
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.heads import hold_subjects
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import Pseudonyms, pseudonyms
from registry.usecases.red_list.shared import red_list_message


def propose_red_list(registry: Registry, actor: Actor, call: IdempotentCall, proposal: RedListProposal) -> Outcome:
    """Make an entry, PROPOSED; raises Refusal EPOCH_UNKNOWN, BAD_ELEMENT or INVALID_FIELD (no firm, bad expiry).

    An organisation may have several entries, so that a new one can follow before the old one ends.
    """
    _check_organisation(proposal)
    names = pseudonyms(registry, proposal.tokens)

    def work(act: Act) -> tuple[int, object]:
        try:
            check_expiry(proposal.expires_on, act.today, act.rules.red_list_max_days)
        except ExpiryOutOfBounds as refused:
            raise Refusal(Problem.INVALID_FIELD, fields={"expires_on": refused.code}) from None
        return 201, red_list_message(_enter(act, names, proposal), act.today)

    return answer_once(registry, actor, call, work, names=(names,))


def _check_organisation(proposal: RedListProposal) -> None:
    if not proposal.organisation:
        raise Refusal(Problem.INVALID_FIELD, fields={"organisation": FieldCode.MUST_BE_TRUE})
    tokens = proposal.tokens
    if tokens.household_register is not None or tokens.household_address is not None:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": FieldCode.HAS_A_HOUSEHOLD})


def _enter(act: Act, names: Pseudonyms, proposal: RedListProposal) -> RedListEntry:
    """Write the entry, with the subject row that keeps its token sealed for a change of the key epoch."""
    subject_key = hold_subjects(act, (names,), act.people).keys[names.index_key]
    act.tx.idle_subjects.look_again({subject_key: proposal.expires_on})
    entry_id = act.new_id()
    entry = RedListEntry(
        subject_key=subject_key,
        entry_id=entry_id,
        ground=proposal.ground,
        proposed_by=act.actor_id,
        proposed_at=act.now,
        expires_on=proposal.expires_on,
        rules_version=act.rules.version,
        log_entry_id=entry_id,
    )
    facts = {"ground": entry.ground.value, "expires": entry.expires_on.isoformat(), "rules": entry.rules_version}
    act.log(
        EntryKind.RED_LIST_PROPOSED,
        entry_id,
        facts,
        subject_key=entry.subject_key,
        personal={"subject": entry.subject_key.hex()},
    )
    act.tx.red_list.add(entry)
    return entry
