"""Tracks on their way from the table to a playlist."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QMimeData

from desktop.plots.arrays import IntArray

_KIND = "application/x-leitmotif-tracks"


def drag_of(rows: IntArray) -> QMimeData:
    """Return tracks, as rows of the analysis, in a form that can be dragged within the window."""
    data = QMimeData()
    data.setData(_KIND, rows.astype("<i8").tobytes())
    return data


def dragged_tracks(data: QMimeData) -> IntArray | None:
    """Return the tracks that are being dragged; None when it is something else."""
    if not data.hasFormat(_KIND):
        return None
    return np.frombuffer(data.data(_KIND).data(), dtype="<i8").astype(np.int64)
