"""Turn many subjects' OPRF inputs into tokens: each different input once, in full requests; tokens stay in memory."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Self

from client.deadline import Deadline
from crypto.oprf.client import blind_batch
from crypto.oprf.threshold import combine_batch
from gateway.errors import CustodiansUnavailable
from gateway.identity.documents import SubjectInputs
from gateway.pins.pool import PinnedCommittee, PinnedPool
from protocol.messages.evaluations import MAX_ELEMENTS
from protocol.messages.tokens import SubjectTokens


class Tokeniser:
    """Computes N = k * H(x) with the custodians; holds nothing between calls and may be called by several threads."""

    def __init__(self, pool: PinnedPool, *, random: Callable[[int], bytes]) -> None:
        self._pool = pool
        self._random = random
        self.deadline: Deadline | None = None

    def within(self, deadline: Deadline) -> Self:
        """Return a tokeniser over the same custodians, all of whose work is over by the deadline."""
        bound = copy(self)
        bound.deadline = deadline
        return bound

    def tokens(self, subjects: Sequence[SubjectInputs]) -> list[SubjectTokens]:
        """Compute the tokens of each subject, in order.

        Raises KeyChanged while the gateway is stopped, or CustodiansUnavailable. A committee that serves no more is
        replaced by its proven successor, if there is one.
        """
        present = self._pool.present()
        try:
            return self._tokens(present, subjects)
        except CustodiansUnavailable as unavailable:
            successor = self._pool.renewed(present, self.deadline) if unavailable.is_committee_gone else None
            if successor is None:
                raise
        return self._tokens(successor, subjects)

    def _tokens(self, present: PinnedCommittee, subjects: Sequence[SubjectInputs]) -> list[SubjectTokens]:
        # Neighbours and repeated rows share inputs: a dictionary keeps the first order and drops the repeats.
        inputs = list(dict.fromkeys(each for subject in subjects for each in subject.present()))
        elements: dict[bytes, bytes] = {}
        for start in range(0, len(inputs), MAX_ELEMENTS):
            part = inputs[start : start + MAX_ELEMENTS]
            elements.update(zip(part, self._evaluate(present, part), strict=True))
        return [_of_subject(present.pins.epoch, subject, elements) for subject in subjects]

    def _evaluate(self, present: PinnedCommittee, inputs: Sequence[bytes]) -> list[bytes]:
        blinded = blind_batch(inputs, self._random)
        evaluated = present.pool.evaluate([each.blinded_element for each in blinded], self.deadline)
        return combine_batch([each.blind for each in blinded], evaluated, threshold=present.pins.threshold)


def _of_subject(epoch: int, subject: SubjectInputs, elements: Mapping[bytes, bytes]) -> SubjectTokens:
    register, address = subject.household_register, subject.household_address
    return SubjectTokens(
        epoch=epoch,
        subject=elements[subject.subject],
        household_register=None if register is None else elements[register],
        household_address=None if address is None else elements[address],
    )
