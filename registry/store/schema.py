"""All tables of the registry in one place; ``info["distribution"]`` says by what an engine would spread each.

subject_key     rows of one subject live together; every key and unique constraint begins with or holds the column
household_key   rows of one household live together
account_ref     rows of one account of one creditor live together
participant     rows of one sender live together
reference       small, copied to every node
plain           on one node alone: the log's trees, which one integrator at a time extends

``info["distribution_column"]`` names the column itself. Foreign keys run only along it, or to a reference table.
There is no server default, no sequence and no ``now()``: every value is bound by us.
"""

from registry.store.account_tables import account
from registry.store.archive_tables import sealed_record, upkeep
from registry.store.clock_tables import clock_confirmation, clock_outage, clock_reading
from registry.store.collected_tables import collection
from registry.store.columns import KEY_BYTES, metadata
from registry.store.disassociation_tables import household_rebuttal
from registry.store.dispute_tables import dispute, dispute_document, victim_marker
from registry.store.event_tables import event, event_head, hit
from registry.store.evidence_tables import evidence_demand, evidence_manifest, evidence_shown
from registry.store.given_tables import statement_given
from registry.store.incarnation_tables import incarnation, log_refusal
from registry.store.log_tables import (
    log_head,
    log_leaf,
    log_opening,
    log_pending,
    log_tile,
    log_witness,
    log_witnessing,
)
from registry.store.money_tables import plan, plan_instalment, reversal
from registry.store.red_list_tables import red_list, red_list_approval
from registry.store.round_tables import work_round
from registry.store.rules_tables import creditor_terms, rules_version
from registry.store.shared_tables import (
    batch_chunk,
    batch_withdrawal,
    household,
    household_link,
    key_epoch,
    participant,
    participant_key,
    request_nonce,
    signed_request,
    stored_answer,
)
from registry.store.subject_tables import (
    OPEN_IN_ANY_RULES,
    clearance,
    inquiry,
    quote,
    quote_line,
    quote_total,
    record,
    record_event,
    settlement,
    subject,
)
from registry.store.take_out_tables import take_out_confirmation, take_out_day
from registry.store.tally_tables import evaluation_tally
from registry.store.transfer_tables import transfer, transfer_item
from registry.store.webhook_tables import webhook, webhook_dead_letter

__all__ = [
    "KEY_BYTES",
    "OPEN_IN_ANY_RULES",
    "account",
    "batch_chunk",
    "batch_withdrawal",
    "clearance",
    "clock_confirmation",
    "clock_outage",
    "clock_reading",
    "collection",
    "creditor_terms",
    "dispute",
    "dispute_document",
    "evaluation_tally",
    "event",
    "event_head",
    "evidence_demand",
    "evidence_manifest",
    "evidence_shown",
    "hit",
    "household",
    "household_link",
    "household_rebuttal",
    "incarnation",
    "inquiry",
    "key_epoch",
    "log_head",
    "log_leaf",
    "log_opening",
    "log_pending",
    "log_refusal",
    "log_tile",
    "log_witness",
    "log_witnessing",
    "metadata",
    "participant",
    "participant_key",
    "plan",
    "plan_instalment",
    "quote",
    "quote_line",
    "quote_total",
    "record",
    "record_event",
    "red_list",
    "red_list_approval",
    "request_nonce",
    "reversal",
    "rules_version",
    "sealed_record",
    "settlement",
    "signed_request",
    "statement_given",
    "stored_answer",
    "subject",
    "take_out_confirmation",
    "take_out_day",
    "transfer",
    "transfer_item",
    "upkeep",
    "victim_marker",
    "webhook",
    "webhook_dead_letter",
    "work_round",
]
