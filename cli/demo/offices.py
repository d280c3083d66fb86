"""Prints a command to try for each office of the demonstration: auditor, regulator and adjudicator."""

import csv
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cli.demo.ceremony import Parties
from cli.demo.import_ import results_name
from cli.demo.plan import CARRIERS, Plan
from cli.demo.settings_files import REGISTRY_KEY_ID
from cli.output import say
from protocol.codes import Verdict
from serving.files import write_whole

_PAPER: Final = "order.txt"
_ORDER: Final = "Made up for the demonstration: the record is to block nobody while the regulator looks into it.\n"


def tell_offices(plan: Plan, parties: Parties, *, log_url: str, log_key: str) -> None:
    """Print the commands, ready to be typed while the demonstration serves."""
    say("\nCommands of the offices, to try while the servers run:")
    for who, words in commands(plan, parties, log_url=log_url, log_key=log_key):
        say(f"  {who}\n    {typed(words)}")


def commands(plan: Plan, parties: Parties, *, log_url: str, log_key: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield a command of each office, as the words behind `clearline`."""
    url = plan.addresses.registry.public_url

    def signed(office: str, key: Path) -> list[str]:
        return ["--url", url, "--key", shown(key), "--key-id", f"{office}-1", *_pinned(parties)]

    yield (
        "the operator lists the witnesses",
        ["registry", "witness", "list", *signed("operator", parties.operator_key)],
    )
    yield (
        "the auditor checks what every entry says",
        [
            *("audit", "verify", "--log-url", log_url, "--vkey", log_key, "--openings", "--purpose", "SUPERVISION"),
            *signed_by_auditor(parties),
        ],
    )
    yield (
        "the auditor finds what was paid (then --like-entry with an id of a line: all about that person)",
        [
            *("audit", "entries", "--log-url", log_url, "--vkey", log_key, "--kind", "settlement"),
            *signed_by_auditor(parties),
        ],
    )
    regulator = parties.offices["regulator"]
    record = _some_record(plan)
    if record is not None:
        paper = regulator.with_name(_PAPER)
        write_whole(paper, _ORDER.encode("ascii"))
        order = ["registry", "order", record, "FREEZE", "--paper", shown(paper)]
        yield "the regulator freezes a record", [*order, *signed("regulator", regulator)]
    yield (
        "the adjudicator lists the open cases",
        [
            *("registry", "dispute", "list", "--state", "OPEN", "--purpose", "CASE"),
            *signed("adjudicator", parties.offices["adjudicator"]),
        ],
    )


def signed_by_auditor(parties: Parties) -> list[str]:
    """Return the options with which the auditor reads openings."""
    return ["--key", shown(parties.offices["auditor"]), "--key-id", "auditor-1", *_pinned(parties)]


def _pinned(parties: Parties) -> list[str]:
    return ["--registry-key", shown(parties.registry_public_key), "--registry-key-id", REGISTRY_KEY_ID]


def typed(words: Sequence[str]) -> str:
    """Write the command line for a shell, with the `clearline` that belongs to this Python."""
    beside = Path(sys.executable).with_name("clearline")
    return shlex.join([shown(beside) if beside.is_file() else "clearline", *words])


def shown(path: Path) -> str:
    """Write a path as a user would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _some_record(plan: Plan) -> str | None:
    """Return the last blocking record; the story took an early one."""
    with (plan.work / results_name(CARRIERS[-1])).open(encoding="utf-8", newline="") as file:
        blocking = [row["record_id"] for row in csv.DictReader(file) if row["verdict"] == Verdict.ACTIVE]
    return blocking[-1] if blocking else None
