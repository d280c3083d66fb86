"""Draw a backtest with matplotlib: rates by letter, orders by letter, and the rate of each bin.

The picture is PNG, and its metadata holds the figures that it shows. Chinese stands beside English where a font has it.
"""

import io
import json
from collections.abc import Collection, Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from analysis.backtest import Backtest, Judged, Line
from analysis.counts import Order
from analysis.document import document_of
from protocol.grades import CreditInput

FIGURES: Final = "Clearline-Figures"
"""The name of the figures in the metadata."""
CHINESE_FONTS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "SimHei",
    "Microsoft YaHei",
    "PingFang SC",
)
_LATIN: Final = "DejaVu Sans"
_INCHES: Final = (12.0, 12.5)
_HEIGHTS: Final = (4.4, 7.2, 0.9)
_DOTS_PER_INCH: Final = 110
_GREY: Final = "#6b7280"
_COLOURS: Final = ("#1f4e79", "#c2701c")
"""Of the scorecard in force and of the proposed one; both stay apart for readers who see no red or no green."""
_MARKS: Final = {
    Order.BEST: ("o", True, "best: nothing better to compare with", "最优：无可比较"),
    Order.ABOVE: ("s", True, "above the better one, as it has to be", "高于较优者：次序正确"),
    Order.NOT_SHOWN: ("s", False, "not shown to be above the better one", "未能证实高于较优者"),
    Order.REVERSED: ("X", True, "below the better one: out of order", "低于较优者：次序颠倒"),
}
_TITLES: Final = {
    "rates": ("Bad orders by letter, Wilson 95 %", "各等级坏账率，威尔逊95%区间"),
    "numbers": ("Orders by letter", "各等级订单数占比"),
    "bins": (
        "Bad orders by bin, without an open debt; below each bin its orders",
        "各分段坏账率（不含未结欠费者），下方为订单数",
    ),
    "in_force": ("in force", "现行"),
    "proposed": ("proposed", "拟议"),
    "not_blocked": ("without an open debt", "不含未结欠费者"),
    "too_few": ("too few", "过少"),
    CreditInput.PLAN_RUNNING: ("Plan running", "分期进行中"),
    CreditInput.CLEARED_DAYS: ("Days since a debt ended", "距结清天数"),
    CreditInput.CLEARED_CREDITORS: ("Creditors of ended debts", "结清涉及企业数"),
    CreditInput.BLOCKED_DAYS: ("Longest days on the list", "最长列入天数"),
    CreditInput.PLANS_BROKEN: ("Plans broken", "违约分期数"),
    CreditInput.TENURE: ("Months attested", "证明月数"),
}


def png_of(result: Backtest, *, fonts: Collection[str] | None = None) -> bytes:
    """Draw the picture; ``fonts`` are the names of the fonts at hand, absent: those of this machine."""
    chinese = next((each for each in CHINESE_FONTS if each in (_installed() if fonts is None else fonts)), None)
    families = [_LATIN] if chinese is None else [_LATIN, chinese]
    with mpl.rc_context({"font.family": families, "font.size": 9, "axes.titlesize": 10}):
        figure = _Drawing(result, with_chinese=chinese is not None).draw()
        buffer = io.BytesIO()
        figures = json.dumps(document_of(result), sort_keys=True)
        figure.savefig(buffer, format="png", metadata={"Software": "Clearline", FIGURES: figures})
    return buffer.getvalue()


def _installed() -> set[str]:
    return {each.name for each in fontManager.ttflist}


class _Drawing:
    def __init__(self, result: Backtest, *, with_chinese: bool) -> None:
        self._result = result
        self._with_chinese = with_chinese
        cards = [("in_force", result.in_force)]
        self._cards = cards if result.proposed is None else [*cards, ("proposed", result.proposed)]

    def draw(self) -> Figure:
        """Lay out the letters above, the bins below, and the marks at the foot."""
        figure = Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.06))
        parts: Any = figure.subfigures(3, 1, height_ratios=_HEIGHTS)
        above, below, foot = parts
        above.suptitle(self._heading(), fontsize=12)
        rates, numbers = above.subplots(1, 2)
        self._rates(rates)
        self._numbers(numbers)
        below.suptitle(self._word("bins"), fontsize=11)
        for axes, (name, lines) in zip(below.subplots(2, 3).flat, self._result.in_force.bins.items(), strict=True):
            axes.set_title(self._word(name))
            self._points(axes, lines, _COLOURS[0], 0.0)
            self._finish(axes, lines)
        foot.legend(handles=[self._explained(*mark) for mark in _MARKS.values()], loc="center", ncols=2, frameon=False)
        return figure

    def _rates(self, axes: Axes) -> None:
        axes.set_title(self._word("rates"))
        for place, (name, judged) in enumerate(self._cards):
            self._points(axes, judged.letters, _COLOURS[place], self._beside(place), self._word(name))
        self._finish(axes, self._cards[0][1].letters, with_numbers=len(self._cards) == 1)
        self._legend(axes)

    def _numbers(self, axes: Axes) -> None:
        axes.set_title(self._word("numbers"))
        whole = self._result.everything.number
        width = 0.8 / len(self._cards)
        for place, (name, judged) in enumerate(self._cards):
            xs = [at + self._beside(place) * width / 0.24 for at in range(len(judged.letters))]
            shares = [each.number / whole for each in judged.letters]
            bars = axes.bar(xs, shares, width * 0.94, color=_COLOURS[place], label=self._word(name))
            axes.bar_label(bars, [str(each.number) for each in judged.letters], padding=2, fontsize=8, color=_GREY)
        axes.margins(y=0.12)
        axes.set_xticks(range(len(self._cards[0][1].letters)), [each.name for each in self._cards[0][1].letters])
        self._plain(axes)
        self._legend(axes)

    def _points(self, axes: Axes, lines: Sequence[Line], colour: str, beside: float, label: str | None = None) -> None:
        """Draw the rates with their intervals; letters or bins with too few orders are named so, at the ground."""
        for place, each in enumerate(lines):
            x = place + beside
            if each.rate is None or each.interval is None:
                if each.number:
                    axes.annotate(
                        self._word("too_few"), (x, 0), (0, 4), textcoords="offset points",
                        ha="center", va="bottom", rotation=90, color=_GREY, fontsize=8,
                    )  # fmt: skip
                continue
            mark, is_filled, *_ = _MARKS[each.order or Order.BEST]
            axes.vlines(x, each.interval.low, each.interval.high, color=colour, linewidth=1.4)
            inside = colour if is_filled else "white"
            axes.plot(x, each.rate, mark, color=colour, markerfacecolor=inside, markersize=7)
        if label is not None:
            axes.plot([], [], "s", color=colour, label=label)

    def _finish(self, axes: Axes, lines: Sequence[Line], *, with_numbers: bool = True) -> None:
        labels = [f"{each.name}\n{each.number}" if with_numbers else each.name for each in lines]
        axes.set_xticks(range(len(lines)), labels)
        axes.set_xlim(-0.6, len(lines) - 0.4)
        self._plain(axes)

    def _plain(self, axes: Axes) -> None:
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=None))
        axes.grid(axis="y", color="#e5e7eb")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)

    def _legend(self, axes: Axes) -> None:
        if len(self._cards) > 1:
            axes.legend(frameon=False, loc="upper left")

    def _explained(self, mark: str, is_filled: bool, en: str, zh: str) -> Line2D:  # noqa: FBT001 - a row of _MARKS
        inside = _GREY if is_filled else "white"
        return Line2D([], [], linestyle="", marker=mark, color=_GREY, markerfacecolor=inside, label=self._pair(en, zh))

    def _beside(self, place: int) -> float:
        return 0.0 if len(self._cards) == 1 else (place - 0.5) * 0.24

    def _heading(self) -> str:
        result = self._result
        words = [f"{result.everything.number} {self._pair('orders', '笔订单')}, {result.first} to {result.last}"]
        for name, judged in self._cards:
            if judged.everybody is not None:
                words.append(f"{self._word(name)}: {self._separation(judged)}")
        return "\n".join(words)

    def _separation(self, judged: Judged) -> str:
        parts = [("", judged.everybody), (f"{self._word('not_blocked')}: ", judged.not_blocked)]
        return ";  ".join(f"{words}AUC {each.auc:.3f}, KS {each.ks:.3f}" for words, each in parts if each is not None)

    def _word(self, name: str) -> str:
        return self._pair(*_TITLES[name])

    def _pair(self, en: str, zh: str) -> str:
        return f"{en} {zh}" if self._with_chinese else en
