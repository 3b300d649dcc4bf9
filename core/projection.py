"""Principal component analysis: tracks on a plane whose axes can be read."""

from __future__ import annotations

import numpy as np

from core.errors import TooFewTracks
from core.records import Prepared, Projection


def project(prepared: Prepared) -> Projection:
    """Project tracks onto their first two principal components.

    The components are the leading eigenvectors of the covariance of the centred data, found on the n_used ×
    n_used matrix, so that a million tracks cost one pass. Each component's sign is chosen so that its largest
    loading is positive, the convention of scikit-learn's ``svd_flip``, with ties going to the first feature.

    Parameters
    ----------
    prepared : Prepared
        X [shape=(n_kept, n_used)]; with a single feature, the second axis is zero.

    Returns
    -------
    Projection
        ``singular_values`` are those of the centred X, ``explained_variance_ratio`` their squares over the
        total (Pearson 1901; Jolliffe, Principal Component Analysis, 2002, section 3.5).

    Raises
    ------
    TooFewTracks
        When there are fewer than two tracks.
    """
    X = prepared.X
    if len(X) < 2:
        raise TooFewTracks(f"a map needs at least 2 tracks and there is {len(X)}")
    centred = X - X.mean(axis=0)
    eigenvalues, eigenvectors = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(-eigenvalues, kind="stable")
    squares = np.maximum(eigenvalues[order], 0.0)
    components = eigenvectors[:, order].T[:2]
    if len(components) < 2:
        components = np.vstack([components, np.zeros_like(components)])
        squares = np.append(squares, 0.0)
    components = components * _signs(components)
    total = squares.sum()
    return Projection(
        xy=centred @ components.T,
        columns=prepared.columns,
        components=components,
        singular_values=np.sqrt(squares[:2]),
        explained_variance_ratio=squares[:2] / (total if total > 0.0 else 1.0),
    )


def _signs(components: np.ndarray) -> np.ndarray:
    """Return +1 or −1 per component, so that the largest loading becomes positive."""
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    return np.where(signs == 0.0, 1.0, signs)[:, np.newaxis]
