"""Reports that a server of the demonstration has ended, the command that restarts it, and that it answers again."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.demo.ceremony import Parties
from cli.demo.offices import shown, typed
from cli.demo.plan import Endpoint, Plan
from cli.demo.processes import Household, is_healthy
from cli.output import say

GATEWAY: Final = "gateway"
_PAUSE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of the demonstration: its owner, address and settings."""

    role: str
    endpoint: Endpoint
    config: Path

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words behind `clearline` that start it from any folder."""
        return self.role, "serve", "--config", str(self.config)

    @property
    def command(self) -> str:
        """Write the command line that starts it by hand, as a user would type it here."""
        return typed((*self.words[:-1], shown(self.config)))


class Watch:
    """The servers of one demonstration. If one ends, the others go on, so that a user can practise runbooks."""

    def __init__(self, servers: Household, known: Mapping[str, Server], tell: Callable[[str], None] = say) -> None:
        self._servers = servers
        self._known = known
        self._tell = tell
        self._gone: set[str] = set()
        self._again: set[str] = set()
        """Servers that the user started again; they are no children of ours, and are only asked for an answer."""

    def look(self) -> None:
        """Report the changes since the last look."""
        for child in self._servers.ended():
            if child.name in self._gone:
                if self._answers(child.name):
                    self._gone.remove(child.name)
                    self._again.add(child.name)
                    self._tell(f"{child.name} answers again.")
            elif child.name not in self._again:
                self._say_gone(child.name, f"{child.name} ended by itself (log: {shown(child.log)}).")
            elif not self._answers(child.name):
                self._again.remove(child.name)
                self._say_gone(child.name, f"{child.name}, which was started again, does not answer any more.")

    def _say_gone(self, name: str, what: str) -> None:
        self._gone.add(name)
        self._tell(f"{what} The others serve on. Start it again with\n  {self._known[name].command}")

    def _answers(self, name: str) -> bool:
        return is_healthy(self._known[name].endpoint.listen)


def known_servers(plan: Plan, parties: Parties) -> dict[str, Server]:
    """Return every server by its name, in the order of their start."""
    addresses = plan.addresses
    found = known_custodians(plan, parties)
    found["registry"] = Server(role="registry", endpoint=addresses.registry, config=parties.registry)
    for carrier, path in parties.carriers.items():
        found[f"{GATEWAY}-{carrier}"] = Server(role=GATEWAY, endpoint=addresses.gateways[carrier], config=path)
    return found


def known_custodians(plan: Plan, parties: Parties) -> dict[str, Server]:
    """Return the custodians' servers by their names."""
    return {
        each.name: Server(role="custodian", endpoint=each, config=parties.custodians[index])
        for index, each in plan.addresses.custodians.items()
    }


def watch(servers: Household, known: Mapping[str, Server]) -> None:
    """Watch until the user stops the demonstration, which raises an exception in the pause."""
    watching = Watch(servers, known)
    while True:
        watching.look()
        time.sleep(_PAUSE_SECONDS)
