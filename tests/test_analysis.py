"""The instrument as a programmer calls it: what comes back, and what holds for every text."""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framing
from framing.analysis import _reasons
from framing.engines import Reading
from framing.errors import FramingError, InputError
from framing.records import CATEGORIES, CUE_CLASSES, FRAMES, KINDS, VOICES, Article
from framing.segment import segment
from framing.tables import SCHEMAS, tables

ARTICLE = Article(
    id="dam-1",
    title="Dam inquiry: a humiliating failure",
    outlet="The Test Courier",
    date="2026-03-02",
    text=(
        "The inquiry into the Corran dam opened on Monday.\n\n"
        "“The Lorne Water Authority ignored three warnings,” said Nora Pell, an engineer. “It was a disgrace.”\n\n"
        "Edmund Sayle, who runs the authority, said that his staff had followed the rules. He blamed the rain.\n\n"
        "The authority’s shameful failure cost 14 families their homes. Critics say that Sayle should resign."
    ),
)


@pytest.fixture(scope="module")
def analysis():
    return framing.analyze(ARTICLE)


def check_invariants(analysis):
    """What holds for every analysis of every text."""
    text = analysis.article.text
    for item in (*analysis.sentences, *analysis.loaded_terms):
        assert text[item.start : item.end] == item.text
    for item in (*analysis.headline.terms, *analysis.headline.reasons):
        assert analysis.article.title[item.start : item.end] == item.text
    for one in analysis.attributions:
        for span in (one.source, one.cue, *one.content):
            assert span is None or (text[span.start : span.end] == span.text and span.text)
        assert one.kind in KINDS
        assert one.cue_class in CUE_CLASSES
    for a, b in zip(analysis.sentences, analysis.sentences[1:], strict=False):
        assert a.end <= b.start
        assert b.index == a.index + 1
    starts = [term.start for term in analysis.loaded_terms]
    assert starts == sorted(starts)
    for term in analysis.loaded_terms:
        assert term.category in CATEGORIES
        assert 0 < term.weight <= 1
        assert term.voice in VOICES
    for sentence in analysis.sentences:
        raising = [word.weight for word in sentence.reasons if word.weight > 0]
        assert raising == sorted(raising, reverse=True)
        assert len(raising) <= 5
        assert len(sentence.reasons) - len(raising) <= 1
        for word in sentence.reasons:
            assert sentence.start <= word.start < word.end <= sentence.end
            assert text[word.start : word.end] == word.text
        assert sentence.voice in VOICES
        assert 0 <= sentence.loaded <= 1
        assert -1 <= sentence.polarity <= 1
        assert 0 <= sentence.subjectivity <= 1
    for s in analysis.stances:
        assert math.isclose(s.negative + s.neutral + s.positive, 1, abs_tol=1e-6)
        assert math.isclose(s.stance, s.positive - s.negative, abs_tol=1e-6)
        assert text[s.start : s.end]
    assert [frame.name for frame in analysis.frames] == list(FRAMES)
    assert all(0 <= frame.probability <= 1 and len(frame.sentences) <= 3 for frame in analysis.frames)
    assert 0 <= analysis.known_words <= 1


def test_an_article_is_measured_whole(analysis):
    check_invariants(analysis)
    assert len(analysis.sentences) == 7
    said = {(one.source_name, one.kind) for one in analysis.attributions}
    assert ("Nora Pell", "direct") in said
    assert ("Edmund Sayle", "indirect") in said


def test_own_voice_and_quoted_voice_are_kept_apart(analysis):
    voices = {term.text.lower(): term.voice for term in analysis.loaded_terms}
    assert voices["disgrace"] == "source", "the word is the engineer's"
    assert next(voice for text, voice in voices.items() if "failure" in text) == "author", "the word is the outlet's"


def test_the_headline_is_scored_on_its_own(analysis):
    assert {term.text.lower() for term in analysis.headline.terms} >= {"humiliating"}
    assert analysis.headline.loaded > 0.5


def test_a_text_is_enough():
    assert framing.analyze("The bill passed.").sentences[0].text == "The bill passed."


def test_targets_may_be_named(analysis):
    named = framing.analyze(ARTICLE, targets={"the operator": ["Lorne Water Authority", "the authority"]})
    assert {s.target for s in named.stances} == {"the operator"}
    assert framing.analyze(ARTICLE, targets="Nora Pell").stances[0].target == "Nora Pell"


def test_the_scorers_never_see_who_published(analysis):
    other = dataclasses.replace(ARTICLE, outlet="Another Paper", url="https://x.example", author="Someone Else", id="2")
    blind = framing.analyze(other)
    assert (blind.sentences, blind.loaded_terms, blind.stances) == (
        analysis.sentences,
        analysis.loaded_terms,
        analysis.stances,
    )


@pytest.mark.parametrize("batch_size", [1, 3])
def test_neighbours_order_and_batch_size_change_nothing(analysis, batch_size):
    others = [Article("x", "Ships wait. “Why?” he said."), Article("y", ""), Article("z", "¡Hola, señor! 你好。")]
    results = list(framing.analyze_many([*others, ARTICLE], batch_size=batch_size))
    assert [r.article.id for r in results] == ["x", "y", "z", "dam-1"]
    mine = results[-1]
    assert [s.loaded for s in mine.sentences] == pytest.approx([s.loaded for s in analysis.sentences], abs=1e-6)
    assert mine.attributions == analysis.attributions
    assert [t.text for t in mine.loaded_terms] == [t.text for t in analysis.loaded_terms]


def test_workers_change_nothing(analysis):
    articles = [dataclasses.replace(ARTICLE, id=str(i)) for i in range(6)]
    assert [r.sentences for r in framing.analyze_many(articles, jobs=2, batch_size=2)] == [analysis.sentences] * 6


def test_it_is_lazy():
    taken = []
    source = (taken.append(i) or ARTICLE for i in range(100))
    assert next(framing.analyze_many(source, batch_size=2)).article is ARTICLE
    assert len(taken) == 2


def test_one_bad_article_never_stops_the_others():
    failed = []
    articles = [ARTICLE, Article("bad", None), ARTICLE]  # type: ignore[arg-type]
    good = list(framing.analyze_many(articles, on_failure=lambda article, reason: failed.append((article.id, reason))))
    assert len(good) == 2
    assert failed[0][0] == "bad"
    with pytest.warns(UserWarning, match="'bad' was not scored"):
        list(framing.analyze_many(articles))


def test_it_shows_itself_and_becomes_plain_data(analysis):
    assert "<mark" in analysis._repr_html_()
    assert json.loads(json.dumps(analysis.to_dict()))["sentences"][0]["index"] == 0
    assert list(analysis.to_frame().columns) == SCHEMAS["sentences"].names


BAD = [
    (lambda: framing.analyze(5), "cannot analyze 'int'; give a text"),
    (lambda: framing.analyze("x", engine="fast"), "unknown engine 'fast'; valid: neural, linear"),
    (lambda: framing.score_loaded_language(None), "cannot score NoneType None; give a text"),
    (lambda: framing.score_stance("The plan failed.", "Nora Pell"), "target 'Nora Pell' does not occur"),
    (lambda: framing.score_stance("The plan failed.", (4, 90)), "not inside the sentence, which has 16 characters"),
    (lambda: next(framing.analyze_many([ARTICLE], batch_size=0)), "must be 1 or more"),
    (lambda: framing.score_frame(pd.DataFrame({"body": ["x"]})), "no column 'text'; the columns are body"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_errors_name_the_value_and_the_remedy(call, message):
    with pytest.raises(FramingError) as caught:
        call()
    assert message in str(caught.value)
    assert isinstance(caught.value, FramingError | InputError)


def test_single_functions():
    loaded = framing.score_loaded_language("The shameful regime slammed its critics in an embarrassing rant.")
    plain = framing.score_loaded_language("The government answered its critics in a statement on Tuesday.")
    assert 0 <= plain.probability < 0.5 < loaded.probability <= 1
    assert {"shameful", "regime", "slammed"} <= {term.text.lower() for term in loaded.terms}

    (one,) = framing.score_attribution("“We will not pay,” said Nora Pell.")
    assert (one.source.text, one.cue.text, one.content[0].text.strip(" ,“”")) == (
        "Nora Pell",
        "said",
        "We will not pay",
    )

    stance = framing.score_stance("The mayor praised Kelder.", "Kelder")
    assert (stance.target, stance.start, stance.end) == ("Kelder", 18, 24)


def test_a_score_names_the_words_that_carried_it():
    found = framing.score_loaded_language("The minister called the shameful plan a success.").reasons
    assert [(found[0].text, found[0].start, found[0].end)] == [("shameful", 24, 32)]
    assert found[0].weight > 0


@pytest.mark.parametrize(
    ("chance", "parts", "expected"),
    [
        (0.8, [0.0, 3.0, 0.1, 1.0], ["grim", "tale"]),  # .1 is less than a tenth of what raises the score
        (0.8, [0.0, 1.0, -0.9, 2.0], ["tale", "grim", "old"]),  # the strongest against it, when it counts as much
        (0.8, [0.0, 1.0, -0.2, 2.0], ["tale", "grim"]),  # and not when it counts for less than a tenth
        (0.8, [-1.0, -0.5, -0.2, 0.0], ["A"]),  # nothing raised it but what no single word has
        (0.8, [0.05, 0.05, 0.05, 0.05], []),  # no word stands out
        (0.1, [0.0, 1.0, 0.0, 2.0], []),  # there is nothing to explain
    ],
)
def test_which_words_are_reasons(chance, parts, expected):
    document, none = segment("A grim old tale"), np.zeros(0)
    reading = Reading(np.array([chance]), none, none, none, none, none, 1.0, np.array(parts))
    assert [[word.text for word in reasons] for reasons in _reasons(document, reading)] == [expected]


def test_at_most_five_words_are_reasons():
    document, none = segment("one two three four five six seven"), np.zeros(0)
    reading = Reading(np.array([0.9]), none, none, none, none, none, 1.0, np.ones(7))
    assert [word.text for word in _reasons(document, reading)[0]] == ["one", "two", "three", "four", "five"]


def test_empty_input_is_a_defined_result():
    assert framing.score_loaded_language("") == framing.LoadedLanguage(0.0, ())
    assert framing.score_attribution("") == ()
    empty = framing.analyze("")
    assert (empty.sentences, empty.loaded_terms, empty.stances) == ((), (), ())
    check_invariants(empty)


def test_a_sentence_is_scored_whole_whatever_it_holds():
    two = framing.score_loaded_language("It rained. What a shameful disgrace!")
    assert {"shameful", "disgrace"} <= {word for term in two.terms for word in term.text.lower().split()}


def test_another_language_is_flagged_by_its_unknown_words():
    finnish = framing.analyze("Hallitus päätti eilen veronkorotuksista pitkän keskustelun jälkeen. Oppositio vastusti.")
    assert finnish.known_words < 0.5 < framing.analyze(ARTICLE).known_words


def test_score_frame_carries_the_columns_along():
    df = pd.DataFrame(
        {
            "desk": ["a", "b", "c"],
            "text": ["It rained. Nobody came.", None, "“Yes,” said Nora Pell."],
            "start": [7, 8, 9],
        },
        index=[10, 20, 30],
    )
    with pytest.warns(UserWarning, match="1 of 3 rows have no text"):
        scored = framing.score_frame(df)
    assert list(scored.index) == [10, 10, 30]
    assert list(scored["desk"]) == ["a", "a", "c"]
    assert list(scored["text"])[:2] == ["It rained.", "Nobody came."]
    assert list(scored["start_given"]) == [7, 7, 9]
    assert {"voice", "loaded", "polarity", "stances"} <= set(scored.columns)


awkward = st.lists(
    st.one_of(
        st.sampled_from([*"aA .!?,'\"“”‘’«»()-—\n\t\xa0\u200b\u202e😀é\u0000\ud800"]),
        st.characters(),
        st.sampled_from(["said ", "Nora Pell ", "shameful ", "so-called ", " he "]),
    ),
    max_size=60,
).map("".join)


@given(awkward, awkward)
@settings(max_examples=100, deadline=None)
def test_every_text_keeps_the_invariants(text, title):
    analysis = framing.analyze(Article("x", text, title=title))
    check_invariants(analysis)
    found = tables([analysis])
    assert len(found["articles"]) == 1
    assert len(found["sentences"]) == len(analysis.sentences)


@given(
    st.lists(
        st.sampled_from(
            ["“", "”", '"', "said", "Pell", "he", ".", ",", "\n\n", "We", "failed", "‘", "’", "according to"]
        ),
        max_size=60,
    )
)
@settings(max_examples=100, deadline=None)
def test_quotation_noise_keeps_the_invariants(words):
    check_invariants(framing.analyze(" ".join(words)))


HUGE = {
    "one sentence of a hundred kilobytes": "word " * 20_000,
    "unbalanced quotation marks": '“"' * 5_000,
    "one word": "a" * 1_000_000,
    "punctuation": "?! " * 5_000,
    "a name on every line": "Nora Pell said “no”.\n" * 2_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE.keys())
def test_huge_texts_come_to_an_end(text):
    check_invariants(framing.analyze(text))
