"""The journal of network writes: what was going to be done, noted before, and what came of it, noted after.

::

    planned ──> sent ──> confirmed
       │         │
       └─────────┴─────> failed

An entry that stands at *sent* may or may not have taken effect: its answer was lost. It is never repeated before
the other side was read. Sending it again after that is noted as *sent* once more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from core.errors import StorageError
from core.storage.connection import Database, from_json, to_json

State: TypeAlias = Literal["planned", "sent", "confirmed", "failed"]
OPEN: Final[tuple[State, ...]] = ("planned", "sent")
#: The states an entry may come from.
_BEFORE: Final[dict[State, tuple[State, ...]]] = {"sent": OPEN, "confirmed": ("sent",), "failed": OPEN}

_COLUMNS = "id, batch, kind, payload, state, answer, time, changed_at"
_PLAN = """
    INSERT INTO journal (batch, kind, payload, state, answer, time, changed_at)
    VALUES (?, ?, ?, 'planned', '{}', ?, ?)
"""
# The state it comes from is part of the condition, so that of two windows only one closes an entry.
_MOVE = "UPDATE journal SET state = ?, answer = ?, changed_at = ? WHERE id = ? AND state IN (?, ?)"
_STATE = "SELECT state FROM journal WHERE id = ?"
_ENTRIES = f"""
    SELECT {_COLUMNS} FROM journal
     WHERE (:batch IS NULL OR batch = :batch) AND (:kind IS NULL OR kind = :kind)
     ORDER BY id
"""
_OPEN = f"""
    SELECT {_COLUMNS} FROM journal
     WHERE state IN ('planned', 'sent') AND (:batch IS NULL OR batch = :batch)
     ORDER BY id
"""


@dataclass(frozen=True)
class Entry:
    """One network write.

    Attributes
    ----------
    id : int
        Grows with the order of planning.
    batch : str
        What it belongs to, such as one export; empty for nothing.
    kind : str
        What is done, in the words of who does it.
    payload : dict
        What is needed to do it, to check it and to take it back.
    state : {"planned", "sent", "confirmed", "failed"}
        How far it came.
    answer : dict
        What the other side answered; empty until then.
    time, changed_at : float
        When it was planned and last moved on, in seconds since 1970.
    """

    id: int
    batch: str
    kind: str
    payload: dict[str, Any]
    state: State
    answer: dict[str, Any]
    time: float
    changed_at: float


class Journal:
    """The journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plan(self, kind: str, payload: Mapping[str, Any], *, batch: str = "", now: float | None = None) -> int:
        """Note a write that is going to be made.

        Parameters
        ----------
        kind : str
            What is done.
        payload : mapping
            Whatever is needed to do it, to check it and to take it back, as JSON knows it; no secrets.
        batch : str, default ""
            What it belongs to, such as one export.
        now : float, optional
            The time of the call when not given.

        Returns
        -------
        int
            The entry's id.

        Raises
        ------
        StorageError
            When the payload is no JSON, or the database cannot be written.
        """
        when = time.time() if now is None else now
        with self._database.write() as connection:
            row_id = connection.execute(_PLAN, (batch, kind, to_json(dict(payload)), when, when)).lastrowid
        return int(row_id or 0)

    def sent(self, entry_id: int, *, now: float | None = None) -> None:
        """Note that the write is being sent. Call it before the first byte leaves.

        Raises
        ------
        StorageError
            When the entry is closed or unknown, or the database cannot be written.
        """
        self._move(entry_id, "sent", {}, now)

    def confirm(self, entry_id: int, answer: Mapping[str, Any] | None = None, *, now: float | None = None) -> None:
        """Note that the write took effect.

        Parameters
        ----------
        entry_id : int
            An entry that was sent.
        answer : mapping, optional
            What the other side answered, as JSON knows it.
        now : float, optional
            The time of the call when not given.

        Raises
        ------
        StorageError
            When the entry is not at *sent*, or the database cannot be written.
        """
        self._move(entry_id, "confirmed", answer or {}, now)

    def fail(self, entry_id: int, answer: Mapping[str, Any] | None = None, *, now: float | None = None) -> None:
        """Note that the write did not take effect and will not be tried again.

        Parameters
        ----------
        entry_id : int
            An entry that is planned or was sent.
        answer : mapping, optional
            Why, as JSON knows it.
        now : float, optional
            The time of the call when not given.

        Raises
        ------
        StorageError
            When the entry is closed or unknown, or the database cannot be written.
        """
        self._move(entry_id, "failed", answer or {}, now)

    def open_entries(self, *, batch: str | None = None) -> list[Entry]:
        """Return the entries that are planned or sent, in the order of planning.

        Parameters
        ----------
        batch : str, optional
            Only those of this batch.

        Returns
        -------
        list of Entry
            Empty when nothing was cut off.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        return self._select(_OPEN, {"batch": batch})

    def entries(self, *, batch: str | None = None, kind: str | None = None) -> list[Entry]:
        """Return entries of any state, in the order of planning.

        Parameters
        ----------
        batch, kind : str, optional
            Only those of this batch or kind.

        Returns
        -------
        list of Entry
            Possibly empty.

        Raises
        ------
        StorageError
            When the database cannot be read.
        """
        return self._select(_ENTRIES, {"batch": batch, "kind": kind})

    def _move(self, entry_id: int, state: State, answer: Mapping[str, Any], now: float | None) -> None:
        when = time.time() if now is None else now
        before = _BEFORE[state]
        with self._database.write() as connection:
            values = (state, to_json(dict(answer)), when, entry_id, before[0], before[-1])
            if connection.execute(_MOVE, values).rowcount:
                return
            row = connection.execute(_STATE, (entry_id,)).fetchone()
        stands = "is not in it" if row is None else f"is already {row[0]}" if row[0] not in OPEN else f"is {row[0]}"
        raise StorageError(f"the journal's entry {entry_id} cannot become {state}, because it {stands}")

    def _select(self, statement: str, values: dict[str, str | None]) -> list[Entry]:
        with self._database.read() as connection:
            rows = connection.execute(statement, values).fetchall()
        return [
            Entry(row_id, batch, kind, from_json(payload), state, from_json(answer), when, changed_at)
            for row_id, batch, kind, payload, state, answer, when, changed_at in rows
        ]
