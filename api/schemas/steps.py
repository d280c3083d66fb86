"""What a step on a resource says beyond its path: nothing, or the version that it is meant for."""

from api.schemas.fields import StrictSchema, Whole
from api.schemas.names import MAX_COUNT


class StepSchema(StrictSchema):
    """Nothing has to be said beyond the path; the body is an empty object."""


class VersionedSchema(StrictSchema):
    """A change that is made only if nobody made another since: with ``expected_version``, else 412."""

    expected_version = Whole(least=0, most=MAX_COUNT, load_default=None)
