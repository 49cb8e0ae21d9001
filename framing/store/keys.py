"""What tells articles and texts apart."""

from __future__ import annotations

import hashlib
import json


def content_key(title: str, text: str) -> str:
    """SHA-256 over title and text, in hexadecimal: the same for the same words, whoever published them."""
    return hashlib.sha256(json.dumps([title, text]).encode("ascii")).hexdigest()


def article_id(url: str, outlet: str, content: str) -> str:
    """A short hash of an article's address, or of its outlet and content where it has none: 16 hexadecimal digits."""
    told = url or json.dumps([outlet, content])
    return hashlib.blake2b(told.encode("utf-8"), digest_size=8).hexdigest()
