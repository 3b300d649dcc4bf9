"""What the window says about a Spotify account: setting it up, how it stands, and exporting to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desktop.messages.base import Message

TITLE = Message("Connect a Spotify account")
WHY = Message(
    "Spotify lets only five people use a program’s Client ID while it is in development. "
    "With an ID of your own nobody else’s quota stands in your way."
)
STEP_1 = Message("1  Open Spotify’s developer dashboard and create an app there (any name, Web API).")
STEP_2 = Message("2  Add this redirect address to it, letter by letter:")
STEP_3 = Message("3  Copy the app’s Client ID from its page, and paste it here:")
STEP_4 = Message("4  Sign in: Spotify asks in your browser whether Leitmotif may read and write playlists.")
OPEN = Message("Open the dashboard")
ID = Message("Client ID, 32 letters and digits")
SIGN_IN = Message("Sign in")
SIGN_IN_AGAIN = Message("Sign in again")
WAITING = Message("Waiting for your browser. Answer Spotify’s question there; this window goes on by itself.")
PAGE_AGAIN = Message("Open the page again")
COPY_PAGE = Message("Copy its address")
ACCOUNT = Message("Spotify account")
ACCOUNT_MENU = Message("Spotify account…")
CONNECTED = Message("Connected as {name}")
CARD_CONNECTED = Message("Connected as {name}. Reads your liked songs and your own and shared playlists.")
ALLOWS = Message("It allows Leitmotif {what}.")
ENDS = Message("Spotify ends every sign-in after six months; this one on {when}.")
NO_KEYRING = Message(
    "The system’s keyring does not keep the sign-in (there is none, or it is locked), so it ends with this window."
)
CALLS = Message("Requests to Spotify in the last 24 hours: {count}.")
NEAR_LIMIT = Message("That many are near Spotify’s daily limit; it may soon ask for a day’s pause.")
PAUSED = Message("Spotify asked to be left alone until {when}.")
READ = Message("Read my library")
READING = Message("Reading your Spotify library")
TOP = Message("My top tracks as well")
TOP_TIP = Message("Spotify asks for one more permission the first time")
PERMISSIONS = Message("Permissions at Spotify")
DISCONNECT = Message("Disconnect…")
DISCONNECT_SURE = Message(
    "This removes the sign-in and everything read from Spotify from this computer. Playlists on Spotify stay, "
    "and so do files you exported."
)
DISCONNECT_NOW = Message("Disconnect")
STAY = Message("Stay connected")
DISCONNECTED = Message("Disconnected: {tracks} and {runs} kept runs were removed from this computer.")
ACCOUNT_BUTTON = Message("Account…")
CONNECT = Message("Connect…")
ALLOW = Message("Allow it…")
TRY_AGAIN = Message("Try again")
PLAYLIST = Message("Playlist")
PLAN_WHAT = Message("What happens")
PLAN_TRACKS = Message("Tracks")
NEEDS_ACCOUNT = Message(
    "Connect your Spotify account to have these playlists there. Exporting again later updates them; "
    "it never makes one twice."
)
LOOKING = Message("Looking at your playlists on Spotify…")
PUBLIC = Message("Show them on my profile")
PUBLIC_TIP = Message("Otherwise new playlists are private, and others stay as they are")
COVERS = Message("Draw covers")
COVERS_TIP = Message("A picture of what each playlist sounds like, in its colour; your own pictures stay")
EDITED = Message("Where you changed a playlist on Spotify:")
GO = Message("Export to Spotify")
GO_COUNT = Message("Write {count} playlists")
GO_ONE = Message("Write 1 playlist")
NOTHING_TO_DO = Message("Everything on Spotify is as it should be.")
REQUEST, REQUESTS = Message("1 request"), Message("{count} requests")
WRITES = Message("{requests} to Spotify. Nothing is written before you say so.")
WRITING = Message("Writing playlists to Spotify")
UNFINISHED = Message("An export was interrupted. Finish it first, or take it back.")
FINISH = Message("Finish it")
UNDO = Message("Take the last export back")
UNDOING = Message("Taking the last export back")
WROTE = Message("Done: {playlists} written with {requests}.")
REFUSED = Message("Spotify refused {count} of them; the table says why.")
UNDONE = Message("The last export is taken back: {what}.")
UNDONE_REMOVED = Message("{playlists} removed from your library")
UNDONE_RESTORED = Message("{playlists} restored")
UNDONE_NOTHING = Message("nothing was left of it")
LEFT = Message("You have added tracks to {names}, so they stay.")
STOPPED = Message("Stopped. What was begun is finished with the next export.")
NEEDS_MORE = Message("For that, Spotify has to allow Leitmotif {what}.")
OPEN_LINK = Message("Open in Spotify")
PLAN_CREATE = Message("new")
PLAN_CREATE_PUBLIC = Message("new, public")
PLAN_UNCHANGED = Message("unchanged")
PLAN_SKIP = Message("nothing to export")
PLAN_REMOVE = Message("an empty double is removed")
PLAN_ADDED = Message("+{count}")
PLAN_REMOVED = Message("−{count}")
PLAN_REORDERED = Message("new order")
PLAN_RENAMED = Message("renamed from “{name}”")
PLAN_DESCRIPTION = Message("new description")
PLAN_PUBLIC = Message("becomes public")
PLAN_EDITED = Message("you changed it there")
PLAN_KEPT = Message("{count} of your own tracks stay")
PLAN_COVER = Message("new cover")
PLAN_NO_COVER = Message("without a cover: {why}")
PLAN_DONE_CREATE = Message("created")
PLAN_DONE_UPDATE = Message("updated")
PLAN_DONE_REMOVE = Message("removed")
PLAN_DONE_REFUSED = Message("refused: {why}")
PLAN_LEFT_OUT = Message("{count}: {reason}")
PLAN_MORE = Message("… and {count} more")
EDITED_MEANINGS: Final[Mapping[str, Message]] = {
    "keep": Message("keep what I added"),
    "replace": Message("make it as it is here"),
    "new": Message("leave it and make a new one"),
}


def requests(count: int) -> str:
    """Return a number of requests in words."""
    return REQUEST() if count == 1 else REQUESTS(count=f"{count:,}")
