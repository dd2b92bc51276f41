"""Integer counts of everything that happens; prices are a later, separate step."""

from insitu.ledger.counts import Counts, Wear

__all__ = ["Counts", "Wear"]
