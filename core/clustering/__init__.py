"""Tracks fall into clusters: the algorithms behind one call, and what follows from their labels.

`cluster` fits one number of clusters with care, `fit_sweep` many numbers quickly, `assign` finds the nearest
centroids of any rows, `make_clustering` turns labels from anywhere into a numbered `Clustering`.
"""

from core.clustering.fit import cluster, fit_sweep
from core.clustering.members import Assignment, assign, make_clustering
from core.clustering.sizes import fit_sizes
from core.clustering.suitability import suitability

__all__ = ["Assignment", "assign", "cluster", "fit_sizes", "fit_sweep", "make_clustering", "suitability"]
