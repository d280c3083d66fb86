"""Put the answer to a report of an activation into sentences for the clerk, in their order."""

from collections.abc import Iterator

from gateway.counter.activation_words import ACTIVATION_REASONS, BASES, NOTES, OBEYED, OUTCOMES
from gateway.counter.words import Language
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.messages.activations import ActivationAnswer


def outcome_texts(
    outcome: ActivationOutcome, reason: ActivationReason | None, answer: ActivationAnswer, language: Language
) -> dict[str, list[str]]:
    """Write the sentences for ``clerk``; the applicant was served and hears none."""
    return {"clerk": list(_to_the_clerk(outcome, reason, answer, language))}


def _to_the_clerk(
    outcome: ActivationOutcome, reason: ActivationReason | None, answer: ActivationAnswer, language: Language
) -> Iterator[str]:
    yield OUTCOMES[outcome][language].clerk
    if reason is not None:
        yield ACTIVATION_REASONS[reason][language].clerk
    yield BASES[answer.basis][language].clerk
    yield OBEYED[answer.obeyed][language].clerk
    yield from (NOTES[each][language].clerk.format(lines=answer.unchecked_lines) for each in answer.notes)
