"""The linear engine: four linear models, tens of thousands of tokens a second, every weight readable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from framing.engines import Reading
from framing.engines.bias import BiasModel
from framing.engines.frame_model import FrameModel
from framing.engines.tagger import Tagger
from framing.engines.target import TargetModel
from framing.errors import ModelError
from framing.lexicon import Match
from framing.records import Mention
from framing.segment import Document

MODELS = Path(__file__).parent.parent / "resources" / "models" / "linear"
CHECKSUMS = "checksums.json"


@dataclass(frozen=True)
class LinearEngine:
    """Loaded language, attribution, stance and frames by linear models over words and lexicons."""

    bias: BiasModel
    tagger: Tagger
    target: TargetModel
    frame: FrameModel
    folder: Path
    name: str = "linear"

    @classmethod
    def load(cls, folder: Path = MODELS) -> LinearEngine:
        """The engine from a model folder, every file checked against its sha256 before it is opened.

        Raises :class:`~framing.errors.ModelError` for a file that is missing or altered.
        """
        verify(folder)
        return cls(
            BiasModel.load(folder), Tagger.load(folder), TargetModel.load(folder), FrameModel.load(folder), folder
        )

    @cached_property
    def signature(self) -> dict[str, Any]:
        """Engine name and the checksums of its files."""
        return {"engine": self.name, "models": read_checksums(self.folder)}

    def read(
        self,
        documents: Sequence[Document],
        mentions: Sequence[Sequence[Mention]],
        matches: Sequence[Sequence[Match]],
    ) -> list[Reading]:
        """One reading per document; see :class:`~framing.engines.Engine`."""
        bias = self.bias.score(documents, matches)
        tags = self.tagger.tag(documents)
        stance = self.target.score(documents, mentions, matches)
        frames = self.frame.score(documents)
        return [
            Reading(
                bias=bias[i][0],
                word_bias=bias[i][1],
                tags=tags[i],
                stance=stance[i],
                frames=frames[i][0],
                frame_sentences=frames[i][1],
                known=self.bias.known(document),
            )
            for i, document in enumerate(documents)
        ]


def write_checksums(folder: Path) -> None:
    """Record the sha256 of every model file of the folder; the last step of training."""
    sums = {path.name: sha256(path) for path in sorted(folder.iterdir()) if _is_model(path)}
    (folder / CHECKSUMS).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf-8")


def read_checksums(folder: Path) -> dict[str, str]:
    """The recorded checksums; :class:`~framing.errors.ModelError` where the record is missing or unreadable."""
    try:
        sums = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in sums.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(
            f"no readable {CHECKSUMS} in the model folder {folder.name!r} ({error}); install the package again, "
            "or train the models with `framing train`"
        ) from error


def verify(folder: Path) -> None:
    """Compare every model file with its recorded checksum, and the files with the record."""
    recorded = read_checksums(folder)
    for name, expected in recorded.items():
        path = folder / name
        if not path.is_file():
            raise ModelError(f"model file {name!r} is missing; install the package again, or run `framing train`")
        if (found := sha256(path)) != expected:
            raise ModelError(
                f"model file {name!r} was altered: sha256 {found[:12]}, expected {expected[:12]}; "
                "install the package again, or run `framing train`"
            )


def sha256(path: Path) -> str:
    """Checksum of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_model(path: Path) -> bool:
    return (
        path.is_file() and path.suffix in {".npz", ".json", ".skops"} and path.name not in {CHECKSUMS, "benchmark.json"}
    )
