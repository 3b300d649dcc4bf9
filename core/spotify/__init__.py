"""A Spotify account: sign-in, one request queue, sync, and playlists written so that nothing is lost or doubled.

Modules, from the outside in:

- ``account``: connect, disconnect and what a connected account looks like
- ``sync``: the library as pages in the store, and from there as a `core.library.Library`
- ``plan``, ``export``, ``undo``: what an export would do, doing it, taking it back
- ``writing``: the one place that writes to Spotify, with a journal entry before and after each write
- ``edits``: the smallest change from one order of tracks to another
- ``cover``: the picture of a playlist, drawn by the caller
- ``client``, ``transport``: the only requests: paced, counted, stopped at once; spotipy underneath
- ``messages``: every refusal in plain words with the next step
- ``auth``, ``loopback``, ``tokens``: sign-in with PKCE, the page the browser comes back to, the system keyring
"""
