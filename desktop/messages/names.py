"""What recipes, algorithms, orders, formats, services, columns and keys are called, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desktop.messages.base import Message

#: A track on either side of the library's median, by feature: (low, high).
COMPARISONS: Final[Mapping[str, tuple[Message, Message]]] = {
    "acousticness": (Message("more electric"), Message("more acoustic")),
    "danceability": (Message("less danceable"), Message("more danceable")),
    "energy": (Message("calmer"), Message("more energetic")),
    "instrumentalness": (Message("more vocal"), Message("more instrumental")),
    "liveness": (Message("more like a studio recording"), Message("more like a concert")),
    "speechiness": (Message("less spoken"), Message("more spoken")),
    "tempo": (Message("slower"), Message("faster")),
    "valence": (Message("sadder"), Message("happier")),
    "loudness": (Message("quieter"), Message("louder")),
}
ALGORITHM_NAMES: Final[Mapping[str, Message]] = {
    "kmeans": Message("K-means"),
    "minibatch": Message("Mini-batch K-means"),
    "bisecting": Message("Bisecting K-means"),
    "gaussian-mixture": Message("Gaussian mixture"),
    "ward": Message("Ward"),
    "spectral": Message("Spectral"),
    "mean-shift": Message("Mean shift"),
    "hdbscan": Message("HDBSCAN"),
}
ALGORITHM_MEANINGS: Final[Mapping[str, Message]] = {
    "kmeans": Message("Round groups around their middles"),
    "minibatch": Message("As K-means, quicker and a little rougher"),
    "bisecting": Message("Halves the largest group again and again"),
    "gaussian-mixture": Message("Groups of any stretched shape"),
    "ward": Message("Joins what is alike, from single tracks up"),
    "spectral": Message("Follows chains of neighbours"),
    "mean-shift": Message("Finds the crowded places by itself"),
    "hdbscan": Message("Dense crowds only, the rest fits nowhere"),
}
RECIPE_NAMES: Final[Mapping[str, Message]] = {"balanced": Message("Balanced"), "article": Message("Article")}
RECIPE_MEANINGS: Final[Mapping[str, Message]] = {
    "balanced": Message("Playlists that words can tell apart"),
    "article": Message("The published method of 2018"),
}
ORDER_MEANINGS: Final[Mapping[str, Message]] = {
    "fit": Message("best fitting first"),
    "smooth": Message("neighbours sound alike"),
    "arc": Message("energy rises, then falls"),
    "added": Message("oldest like first"),
    "shuffle": Message("at random"),
}
FORMAT_MEANINGS: Final[Mapping[str, Message]] = {
    "m3u8": Message("M3U8, for music players"),
    "xspf": Message("XSPF, for music players"),
    "jspf": Message("JSPF, for ListenBrainz"),
    "csv": Message("CSV, for spreadsheets"),
    "links": Message("Links, for pasting into Spotify"),
}
PROVIDER_NAMES: Final[Mapping[str, Message]] = {
    "reccobeats": Message("ReccoBeats"),
    "spotify": Message("Spotify"),
    "file": Message("the file itself"),
    "demo": Message("the demo"),
    "table": Message("the table"),
    "fma": Message("the Free Music Archive"),
    "exportify": Message("Exportify"),
    "tags": Message("the files’ tags"),
}
COLUMN_NAMES: Final[Mapping[str, Message]] = {
    "title": Message("Title"),
    "artist": Message("Artist"),
    "album": Message("Album"),
    "genre": Message("Genre"),
    "origin": Message("From"),
    "playlist": Message("Playlist"),
    "second": Message("Second choice"),
    "fit": Message("Fit"),
    "duration_s": Message("Length"),
}
DUPLICATE_ONE = Message("1 duplicate")
#: Why tracks are in no playlist: as an entry of the list, as part of a sentence, and what it means.
LEFT_OUT: Final[Mapping[str, tuple[Message, Message, Message]]] = {
    "left out by hand": (
        Message("Left out by you"),
        Message("{count} left out by you"),
        Message("Tracks you left out. Move them to any playlist to have them back."),
    ),
    "fits nowhere": (
        Message("Fits nowhere"),
        Message("{count} that fit nowhere"),
        Message("Tracks that suit no playlist well."),
    ),
    "duplicate": (
        Message("Duplicates"),
        Message("{count} duplicates"),
        Message("Recordings that are in the library more than once: one of each is in a playlist, these are the rest."),
    ),
    "explicit": (
        Message("Explicit"), Message("{count} explicit"), Message("Tracks marked as explicit, which a lever drops."),
    ),
    "too short": (
        Message("Too short"), Message("{count} too short"), Message("Tracks shorter than you asked for."),
    ),
    "too long": (Message("Too long"), Message("{count} too long"), Message("Tracks longer than you asked for.")),
    "artist limit": (
        Message("Over the artist limit"),
        Message("{count} over the artist limit"),
        Message("Tracks of artists who have as many in the playlist as you asked for already."),
    ),
}  # fmt: skip
#: What a person may have, and how to come by it.
MUSIC: Final[tuple[tuple[Message, Message], ...]] = (
    (
        Message("Spotify’s data package"),
        Message(
            "On Spotify’s website choose Account, Privacy, Download your data. Spotify sends a zip some days later; "
            "open it as it is."
        ),
    ),
    (
        Message("Exportify"),
        Message(
            "The websites exportify.net and exportify.app save Spotify playlists as CSV files. Open one, several, "
            "or their zip."
        ),
    ),
    (
        Message("Spotify account"),
        Message("Reads liked songs and playlists directly. Setting it up takes four steps, shown one by one."),
    ),
    (
        Message("A table"),
        Message("CSV, TSV or Parquet, a track a row, its columns under their usual names, such as artist and energy."),
    ),
    (
        Message("Free Music Archive"),
        Message("Its metadata can be downloaded here: a hundred thousand free tracks to look around in."),
    ),
)
SHORTCUTS: Final[tuple[tuple[str, Message], ...]] = (
    ("Ctrl+O", Message("Open a file")),
    ("Ctrl+E", Message("Export")),
    ("Ctrl+L", Message("Levers")),
    ("Ctrl+F", Message("Search tracks")),
    ("Ctrl+0", Message("Choose the whole library")),
    ("Ctrl+1 … Ctrl+5", Message("Map, heatmap, genres, features, how many")),
    ("Ctrl+Z / Ctrl+Shift+Z", Message("Undo, redo")),
    ("F2 or Enter", Message("Rename the chosen playlist; Enter keeps the name, Esc the old one")),
    ("Ctrl+M", Message("Merge the chosen playlists")),
    ("Ctrl+D", Message("Split the chosen playlist in two")),
    ("Delete", Message("Take the chosen tracks out of all playlists")),
    ("Ctrl+C / Ctrl+Shift+C", Message("Copy the chosen tracks, copy their links")),
    ("Enter", Message("In the table: open the track in Spotify, or show its file")),
    ("Arrows, + and −, Home", Message("On the map: move, zoom, show all")),
    ("Alt+Left", Message("Back to the place before, on the trail")),
    ("Alt+L", Message("Library menu")),
    ("Esc", Message("Stop what is under way")),
    ("F1", Message("Help")),
)


def left_out(reason: str) -> str:
    """Return why tracks are in no playlist, as a head."""
    return LEFT_OUT[reason][0]()


def left_out_count(reason: str, count: int) -> str:
    """Return how many tracks are left out for a reason, such as "12 duplicates"."""
    return DUPLICATE_ONE() if (reason, count) == ("duplicate", 1) else LEFT_OUT[reason][1](count=f"{count:,}")


def left_out_tip(reason: str) -> str:
    """Return what a reason means."""
    return LEFT_OUT[reason][2]()
