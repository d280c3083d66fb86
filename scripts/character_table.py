"""Write protocol/characters.txt, which maps each old, foreign or copied form of a character to its present form.

Sources, which are not part of this repository, are given as paths:

    python scripts/character_table.py OPENCC UCD > protocol/characters.txt

OPENCC is the folder of dictionaries of OpenCC, UCD the Unicode Character Database. A character of GB 2312 is simplified
as it stands and is never a source, except 後 and 於, which are simplified otherwise today.
"""

import pathlib
import sys
from collections.abc import Iterator
from typing import Final

HEAD: Final = """\
# Characters that canonical addresses and documents replace, one a line: what is written, and what it becomes.
# Made by scripts/character_table.py; docs/spec/household.md says when it applies. Keys depend on it:
# never edit it by hand.
# Variants: OpenCC 1.4.2 (Apache License 2.0, the dictionaries TSCharacters, HKVariantsRev, TWVariantsRev and
# JPShinjitaiCharacters) and the Unicode Character Database 14.0.0 (Unicode License, kZVariant of Unihan_Variants.txt).
# Radicals and strokes: EquivalentUnifiedIdeograph.txt of the same database.
# Private use: the code points that GB 18030-2000 and GBK gave to characters that Unicode has today.
"""
_SIMPLIFIED_OTHERWISE: Final = "後於"
# Old printed forms and everyday variants that the sources lack: the written form, and its replacement.
_MORE: Final = (
    "靑青 淸清 愼慎 鄕乡 槪概 飮饮 吿告 姸妍 倂并 竝并 屛屏 甁瓶 餠饼 尙尚 嵒岩 崐昆 甎砖 畧略 畱留 疎疏 "
    "踈疏 盌碗 碁棋 稾稿 紥扎 隄堤 靣面 鵞鹅 麐麟 鼇鳌 嬾懒 寕宁 寳宝 尒尔 庻庶 憇憩 敭扬 栢柏 椶棕 樷丛 "
    "欝郁 欵款 湻淳 灋法 牕窗 窻窗 琍璃 瓈璃 瑠琉 甆瓷 砲炮 碪砧 穅糠 緐繁 罸罚 翄翅 聦聪 脣唇 虵蛇 襍杂 "
    "閙闹 闚窥 雝雍 鞌鞍 頟额 飃飘 鑛矿 擧举 鬭斗 澁涩 濵滨 嶋岛 飜翻 襃褒 峝峒 "
)
# The two-byte codes of GBK whose characters had only private use code points, in the order of those code points.
_GBK_ROW: Final = [0xFE00 + low for low in (*range(0x50, 0x7F), *range(0x80, 0xA1))]
_GBK_ROW_FIRST: Final = 0xE815
_GBK_SINGLE: Final = {0xE76C: 0xA2E3, 0xE7C8: 0xA8BF}
_GBK_SIGNS: Final = (0xE7E7, [0xA900 + low for low in range(0x89, 0x96)])
_GB_VERTICAL: Final = {0xE78D + step: point for step, point in enumerate(
    (0xFE10, 0xFE12, 0xFE11, 0xFE13, 0xFE14, 0xFE15, 0xFE16, 0xFE17, 0xFE18, 0xFE19)
)}  # fmt: skip
# Characters that GB 18030-2000 itself still had in private use, by GB 18030-2005 and GB 18030-2022.
_GB_2022: Final = {
    0xE7C7: 0x1E3F,
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip


def main() -> None:
    """Write the table to standard output."""
    opencc, ucd = map(pathlib.Path, sys.argv[1:])
    table = variants(opencc, ucd) | private_use()
    table |= radicals(ucd)
    closed = {source: _end(table, source) for source in table}
    sys.stdout.write(HEAD + "".join(f"{source}\t{target}\n" for source, target in sorted(closed.items())))


def variants(opencc: pathlib.Path, ucd: pathlib.Path) -> dict[str, str]:
    """Read traditional, regional and misused forms; an earlier source wins over a later one."""
    table: dict[str, str] = {}
    names = ("TSCharacters", "HKVariantsRev", "TWVariantsRev", "JPShinjitaiCharacters")
    pairs = [pair for name in names for pair in _opencc(opencc / f"{name}.txt")]
    more = [(each[0], [each[1]]) for each in _MORE.split()]
    for source, choices in [*pairs, *more, *_z_variants(ucd / "Unihan_Variants.txt")]:
        others = [each for each in choices if each != source]
        wanted = not _is_simplified(source) or source in _SIMPLIFIED_OTHERWISE
        if others and wanted and source not in table and _end(table, others[0]) != source:
            table[source] = others[0]
    return table


def _opencc(path: pathlib.Path) -> Iterator[tuple[str, list[str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            source, choices = line.split("\t")
            yield source, choices.split()


def _z_variants(path: pathlib.Path) -> Iterator[tuple[str, list[str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("U+"):
            source, name, choices = line.split("\t")
            targets = [_character(each.partition("<")[0]) for each in choices.split()]
            if name == "kZVariant" and len(targets) == 1 and _is_simplified(targets[0]):
                yield _character(source), targets


def _character(code_point: str) -> str:
    return chr(int(code_point.removeprefix("U+"), base=16))


def _is_simplified(character: str) -> bool:
    return bool(character.encode("gb2312", errors="ignore"))


def radicals(ucd: pathlib.Path) -> dict[str, str]:
    """Read radicals and strokes that stand for an ideograph, as copies from printed pages have them."""
    table = {}
    for line in (ucd / "EquivalentUnifiedIdeograph.txt").read_text(encoding="utf-8").splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) > 1:
            first, _, last = fields[0].strip().partition("..")
            for point in range(int(first, 16), int(last or first, 16) + 1):
                table[chr(point)] = chr(int(fields[1], 16))
    return table


def private_use() -> dict[str, str]:
    """Map the private use code points of GBK and GB 18030 to the characters that their codes mean today."""
    codes = dict(enumerate(_GBK_ROW, _GBK_ROW_FIRST)) | _GBK_SINGLE | dict(enumerate(_GBK_SIGNS[1], _GBK_SIGNS[0]))
    table = {chr(point): code.to_bytes(2, "big").decode("gb18030") for point, code in codes.items()}
    return table | {chr(point): chr(now) for point, now in (_GB_2022 | _GB_VERTICAL).items()}


def _end(table: dict[str, str], character: str) -> str:
    while character in table:
        character = table[character]
    return character


if __name__ == "__main__":
    main()
