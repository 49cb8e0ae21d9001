"""The neural engine: one small encoder reads every sentence once, for all measures.

The encoder is all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019), fine-tuned on all tasks together and
stored with 8-bit weights. Loaded language and attribution come from one pass over the sentence; stance
toward a target from a short branch that sees the target marked. In loaded language the linear model has a say as
well: it knows more words, the encoder knows what they mean where they stand, and together they err less than either
(stacking, Wolpert 1992). Sentence scores are sums over words, so what a word adds to its sentence can be read off.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from framing.engines import TAGS, Reading
from framing.engines.bias import NO_WORD, BiasModel, BiasScores
from framing.engines.checksums import read_checksums, verify
from framing.engines.frame_model import FrameModel
from framing.engines.linear import MODELS as LINEAR
from framing.engines.neural_heads import TAG_COLUMNS, VALUE_COLUMN, WEIGHT_COLUMN, WIDTH, WORD_COLUMN
from framing.engines.onnx_encoder import ENCODER, PROBE, TARGET, OnnxEncoder, thread_count
from framing.engines.pieces import Batch, Laid, Row, Vocabulary, batches, lay_out, rows
from framing.engines.tagger import ROLES, decode, posterior
from framing.errors import ModelError
from framing.lexicon import Match
from framing.records import Mention
from framing.segment import Document

FORMAT = 1
MODELS = Path(__file__).parent.parent / "resources" / "models" / "neural"
SETTINGS, TOKENIZER = "settings.json", "tokenizer.json"
# Pieces read together: enough to keep the processor busy, few enough to stay in its cache.
BATCH = 256


class Encoder(Protocol):
    """The network, however it is run."""

    def read(self, pieces: np.ndarray, facts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outputs of every piece (rows, length, ``WIDTH``), and the states that stance starts from."""
        ...

    def toward(self, states: np.ndarray, pieces: np.ndarray, marked: np.ndarray) -> np.ndarray:
        """Logits of negative, neutral, positive (targets, 3); ``marked`` is 1 on the pieces of the target."""
        ...


@dataclass(frozen=True)
class Settings:
    """The numbers fitted after training, on data that the network was not trained on.

    ``bias`` and ``words`` weigh the log-odds of the encoder and of the linear model, with an offset; ``stance`` is a
    temperature and an offset per class; ``transitions`` (tags, tags) and ``thresholds`` (roles) decode the tags.
    """

    bias: tuple[float, float, float]
    words: tuple[float, float, float]
    stance: tuple[float, tuple[float, float, float]]
    transitions: np.ndarray
    thresholds: tuple[float, float, float]

    def to_json(self) -> str:
        """As :meth:`from_json` reads it."""
        plain = {
            "format": FORMAT,
            "bias": self.bias,
            "words": self.words,
            "stance": {"temperature": self.stance[0], "offsets": self.stance[1]},
            "transitions": np.round(self.transitions.astype(float), 5).tolist(),
            "thresholds": self.thresholds,
        }
        return json.dumps(plain, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Settings:
        """Settings of a model; :class:`~framing.errors.ModelError` for another format, or for what does not fit."""
        try:
            read = json.loads(text)
            version = read["format"]
            if version == FORMAT:
                stance = read["stance"]
                return cls(
                    tuple(_numbers(read["bias"], 3)),
                    tuple(_numbers(read["words"], 3)),
                    (float(_numbers(stance["temperature"])), tuple(_numbers(stance["offsets"], 3))),
                    np.array(_numbers(read["transitions"], len(TAGS), len(TAGS)), np.float32),
                    tuple(_numbers(read["thresholds"], len(ROLES))),
                )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelError(
                f"{SETTINGS} of the neural model cannot be read ({type(error).__name__}: {error}); install the package "
                "again, or run `framing train --engine neural`"
            ) from error
        raise ModelError(
            f"the neural model has format {version!r}, this version of framing reads format {FORMAT}; install the "
            "package again, or run `framing train --engine neural`"
        )


def _numbers(read: Any, *shape: int) -> Any:
    """Plain numbers of that shape, all finite."""
    found = np.array(read, float)
    if found.shape != shape or not np.isfinite(found).all():
        raise ValueError(f"{str(read)[:60]} where numbers of the shape {shape} should stand")
    return found.tolist()


@dataclass(frozen=True, eq=False)
class Outputs:
    """What the network says of one document, before calibration.

    ``tokens`` (tokens, ``WIDTH``) at each token's first piece; ``sentences`` (sentences,) the pooled
    scores of bias; ``parts`` (tokens,) what each token adds to its sentence's bias; ``stance`` (mentions, 3) logits.
    """

    tokens: np.ndarray
    sentences: np.ndarray
    parts: np.ndarray
    stance: np.ndarray


@dataclass(frozen=True, eq=False)
class Reader:
    """Documents to outputs: rows made, read in batches, and put back in their places."""

    vocabulary: Vocabulary
    encoder: Encoder
    size: int = BATCH
    threads: int = 1

    def read(
        self, documents: Sequence[Document], laid: Sequence[Laid], mentions: Sequence[Sequence[Mention]]
    ) -> list[Outputs]:
        """One per document; none depends on the others."""
        sheets = [_Sheet(d, one, m) for d, one, m in zip(documents, laid, mentions, strict=True)]
        chosen = [row for k, (d, one) in enumerate(zip(documents, laid, strict=True)) for row in rows(k, d, one)]
        made = batches(chosen, laid, self.vocabulary, size=self.size)
        if self.threads == 1:
            for batch in made:
                self._read(batch, sheets)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(lambda batch: self._read(batch, sheets), made))
        return [sheet.outputs() for sheet in sheets]

    def _read(self, batch: Batch, sheets: list[_Sheet]) -> None:
        """Every row writes to places of its own, so it does not matter which batch comes first."""
        outputs, states = self.encoder.read(batch.pieces, batch.facts)
        targets: list[tuple[int, int]] = []
        for k, row in enumerate(batch.rows):
            sheets[row.document].note(row, outputs[k])
            targets += [(k, number) for number in sheets[row.document].targets_in(row)]
        for at in range(0, len(targets), len(batch.rows)):
            self._toward(batch, states, targets[at : at + len(batch.rows)], sheets)

    def _toward(self, batch: Batch, states: np.ndarray, targets: list[tuple[int, int]], sheets: list[_Sheet]) -> None:
        index = [k for k, _ in targets]
        marked = np.zeros((len(targets), batch.pieces.shape[1]), np.int32)
        for n, (k, number) in enumerate(targets):
            row = batch.rows[k]
            a, b = sheets[row.document].places(row, number)
            marked[n, a:b] = 1
        logits = self.encoder.toward(states[index], batch.pieces[index], marked)
        for (k, number), values in zip(targets, logits, strict=True):
            sheets[batch.rows[k].document].stance[number] = values


class _Sheet:
    """Where the outputs of one document are collected."""

    def __init__(self, document: Document, laid: Laid, mentions: Sequence[Mention]) -> None:
        self.document, self.laid = document, laid
        self.tokens = np.zeros((len(document.words), WIDTH), np.float32)
        self.weights, self.values = np.zeros((2, len(document.words)))
        self.stance = np.zeros((len(mentions), 3))
        self.stance[:, 1] = 8.0  # a mention outside every sentence is neutral
        firsts = np.searchsorted(document.ends, [m.start for m in mentions], side="right")
        lasts = np.searchsorted(document.starts, [m.end for m in mentions], side="left")
        firsts = np.where(firsts < lasts, firsts, len(document.words))  # nothing but white space is in no sentence
        self.spans = np.column_stack([firsts, lasts]).astype(int)
        self.order = np.argsort(firsts, kind="stable")

    def note(self, row: Row, outputs: np.ndarray) -> None:
        """Keep what a row says of the tokens that are its own."""
        first = self.laid.first
        a, b = row.kept
        starts = first[a:b] - first[row.first] + 1
        self.tokens[a:b] = outputs[starts]
        lines = slice(int(starts[0]), int(first[b] - first[row.first]) + 1)
        weight = np.exp(outputs[lines, WEIGHT_COLUMN].astype(np.float64))
        self.weights[a:b] = np.add.reduceat(weight, starts - starts[0])
        self.values[a:b] = np.add.reduceat(weight * outputs[lines, VALUE_COLUMN], starts - starts[0])

    def targets_in(self, row: Row) -> list[int]:
        """Mentions whose first token is kept from this row."""
        firsts = self.spans[self.order, 0]
        low, high = np.searchsorted(firsts, row.kept)
        return [int(n) for n in self.order[low:high]]

    def places(self, row: Row, number: int) -> tuple[int, int]:
        """The pieces of a mention in its row."""
        first = self.laid.first
        a, b = self.spans[number]
        base = int(first[row.first]) - 1
        return int(first[a]) - base, int(first[min(b, row.last)]) - base

    def outputs(self) -> Outputs:
        """Everything, sentences pooled."""
        document = self.document
        pooled = np.zeros(len(document.sentences))
        parts = np.zeros(len(document.words))
        for k, (a, b) in enumerate(document.sentence_tokens):
            if a < b:
                parts[a:b] = self.values[a:b] / self.weights[a:b].sum()
                pooled[k] = parts[a:b].sum()
        return Outputs(self.tokens, pooled, parts, self.stance)


@dataclass(frozen=True, eq=False)
class NeuralEngine:
    """Loaded language, attribution and stance by one encoder; frames by the linear model, which measured better."""

    reader: Reader
    lexical: BiasModel
    frame: FrameModel
    settings: Settings
    folder: Path
    name: str = "neural"

    @classmethod
    def load(cls, folder: Path = MODELS) -> NeuralEngine:
        """The engine from a model folder, every file checked against its sha256 before it is opened.

        Raises :class:`~framing.errors.ModelError` for a file that is missing, altered, or of another format.
        """
        verify(folder, (SETTINGS, TOKENIZER, ENCODER, TARGET, PROBE))
        settings = Settings.from_json((folder / SETTINGS).read_bytes())
        vocabulary = Vocabulary(folder / TOKENIZER)
        reader = Reader(vocabulary, OnnxEncoder(folder, largest=vocabulary.largest), threads=thread_count())
        verify(LINEAR)
        return cls(reader, BiasModel.load(LINEAR), FrameModel.load(LINEAR), settings, folder)

    @cached_property
    def signature(self) -> dict[str, Any]:
        """Engine name and the checksums of its files."""
        shared = {k: v for k, v in read_checksums(LINEAR).items() if k.startswith(("bias.", "frames."))}
        return {
            "engine": self.name,
            "models": {**read_checksums(self.folder), **shared},
            "runtime": {name: str(import_module(name).__version__) for name in ("onnxruntime", "tokenizers")},
        }

    def read(
        self,
        documents: Sequence[Document],
        mentions: Sequence[Sequence[Mention]],
        matches: Sequence[Sequence[Match]],
    ) -> list[Reading]:
        """One reading per document; see :class:`~framing.engines.Engine`."""
        vocabulary = self.reader.vocabulary
        laid = [lay_out(d, found, vocabulary) for d, found in zip(documents, matches, strict=True)]
        outputs = self.reader.read(documents, laid, mentions)
        tags = decode_tags(documents, [one.tokens for one in outputs], self.settings)
        lexical = self.lexical.score(documents, matches)
        frames = self.frame.score(documents)
        return [
            self._reading(self.lexical.known(document), *said)
            for document, said in zip(documents, zip(outputs, tags, lexical, frames, strict=True), strict=True)
        ]

    def _reading(
        self,
        known: float,
        out: Outputs,
        tags: np.ndarray,
        lexical: BiasScores,
        frames: tuple[np.ndarray, np.ndarray],
    ) -> Reading:
        given = self.settings
        encoder, linear, offset = given.bias
        bias = encoder * out.sentences + linear * log_odds(lexical.bias) + offset
        parts = encoder * out.parts + linear * lexical.parts
        encoder, linear, offset = given.words
        words = encoder * out.tokens[:, WORD_COLUMN] + linear * lexical.words + offset
        words = np.where(lexical.words > NO_WORD, words, NO_WORD)
        heat, offsets = given.stance
        return Reading(
            bias=sigmoid(bias),
            word_bias=words,
            tags=tags,
            stance=softmax(heat * out.stance + np.array(offsets)),
            frames=frames[0],
            frame_sentences=frames[1],
            known=known,
            parts=parts,
            in_context=True,
        )


def decode_tags(documents: Sequence[Document], tokens: Sequence[np.ndarray], given: Settings) -> list[np.ndarray]:
    """Tags of every document: a chain over each paragraph, since what is said may go on in the next sentence."""
    found = []
    for document, own in zip(documents, tokens, strict=True):
        if not len(own):
            found.append(np.zeros(0, np.int8))
            continue
        scores = own[:, TAG_COLUMNS]
        sequences = paragraphs(document)
        read = posterior(scores, given.transitions, sequences)
        sentences = np.array(document.sentence_of)
        found.append(decode(read, given.transitions, sequences, given.thresholds, sentences=sentences))
    return found


def paragraphs(document: Document) -> np.ndarray:
    """First token and end of every paragraph, (paragraphs, 2)."""
    found: list[list[int]] = []
    before = -1
    for number, (first, last) in zip(document.paragraph, document.sentence_tokens, strict=True):
        if first == last:
            continue
        if number == before:
            found[-1][1] = last
        else:
            found.append([first, last])
        before = number
    return np.array(found, np.int64).reshape(-1, 2)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Log-odds to probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))


def log_odds(p: np.ndarray) -> np.ndarray:
    """Probabilities to log-odds, as far as thirteen either way."""
    p = np.clip(p, 2e-6, 1 - 2e-6)
    return np.asarray(np.log(p / (1 - p)))


def softmax(x: np.ndarray) -> np.ndarray:
    """Logits to probabilities, row by row."""
    x = np.exp(x - x.max(1, keepdims=True)) if len(x) else x
    return np.asarray(x / x.sum(1, keepdims=True)) if len(x) else x
