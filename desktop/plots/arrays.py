"""The kinds of arrays that plots take. ``core.records`` has the same, but loads pandas, which takes a second."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

#: Label of tracks that fit nowhere, as in ``core.records``.
NOISE = -1
