"""The composition root builds a registry from settings, keys, clock and randomness; no other module does."""

import os
import random
import time
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Final

from crypto.envelope.provider import UNSEALED, KeyProvider
from crypto.signing.keys import load_private_key
from registry import keyfile
from registry.domain.patience import PATIENT_TIMES
from registry.policy.rules import DEFAULT_RULES
from registry.settings import Settings
from registry.store.engines import make_engines
from registry.store.transactions import Store
from registry.usecases.clock.guard import ClockGuard, ClockSources
from registry.usecases.context import LogIdentity, Registry, RegistryKeys
from registry.usecases.watch import Watch
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from registry.work.outside import IncarnationFile, look_outside
from registry.work.signer import LogSigner
from serving.clock import system_clock

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def system_sources() -> ClockSources:
    """Return the readings of this machine and of the database's own clock."""
    return ClockSources(steady=_steady, boot=_boot(), database=lambda tx: tx.clock.database_now())


def _steady() -> float:
    """Count the seconds since the machine started, those of its sleep included if the system counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _boot() -> str:
    """Name this boot of this machine (Linux); elsewhere each process compares with itself only."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()[:64]
    except OSError:
        return str(uuid.uuid4())


def build_integrator(settings: Settings, registry: Registry, provider: KeyProvider = UNSEALED) -> Integrator:
    """Build the integrator of the access log; its key is read when it signs the first checkpoint."""
    return Integrator(
        registry,
        LogHeads(settings.log_heads, registry.log),
        LogSigner(settings.log_key, registry.log.public_key, provider),
    )


def build_registry(settings: Settings, provider: KeyProvider = UNSEALED) -> Registry:
    """Build a registry that is ready to work; raises KeyFileRefused, KeyFileBad or the database driver's errors.

    The provider opens its secret files. A registry with the setting `custody` needs the one that was made of it.
    It waits patiently for a silent database, as work may that no sender waits for; ``answering`` has a deadline.
    """
    secrets = keyfile.load(settings.keys, provider=provider)
    log = LogIdentity(name=settings.log_name, public_key=keyfile.load_public_half(settings.log_key))
    file, heads = IncarnationFile(settings.incarnation_file), LogHeads(settings.log_heads, log)
    deadline = float(settings.database_deadline_seconds)
    engines = make_engines(
        settings.database_url,
        pool_size=settings.threads,
        pool_timeout=deadline,
        busy_timeout=deadline,
        prepared_statements=settings.prepared_statements,
    )
    return Registry(
        name=settings.name,
        public_url=settings.public_url,
        store=Store(engines, jitter=random.random, patience=PATIENT_TIMES * deadline),
        keys=RegistryKeys(
            peppers=secrets.peppers,
            key_encryption_keys=secrets.key_encryption_keys,
            current_key_encryption_epoch=secrets.current_key_encryption_epoch,
            signing_key_id=settings.signing_key_id,
            signing_key=load_private_key(settings.signing_key, provider=provider, purpose=keyfile.SIGNING_KEY),
        ),
        log=log,
        founding_rules=DEFAULT_RULES,
        clock=system_clock,
        guard=ClockGuard(system_sources(), settings.clock),
        random=os.urandom,
        watch=Watch(lambda: look_outside(file, heads), file.raise_to, file.turn),
        private_webhooks=settings.private_webhooks,
    )


def answering(settings: Settings, registry: Registry) -> Registry:
    """Return the same registry for those whose sender waits: a silent database is given up after the deadline."""
    return replace(registry, store=registry.store.within(float(settings.database_deadline_seconds)))
