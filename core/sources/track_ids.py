"""Track ids: taken from the file, from Spotify addresses, or made from what a row says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from core.library import Notice
from core.sources.base import counted, spotify_id, spotify_uri

#: Bytes of the hash in a made id: among a million tracks, two different ones share it once in about 10⁷ libraries.
_HASH_BYTES = 8


def track_ids(
    ids: Sequence[str], addresses: Sequence[str], contents: Sequence[str]
) -> tuple[list[str], list[str], tuple[Notice, ...]]:
    """Give every row an id, and a Spotify address where one is known.

    An id in the file wins, as a bare id when it is Spotify's; else the address; rows with neither get an id made
    from their content, which stays the same when the file is sorted differently.

    Parameters
    ----------
    ids : sequence of str [length=n_rows]
        Cells of the id column, trimmed, empty where unknown.
    addresses : sequence of str [length=n_rows]
        Cells of the address column, trimmed, empty where unknown.
    contents : sequence of str [length=n_rows]
        What tells a row from others.

    Returns
    -------
    ids : list of str [length=n_rows]
        Never empty; not necessarily unique.
    uris : list of str [length=n_rows]
        ``spotify:track:…`` or empty.
    notices : tuple of Notice
        One of kind ``made-id`` when ids were made.
    """
    found: list[str] = []
    uris: list[str] = []
    seen: Counter[str] = Counter()
    made = 0
    for given, address, content in zip(ids, addresses, contents, strict=True):
        own = spotify_id(given) if given else None
        linked = spotify_id(address) if address else None
        bare = linked or own
        uris.append(spotify_uri(bare) if bare else "")
        text = own or given or linked or address
        if not text:
            made += 1
            text = _made_id(content, seen[content])
            seen[content] += 1
        found.append(text)
    if not made:
        return found, uris, ()
    text = f"{counted(made, 'track')} came without an id and got one made from title, artist and album"
    return found, uris, (Notice("made-id", made, text),)


def _made_id(content: str, occurrence: int) -> str:
    """Return an id that cannot be mistaken for Spotify's 22 letters and digits."""
    digest = blake2b(f"{content}\x1f{occurrence}".encode("utf-8", "replace"), digest_size=_HASH_BYTES)
    return f"made-{digest.hexdigest()}"
