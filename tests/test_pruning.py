"""A vocabulary without placeholders and other alphabets: English words keep the pieces they had."""

import json

import pytest
from tiny_encoder import PIECES, tiny_tokenizer
from tokenizers import Tokenizer

from framing.training.neural.pruning import prune

DROPPED = ("[unused0]", "[unused1]", "д", "##д", "城", "α")
KEPT = ("é", "##ñ", "½", "€", "“", "’", "7")


@pytest.fixture(scope="module")
def whole() -> str:
    """A tokenizer as BERT's: dropped pieces among the others, special pieces named by their numbers."""
    pieces = (*PIECES[:4], *DROPPED[:3], *PIECES[4:], *DROPPED[3:], *KEPT)
    plain = json.loads(tiny_tokenizer(pieces))
    plain["added_tokens"] = [
        {"id": number, "content": piece, "special": True, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False}
        for number, piece in enumerate(pieces[:4])
    ]  # fmt: skip
    ends = {piece: {"id": piece, "ids": [pieces.index(piece)], "tokens": [piece]} for piece in ("[CLS]", "[SEP]")}
    single = [
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
    ]
    plain["post_processor"] = {
        "type": "TemplateProcessing", "single": single, "pair": [*single, *single[1:]], "special_tokens": ends,
    }  # fmt: skip
    return json.dumps(plain)


def test_what_goes_and_what_stays(whole: str) -> None:
    text, stay = prune(whole)
    before, after = json.loads(whole)["model"]["vocab"], json.loads(text)["model"]["vocab"]
    assert set(before) - set(after) == set(DROPPED)
    assert sorted(after.values()) == list(range(len(after)))
    for piece, number in after.items():
        assert stay[number] == before[piece], "row `number` of the new table is row `stay[number]` of the old one"


@pytest.mark.parametrize("text", ["The council said the plan failed.", "plans, failing!", "caf\u00e9 7 \u20ac", ""])
def test_english_keeps_its_pieces(whole: str, text: str) -> None:
    before, after = Tokenizer.from_str(whole), Tokenizer.from_str(prune(whole)[0])
    assert after.encode(text).tokens == before.encode(text).tokens
    assert after.encode("").ids == [after.token_to_id("[CLS]"), after.token_to_id("[SEP]")]


def test_a_word_of_another_alphabet_is_unknown(whole: str) -> None:
    found = Tokenizer.from_str(prune(whole)[0]).encode("the дд said", add_special_tokens=False)
    assert found.tokens == ["the", "[UNK]", "said"]


def test_nothing_to_drop_changes_nothing() -> None:
    text, stay = prune(tiny_tokenizer())
    assert json.loads(text) == json.loads(tiny_tokenizer())
    assert stay.tolist() == list(range(len(PIECES)))
