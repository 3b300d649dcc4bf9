"""Names given by hand that no playlist has now: they come back with their music."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from core.library import Notice
from core.records import ClusterName
from core.wording import listed

#: `Notice.kind` of such names.
WAITING: Final = "names-waiting"
#: Names that a line has room for; of more of them it lists one less and counts the rest.
_ROOM: Final = 4


def waiting_names(waiting: Mapping[str, str], names: Sequence[ClusterName]) -> list[Notice]:
    """Say which names given by hand suit no playlist.

    Parameters
    ----------
    waiting : mapping of str to str
        Names given to playlists that are not there now, by lineage.
    names : sequence of ClusterName
        What the playlists are called; a name that one of them has is not missed.

    Returns
    -------
    list of Notice
        One, or none when no name is missed.
    """
    there = {name.text.casefold() for name in names}
    missed = sorted({name for name in waiting.values() if name.casefold() not in there}, key=str.casefold)
    if not missed:
        return []
    told = [f"“{name}”" for name in missed]
    if len(told) > _ROOM:
        told = [*told[: _ROOM - 1], f"{len(told) - _ROOM + 1:,} more"]
    text = f"names {listed(told)} suit no playlist of this run and wait for one"
    if len(missed) == 1:
        text = f"name {told[0]} suits no playlist of this run and waits for one"
    return [Notice(WAITING, len(missed), f"the {text}")]
