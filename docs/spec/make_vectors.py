"""Write the vectors that test another implementation: ``python -m docs.spec.make_vectors``."""

# ruff: noqa: INP001, T201, E501 (a script beside the pages it serves; it prints what it wrote; tables are wide)

import datetime as dt
import functools
import hashlib
import importlib.resources
import json
import pathlib
from typing import Final

from docs.spec import (
    account_vectors,
    activation_vectors,
    address_vectors,
    attestation_vectors,
    batch_vectors,
    ceremony_vectors,
    committee_vectors,
    context_vectors,
    deposit_vectors,
    evaluation_vectors,
    evidence_vectors,
    grade_review_vectors,
    grade_vectors,
    listing_vectors,
    opening_vectors,
    signature_vectors,
    statement_vectors,
    tally_vectors,
    tlog_vectors,
    token_vectors,
)
from protocol import characters, division_table, household, identifiers, numerals, strict_json
from protocol.address import canonical_address
from protocol.encodings import (
    AmountError,
    EncodingError,
    b64url_encode,
    canonical_json,
    format_time,
    oprf_input,
    parse_moment,
    parse_yuan,
)
from protocol.identifiers import DocumentKind, InvalidDocument, parse_document

FOLDER: Final = pathlib.Path(__file__).parent / "vectors"
TODAY: Final = dt.date(2026, 11, 21)

DOCUMENTS: Final = {
    DocumentKind.RESIDENT_ID: [
        "11010519491231002X", "440524188001010014", "810000199408230021", "830000199201300022", "22010219580406503X",
        "350102196707235424", "610104620927690", "610104196209276908", "11010519491231002x", " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ", "\t11010519491231002X", "15000019970319128X", "110105194912310021", "", " ",
        "1" * 15, "1" * 18, "1" * 65, "11010519491231", "110105-19491231-002X", "11010519491231002X\u0000",
        "\ufeff11010519491231002X", "160105194912310024", "110105194902310022", "110105202611220021", "110105202611210022",
        "610104621327690", "'11010519491231002X", '="11010519491231002X"', "\u001f11010519491231002X", "\u202d11010519491231002X\u202c", "110105\u200b19491231002X",
        "610104620927996", "610104620927999", "110105\u001f19491231002X",
    ],
    DocumentKind.FOREIGN_PR: ["911840198001010013", "911840198001010011", "USA110180010123", "usa 1101 8001 0123", "XYZ110180010123"],
    DocumentKind.HK_MACAO_PERMIT: ["H12345678", "h1234567802", "M12345678", "H123456780", "K12345678", "H00000000", "HA1234567", "ma1234567", "HA123456702", "HB1234567"],
    DocumentKind.TAIWAN_PERMIT: ["01234567", "0123456701", "0123456701(B)", "0123456701（b）", "0123456"],
    DocumentKind.PASSPORT: ["E12345678", "ea1234567", "141234567", "MA1234567", "123456789", "E00000000", "EI1234567", "EO1234567", "I12345678", "1O1234567"],
    DocumentKind.MILITARY_ID: ["军字第1234567号", "军1234567", "武警字第12345678号", "1234567", "軍字第1234567號",
        "军人1234567", "军队人1234567", "字1234567", "号1234567", "军号1234567", "第字1234567", "军字1234567", "军第1234567", "军第字1234567", "军123", "军123456789", "㐀1234567", "Ａ1234567"],
    DocumentKind.ENTERPRISE: ["91350100M000100Y43", " 91350100m000100y43", "91350100M000100Y44", "91350100M000100O43", "91990100M000100Y43",
        "91350203M0001ABC19", "91350203M0001ABC1X", "91350203M0001ABC29", "361121197911170046", "N2330100MF00000006",
        "91350100I000100Y43", "91350100M000100S43", "9135010AM000100Y43", "B1350100M000100Y43", "9A350100M000100Y43", "98350100M000100Y43",
    ],
}  # fmt: skip
FOREIGN_PASSPORTS: Final = [("DEU", "c01x00t47"), ("USA", "123456789"), ("USA", "ABCDEFGH"), ("XYZ", "123456789")]

REGISTERS: Final = [
    ("5301020000123", False), (" 530102 0000123", False), ("５３０１０２００００１２３", False), ("ab12345678", False),
    ("5301020000123", True), ("1234567", False), ("000000000", False), ("", False), ("5301-0200-0012", False),
    ("'5301020000123", False), ('="5301020000123"', False), ("123456789", False), ("987654321", False), ("5301020000000", False), ("5301021234567", False),
    ("12121212", False), ("12341234", False), ("5301XXXX0123", False), ("530102000012300000", False), ("530102000012300001", False), ("无", False), ("AB123456", False),
]  # fmt: skip
STREET: Final = "云南省昆明市五华区学府路12号"
ADDRESSES: Final = [
    *(STREET + flat for flat in (
        "7号楼2单元802室", "7栋2单元802", "7幢2单元802室", "7-2-802", "７号楼２单元８０２室", "七号楼二单元八〇二室",
        "七幢二单元八百零二", "七-二-八〇二", "7#2单元802", "7栋2-802", "7、2、802", "07栋02单元0802室", "7号楼2单元8层802室", "7栋802室", "7-802",
        "7栋1203-1", "1203-1", "802室", "7栋2单元802A", "B座1203", "甲座乙单元802", "8层02室", "8楼1802", "", "7栋2单元", "802号",
        "7栋2单元802室东侧", "7栋2单元802\u0000",
    )),
    *(start + "学府路12号7-2-802" for start in (
        "昆明市五华区", "云南昆明五华区", "五华区", "云南省 昆明市·五华区,", "昆明市", "云南省", "", "鼓楼区", "杭州市无此区", "北京",
    )),
    "北京市朝阳区建国路88号3-2-101", "北京市崇文区光明路8号3栋2单元101", "重庆市渝中区中山三路三号802", "昆山市人民路1号3-2-101",
    "大理州大理市人民路1号3-2-101", "昆明市学府路12-7-2-802", "昆明市学府路12-3", "昆明市学府路12-3-5号", "昆明市五四路1号802室",
    "昆明市五十四路1号802室", "昆明市潭头镇大王庙村三组十二号", "昆明市潭头镇大王庙村12号", "昆明市阳光小区12号",
    *(STREET + flat for flat in (
        "3栋-1层02室", "3栋−1层02室", "3栋-1楼102室", "3栋2单元-101室", "3栋-101", "-101室", "3栋-1-02", "-7-2-802", "-7-802", "-1-02", "3栋-1F02",
        "3栋地下一层02室", "3栋负1楼02室", "3栋B1层02室", "3栋B1楼02室", "B1楼02室", "3栋地下室02", "3栋0层02室", "3栋129层02室", "8楼802", "8层802",
        "208楼1201", "3楼2单元302", "3-2-11-1102号", "3栋2-11-1102", "3栋2单元11-1102", "3栋8层802-1", "7#楼(栋)2(单元)8(层)802(号)", "7栋2单元3**室",
        "7栋2单元3XX室", "7栋2单元30X室", "7栋2单元3□2室", "7栋2单元3○2室", "三栋八○二室", "三栋八〇二室", "三栋一百〇二室", "三栋五百十室", "7栋2单元3--室",
        "7栋2单元802-", "之一302室", "之1-302室", "12²栋802", "①栋802", "7-1,203", "7栋2单元9999室", "7栋2单元000室", "第7栋第2单元第8层802", "栋2单元802",
        "7栋无单元802", "7\u200b-2-802", "B1-802", "B1-02", "7栋B1-02", "8o2室",
    )),
    *("云南省昆明市五华区" + text for text in (
        "**路12号3栋302室", "○○路12号3栋302室", "〇〇路12号3栋302室", "??路12号3栋302室", "□□路12号3栋302室", "某路12号3栋302室", "路12号3栋302室", "学府路号3栋302室",
        "金都花园302室", "金都花园3楼302", "金都花园3栋302", "国贸大厦1203室", "万科・花园3栋302", "万科·花园3栋302", "万科●花园3栋302", "不详3栋302", "龴路12号3栋302室",
        "路12号3栋302室", "⻄⻓路12号3栋302室", "學府路12號７號樓２單元８０２室", "曹杨新邨3栋302", "五华区学府路12号7-2-802", "云南省医院7-2-802",
        "云南省昆明市五华区学府路12号7-2-802",
    )),
    *(start + "人民路1号2栋302" for start in (
        "中国，云南省，昆明市，", "650031 昆明市", "6500311昆明市", "河南省省直辖县级行政区划济源市", "重庆市县巫山县", "重庆市渝北区", "河北省雄安新区容城县", "大兴安岭地区加格达奇区",
        "广东省东莞市东莞市", "昆明市市辖区", "江北区", "桥东区", "公主岭市", "九台市", "北京北京市朝阳区", "红河州元阳县",
    )),
    "'云南省昆明市五华区学府路12号7-2-802", '="云南省昆明市五华区学府路12号7-2-802"',
    "昆明市曹杨路500弄12号802室", "昆明市𠮷祥路12号802室", "我住在东北一个美丽的小山村", "7号楼2单元802室",
]  # fmt: skip
NUMERALS: Final = [
    "七", "十", "十二", "二十一", "一百零三", "一百一十", "二千零三", "廿三", "卅一", "八〇二室", "八零二", "8〇2", "七2单元",
    "五四路", "五十四路", "中山三路", "二百五", "一千三", "百花路", "陆家嘴", "一百〇二", "五百十", "一百零", "零十",
    "8零2", "2七", "两千", "〇五", "八〇二~", "八〇二",
]  # fmt: skip

MOMENTS: Final = [
    "2026-11-21T08:00:00.000000Z",
    "1899-12-31T16:00:00.000000Z",
    "1899-12-31T15:59:59.999999Z",
    "2199-12-31T15:59:59.999999Z",
    "2199-12-31T16:00:00.000000Z",
    "9999-12-31T16:00:00.000000Z",
    "0001-01-01T00:00:00.000001Z",
    "2026-11-21T08:00:00Z",
    "2026-02-30T08:00:00.000000Z",
]
AMOUNTS: Final = [
    "12.30", "0.5", "100", "0", " 35.05\t", "1,234.50", "１２３．４５", "10000000000", "10000000000.01", "-35.00", "一百二十", "1e400",
    "12.345", "", "1_000", "٣", "007", ".5", "12.", "12,34", "¥12", "NaN",
]  # fmt: skip
BODIES: Final = [
    b'{"a":[1,true,null,"\xe4\xb8\x83"]}', b"9007199254740991", b"-9007199254740991", b'"\\ud83d\\ude00"', b'"\\\\ud800"',
    b"[" * 16 + b"]" * 16, b'"' + b"[" * 40 + b'"', b"[" * 17 + b"]" * 17, b"[" * 1000, b"", b"[1,]", b"NaN", b"-Infinity", b'"\x00"',
    b"\xef\xbb\xbf{}", b"\xff", b'"\xed\xa0\x80"', b'{"a":1,"a":1}', b'{"a":1,"\\u0061":2}', b"1.0", b"1e3", b"-0",
    b"9007199254740992", b"-9007199254740992", b"9223372036854775808", b"9" * 100, b'"\\u0000"', b'"\\ud800"', b'{"\\udc00":1}',
]  # fmt: skip


def documents() -> dict[str, object]:
    """Write identity documents: the typed text, and the canonical number with its OPRF input, or the refusal's code."""
    cases = [(kind, "CHN", text) for kind, texts in DOCUMENTS.items() for text in texts]
    cases += [(DocumentKind.PASSPORT, issuer, text) for issuer, text in FOREIGN_PASSPORTS]
    return {"today": TODAY.isoformat(), "cases": [_document(kind, issuer, text) for kind, issuer, text in cases]}


def _document(kind: DocumentKind, issuer: str, text: str) -> dict[str, object]:
    case: dict[str, object] = {"kind": kind.value, "issuer": issuer, "text": text}
    try:
        document = parse_document(kind, text, issuer=issuer, today=TODAY)
    except InvalidDocument as refusal:
        return case | {"refused": refusal.code.value}
    born = document.birth_date
    return case | {
        "number": document.number,
        "birth_date": None if born is None else born.isoformat(),
        "oprf_input_hex": identifiers.oprf_input(document).hex(),
    }


def households() -> dict[str, object]:
    """Write register numbers and addresses: the OPRF input, or null if there is no key."""
    return {
        "divisions_sha256": divisions_digest(),
        "characters_sha256": characters_digest(),
        "registers": [
            {
                "text": text,
                "collective": collective,
                "oprf_input_hex": _hex(household.household_register_input(text, collective=collective)),
            }
            for text, collective in REGISTERS
        ],
        "addresses": [_address(text) for text in ADDRESSES],
        "numerals": [{"text": text, "digits": numerals.to_digits(text)} for text in NUMERALS],
    }


def divisions_digest() -> str:
    """Compute the SHA-256 of the table of divisions, as its library ships it."""
    table = importlib.resources.files(division_table.TABLE_PACKAGE).joinpath(*division_table.TABLE_PATH)
    return hashlib.sha256(table.read_bytes()).hexdigest()


def characters_digest() -> str:
    """Compute the SHA-256 of the table of characters."""
    table = importlib.resources.files("protocol").joinpath(characters.TABLE_NAME)
    return hashlib.sha256(table.read_bytes()).hexdigest()


def _address(text: str) -> dict[str, object]:
    place = canonical_address(text)
    parts = None if place is None else {name: getattr(place, name) for name in place.__slots__}
    return {"text": text, "parts": parts, "oprf_input_hex": _hex(household.household_address_input(text))}


def _hex(raw: bytes | None) -> str | None:
    return None if raw is None else raw.hex()


def _moment(text: str) -> dict[str, object]:
    try:
        parse_moment(text)
    except EncodingError as refused:
        return {"text": text, "refused": refused.code.value}
    return {"text": text}


def encodings() -> dict[str, object]:
    """Write bytes, times, amounts, canonical JSON, OPRF inputs, and bodies for the strict JSON loader."""
    moments = [
        dt.datetime(2026, 11, 21, 16, tzinfo=dt.timezone(dt.timedelta(hours=8))),
        dt.datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=dt.UTC),
    ]
    values: list[object] = [
        {"b": [1, True, None], "a": "七"},
        {"Z": 1 - 2**53, "a": "😀\n"},
        [],
        "\x7f",
        "\x00\x1f/\u2028",
    ]
    inputs = [["t"], ["t", ""], ["t", "", ""], ["t", "七"], ["document", "RESIDENT_ID", "CHN", "11010519491231002X"]]
    return {
        "base64url": [{"hex": raw.hex(), "text": b64url_encode(raw)} for raw in (b"", b"\xff", b"\xfb\xff", bytes(32))],
        "base64url_refused": ["AB", "A", "AA==", "A A", "+/8"],
        "times": [{"iso": moment.isoformat(), "text": format_time(moment)} for moment in moments],
        "moments": [_moment(text) for text in MOMENTS],
        "amounts": [_amount(text) for text in AMOUNTS],
        "canonical_json": [{"value": value, "text": canonical_json(value).decode("utf-8")} for value in values],
        "oprf_inputs": [{"parts": parts, "hex": oprf_input(*parts).hex()} for parts in inputs],
        "strict_json": [_body(raw) for raw in BODIES],
    }


def _amount(text: str) -> dict[str, object]:
    try:
        return {"text": text, "fen": parse_yuan(text)}
    except AmountError as refusal:
        return {"text": text, "refused": refusal.code.value}


def _body(raw: bytes) -> dict[str, object]:
    case: dict[str, object] = {"body_base64url": b64url_encode(raw)}
    try:
        return case | {"value": strict_json.loads(raw, max_bytes=10_000)}
    except strict_json.StrictJsonError as refusal:
        return case | {"refused": refusal.code.value}


@functools.cache
def files() -> dict[str, bytes]:
    """Return every vector file's name and its exact bytes."""
    contents = {
        "identifiers.json": documents(),
        "accounts.json": account_vectors.content(),
        "household.json": households(),
        "encodings.json": encodings(),
        "tokens.json": token_vectors.content(),
        "evaluation.json": evaluation_vectors.content(),
        "committees.json": committee_vectors.content(),
        "record-batches.json": batch_vectors.content(),
        "listing.json": listing_vectors.content(),
        "inquiry-context.json": context_vectors.content(),
        "grades.json": grade_vectors.content(),
        "activations.json": activation_vectors.content(),
        "attestations.json": attestation_vectors.content(),
        "deposits.json": deposit_vectors.content(),
        "grade-reviews.json": grade_review_vectors.content(),
        "signatures.json": signature_vectors.content(),
        "statements.json": statement_vectors.content(),
        "tallies.json": tally_vectors.content(),
        "ceremonies.json": ceremony_vectors.content(),
        "evidence.json": evidence_vectors.content(),
        "transparency-log.json": tlog_vectors.content(),
        "openings.json": opening_vectors.content(),
    }
    written = {name: json.dumps(content, ensure_ascii=False, indent=1) + "\n" for name, content in contents.items()}
    # Write one line for each of thousands of cases.
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in address_vectors.cases())
    written["addresses.json"] = f'{{"cases": [\n{lines}\n]}}\n'
    return {name: text.encode() for name, text in written.items()}


def main() -> None:
    """Write all files."""
    for name, raw in files().items():
        (FOLDER / name).write_bytes(raw)
        print(f"{FOLDER / name}: {len(raw)} bytes")


if __name__ == "__main__":
    main()
