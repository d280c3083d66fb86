"""The closed vocabularies of the wire format; a value that is not here is refused."""

from enum import StrEnum
from typing import Final


class ServiceClass(StrEnum):
    """The service of a line: fixed-line services weigh a household's arrears, mobile ones do not."""

    MOBILE = "MOBILE"
    FIXED_VOICE = "FIXED_VOICE"
    BROADBAND = "BROADBAND"
    IPTV = "IPTV"

    @property
    def is_fixed_line(self) -> bool:
        return self is not ServiceClass.MOBILE


class Category(StrEnum):
    """The creditor's reason for an unpaid bill; only the first four are listable."""

    MALICIOUS = "MALICIOUS"
    UNABLE = "UNABLE"
    MISSED_CYCLE = "MISSED_CYCLE"
    ENTERPRISE = "ENTERPRISE"
    OPEN_DISPUTE = "OPEN_DISPUTE"
    CARRIER_CAUSED = "CARRIER_CAUSED"
    STOLEN_IDENTITY = "STOLEN_IDENTITY"
    SP_FEE = "SP_FEE"


class NoticeChannel(StrEnum):
    """The channel of the notice to the debtor; each leaves a trace that the creditor can show."""

    SMS = "SMS"
    REGISTERED_MAIL = "REGISTERED_MAIL"
    VISIT = "VISIT"
    CALL_FROM_OTHER_NUMBER = "CALL_FROM_OTHER_NUMBER"
    EMAIL = "EMAIL"
    APP = "APP"


class Verdict(StrEnum):
    """The outcome of one reported row."""

    ACTIVE = "ACTIVE"
    PENDING = "PENDING"
    DUPLICATE = "DUPLICATE"
    UPDATED = "UPDATED"
    WITHDRAWN = "WITHDRAWN"
    """The row shows that the open record on its account must not stand: the record left the list."""
    REJ_INVALID_DOCUMENT = "REJ_INVALID_DOCUMENT"
    REJ_INVALID_AMOUNT = "REJ_INVALID_AMOUNT"
    REJ_INVALID_DATE = "REJ_INVALID_DATE"
    REJ_BELOW_MINIMUM = "REJ_BELOW_MINIMUM"
    REJ_TOO_RECENT = "REJ_TOO_RECENT"
    REJ_TIME_BARRED = "REJ_TIME_BARRED"
    REJ_NO_NOTICE = "REJ_NO_NOTICE"
    REJ_NO_EVIDENCE = "REJ_NO_EVIDENCE"
    REJ_OPEN_DISPUTE = "REJ_OPEN_DISPUTE"
    REJ_CARRIER_CAUSED = "REJ_CARRIER_CAUSED"
    REJ_STOLEN_IDENTITY = "REJ_STOLEN_IDENTITY"
    REJ_SP_FEE = "REJ_SP_FEE"
    REJ_MINOR = "REJ_MINOR"
    REJ_ACCOUNT_IN_USE = "REJ_ACCOUNT_IN_USE"
    """Another person has an open record on this account, over an earlier debt."""
    REJ_ACCOUNT_REPEATED = "REJ_ACCOUNT_REPEATED"
    """An earlier row of the same file speaks of this account, with other figures."""
    REJ_ACCOUNT_UNREADABLE = "REJ_ACCOUNT_UNREADABLE"
    """The account number has no canonical form: a spreadsheet rounded it, for one."""
    REJ_TOO_MANY_RECORDS = "REJ_TOO_MANY_RECORDS"
    """The creditor has as many records of this person or firm as one creditor may have."""
    REJ_WITHDRAWAL_HELD = "REJ_WITHDRAWAL_HELD"
    """The row would take a record out, beyond the day's bound: a second key of the creditor has to confirm first."""
    REJ_MALFORMED_ROW = "REJ_MALFORMED_ROW"
    """A malformed row: unknown field, wrong type, a value outside its vocabulary."""


class DecisionCode(StrEnum):
    """The answer to an inquiry; never "no service at all"."""

    ALLOW = "ALLOW"
    DEPOSIT = "DEPOSIT"
    PREPAID_ONLY = "PREPAID_ONLY"
    REVIEW = "REVIEW"
    VERIFY_ID = "VERIFY_ID"
    PAY_FIRST = "PAY_FIRST"


class ReasonCode(StrEnum):
    """The reasons for a decision."""

    NO_ARREARS = "NO_ARREARS"
    OWN_ARREARS = "OWN_ARREARS"
    HOUSEHOLD_FIXED_LINE_ARREARS = "HOUSEHOLD_FIXED_LINE_ARREARS"
    HOUSEHOLD_ARREARS = "HOUSEHOLD_ARREARS"
    RED_LIST = "RED_LIST"
    """It follows the arrears that it waives, and never replaces them."""
    VICTIM_MARKER = "VICTIM_MARKER"
    """The identity was stolen once: its bearer is verified in person."""
    LOW_GRADE = "LOW_GRADE"
    """Nothing is owed; the grade asks for a deposit, or for a prepaid line."""


class Remedy(StrEnum):
    """The applicant's possible next steps."""

    NONE_NEEDED = "NONE_NEEDED"
    PAY_QUOTE = "PAY_QUOTE"
    DISPUTE_RECORD = "DISPUTE_RECORD"
    REBUT_HOUSEHOLD = "REBUT_HOUSEHOLD"
    VERIFY_AT_COUNTER = "VERIFY_AT_COUNTER"
    PAY_DEPOSIT = "PAY_DEPOSIT"
    TAKE_PREPAID = "TAKE_PREPAID"
    ASK_REVIEW = "ASK_REVIEW"
    """A person of the carrier looks at the grade."""


class SettlementKind(StrEnum):
    """The ways in which a debt, or a part of it, ends."""

    FULL = "FULL"
    PARTIAL = "PARTIAL"
    WAIVER = "WAIVER"
    COLLECTED = "COLLECTED"
    """In full, at another carrier's counter; never ordered by the creditor itself."""


ORDERED_KINDS: Final = (SettlementKind.FULL, SettlementKind.PARTIAL, SettlementKind.WAIVER)
"""The kinds that a creditor may order. Only the collector reports a collection."""


class CollectionAnswer(StrEnum):
    """The creditor's answer to money that another carrier's counter took for it."""

    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"


class CollectionRefusal(StrEnum):
    """The creditor's reason to refuse a collection; the debtor still holds the collector's receipt."""

    MONEY_NOT_RECEIVED = "MONEY_NOT_RECEIVED"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"


class ReversalReason(StrEnum):
    """The reasons for which a reported payment came undone."""

    PAYMENT_BOUNCED = "PAYMENT_BOUNCED"
    CHARGEBACK = "CHARGEBACK"
    FRAUDULENT_PAYMENT = "FRAUDULENT_PAYMENT"
    BOOKED_IN_ERROR = "BOOKED_IN_ERROR"


class Role(StrEnum):
    """The roles of participants; a participant may hold several."""

    REPORTER = "REPORTER"
    INQUIRER = "INQUIRER"
    AUDITOR = "AUDITOR"
    OPERATOR = "OPERATOR"
    REGULATOR = "REGULATOR"
    ADJUDICATOR = "ADJUDICATOR"
    CUSTODIAN = "CUSTODIAN"
    """Holds a share of the key and says how much it evaluated; it reads nothing of anybody."""


class EvidenceDocument(StrEnum):
    """The documents of a record's evidence."""

    BILL = "BILL"
    NOTICE = "NOTICE"
    CONTRACT = "CONTRACT"


class ConfirmationOutcome(StrEnum):
    """The outcome of a creditor's confirmation that a record is still unpaid."""

    CONFIRMED = "CONFIRMED"
    NOT_PENDING = "NOT_PENDING"
    """It blocks already or is closed: there is nothing to confirm."""
    NOT_FOUND = "NOT_FOUND"


class RedListGround(StrEnum):
    """The grounds on which an organisation is served despite its arrears."""

    EMERGENCY_SERVICE = "EMERGENCY_SERVICE"
    HOSPITAL = "HOSPITAL"
    SCHOOL = "SCHOOL"
    GOVERNMENT = "GOVERNMENT"
    UTILITY = "UTILITY"
    COURT_ORDER = "COURT_ORDER"


class RebuttalGround(StrEnum):
    """The grounds on which a subject is not a member of a household."""

    NEVER_LIVED_THERE = "NEVER_LIVED_THERE"
    MOVED_AWAY = "MOVED_AWAY"
    SEPARATE_HOUSEHOLD = "SEPARATE_HOUSEHOLD"
    """The household is shared by name only: a flat that is let by the room, a register of strangers."""


class WithdrawalReason(StrEnum):
    """The creditor's reason to withdraw a record, which never should have blocked or no longer should."""

    REPORTED_IN_ERROR = "REPORTED_IN_ERROR"
    WRONG_SUBJECT = "WRONG_SUBJECT"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    CREDITOR_DECISION = "CREDITOR_DECISION"
    NOT_IN_EXPORT = "NOT_IN_EXPORT"
    """The creditor's newest export does not have its account: many at once, within the day's bound on take-outs."""


class TransferGround(StrEnum):
    """The grounds on which a debt changes its creditor."""

    SALE = "SALE"
    MERGER = "MERGER"


class TransferOutcome(StrEnum):
    """The outcome of a transfer's acceptance, or of its undoing, for one of its records."""

    TRANSFERRED = "TRANSFERRED"
    NOT_ACTIVE = "NOT_ACTIVE"
    """Paid, disputed, under a plan or otherwise no longer plainly owed: it stays with the seller."""
    NOT_TAKEN = "NOT_TAKEN"
    """The buyer named no account for it."""
    ACCOUNT_OPEN = "ACCOUNT_OPEN"
    """The buyer has an open record of the same debtor on that account."""
    DEBT_KNOWN = "DEBT_KNOWN"
    """The buyer had a record with the same due date on that account once."""
    ACCOUNT_GONE = "ACCOUNT_GONE"
    """In an undoing: the seller's record, which has the account, has left the list."""


class DisputeGround(StrEnum):
    """The subject's ground for disputing a record."""

    NOT_MY_DEBT = "NOT_MY_DEBT"
    ALREADY_PAID = "ALREADY_PAID"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    NO_NOTICE = "NO_NOTICE"
    IDENTITY_THEFT = "IDENTITY_THEFT"


class DisputeAnswer(StrEnum):
    """The creditor's answer to a dispute: it concedes, or it stands by the record for a reason."""

    CONCEDED = "CONCEDED"
    CONTRACT_SHOWN = "CONTRACT_SHOWN"
    PAYMENT_NOT_RECEIVED = "PAYMENT_NOT_RECEIVED"
    AMOUNT_CONFIRMED = "AMOUNT_CONFIRMED"
    NOTICE_SHOWN = "NOTICE_SHOWN"
    IDENTITY_CHECKED = "IDENTITY_CHECKED"


class DisputeOutcome(StrEnum):
    """The ends of a dispute."""

    UPHELD = "UPHELD"
    """An adjudicator found that the debt stands."""
    WITHDRAWN = "WITHDRAWN"
    """The creditor conceded or stayed silent, or an adjudicator found that the debt does not stand."""
    VOIDED = "VOIDED"
    """An adjudicator found that the identity was stolen."""
    SETTLED = "SETTLED"
    """The debt was settled meanwhile."""
    EXPIRED = "EXPIRED"
    """The record reached the end of its time first."""
    ANSWERED_LATE = "ANSWERED_LATE"
    """The suspended record was answered after all and blocks again; the subject may file anew."""
    DISCHARGED = "DISCHARGED"
    """A court discharged the debt first."""
    REPLACED = "REPLACED"
    """A case that stops enforcement was filed meanwhile; this ground was not judged and may be filed again."""


class DisputeDecision(StrEnum):
    """The decisions of an adjudicator."""

    UPHOLD = "UPHOLD"
    WITHDRAW = "WITHDRAW"
    VOID = "VOID"
    STOP = "STOP"
    """It does not end the case: a record that still blocks while the case is heard stops blocking."""
