"""Sentences with other names: training examples in which only who is named changes.

An instrument of bias must not know whom a sentence is about. So each annotated sentence is also shown with its
people, parties, outlets, countries and faiths exchanged at random for others of the same kind, its labels unchanged
(counterfactual data augmentation, Lu et al. 2020). The lists lean no way: they hold as many of one camp as of the
other. A name that only is part of another ("New Mexico", "Warren Buffett", the Bush of a bush fire) stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from framing.training.name_swaps import _begins_with_vowel, _is_adjective

# Rows of one table are forms of the same thing; a name is replaced by the form in the same column of another row.
PEOPLE = """
Donald Trump|Trump|Donald J. Trump;Hillary Clinton|Clinton|Hillary Rodham Clinton;Joe Biden|Biden
Mike Pence|Pence;Barack Obama|Obama;Mitt Romney|Romney;Gavin Newsom|Newsom;John Kerry|Kerry
Bernie Sanders|Sanders;Ted Cruz|Cruz;Nancy Pelosi|Pelosi;Mitch McConnell|McConnell;Elizabeth Warren|Warren
Marco Rubio|Rubio;Kamala Harris|Harris;Nikki Haley|Haley;Chuck Schumer|Schumer;Paul Ryan|Ryan;John McCain|McCain
George W. Bush|Bush|George Bush;Jeff Sessions|Sessions;James Comey|Comey;Robert Mueller|Mueller;William Barr|Barr
Brett Kavanaugh|Kavanaugh;Merrick Garland|Garland;Alexandria Ocasio-Cortez|Ocasio-Cortez;Lindsey Graham|Graham
Adam Schiff|Schiff;Devin Nunes|Nunes;Pete Buttigieg|Buttigieg;Ron DeSantis|DeSantis;Andrew Cuomo|Cuomo
Greg Abbott|Abbott;Boris Johnson|Johnson;Jeremy Corbyn|Corbyn;Theresa May|Theresa May;Vladimir Putin|Putin
Emmanuel Macron|Macron;Angela Merkel|Merkel;Justin Trudeau|Trudeau;Narendra Modi|Modi;Xi Jinping|Xi
Kim Jong Un|Kim;Greta Thunberg|Thunberg;Colin Kaepernick|Kaepernick;Rush Limbaugh|Limbaugh;Rachel Maddow|Maddow
Sean Hannity|Hannity;Tucker Carlson|Carlson;Don Lemon|Don Lemon;Anthony Fauci|Fauci;Mark Zuckerberg|Zuckerberg
Jeff Bezos|Bezos;Elon Musk|Musk;Bill Gates|Gates;George Soros|Soros;Charles Koch|Koch
Cory Booker|Booker;Keir Starmer|Starmer
"""
PARTIES = """
Republicans|Republican|republicans|republican|GOP|RNC|conservatives|conservative|Conservatives|Conservative|right-wing
Democrats|Democrat|democrats|democrat|Democratic Party|DNC|liberals|liberal|Liberals|Liberal|left-wing
"""
# One word for the member and for what is of the party; of the other party there are two.
_ADJECTIVE = "Democratic"
OUTLETS = """
Fox News;CNN;MSNBC;Breitbart;HuffPost;New York Times;Wall Street Journal;Washington Post;Washington Times;BuzzFeed
National Review;Daily Kos;Daily Caller;Mother Jones;Vox;RedState;USA Today;Associated Press;Reuters;BBC;NPR
New York Post;Daily Wire;Newsmax
"""
COUNTRIES = """
Russia|Russian|Russians;France|French|French;China|Chinese|Chinese;Japan|Japanese|Japanese;Iran|Iranian|Iranians
Canada|Canadian|Canadians;Mexico|Mexican|Mexicans;Norway|Norwegian|Norwegians;Germany|German|Germans
Israel|Israeli|Israelis;Palestine|Palestinian|Palestinians;Ukraine|Ukrainian|Ukrainians;Syria|Syrian|Syrians
Turkey|Turkish|Turks;India|Indian|Indians;Pakistan|Pakistani|Pakistanis;Brazil|Brazilian|Brazilians
Venezuela|Venezuelan|Venezuelans;Cuba|Cuban|Cubans;Australia|Australian|Australians;Spain|Spanish|Spaniards
Italy|Italian|Italians;Poland|Polish|Poles;Sweden|Swedish|Swedes;Britain|British|Britons;Greece|Greek|Greeks
North Korea|North Korean|North Koreans;South Korea|South Korean|South Koreans;Saudi Arabia|Saudi|Saudis
Iraq|Iraqi|Iraqis;Afghanistan|Afghan|Afghans;America|American|Americans;Nigeria|Nigerian|Nigerians
"""
FAITHS = """
Muslims|Muslim|Islam|Islamic|mosque|mosques;Christians|Christian|Christianity|Christian|church|churches
Jews|Jewish|Judaism|Jewish|synagogue|synagogues;Hindus|Hindu|Hinduism|Hindu|temple|temples
Catholics|Catholic|Catholicism|Catholic|church|churches;Buddhists|Buddhist|Buddhism|Buddhist|temple|temples
Evangelicals|Evangelical|Evangelicalism|Evangelical|church|churches;Mormons|Mormon|Mormonism|Mormon|temple|temples
"""
# Set phrases and longer names that hold a name of the tables.
KEPT = """
New Mexico;Gulf of Mexico;North America;South America;Latin America;Central America;North American;South American
Latin American;Latin Americans;Central American;Central Americans;African American;African Americans;African-American
African-Americans;Native American;Native Americans;American Indian;American Indians;Asian American;Asian Americans
Bank of America;Great Britain;New Britain;British Columbia;French fries;French Open;Australian Open;South China Sea
East Germany;West Germany;Islamic State;Islamic Republic;Nation of Islam;Muslim Brotherhood;Johnson & Johnson
Santa Cruz;Huckabee Sanders;Trump Tower;Trump Organization;Clinton Foundation;Fox News Sunday;Social Democrats
Social Democrat;Christian Democrats;Christian Democrat;Liberal Democrats;Liberal Democrat;Republican Guard
Democratic Republic;liberal arts;liberal democracy;liberal democracies;conservative estimate;conservative estimates
"""
# Surnames and adjectives that are also first names: another capital after them, and they are one.
ALSO_FIRST = ("Warren", "Ryan", "Harris", "Graham", "Kim", "Garland", "Clinton", "Christian")
# Names that are also words: which they are is not to be seen where a sentence begins.
ALSO_WORDS = ("Sessions", "Gates", "Garland", "Bush", "Musk", "Turkey", "Polish", "Poles")
TABLES = tuple(
    tuple(tuple(row.split("|")) for line in table.split("\n") for row in line.split(";") if row)
    for table in (PEOPLE, PARTIES, OUTLETS, COUNTRIES, FAITHS)
)
_PARTIES = 1
_BORDER = "\ue000"  # between the parts while names are exchanged; a character that stands in no text


def renamed(parts: tuple[str, ...], rng: np.random.Generator) -> tuple[str, ...]:
    """The parts of a sentence with its names exchanged, the same name always for the same one.

    Parties are exchanged two by two; of the other kinds a name becomes any other of its kind, two names never the
    same. A name stays where it is part of something else, anywhere in the parts, or where one part ends within it.
    """
    if any(_BORDER in part for part in parts):
        return parts
    whole = "".join(parts)
    partner = _partners(_staying(whole, np.cumsum([len(part) for part in parts]).tolist()), rng)
    # Decided once, so that a word quoted from the sentence among the parts becomes what it becomes in the sentence.
    adjective = any(_is_adjective(whole, found.end()) for found in re.finditer(r"\bRepublican\b", whole))

    def after(match: re.Match[str]) -> str:
        return match.string[match.end(4) :].replace(_BORDER, "")

    def other(match: re.Match[str]) -> str:
        article, n, space, name, apostrophe = match.groups(default="")
        table, row, column = _places()[name]
        forms = TABLES[table][partner[table][row]]
        new = forms[min(column, len(forms) - 1)] if partner[table][row] != row else name
        if (name == "Republican" and new == "Democrat" and adjective) or (
            name == "GOP" and new == "Democratic Party" and _is_adjective(after(match), 0)
        ):
            new = _ADJECTIVE
        if article:
            n = "n" if _begins_with_vowel(new) else ""
        if name.endswith("s") and not new.endswith("s") and apostrophe:
            apostrophe += "s"
        return article + n + space + new + apostrophe

    return tuple(_pattern().sub(other, _BORDER.join(parts)).split(_BORDER))


def _partners(staying: set[tuple[int, int]], rng: np.random.Generator) -> list[dict[int, int]]:
    """For every table, which row takes the place of which."""
    found = []
    for t, table in enumerate(TABLES):
        free = [row for row in range(len(table)) if (t, row) not in staying]
        taken = free[::-1] if t == _PARTIES else rng.permutation(free).tolist()
        found.append({row: row for row in range(len(table))} | dict(zip(free, taken, strict=True)))
    return found


def _staying(whole: str, borders: list[int]) -> set[tuple[int, int]]:
    """The rows, as (table, row), of which a form is part of something else."""
    found = {_places()[match.group(4)] for kept in _kept().finditer(whole) for match in _pattern().finditer(kept[0])}
    for match in _pattern().finditer(whole):
        if any(match.start(4) < border < match.end(4) for border in borders):
            found.add(_places()[match.group(4)])
    return {(table, row) for table, row, _ in found}


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[int, int, int]]:
    """Table, row and column of every name."""
    found: dict[str, tuple[int, int, int]] = {}
    for t, table in enumerate(TABLES):
        for r, row in enumerate(table):
            for c, name in enumerate(row):
                found.setdefault(name, (t, r, c))
    return found | {_ADJECTIVE: found["Democrat"]}


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """A name, with the article before it and the apostrophe of its genitive."""
    names = _any_of(_places())
    return re.compile(rf"(?<!\w)(?:([Aa])(n?)( {_BORDER}?))?({names})(?!\w)(?:(['’])(?!\w))?")


@lru_cache(maxsize=1)
def _kept() -> re.Pattern[str]:
    """What holds a name and is none."""
    phrases = [phrase for line in KEPT.split("\n") for phrase in line.split(";") if phrase]
    first, words = _any_of(ALSO_FIRST), _any_of(ALSO_WORDS)
    return re.compile(
        rf"(?<!\w)(?:{_any_of(phrases)})(?!\w)|(?<!\w)(?:{first})(?= [A-Z][a-z])"
        rf"|(?:^|(?<=[.!?:] )|(?<=[\"“‘(]))(?:{words})(?!\w)"
    )


def _any_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
