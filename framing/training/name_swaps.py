"""Names exchanged for others of the same kind, so that the sentence stays well-formed.

Every pair is of two that a blind instrument must treat alike: people of both parties and of one sex, outlets of
both sides, countries and faiths whose names bend in the same way. Indefinite articles and possessives follow the
new name; names that only hold another's ("New Mexico", "Islamic State") stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

PAIRS: dict[str, tuple[tuple[str, str], ...]] = {
    "people": (
        ("Donald Trump", "Joe Biden"),
        ("Trump", "Biden"),
        ("Barack Obama", "George W. Bush"),
        ("Obama", "Bush"),
        ("Hillary Clinton", "Nikki Haley"),
        ("Clinton", "Haley"),
        ("Bernie Sanders", "Ted Cruz"),
        ("Sanders", "Cruz"),
        ("Elizabeth Warren", "Sarah Palin"),
        ("Warren", "Palin"),
        ("Kamala Harris", "Carly Fiorina"),
        ("Harris", "Fiorina"),
        ("Alexandria Ocasio-Cortez", "Marjorie Taylor Greene"),
        ("Ocasio-Cortez", "Greene"),
        ("Ilhan Omar", "Lauren Boebert"),
        ("Omar", "Boebert"),
        ("Nancy Pelosi", "Susan Collins"),
        ("Pelosi", "Collins"),
        ("Chuck Schumer", "Mitch McConnell"),
        ("Schumer", "McConnell"),
        ("Al Gore", "Mike Pence"),
        ("Gore", "Pence"),
        ("Cory Booker", "Marco Rubio"),
        ("Booker", "Rubio"),
        ("John Kerry", "Mitt Romney"),
        ("Kerry", "Romney"),
        ("Tim Kaine", "John McCain"),
        ("Kaine", "McCain"),
        ("Pete Buttigieg", "John Kasich"),
        ("Buttigieg", "Kasich"),
        ("Harry Reid", "Paul Ryan"),
        ("Reid", "Ryan"),
        ("Andrew Cuomo", "Chris Christie"),
        ("Cuomo", "Christie"),
        ("Gavin Newsom", "Ron DeSantis"),
        ("Newsom", "DeSantis"),
        ("Eric Holder", "William Barr"),
        ("Holder", "Barr"),
        ("Antony Blinken", "Mike Pompeo"),
        ("Blinken", "Pompeo"),
        ("Adam Schiff", "Devin Nunes"),
        ("Schiff", "Nunes"),
        ("Stacey Abrams", "Kellyanne Conway"),
        ("Rachel Maddow", "Laura Ingraham"),
        ("Chris Hayes", "Sean Hannity"),
        ("Don Lemon", "Tucker Carlson"),
    ),
    "parties": (
        ("Democrats", "Republicans"),
        ("Democrat", "Republican"),
        ("DNC", "RNC"),
        ("liberals", "conservatives"),
        ("liberal", "conservative"),
        ("Liberals", "Conservatives"),
        ("Liberal", "Conservative"),
        ("liberalism", "conservatism"),
        ("left-wing", "right-wing"),
        ("left-leaning", "right-leaning"),
        ("far-left", "far-right"),
        ("far left", "far right"),
        ("leftist", "rightist"),
        ("leftists", "rightists"),
        ("D-", "R-"),
    ),
    "outlets": (
        ("MSNBC", "Fox News"),
        ("CNBC", "Fox Business"),
        ("CNN", "Newsmax"),
        ("New York Times", "Wall Street Journal"),
        ("Washington Post", "Washington Times"),
        ("Mother Jones", "Breitbart News"),
        ("HuffPost", "Breitbart"),
        ("NBC News", "Sky News"),
        ("ABC News", "CBS News"),
        ("AFP", "Reuters"),
        ("Newsweek", "USA Today"),
        ("Rolling Stone", "National Review"),
        ("Daily Beast", "Daily Caller"),
        ("Daily Kos", "Daily Wire"),
        ("AlterNet", "RedState"),
        ("Slate", "Townhall"),
        ("Politico", "Axios"),
        ("the Guardian", "the Telegraph"),
        ("The Guardian", "The Telegraph"),
        ("Associated Press", "Press Association"),
        ("Boston Globe", "New York Post"),
        ("Los Angeles Times", "Chicago Tribune"),
        ("NPR", "OAN"),
        ("BBC", "RT"),
    ),
    "countries": (
        ("Russia", "Germany"),
        ("Russian", "German"),
        ("Russians", "Germans"),
        ("China", "Japan"),
        ("Chinese", "Japanese"),
        ("Iran", "Canada"),
        ("Iranian", "Canadian"),
        ("Iranians", "Canadians"),
        ("Mexico", "Norway"),
        ("Mexican", "Norwegian"),
        ("Mexicans", "Norwegians"),
        ("Syria", "Italy"),
        ("Syrian", "Italian"),
        ("Syrians", "Italians"),
        ("Israel", "Brazil"),
        ("Israeli", "Brazilian"),
        ("Israelis", "Brazilians"),
        ("Iraq", "Australia"),
        ("Iraqi", "Australian"),
        ("Iraqis", "Australians"),
        ("Britain", "France"),
        ("British", "French"),
        ("Cuba", "Belgium"),
        ("Cuban", "Belgian"),
        ("Cubans", "Belgians"),
        ("Pakistan", "Greece"),
        ("Pakistani", "Greek"),
        ("Pakistanis", "Greeks"),
        ("Afghanistan", "Austria"),
        ("Afghan", "Austrian"),
        ("Afghans", "Austrians"),
        ("Ukraine", "Romania"),
        ("Ukrainian", "Romanian"),
        ("Ukrainians", "Romanians"),
        ("Venezuela", "Hungary"),
        ("Venezuelan", "Hungarian"),
        ("Venezuelans", "Hungarians"),
        ("North Korea", "South Korea"),
        ("North Korean", "South Korean"),
        ("North Koreans", "South Koreans"),
        ("Saudi Arabia", "Thailand"),
        ("Saudi", "Thai"),
        ("Saudis", "Thais"),
        ("Turkey", "Denmark"),
        ("Turkish", "Danish"),
        ("Turks", "Danes"),
        ("Vietnam", "Portugal"),
        ("Vietnamese", "Portuguese"),
        ("Somalia", "Finland"),
        ("Somali", "Finnish"),
        ("Somalis", "Finns"),
        ("Poland", "Sweden"),
        ("Polish", "Swedish"),
    ),
    "faiths": (
        ("Muslims", "Christians"),
        ("Muslim", "Christian"),
        ("Islam", "Christianity"),
        ("Quran", "Bible"),
        ("mosque", "church"),
        ("mosques", "churches"),
        ("imam", "pastor"),
        ("imams", "pastors"),
        ("Jews", "Hindus"),
        ("Jewish", "Hindu"),
        ("Judaism", "Hinduism"),
        ("Catholics", "Protestants"),
        ("Catholic", "Protestant"),
        ("Buddhists", "Sikhs"),
        ("Buddhist", "Sikh"),
    ),
}
KINDS: tuple[str, ...] = tuple(PAIRS)
# Other forms of a name, swapped in one direction only.
_FORMS: dict[str, dict[str, str]] = {
    "people": {
        "Donald J. Trump": "Joe Biden",
        "George Bush": "Barack Obama",
        "Hillary Rodham Clinton": "Nikki Haley",
        "Bill Barr": "Eric Holder",
    },
    "parties": {"Democratic": "Republican", "GOP": "Democratic Party"},
    "outlets": {"Alternet": "RedState"},
    "countries": {"Great Britain": "France"},
    "faiths": {"Islamic": "Christian", "Koran": "Bible"},
}
_KEPT: dict[str, tuple[str, ...]] = {
    "people": ("Trump Tower", "Trump University", "Trump Organization", "Trump Jr", "Clinton Foundation"),
    "parties": (
        "Christian Democrats",
        "Social Democrats",
        "Liberal Democrats",
        "Democratic Republic",
        "Democratic Socialists",
        "Republican Guard",
        "Irish Republican Army",
        "liberal arts",
        "D-Day",
    ),
    "outlets": ("Fox News Sunday",),
    "countries": (
        "New Mexico",
        "East Pakistan",
        "Iraq War",
        "Iraq war",
        "French Revolution",
        "Gulf of Mexico",
        "South China Sea",
        "British Columbia",
        "French Quarter",
        "Russian roulette",
    ),
    "faiths": (
        "Islamic State",
        "Islamic Republic",
        "Nation of Islam",
        "Muslim Brotherhood",
        "Christian Democrats",
        "Christian Science Monitor",
    ),
}
# Surnames and adjectives that are also first names: followed by another capital they are one.
_ALSO_FIRST = frozenset({"Warren", "Ryan", "Harris", "Omar", "Reid", "Collins", "Christian"})
# A capitalised word before a surname is a first name unless it is one of these.
_BEFORE_SURNAME = """
    a after against all although an and another are as at because before both but by did do does during even ever every
    for former from had has have he her here his how however if in indeed is it its just like many meanwhile more most
    mr mrs ms never no nor not now of on once one or our over perhaps president secretary sen senator since so some
    such than that the their then there these this those though to under unlike until vice was we were what when where
    whether which while who why will with without yet attorney candidate chairman congresswoman democrat
    democratic general gov governor justice leader minister nominee rep representative republican speaker
"""
# What follows a party's name that stands for one of its members; before anything else it is an adjective.
_AFTER_NOUN = """
    a about after against also and are as at be because been before but by can could did do does during for from had has
    have he himself if in into is it may might must nor not of on or out over said say says she should since than that
    the their then they this to told tells under until voted was were what when where which while who whom whose will
    with without won would
"""
_OPENERS, _FOLLOWERS = frozenset(_BEFORE_SURNAME.split()), frozenset(_AFTER_NOUN.split())
_SPELLED_WITH_VOWEL = frozenset("AEFHILMNORSX")


@dataclass(frozen=True)
class Swapped:
    """A text with names exchanged; ``edits`` are ``(start, end, new)`` in the old text, in order."""

    text: str
    edits: tuple[tuple[int, int, str], ...]

    def at(self, position: int, *, end: bool = False) -> int:
        """Where a position of the old text now stands; inside a name it moves to the name's start or end."""
        moved = position
        for start, stop, new in self.edits:
            if stop <= position:
                moved += len(new) - (stop - start)
            elif start < position:
                moved += start - position + (len(new) if end else 0)
        return moved


def swap(text: str, kind: str) -> str:
    """The text with every name of the kind exchanged for its partner; unchanged where it holds none."""
    return swapped(text, kind).text


def swapped(text: str, kind: str) -> Swapped:
    """The same, with what was changed where."""
    pattern, partner = _compiled(kind)
    edits: list[tuple[int, int, str]] = []
    for match in pattern.finditer(text):
        name, (start, end) = match.group(), match.span()
        new = partner[name]
        if new == name or (kind in ("people", "faiths") and _is_part_of_another(text, start, end, name)):
            continue
        if kind == "parties" and name in ("Republican", "GOP") and _is_adjective(text, end):
            new = "Democratic"
        if article := re.search(r"\b([Aa])(n?) \Z", text[max(0, start - 4) : start]):
            wanted = "n" if _begins_with_vowel(new) else ""
            if article[2] != wanted:
                at = start - 1 - len(article[2])
                edits.append((at, start - 1, wanted))
        edits.append((start, end, new))
        if name.endswith("s") and not new.endswith("s") and re.match(r"['’](?!\w)", text[end:]):
            edits.append((end + 1, end + 1, "s"))  # Sanders' -> Cruz's
    pieces, at = [], 0
    for start, end, new in edits:
        pieces += [text[at:start], new]
        at = end
    return Swapped("".join([*pieces, text[at:]]), tuple(edits))


def _is_part_of_another(text: str, start: int, end: int, name: str) -> bool:
    """Whether a single name belongs to a longer one of somebody else: "Melania Trump", "Warren Buffett"."""
    if " " in name:
        return False
    if name in _ALSO_FIRST and re.match(r" [A-Z][a-z]", text[end:]):
        return True
    before = re.search(r"([A-Z][\w’'-]*)\.? \Z", text[max(0, start - 40) : start])
    return bool(before and name not in _FAITHS and before[1].lower() not in _OPENERS)


def _is_adjective(text: str, end: int) -> bool:
    """Whether a party's name says what something is: "Republican lawmakers", but not "a Republican who"."""
    if text[end : end + 1] == "-" or re.match(r" (?:and|or) Democratic\b", text[end:]):
        return True
    following = re.match(r" ([A-Za-z][\w-]*)", text[end:])
    return bool(following and following[1] not in _FOLLOWERS and not following[1].endswith("ed"))


def _begins_with_vowel(name: str) -> bool:
    """Whether the name takes "an"."""
    word = name.split()[0]
    if word.isupper() and len(word) > 1 and word.isalpha():
        return word[0] in _SPELLED_WITH_VOWEL
    return word[0] in "AEIOaeio"


_FAITHS = frozenset(name for pair in PAIRS["faiths"] for name in pair) | frozenset(_FORMS["faiths"])


@lru_cache(maxsize=len(KINDS))
def _compiled(kind: str) -> tuple[re.Pattern[str], dict[str, str]]:
    partner = {name: name for name in _KEPT[kind]} | _FORMS[kind]
    for one, other in PAIRS[kind]:
        partner |= {one: other, other: one}
    longest_first = sorted(partner, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b"), partner
