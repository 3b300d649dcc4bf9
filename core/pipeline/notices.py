"""What a person should know about an analysis: tracks left out, sizes missed, names that say little."""

from __future__ import annotations

from collections.abc import Sequence

from core.library import Library, Notice
from core.naming import NamingQuality
from core.options import AnalysisOptions, SizeOptions
from core.playlists import Curated, unknown_to
from core.playlists.curation import FITS_NOWHERE, LEFT_OUT_BY_HAND
from core.records import ClusterName, Prepared
from core.wording import counted

#: Below this AUC a name is true but does not tell its cluster apart: of a member and another track, the other
#: one fits the name better more than one time in four.
WEAK_AUC = 0.75
#: Below this mean AUC the clusters themselves, and not their names, are in doubt; below this share a claim is looser
#: than names are meant to be (`core.options.NamingOptions.good_share`).
WEAK_MEAN_AUC, LOOSE_SHARE = 0.90, 0.80


def about_analysis(
    library: Library,
    prepared: Prepared,
    options: AnalysisOptions,
    names: Sequence[ClusterName],
    measured: NamingQuality,
    curated: Curated,
) -> tuple[Notice, ...]:
    """Say what holds whoever grouped the tracks."""
    tracks, energy = library.tracks.iloc[prepared.rows], library.features["energy"].iloc[prepared.rows]
    return (
        *_about_tracks(prepared, curated),
        *_doubtful_names(names, measured),
        *unknown_to(tracks, energy, options.playlists),
    )


def about_playlists(curated: Curated, sizes: SizeOptions, k: int) -> tuple[Notice, ...]:
    """Say where playlists of `k` clusters do not have the size asked for, or are not made at all."""
    return (*_passed_over(sizes, k), *_missed_sizes(curated, sizes), *_emptied(curated, k))


def _about_tracks(prepared: Prepared, curated: Curated) -> list[Notice]:
    """Say which tracks were left out, which values were filled in, which features are of no use."""
    notices = [
        Notice("dropped", count, f"{counted(count, 'track')} left out: {reason}")
        for reason, count in prepared.dropped.items()
    ]
    notices += [
        Notice("imputed", count, f"{counted(count, 'missing value')} of {name} filled with the library's median")
        for name, count in prepared.imputed.items()
    ]
    if prepared.constant:
        # Values less than a feature's resolution apart (`core.features.Feature`) may count as one.
        told = f"the same, or nearly, for every track, so of no use for sorting: {', '.join(prepared.constant)}"
        notices.append(Notice("constant", len(prepared.constant), told))
    for kind, reason, one, several in (
        ("nowhere", FITS_NOWHERE, "fits nowhere well and is", "fit nowhere well and are"),
        ("left by hand", LEFT_OUT_BY_HAND, "was left out by hand and is", "were left out by hand and are"),
    ):
        if count := len(curated.left_out.get(reason, ())):
            why = one if count == 1 else several
            notices.append(Notice(kind, count, f"{counted(count, 'track')} {why} in no playlist"))
    return notices


def _passed_over(sizes: SizeOptions, k: int) -> list[Notice]:
    """Say where the number of playlists asked for gave way to their size: a playlist too long is of no use."""
    if not sizes.playlists or k == sizes.playlists or not (sizes.smallest or sizes.largest):
        return []
    many = f"{'is' if k == 1 else 'are'} made, not the {sizes.playlists:,} asked for"
    told = f"{counted(k, 'playlist')} {many}: their size, asked for as well, comes first"
    return [Notice("number", k, told, command="leave one of --playlists and --playlist-size out")]


def _missed_sizes(curated: Curated, sizes: SizeOptions) -> tuple[Notice, ...]:
    """Say where playlists could not have the size asked for."""
    lengths = [len(playlist.track_ids) for playlist in curated.playlists]
    short = [length for length in lengths if length < sizes.smallest]
    long = [length for length in lengths if sizes.largest and length > sizes.largest]
    notices = []
    for found, than, limit, extreme in (
        (short, "fewer", sizes.smallest, f"the smallest has {min(short, default=0):,}"),
        (long, "more", sizes.largest, f"the largest has {max(long, default=0):,}"),
    ):
        if found:
            have = f"{counted(len(found), 'playlist')} {'has' if len(found) == 1 else 'have'}"
            asked = f"{than} than the {counted(limit, 'track')} asked for ({extreme})"
            evenly = "the tracks that fit cannot be shared out that evenly; a wider range helps"
            why = "there are no more tracks" if len(short) == len(lengths) == 1 else evenly
            notices.append(Notice("sizes", len(found), f"{have} {asked}: {why}"))
    return tuple(notices)


def _emptied(curated: Curated, k: int) -> list[Notice]:
    """Say of how many playlists nothing is left."""
    gone = k - len(curated.playlists)
    if not gone:
        return []
    told = f"{counted(gone, 'playlist')} of {k:,} {'is' if gone == 1 else 'are'} not made: all tracks were left out"
    return [Notice("emptied", gone, told, command="loosen what leaves them out, such as --shortest or --longest")]


def _doubtful_names(names: Sequence[ClusterName], measured: NamingQuality) -> list[Notice]:
    """Say where names are true but do not set their clusters apart, and where they hold for fewer tracks than usual."""
    notices = []
    if measured.mean_auc < WEAK_MEAN_AUC:
        told = f"the names tell these playlists apart with a mean AUC of {measured.mean_auc:.2f} only"
        why = "the playlists differ in ways that names true of most of their tracks hardly show"
        notices.append(Notice("weak-names", len(names), f"{told}: {why}"))
    for name, auc in zip(names, measured.aucs, strict=True):
        if name.given:
            continue
        if not name.claims:
            told = f"nothing sets the tracks of “{name.text}” apart, so it is called mixed"
            notices.append(Notice("mixed", 1, told))
        elif auc < WEAK_AUC:
            told = f"does not set its tracks apart well (AUC {auc:.2f}): much of it is true of others too"
            notices.append(Notice("weak-name", 1, f"“{name.text}” {told}"))
        least = min((claim.share for claim in name.claims if claim.feature != "genre"), default=1.0)
        if least < LOOSE_SHARE:
            told = f"holds for {least:.0%} of its tracks in one respect: nothing tells more of them apart"
            notices.append(Notice("loose-name", 1, f"“{name.text}” {told}"))
    return notices
