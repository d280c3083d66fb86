"""Put the answer to a report of an activation into sentences for the clerk, in their order."""

from collections.abc import Iterator

from gateway.counter.activation_batches import Judged
from gateway.counter.activation_words import (
    ACTIVATION_REASONS,
    BASES,
    LOCAL_VERDICTS,
    NOTES,
    OBEYED,
    OUTCOMES,
    VERDICTS,
)
from gateway.counter.activations import LocalVerdict
from gateway.counter.words import Language
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.messages.activations import ActivationAnswer


def outcome_texts(
    outcome: ActivationOutcome, reason: ActivationReason | None, answer: ActivationAnswer, language: Language
) -> dict[str, list[str]]:
    """Write the sentences for ``clerk``; the applicant was served and hears none."""
    return {"clerk": list(_to_the_clerk(outcome, reason, answer, language))}


def judged_texts(judged: Judged, language: Language) -> dict[str, list[str]]:
    """Write the sentences for ``clerk`` on one outcome of many: its verdict, and then what is noted of it."""
    verdict, told, answer = judged.verdict, judged.told, judged.answer
    words = LOCAL_VERDICTS[verdict] if isinstance(verdict, LocalVerdict) else VERDICTS[verdict]
    noted = () if told is None or answer is None else _to_the_clerk(told.outcome, told.reason, answer, language)
    return {"clerk": [words[language].clerk, *noted]}


def _to_the_clerk(
    outcome: ActivationOutcome, reason: ActivationReason | None, answer: ActivationAnswer, language: Language
) -> Iterator[str]:
    yield OUTCOMES[outcome][language].clerk
    if reason is not None:
        yield ACTIVATION_REASONS[reason][language].clerk
    yield BASES[answer.basis][language].clerk
    yield OBEYED[answer.obeyed][language].clerk
    yield from (NOTES[each][language].clerk.format(lines=answer.unchecked_lines) for each in answer.notes)
