"""Proves that the witnessed log has a committee: its entry, under a head that fits the last one and has the quorum."""

from typing import Final

from auditlog.audit.ceremonies import verify_logged
from auditlog.errors import LogForked, LogRefused, LogUnreachable
from auditlog.follow import follow
from auditlog.heads import HeadKeeper
from auditlog.names import refusing, year_of
from auditlog.party import LogParty
from ceremony.standing import Formed
from client.errors import RegistryRefused
from client.resources import log
from crypto.tlog.proof import parse_receipt
from gateway.pins.codes import CommitteeRefused, PinCode
from gateway.pins.values import LogPlace
from protocol.messages.ceremonies import KeptCeremony
from protocol.receipts import Grade
from serving.settings import SettingsError

_CODES: Final = {
    "quorum-missing": PinCode.NOT_WITNESSED,
    "entry-differs": PinCode.ENTRY_DIFFERS,
    "entry-foreign": PinCode.ENTRY_DIFFERS,
}
"""The log's refusals as codes of a pin; any other says that nothing is proven yet."""


def prove_logged(party: LogParty, kept: KeptCeremony, formed: Formed) -> LogPlace:
    """Return the place of the committee's entry; raises CommitteeRefused or RegistryUnreachable.

    The receipt is verified under the pinned key and policy, and its head has to fit the last one that is kept.
    """
    if party.settings.policy is None:
        raise CommitteeRefused(PinCode.LOG_NOT_PINNED, "the settings name no policy of witnesses")
    try:
        return _proven(party, kept, formed)
    except LogForked as forked:
        raise CommitteeRefused(PinCode.LOG_FORKED, str(forked)) from None
    except SettingsError as wrong:
        raise CommitteeRefused(PinCode.LOG_NOT_PINNED, str(wrong)) from None
    except RegistryRefused as refused:
        raise CommitteeRefused(PinCode.NOT_LOGGED, f"the registry gives no receipt ({refused.problem})") from None
    except LogUnreachable as silent:
        raise CommitteeRefused(PinCode.NOT_LOGGED, str(silent)) from None
    except LogRefused as refused:
        code = _CODES.get(refused.code, PinCode.NOT_LOGGED)
        raise CommitteeRefused(code, f"the entry is not proven ({refused.code})") from None


def _proven(party: LogParty, kept: KeptCeremony, formed: Formed) -> LogPlace:
    year = year_of(kept.log_entry_id)
    trust = party.trust(year, Grade.WITNESSED)
    raw = log.receipt(party.registry, year, kept.log_entry_id, Grade.WITNESSED, 0)
    logged = verify_logged(formed, kept, raw, trust)
    with refusing("the receipt"):
        signed = parse_receipt(raw).signed
    with party.reader(year) as reader:
        follow(signed.note.encode(), reader=reader, keeper=HeadKeeper(party.settings.state, party.key(year)))
    head = signed.checkpoint
    return LogPlace(origin=head.origin, size=head.size, root=head.root.hex(), index=logged.index)
