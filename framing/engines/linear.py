"""The linear engine: four linear models, tens of thousands of tokens a second, every weight readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from framing.engines import Reading
from framing.engines.bias import BiasModel
from framing.engines.checksums import read_checksums, verify
from framing.engines.frame_model import FrameModel
from framing.engines.tagger import Tagger
from framing.engines.target import TargetModel
from framing.lexicon import Match
from framing.records import Mention
from framing.segment import Document

MODELS = Path(__file__).parent.parent / "resources" / "models" / "linear"


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
                bias=bias[i].bias,
                word_bias=bias[i].words,
                tags=tags[i],
                stance=stance[i],
                frames=frames[i][0],
                frame_sentences=frames[i][1],
                known=self.bias.known(document),
                parts=bias[i].parts,
            )
            for i, document in enumerate(documents)
        ]
