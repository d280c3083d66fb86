"""Reach a year's log from the command line, and the head of it that is worked with."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import httpx

from auditlog.follow import follow
from auditlog.heads import HeadKeeper
from auditlog.names import refusing
from auditlog.reader import LogReader
from cli.output import say
from client.trust import trusted_for
from crypto.tlog.checkpoint import SignedCheckpoint, open_checkpoint
from crypto.tlog.keys import VerifierKey

_TIMEOUT_SECONDS: Final = 30.0

LOG_URL = click.option(
    "--log-url", "url", required=True, help="A year's log, such as https://registry.example/log/2026."
)
LOG_KEY = click.option("--vkey", required=True, help="The vkey of that year's log, pinned.")


@contextmanager
def open_log(url: str) -> Iterator[LogReader]:
    """Open a reader of the log below an address."""
    with (
        httpx.Client(verify=trusted_for(url), timeout=_TIMEOUT_SECONDS, trust_env=False) as http,
        LogReader(url, http, sleep=time.sleep) as it,
    ):
        yield it


def head_of(reader: LogReader, key: VerifierKey, heads: Path | None) -> SignedCheckpoint:
    """Return the head to work with; where heads are kept, the largest one that was ever seen."""
    raw = reader.checkpoint()
    if heads is None:
        with refusing("the checkpoint"):
            return open_checkpoint(raw, origin=key.name, log_keys=[key])
    followed = follow(raw, reader=reader, keeper=HeadKeeper(heads, key))
    if followed.held is not followed.offered and followed.held.checkpoint.size > followed.offered.checkpoint.size:
        say(f"the log shows an old head of {followed.offered.checkpoint.size} entries")
    return followed.held
