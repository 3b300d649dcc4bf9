"""How good a clustering is, and how many clusters to take.

`sweep` compares numbers of clusters and suggests one; `silhouettes` and `stability` are its measures, usable alone.
"""

from core.quality.compare import sweep
from core.quality.refits import FitMany, stability
from core.quality.silhouette import Silhouettes, silhouettes
from core.quality.suggestion import suitable_range

__all__ = ["FitMany", "Silhouettes", "silhouettes", "stability", "suitable_range", "sweep"]
