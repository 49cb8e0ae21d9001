"""What the encoder reads: words in pieces, the facts beside them, and rows in which every token is read once."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_encoder import PIECES, tiny_tokenizer
from tokenizers import Tokenizer

from framing.engines import pieces
from framing.engines.pieces import (
    CUES,
    EDGE,
    FACT_OFFSETS,
    FACT_ROWS,
    FACTS,
    LOADED,
    QUOTED,
    ROW_PIECES,
    SHAPES,
    Laid,
    Vocabulary,
    batches,
    lay_out,
    rows,
)
from framing.errors import ModelError
from framing.lexicon import Match
from framing.segment import Document, segment

MOST = 16  # pieces of one word


def made_up(sentences):
    """A document and its layout from the number of pieces of every token of every sentence."""
    counts = [count for sentence in sentences for count in sentence]
    ends = np.cumsum([len(sentence) for sentence in sentences]).tolist()
    spans = list(zip([0, *ends[:-1]], ends, strict=True)) if ends else []
    document = Document("", spans, [0] * len(spans), ["w"] * len(counts), [], [], spans)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    facts = np.ones((int(first[-1]), len(FACTS)), np.int32)
    return document, Laid(np.arange(1, first[-1] + 1, dtype=np.int32), first, facts)


class Marks:
    """The part of a vocabulary that batches ask for."""

    begin, end = 900_001, 900_002


sentence_lengths = st.lists(st.integers(1, MOST), max_size=12).flatmap(
    lambda few: st.sampled_from([1, 5, 40]).map(lambda times: few * times)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(sentence_lengths, max_size=5))
def test_every_token_is_kept_in_exactly_one_row(sentences):
    document, laid = made_up(sentences)
    found = list(rows(3, document, laid))
    kept = [token for row in found for token in range(*row.kept)]
    assert kept == list(range(len(document.words)))
    for row in found:
        assert row.document == 3
        assert row.first <= row.kept[0] < row.kept[1] <= row.last
        assert laid.first[row.last] - laid.first[row.first] <= ROW_PIECES
        # No row holds words of two sentences.
        assert any(a <= row.first and row.last <= b for a, b in document.sentence_tokens)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, MOST), min_size=1, max_size=20))
def test_a_window_shows_what_stands_around_each_word_it_keeps(lengths):
    lengths = lengths * (600 // len(lengths))
    document, laid = made_up([lengths])
    found = list(rows(0, document, laid))
    # Windows overlap by an edge on either side, so their number grows with the sentence and no faster.
    assert len(found) <= 1 + laid.first[-1] / (ROW_PIECES - 2 * (EDGE + MOST))
    for row in found:
        before = laid.first[row.kept[0]] - laid.first[row.first]
        after = laid.first[row.last] - laid.first[row.kept[1]]
        assert before > EDGE - MOST or row.first == 0
        assert after > EDGE - MOST or row.last == len(lengths)


@settings(max_examples=100, deadline=None)
@given(st.lists(sentence_lengths, max_size=4), st.sampled_from([1, 64, 256, 4096]))
def test_batches_hold_every_row_once_between_its_ends(sentences, size):
    document, laid = made_up(sentences)
    chosen = list(rows(0, document, laid))
    seen = []
    for batch in batches(chosen, [laid], Marks(), size=size):
        seen += batch.rows
        assert batch.pieces.size <= max(size, batch.pieces.shape[1])  # a row longer than a batch stands alone
        for row, line, facts in zip(batch.rows, batch.pieces.tolist(), batch.facts, strict=True):
            own = laid.pieces[laid.first[row.first] : laid.first[row.last]].tolist()
            assert line == [Marks.begin, *own, Marks.end, *[0] * (len(line) - len(own) - 2)]
            inside = np.zeros(len(line), bool)
            inside[1 : len(own) + 1] = True
            assert (facts[inside] == np.array(FACT_OFFSETS) + 1).all()
            assert (facts[~inside] == FACT_OFFSETS).all()  # the ends and what is beyond them have facts of their own
    assert sorted(seen, key=lambda row: row.first) == chosen


def test_nothing_makes_no_rows():
    document, laid = made_up([[], []])
    assert list(rows(0, document, laid)) == []
    assert list(batches([], [laid], Marks(), size=256)) == []


class OnePiece:
    """A vocabulary in which every word is one piece."""

    def pieces(self, words):
        return [(1,)] * len(words)


def facts_of(text, matches=()):
    document = segment(text)
    return document, lay_out(document, matches, OnePiece()).facts


# What the facts say of a word, by the sentence it stands in.
SHAPE_TABLE = [
    ("Voters agreed.", "Voters", "begins sentence"),
    ("Voters agreed.", "agreed", "lower"),
    ("Voters agreed.", ".", "mark"),
    ("It rained. Voters agreed.", "Voters", "begins sentence"),
    ("Most of Bremen agreed.", "Bremen", "Capital"),
    ("Here I stood.", "I", "Capital"),  # one letter shouts nothing
    ("Most of NATO agreed.", "NATO", "CAPITALS"),
    ("NATO agreed.", "NATO", "CAPITALS"),  # wherever it stands
    ("On 4 June they met.", "4", "digit"),
    ("The 21st time.", "21st", "digit"),
    ("Die Äcker blühen.", "Äcker", "Capital"),
    ("They met in 北京 again.", "北京", "lower"),  # letters without case
    ("They paid 5 € each.", "€", "mark"),
    ("A _private note.", "_private", "mark"),
]


@pytest.mark.parametrize(("text", "word", "shape"), SHAPE_TABLE)
def test_the_shape_of_a_word(text, word, shape):
    document, facts = facts_of(text)
    assert SHAPES[facts[document.words.index(word), 0]] == shape


@pytest.mark.parametrize(
    ("text", "word", "quoted"),
    [
        ('The mayor said "never again" to us.', "mayor", "outside"),
        ('The mayor said "never again" to us.', "again", "quoted"),
        ("The mayor said “never again” to us.", "never", "quoted"),
        ("The mayor said “never again” to us.", "us", "outside"),
        ("The mayor's plan isn't new.", "plan", "outside"),  # apostrophes quote nothing
    ],
)
def test_whether_a_word_is_quoted(text, word, quoted):
    document, facts = facts_of(text)
    assert QUOTED[facts[document.words.index(word), 1]] == quoted


@pytest.mark.parametrize(
    ("weight", "strength"),
    [(0.05, "weak"), (0.39, "weak"), (0.4, "middling"), (0.69, "middling"), (0.7, "strong"), (1.0, "strong")],
)
def test_what_the_lexicon_says_of_a_word(weight, strength):
    _, facts = facts_of("One two three four.", [Match(1, 3, SimpleNamespace(weight=weight))])
    assert [LOADED[value] for value in facts[:, 2]] == ["none", strength, strength, "none", "none"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mayor said it rained.", {"said": "neutral"}),
        ("The mayor claimed it rained.", {"claimed": "doubting"}),
        ("The mayor pointed out that it rained.", {"pointed": "endorsing", "out": "endorsing"}),
        ("The mayor lashed out at the rain.", {"lashed": "charged", "out": "charged", "at": "charged"}),
        ("It rained.", {}),
    ],
)
def test_what_the_cues_say_of_a_word(text, expected):
    document, facts = facts_of(text)
    found = {word: CUES[value] for word, value in zip(document.words, facts[:, 3], strict=True)}
    assert {word: cue for word, cue in found.items() if cue != "none"} == expected


def test_every_fact_of_every_kind_has_a_row_of_its_own():
    numbers = [offset + k for offset, values in zip(FACT_OFFSETS, FACTS, strict=True) for k in range(len(values))]
    assert numbers == list(range(FACT_ROWS))


def test_all_pieces_of_a_word_carry_its_facts():
    class ThreePieces:
        def pieces(self, words):
            return [(1, 2, 3)] * len(words)

    laid = lay_out(segment("Most of NATO."), [], ThreePieces())
    assert laid.first.tolist() == [0, 3, 6, 9, 12]
    assert [SHAPES[value] for value in laid.facts[6:9, 0]] == ["CAPITALS"] * 3


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    path = tmp_path_factory.mktemp("vocabulary") / "tokenizer.json"
    path.write_text(tiny_tokenizer(), encoding="utf-8")
    return path


UNKNOWN = (PIECES.index("[UNK]"),)
words = st.text(st.characters(), min_size=1, max_size=30) | st.sampled_from(["the", "THE", "planing", "naïve", "a-b"])


@settings(max_examples=150, deadline=None)
@given(asked=st.lists(st.lists(words, max_size=8), max_size=6))
def test_remembered_words_have_the_pieces_that_the_tokenizer_gives(tokenizer, asked):
    vocabulary, plain = Vocabulary(tokenizer), Tokenizer.from_file(str(tokenizer))
    for several in asked:
        for word, found in zip(several, vocabulary.pieces(several), strict=True):
            if any("\ud800" <= character <= "\udfff" for character in word):
                continue  # the tokenizer takes no such text
            expected = tuple(plain.encode(word, add_special_tokens=False).ids[:MOST])
            assert found == (expected or UNKNOWN)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("\u200b", UNKNOWN),  # a zero-width space: the tokenizer drops it, its token stays
        ("\ud800", UNKNOWN),  # half a surrogate pair is no text, and no question mark either
        ("🦊", UNKNOWN),
        ("\ue000", UNKNOWN),  # private use
        ("新", UNKNOWN),
        ("a" * 100_000, UNKNOWN),
        ("plan", (PIECES.index("plan"),)),
        ("PLAN", (PIECES.index("plan"),)),
        ("planing", (PIECES.index("plan"), PIECES.index("##ing"))),
    ],
)
def test_words_of_every_kind_have_at_least_one_piece(tokenizer, word, expected):
    assert Vocabulary(tokenizer).pieces([word]) == [expected]


def test_one_word_never_fills_a_row(tokenizer):
    """What is written without a space for a page is noise: its beginning is enough."""
    for word in ("新" * 100_000, "-".join("a" * 50_000)):
        assert len(Vocabulary(tokenizer).pieces([word])[0]) == MOST


def test_a_full_memory_starts_anew_and_gives_the_same(tokenizer, monkeypatch):
    text = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    expected = Vocabulary(tokenizer).pieces(text)
    monkeypatch.setattr(pieces, "_MOST_TYPES", 7)
    vocabulary = Vocabulary(tokenizer)
    for at in range(0, 100, 5):
        # Words just met stand beside new ones when the memory is emptied.
        assert vocabulary.pieces(text[max(0, at - 3) : at + 5]) == expected[max(0, at - 3) : at + 5]
    assert len(vocabulary._known) < 30


def test_a_memory_emptied_by_another_thread_costs_no_word(tokenizer, monkeypatch):
    monkeypatch.setattr(pieces, "_MOST_TYPES", 1)
    vocabulary = Vocabulary(tokenizer)
    vocabulary.pieces(["the"])
    plain = vocabulary._tokenizer

    class Interrupted:
        def encode_batch(self, shown, **options):
            vocabulary._tokenizer = plain
            vocabulary.pieces(["ab", "cd", "ef"])  # what another thread may do meanwhile
            vocabulary.pieces(["gh"])
            return plain.encode_batch(shown, **options)

    vocabulary._tokenizer = Interrupted()
    assert vocabulary.pieces(["the", "plan"]) == [(PIECES.index("the"),), (PIECES.index("plan"),)]


@pytest.mark.parametrize("missing", ["[CLS]", "[SEP]", "[PAD]"])
def test_a_vocabulary_that_lacks_what_rows_are_made_of_is_refused(tmp_path, missing):
    path = tmp_path / "tokenizer.json"
    path.write_text(tiny_tokenizer(tuple(piece for piece in PIECES if piece != missing)), encoding="utf-8")
    with pytest.raises(ModelError, match=r"has no piece '\[...\]'; install the package again"):
        Vocabulary(path)


def test_a_vocabulary_whose_number_0_is_a_word_is_refused(tmp_path):
    """0 is what stands where a row is shorter than the others: such a word would never be seen."""
    path = tmp_path / "tokenizer.json"
    path.write_text(tiny_tokenizer((PIECES[4], *PIECES[1:4], PIECES[0], *PIECES[5:])), encoding="utf-8")
    with pytest.raises(ModelError, match=r"numbers '\[PAD\]' other than 0; install the package again"):
        Vocabulary(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": "1.0"}'])
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path, text):
    path = tmp_path / "tokenizer.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"'tokenizer.json' of the neural model cannot be read.*install"):
        Vocabulary(path)
