"""Our fast path and TextBlob give the same two numbers, for any text."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textblob import TextBlob

from framing.polarity import parts_of_speech, polarity

SENTENCES = [
    "",
    "The committee met.",
    "A horrible, horrible idea!",
    "Not very good, and not really bad either.",
    "It isn't great.",
    "It isn’t great, and it's hardly new.",
    "The U.S. economy is doing remarkably well!!",
    "“Terrible,” she said; “simply terrible.”",
    "Great (!) news: the plan :-) works.",
    "He gave it 8) out of 10.",
    "In (8 ) cases.",
    "So o.O sad <3",
    "First.\n\nSecond, extremely nice.",
    "END-OF-SENTENCE is fine",
    "no no never not good",
    "very very very nice",
    "utterly",
    "bad...",
    "e.g. good; i.e. bad.",
    "\u2028nice\x1cbad\xa0worst",
    "great" * 40,
    "\ud800 nice",
    "---great---",
    "'good' 's n't don't",
]

PIECES = """
    not never no n't very really good bad terrible great ! ? ... ( ) " ' ’ “ 8 D o O _ . X x - : s isn't don’t U.S. e.g.
    # a is Not utterly great! ♥ o_o 8) 's n’t , % hardly İ ß ;) (!) fantastically so-called the
"""
pieces = st.sampled_from([*PIECES.split(), " ", " ", "\n", "\n\n", "\xa0", "\u2028"])


@pytest.mark.parametrize("text", SENTENCES)
def test_equal_to_textblob(text: str) -> None:
    assert tuple(polarity(text)) == tuple(TextBlob(text).sentiment)


@settings(max_examples=500, deadline=None)
@given(st.lists(pieces, max_size=14).map("".join) | st.lists(pieces, max_size=14).map(" ".join) | st.text(max_size=60))
def test_equal_to_textblob_on_anything(text: str) -> None:
    assert tuple(polarity(text)) == tuple(TextBlob(text).sentiment)


def test_range() -> None:
    value, subjectivity = polarity("An utterly, extremely, insanely horrible, awful, terrible thing!!!")
    assert -1 <= value < -0.8
    assert 0.8 < subjectivity <= 1


def test_parts_of_speech() -> None:
    assert parts_of_speech()["terrible"] == "JJ"
    assert parts_of_speech()["senator"] == "NN"


def test_neither_nltk_nor_textblob_itself_is_imported() -> None:
    code = "import sys; from framing.polarity import polarity; polarity('good'); print('nltk' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )
