"""Figures that others have published on the corpora of the benchmark, each with where it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A score in [0, 1] of a ``system`` on the task of that name in ``report.measured.TASKS``.

    ``note`` says where its test differs from ours.
    """

    task: str
    system: str
    score: float
    citation: str
    note: str = ""


_COFENET = "Wang et al. 2022, CofeNet: context and former-label enhanced net for complicated quotation extraction"
_CUT = "on its own cut of the test articles"
PUBLISHED: tuple[Published, ...] = (
    Published("babe_random", "BERT, distant supervision", 0.804,
              "Spinde et al. 2021, Neural media bias detection using distant supervision with BABE"),
    *(Published(f"cofenet_{role}", system, score, _COFENET, _CUT)
      for system, scores in (("BERT", (0.811, 0.740, 0.689)), ("CofeNet", (0.832, 0.753, 0.729)))
      for role, score in zip(("source", "cue", "content"), scores, strict=True)),
    Published("stance", "RoBERTa", 0.83,
              "Hamborg & Donnay 2021, NewsMTSC: a dataset for (multi-)target-dependent sentiment classification",
              "as its paper reports it"),
)  # fmt: skip
