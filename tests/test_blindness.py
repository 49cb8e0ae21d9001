"""Names exchanged for others of their kind: which, how the sentence stays well-formed, and what is counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing import score_loaded_language, score_stance
from framing.training.blindness import loaded_changes, stance_changes
from framing.training.name_swaps import KINDS, PAIRS, swap, swapped
from framing.training.readers import TargetSentence


@pytest.mark.parametrize(
    ("kind", "text", "expected", "why"),
    [
        ("people", "President Trump met Sen. Cruz.", "President Biden met Sen. Sanders.", "both at once"),
        ("people", "Joe Biden beat Donald Trump.", "Donald Trump beat Joe Biden.", "both ways at once"),
        ("people", "Sanders' plan and Obama's.", "Cruz's plan and Bush's.", "the possessive follows the name"),
        ("people", "Hunter Biden and Jeb Bush left.", None, "somebody else of that surname"),
        ("people", "Warren Buffett gave money.", None, "a first name"),
        ("people", "Trump Tower stood empty.", None, "a name that holds the name"),
        ("people", "Critics said Trump lied.", "Critics said Biden lied.", "no name before it"),
        ("parties", "A Republican said so.", "A Democrat said so.", "a noun"),
        ("parties", "Republican lawmakers met.", "Democratic lawmakers met.", "an adjective"),
        ("parties", "the Democratic Party", "the Republican Party", "the adjective of the other"),
        ("parties", "Republican and Democratic aides", "Democratic and Republican aides", "two adjectives"),
        ("parties", "the GOP is split, GOP aides say", "the Democratic Party is split, Democratic aides say", "GOP"),
        ("parties", "Sen. Ruiz (D-Ohio) spoke.", "Sen. Ruiz (R-Ohio) spoke.", "the letter of the party"),
        ("parties", "He studied liberal arts on D-Day.", None, "not about parties"),
        ("outlets", "Fox News told CNN.", "MSNBC told Newsmax.", "two outlets"),
        ("outlets", "a Reuters report", "an AFP report", "a letter that is spelled with a vowel"),
        ("outlets", "an NPR host", "an OAN host", "the article stays"),
        ("countries", "an Iranian ship near China", "a Canadian ship near Japan", "the article follows the name"),
        ("countries", "The road to New Mexico.", None, "a name that holds the name"),
        ("faiths", "A Muslim leader and an imam", "A Christian leader and a pastor", "people and offices"),
        ("faiths", "Islamic State claimed it.", None, "a group, not a faith"),
    ],
)
def test_swap(kind, text, expected, why):
    assert swap(text, kind) == (text if expected is None else expected), why


@pytest.mark.parametrize("kind", KINDS)
def test_names_have_one_partner_and_swap_back(kind):
    names = [name for pair in PAIRS[kind] for name in pair]
    assert len(names) == len(set(names))
    for one, other in PAIRS[kind]:
        if kind != "parties":  # there the word after it decides
            assert swap(swap(f"They saw {one}.", kind), kind) == f"They saw {one}.", other


words = st.sampled_from(["Trump", "an", "Iranian", "Sanders'", "Republican", "lawmakers", "said", "GOP", ".", "Muslim"])


@settings(deadline=None)
@given(st.lists(words, max_size=12).map(" ".join), st.sampled_from(KINDS))
def test_positions_move_with_the_text(text, kind):
    found = swapped(text, kind)
    assert found.at(0) == 0
    assert found.at(len(text), end=True) == len(found.text)
    for start, end, new in found.edits:
        assert found.text[found.at(start) : found.at(end, end=True)] == new or start == end


def test_a_target_is_found_again_where_it_stands_after_the_swap():
    text = "Donald Trump's plan hurt Ana Ruiz."
    found = swapped(text, "people")
    at = text.index("Ana Ruiz")
    assert found.text[found.at(at) : found.at(at + 8, end=True)] == "Ana Ruiz"
    assert found.text[found.at(0) : found.at(14, end=True)] == "Joe Biden's"
    # A target that is part of a name is all of the new name.
    assert found.text[found.at(7) : found.at(12, end=True)] == "Joe Biden"


def test_changes_are_those_of_the_scoring_functions():
    texts = [
        "Critics savaged the reckless Trump plan.",
        "The mayor signed it.",
        "A vile Muslim mob met the Iranian envoy.",
    ]
    kinds, moved = loaded_changes(texts, "linear")
    assert kinds == ["people", "countries", "faiths"]
    expected = []
    for text, kind in ((texts[0], "people"), (texts[2], "countries"), (texts[2], "faiths")):
        before, after = (score_loaded_language(one, engine="linear") for one in (text, swap(text, kind)))
        expected.append(abs(before.probability - after.probability))
    np.testing.assert_allclose(moved, expected, atol=1e-9)


def test_stance_changes_are_those_of_the_scoring_functions():
    text = "Fox News says that Obama betrayed Ana Ruiz."
    target = TargetSentence("t", text, text.index("Obama"), text.index("Obama") + 5, -1)
    kinds, moved = stance_changes([target], "linear")
    assert kinds == ["people", "outlets"]
    said = ((text, "Obama"), (swap(text, "people"), "Bush"), (swap(text, "outlets"), "Obama"))
    before, *after = (score_stance(one, toward, engine="linear").stance for one, toward in said)
    np.testing.assert_allclose(moved, np.abs(np.array(after) - before), atol=1e-9)
