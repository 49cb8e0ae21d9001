"""Targets: read from a file, found in a text, and where a text mentions them. All names are invented."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.entities import Targets, find_mentions, find_targets, make_targets, read_targets
from framing.entities.names import names
from framing.errors import InputError
from framing.segment import segment

DOE = {"John Doe": ["Doe", "the mayor"], "Elbonia": [], "US": ["United States"], "Mary Roe": ["Roe"]}

MENTIONS = [
    ("Doe left.", ["Doe"], "an alias at the start of a sentence"),
    ("They met John Doe on Monday.", ["John Doe"], "the longest alias wins"),
    ("John Doe's car and Doe’s dog.", ["John Doe", "Doe"], "the possessive is not part of the name"),
    ("The mayor met the Mayor.", ["The mayor", "the Mayor"], "small letters of an alias match any case"),
    ("A doe ran past.", [], "capitals of an alias count"),
    ("DOE RESIGNS", [], "three letters in capitals may be another word"),
    ("ELBONIA signs", ["ELBONIA"], "a longer name in capitals is the name"),
    ("The Does met Doering.", [], "whole words only"),
    ("Today Mary Doe spoke.", [], "somebody else of the same name"),
    ("Mary Doe spoke.", [], "the same at the start of a sentence"),
    ("On Monday President Doe spoke.", ["Doe"], "a title is no first name"),
    ("Then Elbonian President Doe spoke.", ["Doe"], "nor is a people"),
    ("In Doe Tower nobody spoke.", [], "a building named after him"),
    ("John Q. Doe spoke.", ["Doe"], "an initial between"),
    ("The US and the U.S. and the United States.", ["US", "U.S.", "United States"], "full stops in an acronym"),
    ("Give us a chance.", [], "a pronoun is no country"),
    ("Mary Roe met Roe.", ["Mary Roe", "Roe"], "two targets share nothing"),
    ("", [], "an empty text"),
]


@pytest.mark.parametrize(("text", "expected", "reason"), MENTIONS)
def test_mentions(text: str, expected: list[str], reason: str) -> None:
    found = find_mentions(segment(text), make_targets(DOE))
    assert [text[one.start : one.end] for one in found] == expected, reason


def test_a_last_name_given_alone_is_found_after_any_first_name() -> None:
    text = "John Doe and Mary Doe met."
    assert [text[m.start : m.end] for m in find_mentions(segment(text), make_targets("Doe"))] == ["Doe", "Doe"]


def test_a_longer_name_of_another_target_covers_the_words() -> None:
    found = find_mentions(segment("Mary Doe met Doe."), make_targets({"Doe": [], "Mary Doe": []}))
    assert [one.target for one in found] == ["Mary Doe", "Doe"]


@settings(max_examples=200, deadline=None)
@given(st.text(), st.lists(st.text(min_size=1).filter(str.strip), max_size=4))
def test_mentions_are_ordered_disjoint_and_within_the_text(text: str, given_names: list[str]) -> None:
    try:
        targets = make_targets([*given_names, "Doe", "the mayor"])
    except InputError:
        return
    text += " Doe met the mayor."
    end = 0
    for one in find_mentions(segment(text), targets):
        assert end <= one.start < one.end <= len(text)
        end = one.end


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, {}),
        ("Doe", {"Doe": ("Doe",)}),
        (["Doe", "Roe"], {"Doe": ("Doe",), "Roe": ("Roe",)}),
        ({"Doe": ["the mayor"]}, {"Doe": ("Doe", "the mayor")}),
        ({"Doe": "the mayor"}, {"Doe": ("Doe", "the mayor")}),
        ({"Doe": None}, {"Doe": ("Doe",)}),
        (Targets({"Doe": ("Doe",)}), {"Doe": ("Doe",)}),
    ],
)
def test_targets_are_taken_as_a_caller_finds_natural(given: object, expected: dict) -> None:
    assert make_targets(given).aliases == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [7, [7], {"Doe": 7}, {"Doe": [7]}, {"": []}, {7: ["x"]}, ["..."[:0]], [["x"]], [" "]])
def test_what_is_no_name_is_refused_by_name(given: object) -> None:
    with pytest.raises(InputError, match=r"name|targets"):
        make_targets(given)  # type: ignore[arg-type]


def test_a_targets_file(tmp_path: Path) -> None:
    path = tmp_path / "targets.yaml"
    path.write_text("targets:\n  John Doe: [Doe, the mayor]\n  Elbonia:\n", encoding="utf-8")
    assert read_targets(path).aliases == {"John Doe": ("John Doe", "Doe", "the mayor"), "Elbonia": ("Elbonia",)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("people: [Doe]", "no key 'targets'.*its keys: people"),
        ("- Doe", "no key 'targets'"),
        ("", "no key 'targets'"),
        ("targets:\n", "names no target"),
        ("targets: {1984: [x]}", "1984"),
        ("targets: {Doe: [no]}", "Doe"),
        ("targets: {Doe: [", "not YAML"),
    ],
)
def test_an_unreadable_targets_file_is_named_with_its_remedy(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=f"(?s)mine.yaml.*{said}|{said}.*mine.yaml"):
        read_targets(path)


def test_a_missing_targets_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml"):
        read_targets(tmp_path / "none.yaml")


ARTICLE = """ALDERTON (Newswire) — Prime Minister Hanna Veld said on Monday that Elbonia would leave the treaty.

Veld, who took office in May, told reporters that the Treaty Organisation of the North had failed.

But opposition leader Oskar Brandt disagreed. "Elbonia gains nothing," Brandt said.
The Elbonian parliament meets on Tuesday.

The Treaty Organisation of the North (TON) declined to comment. After the vote, Veld thanked the United Republics.

The U.R. has backed Veld. Officials in the United Republics said TON would meet in June. However, Brandt will not go.

Read more: Ten Things We Learned From The Alderton Summit
"""


def found_in(text: str, title: str = "") -> dict[str, tuple[str, ...]]:
    return dict(find_targets(segment(text), title).aliases)


def test_targets_are_found_with_their_aliases() -> None:
    found = found_in(ARTICLE, "Veld says Elbonia will leave the treaty")
    assert next(iter(found)) == "Hanna Veld"
    assert set(found["Hanna Veld"]) == {"Hanna Veld", "Veld"}
    assert set(found["Oskar Brandt"]) == {"Oskar Brandt", "Brandt"}
    assert "TON" in found["Treaty Organisation of the North"]
    assert "U.R." in found["United Republics"]
    assert "Elbonia" in found


def test_what_only_has_a_capital_is_no_target() -> None:
    found = found_in(ARTICLE, "Veld says Elbonia will leave the treaty")
    words = {alias for aliases in found.values() for alias in aliases}
    unwanted = {"But", "The", "After", "However", "Officials", "Monday", "May", "June", "Prime Minister", "Elbonian"}
    assert not words & (unwanted | {"ALDERTON", "Newswire", "Things", "Read"})


@pytest.mark.parametrize(
    ("text", "title", "expected", "reason"),
    [
        ("Ada Lind sang. Lind smiled.", "", {"Ada Lind"}, "twice in the text"),
        ("Ada Lind sang.", "Lind sings", {"Ada Lind"}, "once, and in the title"),
        ("Ada Lind sang.", "A song", set(), "once only"),
        (
            "We met Ada Lind. We met Bo Lind. Lind left.",
            "",
            {"Ada Lind"},
            "the first of two bearers takes the bare name",
        ),
        ("nothing here has capitals. nothing.", "", set(), "no names"),
        ("", "", set(), "no text"),
    ],
)
def test_small_texts(text: str, title: str, expected: set[str], reason: str) -> None:
    assert set(found_in(text, title)) == expected, reason


def test_no_more_targets_than_asked_for() -> None:
    text = " ".join(f"We saw {name}. {name} left." for name in ("Abo", "Bibo", "Cabo", "Dado", "Ebbo", "Fabo", "Gabo"))
    assert len(find_targets(segment(text), "")) == 6
    assert len(find_targets(segment(text), "", most=2)) == 2


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_any_text_gives_targets_that_can_be_looked_for(text: str, title: str) -> None:
    document = segment(text)
    targets = find_targets(document, title)
    for one in find_mentions(document, targets):
        assert one.target in targets.aliases


NAMES = [
    ("On Friday Adm. Ada Lind spoke.", ["Ada Lind"], "an abbreviated title"),
    ("The Secretary of State Ada Lind spoke.", ["Ada Lind"], "a title of three words"),
    ("They met Elbonian President Ada Lind.", ["Ada Lind"], "a people before the title"),
    ("We heard Ursa van der Lind sing.", ["Ursa van der Lind"], "small words inside a name"),
    ("We read of Ada Q. Lind Jr. today.", ["Ada Q. Lind Jr"], "an initial and a suffix"),
    ("After Lind left, nobody sang of Lind.", ["Lind", "Lind"], "a common word at the start"),
    ("They praised the Lind-backed plan.", [], "a name inside an adjective"),
    ("TEN THINGS TO KNOW TODAY", [], "a headline in capitals"),
    ("LONDON (Newswire) — A dog sang.", [], "a dateline"),
    ("She sang in May and on Tuesday.", [], "dates"),
]


@pytest.mark.parametrize(("text", "expected", "reason"), NAMES)
def test_names_are_capitals_that_stand_for_nothing_else(text: str, expected: list[str], reason: str) -> None:
    assert [name.text for name in names(segment(text)) if not name.weak] == expected, reason
