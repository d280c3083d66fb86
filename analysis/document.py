"""Write a backtest as a JSON value: the same figures for a file and for a picture's metadata."""

from typing import Any, Final

from analysis.backtest import Backtest, Judged, Line
from analysis.figures import Separation
from analysis.stability import Stability, shift

_DIGITS: Final = 6


def document_of(result: Backtest) -> dict[str, Any]:
    """Return the figures; rates are fractions of one, rounded to six digits."""
    document: dict[str, Any] = {
        "opened_on": {"first": result.first.isoformat(), "last": result.last.isoformat()},
        "all": _line(result.everything),
        "in_force": _judged(result.in_force),
    }
    if result.left_out:
        document["left_out"] = result.left_out
    if result.told_otherwise is not None:
        document["told_otherwise"] = result.told_otherwise
    if result.stability is not None:
        document["stability"] = _stability(result.stability)
    if result.proposed is not None:
        document["proposed"] = _judged(result.proposed)
        document["moves"] = [{"old": each.old, "new": each.new, **_line(each.line)} for each in result.moves]
    return document


def _judged(judged: Judged) -> dict[str, Any]:
    return {
        "letters": {each.name: _line(each) for each in judged.letters},
        "separation": {"all": _separation(judged.everybody), "not_blocked": _separation(judged.not_blocked)},
        "bins": {name.value: {each.name: _line(each) for each in lines} for name, lines in judged.bins.items()},
    }


def _line(line: Line) -> dict[str, Any]:
    document: dict[str, Any] = {"number": line.number}
    if line.interval is None:
        document["too_few"] = True
    else:
        document |= {"bad": line.bad, "rate": _round(line.rate)}
        document |= {"low": _round(line.interval.low), "high": _round(line.interval.high)}
    document |= {} if line.points is None else {"points": line.points}
    return document | ({} if line.order is None else {"order": line.order.value})


def _separation(separation: Separation | None) -> dict[str, Any] | None:
    return None if separation is None else {"auc": _round(separation.auc), "ks": _round(separation.ks)}


def _stability(stability: Stability) -> dict[str, Any]:
    parts = {"total": stability.total, "adverse": stability.adverse, "tenure": stability.tenure}
    by_name = {name.value: index for name, index in stability.characteristics.items()}
    return {
        **{name: _psi(index) for name, index in parts.items()},
        "characteristics": {name: _psi(index) for name, index in by_name.items()},
    }


def _psi(index: float) -> dict[str, Any]:
    return {"psi": _round(index), "shift": shift(index).value}


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
