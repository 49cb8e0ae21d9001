"""Invented sentences in the files of the annotated corpora, for tests of training and of the benchmark."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from test_bias_model import PAIRS

from framing.training.readers import FRAME_CODES, GUN_FRAMES

OUTLETS = {"left": "Lantern Daily", "center": "Northgate Wire", "right": "Eagle Post"}
_SIDES = tuple(OUTLETS)
_ABOUT = {
    "CO": "The two camps clashed over the dam and accused each other of stalling the talks.",
    "RE": "The ministers agreed on a plan that would solve the shortage by planting forests.",
    "HI": "Ana Ruiz, a mother of three, wept as she described how her family lost its farm.",
    "MO": "The bishop said people have a moral duty to protect the land they were given.",
    "EC": "The levy would cost companies two billion dollars and raise prices for consumers.",
}
_HEADLINES = (
    "Senator says the gun vote is about politics",
    "Poll finds public opinion on rifles divided",
    "New gun control bill reaches the governor",
    "School adds guards after the shooting drill",
)


def write_corpora(folder: Path) -> Path:
    """Every file the benchmark and the linear trainers read; the folder, for short."""
    texts = [text for pair in PAIRS for text in pair]
    _write(folder / "loaded/babe.jsonl", _babe(texts))
    _write(folder / "loaded/basil_sentences.jsonl", ({"text": t, "lex": k % 2} for k, t in enumerate(texts)))
    _write(
        folder / "loaded/checkthat_subjectivity.jsonl", ({"text": t, "subjective": k % 2} for k, t in enumerate(texts))
    )
    for split in ("train", "dev"):
        _write(folder / f"attribution/polnear_{split}.jsonl", _polnear())
        _write(folder / f"stance/newsmtsc_{split}.jsonl", _newsmtsc())
        _write(folder / f"stance/park2021_{split}.jsonl", _park())
    _write(folder / "attribution/polnear_cofenet_dev.jsonl", _cofenet())
    _write(folder / "frames/climate_generic_frames.jsonl", _climate())
    _write(folder / "frames/gvfc_headlines.jsonl", _gvfc())
    _write(folder / "events/basil_articles.jsonl", _stories())
    return folder


def _babe(texts: list[str]) -> Iterable[dict[str, Any]]:
    for k, text in enumerate(texts):
        side = _SIDES[k // 2 % 3]
        yield {
            "id": f"b{k}",
            "text": text,
            "biased": k % 2,
            "biased_words": [word.strip(".,") for word in text.split()[-2:]] if k % 2 else [],
            "outlet": OUTLETS[side],
            "leaning": side if k % 7 else "",  # as in BABE, some sentences lack the leaning of their outlet
            "group": f"g{k // 4}",
            "fold": k // 4 % 4,
        }


def _polnear() -> Iterable[dict[str, Any]]:
    for k, name in enumerate(("Marta Quill", "Ana Ruiz", "Tomas Kelder")):
        text = f"The council met on Monday. {name} said the bridge was safe. Nobody objected to the plan."
        at, end = text.index(name), text.index(" Nobody") - 1
        said = text.index("said", at)
        spans = {"source": [[at, at + len(name)]], "cue": [[said, said + 4]], "content": [[said + 5, end]]}
        yield {"id": f"p{k}", "text": text, "attributions": [spans]}


def _cofenet() -> Iterable[dict[str, Any]]:
    tokens = ["Ms.", "Quill", "said", "``", "the", "bridge", "is", "safe", "''", "-LRB-", "again", "-RRB-", "."]
    labels = ["B-source", "I-source", "B-cue", "B-content", *["I-content"] * 5, "O", "O", "O", "O"]
    yield {"tokens": tokens, "labels": labels}


def _newsmtsc() -> Iterable[dict[str, Any]]:
    said = (
        ("Voters praised {} for the honest and brilliant reform.", 1),
        ("{} met the delegation on Tuesday.", 0),
        ("Critics said that {} lied and betrayed the town.", -1),
    )
    for k, (pattern, label) in enumerate(said * 4):
        name = ("Biden", "Trump", "Marta Quill", "Ana Ruiz")[k % 4]
        text = pattern.format(name)
        at = text.index(name)
        target = {"start": at, "end": at + len(name), "mention": name, "stance": label}
        yield {"id": f"n{k}", "text": text, "targets": [target]}


def _park() -> Iterable[dict[str, Any]]:
    for label, verb in (("pos_p_to_q", "praised"), ("neg_p_to_q", "denounced"), ("neu", "met")):
        yield {"sentence": f"[Quill] {verb} [Kelder] on Friday.", "p": "Quill", "q": "Kelder", "label_name": label}


def _climate() -> Iterable[dict[str, Any]]:
    for k in range(30):
        used = {code: int((k >> place) & 1 or k % 5 == place) for place, code in enumerate(FRAME_CODES)}
        text = "The valley has seen less rain. " + " ".join(_ABOUT[code] for code, is_used in used.items() if is_used)
        folds = {f"fold_{n}": "test" if k % 5 == n else "train" for n in range(5)}
        yield {"id": f"c{k}", "text": text, "frames": used, "folds": folds}


def _gvfc() -> Iterable[dict[str, Any]]:
    frames = ("politics", "public_opinion", "gun_control", "school_public_space_safety")
    for k in range(24):
        second = GUN_FRAMES[k % 9] if k % 6 == 0 else ""
        row = {"id": f"h{k}", "title": f"{_HEADLINES[k % 4]} in county {k}", "test_fold": str(k // 4 % 4)}
        yield {**row, "frame1": frames[k % 4], "frame2": second}


def _stories() -> Iterable[dict[str, Any]]:
    for k in range(4):
        text = ("The river flooded the old mill.", "The court freed the accused banker.")[k // 2]
        row = {"uuid": f"e{k}", "title": text, "date": f"2026-05-0{1 + k // 2}", "story": k // 2}
        yield {**row, "sentences": [{"text": text}, {"text": text}]}


def _write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
