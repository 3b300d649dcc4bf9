"""What is to be done with one playlist, as the journal keeps it from the plan to the end and for taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias

from core.spotify.api import modify_scope

Action: TypeAlias = Literal["create", "update", "remove"]

#: Kinds of entries in the journal: a whole playlist, and one write to Spotify.
PLAYLIST: Final = "spotify.playlist"
WRITE: Final = "spotify.write"
#: How the batches are called.
EXPORT: Final = "export-"
UNDO: Final = "undo-"


@dataclass(frozen=True)
class Before:
    """A playlist of ours as it was, for taking an update back.

    Attributes
    ----------
    name, description : str
        As shown on Spotify.
    public : bool
        Whether it was public.
    rows : list of str
        Its addresses in order.
    exported : dict or None
        What was remembered of it, as `core.storage.Exported` holds it.
    picture : str
        The picture this program had set, see `core.spotify.cover`; empty when it had set none.
    """

    name: str = ""
    description: str = ""
    public: bool = False
    rows: list[str] = field(default_factory=list)
    exported: dict[str, Any] | None = None
    picture: str = ""


@dataclass(frozen=True)
class Job:
    """What is to be done with one playlist.

    Attributes
    ----------
    action : {"create", "update", "remove"}
        Make it, change it, or remove it from the person's library.
    destination, library_key, lineage : str
        Whose playlist it is, see `core.storage.Exported`.
    name, description, mark : str
        What it is to be called and to say; the mark is part of the description.
    public : bool
        Whether it is public afterwards.
    remote_id : str
        Its id; empty until it is created.
    ours : list of str
        The addresses of the cluster's tracks, each once, in order.
    target : list of str
        What is to stand there: `ours` with the person's additions.
    base : list of str
        What this program put there before; everything else was added by the person.
    keep : bool
        Whether additions stay that appear while the work goes on.
    details : dict
        Name, description or mark that change.
    before : Before
        How to take it back.
    undoes : str
        The batch that this takes back; empty for an export.
    picture : str
        The picture to set, see `core.spotify.cover.as_payload`; empty for none.
    unsure : bool
        Whether what was seen of it may be an old state, so that it has to be read once more in the end.
    """

    action: Action
    destination: str
    library_key: str
    lineage: str
    name: str
    description: str = ""
    mark: str = ""
    public: bool = False
    remote_id: str = ""
    ours: list[str] = field(default_factory=list)
    target: list[str] = field(default_factory=list)
    base: list[str] = field(default_factory=list)
    keep: bool = True
    details: dict[str, Any] = field(default_factory=dict)
    before: Before = field(default_factory=Before)
    undoes: str = ""
    picture: str = ""
    unsure: bool = False

    @property
    def needs(self) -> frozenset[str]:
        """The scopes that doing it needs."""
        if self.action == "remove":
            return frozenset({"user-library-modify"})
        was_public = self.before.public if self.action == "update" else self.public
        return modify_scope(self.public) | modify_scope(was_public)

    def stored(self) -> dict[str, Any]:
        """Return the job as the journal keeps it."""
        return asdict(self)


def read_job(payload: Mapping[str, Any]) -> Job:
    """Return the job of `Job.stored`."""
    return Job(**{**payload, "before": Before(**payload["before"])})
