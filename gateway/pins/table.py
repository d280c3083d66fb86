"""Writes the table [custodians] of a gateway's settings for a committee, or for a dealer's shares."""

from typing import Final

from gateway.settings import CustodianPeer
from protocol.messages.ceremonies import Committee
from serving.toml_text import toml_text

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
    head = f"threshold = {threshold}\njoint_public_key = {toml_text(joint_public_key)}\n"
    return head + "".join(map(_member, members))


def _member(member: CustodianPeer) -> str:
    lines = {"index": str(member.index), "url": toml_text(member.url), "public_key": toml_text(member.public_key)}
    if member.custodian is not None and member.key_id is not None and member.signing_key is not None:
        lines |= {
            "custodian": toml_text(member.custodian),
            "key_id": toml_text(member.key_id),
            "signing_key": toml_text(member.signing_key),
        }
    return "\n[[custodians.member]]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())
