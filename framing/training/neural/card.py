"""The machine-readable card of a model: what it was made of, and what 8 bits cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from framing.engines.neural import NeuralEngine
from framing.engines.onnx_encoder import OnnxEncoder
from framing.metrics import macro_f1
from framing.records import Mention
from framing.segment import segment
from framing.training.neural.examples import find_matches
from framing.training.neural.trainer import Recipe
from framing.training.readers import read_newsmtsc, read_polnear
from framing.training.tagger import ROLES, _exact_f1

CORPORA = {
    "attribution": "PolNeAR train (Newell et al. 2018); no terms stated, published for research",
    "stance": "NewsMTSC train (Hamborg & Donnay 2021), MIT; Park et al. (2021), free to use by citing",
    "loaded language": "BABE (Spinde et al. 2021); AGPL-3.0 repository, CC BY-NC-SA 4.0 on its data page",
    "beside them": "GVFC (Liu et al. 2019), Apache-2.0",
}


def make_card(
    out: Path, plain: Path, data: Path, *, weights: Mapping[str, str], recipes: Mapping[str, Recipe]
) -> dict[str, Any]:
    """Data, recipes, sha256 of the ``weights`` it came from, figures of 8 against 32 bits on the development sets."""
    return {
        "weights_sha256": dict(weights),
        "data": CORPORA,
        "recipes": {name: asdict(recipe) for name, recipe in recipes.items()},
        "eight_bit": compare(NeuralEngine.load(out), plain, data),
    }


def compare(engine: NeuralEngine, plain: Path, data: Path) -> dict[str, Any]:
    """Exact F1 of each role and macro F1 of stance, with 8-bit and with 32-bit weights, and how far numbers move."""
    from dataclasses import replace

    full = replace(engine, reader=replace(engine.reader, encoder=OnnxEncoder(plain)))
    found: dict[str, Any] = {}
    said = {}
    articles = read_polnear(data, "dev")
    documents = [segment(a.text) for a in articles]
    items = read_newsmtsc(data, "dev")
    sentences = [segment(item.text, whole=True) for item in items]
    targets = [[Mention("", item.start, item.end)] for item in items]
    for name, one in (("bits_8", engine), ("bits_32", full)):
        readings = one.read(documents, [[] for _ in documents], [find_matches(d) for d in documents])
        tags = _exact_f1(documents, [r.tags for r in readings], articles)
        stances = one.read(sentences, targets, [find_matches(d) for d in sentences])
        chances = np.array([r.stance[0] for r in stances])
        called = (chances.argmax(1) - 1).tolist()
        found[name] = {
            **{f"{role}_exact_f1": tags[role] for role in ROLES},
            "stance_macro_f1": macro_f1([item.stance for item in items], called),
        }
        said[name] = (np.concatenate([r.bias for r in readings]), chances)
    for k, measure in enumerate(("bias", "stance")):
        change = np.abs(said["bits_8"][k] - said["bits_32"][k])
        found[f"{measure}_change"] = {"mean": float(change.mean()), "largest": float(change.max())}
    return found
