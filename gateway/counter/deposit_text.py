"""Print the deposits of a subject's statement as lines of Markdown."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.counter.deposit_words import SENTENCES
from gateway.counter.phrases import NAMES
from gateway.counter.words import Language, yuan
from protocol.deposits import DepositState
from protocol.messages.deposits import StatedDeposit

_SENTENCE: Final[Mapping[DepositState, str]] = {
    DepositState.HELD: "deposit",
    DepositState.RETURNED: "deposit-over",
    DepositState.NOT_TAKEN: "deposit-not",
}


def deposit_lines(item: StatedDeposit, language: Language, who: Callable[[str], str]) -> list[str]:
    """Write a deposit, its last day, and what came back; ``who`` returns the name of a participant."""
    words = SENTENCES[language]
    said = words[_SENTENCE[item.state]].format(
        day=item.taken_on,
        amount=yuan(item.fen),
        who=who(item.participant),
        service=NAMES[item.service_class][language],
        due=item.due_on,
        left=yuan(item.left_fen),
    )
    if item.returned_on is not None:
        said += words["deposit-back"].format(day=item.returned_on, amount=yuan(item.returned_fen))
    if item.kept_fen:
        said += words["deposit-kept"].format(amount=yuan(item.kept_fen))
    return [f"- {said}{words['deposit-overdue'] if item.overdue else ''}"]
