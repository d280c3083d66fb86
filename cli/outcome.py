"""End a command: with an exit code, and with one line for a refusal or failure."""

import re
from enum import IntEnum
from typing import Final

import click

from cli.masking import without_numbers
from protocol.problems import Problem, Refusal

_TYPED: Final = re.compile(r"^(['\"]).*\1 is not ", re.DOTALL)
_LATER: Final = frozenset({Problem.UNAVAILABLE, Problem.CLOCK_NOT_TRUSTED})
REFUSED: Final = frozenset(
    {
        "ceremony.errors.CeremonyRefused",
        "crypto.errors.CryptoRefusal",
        "custodian.carrier_keys.KeyChangeRefused",
        "custodian.ceremonies.errors.CeremonyHalted",
        "custodian.committee_share.ShareMalformed",
        "custodian.ledger.LedgerUnusable",
        "custodian.share.ShareFileBad",
        "custodian.share_book.ShareExists",
        "custodian.share_book.ShareMissing",
        "client.errors.ClientError",
        "registry.domain.clock.ClockWordRefused",
        "registry.domain.log_faults.LogFault",
        "registry.keyfile.KeyFileRefused",
        "registry.store.errors.DatabaseUrlRefused",
        "serving.passphrase.PassphraseRefused",
        "serving.settings.SettingsError",
    }
)
"""Errors whose text is one line without personal data. By name: a process loads its own role alone."""
OUT_OF_REACH: Final = frozenset(
    {
        "gateway.errors.CustodiansUnavailable",
        "auditlog.errors.LogUnreachable",
        "client.errors.RegistryUnreachable",
        "registry.store.errors.DatabaseUnreachable",
    }
)


class ExitCode(IntEnum):
    """The exit codes that scripts may rely on."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNAVAILABLE = 3


class Failure(Exception):
    """The command failed; the message is the whole line that its user sees."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code


def judge(error: Exception) -> Failure:
    """Return the line and the exit code for the error that ended a command; the line holds no identity number."""
    code = ExitCode.FAILED
    if isinstance(error, Failure):
        code, message = error.code, str(error)
    elif isinstance(error, click.UsageError):
        code, message = ExitCode.USAGE, _usage(error)
    elif isinstance(error, click.ClickException):
        message = error.format_message()
    elif _is_one_of(error, OUT_OF_REACH):
        code, message = ExitCode.UNAVAILABLE, str(error)
    elif isinstance(error, Refusal):
        code = ExitCode.UNAVAILABLE if error.problem in _LATER else ExitCode.FAILED
        fields = "".join(f" [{name}: {what}]" for name, what in sorted(error.fields.items()))
        message = f"refused: {error}{fields}"
    elif _is_one_of(error, REFUSED):
        message = str(error)
    elif isinstance(error, OSError):
        message = f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}"
    else:
        # Its text may hold anything, a person's number included: the type is enough to find it under --debug.
        message = f"unexpected {type(error).__name__}; `clearline --debug ...` shows where"
    return Failure(without_numbers(" ".join(message.split())), code)


def _is_one_of(error: Exception, names: frozenset[str]) -> bool:
    return any(f"{each.__module__}.{each.__qualname__}" in names for each in type(error).__mro__)


def _usage(error: click.UsageError) -> str:
    if error.message.startswith("Got unexpected extra argument"):
        # The typed text is not repeated: it may be a number that does not belong on a command line.
        return "unexpected argument; identity numbers come from a file or standard input, never from the command line"
    if isinstance(error, click.MissingParameter):
        return error.format_message()
    return _option_of(error) + _TYPED.sub("a value is not ", error.message)


def _option_of(error: click.UsageError) -> str:
    """Name the option of a value that is wrong; an argument's own name tells nobody anything."""
    option = error.param if isinstance(error, click.BadParameter) else None
    return f"{option.opts[0]}: " if isinstance(option, click.Option) else ""
