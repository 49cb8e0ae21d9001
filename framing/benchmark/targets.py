"""Stance toward targets, on sentences of other articles than the training's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.benchmark.baselines import sentiment, sign
from framing.benchmark.calibrated import calibration_bins
from framing.metrics import calibration_error, macro_f1
from framing.records import Mention
from framing.training.readers import TargetSentence, read_newsmtsc, rows
from framing.training.whole_sentences import Read, read_texts


def stance(data: Path, engine: str) -> dict[str, Any]:
    """NewsMTSC dev: macro F1 of three classes over all targets; sentence polarity beside it."""
    targets = read_newsmtsc(data, "dev")
    gold = [t.stance for t in targets]
    read = read_targets(targets, engine)
    figures: dict[str, Any] = {"macro_f1": macro_f1(gold, [called(one) for one in read]), "targets": len(gold)}
    negative = [float(one.reading.stance[0][0]) for one in read]
    figures["calibration_error_negative"] = calibration_error([g == -1 for g in gold], negative)
    figures["calibration_bins_negative"] = calibration_bins([g == -1 for g in gold], negative)
    for name, score in sentiment().items():
        values = {t.text: score(t.text) for t in targets}
        figures[f"{name}_macro_f1"] = macro_f1(gold, [sign(values[t.text]) for t in targets])
    return figures


def stance_between(data: Path, engine: str) -> dict[str, Any]:
    """Park et al. (2021) dev: macro F1 of p->q and q->p, where the stance toward each entity is read as the other's."""
    targets = []
    for row in rows(data, "stance/park2021_dev.jsonl"):
        text = row["sentence"].replace("[", "").replace("]", "")
        for toward, direction in ((row["q"], "p_to_q"), (row["p"], "q_to_p")):
            at = text.find(toward)
            if at < 0 or not toward:
                continue
            label = row["label_name"]
            gold = (1 if label.startswith("pos") else -1) if label.endswith(direction) else 0
            targets.append(TargetSentence(direction, text, at, at + len(toward), gold))
    ours = [called(one) for one in read_targets(targets, engine)]
    return {"macro_f1": macro_f1([t.stance for t in targets], ours), "pairs": len(targets)}


def read_targets(targets: Sequence[TargetSentence], engine: str) -> list[Read]:
    """Every sentence with its one target, as :func:`framing.score_stance` reads it."""
    return read_texts([t.text for t in targets], [[mention_of(t)] for t in targets], engine=engine)


def mention_of(target: TargetSentence) -> Mention:
    """Where the target is named."""
    return Mention(target.text[target.start : target.end], target.start, target.end)


def called(read: Read) -> int:
    """The likeliest class of the target: -1, 0 or 1."""
    negative, neutral, positive = read.reading.stance[0].tolist()
    return max((negative, -1), (neutral, 0), (positive, 1))[1]
