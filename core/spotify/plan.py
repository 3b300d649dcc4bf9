"""What an export to Spotify would do: create, update or leave each playlist, and what stays out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from core.library import Library
from core.progress import Report, silent
from core.records import Playlist
from core.spotify import scopes
from core.spotify.account import destination
from core.spotify.addresses import playlist_link
from core.spotify.api import MOST_TRACKS
from core.spotify.assembly import unavailable_key
from core.spotify.client import Client
from core.spotify.cover import kept_cover
from core.spotify.description import compose, mark_in, new_mark, shown_name
from core.spotify.edits import Edit, can_be_added, edits, merge
from core.spotify.jobs import Before, Job
from core.spotify.listing import settled_list, still_there
from core.spotify.rows import Listed
from core.spotify.steps import Steps
from core.spotify.writing import keep_made_rows, made_rows, read_uris
from core.storage import Exported, Store
from core.wording import counted

#: What to do with a playlist the person has changed on Spotify since.
Edited: TypeAlias = Literal["keep", "replace", "new"]
EDITED: Final[tuple[Edited, ...]] = ("keep", "replace", "new")
Action: TypeAlias = Literal["create", "update", "unchanged", "skip", "remove"]

NOT_IN_LIBRARY: Final = "not in the library any more"
LOCAL: Final = "a local file, which Spotify cannot put into a playlist"
NO_ADDRESS: Final = "no Spotify address"
UNAVAILABLE: Final = "not available in your country"
TWICE: Final = "already in this playlist"
TOO_MANY: Final = f"a playlist on Spotify holds {MOST_TRACKS:,} tracks"


@dataclass(frozen=True)
class Skipped:
    """A track that is not exported, and why."""

    track_id: str
    title: str
    artist: str
    reason: str


@dataclass(frozen=True)
class PlannedPlaylist:
    """What is to be done with one playlist.

    Attributes
    ----------
    action : {"create", "update", "unchanged", "skip", "remove"}
        ``skip`` when none of its tracks can be exported; ``remove`` for an empty double that a lost answer left.
    name : str
        Its name afterwards.
    job : Job or None
        What will be done; None when nothing.
    added, removed : int
        Tracks put in and taken out.
    reordered : bool
        Whether tracks that stay change their order.
    renamed_from : str
        Its name before, when it changes.
    details : tuple of str
        What else changes: ``"name"``, ``"description"``, ``"public"``.
    edited : bool
        Whether the person has changed it on Spotify since.
    kept : int
        Tracks the person added that stay.
    skipped : tuple of Skipped
        Tracks that are left out.
    remote_id : str
        Its id on Spotify; empty before it is created.
    writes : int
        Requests that writing it takes.
    cover : bool
        Whether it gets a picture.
    """

    action: Action
    name: str
    job: Job | None = None
    added: int = 0
    removed: int = 0
    reordered: bool = False
    renamed_from: str = ""
    details: tuple[str, ...] = ()
    edited: bool = False
    kept: int = 0
    skipped: tuple[Skipped, ...] = ()
    remote_id: str = ""
    writes: int = 0
    cover: bool = False

    @property
    def link(self) -> str:
        """Its page on Spotify; empty before it is created."""
        return playlist_link(self.remote_id) if self.remote_id else ""

    def line(self) -> str:
        """Return the plan for this playlist in one line."""
        if self.action == "create":
            text = f"create “{self.name}” with {counted(self.added, 'track')}{' and a cover' if self.cover else ''}"
        elif self.action == "update":
            changes = [f"+{self.added:,}, −{self.removed:,}"] if self.added or self.removed else []
            changes += ["reorder"] if self.reordered else []
            changes += [f"rename from “{self.renamed_from}”"] if self.renamed_from else []
            changes += [f"new {name}" for name in self.details if name != "name"]
            changes += ["new cover"] if self.cover else []
            text = f"update “{self.name}”: {', '.join(changes)}"
        elif self.action == "remove":
            text = f"remove an empty double of “{self.name}”"
        elif self.action == "skip":
            text = f"skip “{self.name}”: none of its tracks can be exported"
        else:
            text = f"unchanged “{self.name}”"
        if self.edited:
            stay = "stays" if self.kept == 1 else "stay"
            text += f"; you have changed it on Spotify, {self.kept:,} of your own tracks {stay}"
        reasons = Counter(track.reason for track in self.skipped)
        return text + "".join(f"; {count:,} left out: {reason}" for reason, count in reasons.items())


@dataclass(frozen=True)
class ExportPlan:
    """What an export would do.

    Attributes
    ----------
    destination : str
        The account, as exported playlists are remembered under.
    playlists : tuple of PlannedPlaylist
        In the run's order.
    """

    destination: str
    playlists: tuple[PlannedPlaylist, ...]

    @property
    def jobs(self) -> list[Job]:
        """What there is to do, empty when everything is as it should be."""
        return [planned.job for planned in self.playlists if planned.job is not None]

    @property
    def writes(self) -> int:
        """Requests that writing takes."""
        return sum(planned.writes for planned in self.playlists)

    @property
    def needs(self) -> frozenset[str]:
        """The scopes that writing needs."""
        covers = scopes.OPTIONAL["covers"] if any(planned.cover for planned in self.playlists) else frozenset()
        return covers.union(*(job.needs for job in self.jobs))


@dataclass(frozen=True)
class Wishes:
    """How to export.

    Attributes
    ----------
    public : bool
        Make playlists public; else new ones are private and others stay as they are.
    edited : {"keep", "replace", "new"}
        What to do with a playlist the person has changed on Spotify.
    covers : bool
        Give playlists a picture: new ones, those that have none but Spotify's own, and those that are renamed and
        have one of this program. A picture the person chose stays.
    """

    public: bool = False
    edited: Edited = "keep"
    covers: bool = False


@dataclass
class _Seen:
    """What the account holds, read once for the whole plan."""

    client: Client
    store: Store
    listed: dict[str, Listed]
    unsure: frozenset[str]
    unavailable: frozenset[str]
    steps: Steps
    account: str
    destination: str
    library_key: str
    library: Library
    wishes: Wishes


def make_plan(
    client: Client,
    store: Store,
    playlists: Sequence[Playlist],
    library: Library,
    *,
    library_key: str,
    wishes: Wishes = Wishes(),
    report: Report = silent,
) -> ExportPlan:
    """Work out what an export would do; nothing is written to Spotify.

    Parameters
    ----------
    client : Client
        Of the connected account.
    store : Store
        Where exported playlists are remembered.
    playlists : sequence of Playlist
        What to export, with their lineages.
    library : Library
        Where their tracks are described.
    library_key : str
        Key the run is kept under; with the lineage it says which playlist on Spotify is meant.
    wishes : Wishes
        How to export.
    report : Report
        Told about every step; may raise `core.progress.Cancelled`.

    Returns
    -------
    ExportPlan
        One entry a playlist, and one for each empty double an earlier lost answer left behind.

    Raises
    ------
    SpotifyError
        When Spotify does not answer.
    """
    steps = Steps(report)
    client.tick = steps.tick
    account = client.access.grant.account_id
    steps.at(0, len(playlists), "Looking at the playlists on Spotify")
    listed, unsure = settled_list(client, store, steps)
    unavailable = frozenset(store.state.get(unavailable_key(account), []))
    seen = _Seen(
        client, store, listed, unsure, unavailable, steps, account, destination(account), library_key, library, wishes
    )
    planned = []
    for done, playlist in enumerate(playlists):
        steps.at(done, len(playlists), "Comparing playlists")
        planned.append(_plan_one(seen, playlist))
    return ExportPlan(seen.destination, (*planned, *_doubles(seen)))


def _plan_one(seen: _Seen, playlist: Playlist) -> PlannedPlaylist:
    name, lineage = shown_name(playlist.name), playlist.lineage or f"name:{playlist.name}"
    uris, skipped = exportable(playlist, seen.library, seen.unavailable)
    job = Job("create", seen.destination, seen.library_key, lineage, name, public=seen.wishes.public, ours=uris)
    exported = seen.store.exports.by_lineage(seen.destination, lineage, library_key=seen.library_key)
    listed = None
    if exported is not None:
        listed = seen.listed.get(exported.remote_id) or still_there(seen.client, exported.remote_id)
    if exported is not None and listed is not None and listed.owner == seen.client.access.grant.user_id:
        rows = _rows(seen, listed)
        edited = rows != (made_rows(seen.store, seen.account, listed.id, exported.snapshot_id) or list(exported.uris))
        if not edited or seen.wishes.edited != "new":
            return _update(seen, job, playlist, exported, listed, rows, skipped=skipped, edited=edited)
    if not uris:
        return PlannedPlaylist("skip", name, skipped=skipped)
    ours, too_many = uris[:MOST_TRACKS], uris[MOST_TRACKS:]
    mark = new_mark()
    description = compose(playlist.description, mark)
    before = Before(exported=asdict(exported) if exported is not None else None)
    job = replace(job, ours=ours, target=ours, mark=mark, description=description, before=before)
    skipped += _named(playlist, seen.library, too_many, TOO_MANY)
    cover = seen.wishes.covers
    writes = 1 + cover + len(edits([], ours))
    return PlannedPlaylist("create", name, job, added=len(ours), skipped=skipped, writes=writes, cover=cover)


def _update(
    seen: _Seen,
    job: Job,
    playlist: Playlist,
    exported: Exported,
    listed: Listed,
    rows: list[str],
    *,
    skipped: tuple[Skipped, ...],
    edited: bool,
) -> PlannedPlaylist:
    """Plan the smallest change to a playlist of ours."""
    keep = seen.wishes.edited != "replace"
    ours, target = _fitting(rows, exported.uris, job.ours, keep=keep)
    skipped += _named(playlist, seen.library, job.ours[len(ours) :], TOO_MANY)
    details = _details(job.name, playlist.description, exported, listed, wishes=seen.wishes)
    todo = edits(rows, target)
    public = bool(details.get("public", listed.public))
    name = str(details.get("name", listed.name))
    old = kept_cover(seen.store, listed.id)
    cover = seen.wishes.covers and (listed.plain if old is None else old.name != name)
    picture = old.picture if old is not None else ""
    before = Before(listed.name, listed.description, listed.public, rows, asdict(exported), picture)
    job = replace(
        job, action="update", name=name, description=str(details.get("description", listed.description)),
        mark=mark_in(listed.description), public=public, remote_id=listed.id, ours=ours, target=target,
        base=list(exported.uris), keep=keep, details=details, before=before,
        unsure=listed.id in seen.unsure,
    )  # fmt: skip
    changed = bool(todo or details or cover)
    return PlannedPlaylist(
        "update" if changed else "unchanged", name, job if changed else None, **_changes(rows, target, todo),
        renamed_from=listed.name if "name" in details else "", details=tuple(details), edited=edited,
        kept=len(target) - len(ours), skipped=skipped, remote_id=listed.id,
        writes=len(todo) + bool(details) + cover, cover=cover,
    )  # fmt: skip


def _fitting(rows: list[str], base: Sequence[str], ours: list[str], *, keep: bool) -> tuple[list[str], list[str]]:
    """Return our tracks and the whole content within the limit; the person's own tracks go first."""
    target = merge(rows, base=base, ours=ours, keep=keep)
    too_many = len(target) - MOST_TRACKS
    if too_many <= 0:
        return ours, target
    fewer = ours[: max(0, len(ours) - too_many)]
    return fewer, merge(rows, base=[*base, *ours], ours=fewer, keep=keep)


def _details(name: str, claims: str, exported: Exported, listed: Listed, *, wishes: Wishes) -> dict[str, Any]:
    """Return what changes beside the tracks. A name or description the person wrote on Spotify stays theirs."""
    details: dict[str, Any] = {}
    theirs = listed.name != exported.name and wishes.edited != "replace"
    if name != listed.name and not theirs:
        details["name"] = name
    mark = mark_in(listed.description)
    if mark and compose(claims, mark) != listed.description:
        details["description"] = compose(claims, mark)
    if wishes.public and not listed.public:
        details["public"] = True
    return details


def _changes(rows: Sequence[str], target: Sequence[str], todo: Sequence[Edit]) -> dict[str, Any]:
    there, wanted = Counter(rows), Counter(target)
    gone, new = there - wanted, wanted - there
    stay = [uri for uri in rows if not gone[uri]]
    return {
        "added": sum(new.values()),
        "removed": sum(gone.values()),
        "reordered": bool(todo) and stay != [uri for uri in target if not new[uri]],
    }


def _rows(seen: _Seen, listed: Listed) -> list[str]:
    """Return the rows of a playlist of ours, read only when the state they are known of is over."""
    rows = made_rows(seen.store, seen.account, listed.id, listed.snapshot_id)
    if rows is None:
        rows = read_uris(seen.client, listed.id)
        keep_made_rows(seen.store, seen.account, listed.id, listed.snapshot_id, rows)
    return rows


def _doubles(seen: _Seen) -> list[PlannedPlaylist]:
    """Return removals of empty playlists that bear the mark of another one of ours: creations that came too late."""
    ours = {exported.remote_id for exported in seen.store.exports.at(seen.destination)}
    marks = {mark_in(seen.listed[key].description) for key in ours if key in seen.listed} - {""}
    return [
        PlannedPlaylist(
            "remove", entry.name, Job("remove", seen.destination, "", "", entry.name, remote_id=entry.id),
            remote_id=entry.id, writes=1,
        )
        for entry in seen.listed.values()
        if entry.id not in ours and entry.total == 0 and entry.owner == seen.client.access.grant.user_id
        and mark_in(entry.description) in marks
    ]  # fmt: skip


def exportable(
    playlist: Playlist, library: Library, unavailable: Collection[str]
) -> tuple[list[str], tuple[Skipped, ...]]:
    """Return the addresses of a playlist's tracks that Spotify takes, and the tracks that stay out.

    Parameters
    ----------
    playlist : Playlist
        Its tracks in order.
    library : Library
        Where they are described.
    unavailable : collection of str
        Track ids that cannot be played in the person's country.

    Returns
    -------
    uris : list of str
        ``spotify:track:…``, each once.
    skipped : tuple of Skipped
        With the reason for each.
    """
    uris: dict[str, None] = {}
    skipped = []
    addresses = library.tracks["uri"].to_dict()
    for track_id in playlist.track_ids:
        uri = str(addresses.get(track_id, ""))
        reason = ""
        if track_id not in addresses:
            reason = NOT_IN_LIBRARY
        elif uri.startswith("spotify:local:"):
            reason = LOCAL
        elif not can_be_added(uri):
            reason = NO_ADDRESS
        elif track_id in unavailable or uri.rsplit(":", 1)[-1] in unavailable:
            reason = UNAVAILABLE
        elif uri in uris:
            reason = TWICE
        if reason:
            skipped.append(_skipped(track_id, library, reason))
        else:
            uris[uri] = None
    return list(uris), tuple(skipped)


def _named(playlist: Playlist, library: Library, uris: Collection[str], reason: str) -> tuple[Skipped, ...]:
    """Return the tracks of some addresses as skipped."""
    if not uris:
        return ()
    wanted, addresses = set(uris), library.tracks["uri"].to_dict()
    return tuple(_skipped(key, library, reason) for key in playlist.track_ids if addresses.get(key) in wanted)


def _skipped(track_id: str, library: Library, reason: str) -> Skipped:
    if track_id not in library.tracks.index:
        return Skipped(track_id, "", "", reason)
    return Skipped(
        track_id, str(library.tracks.at[track_id, "title"]), str(library.tracks.at[track_id, "artist"]), reason
    )
