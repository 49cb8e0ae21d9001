"""Reported speech by pattern: the cue is there, the rule finds what was said, and changes nothing that was found."""

import numpy as np
import pytest

from framing.engines import TAGS
from framing.reported import complete_reports
from framing.segment import segment

ROWS = [
    # (words with the tagger's answer marked, the contents after the rule, the source after it, why)
    ("The plan failed , [said] Nora Pell .", ["The plan failed"], ["Nora Pell"], "clause in front, source behind"),
    ("The plan failed , [said] <Nora Pell> .", ["The plan failed"], ["Nora Pell"], "a source that was found stays"),
    ("The plan , <the union> [said] , was wrong .", ["The plan", "was wrong"], ["the union"], "clause on both sides"),
    ("<Pell> [said] on Friday the plan would fail .", ["the plan would fail"], ["Pell"], "past the day"),
    ("<Pell> [said] Friday night the plan failed .", ["the plan failed"], ["Pell"], "past the part of the day"),
    (
        "<Pell> [said] the plan failed , but <unions> [said] {it worked} .",
        ["the plan failed", "it worked"],
        ["Pell", "unions"],
        "the clause ends where the next source begins, without comma and conjunction",
    ),
    ("[According to] <Nora Pell , the plan> failed again .", ["the plan failed again"], ["Nora Pell"], "at the comma"),
    ("<Pell> [said] {no} on Friday to the plan .", ["no"], ["Pell"], "content that was found is never changed"),
    ('{" It was awful , "} [recalled] Rep . John Smith , 43 .', ['" It was awful , "'], ["Rep . John Smith"], "name"),
    ("{It was awful ,} [told] Nora Pell .", ["It was awful ,"], [], "whom one tells is no source"),
    ("<Pell> [said] so .", [], ["Pell"], "too little to be a clause"),
    ("<Pell> [welcomed] the plan of the board .", [], ["Pell"], "not a verb of saying"),
    ("He left , and <Pell> [said] , softly .", [], ["Pell"], "an aside is not what was said"),
    ("The plan failed again on Friday .", [], [], "no cue, no rule"),
]
OPEN = {"[": "cue", "<": "source", "{": "content"}


def read(marked: str) -> tuple[str, list[int]]:
    words, tags, role = [], [], None
    for piece in marked.split():
        begins = piece[0] in OPEN
        role = OPEN[piece[0]] if begins else role
        tags.append(0 if role is None else TAGS.index(f"{'B' if begins else 'I'}-{role}"))
        role = None if piece[-1] in "]>}" else role
        words.append(piece.strip("[]<>{}"))
    return " ".join(words), tags


def spans(words: list[str], tags: np.ndarray, role: str) -> list[str]:
    found: list[list[str]] = []
    for word, tag in zip(words, tags.tolist(), strict=True):
        if TAGS[tag] == f"B-{role}":
            found.append([word])
        elif TAGS[tag] == f"I-{role}":
            found[-1].append(word)
    return [" ".join(span) for span in found]


@pytest.mark.parametrize(("marked", "contents", "sources", "why"), ROWS)
def test_patterns(marked, contents, sources, why):
    text, given = read(marked)
    document, tags = segment(text, whole=True), np.array(given)
    assert len(document.words) == len(tags)
    complete_reports(document, tags)
    assert spans(document.words, tags, "content") == contents
    assert spans(document.words, tags, "source") == sources
