"""The whole road from a library to named playlists: the only package that knows all the stages.

`road` composes them, the other modules hold what it asks them for, what it tells, and how it checks the names.
"""

from core.pipeline.road import Pipeline

__all__ = ["Pipeline"]
