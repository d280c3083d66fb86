"""Writes the table [custodians] of a gateway's settings for a committee, or for a dealer's shares."""

import json
from typing import Final

from gateway.settings import CustodianPeer
from protocol.encodings import b64url_encode
from protocol.messages.ceremonies import Committee

_HEAD: Final = "[custodians]"


def committee_table(committee: Committee) -> str:
    """Write the table of a committee, whose members sign for the next one."""
    members = tuple(
        CustodianPeer(
            index=each.index,
            url=each.url,
            public_key=each.share_public_key,
            custodian=each.custodian,
            key_id=each.key_id,
            signing_key=each.public_key,
        )
        for each in committee.members
    )
    head = f"{_HEAD}\nepoch = {committee.epoch}\ncommittee = {committee.committee}\n"
    return head + _body(committee.threshold, committee.joint_public_key, members)


def dealt_table(epoch: int, threshold: int, joint_public_key: bytes, members: tuple[CustodianPeer, ...]) -> str:
    """Write the table of a dealer's shares: nobody signed for them."""
    return f"{_HEAD}\nepoch = {epoch}\n" + _body(threshold, joint_public_key, members)


def _body(threshold: int, joint_public_key: bytes, members: tuple[CustodianPeer, ...]) -> str:
    head = f"threshold = {threshold}\njoint_public_key = {_text(joint_public_key)}\n"
    return head + "".join(map(_member, members))


def _member(member: CustodianPeer) -> str:
    lines = {"index": str(member.index), "url": _text(member.url), "public_key": _text(member.public_key)}
    if member.custodian is not None and member.key_id is not None and member.signing_key is not None:
        lines |= {
            "custodian": _text(member.custodian),
            "key_id": _text(member.key_id),
            "signing_key": _text(member.signing_key),
        }
    return "\n[[custodians.member]]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())


def _text(value: str | bytes) -> str:
    """Write a TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(b64url_encode(value) if isinstance(value, bytes) else value)
