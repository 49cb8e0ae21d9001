"""An analysis as terminal text: every number beside the words that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from framing.highlight import article_marks, printable, terminal_text
from framing.records import Attribution, Contribution, Sentence

if TYPE_CHECKING:
    from framing.analysis import Analysis

_INDENT = " " * 16
# Frames are read over an article; a few sentences are too little to speak of them.
_ENOUGH_FOR_FRAMES = 5
_LONGEST_WORD = 40  # so that a line holds it at 80 columns


def explanation(analysis: Analysis, *, color: bool = True) -> str:
    """Sentence by sentence: probability of loaded wording, voice, the marked sentence, and its evidence.

    The evidence ends with the words that carried the probability, each with the log-odds that it adds or takes.
    Below it who says what, and for longer texts the frames with the sentences that carry them.
    """
    lines = ["loaded  voice   sentence, its evidence, what its words add to the log-odds"]
    if analysis.headline.text:
        lines.append(f"  {analysis.headline.loaded:4.2f}  headline  {printable(analysis.headline.text)}")
        lines += [f"{_INDENT}- {printable(t.text)}: {t.category} {t.weight:.2f}" for t in analysis.headline.terms]
        lines += map(_reason, analysis.headline.reasons)
    marks = article_marks(analysis)
    for sentence in analysis.sentences:
        here = [
            replace(mark, start=mark.start - sentence.start, end=mark.end - sentence.start)
            for mark in marks
            if mark.start < sentence.end and mark.end > sentence.start
        ]
        shown = terminal_text(sentence.text, here, color=color)
        lines.append(f"  {sentence.loaded:4.2f}  {sentence.voice:<6}  {shown}")
        lines += [_INDENT + "- " + line for line in _evidence(analysis, sentence)]
        lines += map(_reason, sentence.reasons)
    told = [one for one in analysis.attributions if one.content]
    if told:
        lines += ["", "who says what", *map(_attribution, told)]
    if len(analysis.sentences) >= _ENOUGH_FOR_FRAMES:
        lines += ["", "frames"]
        for frame in analysis.frames:
            strongest = ", ".join(map(str, frame.sentences))
            lines.append(f"  {frame.probability:4.2f}  {frame.name.replace('_', ' ')}: most in sentences {strongest}")
    return "\n".join(lines)


def _evidence(analysis: Analysis, sentence: Sentence) -> Iterator[str]:
    for term in analysis.loaded_terms:
        if sentence.start <= term.start < sentence.end:
            whose = "own voice" if term.voice == "author" else "a source's words"
            yield f"{printable(term.text)}: {term.category} {term.weight:.2f}, {whose}"
    for s in analysis.stances:
        if sentence.start <= s.start < sentence.end:
            holder = "own voice" if s.holder == "author" else f"held by {printable(s.holder)}"
            yield (
                f"toward {printable(s.target)}: {s.stance:+.2f} "
                f"(negative {s.negative:.2f}, neutral {s.neutral:.2f}, positive {s.positive:.2f}), {holder}"
            )


def _reason(word: Contribution) -> str:
    shown = printable(word.text)
    shown = shown if len(shown) <= _LONGEST_WORD else shown[: _LONGEST_WORD - 1] + "…"
    return f"{_INDENT}{word.weight:+.2f}  {shown}"


def _attribution(one: Attribution) -> str:
    who = one.source_name or (one.source.text if one.source else "unnamed source")
    cue = f" {one.cue.text} ({one.cue_class})" if one.cue else ""
    said = " [...] ".join(span.text for span in one.content)
    return "  " + " ".join(printable(f"{who}{cue}, {one.kind}: {said}").split())
