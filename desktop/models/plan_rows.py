"""The plan of an export to Spotify, and what came of it, as rows of a table."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtGui import QIcon, QPixmap

from core.spotify.addresses import playlist_link
from desktop import messages
from desktop.messages import spotify as texts
from desktop.models.rows import Cell

if TYPE_CHECKING:
    from core.spotify.plan import PlannedPlaylist, Skipped
    from core.spotify.writing import Outcome

#: Left-out tracks that a tool tip names.
_NAMED: Final = 20
#: Side of a cover in a tool tip, in pixels.
_TIP_SIDE: Final = 240


def heads() -> list[Cell]:
    """Return what stands above the columns."""
    return [
        Cell(texts.PLAYLIST()), Cell(texts.PLAN_TRACKS(), right=True),
        Cell(texts.PLAN_WHAT()), Cell(messages.EXPORT_SKIPPED()),
    ]  # fmt: skip


def plan_rows(planned: Sequence[PlannedPlaylist], tracks: Sequence[int]) -> list[list[Cell]]:
    """Return a row for each playlist of a plan.

    Parameters
    ----------
    planned : sequence of PlannedPlaylist
        What is to be done.
    tracks : sequence of int
        How many tracks each has here.

    Returns
    -------
    list of list of Cell
        The first cell of a row holds the address of the playlist's page, empty before it is created.
    """
    return [
        [
            Cell(one.name, value=one.link), Cell(f"{count:,}", right=True), Cell(what(one)),
            Cell(left_out(one.skipped), tip=named(one.skipped)),
        ]
        for one, count in zip(planned, tracks, strict=True)
    ]  # fmt: skip


def outcome_rows(
    planned: Sequence[PlannedPlaylist],
    tracks: Sequence[int],
    outcomes: Mapping[tuple[str, str], Outcome],
    covers: Mapping[str, bytes],
) -> list[list[Cell]]:
    """Return a row for each playlist of a plan, with what came of it and its cover; see `plan_rows`.

    Parameters
    ----------
    planned, tracks
        As in `plan_rows`.
    outcomes : mapping of (lineage, name) to Outcome
        What came of each; empty before the plan is carried out.
    covers : mapping of str to bytes
        JPEG pictures by lineage.
    """
    rows = plan_rows(planned, tracks)
    for row, one in zip(rows, planned, strict=True):
        if one.job is not None and one.cover and one.job.lineage in covers:
            row[0] = replace(row[0], **_pictured(covers[one.job.lineage]))
        outcome = outcomes.get((one.job.lineage, one.job.name)) if one.job is not None else None
        if outcome is None:
            continue
        if outcome.refused:
            row[2] = Cell(texts.PLAN_DONE_REFUSED(why=outcome.refused))
            continue
        done = {
            "create": texts.PLAN_DONE_CREATE, "update": texts.PLAN_DONE_UPDATE,
            "remove": texts.PLAN_DONE_REMOVE,
        }[outcome.job.action]  # fmt: skip
        link = playlist_link(outcome.job.remote_id) if outcome.job.action != "remove" else ""
        row[0] = replace(row[0], value=link)
        why = texts.PLAN_NO_COVER(why=outcome.no_cover) if outcome.no_cover else ""
        row[2] = Cell(", ".join(part for part in (done(), why) if part))
    return rows


def _pictured(jpeg: bytes) -> dict[str, Any]:
    """Return a cover for a cell, small beside the text and larger when the mouse rests on it."""
    picture = QPixmap()
    picture.loadFromData(jpeg)
    tip = f'<img src="data:image/jpeg;base64,{b64encode(jpeg).decode("ascii")}" width="{_TIP_SIDE}">'
    return {"picture": QIcon(picture), "tip": tip}


def what(one: PlannedPlaylist) -> str:
    """Return what is to be done with a playlist, such as "+3, −1, new order"."""
    fixed = {"unchanged": texts.PLAN_UNCHANGED, "skip": texts.PLAN_SKIP, "remove": texts.PLAN_REMOVE}
    if one.action == "create":
        public = one.job is not None and one.job.public
        parts = [texts.PLAN_CREATE_PUBLIC() if public else texts.PLAN_CREATE()]
    elif one.action == "update":
        parts = _changes(one)
    else:
        parts = [fixed[one.action]()]
    if one.edited:
        parts.append(texts.PLAN_EDITED())
    if one.kept:
        parts.append(texts.PLAN_KEPT(count=f"{one.kept:,}"))
    if one.cover:
        parts.append(texts.PLAN_COVER())
    return ", ".join(parts)


def _changes(one: PlannedPlaylist) -> list[str]:
    parts = [
        (one.added, texts.PLAN_ADDED(count=f"{one.added:,}")),
        (one.removed, texts.PLAN_REMOVED(count=f"{one.removed:,}")),
        (one.reordered, texts.PLAN_REORDERED()),
        (one.renamed_from, texts.PLAN_RENAMED(name=one.renamed_from)),
        ("description" in one.details, texts.PLAN_DESCRIPTION()),
        ("public" in one.details, texts.PLAN_PUBLIC()),
    ]
    return [text for wanted, text in parts if wanted]


def left_out(skipped: Sequence[Skipped]) -> str:
    """Return how many tracks are left out, by reason."""
    reasons = Counter(track.reason for track in skipped)
    return "; ".join(
        texts.PLAN_LEFT_OUT(count=f"{count:,}", reason=messages.translated(reason)) for reason, count in reasons.items()
    )


def named(skipped: Sequence[Skipped]) -> str:
    """Return the tracks that are left out, one a line."""
    lines = [
        " – ".join(part for part in (track.artist, track.title) if part) or track.track_id for track in skipped[:_NAMED]
    ]
    if len(skipped) > _NAMED:
        lines.append(texts.PLAN_MORE(count=f"{len(skipped) - _NAMED:,}"))
    return "\n".join(lines)
