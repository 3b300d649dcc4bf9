"""How the program looks: a light and a dark theme, two text sizes, an 8-pixel grid, colours of groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from desktop.plots import colors

#: Every distance on the screen is a multiple of this many pixels.
GRID = 8
#: Text size of pictures in pixels. In the window the platform's own size is used.
PICTURE_TEXT = 13
#: The small text size as a share of the large one.
SMALL_TEXT = 0.85


@dataclass(frozen=True)
class Theme:
    """Colours and text sizes that belong together.

    Attributes
    ----------
    dark : bool
        Whether the background is dark.
    page, surface : str
        Background of a view, and of the plots inside it.
    text, muted : str
        Colours of text; both have a contrast of at least 4.5 with `page` and `surface`.
    line : str
        Frames and rules.
    neutral : str
        Tracks without a group.
    first_cluster, first_genre : str
        Where the colours of clusters and of genres start. They start apart, so that the largest genre does not
        seem to be the largest cluster.
    most_contrast : float
        Greatest contrast of a group's colour with the surface.
    sequential, diverging : str
        colorcet ramps for values and for differences.
    reverse : bool
        Whether `sequential` runs from high to low, so that low values are near the background.
    text_size : int
        Text size in pixels.
    """

    dark: bool
    page: str
    surface: str
    text: str
    muted: str
    line: str
    neutral: str
    first_cluster: str
    first_genre: str
    most_contrast: float
    sequential: str
    diverging: str
    reverse: bool
    text_size: int = PICTURE_TEXT

    def font(self, *, small: bool = False, strong: bool = False) -> QFont:
        """Return the platform's font in one of the two sizes and weights."""
        font = QFont(QGuiApplication.font())
        font.setPixelSize(round(self.text_size * SMALL_TEXT) if small else self.text_size)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        # Text keeps its proportions when a picture is drawn with more than one pixel a point.
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    def metrics(self, *, small: bool = False, strong: bool = False) -> QFontMetricsF:
        """Return the measures of the font of the same options."""
        return QFontMetricsF(self.font(small=small, strong=strong))

    def cluster_color(self, cluster_id: int) -> str:
        """Return the colour of a cluster; the same id has the same colour everywhere."""
        choice = colors.palette(self.surface, start=self.first_cluster, most_contrast=self.most_contrast)
        return choice[cluster_id % len(choice)]

    def genre_color(self, rank: int) -> str:
        """Return the colour of the genre of a rank, 0 the most frequent."""
        choice = colors.palette(self.surface, start=self.first_genre, most_contrast=self.most_contrast)
        return choice[rank % len(choice)]


LIGHT = Theme(
    dark=False,
    page="#ffffff",
    surface="#f8f9fb",
    text="#1b1f24",
    muted="#59626e",
    line="#d5dae1",
    neutral="#a3a9b2",
    first_cluster="#1f77b4",
    first_genre="#d73f1c",
    most_contrast=8.0,
    sequential="linear_tritanopic_kcw_5_95_c22",
    diverging="diverging_bwr_40_95_c42",
    reverse=True,
)
DARK = Theme(
    dark=True,
    page="#14171c",
    surface="#1b1f26",
    text="#eef0f3",
    muted="#a3abb7",
    line="#363c46",
    neutral="#6b7380",
    first_cluster="#30a2da",
    first_genre="#fc4f30",
    most_contrast=12.0,
    sequential="linear_tritanopic_kcw_5_95_c22",
    diverging="diverging_bkr_55_10_c35",
    reverse=False,
)


def make_theme(*, dark: bool, text_size: int = PICTURE_TEXT) -> Theme:
    """Return the light or the dark theme with a text size in pixels."""
    return replace(DARK if dark else LIGHT, text_size=text_size)
