"""The problem types of the HTTP interface (RFC 9457): one table, stable for ever."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Final, NamedTuple

URN: Final = "urn:clearline:problem:"


class ProblemType(NamedTuple):
    """A kind of refusal: its HTTP status, its stable name and its fixed, input-free title."""

    status: int
    name: str
    title: str

    @property
    def urn(self) -> str:
        return URN + self.name


class Problem(Enum):
    """Every refusal that a server of ours can give."""

    MALFORMED_BODY = ProblemType(400, "malformed-body", "The body is not acceptable.")
    BAD_REQUEST = ProblemType(400, "bad-request", "The request is not well formed.")
    IDEMPOTENCY_KEY_MISSING = ProblemType(400, "idempotency-key-missing", "This operation needs an Idempotency-Key.")
    SIGNATURE_MISSING = ProblemType(401, "signature-missing", "The request carries no signature.")
    SIGNATURE_INVALID = ProblemType(401, "signature-invalid", "The signature does not verify.")
    SIGNATURE_STALE = ProblemType(401, "signature-stale", "The signature is too old or from the future.")
    SIGNATURE_REPLAYED = ProblemType(401, "signature-replayed", "This signature was used before.")
    KEY_UNKNOWN = ProblemType(401, "key-unknown", "The signing key is unknown or revoked.")
    DIGEST_MISMATCH = ProblemType(401, "digest-mismatch", "The body does not match its signed digest.")
    TOKEN_MISSING = ProblemType(401, "token-missing", "The request carries no token of a local caller.")
    TOKEN_UNKNOWN = ProblemType(401, "token-unknown", "The token is not one of this service's callers.")
    ROLE_MISSING = ProblemType(403, "role-missing", "The participant may not do this.")
    SCOPE_MISSING = ProblemType(403, "scope-missing", "The caller's token does not open this route.")
    NOT_THE_CREDITOR = ProblemType(403, "not-the-creditor", "Only the reporting creditor may change this record.")
    NOT_A_PARTY = ProblemType(403, "not-a-party", "The sender takes no part in this ceremony.")
    NOT_FOUND = ProblemType(404, "not-found", "There is no such resource.")
    ORDER_UNKNOWN = ProblemType(404, "order-unknown", "No decision on this order is kept here.")
    METHOD_NOT_ALLOWED = ProblemType(405, "method-not-allowed", "The resource does not take this method.")
    NOT_ACCEPTABLE = ProblemType(406, "not-acceptable", "None of the accepted media types can be given.")
    IN_FLIGHT = ProblemType(409, "in-flight", "The same request is being processed.")
    EDGE_NOT_ALLOWED = ProblemType(409, "edge-not-allowed", "The present state does not allow this.")
    ALREADY_REPORTED = ProblemType(
        409, "already-reported", "This revision of the order's part was reported with another content."
    )
    NOT_A_DEPOSIT = ProblemType(409, "not-a-deposit", "This report of an activation holds no deposit.")
    DEPOSIT_RETURNED = ProblemType(409, "deposit-returned", "Nothing is left of this deposit.")
    ITEM_DISPUTED = ProblemType(
        409, "item-disputed", "A debt of this customer is disputed: nothing is kept of the deposit until that is over."
    )
    RECHECK_OVER = ProblemType(409, "recheck-over", "This inquiry is not checked again: ask anew.")
    RECORD_TRANSFERRED = ProblemType(409, "record-transferred", "The debt has another creditor by now.")
    ALREADY_EXISTS = ProblemType(409, "already-exists", "Such a resource exists already.")
    COMMITTEE_NOT_NEXT = ProblemType(
        409, "committee-not-next", "The ceremony does not go on from the last committee of its epoch."
    )
    COMMITTEE_UNPROVEN = ProblemType(
        409, "committee-unproven", "A dealer made the shares that this ceremony goes on from: no committee is logged."
    )
    HEAD_UNKNOWN = ProblemType(409, "head-unknown", "This log has no such head.")
    RECEIPT_PENDING = ProblemType(409, "receipt-pending", "The receipt cannot be given yet; ask again.")
    INCARNATION_DIFFERS = ProblemType(
        409, "incarnation-differs", "This belongs to another incarnation of the registry."
    )
    LOG_REFUSED = ProblemType(409, "log-refused", "The log takes no entries now, so that no receipt can be promised.")
    VERSION_STALE = ProblemType(412, "version-stale", "The resource has changed since it was read.")
    BODY_TOO_LARGE = ProblemType(413, "body-too-large", "The body exceeds the limit.")
    MEDIA_TYPE = ProblemType(415, "media-type", "The body's media type or encoding is not supported.")
    INVALID_FIELD = ProblemType(422, "invalid-field", "A field is missing, unknown or outside its bounds.")
    EPOCH_UNKNOWN = ProblemType(422, "epoch-unknown", "The key epoch of the tokens is not served.")
    COMMITTEE_UNKNOWN = ProblemType(422, "committee-unknown", "No share of this committee is served here.")
    CEREMONY_INVALID = ProblemType(422, "ceremony-invalid", "The transcript proves no committee.")
    PARTY_UNKNOWN = ProblemType(
        422,
        "party-unknown",
        "A party of the ceremony is no custodian here, or signs with another key than the admitted.",
    )
    KEY_DIFFERS = ProblemType(422, "key-differs", "The committee shares another key than that of its epoch.")
    CONTEXT_REQUIRED = ProblemType(
        422, "context-required", "From today on an inquiry, or an office's reading, needs its context."
    )
    STATEMENT_INVALID = ProblemType(422, "statement-invalid", "The signed statement does not match the request.")
    NOT_IN_FULL = ProblemType(422, "not-in-full", "The settlement does not cover what was owed on its day.")
    IDEMPOTENCY_KEY_REUSED = ProblemType(
        422, "idempotency-key-reused", "The Idempotency-Key was used with another body."
    )
    TOO_MANY_MALFORMED_ROWS = ProblemType(
        422, "too-many-malformed-rows", "Too many rows one after the other are malformed."
    )
    TOKEN_INVALID = ProblemType(422, "token-invalid", "The decision token is not one of this registry, or was altered.")
    TOKEN_OTHER_ORDER = ProblemType(
        422, "token-other-order", "The decision token is for another order, or another service."
    )
    TOKEN_EXPIRED = ProblemType(
        422, "token-expired", "The time to report on this decision is over: report the order as unchecked."
    )
    SECOND_PERSON_MISSING = ProblemType(
        422, "second-person-missing", "An override, or a lifted grade, names the clerk and the person who approved it."
    )
    SAME_PERSON = ProblemType(422, "same-person", "The clerk cannot approve an act of its own.")
    NOT_GRADED = ProblemType(422, "not-graded", "No grade made this decision: there is nothing to review.")
    TOKEN_FOREIGN = ProblemType(403, "token-foreign", "The decision token is another participant's.")
    SERVICE_NOT_ENDED = ProblemType(
        422, "service-not-ended", "Bills are set off against a deposit once the service has ended."
    )
    MORE_THAN_LEFT = ProblemType(422, "more-than-left", "This is more than is left of the deposit.")
    BAD_ELEMENT = ProblemType(422, "bad-element", "A group element is not canonical or is the identity.")
    QUOTA_EXCEEDED = ProblemType(429, "quota-exceeded", "The participant's quota is used up.")
    INTERNAL = ProblemType(500, "internal", "The server failed; nothing was changed.")
    NOT_OFFERED = ProblemType(501, "not-offered", "The registry is of a release that does not offer this yet.")
    NOT_SERVED = ProblemType(501, "not-served", "This gateway does not serve this operation.")
    UNAVAILABLE = ProblemType(503, "unavailable", "The service cannot answer now; try again.")
    KEY_CHANGED = ProblemType(
        503,
        "key-changed",
        "The custodians' key may not be the pinned one: nothing is tokenised until a person has looked.",
    )
    CLOCK_NOT_TRUSTED = ProblemType(503, "clock-not-trusted", "The registry's clock is in doubt; try again later.")
    TOO_MANY_BATCHES = ProblemType(503, "too-many-batches", "As many batches run as may run at a time; try again.")


class FieldCode(StrEnum):
    """The fault of a message's member; the last two are a custodian's, as its released vectors spell them."""

    REQUIRED = "required"
    NULL = "null"
    INVALID = "invalid"
    UNKNOWN_FIELD = "unknown-field"
    WRONG_TYPE = "wrong-type"
    OUT_OF_RANGE = "out-of-range"
    NOT_BASE64URL = "not-base64url"
    ABOVE_THE_RULES = "above-the-rules"
    BEFORE_THE_DECISION = "before-the-decision"
    BEFORE_THE_DEPOSIT = "before-the-deposit"
    BEFORE_THE_DUE_DATE = "before-the-due-date"
    BEFORE_THE_SEAL = "before-the-seal"
    BELOW_MINIMUM = "below-minimum"
    DAY_NOT_OVER = "day-not-over"
    DAY_TOO_LONG_AGO = "day-too-long-ago"
    FIRST_BIN_MISSING = "first-bin-missing"
    FIRST_TOO_LATE = "first-too-late"
    GOES_WITH_A_BILL = "goes-with-a-bill"
    HAS_A_HOUSEHOLD = "has-a-household"
    HAS_NO_HOUSEHOLD = "has-no-household"
    IN_THE_FUTURE = "in-the-future"
    IN_THE_PAST = "in-the-past"
    KEY_KNOWN = "key-known"
    LAST_TOO_LATE = "last-too-late"
    LEAVES_NO_ALTERNATIVE = "leaves-no-alternative"
    LEAVES_NO_SERVICE = "leaves-no-service"
    LESS_THAN_OWED = "less-than-owed"
    MALFORMED = "malformed"
    MORE_THAN_HELD = "more-than-held"
    MUST_BE_TRUE = "must-be-true"
    NOTHING_WEIGHS = "nothing-weighs"
    NOTICE_TOO_SHORT = "notice-too-short"
    NOT_AFTER_ANSWER = "not-after-answer"
    NOT_AFTER_TODAY = "not-after-today"
    NOT_A_DOCUMENT = "not-a-document"
    NOT_A_REPORTER = "not-a-reporter"
    NOT_A_WEEKDAY = "not-a-weekday"
    NOT_A_WEEKEND = "not-a-weekend"
    NOT_BEFORE_THE_SEAL = "not-before-the-seal"
    NOT_BEFORE_ANSWER = "not-before-answer"
    NOT_BELOW_MINIMUM_PRINCIPAL = "not-below-minimum-principal"
    NOT_EVERY_PART_ONCE = "not-every-part-once"
    NOT_GRADE_C = "not-grade-c"
    NOT_HTTPS = "not-https"
    NOT_MONOTONE = "not-monotone"
    NOT_OF_THIS_TRANSFER = "not-of-this-transfer"
    NOT_OVER = "not-over"
    NOT_THE_LATEST = "not-the-latest"
    NOT_THE_PROPOSAL = "not-the-proposal"
    NOT_TODAY = "not-today"
    NOT_AS_SENT = "not-as-sent"
    NO_SUCH_SHARE = "no-such-share"
    OUT_OF_ORDER = "out-of-order"
    PLAN_BEATS_PAYMENT = "plan-beats-payment"
    PRIVATE_ADDRESS = "private-address"
    REASON_MISSING = "reason-missing"
    REPEATED = "repeated"
    RESERVED = "reserved"
    TEXT_MISSING = "text-missing"
    THE_SENDER_ITSELF = "the-sender-itself"
    TOO_FAR_AHEAD = "too-far-ahead"
    TOO_LARGE = "too-large"
    TOO_LONG_AGO = "too-long-ago"
    TOO_MANY = "too-many"
    TOO_MANY_RECORDS = "too-many-records"
    UNKNOWN = "unknown"
    UNKNOWN_TEXT = "unknown-text"
    UNUSABLE_KEY = "unusable-key"
    WITHIN_REVERSAL_DAYS = "within-reversal-days"
    NOT_1_TO_1000_ELEMENTS = "NOT_1_TO_1000_ELEMENTS"
    NOT_A_POSITIVE_INTEGER = "NOT_A_POSITIVE_INTEGER"


OF_THE_LOCAL_SERVICE: Final = frozenset(
    {
        Problem.TOKEN_MISSING,
        Problem.TOKEN_UNKNOWN,
        Problem.SCOPE_MISSING,
        Problem.ORDER_UNKNOWN,
        Problem.NOT_OFFERED,
        Problem.NOT_SERVED,
        Problem.KEY_CHANGED,
    }
)
"""Refusals that a gateway gives to its own carrier's programs, and no other server to anybody."""
OF_A_CUSTODIAN: Final = frozenset({Problem.COMMITTEE_UNKNOWN})
"""Refusals that a custodian gives, and no other server."""


class Refusal(Exception):
    """A request refused for a stable reason.

    ``fields`` maps a field's path to a stable code of its fault; ``detail`` is ours and never
    repeats input. ``figures`` are members of the document that a program acts on: numbers of the sender's own, and
    the participant that it has to turn to.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        detail: str | None = None,
        fields: dict[str, str] | None = None,
        figures: Mapping[str, int | str] | None = None,
    ) -> None:
        super().__init__(problem.value.name if detail is None else f"{problem.value.name}: {detail}")
        self.problem = problem
        self.detail = detail
        self.fields = fields or {}
        self.figures = figures or {}

    def to_wire(self) -> dict[str, object]:
        """Write the ``application/problem+json`` document (RFC 9457 section 3)."""
        kind = self.problem.value
        document: dict[str, object] = {"type": kind.urn, "title": kind.title, "status": kind.status}
        if self.detail is not None:
            document["detail"] = self.detail
        document |= self.figures
        if self.fields:
            document["errors"] = [{"field": name, "code": code} for name, code in sorted(self.fields.items())]
        return document
