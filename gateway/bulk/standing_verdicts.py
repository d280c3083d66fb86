"""Write the lines of a file of verdicts on attestations, with the words for each in English and in Chinese."""

from collections.abc import Mapping
from typing import Final

from gateway.bulk.standing_rows import FaultyStanding
from gateway.bulk.verdict_words import Cause
from protocol.attestations import AttestationVerdict
from protocol.messages.attestations import AttestationRowVerdict

HEADER: Final = ("row", "account", "verdict", "attestation_id", "until", "field", "code", "cause", "cause_zh")
CAUSES: Final[Mapping[AttestationVerdict, Cause]] = {
    AttestationVerdict.ACCEPTED: Cause(
        en="Attested until the day before `until`; keep attestation_id: events name the attestation by it.",
        zh="已登记，有效至 until 前一日；请保存 attestation_id，事件以其指称该证明。",
    ),
    AttestationVerdict.DUPLICATE: Cause(en="This was attested before, and stands.", zh="该证明此前已登记，仍然有效。"),
    AttestationVerdict.REPLACED: Cause(
        en="Attested anew; the former one no longer counts.", zh="已更新，原证明不再有效。"
    ),
    AttestationVerdict.ATT_NO_CONSENT: Cause(
        en="No consent holds: it is over, not yet given, was withdrawn, or its text is not in the rules' catalogue. "
        "Ask the customer anew, or leave the row out.",
        zh="同意无效：已到期、尚未作出、已被撤回，或文本不在规则目录内。请重新征得客户同意，或删除该行。",
    ),
    AttestationVerdict.ATT_CONSENT_TOO_LONG: Cause(
        en="The consent is for longer than the rules allow; agree on an earlier day with the customer.",
        zh="同意期限超过规则上限，请与客户约定更短期限。",
    ),
    AttestationVerdict.ATT_CONTRADICTED: Cause(
        en="A record of this carrier about the same person was due within the span. If it is wrong, withdraw it first.",
        zh="本企业登记的该用户欠费到期日在证明期间之内；如登记有误，请先撤回。",
    ),
    AttestationVerdict.ATT_NOT_ALLOWED: Cause(
        en="The rules in force allow no attestations.", zh="现行规则不允许登记按时缴费证明。"
    ),
    AttestationVerdict.REJ_MALFORMED_ROW: Cause(
        en="A cell is missing or cannot be read; `field` and `code` name it.",
        zh="有单元格缺失或无法识别，见 field 与 code 列。",
    ),
}


def faulty_line(row: int, label: str, fault: FaultyStanding) -> tuple[str, ...]:
    """Write the line of a row that never left."""
    return _line(row, label, AttestationVerdict.REJ_MALFORMED_ROW, "", "", fault.field, fault.code)


def told_line(row: int, label: str, told: AttestationRowVerdict) -> tuple[str, ...]:
    """Write the registry's verdict on a row."""
    attestation_id = "" if told.attestation_id is None else str(told.attestation_id)
    until = "" if told.until is None else told.until.isoformat()
    field, code = next(((each.field, each.code) for each in told.errors), ("", ""))
    return _line(row, label, told.verdict, attestation_id, until, field, code)


def _line(row: int, label: str, verdict: AttestationVerdict, *told: str) -> tuple[str, ...]:
    cause = CAUSES[verdict]
    return (str(row), label, verdict.value, *told, cause.en, cause.zh)
