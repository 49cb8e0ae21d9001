"""Loaded terms: which words are marked, as what, and in whose voice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.engines import Reading
from framing.engines.bias import BiasModel
from framing.engines.linear import MODELS
from framing.lexicon import Entry, Lexicon, Match, default_lexicon
from framing.loaded import loaded_terms
from framing.quotations import quotations
from framing.records import CATEGORIES, LoadedTerm
from framing.segment import segment

NONE = np.zeros(0)


@pytest.fixture(scope="module")
def model() -> BiasModel:
    return BiasModel.load(MODELS)


def terms(
    model: BiasModel, text: str, attributed: list[tuple[int, int]] | None = None, lexicon: Lexicon | None = None
) -> list[LoadedTerm]:
    document = segment(text)
    matches = [
        Match(first + match.first, first + match.last, match.entry)
        for first, last in document.sentence_tokens
        for match in (lexicon or default_lexicon()).match(document.words[first:last])
    ]
    scores = model.score([document], [matches])[0]
    reading = Reading(scores.bias, scores.words, NONE, NONE, NONE, NONE, 1.0, scores.parts)
    return loaded_terms(document, reading, matches, quotations(text), attributed or [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The senator slammed the disgraceful plan.", ["slammed", "disgraceful"]),
        ("The regime utterly failed its people.", ["utterly"]),
        ("Critics say the so-called reform is a sham.", ["Critics say", "so-called", "sham"]),
        ("An unhinged mob stormed the hall.", ["unhinged", "mob"]),
        ("It was an appalling, humiliating debacle.", ["appalling", "humiliating", "debacle"]),
        ("Slippery officials whitewashed the report.", ["whitewashed"]),
    ],
)
def test_marked(model: BiasModel, text: str, expected: list[str]) -> None:
    found = [term.text for term in terms(model, text)]
    assert set(expected) <= set(found), found


@pytest.mark.parametrize(
    "text",
    [
        "The committee will meet on Tuesday to discuss the budget.",
        "Shares closed at 41.20 dollars, up 3 percent.",
        "She was elected in 2016 with 52 percent of the vote.",
        "The two countries signed the treaty in Geneva.",
        "He was treated for kidney failure.",  # a neutral sense
        "Arlen Specter and Harry Savage voted for it.",  # names that are words
        "The hearing starts at nine, the mayor said.",
        "Follow @outrage and #disgrace for more.",  # user names and tags
    ],
)
def test_left_alone(model: BiasModel, text: str) -> None:
    assert [term.text for term in terms(model, text) if term.text not in ("outrage", "disgrace")] == []


def test_voice_inside_quotation_marks_is_the_sources(model: BiasModel) -> None:
    found = {t.text: t.voice for t in terms(model, "“This is a disgraceful sham,” she said of the shameless minister.")}
    assert found["disgraceful"] == found["sham"] == "source"
    assert found["shameless"] == "author"


def test_voice_inside_an_attributed_span_is_the_sources(model: BiasModel) -> None:
    text = "The union said the plan was a disgrace. The plan is a disgrace."
    first = text.index("the plan")
    found = terms(model, text, attributed=[(first, text.index(".") + 1)])
    assert [term.voice for term in found if term.text == "disgrace"] == ["source", "author"]


def test_scare_quotes_are_the_authors_insinuation(model: BiasModel) -> None:
    found = [t for t in terms(model, 'The ministry ignored the "experts" and went ahead.') if t.text == "experts"]
    assert [(t.category, t.voice) for t in found] == [("insinuation", "author")]


SHIPPED = default_lexicon().entries


@pytest.mark.parametrize(
    ("entry", "score", "marked"),
    [
        (SHIPPED["disgrace"], -8.0, True),  # a sure entry counts whatever the engine thinks of the word
        (SHIPPED["failure"], -8.0, False),  # a weak one needs the engine
        (SHIPPED["failure"], -0.5, True),
        (Entry("tanker", "euphemism", 0.2), -8.0, True),  # who adds an entry wants it counted
        (Entry("tanker", "none", 0.0), 2.0, False),  # and who silences one does not
    ],
)
def test_entries_by_weight(entry: Entry, score: float, marked: bool) -> None:
    document = segment("A tanker arrived.")
    reading = Reading(np.array([0.2]), np.array([-9, score, -9, -12]), NONE, NONE, NONE, NONE, 1.0, NONE)
    found = loaded_terms(document, reading, [Match(1, 2, entry)])
    assert [(t.text, t.category, t.weight) for t in found] == [("tanker", entry.category, entry.weight)] * marked


@pytest.mark.parametrize(
    ("chance", "marked"),
    [(0.02, False), (0.98, True)],  # the same word in a sober and in a heated sentence
)
def test_the_sentence_tips_the_scale(chance: float, marked: bool) -> None:
    document = segment("A brazen offer.")
    reading = Reading(np.array([chance]), np.array([-9, -1.0, -9, -12]), NONE, NONE, NONE, NONE, 1.0, NONE)
    assert bool(loaded_terms(document, reading, [])) == marked


def test_a_word_in_no_lexicon_is_found(model: BiasModel) -> None:
    found = terms(model, "The shameless, lying hypocrites peddled their vile smears.", lexicon=Lexicon([]))
    assert {"shameless", "vile"} <= {word for term in found for word in term.text.split()}
    assert all(term.category in CATEGORIES for term in found)


def test_headline_words_are_not_taken_for_names(model: BiasModel) -> None:
    assert "Slams" in [t.text for t in terms(model, "Senator Slams Shameful Vote As Total Sham")]


def test_nothing_in_an_empty_text(model: BiasModel) -> None:
    assert terms(model, "") == terms(model, "... !!! ...") == []


texts = st.lists(
    st.sampled_from(
        [
            "He lied shamelessly.",
            "“A vile, radical plot!”",
            'The "experts" slammed it.',
            "SHAME on them",
            "‘so-called’ reform",
            "“",
            '"',
            "’s",
            "It rained.",
            "\n",
            "\n\n",
            "disgraceful-looking",
            "💥 outrage",
        ]
    )
    | st.text(max_size=20),
    max_size=8,
).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_terms_are_exact_ordered_and_apart(text: str) -> None:
    model = _model()
    end = 0
    for term in terms(model, text):
        assert end <= term.start < term.end <= len(text)
        assert text[term.start : term.end] == term.text
        assert 0 < term.weight <= 1
        assert term.category in CATEGORIES
        assert term.voice in ("author", "source")
        end = term.end


_LOADED: list[BiasModel] = []


def _model() -> BiasModel:
    if not _LOADED:
        _LOADED.append(BiasModel.load(MODELS))
    return _LOADED[0]
