"""A process that takes one order from its question to its outcome, and kills itself at the step that it is told.

    python -m tests.usecases.order_killing <database url> <secrets in hex>

Every line that it reads is a step and the number of an order; it forks a child that asks, asks again and reports with
the real code and sends itself SIGKILL at that step (0: at none), and answers with one line of JSON.
"""

import json
import os
from dataclasses import replace
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.activations import ActivationOutcome
from protocol.codes import ServiceClass
from protocol.messages.activations import ActivationAnswer
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest, RecheckRequest
from protocol.wire.codec import read
from registry.store.engines import make_engines
from registry.store.transactions import Store
from registry.usecases.activations.report import report_activation
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.inquiries.recheck import recheck
from tests.support.activations import a_report_on
from tests.support.builders import tokens
from tests.support.contexts import with_context
from tests.support.world import Secrets, World, a_world, new_secrets
from tests.usecases.log.killing import Steps, answer_orders


def secrets_of(world: World) -> bytes:
    """The registry's secrets: pepper, key-encryption key and signing key, 32 bytes each."""
    keys = world.registry.keys
    return keys.peppers[1] + keys.key_encryption_keys[1] + keys.signing_key.private_bytes_raw()


def _with_secrets(found: bytes) -> Secrets:
    secrets = new_secrets()
    keys = replace(
        secrets.registry,
        peppers={1: found[:32]},
        key_encryption_keys={1: found[32:64]},
        signing_key=Ed25519PrivateKey.from_private_bytes(found[64:]),
    )
    return replace(secrets, registry=keys)


def take_order(world: World, number: int) -> tuple[InquiryAnswer, InquiryAnswer, ActivationAnswer]:
    """One order of carrier B about somebody of its own; sent again, each step has the same idempotency key."""
    actor, plain = world.actor("carrier-b"), tokens(f"person-{number}")
    request = with_context(
        InquiryRequest(inquiry_ref="r", tokens=plain, service_class=ServiceClass.MOBILE),
        order=number.to_bytes(16, "big"),
    )
    first = read(InquiryAnswer, json.loads(inquire(world.registry, actor, world.call(f"ask-{number}"), request).body))
    again = RecheckRequest(inquiry_ref="r", decision_token=first.decision_token)
    checked = recheck(world.registry, actor, world.call(f"again-{number}"), first.inquiry_id, again)
    second = read(InquiryAnswer, json.loads(checked.body))
    told = a_report_on(world, second, ActivationOutcome.ACTIVATED)
    outcome = report_activation(world.registry, actor, world.call(f"told-{number}"), told)
    return first, second, read(ActivationAnswer, json.loads(outcome.body))


def one_order(url: str, secrets: bytes, number: int, last: int, report: int) -> NoReturn:
    steps = Steps(last, report)
    engines = make_engines(url)
    world = a_world(Store(engines), _with_secrets(secrets))
    steps.watch(engines)
    take_order(world, number)
    os.write(report, json.dumps({"step": steps.taken, "name": "end"}).encode())
    os._exit(0)


if __name__ == "__main__":
    answer_orders(one_order)
