"""Write the answer to a TMF679 check, anew or from what is kept of it: the same codes give the same answer."""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from gateway.bulk.applications import Checked
from gateway.counter.words import Language
from gateway.tmf.answers import (
    BASE_TYPE,
    ITEM_TYPE,
    AlternateProduct,
    AlternateProductOfferingProposal,
    Answered,
    AnsweredItem,
    CheckProductOfferingQualification,
    CheckProductOfferingQualificationItem,
    ClearlineQuote,
    ItemResult,
    Money,
    Price,
    ProductPrice,
    QualificationResult,
    QualifiedOffering,
    TaskState,
)
from gateway.tmf.bodies import CHECK_TYPE
from gateway.tmf.labels import reasons_of
from gateway.tmf.qualification import AskedItem, AskedQualification
from gateway.tmf.tables import TmfTables
from protocol.codes import DecisionCode
from protocol.messages.inquiries import Alternative

ROOT: Final = "/tmf-api/productOfferingQualification/v5/checkProductOfferingQualification"
_CNY: Final = "CNY"
_NUMBERED: Final = re.compile("[0-9]{1,3}")


def codes_of(asked: AskedQualification, checked: Sequence[Checked]) -> Answered:
    """Take from the decisions whatever is kept of an answer; ``checked`` is in the order of the items."""
    return Answered(
        with_alternatives=asked.with_alternatives,
        with_reasons=asked.with_reasons,
        items=tuple(
            _codes(item, place, decided)
            for place, (item, decided) in enumerate(zip(asked.items, checked, strict=True), start=1)
        ),
    )


def _codes(item: AskedItem, place: int, checked: Checked) -> AnsweredItem:
    answer = checked.answer
    return AnsweredItem(
        item=item.item_id if _NUMBERED.fullmatch(item.item_id) else str(place),
        offering=item.offering,
        inquiry=answer.inquiry_id,
        decision=answer.decision,
        decided_at=answer.decided_at,
        register=checked.household_register,
        address=checked.household_address,
        reasons=answer.reasons,
        remedies=answer.remedies,
        alternatives=answer.alternatives,
        valid_until=answer.valid_until,
    )


def first_answer(
    asked: AskedQualification, checked: Sequence[Checked], tables: TmfTables, language: Language
) -> CheckProductOfferingQualification:
    """Write the answer to the caller, with its own ids of items and with what is not kept."""
    return _answer(
        codes_of(asked, checked),
        tables,
        language,
        ids=[each.item_id for each in asked.items],
        quotes=[_quote(each) for each in checked],
        order_kept=all(each.order_kept for each in checked),
    )


def kept_answer(answered: Answered, tables: TmfTables, language: Language) -> CheckProductOfferingQualification:
    """Write the answer again from its codes."""
    ids = [each.item for each in answered.items]
    return _answer(answered, tables, language, ids=ids, quotes=[None] * len(ids), order_kept=None)


def _answer(
    answered: Answered,
    tables: TmfTables,
    language: Language,
    *,
    ids: Sequence[str],
    quotes: Sequence[ClearlineQuote | None],
    order_kept: bool | None,
) -> CheckProductOfferingQualification:
    items = tuple(
        _item(codes, answered, tables, language, item_id=item_id, quote=quote)
        for codes, item_id, quote in zip(answered.items, ids, quotes, strict=True)
    )
    ends = [each.valid_until for each in answered.items if each.valid_until is not None]
    answer_id = identify(answered)
    return CheckProductOfferingQualification(
        type_=CHECK_TYPE,
        base_type=BASE_TYPE,
        id=answer_id,
        href=f"{ROOT}/{answer_id}",
        state=TaskState.DONE,
        qualificationResult=_result([each.qualificationItemResult for each in items]),
        effectiveQualificationDate=max(each.decided_at for each in answered.items),
        provideAlternative=answered.with_alternatives,
        provideResultReason=answered.with_reasons,
        checkProductOfferingQualificationItem=items,
        expirationDate=min(ends) if len(ends) == len(items) else None,
        clearlineOrderKept=order_kept,
    )


def identify(answered: Answered) -> UUID:
    """Return the id of an answer: the inquiry of its first item."""
    return answered.items[0].inquiry


def _item(
    codes: AnsweredItem,
    answered: Answered,
    tables: TmfTables,
    language: Language,
    *,
    item_id: str,
    quote: ClearlineQuote | None,
) -> CheckProductOfferingQualificationItem:
    proposals = _proposals(codes, tables)
    return CheckProductOfferingQualificationItem(
        type_=ITEM_TYPE,
        id=item_id,
        action="add",
        productOffering=_offering(codes.offering),
        state=TaskState.DONE,
        qualificationItemResult=_item_result(codes.decision, proposals),
        clearlineDecision=codes.decision,
        clearlineInquiry=codes.inquiry,
        eligibilityResultReason=reasons_of(codes, language) if answered.with_reasons else (),
        alternateProductOfferingProposal=proposals if answered.with_alternatives else (),
        clearlineQuote=quote,
    )


def _result(results: Sequence[ItemResult]) -> QualificationResult:
    if set(results) == {ItemResult.QUALIFIED}:
        return QualificationResult.GREEN
    return QualificationResult.YELLOW if ItemResult.ALTERNATE in results else QualificationResult.RED


def _item_result(decision: DecisionCode, proposals: Sequence[AlternateProductOfferingProposal]) -> ItemResult:
    """An alternate is one that the carrier has an offering for, whether the caller wants to see it or not."""
    if decision is DecisionCode.ALLOW:
        return ItemResult.QUALIFIED
    return ItemResult.ALTERNATE if proposals else ItemResult.UNQUALIFIED


def _proposals(codes: AnsweredItem, tables: TmfTables) -> tuple[AlternateProductOfferingProposal, ...]:
    service_class = tables.offerings.get(codes.offering)
    if service_class is None:  # the table has changed since
        return ()
    named = [(each, tables.offering(each.kind, service_class)) for each in codes.alternatives]
    return tuple(
        AlternateProductOfferingProposal(
            type_="AlternateProductOfferingProposal",
            id=str(place),
            alternateProductOffering=_offering(offering),
            alternateProduct=_deposit(each),
        )
        for place, (each, offering) in enumerate(((each, name) for each, name in named if name), start=1)
    )


def _deposit(alternative: Alternative) -> AlternateProduct | None:
    if alternative.amount_fen is None:
        return None
    price = Price(type_="Price", taxIncludedAmount=_money(alternative.amount_fen))
    return AlternateProduct(
        type_="Product", productPrice=(ProductPrice(type_="ProductPrice", priceType="deposit", price=price),)
    )


def _offering(offering: str) -> QualifiedOffering:
    return QualifiedOffering(type_="ProductOfferingRef", id=offering)


def _money(fen: int) -> Money:
    return Money(unit=_CNY, value=fen)


def _quote(checked: Checked) -> ClearlineQuote | None:
    quote = checked.answer.quote
    if quote is None:
        return None
    return ClearlineQuote(reference=quote.reference, amount=_money(quote.total_fen), validUntil=quote.valid_until)
