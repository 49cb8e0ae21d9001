"""Stance toward a target: which sign a sentence takes toward one name, and whose stance it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.engines.target import TargetModel
from framing.errors import ModelError
from framing.records import Attribution, Mention, Span
from framing.segment import segment
from framing.stance import AUTHOR, UNNAMED, stances

MODELS = Path(__file__).parent.parent / "framing" / "resources" / "models" / "linear"


@pytest.fixture(scope="module")
def model() -> TargetModel:
    return TargetModel.load(MODELS)


def mention(text: str, name: str) -> Mention:
    at = text.index(name)
    return Mention(name, at, at + len(name))


def score(model: TargetModel, text: str, name: str) -> float:
    negative, _, positive = model.score([segment(text, whole=True)], [[mention(text, name)]])[0][0]
    return float(positive - negative)


# Sentence, target, sign of the stance: -1 or 1.
SIGNS = [
    # what is said of the target
    ("Ortega has failed to keep a single one of his promises.", "Ortega", -1),
    ("Lindqvist lied to voters about the cost of the bridge.", "Lindqvist", -1),
    ("Okafor is a corrupt and incompetent mayor.", "Okafor", -1),
    ("Haddad, a brilliant and respected judge, took the oath on Monday.", "Haddad", 1),
    ("Moreau won praise for her calm and honest leadership.", "Moreau", 1),
    ("Tanaka has been a great friend to the city.", "Tanaka", 1),
    ("Petrov's reckless decision put thousands of people in danger.", "Petrov", -1),
    ("Baker's outstanding work saved the museum.", "Baker", 1),
    ("The disgraced financier Keller was sentenced to nine years for fraud.", "Keller", -1),
    ("Alvarez was hailed as a hero after the rescue.", "Alvarez", 1),
    # what is done to the target
    ("Critics accused Novak of hiding the report.", "Novak", -1),
    ("Teachers blamed Ferreira for the chaos at the school.", "Ferreira", -1),
    ("Residents thanked Osei for his tireless work.", "Osei", 1),
    ("The committee praised Jansen for her courage.", "Jansen", 1),
    ("The editorial attacked Silva as a dangerous extremist.", "Silva", -1),
    ("Protesters mocked Bianchi and called him a coward.", "Bianchi", -1),
    ("Dlamini was charged with bribery and money laundering.", "Dlamini", -1),
    ("Kowalski was widely criticized for his handling of the flood.", "Kowalski", -1),
    ("Nguyen was honored for her service to the community.", "Nguyen", 1),
    ("Supporters cheered as Rossi celebrated a historic victory.", "Rossi", 1),
    # what the target does
    ("Bianchi condemned the brutal attack on the school.", "Bianchi", 1),
    ("Volkov threatened reporters and insulted a judge.", "Volkov", -1),
    ("Mensah falsely claimed that the vote had been stolen.", "Mensah", -1),
    ("Larsen helped hundreds of families find a home.", "Larsen", 1),
    ("Castillo refused to apologize for the racist remark.", "Castillo", -1),
    ("Ivanova defended the rights of the poor with great skill.", "Ivanova", 1),
    ("Duarte abused his power to enrich his friends.", "Duarte", -1),
    ("Schmidt inspired a generation of young scientists.", "Schmidt", 1),
    ("Achieng successfully negotiated an end to the strike, a remarkable achievement.", "Achieng", 1),
]

# The same sentence speaks well of one and ill of the other: (sentence, the better treated, the worse treated).
PAIRS = [
    ("Mayor Ortega praised Lindqvist but condemned Okafor.", "Lindqvist", "Okafor"),
    ("The report blamed Novak for the losses and credited Jansen with the rescue.", "Jansen", "Novak"),
    ("While Haddad was hailed as a hero, Keller was accused of fraud.", "Haddad", "Keller"),
    ("The brilliant Moreau easily defeated the scandal-plagued Petrov.", "Moreau", "Petrov"),
    ("Silva is a liar, while Osei has always been honest.", "Osei", "Silva"),
    ("Larsen bravely exposed the crimes of Duarte.", "Larsen", "Duarte"),
    ("Ivanova, a respected surgeon, was viciously attacked by the disgraced Volkov.", "Ivanova", "Volkov"),
    ("Unlike the corrupt Mensah, Achieng has served the city well.", "Achieng", "Mensah"),
    ("Critics slammed Dlamini, but Rossi won their support.", "Rossi", "Dlamini"),
]

# What words and their places cannot tell yet: (sentence, target, sign, why).
BEYOND_WORDS = [
    ("Nobody can say that Larsen lied.", "Larsen", 1, "the negation is far from what it denies"),
    ("It would be wrong to call Osei corrupt.", "Osei", 1, "the judgement is quoted to be refused"),
    ("The court cleared Keller of fraud.", "Keller", 1, "the verb turns the noun round with the target between"),
    ("Under Tanaka, crime and unemployment fell to record lows.", "Tanaka", 1, "bad things falling is good"),
    ("Volkov promised the moon and delivered dust.", "Volkov", -1, "metaphor"),
]

# No judgement: neutral is likelier than either sign.
PLAIN = [
    ("Baker arrived in Lisbon on Tuesday for a meeting with ministers.", "Baker"),
    ("Tanaka, 54, has led the department since 2015.", "Tanaka"),
    ("The session begins at noon, according to a spokesman for Jansen.", "Jansen"),
    ("Osei and Larsen will meet on Friday to discuss the budget.", "Osei"),
]


@pytest.mark.parametrize(("text", "name", "sign"), SIGNS, ids=[row[0][:40] for row in SIGNS])
def test_sign_of_stance(model: TargetModel, text: str, name: str, sign: int) -> None:
    assert score(model, text, name) * sign > 0


@pytest.mark.parametrize(
    ("text", "name", "sign"),
    [
        pytest.param(*row[:3], marks=pytest.mark.xfail(reason=row[3], strict=False), id=row[0][:40])
        for row in BEYOND_WORDS
    ],
)
def test_sign_beyond_words(model: TargetModel, text: str, name: str, sign: int) -> None:
    assert score(model, text, name) * sign > 0


@pytest.mark.parametrize(("text", "better", "worse"), PAIRS, ids=[row[0][:40] for row in PAIRS])
def test_one_sentence_two_stances(model: TargetModel, text: str, better: str, worse: str) -> None:
    assert score(model, text, better) > score(model, text, worse)


@pytest.mark.parametrize(("text", "name"), PLAIN, ids=[row[0][:40] for row in PLAIN])
def test_plain_reports_are_neutral(model: TargetModel, text: str, name: str) -> None:
    negative, neutral, positive = model.score([segment(text, whole=True)], [[mention(text, name)]])[0][0]
    assert neutral > max(negative, positive)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ortega", "Lindqvist"),
        ("Ortega", "Maria del Carmen Ortega"),
        ("Republicans", "Democrats"),
        ("Norway", "Iran"),
    ],
)
def test_names_do_not_move_stance(model: TargetModel, one: str, other: str) -> None:
    text = "On Monday, critics accused {} of hiding the report."
    assert score(model, text.format(one), one) == pytest.approx(score(model, text.format(other), other), abs=0.05)


def test_only_the_own_sentence_counts(model: TargetModel) -> None:
    alone = "Ortega opened the new bridge."
    text = f"The corrupt deal was a shameful fraud. {alone} It is a disgusting failure."
    assert score(model, alone, "Ortega") == pytest.approx(
        float(np.dot(model.score([segment(text)], [[mention(text, "Ortega")]])[0][0], [-1, 0, 1]))
    )


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=60), st.sampled_from(["Ortega", "the mayor", "é", "’s"]), st.text(max_size=60)),
        min_size=1,
        max_size=4,
    )
)
def test_probabilities_sum_to_one_and_ignore_the_batch(parts: list[tuple[str, str, str]]) -> None:
    model = TargetModel.load(MODELS)
    documents = [segment(left + name + right) for left, name, right in parts]
    mentions = [[Mention(name, len(left), len(left) + len(name))] for left, name, _ in parts]
    together = model.score(documents, mentions)
    for document, wanted, found in zip(documents, mentions, together, strict=True):
        assert found.shape == (1, 3)
        assert found.sum() == pytest.approx(1) and (found >= 0).all()
        np.testing.assert_allclose(model.score([document], [wanted])[0], found, atol=1e-9)


def test_documents_without_mentions_get_empty_arrays(model: TargetModel) -> None:
    text = "Ortega opened the bridge."
    found = model.score([segment(""), segment(text), segment(text)], [[], [mention(text, "Ortega")], []])
    assert [one.shape for one in found] == [(0, 3), (1, 3), (0, 3)]
    assert model.score([], []) == []


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="framing train"):
        TargetModel.load(tmp_path)


TEXT = 'Ortega said Lindqvist "lied". Lindqvist left, and Lindqvist kept silent.'
LIED = TEXT.index("Lindqvist")
LEFT = TEXT.index("Lindqvist left")
AGAIN = TEXT.index("Lindqvist kept")


def attributed(name: str | None, source: Span | None) -> Attribution:
    end = TEXT.index(".")
    return Attribution(source, None, (Span(LIED, end, TEXT[LIED:end]),), "mixed", "neutral", name)


def test_one_stance_per_target_and_sentence_is_the_mean_of_its_mentions() -> None:
    places = [Mention("Lindqvist", at, at + 9) for at in (LIED, LEFT, AGAIN)]
    given_ = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.4, 0.4, 0.2]])
    found = stances(segment(TEXT), places, given_, ())
    assert [(one.start, TEXT[one.start : one.end]) for one in found] == [(LIED, "Lindqvist"), (LEFT, "Lindqvist")]
    assert found[1].negative == pytest.approx(0.3)
    assert found[1].stance == pytest.approx(-0.1)


@pytest.mark.parametrize(
    ("attribution", "holder"),
    [
        (attributed("Maria Ortega", Span(0, 6, "Ortega")), "Maria Ortega"),
        (attributed(None, Span(0, 6, "Ortega")), "Ortega"),
        (attributed(None, None), UNNAMED),
    ],
    ids=["resolved name", "the source's words", "nobody named"],
)
def test_inside_an_attribution_the_source_holds_the_stance(attribution: Attribution, holder: str) -> None:
    places = [Mention("Lindqvist", LIED, LIED + 9), Mention("Ortega", 0, 6)]
    found = stances(segment(TEXT), places, np.full((2, 3), 1 / 3), [attribution])
    assert {one.target: one.holder for one in found} == {"Ortega": AUTHOR, "Lindqvist": holder}
