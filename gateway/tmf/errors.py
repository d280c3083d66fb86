"""Write a refusal as TM Forum's Error."""

from gateway.tmf.answers import TmfError
from protocol.problems import Refusal


def error_of(refusal: Refusal) -> TmfError:
    """Write the error: our stable name as `code`, and the faults of members in `message`; no value is in it."""
    kind = refusal.problem.value
    faults = [f"{field}: {code}" for field, code in sorted(refusal.fields.items())]
    figures = [f"{name}: {figure}" for name, figure in sorted(refusal.figures.items())]
    told = [*([] if refusal.detail is None else [refusal.detail]), *faults, *figures]
    return TmfError(
        type_="Error",
        code=kind.name,
        reason=kind.title,
        status=str(kind.status),
        message="; ".join(told) if told else None,
    )
