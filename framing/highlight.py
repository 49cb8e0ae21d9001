"""An analysed article as highlighted HTML or as coloured terminal text.

Text is cut at every border of every span, so overlapping spans need no nesting, and taking the tags away gives
the text back, character by character. Article text, names and lexicon categories are escaped: nothing in an
article can become markup. No kind of mark is told by colour alone: loaded terms differ in the line under them,
contents in the bar at their end and in the label at their start, stances in the sign behind the target. Labels
are generated content, which screen readers speak and copying leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from framing.records import CATEGORIES, Attribution, Contribution, LoadedTerm, Stance

if TYPE_CHECKING:
    from framing.analysis import Analysis

# A sentence from this probability on is shown as loaded, a stance beyond this value as taking sides.
LOADED = 0.5
SIDED = 0.25
_NESTED = 2
_LONGEST_WORD = 40

_SURROGATES = re.compile("[\ud800-\udfff]")
_ANSI = {"term": "1;31", "source": "1;34", "cue": "3;36", "content": "34", "positive": "1;32", "negative": "1;35"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled span: ``kind`` is ``term``, ``source``, ``cue``, ``content`` or ``stance``.

    ``variant`` is the category, the kind of attribution or the sign of the stance; ``note`` explains it in words.
    """

    start: int
    end: int
    kind: str
    variant: str
    note: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text without a border inside, and the marks that cover it."""

    start: int
    end: int
    marks: tuple[Mark, ...]


def segments(length: int, marks: Sequence[Mark]) -> list[Segment]:
    """A text of ``length`` characters cut at every border of the marks; the parts cover it without gaps.

    Marks reaching beyond the text are cut off, empty ones ignored.
    """
    clipped = [(max(0, mark.start), min(length, mark.end), mark) for mark in marks]
    spans = sorted(((a, b, mark) for a, b, mark in clipped if a < b), key=lambda span: (span[0], -span[1]))
    borders = sorted({0, length, *(a for a, _, _ in spans), *(b for _, b, _ in spans)})
    found, active, upcoming = [], list[tuple[int, int, Mark]](), 0
    for start, end in pairwise(borders):
        while upcoming < len(spans) and spans[upcoming][0] <= start:
            active.append(spans[upcoming])
            upcoming += 1
        active = [span for span in active if span[1] > start]
        found.append(Segment(start, end, tuple(mark for _, _, mark in active)))
    return found


def highlight_html(analysis: Analysis, *, style: bool = True) -> str:
    """The headline and text of an article with everything that was found in them, as an HTML fragment.

    ``style`` puts the style sheet in front; leave it out where the page has it already. Lone surrogates, which
    no page can hold, become U+FFFD.
    """
    article = analysis.article
    title = article.title or "Untitled article"
    body = _body(article.text, analysis)
    parts = [
        f"<style>{stylesheet()}</style>" if style else "",
        f'<article class="framing" aria-label="{_attribute("Highlighted article: " + title)}">',
        _headline(analysis),
        f'<div class="fr-text">{body}</div>',
        _legend(analysis),
        "</article>",
    ]
    return storable("".join(parts))


def stylesheet() -> str:
    """The style sheet of highlighted articles; every rule is scoped to the class ``framing``."""
    return files("framing").joinpath("resources", "templates", "highlight.css").read_text("utf-8")


def article_marks(analysis: Analysis) -> list[Mark]:
    """Everything that is marked in the body of an article, outermost kinds first."""
    marks: list[Mark] = []
    for one in analysis.attributions:
        if one.content:  # a source or a cue alone tells a reader nothing
            marks += _attribution_marks(one)
    marks += [_stance_mark(one) for one in analysis.stances]
    return marks + [_term_mark(term) for term in analysis.loaded_terms]


def _attribution_marks(one: Attribution) -> list[Mark]:
    who = one.source_name or (one.source.text if one.source else "an unnamed source")
    cue = f', {one.cue_class} cue "{one.cue.text}"' if one.cue else ""
    note = f"said by {who} ({one.kind}{cue})"
    label = f"{who}, {one.kind}"
    marks = [Mark(span.start, span.end, "content", one.kind, note, label) for span in one.content[:1]]
    marks += [Mark(span.start, span.end, "content", one.kind, note) for span in one.content[1:]]
    if one.source:
        resolved = f", resolved to {one.source_name}" if one.source_name not in (None, one.source.text) else ""
        marks.append(Mark(one.source.start, one.source.end, "source", "", f"source{resolved}"))
    if one.cue:
        marks.append(Mark(one.cue.start, one.cue.end, "cue", one.cue_class, f"{one.cue_class} cue"))
    return marks


def _stance_mark(one: Stance) -> Mark:
    side = "positive" if one.stance > SIDED else "negative" if one.stance < -SIDED else "neutral"
    holder = "in the outlet's own voice" if one.holder == "author" else f"held by {one.holder}"
    return Mark(one.start, one.end, "stance", side, f"stance toward {one.target}: {side} {one.stance:+.2f}, {holder}")


def _term_mark(term: LoadedTerm) -> Mark:
    voice = {"author": "own voice", "source": "a source's words"}.get(term.voice, f"{term.voice} voice")
    return Mark(term.start, term.end, "term", term.category, f"loaded: {term.category}, {term.weight:.2f}, {voice}")


def _headline(analysis: Analysis) -> str:
    head = analysis.headline
    if not head.text:
        return ""
    marks = [_term_mark(term) for term in head.terms]
    flag = _flag(head.loaded, head.reasons)
    return f'<h3 class="fr-title"{flag}>{segments_html(head.text, segments(len(head.text), marks))}</h3>'


def _body(text: str, analysis: Analysis) -> str:
    """The text, sentence by sentence, with what stands between sentences kept as it is."""
    cut = segments(len(text), article_marks(analysis) + [Mark(s.start, s.end, "", "", "") for s in analysis.sentences])
    starts = {sentence.start: sentence for sentence in analysis.sentences}
    out: list[str] = []
    until = -1
    for segment in cut:
        if segment.start == until:
            out.append("</span>")
            until = -1
        if until < 0 and segment.start in starts:
            sentence = starts[segment.start]
            until = sentence.end
            out.append(f'<span class="fr-sentence"{_flag(sentence.loaded, sentence.reasons)}>')
        out.append(segments_html(text, [segment]))
    return "".join([*out, "</span>" if until >= 0 else ""])


def _flag(loaded: float, reasons: Sequence[Contribution]) -> str:
    """The attributes of a loaded sentence; where words carried it they are named on hover and on focus."""
    if loaded < LOADED:
        return ""
    words = ", ".join(f"{word.text[:_LONGEST_WORD]} {word.weight:+.1f}" for word in reasons)
    why = f' data-why="{_attribute(words)}" tabindex="0"' if words else ""
    return f' data-loaded=" loaded {loaded:.0%} "{why}'


def segments_html(text: str, cut: Sequence[Segment]) -> str:
    """Escaped text in which every segment wears its marks."""
    out = []
    for segment in cut:
        inner = plain_html(text[segment.start : segment.end])
        for mark in sorted(_innermost(segment.marks), key=_depth):
            inner = _element(mark, segment, inner)
        out.append(inner)
    return "".join(out)


def _innermost(marks: Sequence[Mark]) -> list[Mark]:
    """The marks that are drawn: of each kind the two that begin last, lest nested quotations swell the page."""
    drawn: dict[str, list[Mark]] = {}
    for mark in reversed(marks):
        if mark.kind and len(kept := drawn.setdefault(mark.kind, [])) < _NESTED:
            kept.append(mark)
    return [mark for kept in drawn.values() for mark in kept]


def _depth(mark: Mark) -> int:
    """Terms innermost, contents outermost."""
    return ("term", "stance", "cue", "source", "content").index(mark.kind)


def _element(mark: Mark, segment: Segment, inner: str) -> str:
    """One segment of a mark. Its first segment bears the label, its last one the end sign."""
    classes = ["fr-" + mark.kind, f"fr-{_token(mark.variant)}" if mark.variant else ""]
    classes += ["fr-first" if segment.start == max(mark.start, 0) else "", "fr-last" if segment.end == mark.end else ""]
    first = segment.start == max(mark.start, 0)
    spoken = mark.label or mark.note.split(",")[0]
    label = f' data-label="{_attribute(spoken)}"' if first and mark.kind in ("content", "term", "stance") else ""
    tag = "mark" if mark.kind == "term" else "span"
    if mark.kind == "content" and not mark.label:
        label = ""
    return f'<{tag} class="{" ".join(filter(None, classes))}" title="{_attribute(mark.note)}"{label}>{inner}</{tag}>'


def _legend(analysis: Analysis) -> str:
    counted = {name: sum(term.category == name for term in analysis.loaded_terms) for name in CATEGORIES}
    terms = "".join(
        f'<li><mark class="fr-term fr-{name} fr-first fr-last">{name}</mark> <b>{count}</b></li>'
        for name, count in counted.items()
    )
    kinds = "".join(
        f'<li><span class="fr-content fr-{kind} fr-first fr-last" data-label="Name, {kind}">{meaning}</span></li>'
        for kind, meaning in (
            ("direct", "quoted word for word"),
            ("indirect", "in the outlet's wording"),
            ("mixed", "partly quoted"),
        )
    )
    stances = "".join(
        f'<li><span class="fr-stance fr-{side} fr-first fr-last">target</span> {side}</li>'
        for side in ("positive", "neutral", "negative")
    )
    return (
        '<section class="fr-legend" aria-label="Legend">'
        f"<p>Loaded terms by category</p><ul>{terms}</ul>"
        f'<p>Attributed content, with its <span class="fr-source">source</span> and '
        f'<span class="fr-cue">cue</span></p><ul>{kinds}</ul>'
        f"<p>Stance toward a target</p><ul>{stances}</ul>"
        '<p><span class="fr-sentence" data-loaded=" loaded 80% "></span> '
        "after a sentence: probability that expert readers call its wording biased, where it is at least 50%; on the "
        "sentence, pointed at or reached by the Tab key: the words that carried it, with the log-odds each adds</p>"
        "</section>"
    )


def highlight_terminal(analysis: Analysis, *, color: bool = True) -> str:
    """Headline and text for a terminal: ANSI colours, or plain brackets where ``color`` is off.

    Plain: ``[term|category]``, ``{content}(source)``. Control characters of the article are shown as U+FFFD, so
    that no text can steer the terminal.
    """
    head = analysis.headline
    blocks = []
    if head.text:
        blocks.append(terminal_text(head.text, [_term_mark(term) for term in head.terms], color=color))
    blocks.append(terminal_text(analysis.article.text, article_marks(analysis), color=color))
    return "\n\n".join(blocks)


def terminal_text(text: str, marks: Sequence[Mark], *, color: bool) -> str:
    """A text with its marks for a terminal, as in :func:`highlight_terminal`."""
    out = []
    for segment in segments(len(text), marks):
        piece = printable(text[segment.start : segment.end])
        ordered = sorted(segment.marks, key=_depth)
        if color:
            codes = [_code(mark) for mark in reversed(ordered)]
            shown = ";".join(filter(None, codes))
            out.append(f"\x1b[{shown}m{piece}\x1b[0m" if shown else piece)
        else:
            for mark in ordered:
                piece = _bracketed(mark, segment, piece)
            out.append(piece)
    return "".join(out)


def _code(mark: Mark) -> str:
    return _ANSI.get(mark.variant if mark.kind == "stance" else mark.kind, "")


def _bracketed(mark: Mark, segment: Segment, piece: str) -> str:
    first, last = segment.start == mark.start, segment.end == mark.end
    if mark.kind == "term":
        return ("[" if first else "") + piece + (f"|{printable(mark.variant)}]" if last else "")
    if mark.kind == "content":
        who = printable(mark.note.removeprefix("said by ").split(" (")[0])
        return ("{" if first else "") + piece + (f"}}({who})" if last else "")
    if mark.kind == "stance" and mark.variant != "neutral" and last:
        return piece + ("(+)" if mark.variant == "positive" else "(-)")
    return piece


def printable(text: str) -> str:
    """Text that cannot steer a terminal: each control character becomes U+FFFD."""
    return "".join(c if c in "\n\t" or (c.isprintable() or c == "\xa0") else "\ufffd" for c in text)


def plain_html(text: str) -> str:
    """Escaped text. A carriage return is written as a reference, because a page would turn it into a newline."""
    return escape(text, quote=True).replace("\r", "&#13;")


def _attribute(text: str) -> str:
    return plain_html(" ".join(text.split()))


def _token(name: str) -> str:
    """A class name made from a category, which a user's lexicon may have chosen."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower())


def storable(text: str) -> str:
    """Text as UTF-8 can hold it: each lone surrogate becomes U+FFFD, so that lengths hold."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)
