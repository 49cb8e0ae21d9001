"""All runs in order, side by side where they do not need one another, each one a line of ``runs.tsv``."""

from __future__ import annotations

import csv
import json
import logging
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.checksums import sha256
from framing.engines.neural import MODELS
from framing.training.neural.stages import BRANCH, GENERAL, SPECIAL, branch, general, is_done, special, stages
from framing.training.neural.teacher import SOFT, TEACHER, write_soft_labels
from framing.training.neural.trainer import Recipe

logger = logging.getLogger(__name__)

LOG = "runs.tsv"
_COLUMNS = ("run", "seed", "recipe", "minutes", "figures")


@dataclass(frozen=True)
class Setting:
    """What every run is given: corpora, the encoder to start from, a teacher or none, where runs are kept, the seed."""

    data: Path
    encoder: Path
    teacher: Path | None
    work: Path
    seed: int

    @property
    def recipes(self) -> dict[str, Recipe]:
        """The recipe of every kind of run, in their order."""
        found = {"general": GENERAL, "special": SPECIAL}
        if self.teacher:
            found |= {"teacher": TEACHER, "branch": BRANCH}
        return {kind: replace(recipe, seed=self.seed) for kind, recipe in found.items()}


def run_all(given: Setting, out: Path | None, *, jobs: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """General run, special runs, teacher, stance branch, model; see :func:`framing.training.neural.train_neural`."""
    import torch

    given.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(jobs)
    if not (given.work / "general.pt").is_file():
        yield _logged(given, "general", "general", _timed(_general, given))
    left = [stage for stage in stages() if not is_done(stage, given.work)]
    if jobs == 1:
        for stage in left:
            yield _logged(given, stage, "special", _timed(_special, given, stage))
    elif left:
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
            for stage, run in zip(left, pool.map(_beside, [given] * len(left), left), strict=True):
                yield _logged(given, stage, "special", run)
    if given.teacher and not (given.work / SOFT).is_file():
        yield _logged(given, "teacher", "teacher", _timed(_teacher, given))
    if given.teacher and not (given.work / "branch.pt").is_file():
        yield _logged(given, "branch", "branch", _timed(_branch, given))
    yield "model", finish(given, out or MODELS)


def _timed(run: Callable[..., dict[str, Any]], *arguments: Any) -> tuple[float, dict[str, Any]]:
    """Minutes and figures of a run."""
    started = time.monotonic()
    figures = run(*arguments)
    return (time.monotonic() - started) / 60, figures


def _teacher(given: Setting) -> dict[str, Any]:
    assert given.teacher is not None
    return write_soft_labels(given.teacher, given.data, given.work, recipe=given.recipes["teacher"])


def _general(given: Setting) -> dict[str, Any]:
    return _dev(given, general(given.data, given.encoder, given.work, recipe=given.recipes["general"]))


def _branch(given: Setting) -> dict[str, Any]:
    recipe, start = given.recipes["branch"], given.work / "final.pt"
    shares = np.load(given.work / SOFT)["shares"]
    return _dev(given, branch(given.data, given.encoder, given.work, start=start, shares=shares, recipe=recipe))


def _beside(given: Setting, stage: str) -> tuple[float, dict[str, Any]]:
    """A special run in a process of its own, with a log of its own."""
    import torch

    # One thread each: two runs side by side are faster than one on two threads, which wait for each other.
    torch.set_num_threads(1)
    logging.basicConfig(level=logging.INFO, filename=given.work / f"{stage}.log", format="%(asctime)s %(message)s")
    return _timed(_special, given, stage)


def _special(given: Setting, stage: str) -> dict[str, Any]:
    recipe, start = given.recipes["special"], given.work / "general.pt"
    path = special(stage, given.data, given.encoder, given.work, start=start, recipe=recipe)
    return _dev(given, path) if stage == "final" else {}


def _dev(given: Setting, path: Path) -> dict[str, Any]:
    from framing.engines.pieces import Vocabulary
    from framing.training.neural.measure import stance_figures, tag_figures
    from framing.training.neural.stages import load

    network, vocabulary = load(path, given.encoder), Vocabulary(given.encoder / "tokenizer.json")
    return {
        "tags": tag_figures(network, vocabulary, given.data),
        "stance": stance_figures(network, vocabulary, given.data),
    }


def _logged(given: Setting, run: str, kind: str, done: tuple[float, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    minutes, figures = done
    new = not (given.work / LOG).is_file()
    with (given.work / LOG).open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        if new:
            writer.writerow(_COLUMNS)
        recipe = json.dumps(asdict(given.recipes[kind]))
        writer.writerow([run, given.seed, recipe, round(minutes, 1), json.dumps(figures)])
    return run, figures


def finish(given: Setting, out: Path) -> dict[str, Any]:
    """Settings, files and card of the model, from runs that are done; the figures of the 8-bit model beside 32 bits."""
    from framing.engines.pieces import Vocabulary
    from framing.training.neural.card import make_card
    from framing.training.neural.export import export
    from framing.training.neural.settings import Dev, Said, fit_settings, held_out_arrays, samples
    from framing.training.neural.stages import load

    data, work, tokenizer = given.data, given.work, given.encoder / "tokenizer.json"
    network = load(work / ("branch.pt" if given.teacher else "final.pt"), given.encoder)
    said = Said(data, work)
    settings = fit_settings(network, said, Dev(network, data, Vocabulary(tokenizer)))
    export(network, settings, tokenizer, work / "plain", bits=32)
    export(network, settings, tokenizer, out, samples=samples(data), held_out=held_out_arrays(said, settings))
    weights = {
        name: sha256(folder / "model.safetensors")
        for name, folder in (("encoder", given.encoder), ("teacher", given.teacher))
        if folder
    }
    card = make_card(out, work / "plain", data, weights=weights, recipes=given.recipes)
    (out / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return dict(card["eight_bit"])
