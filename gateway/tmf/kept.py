"""Keep the codes of an answer beside the decisions of its order, and find them again by its id."""

import json
from uuid import UUID

from gateway.errors import OrdersUnusable
from gateway.orders.keeping import log_unkept
from gateway.tmf.answers import Answered
from gateway.tmf.results import identify
from gateway.tools import Tools
from protocol.wire.codec import Malformed, read, write


def keep_answer(tools: Tools, answered: Answered) -> None:
    """Keep the codes of an answer. A disk that refuses holds no answer back: nobody finds it by its id then."""
    items = json.dumps(write(answered), separators=(",", ":"))
    try:
        tools.orders.keep_answered(identify(answered), items, now=tools.clock(), deadline=tools.deadline)
    except OrdersUnusable as trouble:
        log_unkept(trouble, 1)


def find_answer(tools: Tools, answer_id: UUID) -> Answered | None:
    """Find the codes of an answer; None where none is kept. Raises OrdersUnusable."""
    items = tools.orders.answered(answer_id)
    try:
        return None if items is None else read(Answered, json.loads(items), open_ended=True)
    except (Malformed, json.JSONDecodeError):  # a row that another program wrote
        return None
