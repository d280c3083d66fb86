"""The words for every code of a review of a grade, in Simplified Chinese and English: its name, and a sentence."""

from collections.abc import Mapping
from typing import Final

from gateway.counter.activation_words import ClerkWords, ForClerks
from gateway.counter.words import Language
from protocol.grades import ReviewOutcome, ReviewReason
from protocol.messages.grades import GradeReview

_Two = tuple[str, str]


def _said(*, zh: _Two, en: _Two) -> ForClerks:
    """Take name and sentence in each language."""
    return {Language.ZH: ClerkWords(*zh), Language.EN: ClerkWords(*en)}


def _named(*, zh: str, en: str) -> ForClerks:
    """Take the name of a ground in each language; the sentence is the same for all of them."""
    return _said(zh=(zh, f"申请人的理由：{zh}。"), en=(en, f"The applicant's ground: {en}."))


REVIEW_OUTCOMES: Final[Mapping[ReviewOutcome, ForClerks]] = {
    ReviewOutcome.CONFIRMED: _said(
        zh=("维持原结果", "已登记：复核后维持原结果。押金或预付费的办法不变。"),
        en=("it stands", "Noted: the decision stands. Offer the deposit or the prepaid service as before."),
    ),
    ReviewOutcome.LIFTED: _said(
        zh=(
            "取消限制",
            "已登记：复核后取消限制，可以按申请开通。上报时填写 ACTIVATED，原因 REVIEWED。",
        ),
        en=(
            "it was lifted",
            "Noted: the order may be done as asked. Report it as ACTIVATED, with the reason REVIEWED.",
        ),
    ),
}
REVIEW_REASONS: Final[Mapping[ReviewReason, ForClerks]] = {
    ReviewReason.FACT_WRONG: _named(zh="依据的情况有误", en="a fact is wrong"),
    ReviewReason.GOOD_RECORD_HERE: _named(zh="在本企业一直按时缴费", en="a good record at this carrier"),
    ReviewReason.HARDSHIP: _named(zh="生活困难", en="hardship"),
    ReviewReason.DEPOSIT_ELSEWHERE: _named(zh="已在别处交有押金", en="a deposit is held elsewhere"),
    ReviewReason.OTHER: _named(zh="其他", en="another one"),
}
_WRONG_FACT: Final[Mapping[Language, str]] = {
    Language.ZH: "如果是欠费记录有误，请为申请人提出异议。",
    Language.EN: "If a debt is wrong, file a dispute for the applicant.",
}
_LATE: Final[Mapping[Language, str]] = {
    Language.ZH: "本次复核超过了{due}的期限，已记录。",
    Language.EN: "The review came after {due}, its last day; this is noted.",
}


def review_texts(review: GradeReview, language: Language) -> dict[str, list[str]]:
    """Write the sentences for ``clerk``, who tells the applicant the outcome."""
    said = [REVIEW_OUTCOMES[review.outcome][language].clerk, REVIEW_REASONS[review.reason][language].clerk]
    if review.reason is ReviewReason.FACT_WRONG:
        said.append(_WRONG_FACT[language])
    if review.late:
        said.append(_LATE[language].format(due=review.due_on.isoformat()))
    return {"clerk": said}
