"""Key ceremonies: a custodian reports a complete one, and everybody reads and checks the committees."""

from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import ceremonies as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.ceremonies import Ceremonies, Ceremony, KeptCeremony, NewCeremony
from registry.usecases.ceremonies.read import read_ceremonies, read_ceremony
from registry.usecases.ceremonies.report import report_ceremony

BLUEPRINT: Final = DoorBlueprint(
    "ceremonies", __name__, description="The committees that hold an epoch's key, each with its transcript."
)
_PATH: Final = "/v1/ceremonies"


@operation(
    BLUEPRINT,
    "POST",
    _PATH,
    operation_id="reportCeremony",
    roles=(Role.CUSTODIAN,),
    reads=Input(message=NewCeremony, example=examples.NEW_CEREMONY, large=True),
    answer=Answer(
        message=Ceremony,
        status=201,
        also={200: "The same ceremony was reported before."},
        description="The committee is kept, and in the access log.",
        example=examples.CEREMONY,
    ),
)
def post_ceremony(*, body: NewCeremony) -> Response:
    """A party of a complete ceremony hands in its transcript; all parties have to be admitted custodians."""
    return outcome(report_ceremony(registry(), actor(), call("reportCeremony"), body.transcript))


@operation(
    BLUEPRINT,
    "GET",
    _PATH,
    operation_id="listCeremonies",
    answer=Answer(message=Ceremonies, description="The committees, oldest first.", example=examples.CEREMONIES),
)
def get_ceremonies() -> Response:
    """The committees of all epochs without their transcripts; of more than 1,000 the newest."""
    actor()
    return document(read_ceremonies(registry()))


@operation(
    BLUEPRINT,
    "GET",
    f"{_PATH}/<number:epoch>/<number:committee>",
    operation_id="readCeremony",
    answer=Answer(
        message=KeptCeremony, description="The committee, its transcript and its entry.", example=examples.KEPT_CEREMONY
    ),
)
def get_ceremony(*, epoch: int, committee: int) -> Response:
    """One committee with its transcript and its opened entry, for the reader to verify; the entry has a receipt."""
    actor()
    return document(read_ceremony(registry(), epoch, committee))
