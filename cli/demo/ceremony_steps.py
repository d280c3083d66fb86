"""Lets the demonstration's custodians hold ceremonies, each step as a process of that custodian and of nobody else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ceremony.standing import Formed
from ceremony.verify import verify_transcript
from cli.demo.ceremony import Parties
from cli.demo.processes import Done, Household
from cli.demo.settings_files import custodian_name

FIRST: Final = 1
"""The custodian that proposes."""


def propose(servers: Household, parties: Parties, *words: str) -> str:
    """Propose a ceremony at the first custodian; returns its id. Raises Failure."""
    done = _at(servers, parties, [FIRST], "propose", *words)
    return str(done[custodian_name(FIRST)].said["ceremony"])


def join(servers: Household, parties: Parties, ceremony: str) -> dict[str, Done]:
    """Let all custodians join at the same time, until the committee is formed; returns the ended processes by name.

    Raises Failure.
    """
    return _at(servers, parties, list(parties.custodians), "join", ceremony, "--yes")


def finish(servers: Household, parties: Parties, ceremony: str, indices: Sequence[int], *words: str) -> Formed:
    """Let custodians write the transcript, and verify it; raises Failure or CeremonyRefused."""
    out = f"{ceremony[:12]}.transcript.json"
    _at(servers, parties, indices, "finish", ceremony, *words, out=out)
    return verify_transcript(_home(parties, indices[0]).joinpath(out).read_bytes())


def _at(
    servers: Household, parties: Parties, indices: Sequence[int], step: str, *words: str, out: str | None = None
) -> dict[str, Done]:
    def arguments(index: int) -> list[str]:
        written = [] if out is None else ["--out", str(_home(parties, index) / out)]
        return ["custodian", "ceremony", step, *words, *written, "--config", str(parties.custodians[index])]

    return servers.run_together({custodian_name(index): arguments(index) for index in indices})


def _home(parties: Parties, index: int) -> Path:
    return parties.custodians[index].parent
