"""The one place that writes playlists: a journal entry before and after each write, and no write repeated blindly.

A playlist's job says what is to stand there. The rows that do stand there are known from the plan or read; the
difference is written; when an answer is lost, the rows are read back and the difference is worked out anew. So the
same road leads to the goal from wherever it was cut off. Creating a playlist is the one write that reading rows
cannot check: it is looked for by its mark. At the end the list of playlists shows whether all are in the state that
the last write left. Those that are not are read, and mended where an answer was lost: a write may take effect late.
Where every answer came, Spotify shows an old state or the person was at it, and nothing is written again.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Final, TypeVar

from core.errors import AnswerLost, SpotifyClosed, SpotifyError, SpotifyRefused
from core.spotify import api
from core.spotify.client import Client
from core.spotify.cover import Covers
from core.spotify.description import mark_in
from core.spotify.edits import Add, Edit, Move, Remove, apply, can_be_added, edits, merge
from core.spotify.jobs import PLAYLIST, WRITE, Job, read_job
from core.spotify.listing import LOOKS, list_playlists, still_there
from core.spotify.queue import queue
from core.spotify.rows import Listed, rows_of, total_of
from core.spotify.steps import Steps
from core.storage import Entry, Exported, Store

T = TypeVar("T")

#: Lost answers in a row for one playlist before the work is put off.
MOST_LOST: Final = 5
#: Rounds of comparing a playlist with what was written, with pauses of 1, 2, 4 … seconds between them.
ROUNDS: Final = 6
#: The round in which a playlist that is still listed is removed once more.
PATIENT: Final = 3
#: Times a playlist is mended before the work is put off.
MOST_MENDED: Final = 4
#: Where the rows of a playlist of ours are kept, by its state.
MADE: Final = "made."


@dataclass
class Outcome:
    """What became of one playlist.

    Attributes
    ----------
    job : Job
        What was to be done, with the id it has now.
    rows : list of str
        What stands there.
    refused : str
        Why Spotify refused it; empty when it is done.
    no_cover : str
        Why its picture was not set; empty when it was, or there is none.
    """

    job: Job
    rows: list[str]
    refused: str = ""
    no_cover: str = ""


@dataclass
class _Work:
    """A job while it is done.

    `snapshot` is the state that `rows` are known of, `written` the one that the last answered write left. `uncertain`
    says that a write may still take effect late, so that only reading can tell what stands there; `detailed` and
    `covered` whether name and description, and the picture, were written; `no_cover` why the picture was not. `round`
    counts the comparisons since it was `mended` last.
    """

    entry: int
    job: Job
    rows: list[str] | None = None
    snapshot: str = ""
    written: str = ""
    lost: int = 0
    refused: str = ""
    uncertain: bool = False
    round: int = 0
    mended: int = 0
    detailed: bool = False
    covered: bool = False
    no_cover: str = ""


class Writer:
    """Does the jobs of one batch.

    Parameters
    ----------
    client : Client
        Who writes.
    store : Store
        Where the journal is.
    batch : str
        The batch in the journal.
    steps : Steps
        Told about every step; may raise `core.progress.Cancelled`.
    """

    def __init__(self, client: Client, store: Store, batch: str, steps: Steps) -> None:
        self._covers = Covers(client, store)
        self._client = client
        self._store = store
        self._batch = batch
        self._steps = steps
        self._total = 0
        self._account = client.access.grant.account_id

    def run(self) -> list[Outcome]:
        """Do all jobs of the batch that are not finished.

        Returns
        -------
        list of Outcome
            Of the jobs done now.

        Raises
        ------
        SpotifyError
            When Spotify does not answer or asks for a long pause; running the batch again goes on there.
        """
        entries = self._store.journal.open_entries(batch=self._batch)
        jobs = {entry.id: read_job(entry.payload) for entry in entries if entry.kind == PLAYLIST}
        works = [_Work(entry, job, uncertain=job.unsure) for entry, job in jobs.items()]
        self._take_up(works)
        given_up = [work for work in works if work.refused]
        works = [work for work in works if not work.refused]
        self._total = len(works)
        listed = self._list()
        for done, work in enumerate(works):
            self._steps.at(done, self._total, f"Writing “{work.job.name}”")
            self._store.journal.sent(work.entry)
            with self._refusals(work):
                self._do(work, listed)
        self._compare([work for work in works if not work.refused])
        return [Outcome(work.job, work.rows or [], work.refused, work.no_cover) for work in (*works, *given_up)]

    # --- where a cut-off batch stands ------------------------------------------------------------------------------

    def _take_up(self, works: Sequence[_Work]) -> None:
        """Find out how far each job came: playlists created, and writes whose answer was lost."""
        by_entry = {work.entry: work for work in works}
        for write in self._store.journal.entries(batch=self._batch, kind=WRITE):
            work = by_entry.get(int(write.payload["job"]))
            if work is None:
                continue
            if write.state == "confirmed" and write.payload["do"] == "create":
                work.job = replace(work.job, remote_id=str(write.answer["id"]))
            work.covered |= write.state == "confirmed" and write.payload["do"] == "cover"
            if write.state == "confirmed" and "snapshot_id" in write.answer:
                # Spotify may not show yet what it left.
                work.written, work.uncertain = str(write.answer["snapshot_id"]), True
            if write.state in ("planned", "sent") and not work.refused:
                with self._refusals(work):
                    self._take_up_write(work, write)

    def _take_up_write(self, work: _Work, write: Entry) -> None:
        if write.payload["do"] == "create":
            found = self._find(work.job.mark)
            if found is not None:
                self._created(work, write.id, found.id, found.snapshot_id)
                return
        elif write.payload["do"] in ("add", "remove", "move", "replace"):
            work.rows, work.uncertain, work.written = self._read(work.job.remote_id), True, ""
            if _digest(work.rows) == write.payload["after"]:
                self._store.journal.confirm(write.id, {"read_back": True})
                return
        self._store.journal.fail(write.id, {"read_back": True})

    # --- one playlist ----------------------------------------------------------------------------------------------

    def _do(self, work: _Work, listed: dict[str, Listed]) -> None:
        if work.job.action == "remove":
            self._unfollow(work, listed)
            return
        if not work.job.remote_id:
            self._create(work)
        self._know_rows(work, listed)
        self._details(work, listed)
        self._cover(work)
        self._content(work)

    def _cover(self, work: _Work) -> None:
        """Set the picture, before the tracks: their answers tell the state that both left."""
        work.no_cover = self._covers.put_off
        if work.job.picture and not work.covered and not work.no_cover:
            work.snapshot = ""
            work.no_cover = self._covers.set(self._begin(work, {"do": "cover"}), work.job)

    def _create(self, work: _Work) -> None:
        job = work.job
        while not work.job.remote_id:
            entry = self._begin(work, {"do": "create", "name": job.name, "mark": job.mark})
            try:
                made = self._attempt(
                    entry,
                    lambda: api.create(self._client, name=job.name, description=job.description, public=job.public),
                )
                self._created(work, entry, str(made["id"]), str(made.get("snapshot_id") or ""))
                work.rows = []
            except AnswerLost as error:
                self._lost(work, error)
                found = self._find(job.mark)
                if found is not None:
                    self._created(work, entry, found.id, "")
                else:
                    self._store.journal.fail(entry, {"read_back": True})

    def _created(self, work: _Work, entry: int, remote_id: str, snapshot: str) -> None:
        """Remember the playlist in the same moment as its creation is confirmed."""
        work.job = replace(work.job, remote_id=remote_id)
        work.snapshot = snapshot
        work.lost = 0
        with self._store.together():
            self._store.journal.confirm(entry, {"id": remote_id})
            self._remember(work, uris=())

    def _find(self, mark: str) -> Listed | None:
        """Look for a playlist of ours by its mark, more than once."""
        for look in range(LOOKS):
            if look:
                queue.hold(self._client.pace.backoff * 2**look, "Looking for the playlist again")
            for listed in self._list().values():
                if self._is_ours(listed) and mark_in(listed.description) == mark:
                    return listed
        return None

    def _know_rows(self, work: _Work, listed: dict[str, Listed]) -> None:
        """Take the rows as the plan saw them when the playlist has not changed since, else read them."""
        seen = listed.get(work.job.remote_id)
        if work.rows is None and seen is not None and not work.written:
            work.rows = made_rows(self._store, self._account, seen.id, seen.snapshot_id)
            work.snapshot = seen.snapshot_id
        if work.rows is None:
            work.rows, work.snapshot = self._read(work.job.remote_id), ""

    def _details(self, work: _Work, listed: dict[str, Listed]) -> None:
        """Change name and description; repeating this does no harm, and what stands there is looked at first."""
        details, key = work.job.details, work.job.remote_id
        seen = listed.get(key)
        while details and not work.detailed and seen is not None and not _shows(seen, details):
            entry = self._begin(work, {"do": "details", **details})
            public = seen.public or bool(details.get("public"))
            work.snapshot = ""
            try:
                self._attempt(entry, lambda public=public: api.details(self._client, key, details, public=public))  # type: ignore[misc]
                self._store.journal.confirm(entry)
                work.detailed = True
            except AnswerLost as error:
                self._lost(work, error)
                seen = self._list().get(key)
                self._close(entry, took_effect=seen is not None and _shows(seen, details))

    def _content(self, work: _Work) -> None:
        """Write the difference between the rows that stand there and those that shall."""
        while todo := edits(self._rows(work), self._goal(work.job, self._rows(work))):
            for edit in todo:
                if not self._edit(work, edit):
                    break

    def _goal(self, job: Job, rows: Sequence[str]) -> list[str]:
        goal = merge(rows, base=[*job.base, *job.before.rows], ours=job.target, keep=job.keep)
        # What nobody can put back is not missed when the person took it out.
        there = Counter(rows)
        return [uri for uri in goal if can_be_added(uri) or there[uri] > 0]

    def _edit(self, work: _Work, edit: Edit) -> bool:
        """Make one change; return whether the rows are known to be what they should be then."""
        before = self._rows(work)
        after = apply(before, edit)
        payload = {"do": type(edit).__name__.lower(), **asdict(edit), "after": _digest(after)}
        entry = self._begin(work, payload)
        try:
            snapshot = self._attempt(entry, lambda: self._send(work.job, edit))
            self._store.journal.confirm(entry, {"snapshot_id": snapshot})
            work.rows, work.snapshot, work.written, work.lost = after, snapshot, snapshot, 0
            return True
        except AnswerLost as error:
            work.uncertain, work.written = True, ""
            self._lost(work, error)
            work.rows, work.snapshot = self._read(work.job.remote_id), ""
            if work.rows == before:
                # Spotify may show an old state for a while, and a write made twice is worse than a pause.
                queue.hold(self._client.pace.backoff * 2**work.lost, "Waiting for Spotify to settle")
                work.rows = self._read(work.job.remote_id)
            self._close(entry, took_effect=work.rows == after)
            return work.rows == after
        except SpotifyRefused as error:
            # Positions do not fit where what was read back was an old state.
            if error.status != HTTPStatus.BAD_REQUEST or not work.uncertain or work.lost >= MOST_LOST:
                raise
            work.lost += 1
            queue.hold(self._client.pace.backoff * 2**work.lost, "Waiting for Spotify to settle")
            work.rows, work.snapshot = self._read(work.job.remote_id), ""
            return False

    def _send(self, job: Job, edit: Edit) -> str:
        public = job.public
        if isinstance(edit, Add):
            return api.add(self._client, job.remote_id, edit.uris, edit.position, public=public)
        if isinstance(edit, Remove):
            return api.remove(self._client, job.remote_id, edit.uris, public=public)
        if isinstance(edit, Move):
            return api.move(self._client, job.remote_id, edit.start, edit.before, edit.length, public=public)
        return api.replace(self._client, job.remote_id, edit.uris, public=public)

    def _unfollow(self, work: _Work, listed: dict[str, Listed]) -> None:
        key = work.job.remote_id
        while key in listed or still_there(self._client, key) is not None:
            entry = self._begin(work, {"do": "unfollow"})
            try:
                self._attempt(entry, lambda: api.unfollow(self._client, key))
                self._store.journal.confirm(entry)
                return
            except AnswerLost as error:
                self._lost(work, error)
                listed = self._list()
                self._close(entry, took_effect=key not in listed)

    # --- the end ---------------------------------------------------------------------------------------------------

    def _compare(self, works: Sequence[_Work]) -> None:
        """Compare all playlists with what the last writes left, mend those that differ, and finish."""
        left = list(works)
        while True:
            self._steps.at(self._total, self._total, "Checking the playlists")
            listed = self._list()
            for work in works:
                self._remove_doubles(work, listed)
            unfinished = []
            for work in left:
                done = False
                with self._refusals(work):
                    done = self._is_done(work, listed)
                if not done and not work.refused:
                    unfinished.append(work)
            left = unfinished
            if not left:
                return
            for work in left:
                work.round += 1
                if work.mended > MOST_MENDED:
                    raise SpotifyError(
                        f"“{work.job.name}” changes on Spotify while it is written",
                        next_step="Run it again in a few minutes",
                    )
            pause = self._client.pace.backoff * 2 ** (max(work.round for work in left) - 1)
            queue.hold(pause, "Waiting for Spotify to settle")

    def _is_done(self, work: _Work, listed: dict[str, Listed]) -> bool:
        job, seen = work.job, listed.get(work.job.remote_id)
        last = work.round >= ROUNDS - 1
        if job.action == "remove":
            if seen is not None and not last:
                if work.round == PATIENT:
                    self._unfollow(work, listed)
                return False
            self._finish(work, "")
            return True
        # A playlist the person removed meanwhile is not in the list; its content is what the writes left.
        if (seen is None or seen.snapshot_id == work.snapshot) and not work.uncertain:
            self._finish(work, work.snapshot)
            return True
        snapshot = seen.snapshot_id if seen is not None else ""
        rows = self._read(job.remote_id)
        right = not edits(rows, self._goal(job, rows))
        # Spotify may show an old state for a while: one before a write that it has answered says nothing yet.
        current = snapshot == work.written or not work.written or last
        # Where every answer came, what differs in the end is the person's own change.
        if (right and (current or not work.uncertain)) or (last and not work.uncertain):
            work.rows = rows
            self._finish(work, snapshot)
            return True
        if work.uncertain and not right and current:
            work.rows = rows
            self._content(work)
            work.round, work.mended = 0, work.mended + 1
        return False

    def _finish(self, work: _Work, snapshot: str) -> None:
        job = work.job
        with self._store.together():
            self._store.journal.confirm(work.entry, {"id": job.remote_id, "snapshot_id": snapshot})
            if job.action == "remove":
                self._store.exports.forget(job.destination, job.remote_id)
                if job.undoes:
                    self._restore_memory(job, "")
                return
            if job.undoes:
                self._restore_memory(job, snapshot)
            else:
                self._remember(work, uris=job.ours)
            keep_made_rows(self._store, self._account, job.remote_id, snapshot, self._rows(work))

    def _remember(self, work: _Work, *, uris: Sequence[str]) -> None:
        job = work.job
        self._store.exports.remember(
            Exported(
                job.destination,
                job.library_key,
                job.lineage,
                job.remote_id,
                work.snapshot,
                job.name,
                tuple(uris),
                time.time(),
            )
        )

    def _restore_memory(self, job: Job, snapshot: str) -> None:
        kept = job.before.exported
        if kept is not None:
            values = {**kept, "uris": tuple(kept["uris"]), "snapshot_id": snapshot or kept["snapshot_id"]}
            self._store.exports.remember(Exported(**values))

    def _remove_doubles(self, work: _Work, listed: dict[str, Listed]) -> None:
        """Take away a second playlist that a late creation made; its mark says that it is ours."""
        job = work.job
        for other in list(listed.values()):
            double = other.id != job.remote_id and self._is_ours(other) and mark_in(other.description) == job.mark
            if double and job.action == "create":
                self._unfollow(_Work(work.entry, replace(job, remote_id=other.id)), listed)

    # --- small things ----------------------------------------------------------------------------------------------

    def _begin(self, work: _Work, payload: dict[str, Any]) -> int:
        """Note a write in the journal before the first byte of it leaves."""
        said = {**payload, "job": work.entry, "playlist": work.job.remote_id}
        with self._store.together():
            entry = self._store.journal.plan(WRITE, said, batch=self._batch)
            self._store.journal.sent(entry)
        return entry

    def _attempt(self, entry: int, send: Callable[[], T]) -> T:
        """Send a write; one that Spotify refuses took no effect, and its entry is closed."""
        try:
            return send()
        except AnswerLost:
            raise
        except SpotifyError as error:
            self._store.journal.fail(entry, {"refused": error.what})
            raise

    @contextlib.contextmanager
    def _refusals(self, work: _Work) -> Iterator[None]:
        """Give a playlist up that Spotify refuses, so that the others go on."""
        try:
            yield
        except (SpotifyRefused, SpotifyClosed) as error:
            if isinstance(error, SpotifyClosed) and error.everything:
                raise
            work.refused = error.what
            with self._store.together():
                self._store.journal.fail(work.entry, {"id": work.job.remote_id, "refused": error.what})
                if work.job.remote_id and not work.job.undoes:
                    # What may stand there is ours, and the next export must not take it for the person's.
                    work.snapshot = ""
                    self._remember(work, uris=work.job.ours)

    def _close(self, entry: int, *, took_effect: bool) -> None:
        close: Callable[..., None] = self._store.journal.confirm if took_effect else self._store.journal.fail
        close(entry, {"read_back": True})

    def _lost(self, work: _Work, error: AnswerLost) -> None:
        """Count a lost answer; after too many in a row put the work off."""
        work.lost += 1
        if work.lost >= MOST_LOST:
            raise error
        queue.hold(self._client.pace.backoff * 2 ** (work.lost - 1), "Spotify did not answer")

    def _rows(self, work: _Work) -> list[str]:
        return work.rows if work.rows is not None else []

    def _read(self, playlist_id: str) -> list[str]:
        return read_uris(self._client, playlist_id)

    def _list(self) -> dict[str, Listed]:
        return {listed.id: listed for listed in list_playlists(self._client, self._steps)}

    def _is_ours(self, listed: Listed) -> bool:
        return listed.owner == self._client.access.grant.user_id


def read_uris(client: Client, playlist_id: str) -> list[str]:
    """Return the addresses of a playlist's rows as they stand there now; empty text for a row without one.

    Pages of different states, of which the number of rows tells, are read again.
    """
    for _ in range(LOOKS):
        uris: list[str] = []
        totals: set[int] = set()
        while True:
            answer = api.items(client, playlist_id, len(uris))
            rows = rows_of(answer)
            uris += [row.uri for row in rows]
            totals.add(total_of(answer))
            if not rows or len(uris) >= total_of(answer):
                break
        if len(totals) == 1:
            break
    return uris


def made_rows(store: Store, account: str, playlist_id: str, snapshot: str) -> list[str] | None:
    """Return the rows of a playlist of ours in one state; None when they are not kept."""
    kept = store.pages.get(account, MADE + playlist_id, tag=snapshot).get(0) if snapshot else None
    return [str(uri) for uri in kept] if isinstance(kept, list) else None


def keep_made_rows(store: Store, account: str, playlist_id: str, snapshot: str, rows: Sequence[str]) -> None:
    """Keep the rows of a playlist of ours, so that exporting again need not read them."""
    if snapshot:
        store.pages.put(account, MADE + playlist_id, 0, list(rows), tag=snapshot)


def _shows(seen: Listed, details: dict[str, Any]) -> bool:
    """Return whether a playlist already says what it is to say."""
    shown = {"name": seen.name, "description": seen.description, "public": seen.public}
    return all(shown[name] == value for name, value in details.items())


def _digest(rows: Sequence[str]) -> str:
    return blake2b("\n".join(rows).encode(), digest_size=16).hexdigest()
