"""The runs that make the neural engine: one on what is plentiful, then short ones on what is scarce.

The *general* run teaches attribution and stance, which have many examples and development sets of their own. The
*special* runs go on from it with the small corpora (BABE, gun-violence headlines), a little of the
general tasks beside them so that nothing is forgotten. One special run sees everything and is shipped; the others
each leave a fold out, and what they say of it gives the figures and the calibration. Where there is a teacher, the
*branch* run then teaches the stance branch of the shipped network what it said of unlabelled news, and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from framing.engines.neural_heads import WORD_COLUMN
from framing.engines.pieces import Vocabulary, batches
from framing.errors import InputError
from framing.segment import segment
from framing.training.held_out import random_folds
from framing.training.neural.examples import (
    Task,
    bias_task,
    gvfc_task,
    newsmtsc_task,
    park_task,
    stance_task,
    tag_task,
)
from framing.training.neural.measure import outputs_of
from framing.training.neural.network import Network, load_encoder, pooled
from framing.training.neural.teacher import unlabelled
from framing.training.neural.trainer import Recipe, best_device, train
from framing.training.readers import GUN_FRAMES, read_babe, read_gvfc

logger = logging.getLogger(__name__)

SHARED = 2  # layers below the stance branch
RENAMINGS = 2
GENERAL = Recipe(passes={"tags": 3, "stance": 4, "between": 0.5}, rate=2e-4, pieces=2400)
SPECIAL = Recipe(
    passes={"bias": 4, "gvfc": 10, "tags": 0.2, "stance": 0.3}, rate=1e-4, pieces=1200, sizes={"gvfc": 300}
)
BRANCH = Recipe(passes={"stance": 1, "taught": 2}, rate=2e-4, pieces=2400)
GROUPED, RANDOM = 4, 5
SCARCE = ("bias", "gvfc")


@dataclass(frozen=True)
class Held:
    """What a run leaves out: a mask over BABE sentences and one over headlines."""

    bias: np.ndarray
    gvfc: np.ndarray

    @property
    def tasks(self) -> list[str]:
        """The tasks that a fold is left out of; a run without folds teaches every task."""
        return [name for name in SCARCE if getattr(self, name).any()]


def stages() -> list[str]:
    """The names of the special runs, the shipped one first."""
    return ["final", *(f"grouped-{k}" for k in range(GROUPED)), *(f"random-{k}" for k in range(RANDOM))]


def held_by(stage: str, data: Path) -> Held:
    """What a special run leaves out.

    ``grouped-k`` leaves out fold k of BABE (whole articles) and of the headlines; ``random-k`` a random fold of BABE,
    as its authors measured.
    """
    babe, headlines = read_babe(data), read_gvfc(data)
    kind, _, number = stage.partition("-")
    bias, gvfc = (np.zeros(len(items), bool) for items in (babe, headlines))
    if kind == "grouped":
        bias = np.array([item.fold == int(number) for item in babe])
        gvfc = np.array([item.fold == int(number) for item in headlines])
    elif kind == "random":
        bias = random_folds([item.biased for item in babe]) == int(number)
    return Held(bias, gvfc)


def without(task: Task, held: np.ndarray) -> Task:
    """The task without the items held out, and without their renamings."""
    if held.all():
        raise InputError(f"every text of the task {task.name!r} is held out; the corpus needs more than one fold")
    lists = task.variants or [[k] for k in range(len(task.rows))]
    return replace(task, variants=[rows for rows, out in zip(lists, held, strict=True) if not out])


def general(data: Path, encoder: Path, work: Path, *, recipe: Recipe = GENERAL, name: str = "general") -> Path:
    """The general run; the weights it ends with."""
    vocabulary = Vocabulary(encoder / "tokenizer.json")
    make = _plentiful(data, vocabulary, recipe)
    torch.manual_seed(recipe.seed)
    network = load_encoder(encoder, shared=SHARED)
    return _run(network, [make[task]() for task in recipe.passes], vocabulary, recipe, work, name)


def _plentiful(data: Path, vocabulary: Vocabulary, recipe: Recipe) -> dict[str, Callable[[], Task]]:
    """How the tasks are made that need no folds."""
    return {
        "tags": lambda: tag_task(data, vocabulary),
        "stance": lambda: newsmtsc_task(data, vocabulary, count=RENAMINGS, seed=recipe.seed),
        "between": lambda: park_task(data, vocabulary),
    }


def branch(data: Path, encoder: Path, work: Path, *, start: Path, shares: np.ndarray, recipe: Recipe = BRANCH) -> Path:
    """The stance branch alone goes on from ``start``, with the gold and the teacher's ``shares`` (targets, 3)."""
    vocabulary = Vocabulary(encoder / "tokenizer.json")
    asked = unlabelled(data)
    if len(asked) != len(shares):
        raise InputError(
            f"the teacher labelled {len(shares)} targets, the corpora now hold {len(asked)}; give the corpora it was "
            "asked about, or an empty folder with --work"
        )
    tasks = [
        newsmtsc_task(data, vocabulary, count=RENAMINGS, seed=recipe.seed),
        stance_task("taught", asked, vocabulary, shares=shares, count=RENAMINGS, seed=recipe.seed),
    ]
    network = load_encoder(encoder, shared=SHARED)
    network.load_state_dict(torch.load(start, map_location="cpu", weights_only=True))
    for name, parameter in network.named_parameters():
        parameter.requires_grad = name.startswith("target.")
    return _run(network, tasks, vocabulary, recipe, work, "branch")


def special(
    stage: str,
    data: Path,
    encoder: Path,
    work: Path,
    *,
    start: Path,
    recipe: Recipe = SPECIAL,
    name: str = "",
) -> Path:
    """A special run from the weights of the general one; what it says of the fold it left out goes beside."""
    vocabulary = Vocabulary(encoder / "tokenizer.json")
    held = held_by(stage, data)
    wanted = [task for task in recipe.passes if stage == "final" or task not in SCARCE or task in held.tasks]
    make = _plentiful(data, vocabulary, recipe) | {
        "bias": lambda: without(bias_task(data, vocabulary, count=RENAMINGS, seed=recipe.seed), held.bias),
        "gvfc": lambda: without(gvfc_task(data, vocabulary), held.gvfc),
    }
    network = load_encoder(encoder, shared=SHARED)
    network.load_state_dict(torch.load(start, map_location="cpu", weights_only=True))
    path = _run(network, [make[task]() for task in wanted], vocabulary, recipe, work, name or stage)
    if stage != "final":
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        beside = path.with_suffix(".part.npz")
        np.savez(beside, **say(network, vocabulary, data, held))
        beside.replace(path.with_suffix(".npz"))
    return path


def load(path: Path, encoder: Path) -> Network:
    """A trained network, ready to read."""
    network = load_encoder(encoder, shared=SHARED)
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()


def _run(network: Network, tasks: list[Task], vocabulary: Vocabulary, recipe: Recipe, work: Path, name: str) -> Path:
    path = work / f"{name}.pt"
    if path.is_file():
        logger.info("%s: there already", name)
        return path
    train(network.to(best_device()), tasks, vocabulary, recipe, folder=work / name)
    beside = path.with_suffix(".part")
    torch.save(network.state_dict(), beside)
    beside.replace(path)
    return path


def is_done(stage: str, work: Path) -> bool:
    """Whether a special run has left everything it leaves: weights and, but for the shipped one, what it says."""
    return all((work / f"{stage}{suffix}").is_file() for suffix in ((".pt",) if stage == "final" else (".pt", ".npz")))


def say(network: Network, vocabulary: Vocabulary, data: Path, held: Held) -> Mapping[str, Any]:
    """Raw scores of everything held out, before calibration."""
    network.eval()
    found: dict[str, Any] = {}
    if held.bias.any():
        items = [item for item, out in zip(read_babe(data), held.bias, strict=True) if out]
        said = outputs_of(network, vocabulary, [segment(item.text, whole=True) for item in items])
        found["bias_ids"] = np.array([item.id for item in items])
        found["bias"] = np.array([one.sentences[0] for one in said], np.float32)
        found["bias_counts"] = np.array([len(one.tokens) for one in said], np.int32)
        found["words"] = np.concatenate([one.tokens[:, WORD_COLUMN] for one in said])
    if held.gvfc.any():
        found["gvfc_ids"] = np.array([h.id for h, out in zip(read_gvfc(data), held.gvfc, strict=True) if out])
        found["gvfc"] = headline_scores(network, gvfc_task(data, vocabulary), vocabulary)[held.gvfc]
    return found


@torch.no_grad()
def headline_scores(network: Network, task: Task, vocabulary: Vocabulary) -> np.ndarray:
    """Log-odds of the nine frames of every headline, (headlines, 9)."""
    device = next(network.parameters()).device
    found = np.zeros((len(task.rows), len(GUN_FRAMES)), np.float32)
    for given in batches(task.rows, task.laid, vocabulary, size=4096):
        pieces, facts = (torch.from_numpy(a.astype(np.int64)).to(device) for a in (given.pieces, given.facts))
        with torch.autocast(device.type, torch.bfloat16):
            scores = pooled(network.extra(network.upper(*network.shared(pieces, facts))), pieces).cpu().numpy()
        for row, values in zip(given.rows, scores, strict=True):
            found[row.document] = values
    return found
