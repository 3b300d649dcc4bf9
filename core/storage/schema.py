"""The tables, as one list of statements for each version of the database.

A version that has been given out is never edited: a new database is made by running all steps in order, so it has
exactly the tables an old one gets by migrating.

Times are seconds since 1970 in UTC. Lists and mappings are JSON text. Unknown numbers are NULL.
"""

from __future__ import annotations

from typing import Final

# What versions 1 to 3 store of a track; like the versions, it is never edited.
_TRACK_COLUMNS: Final = """(
        library_id INTEGER NOT NULL REFERENCES libraries (id) ON DELETE CASCADE,
        position   INTEGER NOT NULL,
        track_id   TEXT NOT NULL,
        track_key  TEXT NOT NULL,
        title      TEXT NOT NULL,
        artist     TEXT NOT NULL,
        album      TEXT NOT NULL,
        genre      TEXT NOT NULL,
        added_at   TEXT NOT NULL,
        uri        TEXT NOT NULL,
        isrc       TEXT NOT NULL,
        path       TEXT NOT NULL,
        genres     TEXT NOT NULL,
        origins    TEXT NOT NULL,
        duration_s REAL,
        play_count REAL,
        explicit   REAL,
        provider   TEXT NOT NULL,
        acousticness REAL, danceability REAL, energy REAL, instrumentalness REAL, liveness REAL, speechiness REAL,
        tempo REAL, valence REAL, loudness REAL, key REAL, mode REAL, time_signature REAL,
        PRIMARY KEY (library_id, position)
    ) WITHOUT ROWID
    """

# Version 1: what an analysis without an account needs.
#
# - tracks and run_tracks are read and replaced a whole library or run at a time and in order, so the position is
#   part of their key and they lie on the disk in that order (WITHOUT ROWID).
# - libraries counts its tracks, so that the list of recent ones need not read them.
# - features holds one row for each provider, because two may know the same track and differ.
# - runs.library_key is no foreign key: a kept run outlives its library's removal from the recent ones.
# - AUTOINCREMENT: the number of a deleted run is never given to another.
_VERSION_1 = (
    """
    CREATE TABLE libraries (
        id              INTEGER PRIMARY KEY,
        key             TEXT NOT NULL UNIQUE,
        name            TEXT NOT NULL,
        kind            TEXT NOT NULL,
        path            TEXT NOT NULL,
        feature_columns TEXT NOT NULL,
        genre_parents   TEXT NOT NULL,
        notices         TEXT NOT NULL,
        tracks          INTEGER NOT NULL,
        with_features   INTEGER NOT NULL,
        saved_at        REAL NOT NULL,
        opened_at       REAL NOT NULL
    )
    """,
    f"CREATE TABLE tracks {_TRACK_COLUMNS}",
    """
    CREATE TABLE features (
        track_key TEXT NOT NULL,
        provider  TEXT NOT NULL,
        time      REAL NOT NULL,
        acousticness REAL, danceability REAL, energy REAL, instrumentalness REAL, liveness REAL, speechiness REAL,
        tempo REAL, valence REAL, loudness REAL, key REAL, mode REAL, time_signature REAL,
        PRIMARY KEY (track_key, provider)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE misses (
        track_key TEXT NOT NULL,
        provider  TEXT NOT NULL,
        time      REAL NOT NULL,
        PRIMARY KEY (track_key, provider)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE runs (
        id           INTEGER PRIMARY KEY AUTOINCREMENT,
        library_key  TEXT NOT NULL,
        library_name TEXT NOT NULL,
        source_kind  TEXT NOT NULL,
        source_path  TEXT NOT NULL,
        recipe       TEXT NOT NULL,
        algorithm    TEXT NOT NULL,
        k            INTEGER NOT NULL,
        tracks       INTEGER NOT NULL,
        options      TEXT NOT NULL,
        document     TEXT NOT NULL,
        created_at   REAL NOT NULL
    )
    """,
    "CREATE INDEX runs_of_library ON runs (library_key, id)",
    """
    CREATE TABLE run_clusters (
        run_id     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        cluster_id INTEGER NOT NULL,
        lineage    TEXT NOT NULL,
        PRIMARY KEY (run_id, cluster_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE run_tracks (
        run_id     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        position   INTEGER NOT NULL,
        track_id   TEXT NOT NULL,
        cluster_id INTEGER NOT NULL,
        fit        REAL,
        PRIMARY KEY (run_id, position)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE edits (
        library_key TEXT NOT NULL,
        lineage     TEXT NOT NULL,
        name        TEXT NOT NULL DEFAULT '',
        time        REAL NOT NULL,
        PRIMARY KEY (library_key, lineage)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE state (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        until REAL,
        time  REAL NOT NULL
    ) WITHOUT ROWID
    """,
)

# Version 2: genres looked up, an account, and playlists that are written to it.
#
# - tracks.spotify_at is when the row was obtained from Spotify's API, NULL for a person's own data. Libraries of
#   version 1 had no such date; those read from an account get the time they were saved.
# - libraries.dropped counts the tracks that went because such a date ran out.
# - The partial indexes keep "is anything too old?" fast, which is asked at every start.
# - AUTOINCREMENT in the journal: its order is the order of the writes, also after old entries are gone.
_VERSION_2 = (
    "ALTER TABLE libraries ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE tracks ADD COLUMN spotify_at REAL",
    """
    UPDATE tracks
       SET spotify_at = (SELECT saved_at FROM libraries WHERE libraries.id = tracks.library_id)
     WHERE library_id IN (SELECT id FROM libraries WHERE kind = 'spotify')
    """,
    "CREATE INDEX tracks_from_spotify ON tracks (spotify_at) WHERE spotify_at IS NOT NULL",
    "CREATE INDEX tracks_with_spotify_features ON tracks (track_key) WHERE provider = 'spotify'",
    "CREATE INDEX features_from_spotify ON features (time) WHERE provider = 'spotify'",
    "ALTER TABLE edits ADD COLUMN locked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE state ADD COLUMN from_spotify INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE genres (
        kind   TEXT NOT NULL,
        key    TEXT NOT NULL,
        genres TEXT NOT NULL,
        time   REAL NOT NULL,
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE exports (
        destination TEXT NOT NULL,
        library_key TEXT NOT NULL,
        lineage     TEXT NOT NULL,
        remote_id   TEXT NOT NULL,
        snapshot_id TEXT NOT NULL,
        name        TEXT NOT NULL,
        uris        TEXT NOT NULL,
        time        REAL NOT NULL,
        PRIMARY KEY (destination, library_key, lineage),
        UNIQUE (destination, remote_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE journal (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        batch      TEXT NOT NULL,
        kind       TEXT NOT NULL,
        payload    TEXT NOT NULL,
        state      TEXT NOT NULL CHECK (state IN ('planned', 'sent', 'confirmed', 'failed')),
        answer     TEXT NOT NULL,
        time       REAL NOT NULL,
        changed_at REAL NOT NULL
    )
    """,
    "CREATE INDEX journal_of_batch ON journal (batch, id)",
    "CREATE INDEX journal_open ON journal (id) WHERE state IN ('planned', 'sent')",
    """
    CREATE TABLE calls (
        family TEXT NOT NULL,
        time   REAL NOT NULL
    )
    """,
    "CREATE INDEX calls_by_time ON calls (time, family)",
    """
    CREATE TABLE spotify_pages (
        account    TEXT NOT NULL,
        collection TEXT NOT NULL,
        page       INTEGER NOT NULL,
        tag        TEXT NOT NULL,
        body       TEXT NOT NULL,
        time       REAL NOT NULL,
        PRIMARY KEY (account, collection, page)
    ) WITHOUT ROWID
    """,
)

# Version 3: own_tracks holds what a person's own files alone say of a track that an account gave as well. It takes the
# track's place when the account's data has to go; that is why it has the same columns and the same key.
_VERSION_3 = (f"CREATE TABLE own_tracks {_TRACK_COLUMNS}",)

# Version 4: a kept run lists the ids of tracks, which are Spotify's where an account gave them.
#
# - runs.spotify_at is when the oldest of its tracks was obtained from Spotify's API, NULL for a person's own. Earlier
#   runs had no such date; those of libraries with tracks from an account get the time they were kept.
# - lineage_marks tells which playlist is which when such a run has gone.
_VERSION_4 = (
    "ALTER TABLE runs ADD COLUMN spotify_at REAL",
    """
    UPDATE runs SET spotify_at = created_at
     WHERE source_kind = 'spotify'
        OR library_key IN (SELECT key FROM libraries
                            WHERE kind = 'spotify' OR dropped > 0
                               OR id IN (SELECT library_id FROM tracks WHERE spotify_at IS NOT NULL))
    """,
    "CREATE INDEX runs_from_spotify ON runs (spotify_at) WHERE spotify_at IS NOT NULL",
    """
    CREATE TABLE lineage_marks (
        library_key TEXT NOT NULL,
        lineage     TEXT NOT NULL,
        mark        TEXT NOT NULL,
        PRIMARY KEY (library_key, lineage, mark)
    ) WITHOUT ROWID
    """,
)

#: The statements that lead from version n to version n + 1.
STEPS: Final[tuple[tuple[str, ...], ...]] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)
#: The version this program reads and writes, kept in ``PRAGMA user_version``.
VERSION: Final = len(STEPS)
