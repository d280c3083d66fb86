"""A carrier's own records, listed page by page, and debts that it gives to another carrier or takes over."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from client.answers import FORM, items
from client.errors import RegistryAnswerBroken, RegistryRefused
from client.incarnations import Steady
from client.registry import RegistryClient
from gateway.bulk.pipeline import chunks
from gateway.errors import VerdictsBroken
from gateway.identity.accounts import AccountInvalid, Accounts
from protocol.codes import TransferGround
from protocol.encodings import b64url_encode, canonical_json
from protocol.messages.limits import MAX_BATCH

OPEN_STATES: Final = ("PENDING", "ACTIVE", "DISPUTED", "SUSPENDED", "ARRANGED", "FROZEN")
"""The states of a record that still stands."""
_PLACE: Final = "record_ids."
_TRANSFER: Final[dict[str, type | None]] = {"transfer_id": str, "state": str, "records": list}


def own_records(registry: RegistryClient, state: str | None = None) -> Iterator[dict[str, Any]]:
    """This carrier's open records, or those in one state, in an order that does not change while it is read."""
    wanted, after = "" if state is None else f"&state={quote(state, safe='')}", ""
    steady = Steady(registry)
    while True:
        page = registry.ask(f"/v1/records?limit={MAX_BATCH}{wanted}{after}")
        steady.check()
        for each in items(page, "records"):
            if state is not None or each.get("state") in OPEN_STATES:
                yield each
        reached = page.get("next")
        if reached is None:
            return
        if not isinstance(reached, str) or after.endswith(reached):
            raise RegistryAnswerBroken("the registry's list of records does not get on")
        after = f"&after={quote(reached, safe='')}"


def propose(
    registry: RegistryClient, record_ids: Sequence[UUID], *, to: str, ground: TransferGround, name: str | None = None
) -> Iterator[dict[str, Any]]:
    """Offer records to another carrier, a transfer for each 1,000; ``name`` tells a later proposal from a repeated one.

    Raises RegistryRefused naming the records that cannot be given away.
    """
    steady = Steady(registry)
    for page in chunks(record_ids, MAX_BATCH):
        document = {"to": to, "ground": ground.value, "record_ids": [str(each) for each in page]}
        digest = hashlib.sha256(canonical_json([document, name])).digest()
        try:
            made = registry.tell(
                "/v1/transfers", document, idempotency_key=f"transfer-{b64url_encode(digest)}", **_TRANSFER
            )
        except RegistryRefused as refused:
            named = _by_record(refused, page)
            raise RegistryRefused(refused.problem, refused.status, named, hint=refused.hint) from None
        steady.check()
        yield made


def transfer(registry: RegistryClient, transfer_id: UUID) -> dict[str, Any]:
    """A transfer from this carrier, or one that is offered to it."""
    return registry.ask(f"/v1/transfers/{transfer_id}", **_TRANSFER)


def confirm(registry: RegistryClient, transfer_id: UUID) -> dict[str, Any]:
    """Offer what another person of this carrier proposed."""
    return _step(registry, transfer_id, "confirmation")


def cancel(registry: RegistryClient, transfer_id: UUID) -> dict[str, Any]:
    """Take a transfer back that the other carrier has not accepted."""
    return _step(registry, transfer_id, "cancellation")


def undo(registry: RegistryClient, transfer_id: UUID) -> dict[str, Any]:
    """Propose to the other party that an accepted transfer is undone."""
    return _step(registry, transfer_id, "undo")


def confirm_undo(registry: RegistryClient, transfer_id: UUID) -> dict[str, Any]:
    """Undo a transfer as the other party proposed."""
    return _step(registry, transfer_id, "undo-confirmation")


def accept(
    registry: RegistryClient, own: Accounts, transfer_ids: Sequence[UUID], accounts: Mapping[UUID, str]
) -> Iterator[dict[str, Any]]:
    """Take debts over, each on the account that it has here now; only keyed references of these leave.

    Nothing is sent unless every account is of one of the transfers and every transfer gets one. A record without an
    account stays with its seller.
    """
    steady = Steady(registry)
    references = {record_id: _reference(own, text) for record_id, text in accounts.items()}
    offered = {each: _records_of(transfer(registry, each)) for each in transfer_ids}
    strange = accounts.keys() - {record_id for records in offered.values() for record_id in records}
    if strange:
        raise VerdictsBroken(f"{len(strange)} of the records that have an account here are not of these transfers")
    for transfer_id, records in offered.items():
        taken = [each for each in records if each in accounts]
        if not taken:
            raise VerdictsBroken(f"no record of transfer {transfer_id} has an account here")
    for transfer_id, records in offered.items():
        named = [
            {"record_id": str(each), "account_ref": b64url_encode(references[each])}
            for each in records
            if each in accounts
        ]
        digest = hashlib.sha256(canonical_json(named)).digest()
        accepted = registry.tell(
            f"/v1/transfers/{transfer_id}/acceptance",
            {"accounts": named},
            idempotency_key=f"acceptance-{transfer_id}-{b64url_encode(digest)}",
            **_TRANSFER,
        )
        steady.check()
        yield accepted


def _reference(own: Accounts, text: str) -> bytes:
    try:
        return own.read(text).reference
    except AccountInvalid as invalid:
        raise VerdictsBroken(f"one of the accounts cannot be read: {invalid.code}") from None


def _step(registry: RegistryClient, transfer_id: UUID, step: str) -> dict[str, Any]:
    path, key = f"/v1/transfers/{transfer_id}/{step}", f"transfer-{step}-{transfer_id}"
    return registry.tell(path, {}, idempotency_key=key, **_TRANSFER)


def _records_of(document: Mapping[str, Any]) -> list[UUID]:
    try:
        return [UUID(each["record_id"]) for each in document["records"]]
    except (KeyError, TypeError, ValueError):
        raise RegistryAnswerBroken("the registry's transfer does not have the agreed form", FORM) from None


def _by_record(refused: RegistryRefused, page: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
    """The registry names places of its list; here they become the ids that stand there."""
    named = []
    for field, code in refused.errors:
        place = field.removeprefix(_PLACE)
        known = field.startswith(_PLACE) and place.isascii() and place.isdigit() and int(place) < len(page)
        named.append((str(page[int(place)]) if known else field, code))
    return tuple(named)
