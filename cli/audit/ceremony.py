"""`clearline audit ceremony`: checks a ceremony's transcript offline, and that the log says of it what it proves."""

import time
from pathlib import Path
from typing import Any, Final

import click

from auditlog.audit.ceremonies import LoggedCommittee, verify_logged
from auditlog.names import log_key, year_of, year_of_origin
from auditlog.receipts import Trust, read_policy
from ceremony.errors import CeremonyRefused
from ceremony.standing import Formed
from ceremony.verify import verify_transcript
from cli.audit.access import OpeningsAccess, entry_options, open_registry
from cli.options import FILE, json_option
from cli.outcome import Failure
from cli.output import tell
from client.errors import RegistryRefused
from client.resources import ceremonies, log
from crypto.tlog.keys import VerifierKey
from crypto.tlog.policy import MAX_POLICY_BYTES
from protocol.encodings import b64url_encode, format_time
from protocol.messages.ceremonies import MAX_TRANSCRIPT
from protocol.problems import Problem
from protocol.receipts import Grade
from serving.files import read_bounded

_CLOCKS_DIFFER_SECONDS: Final = 30


@click.command("ceremony", short_help="Check a key ceremony's transcript.")
@click.argument("file", type=FILE)
@entry_options
@click.option("--policy", type=FILE, help="Which witnesses you believe (c2sp.org/tlog-policy).")
@click.option("--faults", type=click.IntRange(min=0), help="How many of them may lie.")
@json_option
def ceremony(
    file: Path,
    *,
    url: str | None,
    vkey: str | None,
    access: OpeningsAccess | None,
    policy: Path | None,
    faults: int | None,
    as_json: bool,
) -> None:
    """Check the transcript of a key ceremony, and print the committee that it proves. Exit 1 if it proves none.

    FILE alone is enough: who took part, who holds which share, and that all of them confirmed it. The parties' keys are
    those of the file: compare each with what that custodian tells you by another way. With --log-url the committee's
    entry has to be in the log, with exactly the facts that the transcript proves; any participant may ask for it.

    \b
    Examples:
      clearline audit ceremony transcript.json
      clearline audit ceremony transcript.json --log-url https://registry.example/log/2026 --vkey VKEY \\
          --key auditor.pem --key-id auditor-1 --registry-key registry.pub --registry-key-id registry-1
    """
    if (policy is None) != (faults is None) or (policy is not None and access is None):
        raise click.UsageError("--policy goes with --faults and --log-url")
    formed = _read(file)
    told = _told(formed)
    if access is not None and url is not None and vkey is not None:
        key = log_key(vkey)
        trust = _trust(key, policy, faults)
        told |= _place(key, trust, _logged(formed, url, trust, access))
    tell(told, as_json=as_json)


def _read(file: Path) -> Formed:
    raw = read_bounded(file, MAX_TRANSCRIPT)
    try:
        return verify_transcript(raw or b"")
    except CeremonyRefused as refused:
        raise Failure(f"{file}: {refused.code.value}: {refused}") from None


def _told(formed: Formed) -> dict[str, Any]:
    """Write what a person compares: keys as settings have them, digests as the log has them."""
    committee, proposal = formed.committee, formed.proposal
    told: dict[str, Any] = {
        "kind": proposal.kind.value,
        "ceremony": formed.ceremony,
        "epoch": committee.epoch,
        "committee": committee.committee,
        "threshold": committee.threshold,
        "joint_public_key": b64url_encode(committee.joint_public_key),
        "members": [
            {
                "index": each.index,
                "custodian": each.custodian,
                "url": each.url,
                "key_id": each.key_id,
                "public_key": b64url_encode(each.public_key),
                "share_public_key": b64url_encode(each.share_public_key),
            }
            for each in committee.members
        ],
        "dealers": list(proposal.dealers),
        "canary": formed.canary.hex(),
        "committee_digest": formed.committee_digest,
        "transcript_digest": formed.transcript_digest,
        "keep_days": proposal.keep_days,
    }
    return told if formed.former_digest is None else told | {"former_digest": formed.former_digest}


def _trust(key: VerifierKey, policy: Path | None, faults: int | None) -> Trust:
    if policy is None or faults is None:
        return Trust(key=key)
    raw = read_bounded(policy, MAX_POLICY_BYTES) or b""
    believed = read_policy(raw, faults=faults, key=key)
    return Trust(key=key, policy=believed, latest=int(time.time()) + _CLOCKS_DIFFER_SECONDS)


def _logged(formed: Formed, url: str, trust: Trust, access: OpeningsAccess) -> LoggedCommittee:
    year, committee = year_of_origin(trust.key.name), formed.committee
    with open_registry(access, url, year) as registry:
        try:
            kept = ceremonies.read(registry, committee.epoch, committee.committee)
        except RegistryRefused as refused:
            if refused.problem != Problem.NOT_FOUND.value.name:
                raise
            raise Failure(f"not-logged: the registry has no committee {committee.committee} of this epoch") from None
        of_entry = year_of(kept.log_entry_id)
        if of_entry != year:
            raise Failure(f"year-differs: the committee is in the log of {of_entry}: name that log")
        raw = log.receipt(registry, year, kept.log_entry_id, _grade(trust), 0)
    return verify_logged(formed, kept, raw, trust)


def _grade(trust: Trust) -> Grade:
    return Grade.INTEGRATED if trust.policy is None else Grade.WITNESSED


def _place(key: VerifierKey, trust: Trust, logged: LoggedCommittee) -> dict[str, Any]:
    return {
        "log": key.name,
        "logged_at_index": logged.index,
        "size": logged.size,
        "grade": _grade(trust).value,
        "entry": str(logged.entry_id),
        "at": format_time(logged.at),
        "by": logged.by,
    }
