"""Pins the committee that a person names: also one for which neither log nor former committee can speak."""

import datetime as dt
from dataclasses import replace

from ceremony.standing import Formed
from client.registry import RegistryClient
from client.resources import ceremonies
from gateway.pins.book import PinBook
from gateway.pins.codes import CommitteeRefused, PinCode
from gateway.pins.offers import offers
from gateway.pins.succession import verify_kept
from gateway.pins.values import PinFile, Pins, Taken, kept


def offered_under(registry: RegistryClient, digest: str) -> Formed:
    """Fetch the committee of a digest from the registry, and verify it; raises CommitteeRefused or ClientError."""
    for offer in offers(registry):
        if offer.committee_digest == digest:
            formed = verify_kept(ceremonies.read(registry, offer.committee.epoch, offer.committee.committee))
            if formed.committee_digest == digest:
                return formed
    raise CommitteeRefused(PinCode.TRANSCRIPT_INVALID, "the registry offers no committee of this digest")


def is_another_key(pins: Pins | None, formed: Formed) -> bool:
    """Tell whether naming this committee changes the key of all tokens; None of pins may have had any key."""
    return pins is None or pins.joint_public_key != formed.committee.joint_public_key


def verify_nameable(pins: Pins | None, formed: Formed) -> None:
    """Refuse what not even a person takes, a second key of one epoch or an earlier committee: CommitteeRefused."""
    if pins is None:
        return
    number = (formed.committee.epoch, formed.committee.committee)
    if number[0] == pins.epoch and is_another_key(pins, formed):
        raise CommitteeRefused(PinCode.OTHER_KEY, "an epoch has one key: only the settings name another, by hand")
    if number < pins.number:
        raise CommitteeRefused(PinCode.NOT_NEWER, "a later committee is pinned, and the shares of this one are deleted")


def name_committee(book: PinBook, formed: Formed, at: dt.datetime) -> None:
    """Pin a committee on a person's word, which ends a stop; raises OSError, or KeyChanged against the settings."""
    named = kept(formed, Taken.NAMED, at)

    def work(content: PinFile) -> PinFile:
        changed = replace(content, pins=named, canary=None, stopped=None, doubt=None)
        book.join(changed)
        return changed

    book.change(work)
