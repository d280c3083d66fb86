"""Steps on a resource that say nothing, or little, beyond their path."""

from dataclasses import dataclass
from typing import Annotated

from protocol.wire.fields import Count
from protocol.wire.kinds import Nullable


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Nothing has to be said beyond the path; the body is an empty object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """A change that is made only if nobody made another since: with ``expected_version``, else 412."""

    expected_version: Annotated[Count, Nullable()] | None = None
