"""A larger encoder that learns stance from the gold labels, and says what it makes of news that nobody labelled.

The small encoder then learns from both (Hinton et al. 2015, arXiv:1503.02531; Turc et al. 2019, arXiv:1908.08962, who
show what a small pre-trained encoder gains from plenty of unlabelled text). The teacher is used in training only. It
needs the package ``transformers``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from framing.errors import ModelError
from framing.metrics import macro_f1
from framing.training.distil import Passage, in_articles, passages, unannotated
from framing.training.neural.examples import renamings, three_parts
from framing.training.neural.trainer import Recipe, best_device, train
from framing.training.readers import TargetSentence, read_newsmtsc, read_polnear
from framing.training.stance import park_targets

SOFT = "taught.npz"
TEACHER = Recipe(passes={"stance": 3}, rate=3e-5, pieces=1200)
RENAMINGS = 4
_MARKS = ("<<", ">>")  # around the target
_ROOM = 170  # pieces of a sentence that are shown, the target among them
_WORDS = range(5, 56)  # of a sentence it is asked about: shorter ones say little, longer ones are mostly lists
_ASKED_PIECES = 3000  # read together


@dataclass(frozen=True)
class Line:
    """A sentence as the teacher reads it; ``target`` are the places of the target's pieces."""

    pieces: list[int]
    target: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Lines:
    """What the teacher learns: lines and shares of negative, neutral, positive, (3,) each; see ``examples.Task``."""

    name: str
    rows: list[Line]
    labels: list[np.ndarray]
    variants: list[list[int]] = field(default_factory=list)

    def size(self, k: int) -> int:
        """Pieces of line k."""
        return len(self.rows[k].pieces)


class Script:
    """How the teacher's tokenizer writes a sentence: the target between marks, a long sentence cut around it."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.padding = int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["pad_token_id"])
        except Exception as error:  # tokenizers' errors have no class of their own
            raise ModelError(f"cannot read the teacher in {str(folder)!r} ({error}); give another folder") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._begin, self._end = self._tokenizer.encode("").ids
        self._open, self._close = (self._pieces(mark) for mark in _MARKS)

    def _pieces(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def line(self, parts: tuple[str, ...]) -> Line:
        """Of the text before a target, the target, and the text after it."""
        head, target, tail = map(self._pieces, parts)
        target = target[: _ROOM // 2]
        room = _ROOM - len(target)
        before = min(len(head), max(room // 2, room - len(tail)))
        head, tail = head[len(head) - before :], tail[: room - before]
        start = 1 + len(head) + len(self._open)
        pieces = [self._begin, *head, *self._open, *target, *self._close, *tail, self._end]
        return Line(pieces, (start, start + max(1, len(target))))


class Teacher(nn.Module):
    """A published encoder and a head on the target's mean state and the first state, side by side."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import AutoModel

        self.encoder = AutoModel.from_pretrained(folder)
        n = self.encoder.config.hidden_size
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(2 * n, n), nn.Tanh(), nn.Dropout(0.1), nn.Linear(n, 3))

    def forward(self, lines: Sequence[Line], padding: int) -> Tensor:
        """Logits of negative, neutral, positive, (lines, 3)."""
        longest = max(len(line.pieces) for line in lines)
        pieces = torch.full((len(lines), longest), padding)
        there, target = torch.zeros(2, len(lines), longest)
        for k, line in enumerate(lines):
            pieces[k, : len(line.pieces)] = torch.tensor(line.pieces)
            there[k, : len(line.pieces)] = 1
            target[k, slice(*line.target)] = 1
        device = next(self.parameters()).device
        states = self.encoder(input_ids=pieces.to(device), attention_mask=there.to(device)).last_hidden_state
        weight = target.to(states).unsqueeze(2)
        mean = (states * weight).sum(1) / weight.sum(1)
        logits: Tensor = self.head(torch.cat([mean, states[:, 0]], 1))
        return logits.float()


def newsmtsc_lines(script: Script, data: Path, seed: int) -> Lines:
    """NewsMTSC train, every sentence also with other names in it."""
    rng = np.random.default_rng(seed)
    found = Lines("stance", [], [])
    for item in read_newsmtsc(data, "train"):
        written = [script.line(parts) for parts in renamings(three_parts(item), RENAMINGS, rng)]
        found.variants.append(list(range(len(found.rows), len(found.rows) + len(written))))
        found.rows.extend(written)
        found.labels.extend([np.eye(3, dtype=np.float32)[item.stance + 1]] * len(written))
    return found


def teach(teacher: Teacher, task: Lines, script: Script, recipe: Recipe, folder: Path | None = None) -> Teacher:
    """Fine-tune in place; its word table stays as it is."""
    for name, parameter in teacher.encoder.named_parameters():
        parameter.requires_grad = not name.startswith("embeddings.")
    train(teacher.to(best_device()), [task], script, recipe, folder=folder, loss=_loss, groups=_groups)
    return teacher


def _loss(teacher: Teacher, task: Lines, chosen: Sequence[int], script: Script, recipe: Recipe) -> Tensor:
    wanted = torch.from_numpy(np.stack([task.labels[k] for k in chosen]))
    logits = teacher([task.rows[k] for k in chosen], script.padding)
    return functional.cross_entropy(logits, wanted.to(logits))


def _groups(teacher: Teacher, recipe: Recipe) -> list[dict[str, Any]]:
    taught = [parameter for parameter in teacher.encoder.parameters() if parameter.requires_grad]
    return [
        {"params": params, "lr": rate, "top": rate, "weight_decay": recipe.decay}
        for params, rate in (
            (taught, recipe.rate),
            (list(teacher.head.parameters()), recipe.head_factor * recipe.rate),
        )
    ]


@torch.no_grad()
def ask(teacher: Teacher, script: Script, items: Sequence[TargetSentence]) -> np.ndarray:
    """P(negative), P(neutral), P(positive) toward every target, (targets, 3); their own labels are not read."""
    teacher.eval()
    device = next(teacher.parameters()).device
    lines = [script.line(three_parts(item)) for item in items]
    found = np.zeros((len(lines), 3), np.float32)
    held: list[int] = []
    order = np.argsort([len(line.pieces) for line in lines], kind="stable").tolist()
    for at, k in enumerate(order):
        held.append(k)
        if at + 1 == len(order) or (len(held) + 1) * len(lines[order[at + 1]].pieces) > _ASKED_PIECES:
            with torch.autocast(device.type, torch.bfloat16):
                logits = teacher([lines[j] for j in held], script.padding)
            found[held] = logits.softmax(1).cpu().numpy()
            held = []
    return found


def unlabelled(data: Path) -> list[TargetSentence]:
    """What the teacher is asked about: targets of news, of PolNeAR's articles and of Park et al., labels left aside."""
    articles = unannotated(in_articles(("", article.text) for article in read_polnear(data, "train")), data)
    pairs = (Passage(item.text, ((item.start, item.end),)) for item in park_targets(data))
    return [
        TargetSentence("", passage.text, start, end, 0)
        for passage in [*passages(data), *articles, *unannotated(pairs, data)]
        for start, end in passage.spans
        if len(passage.text.split()) in _WORDS
    ]


def write_soft_labels(folder: Path, data: Path, work: Path, *, recipe: Recipe = TEACHER) -> dict[str, Any]:
    """Fine-tune a teacher and keep what it says of :func:`unlabelled` in ``work``; its figures on NewsMTSC dev."""
    torch.manual_seed(recipe.seed)
    script, teacher = Script(folder), Teacher(folder)
    teach(teacher, newsmtsc_lines(script, data, recipe.seed), script, recipe, work / "teacher")
    dev = read_newsmtsc(data, "dev")
    called = ask(teacher, script, dev).argmax(1) - 1
    beside = (work / SOFT).with_suffix(".part.npz")
    np.savez(beside, shares=ask(teacher, script, unlabelled(data)))
    beside.replace(work / SOFT)
    return {"macro_f1": macro_f1([item.stance for item in dev], called.tolist())}
