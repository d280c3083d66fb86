"""The commands of `clearline`, one for each role: where it stands, and its line in `clearline --help`."""

from typing import Final

ROLES: Final = {
    "audit": ("cli.audit.command:audit", "Check the transparency log as an outsider."),
    "ceremony": ("cli.ceremony:ceremony", "Deal shares, for demonstrations alone."),
    "custodian": ("cli.custodian.command:custodian", "Hold one share of the key."),
    "demo": ("cli.demo.command:demo", "Run the whole system on this machine."),
    "gateway": ("cli.gateway.command:gateway", "Work on a carrier's own side."),
    "grade": ("cli.grade.command:grade", "Judge scorecards by orders of the past."),
    "keys": ("cli.keys:keys", "Make key files."),
    "openapi": ("cli.openapi:openapi", "Print the registry's HTTP interface."),
    "registry": ("cli.registry.command:registry", "Run the neutral register."),
}
