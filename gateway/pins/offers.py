"""Walks from the pinned committee over those that the registry offers, as far as each is proven."""

from collections.abc import Callable
from dataclasses import dataclass

from ceremony.standing import Formed
from client.errors import RegistryRefused
from client.registry import RegistryClient
from client.resources import ceremonies
from gateway.pins.codes import CommitteeRefused, PinCode
from gateway.pins.succession import names_the_same, verify_kept, verify_not_forked, verify_succession
from gateway.pins.values import KeptPins, LogPlace, Pins, pins_of
from protocol.messages.ceremonies import Ceremony, KeptCeremony
from protocol.problems import Problem

Prove = Callable[[KeptCeremony, Formed], LogPlace]
"""Proves that the log has the committee; raises CommitteeRefused."""
Keep = Callable[[Formed, LogPlace], KeptPins]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The offer at which the walk ended, by its committee's digest, and the reason."""

    code: PinCode
    digest: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The committees that are proven one after the other, the newest last, and the refusal behind them."""

    proven: tuple[KeptPins, ...] = ()
    refused: Refused | None = None


def offers(registry: RegistryClient) -> tuple[Ceremony, ...]:
    """Read all committees that the registry offers; none from a registry of an earlier release."""
    try:
        return ceremonies.every(registry).ceremonies
    except RegistryRefused as refused:
        if refused.problem != Problem.NOT_FOUND.value.name:
            raise
        return ()


def walk(pins: Pins, registry: RegistryClient, prove: Prove, keep: Keep) -> Walk:
    """Judge all offers; raises RegistryUnreachable or RegistryAnswerBroken."""
    proven: list[KeptPins] = []
    for offer in sorted(offers(registry), key=lambda each: (each.committee.epoch, each.committee.committee)):
        try:
            verify_not_forked(pins, offer.committee)
            if (offer.committee.epoch, offer.committee.committee) <= pins.number:
                continue
            taken = _judged(pins, registry, offer, prove, keep)
        except CommitteeRefused as refused:
            told = Refused(code=refused.code, digest=offer.committee_digest, text=str(refused))
            return Walk(proven=tuple(proven), refused=told)
        proven.append(taken)
        pins = pins_of(taken)
    return Walk(proven=tuple(proven))


def _judged(pins: Pins, registry: RegistryClient, offer: Ceremony, prove: Prove, keep: Keep) -> KeptPins:
    if offer.committee.epoch != pins.epoch:
        raise CommitteeRefused(PinCode.OTHER_EPOCH, "a later epoch has another key, which only a person takes")
    try:
        detail = ceremonies.read(registry, offer.committee.epoch, offer.committee.committee)
    except RegistryRefused as refused:
        raise CommitteeRefused(PinCode.NOT_LOGGED, f"the registry gives no transcript ({refused.problem})") from None
    formed = verify_kept(detail)
    if not names_the_same(offer, detail):
        raise CommitteeRefused(PinCode.FORK, "the registry's list and its detail name different committees")
    verify_succession(pins, formed)
    return keep(formed, prove(detail, formed))
