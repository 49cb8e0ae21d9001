"""The training loop: tasks in turn, one optimiser, checkpoints, and a log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from framing.engines.pieces import Vocabulary, batch
from framing.training.neural.examples import Task
from framing.training.neural.losses import bias_loss, first_pieces, frame_loss, tag_loss
from framing.training.neural.network import Network, pooled

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """Everything a run depends on beside data and code."""

    passes: dict[str, float] = field(default_factory=dict)  # task: how often its rows are read
    rate: float = 1.5e-4
    head_factor: float = 10.0
    layer_decay: float = 0.9
    warm_up: float = 0.06
    pieces: int = 1600  # in a batch
    sizes: dict[str, int] = field(default_factory=dict)  # the same for a task whose batches should be smaller
    decay: float = 0.01
    crf: bool = True
    seed: int = 0
    average: float = 0.0  # share of the run, at its end, over which weights are averaged


def plan(task: Any, passes: float, size: int, rng: np.random.Generator) -> list[list[int]]:
    """Row numbers in batches of about ``size`` pieces, rows of like length together, ``passes`` times over."""
    found: list[list[int]] = []
    whole, part = int(passes), passes % 1
    for number in range(whole + (part > 0)):
        order = rng.permutation(len(task.variants or task.rows))
        if number == whole:
            order = order[: int(len(order) * part)]
        if task.variants:
            order = np.array([rng.choice(task.variants[k]) for k in order])
        lengths = np.array([task.size(k) for k in order])
        # Lengths jittered before sorting: like with like, but never the same batch twice.
        order = order[np.argsort(lengths * rng.uniform(0.85, 1.15, len(order)))]
        held: list[int] = []
        longest = 0
        for k in order.tolist():
            longest = max(longest, task.size(k))
            if held and (len(held) + 1) * longest > size:
                found.append(held)
                held, longest = [], task.size(k)
            held.append(k)
        if held:
            found.append(held)
    return found


def best_device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def schedule(tasks: Sequence[Any], recipe: Recipe, rng: np.random.Generator) -> list[tuple[int, list[int]]]:
    """The batches of all tasks in one random order: the number of the task, and of its rows."""
    plans = [plan(task, recipe.passes[task.name], recipe.sizes.get(task.name, recipe.pieces), rng) for task in tasks]
    steps = [(t, chosen) for t, planned in enumerate(plans) for chosen in planned]
    return [steps[k] for k in rng.permutation(len(steps))]


def parameters(network: Network, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameter groups: lower layers learn slower (Howard & Ruder 2018), heads ten times faster; words are frozen.

    What was frozen before stays so.
    """
    groups: dict[float, list[Any]] = {}
    layers = network.shape.layers
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith("embeddings."):
            if "LayerNorm" not in name:
                parameter.requires_grad = False
                continue
            factor = recipe.layer_decay**layers
        elif ".layer." in name:
            number = int(name.split(".layer.")[1].split(".")[0]) + (network.shape.shared if name[0] == "t" else 0)
            factor = recipe.layer_decay ** (layers - 1 - number)
        elif name in ("facts.weight", "target.mark.weight"):
            factor = 3.0
        else:
            factor = recipe.head_factor
        groups.setdefault(factor, []).append(parameter)
    return [
        {"params": params, "lr": recipe.rate * f, "top": recipe.rate * f, "weight_decay": recipe.decay}
        for f, params in sorted(groups.items())
    ]


def loss_of(network: Network, task: Task, chosen: Sequence[int], vocabulary: Vocabulary, recipe: Recipe) -> Tensor:
    """The loss of some rows of a task."""
    device = next(network.parameters()).device
    given = batch([task.rows[k] for k in chosen], task.laid, vocabulary)
    pieces, facts = (torch.from_numpy(a.astype(np.int64)).to(device) for a in (given.pieces, given.facts))
    labels = [task.labels[k] for k in chosen]
    shared, mask = network.shared(pieces, facts)
    if task.targets:
        marked = torch.zeros_like(pieces)
        for k, number in enumerate(chosen):
            row, (first, last) = task.rows[number], task.targets[number]
            starts = task.laid[row.document].first
            a, b = (int(starts[at] - starts[row.first]) + 1 for at in (first, min(last, row.last)))
            marked[k, a:b] = 1
        logits = network.toward(shared, mask, marked, "between" if task.name == "between" else "head")
        shares = torch.from_numpy(np.stack(labels)).to(device)
        return torch.nn.functional.cross_entropy(logits.float(), shares)
    states = network.upper(shared, mask)
    gold = torch.from_numpy(np.stack(labels)).to(device) if task.name != "tags" else None
    if task.name == "gvfc":
        return frame_loss(pooled(network.extra(states), pieces), gold)
    outputs = network.words(states)
    first = first_pieces(given, task.laid).to(device)
    if task.name == "tags":
        return tag_loss(network, outputs, first, labels, crf=recipe.crf)
    return bias_loss(outputs, pieces, first, gold, [task.words[k] for k in chosen])


def train(
    network: Any,
    tasks: Sequence[Any],
    vocabulary: Any,
    recipe: Recipe,
    *,
    folder: Path | None = None,
    every: int = 200,
    loss: Callable[..., Tensor] | None = None,
    groups: Callable[..., list[dict[str, Any]]] = parameters,
) -> Any:
    """Train in place. With ``folder`` the state is saved every few hundred steps and a run goes on where it stopped.

    ``loss`` and ``groups`` are :func:`loss_of` and :func:`parameters` for the encoder; a teacher brings its own.
    """
    loss = loss or loss_of
    rng = np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    steps = schedule(tasks, recipe, rng)
    optimiser = torch.optim.AdamW(groups(network, recipe), betas=(0.9, 0.98), eps=1e-6)
    state = folder / "state.pt" if folder else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    done = 0
    losses: dict[str, list[float]] = {task.name: [] for task in tasks}
    average: dict[str, Tensor] = {}
    if state and state.is_file():
        saved = torch.load(state, map_location="cpu", weights_only=True)
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        done, average = saved["done"], saved["average"]
        torch.set_rng_state(saved["rng"])
        logger.info("going on at step %d of %d", done, len(steps))
    network.train()
    device = next(network.parameters()).device
    started, pieces = time.monotonic(), 0
    for number in range(done, len(steps)):
        at = number / len(steps)
        for group in optimiser.param_groups:
            group["lr"] = group["top"] * min(at / recipe.warm_up, (1 - at) / (1 - recipe.warm_up))
        t, chosen = steps[number]
        with torch.autocast(device.type, torch.bfloat16):
            error = loss(network, tasks[t], chosen, vocabulary, recipe)
        error.backward()
        torch.nn.utils.clip_grad_norm_([p for g in optimiser.param_groups for p in g["params"]], 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses[tasks[t].name].append(float(error.detach()))
        pieces += sum(tasks[t].size(k) for k in chosen)
        if recipe.average and at > 1 - recipe.average and number % 20 == 0:
            _add(average, network)
        if (number + 1) % every == 0 or number + 1 == len(steps):
            means = {name: round(float(np.mean(values[-100:])), 4) for name, values in losses.items() if values}
            speed = pieces / (time.monotonic() - started)
            logger.info("step %d of %d, %d pieces/s, %s", number + 1, len(steps), speed, means)
            if state:
                _save(state, network, optimiser, done=number + 1, average=average)
    if average:
        count = average.pop("count")
        network.load_state_dict({k: (average[k] / count).to(v.dtype) for k, v in network.state_dict().items()})
    network.eval()
    return network


def _save(state: Path, network: Any, optimiser: torch.optim.Optimizer, **where: Any) -> None:
    beside = state.with_suffix(".part")
    saved = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "rng": torch.get_rng_state(),
        **where,
    }
    torch.save(saved, beside)
    beside.replace(state)


def _add(average: dict[str, Tensor], network: Network) -> None:
    for name, value in network.state_dict().items():
        average[name] = average[name] + value if name in average else value.clone().float()
    average["count"] = average.get("count", torch.zeros(())) + 1
