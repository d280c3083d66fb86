"""Writes vectors of thousands of addresses, from a grammar of people's spellings: each has its parts, or null."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves; tables are wide)

import random
from collections.abc import Sequence
from typing import Final, TypeVar

from protocol.address import canonical_address
from protocol.division_table import Entry, division_table, entries, is_placeholder, table_lines

COUNT: Final = 4_000
SEED: Final = "clearline vectors: addresses"
CHANCES: Final = {"front": 0.1, "filler": 0.12, "noise": 0.15, "tail": 0.03, "twice": 0.12, "old": 0.1, "usual": 0.75}

T = TypeVar("T")

FRONTS: Final = [
    "中国", "中华人民共和国", "650031 ", "(650031)", "邮编650031", "中国,650031,", "'", "\u200b", "6500311",
]  # fmt: skip
FILLERS: Final = [
    " ", "-", "·", "市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "直辖", "雄安新区",
]  # fmt: skip
ROADS: Final = [
    "学府路", "五一路", "五十四路", "中山三路", "學府路", "长安街", "人民大道", "三里巷", "南京路", "栋梁路",
    "路南街", "学府 路", "万寿路", "𠮷祥路", "قەشقەر路", "路", "大道",
]  # fmt: skip
NUMBERS: Final = [
    "12号", "十二号", "１２号", "012号", "12-1号", "甲6号", "12号之一", "12号之1", "附3号", "12号附1号", "12", "12-",
    "号", "12号院", "B5号", "二〇〇号", "12号大院", "#号", "12#",
]  # fmt: skip
ESTATES: Final = [
    "阳光小区", "万科·花园", "万科・花园", "金都花园一期", "曹杨新村", "曹杨新邨", "国贸大厦", "教工大楼", "EXPO公寓",
    "XX小区", "某小区", "东门", "星座家园", "B区", "望京花園四区", "幸福里 ", "小区", "花园", "大院3号院",
]  # fmt: skip
VILLAGES: Final = [
    "潭头镇大王庙村3组", "潭头镇大王庙村三组", "新街乡3村", "红旗生产队", "小李屯", "潭头镇曹杨新村",
    "大王乡小李村上屯", "村",
]  # fmt: skip
LANES: Final = [
    "漕溪北路1200弄", "漕溪北路1200弄3支弄", "曹杨路500弄",
]  # fmt: skip
BUILDINGS: Final = [
    "7栋", "7幢", "7座", "7号楼", "7#", "7#楼", "七号楼", "第7栋", "07栋", "B座", "B楼", "甲座", "7楼", "208楼",
    "208号楼", "7栋楼", "7#楼(栋)", "7(栋)", "B1栋", "栋", "7-栋", "77777栋", "0栋", "AB12栋", "7号栋", "5楼",
]  # fmt: skip
UNITS: Final = [
    "2单元", "2门", "二单元", "第2单元", "乙单元", "02单元", "(2单元)", "单元", "东单元", "-2单元", "2(单元)",
    "12单元", "无单元",
]  # fmt: skip
FLOORS: Final = [
    "8层", "8楼", "八层", "第8层", "08层", "-8层", "B1层", "B1楼", "地下一层", "地下1楼", "负一层", "负2楼", "地下室",
    "地下", "0层", "128层", "129层", "200层", "-1楼", "8F", "1F", "层",
]  # fmt: skip
ROOMS: Final = [
    "802室", "802", "八〇二室", "八百零二", "一百〇二室", "五百十室", "02室", "2室", "0802室", "802号", "802房",
    "802房间", "802号房", "802户", "1203-1", "1203-1室", "802A", "A802", "302A室", "-802室", "-802", "8 02", "1802",
    "12", "802#", "000", "9999室", "999室", "B102室", "802室东侧", "负101室", "30X室", "3**室", "8.02", "1,203",
    "A室", "七2", "第802室", "室", "8o2",
]  # fmt: skip
CHAINS: Final = [
    "7-2-802", "7-802", "7-2", "2-802", "2-11-1102", "3-2-11-1102", "3-2-11-1102号", "12-7-2-802", "12-7-8-802",
    "7-2-1203-1", "1203-1", "7、2、802", "7/2/802", "7 2 802", "7—2—802", "七-二-八〇二", "七 二 八百零二室",
    "A-1203", "B1-802", "B1-02", "B1-101", "B1-2-802", "-7-2-802", "-7-802", "-1-02", "-1-101室", "7-8层802",
    "7--802", "7-2-802号", "7-802号", "12-3-5号", "12-3#", "7-2-802-1-3", "7-2-8F", "3-1F02", "7-0-802", "2-802-1",
    "120-802", "1-2-3-4", "7-2,802", "7,2,802", "7-2-802室",
]  # fmt: skip
SIGNS: Final = [
    "*", "?", "？", "□", "●", "○", "〇", "_", "…", "..", "##", "XX", "×", "※", "�", "～", "—", "--", "·", "、", "，",
    " ", "　", "\t", "\u200b", "(", ")", "【", "#", "-", "一", "零", "①", "²", "某", "口口", "々", "ー", "A", "5",
    "号", "室", "楼", "\u0301", "\ue81e", "⻓", "\x07", "·", "之",
]  # fmt: skip
TAILS: Final = [
    "东侧", "(已搬)", " ", "。", "-", "号", "室",
]  # fmt: skip
# Simplified and traditional forms, beyond the structural characters.
TRADITIONAL: Final = str.maketrans(
    "云区单楼层号东门广县乡镇园苑栋华万与会学国庆龙龟贵兰门辽宁",
    "雲區單樓層號東門廣縣鄉鎮園苑棟華萬與會學國慶龍龜貴蘭門遼寧",
)
WIDE: Final = str.maketrans("0123456789ABF-#", "０１２３４５６７８９ＡＢＦ－＃")


class Writer:
    """A writer of addresses: each draw of the generator is one of ``random()``, so that any Python agrees."""

    def __init__(self, seed: str) -> None:
        self._rng = random.Random(seed)  # noqa: S311 (vectors are to be the same again)
        self._entries = [each for each in entries(table_lines()) if not is_placeholder(each.name)]
        self._table = division_table()

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._rng.random() * len(choices))]

    def happens(self, chance: float) -> bool:
        return self._rng.random() < chance

    def address(self) -> str:
        front = self.pick(FRONTS) if self.happens(CHANCES["front"]) else ""
        text = front + self.division() + self.pick((self.street, self.estate, self.village))()
        if self.happens(CHANCES["tail"]):
            text += self.pick(TAILS)
        text = self.noisy(text) if self.happens(CHANCES["noise"]) else text
        style = int(self._rng.random() * 8)
        return text.translate({6: WIDE, 7: TRADITIONAL}.get(style, {}))

    def division(self) -> str:
        entry = self.pick(self._entries)
        while not entry.current and not self.happens(CHANCES["old"]):
            entry = self.pick(self._entries)
        names = [self._written(entry, length) for length in (2, 4, 6) if length <= len(entry.code)]
        if self.happens(CHANCES["twice"]):
            place = int(self._rng.random() * len(names))
            names[place] += names[place]
        if self.happens(CHANCES["twice"]):
            names = names + names
        between = self.pick(FILLERS) if self.happens(CHANCES["filler"]) else ""
        return between.join(each for each in names if each)

    def _written(self, entry: Entry, length: int) -> str:
        name = entry.name if length == len(entry.code) else self._table.name_of.get(entry.code[:length], "")
        others = sorted(self._table.spellings_of.get(entry.code[:length], {""}))
        return self.pick((name, name, name, self.pick(others), "" if length < len(entry.code) else name))

    def street(self) -> str:
        where = self.pick((self._usual(ROADS), self.pick(ROADS), self.pick(LANES))) + (
            self._usual(NUMBERS) if self.happens(0.8) else ""
        )
        return where + (self.pick(ESTATES) if self.happens(0.1) else "") + self.flat()

    def estate(self) -> str:
        return self._usual(ESTATES) + self.flat()

    def village(self) -> str:
        return self.pick(VILLAGES) + self.pick(NUMBERS) + (self.flat() if self.happens(0.3) else "")

    def flat(self) -> str:
        """Write building, unit, floor and room, any of them left out, at times with dashes between them; or a chain."""
        if self.happens(0.35):
            return (self.pick(BUILDINGS) if self.happens(0.2) else "") + self._usual(CHAINS)
        likely = ((BUILDINGS, 0.7), (UNITS, 0.5), (FLOORS, 0.3), (ROOMS, 0.95))
        parts = [self._usual(choices) for choices, chance in likely if self.happens(chance)]
        return self.pick(("", "", "", "", "", " ", "-", ",")).join(parts)

    def _usual(self, choices: list[str]) -> str:
        return self.pick(choices[: 1 + len(choices) // 3] if self.happens(CHANCES["usual"]) else choices)

    def noisy(self, text: str) -> str:
        place = int(self._rng.random() * (len(text) + 1))
        kept = text[place + 1 :] if self.happens(0.3) else text[place:]
        return text[:place] + self.pick(SIGNS) + kept


def cases() -> list[list[str | None]]:
    """Write the cases: each is the text and its parts, joined by ``|``, or null."""
    writer = Writer(SEED)
    texts = dict.fromkeys(writer.address() for _ in range(COUNT))
    return [[text, parts(text)] for text in texts]


def parts(text: str) -> str | None:
    """Return an address's parts in the order of the OPRF input; no part has a bar, which is a blank to an address."""
    place = canonical_address(text)
    return None if place is None else "|".join(getattr(place, name) for name in place.__slots__)
