"""Kliping: what readers keep. Records and changes are pure; the store, retention and pages are on Elasticsearch."""

from search.briefs.retention import kept_ids

__all__ = ["kept_ids"]
