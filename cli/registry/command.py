"""`clearline registry`: found, migrate, serve and tend a registry, and admit participants."""

from typing import Final

import click

from cli.lazy import LazyGroup

_COMMANDS: Final = {
    "admit": ("cli.registry.participants:admit", "Admit a participant."),
    "archive": ("cli.registry.archive:archived", "Open a sealed record; it is logged."),
    "clock": ("cli.registry.clock:clock", "Show and confirm the time of the registry."),
    "collections": ("cli.registry.money:collections", "Read payments taken for others."),
    "custody": ("cli.registry.custody:custody", "Seal the secret files at rest."),
    "dispute": ("cli.registry.disputes:dispute", "Read and decide disputes."),
    "exit": ("cli.registry.participants:leave", "Let a participant go."),
    "init": ("cli.registry.found:init", "Found a registry, with keys and database."),
    "key": ("cli.registry.keys:key", "Look after the signing keys of members."),
    "log": ("cli.registry.log:log", "Look after the trees of the access log."),
    "migrate": ("cli.registry.found:migrate", "Bring the database to the newest schema."),
    "net-statements": ("cli.registry.money:net_statements", "Read the month between two carriers."),
    "order": ("cli.registry.archive:ordered", "Freeze, unfreeze or discharge a record."),
    "participants": ("cli.registry.participants:members", "List the participants."),
    "plans": ("cli.registry.oversight:plans", "Read plans of every creditor."),
    "rebuttal": ("cli.registry.disassociations:rebuttal", "Read and revoke household rebuttals."),
    "records": ("cli.registry.oversight:records", "Read records of every creditor."),
    "red-list": ("cli.registry.red_list:red_list", "Approve, revoke and read red-list entries."),
    "restore-check": ("cli.registry.restores:restore_check", "Find what a restored database lacks."),
    "restored": ("cli.registry.restores:restored", "Declare that the database was restored."),
    "reversals": ("cli.registry.money:reversals", "Read payments that came undone."),
    "rules": ("cli.registry.rules:rules", "Propose, approve and show the rules."),
    "serve": ("cli.registry.serve:serve", "Serve the HTTP interface until SIGTERM."),
    "settlements": ("cli.registry.oversight:settlements", "Read settlements of every creditor."),
    "tallies": ("cli.registry.tallies:tallies", "Read all custodians' tallies of a day."),
    "transfers": ("cli.registry.oversight:transfers", "Read transfers between any two."),
    "void": ("cli.registry.archive:voided", "Close a record of a stolen identity."),
    "webhook": ("cli.registry.webhooks:webhook", "Admit and show webhooks of members."),
    "witness": ("cli.registry.witnesses:witness", "Admit and remove witnesses."),
    "worker": ("cli.registry.serve:run_worker", "Run the registry's rounds until SIGTERM."),
}


@click.group(cls=LazyGroup, commands_at=_COMMANDS)
def registry() -> None:
    """Run the neutral register. Its operator can neither read nor enumerate identities.

    \b
    Typical order: init, serve, worker (beside it), admit once for each participant.
    """
