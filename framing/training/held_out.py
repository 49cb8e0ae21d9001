"""What models say of texts they were not trained on, in one shape for every engine.

BABE, the climate articles and the gun-violence headlines have no development split: their figures come from folds.
The linear engine's folds are trained when they are asked for; a neural engine's would take hours, so its training
leaves what the fold models said in ``held_out.npz`` beside the model: numbers and ids of sentences, no text.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from framing.engines.linear import MODELS as _LINEAR
from framing.errors import InputError, ModelError
from framing.segment import segment
from framing.training.readers import read_babe, read_gvfc

MODELS = _LINEAR.parent
FILE = "held_out.npz"
# Every array of the file; those of one corpus are in the order of its ids.
ARRAYS: tuple[str, ...] = (
    "babe_ids",
    "babe",
    "babe_random",
    "babe_word_counts",
    "babe_words",
    "gvfc_ids",
    "gvfc",
)


@dataclass(frozen=True, eq=False)
class HeldOutBias:
    """BABE, in the order of its file.

    ``grouped`` (sentences,) calibrated P(biased) where an article is in one fold only; ``random`` (sentences,) the
    same on random folds; ``words`` (tokens of all sentences,) log-odds as in ``Reading.word_bias``, grouped folds.
    """

    grouped: np.ndarray
    random: np.ndarray
    words: np.ndarray


@dataclass(frozen=True)
class HeldOut:
    """One engine's held-out numbers for the corpora under ``data``; each is computed or read when first asked for."""

    data: Path
    engine: str

    @cached_property
    def bias(self) -> HeldOutBias:
        """BABE sentences and their words."""
        if self.engine == "linear":
            return _linear_bias(self.data)
        items = read_babe(self.data)
        stored, ids = self._stored, [item.id for item in items]
        order = _places(stored["babe_ids"], ids, "babe")
        counts = stored["babe_word_counts"]
        if counts.sum() != len(stored["babe_words"]):
            raise ModelError(f"{FILE} counts {counts.sum()} words but holds {len(stored['babe_words'])}; train anew")
        words = np.split(stored["babe_words"].astype(float), np.cumsum(counts)[:-1])
        for item, place in zip(items, order.tolist(), strict=True):
            if (found := len(segment(item.text, whole=True).words)) != counts[place]:
                raise ModelError(f"{FILE} counts {counts[place]} words in {item.id!r}, which has {found}; train anew")
        return HeldOutBias(
            stored["babe"][order].astype(float),
            stored["babe_random"][order].astype(float),
            np.concatenate([words[place] for place in order.tolist()]),
        )

    @cached_property
    def climate(self) -> np.ndarray:
        """P(frame) of the climate articles, (articles, 5) in the order of ``FRAMES``: both engines have one model."""
        from framing.training import frames

        return np.asarray(1 / (1 + np.exp(-frames.held_out(frames.read(self.data)))))

    @cached_property
    def headlines(self) -> np.ndarray | None:
        """P(frame) of the headlines, (headlines, 9) in the order of ``GUN_FRAMES``; None where none is modelled."""
        return None if self.engine == "linear" else self._joined("gvfc", [item.id for item in read_gvfc(self.data)])

    def _joined(self, name: str, ids: Sequence[str]) -> np.ndarray:
        return np.asarray(self._stored[name][_places(self._stored[f"{name}_ids"], ids, name)], float)

    @cached_property
    def _stored(self) -> dict[str, np.ndarray]:
        path = MODELS / self.engine / FILE
        remedy = f"run `framing train --engine {self.engine}`"
        try:
            with np.load(path, allow_pickle=False) as archive:
                stored = {name: archive[name] for name in archive.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"cannot read {FILE} of the {self.engine} engine ({error}); {remedy}") from error
        if missing := [name for name in ARRAYS if name not in stored]:
            raise ModelError(f"{FILE} of the {self.engine} engine lacks {', '.join(missing)}; {remedy}")
        for ids, *others in _TOGETHER:
            if short := [name for name in others if len(stored[name]) != len(stored[ids])]:
                raise ModelError(f"{', '.join(short)} in {FILE} and its {ids} differ in length; {remedy}")
        return stored


_TOGETHER = (("babe_ids", "babe", "babe_random", "babe_word_counts"), ("gvfc_ids", "gvfc"))


@lru_cache(maxsize=2)
def held_out(data: Path, engine: str) -> HeldOut:
    """What models of the engine say of the texts under ``data`` that they were not trained on.

    Raises, when the numbers are asked for, :class:`~framing.errors.ModelError` where the engine's file is missing,
    damaged or of another tokeniser, and :class:`~framing.errors.InputError` where it lacks a text of the corpus.
    """
    return HeldOut(Path(data), engine)


def random_folds(labels: Sequence[int] | np.ndarray) -> np.ndarray:
    """The folds of BABE's own paper (Spinde et al. 2021): five of the same label shares, articles on both sides."""
    from sklearn.model_selection import StratifiedKFold

    folds = np.zeros(len(labels), int)
    splitter = StratifiedKFold(5, shuffle=True, random_state=42)
    for fold, (_, test) in enumerate(splitter.split(folds, np.asarray(labels))):
        folds[test] = fold
    return folds


def _linear_bias(data: Path) -> HeldOutBias:
    from framing.training.bias import held_out_readings, prepare

    corpus = prepare(data)
    grouped, words = held_out_readings(corpus, corpus.folds)
    random, _ = held_out_readings(corpus, random_folds(corpus.labels))
    return HeldOutBias(grouped, random, words)


def _places(held: np.ndarray, wanted: Sequence[str], name: str) -> np.ndarray:
    """For every text of the corpus, its place in the file."""
    place = {str(one): k for k, one in enumerate(held.tolist())}
    if missing := [one for one in wanted if one not in place]:
        raise InputError(
            f"{FILE} says nothing of {len(missing)} of {len(wanted)} texts of {name} (first: {missing[0]!r}); "
            "give the corpora that the models were trained on with --data, or train anew"
        )
    return np.array([place[one] for one in wanted], int)
