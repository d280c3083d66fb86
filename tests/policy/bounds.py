"""The bounds of the rules' figures, as their messages state them."""

from collections.abc import Iterator

from protocol.messages.rules import Rules
from protocol.wire.codec import Member, Part, Shape, shape_of
from protocol.wire.kinds import Whole


def _members(shape: Shape, inside: str = "") -> Iterator[tuple[str, Member]]:
    for member in shape.members:
        yield f"{inside}{member.key}", member
        if isinstance(member.kind, Part):
            yield from _members(member.kind.shape, f"{inside}{member.key}.")


MEMBERS = dict(_members(shape_of(Rules)))
KINDS = {path: member.kind for path, member in MEMBERS.items()}
"""The kind of each member and part, by its path in the document."""
REQUIRED = [path for path, member in MEMBERS.items() if member.required]
BOUNDS = {path: (kind.least, kind.most) for path, kind in KINDS.items() if isinstance(kind, Whole)}
"""The least and the most of each whole number."""
