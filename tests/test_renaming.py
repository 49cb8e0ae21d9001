"""Names exchanged at random for training: what is exchanged for what, what stays, and that no side is favoured."""

import re
from collections import Counter

import numpy as np
import pytest

from framing.segment import segment
from framing.training.bias_matrices import marked_tokens
from framing.training.neural.renaming import ALSO_WORDS, COUNTRIES, FAITHS, OUTLETS, PEOPLE, TABLES, renamed

KINDS = ("people", "parties", "outlets", "countries", "faiths")
LEFT = """
Clinton;Biden;Obama;Newsom;Kerry;Sanders;Pelosi;Warren;Harris;Schumer;Garland;Ocasio-Cortez;Schiff;Buttigieg;Cuomo
Corbyn;Thunberg;Kaepernick;Maddow;Don Lemon;Soros;Booker;Starmer
"""
RIGHT = """
Trump;Pence;Romney;Cruz;McConnell;Rubio;Haley;Ryan;McCain;Bush;Sessions;Barr;Kavanaugh;Graham;Nunes;DeSantis;Abbott
Johnson;Theresa May;Limbaugh;Hannity;Carlson;Koch
"""
LEFT_OUTLETS = """
CNN;MSNBC;HuffPost;New York Times;Washington Post;BuzzFeed;Daily Kos;Mother Jones;Vox;NPR
"""
RIGHT_OUTLETS = """
Fox News;Breitbart;Washington Times;National Review;Daily Caller;RedState;Wall Street Journal;New York Post;Daily Wire
Newsmax
"""
EVERYDAY = """
May;March;Will;Mark;Bill;Grace;Faith;Hope;Rice;Price;Rush;Nation;Left;Right;Temple;Church;States;Jordan;Chad;Georgia
Lemon;Slate;Salon;Time;Post;Hill;Federalist;Gates;Sessions;Garland;Bush;Musk;Turkey;Polish;Poles;Cotton;Steel;Cook
Brown;Black;White;Green;Young;King;Cash;Banks;Stone;Powers;Case;Fields;Holder;Gore;Independent;Mirror;Sun;Guardian
"""


def listed(text):
    return [name for line in text.split("\n") for name in line.split(";") if name]


def forms(kind, column=0):
    """The names of a kind in one form."""
    return {row[min(column, len(row) - 1)] for row in TABLES[KINDS.index(kind)]}


def draws(text, count=200):
    return [renamed((text,), np.random.default_rng(seed))[0] for seed in range(count)]


@pytest.mark.parametrize(
    ("pattern", "name", "kind", "column"),
    [
        ("{} signed the bill.", "Donald Trump", "people", 0),
        ("Critics of {} left the hall.", "Sanders", "people", 1),  # a surname for a surname
        ("According to {}, the vote was close.", "Fox News", "outlets", 0),
        ("Trade with {} has grown.", "Mexico", "countries", 0),
        ("The {} minister resigned.", "Israeli", "countries", 1),  # an adjective for an adjective
        ("Thousands of {} fled the town.", "Syrians", "countries", 2),
        ("Young {} gathered in the square.", "Muslims", "faiths", 0),
        ("The {} in the old town was closed.", "mosque", "faiths", 4),
    ],
)
def test_a_name_becomes_another_of_its_kind_in_the_same_form(pattern, name, kind, column):
    before, after = pattern.split("{}")
    text = pattern.format(name)
    found = {other.removeprefix(before).removesuffix(after) for other in draws(text)}
    assert name in forms(kind, column)
    assert len(found) >= 4
    assert found <= forms(kind, column) | {"Theresa May", "Don Lemon"}  # the two whose surname is also a word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Democrats blocked the bill.", "Republicans blocked the bill."),
        ("Republicans blocked the bill.", "Democrats blocked the bill."),
        ("The liberal judge agreed.", "The conservative judge agreed."),
        ("The conservative judge agreed.", "The liberal judge agreed."),
        ("A right-wing blog said so.", "A left-wing blog said so."),
        ("The DNC raised money.", "The RNC raised money."),
        # English has one word for the member and the adjective on one side, two on the other; "Democrat lawmakers"
        # is a jibe and not what the sentence said.
        ("Republican lawmakers left.", "Democratic lawmakers left."),
        ("Democratic lawmakers left.", "Republican lawmakers left."),
        ("A Republican who left said so.", "A Democrat who left said so."),
        ("The GOP said no.", "The Democratic Party said no."),
        ("GOP senators met.", "Democratic senators met."),
        ("The Democratic Party met.", "The GOP met."),
    ],
)
def test_parties_are_exchanged_two_by_two(text, expected):
    assert set(draws(text, 20)) == {expected}


@pytest.mark.parametrize(
    "text",
    [
        "The council met on Monday.",  # nobody named
        "Marta Quill asked the mayor to resign.",  # nobody listed
        "Ranchers in New Mexico sold their herds.",  # a name that holds another
        "Latin America grew faster than forecast.",
        "African Americans voted early.",
        "The Islamic State claimed the attack.",
        "A conservative estimate puts the cost at two million.",  # no camp
        "The college teaches the liberal arts.",
        "Warren Buffett bought the railway.",  # a first name
        "Christian Bale stars in the film.",
        "Kim Jong-un met the envoy.",
        "Sessions were held on Tuesday.",  # words at the start of a sentence
        "It rained. Gates opened at noon.",
        '"Polish the brass," he said.',
        "Turkey was served with chestnuts.",
        "Bush fires spread overnight.",
        "They may march in May, to the left and to the right of the nation's capital.",  # words that are no names here
        "",
    ],
)
def test_what_names_nobody_stays(text):
    assert set(draws(text, 20)) == {text}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("An Israeli firm and a Russian firm merged.", r"An? \w+(?: \w+)? firm and an? \w+(?: \w+)? firm merged\."),
        ("Sanders' plan failed.", r"[\w -]+(?:'s|s') plan failed\."),
    ],
)
def test_articles_and_genitives_follow_the_new_name(text, wanted):
    for other in draws(text):
        assert re.fullmatch(wanted, other)
        for article, letter in re.findall(r"\b([Aa]n?) ([A-Z])", other):
            assert (letter in "AEIO") == article.lower().endswith("n"), other


def test_one_person_stays_one_person_and_two_stay_two():
    for other in draws("Trump met Obama; Trump smiled, Obama did not."):
        first, second, third, fourth = re.fullmatch(r"(.+) met (.+); (.+) smiled, (.+) did not\.", other).groups()
        assert (first, second) == (third, fourth)
        assert first != second


def test_a_name_that_stays_is_nobody_elses_new_name():
    """Where Warren Buffett keeps his name, nobody else of the sentence becomes Warren."""
    for other in draws("Trump praised Warren Buffett, and Cruz did not."):
        assert other.count("Warren") == 1


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Radical Democrats and their CNN friends lied.", ("Radical Democrats", "CNN friends", "lied")),
        ("Heartless Republican senators and a Republican aide left.", ("Heartless", "Republican")),
        ("The Christian Right praised Christian virtue.", ("Christian", "virtue")),  # stays everywhere, or nowhere
        ("An Iranian stooge spoke.", ("Iranian stooge",)),
    ],
)
def test_marked_words_stay_marked(text, marked):
    expected = marked_tokens(segment(text, whole=True), marked)
    for seed in range(50):
        other, *words = renamed((text, *marked), np.random.default_rng(seed))
        found = marked_tokens(segment(other, whole=True), words)
        assert found.sum() >= expected.sum(), (other, words)


def test_a_target_stays_its_own_part():
    parts = ("Critics told an ", "Iranian", " minister that ", "Obama", "'s plan failed.")
    for seed in range(50):
        found = renamed(parts, np.random.default_rng(seed))
        assert len(found) == len(parts)
        assert found[1] in forms("countries", 1)
        assert found[3] in forms("people", 1)
        assert found[0] == f"Critics told a{'n' if found[1][0] in 'AEIO' else ''} "
        assert (found[2], found[4]) == (parts[2], parts[4])


def test_a_target_that_is_half_a_name_stays():
    parts = ("Voters trust Donald ", "Trump", ", not Obama; Trump knows.")
    for seed in range(20):
        head, target, tail = renamed(parts, np.random.default_rng(seed))
        assert (head, target) == parts[:2]
        assert tail.endswith("; Trump knows.")


def test_a_text_with_the_border_in_it_stays():
    parts = ("Trump\ue000 spoke.", "Trump")
    assert renamed(parts, np.random.default_rng(0)) == parts


def test_same_seed_same_names():
    text = "Trump and CNN quarrelled over Iran."
    assert draws(text, 5) == draws(text, 5)


@pytest.mark.parametrize("name", ["Trump", "Clinton", "Pelosi", "Cruz"])
def test_a_person_becomes_one_of_either_camp_equally_often(name):
    found = Counter(draws(f"Voters saw {name} speak.", 1000))
    said = {text.removeprefix("Voters saw ").removesuffix(" speak."): n for text, n in found.items()}
    left, right = (sum(said.get(one, 0) for one in listed(camp)) for camp in (LEFT, RIGHT))
    assert abs(left - right) < 3 * (left + right) ** 0.5  # three standard deviations of a fair coin


def test_the_lists_lean_no_way():
    people, outlets = forms("people", 1), forms("outlets")
    for left, right, names in ((LEFT, RIGHT, people), (LEFT_OUTLETS, RIGHT_OUTLETS, outlets)):
        assert {*listed(left), *listed(right)} <= names
        assert len(listed(left)) == len(listed(right))
    republican, democratic = TABLES[KINDS.index("parties")]
    assert len(republican) == len(democratic)


def test_no_name_is_an_everyday_word_that_begins_sentences():
    assert {name for table in TABLES for row in table for name in row} & set(listed(EVERYDAY)) == set(ALSO_WORDS)


@pytest.mark.parametrize("table", [PEOPLE, OUTLETS, COUNTRIES, FAITHS])
def test_no_row_is_listed_twice(table):
    rows = listed(table)
    assert len(rows) == len(set(rows))
