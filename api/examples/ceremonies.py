"""A complete ceremony, and the committee that the registry keeps of it; transcript and core are shortened."""

from typing import Any, Final

from api.examples.values import AT, ELEMENT, OTHER_ID

_TRANSCRIPT: Final = '{"proposal":{"committee":1,"epoch":1,"kind":"GENESIS"},"steps":["..."]}'
_DIGEST: Final = "5f8d1c0b7a6e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4"


_CORE: Final = f'{{"at":"{AT}","by":"custodian-1","facts":{{}},"id":"{OTHER_ID}","kind":"committee.formed","v":1}}'


def _member(index: int) -> dict[str, Any]:
    return {
        "index": index,
        "custodian": f"custodian-{index}",
        "url": f"https://custodian-{index}.example",
        "key_id": f"custodian-{index}-1",
        "public_key": ELEMENT,
        "share_public_key": ELEMENT,
    }


NEW_CEREMONY: Final[dict[str, Any]] = {"transcript": _TRANSCRIPT}
CEREMONY: Final[dict[str, Any]] = {
    "ceremony": _DIGEST,
    "kind": "GENESIS",
    "committee": {
        "epoch": 1,
        "committee": 1,
        "threshold": 2,
        "joint_public_key": ELEMENT,
        "members": [_member(1), _member(2), _member(3)],
    },
    "committee_digest": _DIGEST,
    "canary": ELEMENT,
    "transcript_digest": _DIGEST,
    "keep_days": 7,
    "formed_at": AT,
    "log_entry_id": OTHER_ID,
}
KEPT_CEREMONY: Final[dict[str, Any]] = CEREMONY | NEW_CEREMONY | {"core": _CORE, "core_salt": ELEMENT}
CEREMONIES: Final[dict[str, Any]] = {"ceremonies": [CEREMONY]}
