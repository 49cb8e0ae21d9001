"""Sentences with other names: training examples in which only who is named changes.

An instrument of bias must not know whom a sentence is about. So each annotated sentence is also shown with its
people, parties, outlets, countries and faiths exchanged at random for others of the same kind, its labels unchanged
(counterfactual data augmentation, Lu et al. 2020). The lists lean no way: they hold both sides of every pair.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

# Rows of one table are forms of the same thing; a name is replaced by the form in the same column of another row.
PEOPLE = """
Donald Trump|Trump;Hillary Clinton|Clinton;Joe Biden|Biden;Mike Pence|Pence;Barack Obama|Obama;Mitt Romney|Romney
Bernie Sanders|Sanders;Ted Cruz|Cruz;Nancy Pelosi|Pelosi;Mitch McConnell|McConnell;Elizabeth Warren|Warren
Marco Rubio|Rubio;Kamala Harris|Harris;Nikki Haley|Haley;Chuck Schumer|Schumer;Paul Ryan|Ryan;John McCain|McCain
George W. Bush|Bush;Jeff Sessions|Sessions;James Comey|Comey;Robert Mueller|Mueller;William Barr|Barr
Brett Kavanaugh|Kavanaugh;Merrick Garland|Garland;Alexandria Ocasio-Cortez|Ocasio-Cortez;Lindsey Graham|Graham
Adam Schiff|Schiff;Devin Nunes|Nunes;Pete Buttigieg|Buttigieg;Ron DeSantis|DeSantis;Andrew Cuomo|Cuomo
Greg Abbott|Abbott;Boris Johnson|Johnson;Jeremy Corbyn|Corbyn;Theresa May|Theresa May;Vladimir Putin|Putin
Emmanuel Macron|Macron;Angela Merkel|Merkel;Justin Trudeau|Trudeau;Narendra Modi|Modi;Xi Jinping|Xi
Kim Jong Un|Kim;Greta Thunberg|Thunberg;Colin Kaepernick|Kaepernick;Rush Limbaugh|Limbaugh;Rachel Maddow|Maddow
Sean Hannity|Hannity;Tucker Carlson|Carlson;Don Lemon|Lemon;Anthony Fauci|Fauci;Mark Zuckerberg|Zuckerberg
Jeff Bezos|Bezos;Elon Musk|Musk;Bill Gates|Gates;George Soros|Soros;Charles Koch|Koch
"""
PARTIES = """
Republicans|Republican|republicans|republican|GOP|conservatives|conservative|Conservatives|Conservative|right-wing
Democrats|Democrat|democrats|democrat|DNC|liberals|liberal|Liberals|Liberal|left-wing
"""
OUTLETS = """
Fox News;CNN;MSNBC;Breitbart;HuffPost;New York Times;Wall Street Journal;Washington Post;Washington Times;BuzzFeed
National Review;The Nation;Daily Caller;Mother Jones;Vox;The Federalist;USA Today;Associated Press;Reuters;BBC;NPR
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
# Parties are always exchanged two by two; of the other kinds a row is replaced by any other row.
TABLES = tuple(
    tuple(tuple(row.split("|")) for line in table.split("\n") for row in line.split(";") if row)
    for table in (PEOPLE, PARTIES, OUTLETS, COUNTRIES, FAITHS)
)


def renamed(parts: tuple[str, ...], rng: np.random.Generator) -> tuple[str, ...]:
    """The parts of a sentence with its names exchanged, the same name always for the same one."""
    chosen: dict[tuple[int, int], int] = {}
    partner = [rng.permutation(len(table)) for table in TABLES]

    def other(match: re.Match[str]) -> str:
        table, row, column = _places()[match.group()]
        if (table, row) not in chosen:
            target = int(partner[table][row])
            chosen[table, row] = target if len(TABLES[table]) > 2 else 1 - row
        forms = TABLES[table][chosen[table, row]]
        return forms[min(column, len(forms) - 1)]

    return tuple(_pattern().sub(other, part) for part in parts)


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for t, table in enumerate(TABLES):
        for r, row in enumerate(table):
            for c, name in enumerate(row):
                found.setdefault(name, (t, r, c))
    return found


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_places(), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
