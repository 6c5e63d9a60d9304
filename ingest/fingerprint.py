"""What tells one text from another."""

from __future__ import annotations

import hashlib
import unicodedata


def content_hash(title: str, body: str) -> str:
    """SHA-256, 64 hex digits, of title and body in NFC, every run of white space folded.

    A page laid out anew keeps it; a changed word, or one moved from title to body, changes it.
    """
    parts = (" ".join(unicodedata.normalize("NFC", part).split()) for part in (title, body))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
