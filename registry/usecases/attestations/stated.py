"""Tell a subject, in its statement, who attests how it pays, under which consent, and what it demanded."""

from protocol.messages.attestations import StatedAttestation, StatedAttestationDemand
from protocol.wire.codec import message_of
from registry.usecases.statements.holdings import Holding


def stated_attestations(holding: Holding) -> tuple[StatedAttestation, ...]:
    """Tell the attestations that count today, each with the consent that it rests on."""
    return tuple(
        message_of(
            StatedAttestation,
            each,
            by=holding.who(each.participant_id),
            text=each.consent_text,
            method=each.consent_method,
            consent_until=each.consent_ends,
        )
        for each in holding.act.tx.attestations.of_subjects((holding.subject_key,))
        if each.counts_on(holding.act.today)
    )


def stated_demands(holding: Holding) -> tuple[StatedAttestationDemand, ...]:
    """Tell the demands of the last year, with their answers."""
    return tuple(
        message_of(
            StatedAttestationDemand,
            each,
            participant=holding.who(each.participant_id),
            demanded_through=holding.who(each.demanded_through),
            state=each.state_on(holding.act.today),
        )
        for each in holding.act.tx.attestations.demands_of((holding.subject_key,))
    )
