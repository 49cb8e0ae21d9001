"""All runs in order, side by side where they do not need one another, each one a line of ``runs.tsv``."""

from __future__ import annotations

import csv
import json
import logging
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from framing.engines.checksums import sha256
from framing.engines.neural import MODELS
from framing.training.neural.stages import GENERAL, SPECIAL, general, is_done, special, stages
from framing.training.neural.trainer import Recipe

logger = logging.getLogger(__name__)

LOG = "runs.tsv"
_COLUMNS = ("run", "seed", "recipe", "minutes", "figures")


def run_all(
    data: Path, encoder: Path, out: Path | None, *, work: Path, seed: int, jobs: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The general run, the special runs, and the model; see :func:`framing.training.neural.train_neural`."""
    work.mkdir(parents=True, exist_ok=True)
    start = work / "general.pt"
    if not start.is_file():
        yield _logged(work, "general", seed, *_general(data, encoder, work, seed, jobs))
    context = multiprocessing.get_context("spawn")
    given = [(stage, data, encoder, work, start, seed) for stage in stages() if not is_done(stage, work)]
    if jobs == 1:
        for one in given:
            yield _logged(work, one[0], seed, *_special(one))
    else:
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            for one, (minutes, figures) in zip(given, pool.map(_beside, given), strict=True):
                yield _logged(work, one[0], seed, minutes, figures)
    yield "model", finish(data, encoder, work, out or MODELS, seed=seed)


def _general(data: Path, encoder: Path, work: Path, seed: int, threads: int) -> tuple[float, dict[str, Any]]:
    import torch

    torch.set_num_threads(threads)
    started = time.monotonic()
    path = general(data, encoder, work, recipe=recipes(seed)["general"])
    return (time.monotonic() - started) / 60, _dev(path, data, encoder)


def _beside(given: tuple[str, Path, Path, Path, Path, int]) -> tuple[float, dict[str, Any]]:
    """A special run in a process of its own, with a log of its own."""
    import torch

    # One thread each: two runs side by side are faster than one on two threads, which wait for each other.
    torch.set_num_threads(1)
    stage, work = given[0], given[3]
    logging.basicConfig(level=logging.INFO, filename=work / f"{stage}.log", format="%(asctime)s %(message)s")
    return _special(given)


def _special(given: tuple[str, Path, Path, Path, Path, int]) -> tuple[float, dict[str, Any]]:
    stage, data, encoder, work, start, seed = given
    started = time.monotonic()
    path = special(stage, data, encoder, work, start=start, recipe=recipes(seed)["special"])
    return (time.monotonic() - started) / 60, _dev(path, data, encoder) if stage == "final" else {}


def _dev(path: Path, data: Path, encoder: Path) -> dict[str, Any]:
    from framing.engines.pieces import Vocabulary
    from framing.training.neural.measure import stance_figures, tag_figures
    from framing.training.neural.stages import load

    network, vocabulary = load(path, encoder), Vocabulary(encoder / "tokenizer.json")
    return {"tags": tag_figures(network, vocabulary, data), "stance": stance_figures(network, vocabulary, data)}


def _logged(work: Path, run: str, seed: int, minutes: float, figures: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    new = not (work / LOG).is_file()
    with (work / LOG).open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        if new:
            writer.writerow(_COLUMNS)
        recipe = asdict(recipes(seed)["general" if run == "general" else "special"])
        writer.writerow([run, seed, json.dumps(recipe), round(minutes, 1), json.dumps(figures)])
    return run, figures


def recipes(seed: int) -> dict[str, Recipe]:
    """The recipe of the general run, and of the special ones."""
    return {"general": replace(GENERAL, seed=seed), "special": replace(SPECIAL, seed=seed)}


def finish(data: Path, encoder: Path, work: Path, out: Path, *, seed: int = 0) -> dict[str, Any]:
    """Settings, files and card of the model, from runs that are done; the figures of the 8-bit model beside 32 bits."""
    from framing.engines.pieces import Vocabulary
    from framing.training.neural.card import make_card
    from framing.training.neural.export import export
    from framing.training.neural.settings import Dev, Said, fit_settings, held_out_arrays, samples
    from framing.training.neural.stages import load

    network, tokenizer = load(work / "final.pt", encoder), encoder / "tokenizer.json"
    said = Said(data, work)
    dev = Dev(network, data, Vocabulary(tokenizer))
    settings = fit_settings(network, said, dev)
    shown = samples(data)
    export(network, settings, tokenizer, work / "plain", bits=32)
    export(network, settings, tokenizer, out, samples=shown, held_out=held_out_arrays(said, settings))
    card = make_card(out, work / "plain", data, encoder=sha256(encoder / "model.safetensors"), recipes=recipes(seed))
    (out / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return dict(card["eight_bit"])
