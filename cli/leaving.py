"""`clearline registry exit`: the operator lets a member go that has nothing open any more."""

from pathlib import Path
from urllib.parse import quote

import click

from cli.options import signed_options
from cli.output import tell
from cli.registry_calls import ask_registry, file_signer


@click.command("exit")
@click.argument("participant_id")
@signed_options
def leave(participant_id: str, url: str, key: Path, key_id: str, *, as_json: bool) -> None:
    """Let PARTICIPANT_ID go: its keys sign nothing any more, and what it signed stays good. Safe to repeat.

    Refused while it has open records, which are counted by state: they are transferred or withdrawn first.

    \b
    Example:
      clearline registry exit carrier-a \\
        --url https://registry.example --key operator.pem --key-id operator-1
    """
    answer = ask_registry(
        url.rstrip("/"),
        file_signer(key, key_id),
        "POST",
        f"/v1/participants/{quote(participant_id, safe='')}/exit",
        body={},
        idempotency_key=f"exit-{participant_id}",
    )
    tell({name: answer[name] for name in ("participant_id", "name", "left_at")}, as_json=as_json)
