"""Everything Leitmotif does that needs no window: libraries, features, clusters, names, playlists."""

__version__ = "0.1.0"
