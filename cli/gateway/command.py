"""`clearline gateway`: a carrier's own side, from reporting an export to checking a clearance without a network."""

from typing import Final

import click

from cli.lazy import LazyGroup

_COMMANDS: Final = {
    "activate": ("cli.gateway.activations:activate", "Report what became of orders."),
    "activations": ("cli.gateway.activations:activations", "List orders that are not reported yet."),
    "answer-collection": ("cli.gateway.collected:answer_collection", "Confirm or refuse a payment taken elsewhere."),
    "attest": ("cli.gateway.attestations:attest", "Attest who pays in time."),
    "attestation": ("cli.gateway.attestations:attestation", "Take back, demand and answer attestations."),
    "batches": ("cli.gateway.own:batches", "List this carrier's own batches."),
    "check": ("cli.gateway.check:check", "Ask whether applicants may have service."),
    "clearance": ("cli.gateway.clearances:clearance", "Fetch a clearance by its id."),
    "collect": ("cli.gateway.collected:collect", "Report a quote that was paid at this counter."),
    "confirm": ("cli.gateway.evidence:confirm", "Confirm that records are still unpaid."),
    "consent": ("cli.gateway.attestations:consent", "End consents to attestations."),
    "credit-terms": ("cli.gateway.grades:credit_terms", "Set and show our terms for low grades."),
    "custodians": ("cli.gateway.key_switch:custodians", "Ask each custodian whether it admits our key."),
    "demands": ("cli.gateway.own:demands", "List demands for this carrier's evidence."),
    "deposit": ("cli.gateway.deposits:deposit", "Give deposits back, and list those held."),
    "dispute": ("cli.gateway.disputes:dispute", "File and answer disputes."),
    "events": ("cli.gateway.events:events", "Print new events for this carrier."),
    "grade-review": ("cli.gateway.grades:grade_review", "Tell the review of a grade's decision."),
    "net-statement": ("cli.gateway.collected:net_statement", "Show what two carriers owe for a month."),
    "pins": ("cli.gateway.pins:pins", "See and check the custodians' keys."),
    "plan": ("cli.gateway.plans:plan", "Arrange and show instalment plans."),
    "public-keys": ("cli.gateway.clearances:fetch_public_keys", "Write the keys that check clearances."),
    "quote": ("cli.gateway.quotes:quote", "Show a quote with its creditors and amounts."),
    "rebut": ("cli.gateway.disassociations:rebut", "Keep a subject apart from a household."),
    "receipt": ("cli.gateway.log:receipt", "Fetch and verify the receipt of an entry."),
    "recheck": ("cli.gateway.activations:recheck", "Ask whether anything changed for an order."),
    "reconcile": ("cli.gateway.reconcile:reconcile", "Compare an export with our records there."),
    "records": ("cli.gateway.records:records", "List this carrier's own open records."),
    "red-list": ("cli.gateway.red_list:red_list", "Propose entries of the red list."),
    "renew-marker": ("cli.gateway.disputes:renew_marker", "Renew the marker of a victim."),
    "report": ("cli.gateway.report:report", "Report the defaulters of an export."),
    "reversal": ("cli.gateway.reversals:reversal", "Reverse payments that came undone."),
    "revoke-token": ("cli.gateway.callers:revoke_token", "Revoke a caller's token."),
    "serve": ("cli.gateway.local_service:serve", "Serve a carrier's own systems on loopback."),
    "settle": ("cli.gateway.settlements:settle", "Report that debts are settled."),
    "settlements": ("cli.gateway.own:settlements", "List this carrier's own settlements."),
    "show-evidence": ("cli.gateway.evidence:show_evidence", "Answer a demand with the promised document."),
    "statement": ("cli.gateway.statements:statement", "Print all that is held about a subject."),
    "take-outs": ("cli.gateway.take_outs:take_outs", "See and confirm held take-outs of today."),
    "terms": ("cli.gateway.rules:terms", "Set and show this carrier's own late fee."),
    "token": ("cli.gateway.callers:token", "Make a token for a local caller."),
    "tokens": ("cli.gateway.callers:tokens", "List the callers of the local service."),
    "transfer": ("cli.gateway.transfers:transfer", "Offer, take over and return debts."),
    "use-key": ("cli.gateway.key_switch:use_key", "Sign with another key from the next start on."),
    "verify-clearance": ("cli.gateway.clearances:check_offline", "Check a clearance offline."),
    "vkeys": ("cli.gateway.log:vkeys", "Print the vkey of each year's log."),
    "webhook": ("cli.gateway.webhooks:webhook", "See how our events are delivered."),
    "withdraw": ("cli.gateway.withdrawals:withdraw", "Withdraw the records that a file names."),
    "withdraw-rebuttal": ("cli.gateway.disassociations:withdraw_rebuttal", "Take back a rebuttal of this carrier."),
    "withdraw-report": ("cli.gateway.withdrawals:withdraw_report", "Withdraw everything that a report listed."),
    "witness": ("cli.gateway.log:witness", "Cosign the log's heads until SIGTERM."),
}


@click.group(cls=LazyGroup, commands_at=_COMMANDS)
def gateway() -> None:
    """Work on a carrier's own side: the only place where identity numbers exist.

    Identity numbers are never given as arguments (a process list shows those): they come from a file or from
    standard input.
    """
