"""A process that answers a group of inquiries, and kills itself at the step that it is told.

    python -m tests.usecases.group_killing <database url> <pepper in hex>

Every line that it reads is a step and the number of a group; it forks a child that answers that group with the real
code and sends itself SIGKILL at that step (0: at none), and answers with one line of JSON.
"""

import json
import os
from typing import NoReturn

from registry.store.engines import make_engines
from registry.store.transactions import Store
from registry.usecases.inquiries.group import Asked, answer_group
from tests.support.builders import tokens
from tests.support.inquiry_groups import an_inquiry
from tests.support.world import World, a_world, new_secrets, with_pepper
from tests.usecases.log.killing import Steps, answer_orders

PEOPLE = ("wang", "li", "zhao")


def a_group(world: World, number: int) -> list[Asked]:
    """Three inquiries of three carriers; ``number`` names their idempotency keys."""
    return [
        an_inquiry(world, f"carrier-{'abc'[place]}", tokens(name), key=f"group-{number}-{place}")
        for place, name in enumerate(PEOPLE)
    ]


def one_group(url: str, pepper: bytes, number: int, last: int, report: int) -> NoReturn:
    steps = Steps(last, report)
    engines = make_engines(url)
    world = a_world(Store(engines), with_pepper(new_secrets(), pepper))
    group = a_group(world, number)
    steps.watch(engines)
    outcomes = answer_group(world.registry, group)
    os.write(report, json.dumps({"step": steps.taken, "name": "end", "answered": len(outcomes)}).encode())
    os._exit(0)


if __name__ == "__main__":
    answer_orders(one_group)
