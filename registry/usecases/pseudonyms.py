"""Turns tokens into stored pseudonyms: index keys under the epoch's pepper, and the sealed group elements."""

import datetime as dt
from dataclasses import dataclass, field

from crypto.envelope.index_key import HOUSEHOLD_ADDRESS, HOUSEHOLD_REGISTER, SUBJECT, index_key
from crypto.envelope.sealed import seal
from crypto.errors import BadElement
from crypto.oprf.group import check_element
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem, Refusal
from protocol.states import HouseholdKind
from protocol.values import quick
from registry.domain.subjects import Household, SealedToken, Subject
from registry.usecases.context import Registry

_DOMAINS = {HouseholdKind.REGISTER: HOUSEHOLD_REGISTER, HouseholdKind.ADDRESS: HOUSEHOLD_ADDRESS}


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The 16-byte index keys of one person and its households, in one key epoch.

    A person's rows do not lie under the index key but under the key that ``PersonKeys`` has for it; a household's do.
    """

    index_key: bytes = field(repr=False)
    epoch: int
    households: tuple[tuple[HouseholdKind, bytes], ...] = field(repr=False)

    @property
    def household_keys(self) -> tuple[bytes, ...]:
        return tuple(key for _, key in self.households)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonyms(Names):
    """The index keys of one applicant or debtor, with the tokens that they were computed from."""

    tokens: SubjectTokens


def pseudonyms(registry: Registry, tokens: SubjectTokens) -> Pseudonyms:
    """Compute the index keys of ``tokens``; raises Refusal EPOCH_UNKNOWN or BAD_ELEMENT."""
    pepper = registry.keys.peppers.get(tokens.epoch)
    if pepper is None:
        raise Refusal(Problem.EPOCH_UNKNOWN)
    try:
        for element in (tokens.subject, tokens.household_register, tokens.household_address):
            if element is not None:
                check_element(element)
    except BadElement:
        raise Refusal(Problem.BAD_ELEMENT) from None
    households = tuple(
        (kind, index_key(pepper, _DOMAINS[kind], element)) for kind, element in _household_elements(tokens)
    )
    return Pseudonyms(
        index_key=index_key(pepper, SUBJECT, tokens.subject),
        epoch=tokens.epoch,
        households=households,
        tokens=tokens,
    )


def subject_row(registry: Registry, names: Pseudonyms, subject_key: bytes, at: dt.datetime) -> Subject:
    """Make the `subject` row of a person that is listed for the first time, under the person's own key."""
    sealed = _sealed(registry, subject_key, names.tokens.epoch, names.tokens.subject)
    return Subject(subject_key=subject_key, sealed=sealed, created_at=at)


def household_row(registry: Registry, names: Pseudonyms, household_key: bytes, at: dt.datetime) -> Household:
    """Make the row of a household that a record links to for the first time."""
    elements = dict(_household_elements(names.tokens))
    kind = next(kind for kind, key in names.households if key == household_key)
    sealed = _sealed(registry, household_key, names.tokens.epoch, elements[kind])
    return Household(household_key=household_key, kind=kind, sealed=sealed, created_at=at)


def _household_elements(tokens: SubjectTokens) -> tuple[tuple[HouseholdKind, bytes], ...]:
    pairs = (
        (HouseholdKind.REGISTER, tokens.household_register),
        (HouseholdKind.ADDRESS, tokens.household_address),
    )
    return tuple((kind, element) for kind, element in pairs if element is not None)


def _sealed(registry: Registry, row_key: bytes, epoch: int, element: bytes) -> SealedToken:
    """Seal N for one row; the seal binds the row's key and the epoch, so that rows cannot be swapped."""
    kek_epoch = registry.keys.current_key_encryption_epoch
    sealed = seal(
        element,
        kek=registry.keys.key_encryption_keys[kek_epoch],
        kek_epoch=kek_epoch,
        associated=row_key + epoch.to_bytes(4, "big"),
        random=registry.random,
    )
    return SealedToken(
        epoch=epoch,
        suite=sealed.suite,
        kek_epoch=sealed.kek_epoch,
        wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext,
    )
