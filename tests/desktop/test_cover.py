"""Covers of playlists: what they show, that names stay readable, and that Spotify takes them."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage

from core.options import BALANCED, AnalysisOptions
from core.pipeline import Pipeline
from core.progress import Cancelled
from core.sources import open_source
from core.spotify.cover import as_payload
from desktop.plots.cover import PETALS, SIZE, color_of, covers_of, draw_cover
from tests.reports import stop_at

FULL = dict.fromkeys(PETALS, 1.0)
NAMES = (
    "A",
    "Slow & Somber Acoustics",
    "Electric, Energetic and Very Danceable Studio Recordings That Nobody Sings on at All, Except in Choruses",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "W" * 100,
    "日本の静かなアコースティック音楽と夜の長い散歩のための曲",
    "מוזיקה שקטה ואקוסטית",
    "Åj̈ǧgÿ " * 9,
)


def pixels(jpeg: bytes) -> npt.NDArray[np.int64]:
    """Return red, green and blue of a picture [shape=(height, width, 3), 0 to 255]."""
    image = QImage.fromData(jpeg, "JPEG").convertToFormat(QImage.Format.Format_RGB888)  # type: ignore[call-overload]
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(np.int64)


def box(mask: npt.NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is marked."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_never_cut_off_by_an_edge_and_never_meets_the_flower(name: str) -> None:
    bare = pixels(draw_cover(name, {}, color="#1f77b4"))
    flower = box(np.abs(pixels(draw_cover(name, FULL, color="#1f77b4")) - bare).max(axis=2) > 40)
    text = box(bare.min(axis=2) > 215)
    assert min(*flower[:2], *text[:2]) >= 24
    assert max(*flower[2:], *text[2:]) < SIZE - 24
    assert flower[3] < text[1]
    assert text[3] - text[1] >= 18, "the letters are large enough to read"


@pytest.mark.parametrize("number", range(30))
def test_a_name_reads_on_every_colour_and_spotify_takes_the_picture(number: int) -> None:
    jpeg = draw_cover("Slow & Somber Acoustics", FULL, color=color_of(number))
    assert jpeg == draw_cover("Slow & Somber Acoustics", FULL, color=color_of(number))
    as_payload(jpeg)
    shown = pixels(jpeg)
    assert shown.shape == (SIZE, SIZE, 3)
    linear = np.where(shown / 255 <= 0.04045, shown / 255 / 12.92, ((shown / 255 + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    ground = luminance[448:, [8, 20, 620, 632]]
    assert 1.05 / (ground.max() + 0.05) >= 4.5


def test_every_feature_and_every_colour_shows() -> None:
    middle = dict.fromkeys(PETALS, 0.5)
    pictures = [draw_cover("A", middle, color="#1f77b4"), draw_cover("A", middle, color="#d73f1c")]
    pictures += [draw_cover("A", {**middle, name: 0.8}, color="#1f77b4") for name in PETALS]
    pictures += [draw_cover("A", {**middle, "energy": 0.2}, color="#1f77b4"), draw_cover("", {}, color="#1f77b4")]
    assert len(set(pictures)) == len(pictures)
    assert draw_cover("A", {**middle, "tempo": float("nan")}, color="#1f77b4") == draw_cover(
        "A", {name: 0.5 for name in PETALS if name != "tempo"}, color="#1f77b4"
    )


def test_covers_of_an_analysis_can_be_drawn_in_a_thread_and_stopped() -> None:
    analysis = Pipeline().analyze(open_source("demo:"), options=AnalysisOptions(BALANCED))
    colors = {lineage: color_of(cluster) for cluster, lineage in analysis.lineages.items()}
    drawn: list[dict[str, bytes]] = []
    thread = threading.Thread(target=lambda: drawn.append(covers_of(analysis, colors | {"gone": "#000000"})))
    thread.start()
    thread.join()
    assert drawn[0] == covers_of(analysis, colors)
    assert set(drawn[0]) == set(colors)
    assert len(set(drawn[0].values())) == len(colors)
    with pytest.raises(Cancelled):
        covers_of(analysis, colors, report=stop_at(1))
