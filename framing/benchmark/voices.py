"""Loaded language and stance apart for the outlet's own words and for quoted ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from framing.benchmark.targets import called, mention_of, read_targets
from framing.metrics import binary_figures, macro_f1
from framing.records import VOICES
from framing.stance import AUTHOR, stances
from framing.training.held_out import held_out
from framing.training.readers import read_babe, read_newsmtsc
from framing.training.whole_sentences import read_texts


def by_voice(data: Path, engine: str) -> dict[str, Any]:
    """BABE in held-out folds and NewsMTSC dev by voice, as the instrument itself finds it.

    ``loaded_language`` and ``stance`` go by the sentence's voice; ``stance_by_holder`` by whether the target stands
    in the outlet's own words (``author``) or in what is attributed to somebody (``source``). A voice in which
    nothing stands is left out.
    """
    items, chances = read_babe(data), held_out(data, engine).bias.grouped.tolist()
    found = [read.voice for read in read_texts([item.text for item in items], engine=engine)]
    loaded: dict[str, Any] = {}
    for voice in VOICES:
        if own := [k for k, one in enumerate(found) if one == voice]:
            figures = binary_figures([items[k].biased for k in own], [chances[k] for k in own])
            loaded[voice] = {"sentences": len(own), **figures}
    targets = read_newsmtsc(data, "dev")
    read = read_targets(targets, engine)
    gold, ours = [t.stance for t in targets], [called(one) for one in read]
    holders = []
    for target, one in zip(targets, read, strict=True):
        held = stances(one.document, [mention_of(target)], one.reading.stance, one.attributions)[0]
        holders.append("author" if held.holder == AUTHOR else "source")
    return {
        "loaded_language": loaded,
        "stance": _split(gold, ours, [one.voice for one in read]),
        "stance_by_holder": _split(gold, ours, holders),
    }


def _split(gold: list[int], ours: list[int], groups: list[str]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in VOICES:
        if own := [k for k, group in enumerate(groups) if group == name]:
            figures[name] = {"targets": len(own), "macro_f1": macro_f1([gold[k] for k in own], [ours[k] for k in own])}
    return figures
