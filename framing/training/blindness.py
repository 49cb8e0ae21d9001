"""Outlet-blindness: how much a score changes when only names change.

Names of the same kind are exchanged in pairs, both ways at once, and the sentence is scored again. A blind
instrument gives the same number; the figure is the mean absolute change over the sentences that hold a name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from framing.analysis import score_loaded_language, score_stance
from framing.training.readers import read_babe, read_newsmtsc

SWAPS: dict[str, tuple[tuple[str, str], ...]] = {
    "people": (
        ("Donald Trump", "Hillary Clinton"),
        ("Trump", "Clinton"),
        ("Joe Biden", "Mike Pence"),
        ("Biden", "Pence"),
        ("Barack Obama", "Mitt Romney"),
        ("Obama", "Romney"),
        ("Bernie Sanders", "Ted Cruz"),
        ("Sanders", "Cruz"),
        ("Nancy Pelosi", "Mitch McConnell"),
        ("Pelosi", "McConnell"),
    ),
    "parties": (
        ("Republicans", "Democrats"),
        ("Republican", "Democrat"),
        ("GOP", "DNC"),
        ("conservatives", "liberals"),
        ("Conservatives", "Liberals"),
        ("conservative", "liberal"),
        ("Conservative", "Liberal"),
        ("right-wing", "left-wing"),
    ),
    "outlets": (("Fox News", "CNN"), ("New York Times", "Wall Street Journal"), ("Breitbart", "HuffPost")),
    "countries": (
        ("Russia", "France"),
        ("Russian", "French"),
        ("China", "Japan"),
        ("Chinese", "Japanese"),
        ("Iran", "Canada"),
        ("Iranian", "Canadian"),
        ("Mexico", "Norway"),
        ("Mexican", "Norwegian"),
    ),
    "faiths": (("Muslims", "Christians"), ("Muslim", "Christian"), ("Islam", "Christianity"), ("Islamic", "Jewish")),
}


def swap(text: str, kind: str) -> str:
    """The text with every name of the kind exchanged for its partner; unchanged where it holds none."""
    pattern, partner = _compiled(kind)
    return pattern.sub(lambda match: partner[match.group()], text)


def swap_changes(data: Path, engine: str) -> dict[str, Any]:
    """Mean absolute change of the loaded probability (BABE) and of the stance (NewsMTSC dev), in all and by kind."""
    loaded: dict[str, list[float]] = {kind: [] for kind in SWAPS}
    for sentence in read_babe(data):
        for kind in SWAPS:
            if (other := swap(sentence.text, kind)) != sentence.text:
                before, after = (score_loaded_language(t, engine=engine).probability for t in (sentence.text, other))
                loaded[kind].append(abs(before - after))
    stance: dict[str, list[float]] = {kind: [] for kind in SWAPS}
    for item in read_newsmtsc(data, "dev"):
        for kind in SWAPS:
            head, target, tail = (
                swap(part, kind)
                for part in (item.text[: item.start], item.text[item.start : item.end], item.text[item.end :])
            )
            other = head + target + tail
            if other != item.text:
                before = score_stance(item.text, (item.start, item.end), engine=engine).stance
                after = score_stance(other, (len(head), len(head) + len(target)), engine=engine).stance
                stance[kind].append(abs(before - after))
    return {"loaded": _means(loaded), "stance": _means(stance)}


def _means(changes: dict[str, list[float]]) -> dict[str, float]:
    every = [change for values in changes.values() for change in values]
    means = {kind: sum(values) / len(values) for kind, values in changes.items() if values}
    return {"all": sum(every) / max(len(every), 1), **means, "swaps": float(len(every))}


def _compiled(kind: str) -> tuple[re.Pattern[str], dict[str, str]]:
    partner = {a: b for pair in SWAPS[kind] for a, b in (pair, pair[::-1])}
    longest_first = sorted(partner, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b"), partner
