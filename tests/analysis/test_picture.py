"""The picture of a backtest is drawn, and holds the figures that it shows."""

import io
import json

from PIL import Image

from analysis.backtest import backtest
from analysis.document import document_of
from analysis.picture import FIGURES, png_of
from tests.support.graded_orders import first_terms, orders, sample


def test_a_picture_has_its_own_figures_in_its_metadata() -> None:
    result = backtest(orders(sample(400)), first_terms(), proposed=first_terms())
    with Image.open(io.BytesIO(png_of(result, fonts=()))) as picture:
        assert json.loads(picture.info[FIGURES]) == document_of(result)
        assert picture.size[0] > 1_000
        assert len(picture.convert("L").getcolors(1 << 16) or []) > 20
