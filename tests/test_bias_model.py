"""The loaded-language model: what moves its score, and what must not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.engines.bias import NO_WORD, BiasModel
from framing.engines.bias_words import NAME, NUMBER, Vocabulary, word_category
from framing.engines.linear import MODELS
from framing.errors import ModelError
from framing.lexicon import Match, default_lexicon
from framing.records import CATEGORIES
from framing.segment import Document, segment

# The same fact in sober and in loaded words; as many against the left as against the right, and some against neither.
PAIRS = [
    ("The governor signed the tax bill on Monday.", "The governor rammed through the disastrous tax bill on Monday."),
    ("The senator criticized the budget.", "The senator savaged the disgraceful budget."),
    ("Democrats proposed a new health plan.", "Radical Democrats unveiled a reckless health scheme."),
    ("Republicans proposed a new health plan.", "Heartless Republicans unveiled a cruel health scheme."),
    ("The president answered the question.", "The president rambled incoherently and dodged the question."),
    ("The mayor declined to comment.", "The cowardly mayor refused to face the public."),
    ("The union called a strike for Friday.", "Greedy union bosses are holding the city hostage."),
    ("The company closed two plants.", "The ruthless company threw desperate families onto the street."),
    ("Protesters marched to the capitol.", "An unhinged mob stormed toward the capitol."),
    ("Police dispersed the crowd.", "Thuggish police brutally crushed the peaceful crowd."),
    ("The court upheld the law.", "The court shamefully rubber-stamped the draconian law."),
    ("The court struck down the law.", "Activist judges trampled on the will of the people."),
    ("Conservatives oppose the measure.", "Far-right extremists are fighting the sensible measure."),
    ("Liberals support the measure.", "Far-left extremists are cheering for the reckless measure."),
    ("The minister resigned after the report.", "The disgraced minister slunk away after the damning report."),
    ("The bank reported a loss.", "The bank suffered a humiliating and catastrophic loss."),
    ("The network aired an interview with the candidate.", "The network fawned over its darling candidate."),
    ("The newspaper published the documents.", "The propaganda rag recklessly splashed the stolen documents."),
    ("Immigration rose last year.", "A flood of illegal aliens invaded the country last year."),
    ("The administration changed its asylum rules.", "The administration launched a cruel war on asylum seekers."),
    ("The activist gave a speech on climate.", "The hysterical activist delivered another rant on climate."),
    ("The oil company questioned the study.", "Greedy polluters peddled lies to smear the study."),
    ("The school board revised the curriculum.", "The woke school board is indoctrinating innocent children."),
    ("The school board removed three books.", "Bigoted zealots on the school board are purging books."),
    ("The committee questioned the witness.", "The committee staged a ridiculous circus to humiliate the witness."),
    ("The party lost four seats.", "The party was humiliated in a stunning and pathetic collapse."),
    ("The prime minister defended the agreement.", "The hapless prime minister clung to the botched agreement."),
    ("Voters will choose a successor in May.", "Voters will finally dump the corrupt failure in May."),
    ("The agency delayed the vaccine decision.", "Incompetent bureaucrats bungled the vaccine decision yet again."),
    ("The church opposed the ruling.", "The hateful church spewed bigotry at the ruling."),
    ("The university cancelled the lecture.", "The spineless university caved to a mob."),
    ("The lawmaker voted against gun limits.", "The shameless lawmaker groveled before the gun lobby."),
    ("The lawmaker voted for gun limits.", "The power-hungry lawmaker schemed to grab guns."),
    ("The former official wrote a book.", "The bitter former official cashed in with a vicious tell-all."),
    ("The two leaders met for an hour.", "The tyrant and his puppet plotted for an hour."),
    ("The city raised the minimum wage.", "The clueless city imposed a job-killing wage mandate."),
    ("The state cut unemployment benefits.", "The callous state robbed desperate families of their benefits."),
    ("The spokesman denied the report.", "The lying spokesman tried to spin the devastating report."),
    ("The reform passed with 52 votes.", "The so-called reform limped through, an embarrassment."),
    ("The company paid no federal tax.", "The shameless company blatantly cheated taxpayers yet again."),
]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> BiasModel:
    return BiasModel.load(MODELS)


def matched(document: Document) -> list[Match]:
    lexicon = default_lexicon()
    return [
        Match(first + match.first, first + match.last, match.entry)
        for first, last in document.sentence_tokens
        for match in lexicon.match(document.words[first:last])
    ]


def probability(model: BiasModel, sentence: str) -> float:
    document = segment(sentence, whole=True)
    return float(model.score([document], [matched(document)])[0].bias[0])


def test_loaded_wording_of_a_fact_scores_above_its_sober_wording(model: BiasModel) -> None:
    right = [probability(model, loaded) > probability(model, sober) + 0.1 for sober, loaded in PAIRS]
    assert np.mean(right) >= 0.95, [pair for pair, ok in zip(PAIRS, right, strict=True) if not ok]


def test_the_sober_ones_stay_low_and_the_loaded_ones_high(model: BiasModel) -> None:
    assert np.mean([probability(model, sober) for sober, _ in PAIRS]) < 0.4
    assert np.mean([probability(model, loaded) for _, loaded in PAIRS]) > 0.8


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("Trump slammed the deal as a failure.", "Obama slammed the deal as a failure."),
        ("Democrats blocked the shameful vote.", "Republicans blocked the shameful vote."),
        ("A conservative judge ruled on Monday.", "A liberal judge ruled on Monday."),
        ("A far-left mob gathered outside.", "A far-right mob gathered outside."),
        ("Russian officials mocked the offer.", "French officials mocked the offer."),
        ("Fox News reported the vote.", "CNN reported the vote."),  # two words or one: a name is a name
        ("Anti-Biden protesters marched.", "Anti-Trump protesters marched."),
        ("Muslims condemned the attack.", "Christians condemned the attack."),
        ("The Zorblatt party won.", "The Quimby party won."),  # names nobody has met
    ],
)
def test_whose_name_it_is_does_not_matter(model: BiasModel, here: str, there: str) -> None:
    assert probability(model, here) == pytest.approx(probability(model, there), abs=0.02)


def test_digits_do_not_matter(model: BiasModel) -> None:
    assert probability(model, "It cost 12 million.") == pytest.approx(
        probability(model, "It cost 970 million."), abs=1e-9
    )


def test_words_are_scored_for_being_loaded(model: BiasModel) -> None:
    document = segment("The shameful regime signed 3 bills in Ohio.", whole=True)
    scores = dict(zip(document.words, model.score([document], [matched(document)])[0].words, strict=True))
    assert scores["shameful"] > scores["regime"] > scores["bills"]
    assert scores["."] == scores["Ohio"] == NO_WORD  # punctuation and names are never loaded


def parts_of(model: BiasModel, sentence: str) -> list[tuple[str, float]]:
    document = segment(sentence, whole=True)
    return list(zip(document.words, model.score([document], [matched(document)])[0].parts.tolist(), strict=True))


@pytest.mark.parametrize(
    ("sentence", "carrier"),
    [
        ("The governor signed the disastrous bill.", "disastrous"),
        ("The union called a shameful strike.", "shameful"),
        ("The two scaremongers met for an hour.", "scaremongers"),  # in few texts: known by its letters
        ("The court upheld the draconian law in Ohio.", "draconian"),
    ],
)
def test_the_loaded_word_carries_the_score(model: BiasModel, sentence: str, carrier: str) -> None:
    parts = parts_of(model, sentence)
    assert max(parts, key=lambda part: part[1])[0] == carrier, parts


def test_a_reporting_verb_lowers_the_score(model: BiasModel) -> None:
    assert dict(parts_of(model, "The minister said the plan was a disgrace."))["said"] < 0


def test_the_tokens_of_a_name_share_its_part(model: BiasModel) -> None:
    short = dict(parts_of(model, "Biden mocked the offer."))
    long = dict(parts_of(model, "Joe Biden mocked the offer."))
    assert long["Joe"] == long["Biden"]
    assert long["Joe"] + long["Biden"] == pytest.approx(short["Biden"])


def test_the_parts_add_up_to_the_score_but_for_what_no_word_has(model: BiasModel) -> None:
    """Of sentences alike in length and form the log-odds differ as the sums do, all but the lexicon's totals."""

    def log_odds(sentence: str) -> float:
        chance = probability(model, sentence)
        return float(np.log(chance / (1 - chance)))

    sober, loaded = "He read the memo and the letter.", "He read the memo and the screed."
    gap = sum(part for _, part in parts_of(model, loaded)) - sum(part for _, part in parts_of(model, sober))
    assert log_odds(loaded) - log_odds(sober) == pytest.approx(gap, rel=0.1)


@pytest.mark.parametrize(
    ("word", "symbol"),
    [
        ("Trump", NAME),
        ("trump", NAME),  # in lower case too: the name decides, not the capital
        ("Obama", NAME),
        ("1990s", NUMBER),
        ("Slammed", "slammed"),  # a headline's capital makes no name
        ("anti-Trump", f"anti-{NAME}"),
        ("Anti-Obama", f"anti-{NAME}"),
        ("Qwzrtian", NAME),
        ("—", "—"),
    ],
)
def test_symbols(model: BiasModel, word: str, symbol: str) -> None:
    assert model.table.vocabulary.symbol(word) == symbol


def test_camps_share_a_symbol() -> None:
    vocabulary = Vocabulary((), ())
    assert vocabulary.symbol("Leftists") == vocabulary.symbol("rightists")
    assert vocabulary.symbol("ultra-liberal") == vocabulary.symbol("ultra-conservative")


texts = st.lists(
    st.sampled_from(
        [
            "He lied.",
            "A radical plot!",
            "“Shameful,” she said.",
            "It rained.",
            "...",
            "",
            "Ohio",
            "\n\n",
            "Tag 3 um 5.",
            "’",
        ]
    )
    | st.text(max_size=40),
    max_size=6,
).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5))
def test_a_document_does_not_depend_on_its_batch(batch: list[str]) -> None:
    model = BiasModel.load(MODELS)
    documents = [segment(text) for text in batch]
    together = model.score(documents, [matched(document) for document in documents])
    for document, (chances, words, parts) in zip(documents, together, strict=True):
        alone = BiasModel.load(MODELS).score([document], [matched(document)])[0]
        assert chances.shape == (len(document.sentences),)
        assert words.shape == (len(document.words),)
        assert parts.shape == (len(document.words),)
        assert np.isfinite(words).all()
        assert np.isfinite(parts).all()
        assert ((chances >= 0) & (chances <= 1)).all()
        np.testing.assert_allclose(chances, alone[0], atol=1e-9)
        np.testing.assert_allclose(words, alone[1], atol=1e-9)
        np.testing.assert_allclose(parts, alone[2], atol=1e-9)


def test_nothing_in_nothing_out(model: BiasModel) -> None:
    assert model.score([], []) == []
    chances, words, parts = model.score([segment("")], [[]])[0]
    assert len(chances) == len(words) == len(parts) == 0


def test_known_words(model: BiasModel) -> None:
    assert model.known(segment("The committee will vote on the bill.")) > 0.9
    assert model.known(segment("Hallitus hyväksyi lakiehdotuksen eilen illalla.")) < 0.5
    assert model.known(segment("...")) == 1.0


def test_the_table_starts_anew_when_it_is_full(model: BiasModel) -> None:
    small = BiasModel.load(MODELS)
    small.table._most = 50
    for k in range(10):
        sentence = f"The shameful zib{k}wort regime lied about zab{k}wort again and again."
        assert probability(small, sentence) == pytest.approx(probability(model, sentence), abs=1e-9)


@pytest.mark.parametrize("word", ["shameful", "slammed", "extremists", "xenoflobbism", "wildly", "zzz"])
def test_every_word_has_a_category(word: str) -> None:
    assert word_category(word) in CATEGORIES


def test_a_missing_model_is_named(tmp_path) -> None:
    with pytest.raises(ModelError, match="framing train"):
        BiasModel.load(tmp_path)


def test_a_model_of_another_format_is_refused(tmp_path) -> None:
    (tmp_path / "bias.json").write_text('{"format": 99}')
    with pytest.raises(ModelError, match="format 99"):
        BiasModel.load(tmp_path)
