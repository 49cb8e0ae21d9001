"""Readers of the annotated corpora: JSON lines under a ``--data`` folder, to plain records.

The corpora are never shipped; their terms are in the model card.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import InputError

# Role names of the Frermann et al. (2023) annotation, in the order of `records.FRAMES`.
FRAME_CODES: tuple[str, ...] = ("CO", "RE", "HI", "MO", "EC")
# The nine frames of the Gun Violence Frame Corpus (Liu et al. 2019).
GUN_FRAMES: tuple[str, ...] = (
    "2nd_amendment_rights",
    "economic_consequences",
    "gun_control",
    "mental_health",
    "politics",
    "public_opinion",
    "race_ethnicity",
    "school_public_space_safety",
    "society_culture",
)


@dataclass(frozen=True)
class BiasSentence:
    """A BABE sentence (Spinde et al. 2021) with its expert label and the words the experts marked."""

    id: str
    text: str
    biased: int
    biased_words: tuple[str, ...]
    outlet: str
    leaning: str
    group: str
    fold: int


@dataclass(frozen=True)
class AttributedText:
    """A PolNeAR article (Newell et al. 2018); each attribution maps a role to its ``(start, end)`` spans."""

    id: str
    text: str
    attributions: tuple[dict[str, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True)
class TargetSentence:
    """One target in a NewsMTSC sentence (Hamborg & Donnay 2021); ``stance`` is -1, 0 or 1."""

    id: str
    text: str
    start: int
    end: int
    stance: int


@dataclass(frozen=True)
class FramedArticle:
    """A climate article with its generic frames (Frermann et al. 2023), 0/1 in the order of ``FRAMES``."""

    id: str
    text: str
    frames: tuple[int, ...]


@dataclass(frozen=True)
class FramedHeadline:
    """A headline on gun violence with its frames (Liu et al. 2019), 0/1 in the order of ``GUN_FRAMES``."""

    id: str
    text: str
    frames: tuple[int, ...]
    fold: int


def rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of one corpus file; an error names the file that is missing."""
    path = Path(data) / name
    if not path.is_file():
        raise InputError(f"no corpus file {name!r} in {str(data)!r}; give the folder that holds it with --data")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_babe(data: Path) -> list[BiasSentence]:
    """BABE: 2,956 sentences in four folds grouped by article."""
    return [
        BiasSentence(
            r["id"],
            r["text"],
            int(r["biased"]),
            tuple(r["biased_words"]),
            r["outlet"],
            r["leaning"],
            r["group"],
            r["fold"],
        )
        for r in rows(data, "loaded/babe.jsonl")
    ]


def read_polnear(data: Path, split: str) -> list[AttributedText]:
    """PolNeAR articles of a split, ``train`` or ``dev``."""
    roles = ("source", "cue", "content")
    return [
        AttributedText(
            r["id"],
            r["text"],
            tuple({role: tuple((s, e) for s, e in a.get(role, ())) for role in roles} for a in r["attributions"]),
        )
        for r in rows(data, f"attribution/polnear_{split}.jsonl")
    ]


def read_newsmtsc(data: Path, split: str) -> list[TargetSentence]:
    """NewsMTSC targets of a split, ``train`` or ``dev``; one row per target."""
    return [
        TargetSentence(r["id"], r["text"], t["start"], t["end"], int(t["stance"]))
        for r in rows(data, f"stance/newsmtsc_{split}.jsonl")
        for t in r["targets"]
    ]


def read_climate(data: Path) -> list[FramedArticle]:
    """Climate articles with generic frames."""
    return [
        FramedArticle(r["id"], r["text"], tuple(int(bool(r["frames"][code])) for code in FRAME_CODES))
        for r in rows(data, "frames/climate_generic_frames.jsonl")
    ]


def read_gvfc(data: Path) -> list[FramedHeadline]:
    """Gun-violence headlines with the first and, where given, the second frame."""
    return [
        FramedHeadline(
            r["id"],
            r["title"],
            tuple(int(name in (r["frame1"], r["frame2"])) for name in GUN_FRAMES),
            int(r["test_fold"][0]),
        )
        for r in rows(data, "frames/gvfc_headlines.jsonl")
    ]
