"""By which step each table loses its last rows, or why they stay."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from registry.usecases.archive.forget_subjects import forget_subjects
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.attestations.run import end_attestations
from registry.usecases.forget import forget_nonces, forget_statements
from registry.usecases.log.integrate import integrate

ENDS: Final[Mapping[str, Callable[..., Any]]] = {
    "account": forget_subjects,
    "activation": run_retention,
    "activation_unchecked": run_retention,
    "attestation": end_attestations,
    "attestation_demand": end_attestations,
    "batch_chunk": run_retention,
    "batch_withdrawal": run_retention,
    "clearance": seal_records,
    "collection": run_retention,
    "deposit": run_retention,
    "dispute": seal_records,
    "dispute_document": seal_records,
    "evaluation_tally": run_retention,
    "event": run_retention,
    "evidence_demand": seal_records,
    "evidence_manifest": seal_records,
    "evidence_shown": seal_records,
    "hit": run_retention,
    "household": run_retention,
    "household_link": run_retention,
    "handle_key": run_retention,
    "household_rebuttal": forget_subjects,
    "inquiry": run_retention,
    "log_pending": integrate,
    "grade_review": run_retention,
    "recheck": run_retention,
    "log_personal": forget_subjects,
    "plan": seal_records,
    "plan_instalment": seal_records,
    "quote": run_retention,
    "quote_line": run_retention,
    "quote_total": run_retention,
    "record": seal_records,
    "record_event": seal_records,
    "red_list": forget_subjects,
    "red_list_approval": forget_subjects,
    "request_nonce": forget_nonces,
    "reversal": seal_records,
    "settlement": seal_records,
    "statement_given": forget_statements,
    "stored_answer": run_retention,
    "subject": forget_subjects,
    "take_out_confirmation": run_retention,
    "take_out_day": run_retention,
    "transfer": run_retention,
    "transfer_item": run_retention,
    "victim_marker": forget_subjects,
    "webhook_dead_letter": run_retention,
    "withdrawn_consent": end_attestations,
}
"""The step of the clock that takes a table's last rows away; the story below shows it."""

FOR_EVER: Final[Mapping[str, str]] = {
    "ceremony": "who held shares of a key, and the signed steps that prove it; nothing of it is about a person",
    "clock_confirmation": "a word that was accepted is accepted once; one row for each that an operator gave",
    "clock_outage": "one row at the most, until the next confirmation",
    "clock_reading": "one row for each start of a machine in the last weeks; newer ones take the older away",
    "credit_terms": "the terms of a carrier's tariffs are what its decisions rested on, and name nobody",
    "creditor_terms": "the fee terms under which records were listed are published, and name nobody",
    "event_head": "one counter a participant: a place in a feed is never given twice",
    "incarnation": "one row for each restore: the number never falls",
    "key_epoch": "the public keys of the custodians, by which tokens and tallies are checked",
    "log_erasure": "names the erasure of an opening, which stays as well",
    "log_head": "the tree of the log",
    "log_leaf": "the tree of the log",
    "log_opening": "core and salt open a leaf for ever",
    "log_refusal": "one row a year of the log at the most, while it refuses the database",
    "log_tile": "the tree of the log",
    "log_witness": "who could witness the log at a time",
    "log_witnessing": "the tree of the log",
    "participant": "a member that left stays the author of what it signed",
    "participant_key": "signatures are checked by keys that were revoked since",
    "person_index": "leads to a tombstone until the next change of keys; else it goes with inquiries and deposits",
    "rules_version": "a decision is judged by the rules of its day",
    "sealed_record": "a tombstone bars the same debt from coming back; it has neither key nor content",
    "signed_request": "proves who asked for what; it holds no body",
    "upkeep": "one row a task",
    "webhook": "one row a participant, until the operator removes it",
    "work_round": "one row a loop",
}
"""Why the rows of a table stay."""
