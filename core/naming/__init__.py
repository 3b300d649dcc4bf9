"""Names that claim no more than the data shows.

Evidence (how far each feature sets each cluster apart) → allowed sets of claims → the sets that tell all
clusters of the run apart best, chosen together → words from the lexicon → a name and its claims.
"""

from core.naming.evidence import Evidence, gather_evidence
from core.naming.lexicon import Lexicon, load_lexicon
from core.naming.name import genre_claims, name_clusters
from core.naming.quality import NamingQuality, claim_agreement, naming_quality

__all__ = [
    "Evidence",
    "Lexicon",
    "NamingQuality",
    "claim_agreement",
    "gather_evidence",
    "genre_claims",
    "load_lexicon",
    "name_clusters",
    "naming_quality",
]
