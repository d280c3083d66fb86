"""A c2sp.org/tlog-policy file lists the log's keys, the witnesses, and the number of witnesses that must cosign.

The format knows nested groups, comments and addresses. This module writes and reads one plain form of it, which other
readers take too: it refuses every policy that is not k of n.
"""

import re
from dataclasses import dataclass
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.keys import SignatureKind, VerifierKey, parse_vkey
from crypto.tlog.quorum import Quorum

MAX_POLICY_BYTES: Final = 1 << 16
_GROUP: Final = "clearline-witnesses"
_RESERVED: Final = frozenset({_GROUP, "none"})
_POLICY: Final = re.compile(
    rf"((?:log [^ \n]+\n)+)((?:witness [^ \n]+ [^ \n]+\n)+)group {_GROUP} ([1-9][0-9]{{0,2}})(?: [^ \n]+)+\n"
    rf"quorum {_GROUP}\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A checkpoint counts if one of `logs` signed it and the quorum's witnesses cosigned it."""

    logs: tuple[VerifierKey, ...]
    quorum: Quorum

    def __post_init__(self) -> None:
        if not self.logs or any(key.kind is not SignatureKind.NOTE for key in self.logs):
            raise TlogRefused("policy-unsound", "a policy names the keys with which logs sign notes")
        if len({key.public_key for key in self.logs}) != len(self.logs):
            raise TlogRefused("policy-unsound", "a policy names a log key once")
        if {key.public_key for key in self.logs} & {key.public_key for key in self.quorum.witnesses}:
            raise TlogRefused("policy-unsound", "a log is not its own witness")
        if any(key.name in _RESERVED for key in self.quorum.witnesses):
            raise TlogRefused("policy-unsound", "a witness has a name that a policy reserves")

    def encode(self) -> bytes:
        """Write the policy file; it names a witness by its key name."""
        witnesses = self.quorum.witnesses
        lines = [f"log {key.vkey}" for key in self.logs]
        lines += [f"witness {key.name} {key.vkey}" for key in witnesses]
        lines.append(" ".join(["group", _GROUP, str(self.quorum.threshold), *(key.name for key in witnesses)]))
        lines.append(f"quorum {_GROUP}")
        return "".join(f"{line}\n" for line in lines).encode()


def parse_policy(raw: bytes, *, faults: int) -> Policy:
    """Read the bytes of `Policy.encode`; the caller gives the number of witnesses that may lie, the file does not."""
    if len(raw) > MAX_POLICY_BYTES:
        raise TlogRefused("too-large", "a policy is too long")
    try:
        match = _POLICY.fullmatch(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise TlogRefused("malformed", "a policy is not UTF-8") from None
    if match is None:
        raise TlogRefused("malformed", "not a policy of k of n witnesses")
    logs, witnesses = match[1].split("\n")[:-1], match[2].split("\n")[:-1]
    policy = Policy(
        logs=tuple(parse_vkey(line.split(" ")[1]) for line in logs),
        quorum=Quorum(
            witnesses=tuple(parse_vkey(line.split(" ")[2]) for line in witnesses),
            threshold=int(match[3]),
            faults=faults,
        ),
    )
    if policy.encode() != raw:  # a witness under another name, or a group of other members
        raise TlogRefused("malformed", "not a policy of k of n witnesses")
    return policy
