"""Give debts to another carrier, or take them over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from client.errors import RegistryRefused
from client.incarnations import Steady
from client.registry import RegistryClient
from client.resources import transfers
from gateway.bulk.pipeline import chunks
from gateway.errors import VerdictsBroken
from gateway.identity.accounts import AccountInvalid, Accounts
from protocol.messages.limits import MAX_BATCH
from protocol.messages.transfers import Acceptance, NewAccount, NewTransfer, Transfer

_PLACE: Final = "record_ids."


def propose(
    registry: RegistryClient, new: NewTransfer, *, name: str | None = None, batch: int = MAX_BATCH
) -> Iterator[Transfer]:
    """Offer records to another carrier, a transfer for each ``batch`` of them.

    Raises RegistryRefused naming the records that cannot be given away.
    """
    steady = Steady(registry)
    for record_ids in chunks(new.record_ids, batch):
        try:
            proposed = transfers.propose(registry, replace(new, record_ids=tuple(record_ids)), name=name)
        except RegistryRefused as refused:
            errors = _by_record(refused, record_ids)
            raise RegistryRefused(refused.problem, refused.status, errors, hint=refused.hint) from None
        steady.check()
        yield proposed


def accept(
    registry: RegistryClient, own: Accounts, transfer_ids: Sequence[UUID], accounts: Mapping[UUID, str]
) -> Iterator[Transfer]:
    """Take debts over, each on the account that it has here now; only keyed references of these leave.

    Nothing is sent unless every account is of one of the transfers and every transfer gets one. A record without an
    account stays with its seller.
    """
    steady = Steady(registry)
    references = {record_id: _reference(own, text) for record_id, text in accounts.items()}
    offered = {
        transfer_id: [item.record_id for item in transfers.read(registry, transfer_id).records]
        for transfer_id in transfer_ids
    }
    strange = accounts.keys() - {record_id for record_ids in offered.values() for record_id in record_ids}
    if strange:
        raise VerdictsBroken(f"{len(strange)} of the records that have an account here are not of these transfers")
    for transfer_id, record_ids in offered.items():
        if accounts.keys().isdisjoint(record_ids):
            raise VerdictsBroken(f"no record of transfer {transfer_id} has an account here")
    for transfer_id, record_ids in offered.items():
        taken = tuple(
            NewAccount(record_id=record_id, account_ref=references[record_id])
            for record_id in record_ids
            if record_id in accounts
        )
        accepted = transfers.accept(registry, transfer_id, Acceptance(accounts=taken))
        steady.check()
        yield accepted


def _reference(own: Accounts, text: str) -> bytes:
    try:
        return own.read(text).reference
    except AccountInvalid as invalid:
        raise VerdictsBroken(f"one of the accounts cannot be read: {invalid.code}") from None


def _by_record(refused: RegistryRefused, page: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
    """Replace the places that the registry names by the ids that stand there."""
    errors = []
    for field, code in refused.errors:
        place = field.removeprefix(_PLACE)
        known = field.startswith(_PLACE) and place.isascii() and place.isdigit() and int(place) < len(page)
        errors.append((str(page[int(place)]) if known else field, code))
    return tuple(errors)
