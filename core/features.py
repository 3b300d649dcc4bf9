"""The vocabulary of audio features: what each number means, its unit, its range, and who defined it.

The definitions follow Spotify's Web API reference for audio features, which took them over from
The Echo Nest; the wording here is our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import OptionError

SOURCE = "Spotify Web API reference, “Get Track's Audio Features”"


@dataclass(frozen=True)
class Feature:
    """One audio feature.

    Attributes
    ----------
    name : str
        Its name in tables and files.
    unit : str
        Its unit; empty for a share from 0 to 1.
    low, high : float
        The range that values of the feature are defined on.
    low_pole, high_pole : str
        What a listener would call the two ends, for axes and legends.
    definition : str
        What it measures, in one or two sentences.
    resolution : float
        The smallest difference that means anything: two decimals of a share, one beat a minute, half a decibel.
        Finer digits of the usual sources are noise. Instrumentalness is sure of itself near 0 and near 1 only; of songs
        with singers the services give 0.00002 for one and 0.03 for another, so a tenth is its step.
    """

    name: str
    unit: str
    low: float
    high: float
    low_pole: str
    high_pole: str
    definition: str
    resolution: float = 0.01

    @property
    def is_share(self) -> bool:
        """Whether the feature runs from 0 to 1."""
        return self.low == 0.0 and self.high == 1.0 and not self.unit


BASE_FEATURES: tuple[Feature, ...] = (
    Feature(
        "acousticness", "", 0.0, 1.0, "electric", "acoustic",
        "Confidence that the track is played on acoustic instruments rather than electric or electronic ones.",
    ),
    Feature(
        "danceability", "", 0.0, 1.0, "undanceable", "danceable",
        "How suitable the track is for dancing, from its tempo, rhythm stability, beat strength and regularity.",
    ),
    Feature(
        "energy", "", 0.0, 1.0, "calm", "energetic",
        "Perceived intensity and activity: loud, fast and noisy tracks score high, quiet and sparse ones low.",
    ),
    Feature(
        "instrumentalness", "", 0.0, 1.0, "vocal", "instrumental",
        "Confidence that the track has no vocals. Values above 0.5 are meant to be instrumental tracks.", 0.1,
    ),
    Feature(
        "liveness", "", 0.0, 1.0, "studio", "live",
        "Confidence that an audience is present in the recording. Above 0.8 it is very likely a live recording.",
    ),
    Feature(
        "speechiness", "", 0.0, 1.0, "sung", "spoken",
        "Presence of spoken words. Above 0.66 the track is probably all speech, from 0.33 to 0.66 speech and "
        "music mix, as in rap.",
    ),
    Feature(
        "tempo", "BPM", 0.0, 300.0, "slow", "fast",
        "Estimated pace in beats per minute. Half and double tempo are easily confused.", 1.0,
    ),
    Feature(
        "valence", "", 0.0, 1.0, "sad", "happy",
        "Musical positiveness: high values sound happy or cheerful, low values sad, depressed or angry.",
    ),
)  # fmt: skip

OPTIONAL_FEATURES: tuple[Feature, ...] = (
    Feature("loudness", "dB", -60.0, 5.0, "quiet", "loud", "Average loudness in decibels relative to full scale.", 0.5),
    Feature("key", "", -1.0, 11.0, "", "", "Estimated key as a pitch class: 0 is C, 1 is C♯ …; −1 means unknown."),
    Feature("mode", "", 0.0, 1.0, "minor", "major", "Modality of the track: 1 is major, 0 is minor."),
    Feature("time_signature", "beats", 0.0, 7.0, "", "", "Estimated number of beats in a bar."),
)  # fmt: skip

FEATURES: dict[str, Feature] = {feature.name: feature for feature in BASE_FEATURES + OPTIONAL_FEATURES}
BASE_NAMES: tuple[str, ...] = tuple(feature.name for feature in BASE_FEATURES)
OPTIONAL_NAMES: tuple[str, ...] = tuple(feature.name for feature in OPTIONAL_FEATURES)


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return feature names in a tuple after checking that each is known and stands once.

    Parameters
    ----------
    names : iterable of str
        Feature names, in any order.

    Returns
    -------
    tuple of str
        The same names in the same order.

    Raises
    ------
    OptionError
        When a name is unknown, stands twice, or there is none.
    """
    checked = tuple(names)
    unknown = [name for name in checked if name not in FEATURES]
    if unknown:
        raise OptionError(f"unknown feature {unknown[0]!r}", next_step=f"Known features: {', '.join(FEATURES)}")
    if not checked or len(set(checked)) != len(checked):
        raise OptionError("features must be named once each, and at least one of them")
    return checked
