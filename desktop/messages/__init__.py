"""Every text the window can show, in one place; each goes through Qt's translation.

A text may have placeholders: ``OPENED(name="demo:")``. Errors say the next step; they come from `core.errors`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from core.errors import LeitmotifError, PermissionMissing, SignInNeeded
from core.features import FEATURES, Feature
from desktop.messages import names
from desktop.messages.base import CONTEXT, Message

if TYPE_CHECKING:
    from core.errors import LeitmotifError
    from core.records import Claim, ClusterName

APP: Final = "Leitmotif"

# Start page
START_TITLE = Message("What do you have?")
START_HINT = Message("Leitmotif sorts your music into playlists named for how they sound, and shows why.")
CARD_FILES = Message("Files")
CARD_FILES_TEXT = Message(
    "Drop Spotify’s data package, an Exportify file or any table of tracks here, one or several at once."
)
CARD_FMA = Message("Free Music Archive")
CARD_FMA_TEXT = Message("Open the archive’s metadata folder or zip, or download it (342 MB).")
CARD_DEMO = Message("Demo library")
CARD_DEMO_TEXT = Message("2,400 made-up tracks that sound like their genres. Nothing to set up.")
CARD_SPOTIFY = Message("Spotify account")
CARD_SPOTIFY_TEXT = Message("Your liked songs and playlists. Set up once, in a few minutes.")
HOW_TO_GET = Message("How do I get my music in?")
SPOTIFY_LIBRARY = Message("Spotify library")
OPEN_FILE = Message("Open a file…")
OPEN_FOLDER = Message("Open a folder…")
OPEN_DEMO = Message("Open the demo")
DOWNLOAD = Message("Download…")
SET_UP = Message("Set up…")
RECENT = Message("Recent libraries")
RECENT_TEXT = Message("{tracks} · opened {when}")
RECENT_NONE = Message("What you open will be listed here.")
DROP_HERE = Message("Drop it anywhere in the window")
FILES_FILTER = Message("Libraries (*.csv *.tsv *.txt *.zip *.json *.parquet);;All files (*)")
CHOOSE_FILE = Message("Open a library")
CHOOSE_FOLDER = Message("Open a folder with a library")
CHOOSE_DOWNLOAD = Message("Where to put the archive’s metadata")
TODAY = Message("today")
DAYS_AGO = Message("{days} days ago")
YESTERDAY = Message("yesterday")

# Work under way
READING = Message("Reading {name}")
ANALYSING = Message("Analysing {name}")
LOOKING_INSIDE = Message("Looking inside")
RESTORING = Message("Bringing the earlier result back")
FETCHING_FEATURES = Message("Getting audio features")
FETCHING_GENRES = Message("Looking up genres")
COUNTING_FEATURES = Message("Looking which tracks have audio features")
DOWNLOADING = Message("Downloading the archive’s metadata")
CANCEL = Message("Cancel")
STEP_SHARE = Message("{text} · {share}")
STEP_OF = Message("{text} · {done} of {total}")
LOADING_HINT = Message("Ten thousand tracks take a few seconds, a hundred thousand about a minute.")

# Head of the window
LIBRARY_MENU = Message("Library")
START_PAGE = Message("Start page")
WITH_FEATURES = Message("{tracks} · {share} with audio features")
INSIDE_PLACE = Message("inside {name}")
PLAYLISTS_AUTO = Message("Playlists: auto ({count})")
PLAYLISTS_COUNT = Message("Playlists: {count}")
K_AUTO = Message("As many as suit the library")
K_TIP = Message("How many playlists")
LEVERS = Message("Levers")
LEVERS_TIP = Message("How playlists are made: the method, what counts how much, what goes in (Ctrl+L)")
EXPORT = Message("Export…")
FEATURES_STEP = Message("Audio features…")
RUNS = Message("Earlier results…")
HELP = Message("Help")
THEME_MENU = Message("Look")
LOOK_SYSTEM = Message("As the system")
LOOK_LIGHT = Message("Light")
LOOK_DARK = Message("Dark")
QUIT = Message("Quit")
NOTICES = Message("Good to know")
NOTICES_COUNT = Message("{count} notes")
NOTICE_ONE = Message("1 note")
BACK_TO = Message("Back to {name}")
UNDO_WHAT = Message("Undo: {what} (Ctrl+Z)")
REDO_WHAT = Message("Redo: {what} (Ctrl+Shift+Z)")
UNDO_NOTHING = Message("Nothing to undo")
REDO_NOTHING = Message("Nothing to redo")
EXPORT_TIP = Message("Write the playlists to files or to Spotify, after a look at the plan (Ctrl+E)")
UNDO = Message("Undo")
REDO = Message("Redo")

# Playlists
PLAYLISTS = Message("Playlists")
TWIN = Message("Duplicate")
TWIN_OF = Message("Duplicate, stays in {playlist}")
LEFT_OUT_HERE = Message("{size}; left out: {reasons}")
WHOLE_LIBRARY = Message("Whole library")
PLAYLIST_SPOKEN = Message("{name}, {tracks}, {claims}")
RENAME = Message("Rename")
RENAME_BACK = Message("Let the music name it")
RENAME_TIP = Message("Give it a name of your own (F2)")
LOCK = Message("Keep this name")
LOCK_SHORT = Message("Keep name")
LOCK_TIP = Message("Keep this name when the library is analysed again")
UNLOCK = Message("Let the name change")
UNLOCK_SHORT = Message("Release")
UNLOCK_TIP = Message("Let the name change when the library is analysed again")
MERGE = Message("Merge")
MERGE_TIP = Message("Make one playlist of the chosen ones (Ctrl+M); choose several with Ctrl or Shift")
SPLIT = Message("Split in two")
SPLIT_SHORT = Message("Split")
SPLIT_TIP = Message("Make two playlists of it, by how its tracks sound (Ctrl+D)")
LEAVE_OUT = Message("Leave out")
LEAVE_OUT_TIP = Message("Take the chosen tracks out of all playlists (Delete)")
NO_CLAIMS = Message("a bit of everything")
SHOW_WHOLE = Message("All tracks")
SHOW_WHOLE_TIP = Message("Choose the whole library (Ctrl+0)")
MOVE_TO = Message("Move to")
NEW_PLAYLIST = Message("Make a playlist of these")
ANALYSE_INSIDE = Message("Go inside, as a library of its own")
COPY = Message("Copy")
COPY_LINKS = Message("Copy links")
LINKS_COPIED = Message("{count} links copied: paste them into a playlist in Spotify’s desktop program")
NO_LINKS = Message("None of these tracks has a Spotify address")
EDIT_RENAME = Message("Rename")
EDIT_LOCK = Message("Keep name")
EDIT_UNLOCK = Message("Let name change")
EDIT_MERGE = Message("Merge")
EDIT_SPLIT = Message("Split")
EDIT_MOVE = Message("Move")
EDIT_LEAVE_OUT = Message("Leave out")
EDIT_NEW = Message("New playlist")
EDIT_NUMBER = Message("Number of playlists")
EDIT_LEVERS = Message("Levers")
EDIT_RUN = Message("Bring an earlier result back")

# Views
TAB_MAP = Message("Map")
TAB_HEATMAP = Message("Heatmap")
TAB_GENRES = Message("Genres")
TAB_FEATURES = Message("Features")
TAB_K = Message("How many?")
TAB_WHY = Message("Why this name")
COLOUR_BY = Message("Colour the left map by")
BY_GENRE = Message("genre")
BY_ORIGIN = Message("where it comes from")
LASSO = Message("Lasso: draw around tracks to choose them (or hold Shift)")
SHOW_ALL = Message("Show all")
SAVE = Message("Save what is shown")
SAVE_PICTURE = Message("Save picture…")
SAVE_TABLE = Message("Save table…")
PICTURES_FILTER = Message("PNG picture (*.png);;SVG drawing (*.svg)")
TABLES_FILTER = Message("CSV table (*.csv)")
SAVED = Message("Saved {path}")
PREPARED_VALUES = Message("Averages")
DIFFERENCE = Message("Difference from the library")
MAP_BY = Message("By {what}")
CELL_TIP = Message("{playlist}, {feature}: {value}")
TRACK_TIP = Message("{title}\n{artist}\n{playlist}")
TRACK_POINT = Message("{artist} – {title}")
GENRE_IN_PLAYLIST = Message("{genre} in {playlist}")
GENRE_CELL = Message("{genre} in {playlist}: {tracks}, {part} of the genre and {other} of the playlist")
CHOSEN_TRACKS = Message("{count} chosen tracks")
CHOSEN_TRACK = Message("1 chosen track")
NO_GENRES = Message("This library has no genres. The other views do not need any.")
NO_SWEEP = Message("This algorithm finds the number of playlists itself, so there is nothing to compare.")
GENRES_HINT = Message("Click a cell for its tracks, double-click to go inside.")
GO_INSIDE = Message("Go inside {name}")
GO_INSIDE_TIP = Message("Analyse {name} as a library of its own")
COUNTS = Message("Tracks")
SHARE_OF_GENRE = Message("Share of the genre")
SHARE_OF_PLAYLIST = Message("Share of the playlist")
GENRE_HEAD = Message("Genre")
PLAYLIST_HEAD = Message("Playlist")
BY_GENRES = Message("Each genre’s playlist")
BY_PLAYLISTS = Message("Each playlist’s genre")
MOST_PLAYLIST = Message("Most of it is in")
MOST_GENRE = Message("Most of it is")
SHARE_HEAD = Message("Share")
AGREEMENT = Message("Playlists follow genres by {value}: 0 is chance, 1 exact (adjusted mutual information)")
TRACKS_HEAD = Message("Tracks")
FEATURES_HINT = Message("Bars: what is selected. Line: the whole library, dashed at its middle.")
AGAINST = Message("against")
DISTRIBUTION_OF = Message("Distribution of {feature}")
K_HINT = Message("Suggested: {reason}. Click a number to use it.")
INERTIA = Message("How loose they are (inertia; less is better)")
SILHOUETTE = Message("How clearly playlists stand apart (silhouette; more is better)")
STABILITY = Message("How surely they come out again (stability; more is better)")
NUMBER_OF_PLAYLISTS = Message("number of playlists")
SUGGESTED = Message("suggested")
FEATURE_AXIS = Message("{feature}: {low} → {high}")
ACROSS = Message("Feature from left to right")
UP = Message("Feature from bottom to top")
WHY_NOTHING = Message("Nothing sets these tracks apart from the rest, so the name promises nothing.")
WHY_GIVEN = Message("You named it. This is what is true of its tracks:")
WHY_NONE = Message("Choose a playlist to see why it is called that.")
FITS_BEST = Message("Fits best")
FITS_LEAST = Message("Fits least")
CLAIM_LINE = Message("{share} of its tracks, and {rest} of the others, are {than} than half of your library.")
CLAIM_GENRE = Message("{share} of its tracks, and {rest} of the others, are {genre}.")
WHY_BARS = Message("Bars: this playlist. Line: the whole library, dashed at its middle.")
WHY_SEVERAL = Message("{count} playlists are chosen. Choose one to see why it is called that, or merge them.")
WHY_OTHER = Message("{tracks} are chosen. Names belong to playlists: choose one to see why it is called that.")
NAMES_REPEAT = Message("Playlists found anew in parts of the library keep {share} of what their names say.")
NAMES_UNCHECKED = Message("Whether names come out again on parts of the library is not known: {reason}.")
HOURS_MINUTES = Message("{hours}\N{NO-BREAK SPACE}h {minutes}\N{NO-BREAK SPACE}min")
MINUTES = Message("{minutes}\N{NO-BREAK SPACE}min")
SIZE_LINE = Message("{tracks} · {duration}")
SIZE_OF = Message("{name}: {tracks}")
FIT_OF = Message("{title}, {artist}, fits by {fit} of 100")

# Levers
RECIPE = Message("Recipe")
ALGORITHM = Message("Algorithm")
SEED = Message("Seed")
SEED_TIP = Message("Where chance starts: the same number gives the same playlists")
HOW_MANY = Message("How many")
HOW_MANY_TIP = Message("“auto” takes the number that suits the library")
HOW_MANY_FREE = Message("This algorithm finds the number itself")
SIZES = Message(" tracks")
SIZES_FROM = Message("At least")
SIZES_FROM_TIP = Message("Smaller playlists join the one that sounds nearest")
SIZES_TO = Message("At most")
SIZES_TO_TIP = Message("Larger playlists are divided by how they sound")
ANY = Message("any")
AUTO = Message("auto")
ORDER = Message("Order")
MAX_PER_ARTIST = Message("Per artist")
MAX_PER_ARTIST_TIP = Message("Most tracks of one artist in a playlist")
SHORTEST = Message("Shortest")
SHORTEST_TIP = Message("Shorter tracks are left out; written as 2:30, or in seconds")
LONGEST = Message("Longest")
LONGEST_TIP = Message("Longer tracks are left out")
NO_LENGTH = Message("“{text}” is no length")
LENGTH_HOW = Message("Write minutes and seconds, such as 2:30, or seconds, such as 150")
PREFIX = Message("Before")
PREFIX_TIP = Message("Your own mark before and after the names of exported playlists")
SUFFIX = Message("After")
NO_MARK = Message("nothing")
NO_EXPLICIT = Message("No explicit tracks")
NO_DUPLICATES = Message("No repeated recordings")
FEATURE_WEIGHTS = Message("Features and weights")
WEIGHTS_HINT = Message("How much each counts: 0 leaves it out, 2 is twice 1. Rest on one to read what it means.")
INSIDE_GENRE = Message("Inside")
INSIDE_TIP = Message("Analyse one genre or one playlist as a library of its own")
ALL_GENRES = Message("whole library")
RESET = Message("Reset")
RESET_TIP = Message("Bring every lever back to the recipe’s own values")
METHOD = Message("Method")
IN_PLAYLISTS = Message("What goes into a playlist")

# Tracks
TRACKS_OF = Message("Tracks of “{name}”")
SEARCH = Message("Search tracks")
CLEAR_SEARCH = Message("Clear the search")
COLUMNS = Message("Columns")
CHOOSE_COLUMNS = Message("Choose columns")
SORT_TIP = Message("A click sorts; after the second one, a third brings the playing order back")
CHOSEN_OF = Message("{count:,} of {tracks} chosen")
MOVE_TO_TIP = Message("Move the chosen tracks to another playlist; they can be dragged to the list as well")
COPY_LINKS_TIP = Message("Copy Spotify links of the chosen tracks, or of all that are shown (Ctrl+Shift+C)")
SAVE_SHORT = Message("Save")
UNTITLED = Message("(untitled)")
OPEN_IN_SPOTIFY = Message("Open in Spotify")
SHOW_FILE = Message("Show file")
NO_MATCH = Message("No track matches “{text}”.")
TRACKS_EMPTY = Message("No tracks here. Choose a playlist, a genre or points on the map to see their tracks.")

# Audio features
COVERAGE_TITLE = Message("Audio features")
COVERAGE_WHY = Message(
    "Playlists are made from what tracks sound like. Those without audio features are left out of the analysis."
)
COVERAGE_FOUND = Message("{found} of {tracks} tracks have audio features")
COVERAGE_FROM = Message("from {provider}")
COVERAGE_PENDING = Message("not asked for yet")
COVERAGE_MISSING = Message("not found anywhere")
COVERAGE_FAILED = Message("without an answer; they are asked for again")
COVERAGE_LEFT_OUT = Message("If you go on now, {tracks} will be left out of the playlists.")
COVERAGE_ASK = Message("Get missing features")
COVERAGE_PAUSE = Message("Pause")
COVERAGE_GO = Message("Make playlists of what is there")
COVERAGE_ABSENT = Message("No track has {features}: if you go on now, playlists are made from {others} alone.")
COVERAGE_BACK = Message("Back to the playlists")
COVERAGE_NOTE = Message(
    "Asks ReccoBeats, a public service, by track id. What was answered is kept, so you can pause, close the window "
    "and go on another day."
)
GENRES_TITLE = Message("Genres")
GENRES_FOUND = Message("{found} of {tracks} tracks have a genre")
GENRES_ASK = Message("Look up missing genres")
GENRES_NOTE = Message(
    "Asks MusicBrainz by recording code, or by artist where a file has none: one request a second, a few minutes for "
    "some thousand tracks. What was answered is kept, also when you stop. Playlists do not need genres; maps and "
    "tables by genre do."
)
COVERAGE_WAIT = Message("Looking…")

# Export
EXPORT_TITLE = Message("Export playlists")
EXPORT_TO = Message("To")
EXPORT_FORMATS = Message("As")
EXPORT_CHOOSE = Message("Choose…")
EXPORT_GO = Message("Write files")
EXPORT_PLAN = Message("Plan")
EXPORT_FILE = Message("File")
EXPORT_WRITTEN = Message("Tracks")
EXPORT_SKIPPED = Message("Left out")
EXPORT_STATE = Message("State")
EXPORT_PLAYLIST = Message("{name}. {description}")
EXPORT_NEW = Message("new")
EXPORT_EMPTY = Message("no tracks")
EXPORT_HOLDS_NONE = Message(
    "{files} would hold no track that can be played: there is neither a file nor a Spotify address. Choose another "
    "format, such as CSV."
)
EXPORT_REPLACES = Message("replaces a file")
EXPORT_DONE = Message("Wrote {files} to {folder}")
EXPORT_WROTE = Message("written")
EXPORT_OPEN_FOLDER = Message("Open the folder")
EXPORT_NOTHING = Message("Choose at least one playlist and one format.")
EXPORT_FILES_TAB = Message("Files")
EXPORT_SPOTIFY_TAB = Message("Spotify")
EXPORT_LINKS_TAB = Message("Links")
EXPORT_ALL = Message("All")
EXPORT_NONE = Message("None")
EXPORT_LINKS_HINT = Message(
    "In Spotify’s desktop program, make an empty playlist, click into it and paste. This needs no account here."
)
EXPORT_LINKS_COUNT = Message("Links")
EXPORT_LINKS_COPY = Message("Copy these links")
EXPORT_LINKS_COPY_ALL = Message("Copy all links")
CLOSE = Message("Close")

# Runs
RUNS_TITLE = Message("Earlier results")
RUNS_WAIT = Message("Looking for earlier results…")
RUNS_NONE = Message("Nothing is kept of this library yet. Every analysis is kept by itself.")
RUN_NUMBER = Message("Run")
RUN_WHEN = Message("When")
RUN_RECIPE = Message("Recipe")
RUN_NOW = Message("{when}, shown now")
RUN_BY_HAND = Message("{algorithm}, then by hand")
RUN_COMPARE = Message("Compare the two")
RUN_RESTORE = Message("Bring it back")
RUN_COMPARISON = Message(
    "Run {before} → {after}: {stayed:,} tracks stayed, {moved:,} moved, {added:,} new, {gone:,} gone"
)
RUN_PLACED = Message("{comparison}, {count:,} in no playlist before")
RUN_UNPLACED = Message("{comparison}, {count:,} in none now")
RUN_AGREEMENT = Message("{comparison}; agreement {agreement:.2f}")
RUN_BEFORE = Message("In run {run}")
RUN_STAYED = Message("stayed")
RUN_MOVED = Message("moved")
RUN_NEW = Message("new")
RUN_GONE = Message("gone")
RUN_IN_NONE_BEFORE = Message("in no playlist before")
RUN_IN_NONE_NOW = Message("in none now")
RUN_WHAT = Message("What became of them")
RUNS_HINT = Message("Every analysis is kept as a run. Choose one to bring it back, two (with Ctrl) to compare them.")

# Help
HELP_TITLE = Message("Help")
HELP_MUSIC = Message("Getting your music in")
HELP_FEATURES = Message("What the features mean")
HELP_SHORTCUTS = Message("Shortcuts")
HELP_PRIVACY = Message("Privacy")
HELP_LICENCES = Message("Licences")
PRIVACY_TEXT = Message(
    "Your library, names and runs are kept in one file on this computer: {folder}. Nothing is sent anywhere unless you "
    "ask for audio features or sign in to Spotify."
)
HELP_NO_FEATURES = Message(
    "Playlists are made from audio features: numbers that say how a track sounds. Tracks that come without them get "
    "them from ReccoBeats, a public service, when you ask for it."
)
HELP_SPOTIFY = Message("With a Spotify account:")
HELP_VERSION = Message("Leitmotif {version}")
HELP_FEATURE = Message("Feature")
HELP_RANGE = Message("Range")
HELP_MEANING = Message("What it measures")
LICENCES_TEXT = Message(
    "Leitmotif is free software under the MIT licence. It is built on Qt and PySide6 (LGPL 3), pyqtgraph (MIT), "
    "NumPy, SciPy, pandas and scikit-learn (BSD 3), Apache Arrow (Apache 2.0), spotipy (MIT), keyring (MIT), "
    "Requests (Apache 2.0) and colorcet (CC BY 4.0)."
)
FEATURES_SOURCE = Message("Definitions: {source}")

# Trouble
TROUBLE_TITLE = Message("Something went wrong that should not have")
TROUBLE_TEXT = Message("Your library and everything kept so far are safe. The details help to mend it.")
COPY_DETAILS = Message("Copy details")
GO_ON = Message("Go on")
NO_DISPLAY = Message("there is no display to open a window on")
NO_DISPLAY_NEXT = Message("Work without a window: leitmotif analyze {file}")
NO_QT_NEXT = Message("Install the missing system library, or work without a window: leitmotif analyze {file}")

FIT_TIP = Message("How well the track suits its playlist: 100 in its middle, 0 where another is as near")
FEATURE_NAMES: Final[Mapping[str, Message]] = {name: Message(name.replace("_", " ").capitalize()) for name in FEATURES}


def feature_name(name: str) -> str:
    """Return what a feature is called on the screen."""
    known = FEATURE_NAMES.get(name)
    return known() if known else name


def tracks(count: int) -> str:
    """Return a number of tracks in words."""
    return QCoreApplication.translate(CONTEXT, "1 track" if count == 1 else "{count} tracks").format(count=f"{count:,}")


def tracks_with_features(count: int, known: int) -> str:
    """Return a number of tracks in words, and how many of them can be analysed unless that is all."""
    return tracks(count) if known >= count else WITH_FEATURES(tracks=tracks(count), share=share(known / count))


def files(count: int) -> str:
    """Return a number of files in words."""
    return QCoreApplication.translate(CONTEXT, "1 file" if count == 1 else "{count} files").format(count=f"{count:,}")


def share(value: float) -> str:
    """Return a share in percent; never 100 % for less than all."""
    percent = 100.0 * value
    rounded = math.floor(percent) if percent > 99.0 else round(percent)
    return f"{rounded}\N{NO-BREAK SPACE}%"


def duration(seconds: float) -> str:
    """Return a duration of hours and minutes; empty when it is unknown."""
    if not math.isfinite(seconds):
        return ""
    minutes = round(seconds / 60.0)
    hours, minutes = divmod(minutes, 60)
    return HOURS_MINUTES(hours=hours, minutes=minutes) if hours else MINUTES(minutes=minutes)


def clock(seconds: float) -> str:
    """Return the length of a track; empty when it is unknown."""
    if not math.isfinite(seconds):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def cell(name: str, value: float) -> str:
    """Return a number of the table of tracks; empty when it is unknown."""
    if not math.isfinite(value):
        return ""
    if name == "duration_s":
        return clock(value)
    if name == "fit":
        return f"{100 * value:.0f}"
    feature = FEATURES[name]
    digits = 2 if feature.is_share or feature.resolution < 0.1 else 1 if feature.resolution < 1 else 0
    return f"{value:.{digits}f}".replace("-", "−")


def provider(name: str) -> str:
    """Return who audio features come from, in words."""
    known = names.PROVIDER_NAMES.get(name)
    return known() if known else name


def column_name(name: str) -> str:
    """Return what a column is called."""
    known = names.COLUMN_NAMES.get(name)
    return known() if known else feature_name(name)


def column_tip(name: str) -> str:
    """Return what a column means."""
    if name == "fit":
        return FIT_TIP()
    return definition(FEATURES[name]) if name in FEATURES else ""


def definition(feature: Feature) -> str:
    """Return what a feature measures."""
    return translated(feature.definition)


def ends(feature: Feature, low: float, high: float) -> tuple[str, str]:
    """Return what stands at the ends of a feature's axis: words, and numbers where it has a unit."""
    words = (translated(feature.low_pole), translated(feature.high_pole))
    if feature.is_share:
        return words
    unit = f" {feature.unit}" if feature.unit else ""
    numbers = (f"{low:.0f}{unit}".replace("-", "−"), f"{high:.0f}{unit}".replace("-", "−"))
    if not words[0]:
        return numbers
    return f"{words[0]}, {numbers[0]}", f"{numbers[1]}, {words[1]}"


def translated(text: str) -> str:
    """Return a text that comes from `core` in the person's language."""
    return QCoreApplication.translate(CONTEXT, text)


def sentence(text: str) -> str:
    """Return a text with a capital letter at its beginning and a full stop at its end."""
    whole = text[:1].upper() + text[1:]
    return whole if not whole or whole.endswith((".", "!", "?", "…")) else f"{whole}."


def trouble(error: LeitmotifError) -> str:
    """Return an error as a sentence, without the next step where the window has a button for it."""
    if isinstance(error, SignInNeeded | PermissionMissing):
        return sentence(error.what)
    return sentence(error.line(commands=False))


def chosen_tracks(count: int) -> str:
    """Return a number of chosen tracks in words."""
    return CHOSEN_TRACK() if count == 1 else CHOSEN_TRACKS(count=f"{count:,}")


def playlists(count: int) -> str:
    """Return a number of playlists in words."""
    text = "1 playlist" if count == 1 else "{count} playlists"
    return QCoreApplication.translate(CONTEXT, text).format(count=f"{count:,}")


def place(title: str, path: str = "") -> str:
    """Return what a library is called on the screen; one opened by a scheme is called the same everywhere."""
    known = {"demo:": CARD_DEMO, "spotify:": SPOTIFY_LIBRARY}
    found = known.get(path) or known.get(title)
    return found() if found else title


def claim(one: Claim) -> str:
    """Return a claim in one word or two: "slow", "instrumental", "Rock"."""
    if one.feature not in FEATURES:
        return one.word
    feature = FEATURES[one.feature]
    pole = feature.high_pole if one.direction == "high" else feature.low_pole
    return translated(pole)


def comparison(one: Claim) -> str:
    """Return how a track that holds a claim compares with the others, such as "more acoustic"."""
    known = names.COMPARISONS.get(one.feature)
    if known is None:
        return claim(one)
    return known[one.direction == "high"]()


def claims(name: ClusterName) -> str:
    """Return the claims of a name, such as "slow · sad"."""
    return " · ".join(claim(one) for one in name.claims)
