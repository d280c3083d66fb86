"""The sandbox's fixed identities: one for each decision that an activation system meets, and what is owed by whom.

The numbers never change between releases. They are of a county that there is not (119999), so that nobody has them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.identity.documents import HOME_ISSUER, RawIdentity
from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ReasonCode, ServiceClass
from protocol.identifiers import DocumentCode, DocumentKind

ASKER: Final = "carrier-b"
"""The carrier whose activation system is tried out."""
_REGISTER: Final = "1199990000017"
_HOME: Final = "北京市朝阳区试验路1号1号楼1单元101室"
_PREPAID: Final = (AlternativeKind.PREPAID_ONLY,)


class Act(StrEnum):
    """The act that follows the reports, when the identities are brought to their start."""

    NOTHING = "NOTHING"
    PAID = "PAID"
    PLANNED = "PLANNED"
    DISPUTED = "DISPUTED"
    STOLEN = "STOLEN"
    """A dispute over a stolen identity, which an adjudicator decided for its victim."""
    RED_LISTED = "RED_LISTED"


class Way(StrEnum):
    """The step after which a re-check is answered ALLOW."""

    NOTHING = "NOTHING"
    COLLECT = "COLLECT"
    SETTLE = "SETTLE"
    REBUT = "REBUT"
    MEND = "MEND"
    """The document is read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """A debt as its creditor reports it, by days before the start; ``of``: another person of the same home."""

    creditor: str
    service_class: ServiceClass = ServiceClass.MOBILE
    principal_fen: int
    past_due_days: int = 200
    noticed_days: int = 150
    of: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An identity, what it asks for, and the answer of ``/check`` at its start."""

    name: str
    kind: DocumentKind = DocumentKind.RESIDENT_ID
    number: str = field(repr=False)
    issuer: str = HOME_ISSUER
    household_register: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    service_class: ServiceClass = ServiceClass.MOBILE
    debts: tuple[Debt, ...] = ()
    act: Act = Act.NOTHING
    decision: DecisionCode | None
    """None: the gateway refuses the document, for ``fault``."""
    reasons: tuple[ReasonCode, ...] = ()
    alternatives: tuple[AlternativeKind, ...] = ()
    fault: DocumentCode | None = None
    way: Way = Way.NOTHING
    en: str
    zh: str

    def raw(self, of: str | None = None) -> RawIdentity:
        """Return the identity, or another person of its home, as a carrier's own systems know it."""
        return RawIdentity(
            kind=self.kind,
            number=of or self.number,
            issuer=self.issuer,
            household_register=self.household_register,
            address=self.address,
        )

    def account(self, debt: Debt) -> str:
        """Return the creditor's account number of one of the debts."""
        return f"SANDBOX-{self.name.upper()}-{self.debts.index(debt) + 1}"


_PAY: Final = DecisionCode.PAY_FIRST
_ALLOW: Final = DecisionCode.ALLOW
_OWN: Final = (ReasonCode.OWN_ARREARS,)
_NONE: Final = (ReasonCode.NO_ARREARS,)
IDENTITIES: Final = (
    Identity(
        name="clear",
        number="119999199001010012",
        decision=_ALLOW,
        reasons=_NONE,
        en="owes nothing",
        zh="没有欠费",
    ),
    Identity(
        name="owes",
        number="119999199001010020",
        debts=(Debt(creditor="carrier-a", principal_fen=358_00),),
        decision=_PAY,
        reasons=_OWN,
        alternatives=_PREPAID,
        way=Way.COLLECT,
        en="owes another carrier",
        zh="欠另一家运营商的费用",
    ),
    Identity(
        name="owes-two",
        number="119999199001010039",
        debts=(Debt(creditor="carrier-a", principal_fen=120_00), Debt(creditor="carrier-c", principal_fen=240_00)),
        decision=_PAY,
        reasons=_OWN,
        alternatives=_PREPAID,
        way=Way.COLLECT,
        en="owes two other carriers, both in one quote",
        zh="欠另外两家运营商的费用，合在一张报价里",
    ),
    Identity(
        name="owes-you",
        number="119999199001010047",
        debts=(Debt(creditor=ASKER, principal_fen=180_00),),
        decision=_PAY,
        reasons=_OWN,
        alternatives=_PREPAID,
        way=Way.SETTLE,
        en="owes the carrier that asks",
        zh="欠本公司（查询方）的费用",
    ),
    Identity(
        name="owes-iptv",
        number="119999199001010055",
        service_class=ServiceClass.IPTV,
        debts=(Debt(creditor="carrier-c", service_class=ServiceClass.BROADBAND, principal_fen=450_00),),
        decision=_PAY,
        reasons=_OWN,
        way=Way.COLLECT,
        en="owes, and asks for a service that has no prepaid form: no alternatives",
        zh="有欠费，所办业务没有预付费形式：没有其他办法",
    ),
    Identity(
        name="passport",
        kind=DocumentKind.PASSPORT,
        number="CLR000017",
        issuer="UNO",
        debts=(Debt(creditor="carrier-a", principal_fen=200_00),),
        decision=_PAY,
        reasons=_OWN,
        alternatives=_PREPAID,
        way=Way.COLLECT,
        en="owes, and shows a passport: `issuer` names the state",
        zh="有欠费，出示护照：`issuer` 写签发国",
    ),
    Identity(
        name="firm",
        kind=DocumentKind.ENTERPRISE,
        number="91119999000000019N",
        debts=(Debt(creditor="carrier-a", principal_fen=1_500_00),),
        decision=_PAY,
        reasons=_OWN,
        alternatives=_PREPAID,
        way=Way.COLLECT,
        en="a firm that owes",
        zh="有欠费的企业",
    ),
    Identity(
        name="red-listed",
        kind=DocumentKind.ENTERPRISE,
        number="91119999000000027H",
        debts=(Debt(creditor="carrier-a", principal_fen=2_000_00),),
        act=Act.RED_LISTED,
        decision=_ALLOW,
        reasons=(ReasonCode.OWN_ARREARS, ReasonCode.RED_LIST),
        en="a hospital on the red list: it owes, and is served",
        zh="红名单上的医院：有欠费，仍可办理",
    ),
    Identity(
        name="household",
        number="119999199001010063",
        household_register=_REGISTER,
        debts=(Debt(creditor="carrier-a", principal_fen=300_00, of="119999199001010071"),),
        decision=DecisionCode.REVIEW,
        reasons=(ReasonCode.HOUSEHOLD_ARREARS,),
        alternatives=(AlternativeKind.PREPAID_ONLY, AlternativeKind.DEPOSIT),
        way=Way.REBUT,
        en="somebody else of the home owes: a hint, no refusal",
        zh="同户的人有欠费：只是提示，不是拒绝",
    ),
    Identity(
        name="household-fixed",
        number="11999919900101008X",
        address=_HOME,
        service_class=ServiceClass.BROADBAND,
        debts=(
            Debt(
                creditor="carrier-c",
                service_class=ServiceClass.BROADBAND,
                principal_fen=600_00,
                of="119999199001010098",
            ),
        ),
        decision=_PAY,
        reasons=(ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS,),
        alternatives=_PREPAID,
        way=Way.COLLECT,
        en="somebody else of the home owes for a fixed line, and a fixed line is asked for",
        zh="同户的人欠固定业务费用，现在又办固定业务",
    ),
    Identity(
        name="victim",
        number="119999199001010100",
        debts=(Debt(creditor="carrier-a", principal_fen=900_00),),
        act=Act.STOLEN,
        decision=DecisionCode.VERIFY_ID,
        reasons=(ReasonCode.VICTIM_MARKER,),
        en="the identity was stolen once: verify its bearer in person",
        zh="身份曾被盗用：须当面核验",
    ),
    Identity(
        name="disputed",
        number="119999199001010119",
        debts=(Debt(creditor="carrier-a", principal_fen=410_00),),
        act=Act.DISPUTED,
        decision=_ALLOW,
        reasons=_NONE,
        en="disputes the debt, which blocks nobody meanwhile",
        zh="对欠费有异议，期间不受限制",
    ),
    Identity(
        name="paid",
        number="119999199001010127",
        debts=(Debt(creditor="carrier-a", principal_fen=260_00),),
        act=Act.PAID,
        decision=_ALLOW,
        reasons=_NONE,
        en="paid just now",
        zh="刚刚结清",
    ),
    Identity(
        name="instalments",
        number="119999199001010135",
        debts=(Debt(creditor="carrier-a", principal_fen=780_00),),
        act=Act.PLANNED,
        decision=_ALLOW,
        reasons=_NONE,
        en="pays by instalments, which are in time",
        zh="按约分期还款",
    ),
    Identity(
        name="announced",
        number="119999199001010143",
        debts=(Debt(creditor="carrier-a", principal_fen=330_00, past_due_days=120, noticed_days=2),),
        decision=_ALLOW,
        reasons=_NONE,
        en="owes, and was told two days ago: nothing blocks within 30 days of the notice",
        zh="有欠费，两天前才通知：通知后 30 天内不受限制",
    ),
    Identity(
        name="misread",
        number="119999199001010013",
        decision=None,
        fault=DocumentCode.BAD_CHECK_DIGIT,
        way=Way.MEND,
        en="a number with a wrong check digit",
        zh="校验码有误的号码",
    ),
    Identity(
        name="misread-state",
        kind=DocumentKind.PASSPORT,
        number="CLR000025",
        issuer="XYZ",
        decision=None,
        fault=DocumentCode.UNKNOWN_ISSUER,
        way=Way.MEND,
        en="a passport of a state that there is not",
        zh="签发国代码有误的护照",
    ),
)
FRESH_DAYS: Final = 20
"""So long after its start every identity is answered as it says: ``announced`` blocks 28 days after it."""
