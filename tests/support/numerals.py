"""Numbers as people write them."""

DIGITS = "〇一二三四五六七八九"


def counted(number: int) -> str:
    """Say a number below 10,000 in full, as a Chinese reader does."""
    text, skipped = "", False
    for value, unit in (
        (number // 1000, "千"),
        (number // 100 % 10, "百"),
        (number // 10 % 10, "十"),
        (number % 10, ""),
    ):
        if value:
            text += ("零" if skipped and text else "") + DIGITS[value] + unit
            skipped = False
        else:
            skipped = True
    return text.removeprefix("一") if 10 <= number < 20 else text
