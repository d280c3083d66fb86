"""Asks the custodians of a committee for the epoch's canary, and for the keys that they show under its number."""

from collections.abc import Callable

from client import custodian
from client.deadline import Deadline
from crypto.oprf.canary import canary_input
from crypto.oprf.client import blind_batch
from crypto.oprf.threshold import combine_batch
from gateway.identity.custodians import CustodianPool
from gateway.pins.codes import CommitteeRefused, PinCode
from gateway.pins.values import Pins
from protocol.messages.evaluations import CustodianKey, HeldCommittee


def run_canary(
    pool: CustodianPool, pins: Pins, random: Callable[[int], bytes], deadline: Deadline | None = None
) -> bytes:
    """Compute the canary's token and compare it with the pinned one; raises CommitteeRefused or CustodiansUnavailable.

    It is blinded like any subject's input, so that it runs through all that theirs do.
    """
    blinded = blind_batch([canary_input(pins.epoch)], random)
    evaluated = pool.evaluate([each.blinded_element for each in blinded], deadline)
    [token] = combine_batch([each.blind for each in blinded], evaluated, threshold=pins.threshold)
    if pins.canary is not None and token != pins.canary:
        raise CommitteeRefused(PinCode.OTHER_CANARY, "the custodians give the canary another token than the pinned one")
    return token


def compare_keys(pool: CustodianPool, pins: Pins, deadline: Deadline | None = None) -> tuple[int, ...]:
    """Return the indices of custodians that show other keys for the pinned committee than the pinned ones.

    Their word is not signed, and one liar is what a threshold is for: raises CommitteeRefused only where those that do
    not contradict the pins are fewer than the threshold.
    """
    wrong = []
    for member in pool.members:
        answer = custodian.read_key(member.peer, deadline)
        if isinstance(answer, CustodianKey) and _contradicts(answer, pins, member.index, member.public_key):
            pool.note_fault(member.index, "shows another key for the pinned committee")
            wrong.append(member.index)
    if len(pool.members) - len(wrong) < pins.threshold:
        raise CommitteeRefused(PinCode.CUSTODIANS_DIFFER, "too many custodians show other keys than the pinned ones")
    return tuple(wrong)


def _contradicts(key: CustodianKey, pins: Pins, index: int, public_key: bytes) -> bool:
    """Tell whether the custodian shows another share of the pinned committee, or another key under its epoch."""
    if any(each != (index, public_key) for each in _shown(key, pins)):
        return True
    return any(each.epoch == pins.epoch and each.joint_public_key != pins.joint_public_key for each in _all_of(key))


def _shown(key: CustodianKey, pins: Pins) -> list[tuple[int, bytes]]:
    return [(each.index, each.public_key) for each in _all_of(key) if (each.epoch, each.committee) == pins.number]


def _all_of(key: CustodianKey) -> list[CustodianKey | HeldCommittee]:
    """Return all shares that the custodian shows; one of an earlier release lists none beside its newest."""
    return [key, *key.committees]
