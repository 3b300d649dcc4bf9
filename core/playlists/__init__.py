"""Clusters become playlists: without duplicates, within bounds, in an order worth hearing; and how runs compare."""

from core.playlists.comparison import Move, RunComparison, compare_runs
from core.playlists.curation import REASONS, Curated, make_playlists, tracks_kept
from core.playlists.duplicates import Duplicate, find_duplicates
from core.playlists.lineage import LEAST_OVERLAP, best_matches, match_lineage
from core.playlists.ordering import Sound, smooth, sound_of, step_lengths
from core.playlists.unknown import unknown_to

__all__ = [
    "LEAST_OVERLAP", "REASONS", "Curated", "Duplicate", "Move", "RunComparison", "Sound", "best_matches",
    "compare_runs", "find_duplicates", "make_playlists", "match_lineage", "smooth", "sound_of", "step_lengths",
    "tracks_kept", "unknown_to",
]  # fmt: skip
