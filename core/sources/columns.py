"""Which column of a table holds what: names recognised through aliases, or given by the person."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import OptionError, SourceError
from core.features import BASE_NAMES, FEATURES
from core.library import Notice
from core.sources.base import shown

#: Names of each of our columns in other people's tables, as `header_key` writes them, best first. "track" comes
#: late because some programs call the track number so. The words of other languages are those of music players
#: and spreadsheets in German, French, Spanish, Italian, Portuguese and Dutch.
_ALIASES: dict[str, tuple[str, ...]] = {
    "title": (
        "trackname", "tracktitle", "title", "songname", "songtitle", "name", "track", "song",
        "mastermetadatatrackname", "titel", "titre", "título", "titulo", "titolo", "nombre",
    ),
    "artist": (
        "artistnames", "artists", "artistsname", "artistname", "artist", "trackartist", "trackartists", "performer",
        "mastermetadataalbumartistname", "interpret", "künstler", "artiste", "artistes", "artista", "artistas",
        "artisti", "artiest",
    ),
    "album": ("albumname", "albumtitle", "album", "trackalbumname", "mastermetadataalbumalbumname", "álbum"),
    "genre": (
        "genrestop", "genretop", "topgenre", "maingenre", "trackgenre", "playlistgenre", "genre", "género", "gênero",
        "genere",
    ),
    "subgenre": ("playlistsubgenre", "subgenre"),
    "genres": ("genresall", "allgenres", "genres", "artistgenres", "albumgenres"),
    "track_id": ("trackid", "id", "songid"),
    "uri": (
        "trackuri", "spotifyuri", "spotifytrackuri", "uri", "spotifyid", "spotifytrackid", "spotifyurl",
        "spotifytrackurl", "trackurl", "songurl", "url", "link",
    ),
    "isrc": ("isrc", "trackisrc", "isrccode"),
    "duration": (
        "durationms", "trackdurationms", "durationmilliseconds", "lengthms", "durations", "durationsec",
        "durationseconds", "durationmin", "durationmins", "durationminutes", "trackduration", "duration",
        "lengthduration", "length", "time", "dur", "dauer", "durée", "duración", "duração", "durata", "duur", "tiempo",
    ),
    "added_at": ("addedat", "dateadded", "addeddate", "added"),
    "explicit": ("explicit", "isexplicit"),
    "playlist": ("playlistname", "playlist"),
    "play_count": ("playcount", "timesplayed", "plays", "listens"),
    "path": ("filepath", "path", "filename", "file"),
    "mix": ("mixname", "mix", "remix", "remixer"),
    "type": ("type",),
}  # fmt: skip
_FEATURE_ALIASES: dict[str, tuple[str, ...]] = {
    "acousticness": ("acoustic", "acous"),
    "danceability": ("dance", "dnce"),
    "energy": ("nrgy",),
    "instrumentalness": ("instrumental",),
    "speechiness": ("spch",),
    "tempo": ("bpm", "tempobpm", "beatsperminute", "beatsperminutebpm"),
    "loudness": ("loudnessdb", "loud", "louddb"),
}
#: What Chosic, Sort Your Music and tables made with them call features. Elsewhere the words may mean something else
#: ("live": whether it is a concert), so they count only beside `_OTHER_FEATURES` features with clearer names.
_SHORT_ALIASES: dict[str, tuple[str, ...]] = {
    "liveness": ("live",),
    "loudness": ("db",),
    "speechiness": ("speech",),
    "valence": ("val", "happy"),
}
_OTHER_FEATURES = 3
#: Some tables carry features with the name of the record they were part of.
_FEATURE_PREFIXES = ("", "audiofeatures", "trackfeatures")
for _name in FEATURES:
    _key = _name.replace("_", "")
    _ALIASES[_name] = (*(prefix + _key for prefix in _FEATURE_PREFIXES), *_FEATURE_ALIASES.get(_name, ()))

#: Columns a person can name, in the order they are listed in messages.
OUR_COLUMNS: tuple[str, ...] = tuple(_ALIASES)
#: At least one of these makes a table a music library.
IDENTITY = ("title", "track_id", "uri", "isrc")
_MILLISECONDS = frozenset({"durationms", "trackdurationms", "durationmilliseconds", "lengthms"})
_SECONDS = frozenset({"durations", "durationsec", "durationseconds"})
_MINUTES = frozenset({"durationmin", "durationmins", "durationminutes"})
#: Columns listed in a message before the rest is summed up.
_LISTED = 12


@dataclass(frozen=True)
class Choice:
    """Which column of a table serves which of ours.

    Attributes
    ----------
    positions : mapping of str to int
        Our column → position of theirs, from 0.
    headers : mapping of str to str
        Our column → what the table calls it, fit for messages.
    duration_unit : {"ms", "s", "min", ""}
        The unit the duration's header names, or the person.
    is_unit_given : bool
        Whether the person did.
    named : frozenset of str
        Our columns that the person named.
    doubtful : frozenset of str
        Features recognised by a word that may mean something else, such as “live”.
    notices : tuple of Notice
        Of kind ``unused-column`` when several columns could serve one of ours, and ``absent-names`` when there is
        no column for titles or artists.
    """

    positions: Mapping[str, int]
    headers: Mapping[str, str]
    duration_unit: str
    is_unit_given: bool
    named: frozenset[str]
    doubtful: frozenset[str]
    notices: tuple[Notice, ...]


def header_key(header: str) -> str:
    """Return a header without case, spaces and punctuation: ``"Artist Name(s)"`` becomes ``"artistnames"``."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return "".join(char for char in plain if char.isalnum())


_OURS_BY_ALIAS = {alias: ours for ours, aliases in _ALIASES.items() for alias in aliases}


def our_column(name: str) -> str:
    """Return which of `OUR_COLUMNS` a person means, who may call it by any of its aliases.

    Raises
    ------
    OptionError
        When it is none of them.
    """
    alias = header_key(name)
    ours = _OURS_BY_ALIAS.get(alias) or ("playlist" if alias == "origins" else None)
    if ours is None:
        raise OptionError(f"there is no column {name!r} to fill", next_step=f"Columns: {', '.join(OUR_COLUMNS)}")
    return ours


def known_headers(headers: Sequence[str]) -> int:
    """Return how many headers are recognised through aliases."""
    return sum(header_key(header) in _OURS_BY_ALIAS for header in headers)


def choose_columns(headers: Sequence[str], *, mapping: Mapping[str, str], path: str) -> Choice:
    """Find out which column of a table holds what.

    Parameters
    ----------
    headers : sequence of str
        The table's column names in their order.
    mapping : mapping of str to str
        Our column → the table's column, for those the person has named. Our columns go by the names in
        `OUR_COLUMNS` and all their aliases, so that ``tempo`` and ``bpm`` mean the same.
    path : str
        The file, for messages.

    Returns
    -------
    Choice
        Named columns first, then the best alias for each of the others.

    Raises
    ------
    OptionError
        When `mapping` names a column of ours that does not exist.
    SourceError
        When the table lacks a named column, or no column makes it a music library.
    """
    named = _named_columns(headers, mapping, path)
    positions = {ours: position for ours, (position, _) in named.items()}
    notices = _take(_ALIASES, headers, positions)
    clear = frozenset(positions)
    if sum(name in clear for name in FEATURES) >= _OTHER_FEATURES:
        notices += _take(_SHORT_ALIASES, headers, positions)
    if not any(ours in positions for ours in (*IDENTITY, *BASE_NAMES)):
        raise _nothing_known(headers, path)
    unit = _duration_unit(named["duration"][1]) if "duration" in named else ""
    is_given = bool(unit)
    if not unit and "duration" in positions:
        unit = _duration_unit(header_key(headers[positions["duration"]]))
    chosen = {ours: shown(headers[position]) for ours, position in positions.items()}
    notices += _told_absent(positions)
    doubtful = frozenset(positions) - clear
    return Choice(positions, chosen, unit, is_given, frozenset(named), doubtful, tuple(notices))


def _take(aliases: Mapping[str, tuple[str, ...]], headers: Sequence[str], positions: dict[str, int]) -> list[Notice]:
    """Give columns of theirs to those of ours that have none yet, in place, and tell which were left over."""
    keys = [header_key(header) for header in headers]
    notices = []
    for ours, names in aliases.items():
        if ours in positions:
            continue
        found = [position for name in names for position, key in enumerate(keys) if key == name]
        found = [position for position in found if position not in positions.values()]
        if found:
            positions[ours] = found[0]
        if len(found) > 1:
            notices.append(_told_unused(ours, [headers[position] for position in found]))
    return notices


def _named_columns(headers: Sequence[str], mapping: Mapping[str, str], path: str) -> dict[str, tuple[int, str]]:
    """Return our column → position of the table's column, and the alias our column was called by."""
    named = {}
    for our_name, their_name in mapping.items():
        ours, alias = our_column(our_name), header_key(our_name)
        exact = [position for position, header in enumerate(headers) if header.strip() == their_name.strip()]
        similar = [position for position, header in enumerate(headers) if header_key(header) == header_key(their_name)]
        if not (exact or similar):
            raise SourceError(
                f"there is no column “{shown(their_name)}” (asked for as {our_name})",
                where=path,
                next_step=_found(headers),
            )
        named[ours] = ((exact or similar)[0], alias)
    return named


def _duration_unit(key: str) -> str:
    for unit, names in (("ms", _MILLISECONDS), ("s", _SECONDS), ("min", _MINUTES)):
        if key in names:
            return unit
    return ""


def _found(headers: Sequence[str]) -> str:
    listed = ", ".join(f"“{shown(header)}”" for header in headers[:_LISTED])
    more = len(headers) - _LISTED
    return f"Its columns are {listed}" + (f" and {more} more" if more > 0 else "")


def _told_unused(ours: str, headers: Sequence[str]) -> Notice:
    others = ", ".join(f"“{shown(header)}”" for header in headers[1:])
    text = f"{ours} was read from the column “{shown(headers[0])}”, not from {others}"
    return Notice("unused-column", len(headers) - 1, text, command=f"choose with --column {ours}=NAME")


def _told_absent(positions: Mapping[str, int]) -> list[Notice]:
    """Return the notice that tracks cannot be called by their names, if so."""
    absent = [ours for ours in ("title", "artist") if ours not in positions]
    if not absent:
        return []
    text = f"the table has no column that is known to hold {' or '.join(f'{ours}s' for ours in absent)}"
    return [Notice("absent-names", len(absent), text, command=f"if it has one, name it with --column {absent[0]}=NAME")]


def _nothing_known(headers: Sequence[str], path: str) -> SourceError:
    needs = (
        "A library needs a title (title, track_name), an id (track_id, Track URI) or audio features "
        f"({BASE_NAMES[0]} … {BASE_NAMES[-1]})"
    )
    return SourceError(
        f"no column is recognised by its name in the first line. {_found(headers)}",
        where=path,
        next_step=f"{needs}; give the columns such names",
        command=f"{needs}; say which column is which with --column title=NAME",
    )
