"""Name the repositories of a transaction; each is built when the transaction first uses it."""

from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.engine import Connection

from registry.store.accounts import Accounts
from registry.store.activations import Activations
from registry.store.archive import Archive
from registry.store.arrivals import Arrivals
from registry.store.attestations import Attestations
from registry.store.batches import Batches
from registry.store.ceremonies import Ceremonies
from registry.store.clearances import Clearances
from registry.store.clock import Clock
from registry.store.collected import Collected
from registry.store.credit_terms import CreditTerms
from registry.store.creditor_terms import CreditorTerms
from registry.store.deposits import Deposits
from registry.store.disassociations import Disassociations
from registry.store.disputes import Disputes
from registry.store.due_work import DueWork
from registry.store.epochs import Epochs
from registry.store.events import Events
from registry.store.evidence import Evidence
from registry.store.grade_reviews import GradeReviews
from registry.store.handle_keys import HandleKeys
from registry.store.households import Households
from registry.store.idempotency import Idempotency
from registry.store.idle_subjects import IdleSubjects
from registry.store.inquiries import Inquiries
from registry.store.inquiry_hits import InquiryHits
from registry.store.log.naming import Naming
from registry.store.log.openings import Openings
from registry.store.log.pending import Pending
from registry.store.log.personal import Personal
from registry.store.log.trees import Trees
from registry.store.log.witnesses import Witnesses
from registry.store.papers import Papers
from registry.store.participants import Participants
from registry.store.partitions import Partitions
from registry.store.people import People
from registry.store.plans import Plans
from registry.store.quotes import Quotes
from registry.store.rechecks import Rechecks
from registry.store.record_pages import RecordPages
from registry.store.record_rows import RecordRows
from registry.store.records import Records
from registry.store.red_list import RedList
from registry.store.repository import Repository
from registry.store.requests import Requests
from registry.store.restores import Restores
from registry.store.retention import Retention
from registry.store.reversals import Reversals
from registry.store.rounds import Rounds
from registry.store.rules import Rules
from registry.store.settlements import Settlements
from registry.store.statements import Statements
from registry.store.subjects import Subjects
from registry.store.take_outs import TakeOuts
from registry.store.tallies import Tallies
from registry.store.transfers import Transfers
from registry.store.transitions import Transitions
from registry.store.upkeep import Upkeep
from registry.store.victim_markers import VictimMarkers
from registry.store.webhooks import Webhooks
from registry.store.weighing import Weighing

R = TypeVar("R", bound=Repository)


class _Used(Generic[R]):
    """A repository that is built at its first use; from then on the transaction has it under its name.

    Not ``cached_property``, which takes a lock on Python 3.11: that costs more than to build a repository.
    """

    def __init__(self, build: Callable[[Connection], R]) -> None:
        self._build = build

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, transaction: "Repositories", owner: type) -> R:
        repository = transaction.__dict__[self._name] = self._build(transaction.connection)
        return repository


class Repositories:
    """The repositories on one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    accounts = _Used(Accounts)
    activations = _Used(Activations)
    archive = _Used(Archive)
    arrivals = _Used(Arrivals)
    attestations = _Used(Attestations)
    batches = _Used(Batches)
    ceremonies = _Used(Ceremonies)
    clearances = _Used(Clearances)
    clock = _Used(Clock)
    collected = _Used(Collected)
    credit_terms = _Used(CreditTerms)
    creditor_terms = _Used(CreditorTerms)
    deposits = _Used(Deposits)
    disassociations = _Used(Disassociations)
    disputes = _Used(Disputes)
    due_work = _Used(DueWork)
    epochs = _Used(Epochs)
    events = _Used(Events)
    evidence = _Used(Evidence)
    grade_reviews = _Used(GradeReviews)
    handle_keys = _Used(HandleKeys)
    households = _Used(Households)
    idempotency = _Used(Idempotency)
    idle_subjects = _Used(IdleSubjects)
    inquiries = _Used(Inquiries)
    inquiry_hits = _Used(InquiryHits)
    naming = _Used(Naming)
    openings = _Used(Openings)
    papers = _Used(Papers)
    participants = _Used(Participants)
    partitions = _Used(Partitions)
    pending = _Used(Pending)
    people = _Used(People)
    personal = _Used(Personal)
    plans = _Used(Plans)
    quotes = _Used(Quotes)
    rechecks = _Used(Rechecks)
    record_pages = _Used(RecordPages)
    record_rows = _Used(RecordRows)
    records = _Used(Records)
    red_list = _Used(RedList)
    requests = _Used(Requests)
    restores = _Used(Restores)
    retention = _Used(Retention)
    reversals = _Used(Reversals)
    rounds = _Used(Rounds)
    rules = _Used(Rules)
    settlements = _Used(Settlements)
    statements = _Used(Statements)
    subjects = _Used(Subjects)
    take_outs = _Used(TakeOuts)
    tallies = _Used(Tallies)
    transfers = _Used(Transfers)
    transitions = _Used(Transitions)
    trees = _Used(Trees)
    upkeep = _Used(Upkeep)
    victim_markers = _Used(VictimMarkers)
    webhooks = _Used(Webhooks)
    weighing = _Used(Weighing)
    witnesses = _Used(Witnesses)
