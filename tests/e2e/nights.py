"""A small demonstration for runbooks, and the commands of a page, run where the page says who runs them."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.demo.ceremony import make_parties
from cli.demo.launch import running
from cli.demo.plan import CARRIERS, Plan, Sample, loopback_addresses
from cli.demo.processes import ROOT
from cli.demo.watching import known_servers
from tests.e2e.running import MAPPINGS, System, run_here, serving_alone

RUNBOOKS = ROOT / "docs" / "runbooks"
EACH = "custodian-each"
"""Each custodian runs it."""
_BLOCK = re.compile(r"^( *)```sh ([a-z0-9-]+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Commands of a page, and who runs them."""

    who: str
    commands: str

    def lines(self) -> list["Block"]:
        """Each command by itself."""
        joined = re.sub(r"\\\n *", "", self.commands)
        return [Block(who=self.who, commands=line) for line in joined.splitlines()]


@dataclass
class Night:
    """A demonstration on which a person follows a page; ``said`` replaces what the page leaves to be filled in."""

    system: System
    said: dict[str, str]

    @property
    def var(self) -> Path:
        return self.system.plan.var

    def do(self, block: Block, *, fails: bool = False) -> str:
        """Run a block's commands one after another as they stand; what they printed."""
        folders = [each.name for each in sorted(self.var.glob("custodian-?"))] if block.who == EACH else [block.who]
        return "".join(self._line(folder, each.commands, fails=fails) for folder in folders for each in block.lines())

    def do_until(self, block: Block, said: str, *, within: float = 30) -> str:
        """Repeat a block that only looks until it says what the page promises; what it said in the end."""
        deadline, found = time.monotonic() + within, self.do(block)
        while said not in found and time.monotonic() < deadline:
            time.sleep(0.3)
            found = self.do(block)
        assert said in found
        return found

    def run(self, folder: str, *words: str, stdin: str = "", fails: bool = False) -> str:
        """Run one `clearline` command in a party's folder, in this process; what it printed."""
        done = run_here(self.var / folder, *words, stdin=stdin)
        assert (done.returncode != 0) == fails, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def stop(self, name: str) -> None:
        """End a server as SIGTERM does, and wait for it."""
        process = self.system.servers.child(name).process
        process.terminate()
        process.wait(30)

    def start(self, name: str, folder: str | None = None) -> None:
        """Start a server with the settings of its folder, or of another one."""
        server = known_servers(self.system.plan, self.system.parties)[name]
        config = server.config if folder is None else self.var / folder / server.config.name
        child = self.system.servers.start(name, [*server.words[:-1], str(config)])
        self.system.servers.wait_healthy(child, server.endpoint.local_url)

    def restart(self, name: str) -> None:
        """End a server and start it again."""
        self.stop(name)
        self.start(name)

    def processes(self, name: str) -> list[int]:
        """A server and its workers."""
        parent = self.system.servers.child(name).process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [parent, *map(int, children)]

    def _line(self, folder: str, line: str, *, fails: bool) -> str:
        text = line
        for word, meant in self.said.items():
            whole = re.escape(word) if word == "YEAR" else rf"(?<![\w./-]){re.escape(word)}(?![\w.-])"
            text = re.sub(whole, lambda _, meant=meant: meant, text)
        words = shlex.split(text)
        if words[0] == "clearline" and not set(words) & {"|", "||", ">", "<"}:
            return self.run(folder, *words[1:], fails=fails)
        done = subprocess.run(
            ["/bin/sh", "-ec", text],
            cwd=self.var / folder,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


def blocks(page: str, heading: str | None = None) -> list[Block]:
    """The blocks of commands below a heading of a page, or of the whole page, in their order."""
    part = (RUNBOOKS / page).read_text(encoding="utf-8")
    if heading is not None:
        _, found, rest = part.partition(f"\n## {heading}\n")
        assert found, f"{page} has no part {heading}"
        part = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return [
        Block(who=each[2], commands=re.sub(rf"^{each[1]}", "", each[3], flags=re.MULTILINE))
        for each in _BLOCK.finditer(part)
    ]


def printed(output: str, name: str) -> str:
    """What a command printed under a name."""
    [found] = re.findall(rf"^{name} +(\S.*)$", output, re.MULTILINE)
    return found


@contextmanager
def a_night(folder: Path, *, serving: Collection[str] = CARRIERS) -> Iterator[Night]:
    """Three custodians, the registry and the local services of some carriers on loopback, and nobody listed yet."""
    plan = Plan(
        var=folder,
        out=folder / "out",
        sample=Sample(folder=folder, mappings=MAPPINGS),
        addresses=loopback_addresses(relayed=False),
        capture=None,
    )
    parties = make_parties(folder, plan.addresses)
    with running(plan, serving_alone(parties, serving)) as servers:
        yield Night(System(plan=plan, parties=parties, servers=servers), _said(plan))


def _said(plan: Plan) -> dict[str, str]:
    return {
        "https://registry.example": plan.addresses.registry.public_url,
        "registry.pub": str(plan.var / "registry.pub"),
    }
