"""Who a source span stands for. Every passage is invented; the span asked about stands between < and >."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.entities.sources import resolve_sources
from framing.segment import segment

# text with its sources in < >, the name of the last one, why
RESOLVED = [
    ("<Oskar Brandt> said no.", "Oskar Brandt", "a name is itself"),
    ("Oskar Brandt left. <Brandt> said no.", "Oskar Brandt", "a last name, the full name before it"),
    ("<Brandt> said no. Oskar Brandt then left.", "Oskar Brandt", "the full name after it"),
    ("<Adm. Oskar Brandt> said no.", "Oskar Brandt", "a title is no part of the name"),
    ("Oskar Brandt left. <Mr. Brandt> said no.", "Oskar Brandt", "a title and a last name"),
    ("<US’s Secretary of State, Oskar Brandt> said no.", "Oskar Brandt", "an office, then the name"),
    ("<Oskar Brandt, the head of the union,> said no.", "Oskar Brandt", "the name, then an office"),
    ("<Oskar Brandt of the Northern Union> said no.", "Oskar Brandt", "the name and where he is from"),
    ("<Oskar Brandt (L-Alderton)> said no.", "Oskar Brandt", "a party and a place in brackets"),
    ("<Union spokesman Oskar Brandt> said no.", "Oskar Brandt", "a role before the name"),
    ("<the union's lawyer, Oskar Brandt,> said no.", "Oskar Brandt", "somebody's lawyer, by name"),
    ("<Hanna Veld's lawyer Oskar Brandt> said no.", "Oskar Brandt", "the owner does not speak"),
    ("<Oskar Brandt’s> answer was no.", "Oskar Brandt", "a possessive"),
    ("<“Oskar Brandt”> said no.", "Oskar Brandt", "marks around the name"),
    ("<Hanna Veld and Oskar Brandt> said no.", "Hanna Veld and Oskar Brandt", "two who speak together"),
    ("The Northern Trade Union (NTU) met. <The NTU> said no.", "Northern Trade Union", "an acronym"),
    ("<The Treaty Council> said no.", "Treaty Council", "a body"),
    ("<Hanna Veld> said yes. <She> said why.", "Hanna Veld", "the only one before"),
    ("Mr. Brandt met Mrs. Veld. <She> said no.", "Veld", "gender by title"),
    ("Mr. Brandt met Mrs. Veld. <He> said no.", "Brandt", "gender by title"),
    ("Anna Veld met John Brandt. <She> said no.", "Anna Veld", "gender by given name"),
    ("Anna Veld met John Brandt. <He> said no.", "John Brandt", "gender by given name"),
    ("Kim Veld sold her farm. Kim Brandt sold his. <She> said why.", "Kim Veld", "gender by the text's own pronouns"),
    ("<Oskar Brandt> said yes.\n\nThe town slept. <He> added little.", "Oskar Brandt", "the speaker before"),
    ("<Oskar Brandt> came. “The plan of John Veld works,” <he> said.", "Oskar Brandt", "not the one spoken of"),
    ("Jane Veld, the health minister, left. <The minister> said no.", "Jane Veld", "an apposition"),
    ("Health Minister Jane Veld left. <The minister> said no.", "Jane Veld", "a title"),
    ("The town has a mayor, Jane Veld. <The mayor> said no.", "Jane Veld", "a role before the name"),
    ("Union spokeswoman Jane Veld came. <The spokeswoman> said no.", "Jane Veld", "a role as a title"),
    ("The Ministry of Health met. <The ministry> said no.", "Ministry of Health", "a body by a word of its name"),
    ("Jane Veld, <who> said no, left.", "Jane Veld", "a relative pronoun"),
    ("<US officials> said no.", "US officials", "a description is its own name"),
    ("<Several reports> said no.", "several reports", "a capital of the sentence is dropped"),
    ("<Critics> said no.", "critics", "one word"),
    ("<A spokesman for the ministry> said no.", "spokesman for the ministry", "the article is dropped"),
    ("<a spokesman for Oskar Brandt> said no.", "spokesman for Oskar Brandt", "not the one he speaks for"),
    ("<Brandt's lawyer> said no.", "Brandt's lawyer", "not the one he works for"),
    ("<officials who asked not to be named> said no.", "officials", "the relative clause is dropped"),
    ("<two aides, speaking in private,> said no.", "two aides", "what follows the comma is dropped"),
    ("<The report> said no.", "report", "a thing that speaks"),
    ("<Analysts> said no. <They> added why.", "analysts", "several speakers before"),
    ("<The Trade Council> said no. <They> added why.", "Trade Council", "a body before"),
    ("Larry Dean came. <Mr. Dean, 82,> said no.", "Larry Dean", "a name that is also a title"),
    ("Oskar Brandt came. <BRANDT>: No.", "Oskar Brandt", "a transcript in capitals"),
    ("We met the Yellows. <Yellows on the trade committee> said no.", "Yellows on the trade committee", "a part only"),
    ("<Elbonian officials> said no.", "Elbonian officials", "a people keeps its capital"),
]  # fmt: skip

UNRESOLVED = [
    ("<He> said no.", "nobody before"),
    ("Anna Veld left. <He> said no.", "nobody of that gender"),
    ("<The minister> said no.", "a role that nobody bears"),
    ("Kim Veld and Sam Brandt met at noon with Kit Lind. <I> said no.", "the first person"),
    ("<We> said no.", "the first person, several"),
    ("Anna Veld and Jane Brandt met. <They> said no.", "two persons, none of them a source so far"),
    ("Oskar Brandt left. <They> said no.", "one person is no they"),
    ("<It> said no.", "it"),
    ("<,> said no.", "nothing but a mark"),
    ("The law passed, <which> said no.", "a relative pronoun for a thing"),
    ("Oskar Brandt spoke in May. It rained. It snowed. It froze. It thawed. It rained. <He> said no.", "too far back"),
    ("<His brother> said no.", "somebody's relative, without a name"),
]


def spans(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its angle brackets, and where they stood."""
    found, text = [], ""
    for piece in re.split(r"(<[^>]*>)", marked):
        if piece.startswith("<"):
            found.append((len(text), len(text) + len(piece) - 2))
            piece = piece[1:-1]
        text += piece
    return text, found


@pytest.mark.parametrize(("marked", "expected", "reason"), RESOLVED)
def test_a_source_is_called_by_its_name(marked: str, expected: str, reason: str) -> None:
    text, sources = spans(marked)
    assert resolve_sources(segment(text), sources)[-1] == expected, reason


@pytest.mark.parametrize(("marked", "reason"), UNRESOLVED)
def test_in_doubt_a_source_has_no_name(marked: str, reason: str) -> None:
    text, sources = spans(marked)
    assert resolve_sources(segment(text), sources)[-1] is None, reason


def test_no_source_has_no_name() -> None:
    assert resolve_sources(segment("It rained."), [None, None]) == [None, None]
    assert resolve_sources(segment(""), []) == []


def test_two_of_one_last_name_keep_it() -> None:
    text = "Anna Veld met John Veld. Anna Veld spoke. John Veld spoke. <Veld> said no. <Mrs. Veld> said no."
    text, sources = spans(text)
    assert resolve_sources(segment(text), sources)[0] == "Veld"


@settings(max_examples=200, deadline=None)
@given(st.text(), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_any_spans_of_any_text_are_answered(text: str, sources: list[tuple[int, int]]) -> None:
    text = "Oskar Brandt said he " + text
    answers = resolve_sources(segment(text), sources)
    assert len(answers) == len(sources)
    assert all(answer is None or answer for answer in answers)
