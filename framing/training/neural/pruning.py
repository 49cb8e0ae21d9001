"""The vocabulary without what English news never shows: placeholders, and pieces of other alphabets.

A word in another alphabet becomes the unknown piece; every other word has the pieces it had before.
"""

from __future__ import annotations

import json
import re
import unicodedata

import numpy as np

_PLACEHOLDER = re.compile(r"\[unused\d+\]")


def prune(tokenizer: str) -> tuple[str, np.ndarray]:
    """The ``tokenizer.json`` of a WordPiece vocabulary without such pieces, and the numbers of those that stay."""
    plain = json.loads(tokenizer)
    stay = sorted((number, piece) for piece, number in plain["model"]["vocab"].items() if not _is_dropped(piece))
    plain["model"]["vocab"] = {piece: place for place, (_, piece) in enumerate(stay)}
    place = {number: place for place, (number, _) in enumerate(stay)}
    for added in plain.get("added_tokens") or []:
        added["id"] = place[added["id"]]
    for special in ((plain.get("post_processor") or {}).get("special_tokens") or {}).values():
        special["ids"] = [place[number] for number in special["ids"]]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")), np.array([number for number, _ in stay])


def _is_dropped(piece: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(piece)) or any(
        letter.isalpha() and not unicodedata.name(letter, "LATIN").startswith(("LATIN", "MODIFIER", "FEMININE", "MASC"))
        for letter in piece
    )
