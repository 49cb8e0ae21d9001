"""Attribution: spans joined to who says what. Every sentence here was invented for the tests."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.attribution import attributions, said_tokens, voices
from framing.engines import TAGS
from framing.quotations import quotations
from framing.records import Attribution
from framing.segment import Document, segment

_MARKUP = re.compile(r"<(source|cue|content)>(.*?)</\1>", re.DOTALL)


def read(marked: str) -> tuple[Document, np.ndarray]:
    """`<source>Lund</source> <cue>said</cue> ...` to a document and its tags."""
    spans, plain, at = [], "", 0
    for match in _MARKUP.finditer(marked):
        plain += marked[at : match.start()]
        spans.append((match.group(1), len(plain), len(plain) + len(match.group(2))))
        plain += match.group(2)
        at = match.end()
    document = segment(plain + marked[at:])
    tags = np.zeros(len(document.words), np.int8)
    for role, start, end in spans:
        tokens = [k for k in range(len(tags)) if document.starts[k] >= start and document.ends[k] <= end]
        tags[tokens] = TAGS.index(f"I-{role}")
        tags[tokens[0]] = TAGS.index(f"B-{role}")
    return document, tags


def join(marked: str) -> tuple[Attribution, ...]:
    document, tags = read(marked)
    return attributions(document, tags, quotations(document.text))


def triples(found: tuple[Attribution, ...]) -> list[tuple[str | None, str | None, tuple[str, ...]]]:
    return [
        (one.source and one.source.text, one.cue and one.cue.text, tuple(span.text for span in one.content))
        for one in found
    ]


JOINED = [
    (
        "the source first",
        "<source>Mayor Lund</source> <cue>said</cue> <content>that the bridge was safe</content>.",
        [("Mayor Lund", "said", ("that the bridge was safe",))],
    ),
    (
        "the content first, the cue before the source",
        "<content>“The bridge is safe,”</content> <cue>said</cue> <source>Mayor Lund</source>.",
        [("Mayor Lund", "said", ("“The bridge is safe,”",))],
    ),
    (
        "no verb at all",
        "<cue>According to</cue> <source>the union</source>, <content>two ships had turned back</content>.",
        [("the union", "According to", ("two ships had turned back",))],
    ),
    (
        "content on both sides of the cue is one attribution",
        "<content>“It rained,”</content> <source>she</source> <cue>said</cue>, <content>“and then it froze.”</content>",
        [("she", "said", ("“It rained,”", "“and then it froze.”"))],
    ),
    (
        "two attributions in a row keep their own content",
        "<source>Lund</source> <cue>said</cue> <content>yes</content>. "
        "<source>Okoro</source> <cue>said</cue> <content>no</content>.",
        [("Lund", "said", ("yes",)), ("Okoro", "said", ("no",))],
    ),
    (
        "one source, two cues",
        "<source>Okoro</source> <cue>denied</cue> <content>the charge</content> and "
        "<cue>accused</cue> <content>the board of haste</content>.",
        [("Okoro", "denied", ("the charge",)), ("Okoro", "accused", ("the board of haste",))],
    ),
    (
        "a bare quotation goes on with the speaker before it",
        "<content>“We lost,”</content> <source>Ruiz</source> <cue>said</cue>. <content>“We will be back.”</content>",
        [("Ruiz", "said", ("“We lost,”", "“We will be back.”"))],
    ),
    (
        "and does so across a paragraph",
        "<content>“We lost,”</content> <source>Ruiz</source> <cue>said</cue>.\n\n<content>“We will be back.”</content>",
        [("Ruiz", "said", ("“We lost,”", "“We will be back.”"))],
    ),
    (
        "a colon introduces what stands in the next paragraph",
        "<source>The minister</source> <cue>wrote</cue>:\n\n<content>“Nobody asked us.”</content>",
        [("The minister", "wrote", ("“Nobody asked us.”",))],
    ),
    (
        "the cue may stand in a sentence of its own",
        "<content>“Where did the money go?”</content> <source>Okoro</source> <cue>asked</cue>.",
        [("Okoro", "asked", ("“Where did the money go?”",))],
    ),
    (
        "no source is named",
        "<content>The road</content> <cue>is said to</cue> be haunted.",
        [(None, "is said to", ("The road",))],
    ),
    ("a cue alone is no attribution", "They <cue>called</cue> a taxi.", []),
    (
        "a quotation without tags is content where its sentence has a cue",
        "“Nobody told us a thing,” <source>a miner</source> <cue>said</cue>.",
        [("a miner", "said", ("“Nobody told us a thing,”",))],
    ),
    (
        "but a title in quotation marks is not",
        "<source>The critic</source> <cue>said</cue> <content>the play was long</content> in “River Songs”.",
        [("The critic", "said", ("the play was long",))],
    ),
    (
        "a name is taken whole",
        "<content>“No,”</content> <cue>said</cue> <source>Ines</source> Duarte.",
        [("Ines Duarte", "said", ("“No,”",))],
    ),
    ("a bare word that nobody says is none", "Rebel <cue>backed</cue> <content>groups</content> fled.", []),
    ("nothing is attributed", "The clock struck nine.", []),
]


@pytest.mark.parametrize(("why", "marked", "expected"), JOINED, ids=[row[0] for row in JOINED])
def test_spans_are_joined(why: str, marked: str, expected: list[object]) -> None:
    assert triples(join(marked)) == expected, why


KINDS = [
    ("<source>She</source> <cue>said</cue>: <content>“We are ready.”</content>", "direct"),
    ('<source>She</source> <cue>said</cue>: <content>"We are ready."</content>', "direct"),
    ("<source>She</source> <cue>said</cue> <content>‘we are ready’</content>.", "direct"),
    ("<source>She</source> <cue>said</cue> <content>they were ready</content>.", "indirect"),
    ("<source>She</source> <cue>said</cue> <content>they were “more than ready”</content>.", "mixed"),
    ("<source>She</source> <cue>said</cue>: <content>“We are ready. We always were.</content>", "direct"),
    (
        "<source>She</source> <cue>said</cue>: <content>“He told me ‘not today’ and left.”</content>",
        "direct",
    ),
]


@pytest.mark.parametrize(("marked", "kind"), KINDS)
def test_kind_follows_the_quotation_marks(marked: str, kind: str) -> None:
    """Unclosed and nested marks included."""
    assert [one.kind for one in join(marked)] == [kind]


CLASSES = [
    ("said", "neutral"),
    ("claimed", "doubting"),
    ("pointed out", "endorsing"),
    ("lashed out", "charged"),
]


@pytest.mark.parametrize(("cue", "expected"), CLASSES)
def test_cue_class_is_that_of_the_cue(cue: str, expected: str) -> None:
    found = join(f"<source>The owners</source> <cue>{cue}</cue> <content>that the rent was low</content>.")
    assert found[0].cue_class == expected


VOICES = [
    ("no attribution", "The clock struck nine.", "author"),
    (
        "words of source and cue are nobody's side",
        "<content>“Stop,”</content> <source>she</source> <cue>said</cue>.",
        "source",
    ),
    (
        "wholly reported",
        "<cue>According to</cue> <source>the union</source>, <content>two ships had turned back</content>.",
        "source",
    ),
    (
        "half reported, half told",
        "The council met on Monday and <source>Lund</source> <cue>said</cue> "
        "<content>the bridge would close soon</content>.",
        "mixed",
    ),
    (
        "a single quoted word leaves the sentence to its author",
        "After two long hours of talks in the old town hall the mood of <source>the board</source> <cue>was</cue> "
        "<content>“sour”</content> at best.",
        "author",
    ),
]


@pytest.mark.parametrize(("why", "marked", "voice"), VOICES, ids=[row[0] for row in VOICES])
def test_voice_of_a_sentence(why: str, marked: str, voice: str) -> None:
    document, tags = read(marked)
    given_ = attributions(document, tags, quotations(document.text))
    assert [found for found, _ in voices(document, given_)] == [voice], why


def test_voices_name_the_source_of_most_words() -> None:
    document, tags = read(
        "<source>Anna Lund</source> <cue>said</cue> <content>the bridge was safe</content>. It was not."
    )
    given_ = attributions(document, tags, ())
    assert voices(document, given_) == [("source", "Anna Lund"), ("author", None)]
    said = said_tokens(document, given_)
    assert [word for word, inside in zip(document.words, said, strict=True) if inside] == [
        "the",
        "bridge",
        "was",
        "safe",
    ]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab. “”\"'\n,:é\u2028", max_size=80), st.randoms(use_true_random=False))
def test_any_tags_on_any_text_give_exact_spans(text: str, random: object) -> None:
    """`text[start:end]` is the span's text, sources are kept, and no tag order breaks it."""
    document = segment(text)
    tags = np.array([random.randrange(len(TAGS)) for _ in document.words], np.int8)  # type: ignore[attr-defined]
    found = attributions(document, tags, quotations(text))
    spans = [span for one in found for span in (one.source, one.cue, *one.content) if span]
    assert all(text[span.start : span.end] == span.text and span.text for span in spans)
    covered = {k for span in spans for k in range(span.start, span.end)}
    assert all(document.starts[k] in covered for k in np.flatnonzero((tags + 1) // 2 == 1))
    assert len(voices(document, found)) == len(document.sentences)
    starts = [min(s.start for s in (one.source, one.cue, *one.content) if s) for one in found]
    assert starts == sorted(starts)
