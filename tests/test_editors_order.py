"""Orders of scores that an editor would agree with, asked of the shipped neural model through the public functions.

Three tables. Ladders: one fact told three times, each time more loaded. Stances: two targets, or two sentences, of
which one is treated better. Attributions: who says what, and by which words. Every sentence was invented for the
tests; where one takes a side, another takes the other.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from framing import score_attribution, score_loaded_language, score_stance

ENGINE = "neural"
MODEL = Path(__file__).parent.parent / "framing" / "resources" / "models" / ENGINE

needs_model = pytest.mark.skipif(not MODEL.is_dir(), reason="no neural model in framing/resources/models/neural")

# From the first rung of a ladder to the last the probability rises at least by RISE; between neighbours it may fall
# by no more than DIP, for two wordings close to one another may change places.
RISE = 0.10
DIP = 0.05
# How far apart, on the scale from -1 to 1, two stances are of which one is clearly better.
APART = 0.10

# What only single words change: a verb, a noun, an adjective.
WORDS = [
    (
        "verbs of deciding: approved, pushed through, rammed through",
        "The council on Tuesday approved a budget of 41 million pounds, 2 percent more than last year.",
        "The council on Tuesday pushed through a bloated budget of 41 million pounds.",
        "The council on Tuesday rammed through an obscene 41-million-pound budget, a shameless raid on family purses.",
    ),
    (
        "verbs of saying alone: said, complained, ranted",
        "The union leader said on Friday that the pay offer was too low.",
        "The union leader complained on Friday that the pay offer was too low.",
        "The union leader ranted on Friday that the pay offer was too low.",
    ),
    (
        "verbs of buying: buy, swallow, devour; here the company is the villain",
        "Harlow Foods said on Monday that it would buy Brightwell Dairies for $2.1 billion.",
        "Harlow Foods is set to swallow Brightwell Dairies in an aggressive $2.1 billion takeover.",
        "Harlow Foods, that greedy bully of the dairy aisle, will devour Brightwell Dairies for $2.1 billion.",
    ),
    (
        "verbs of paying: paid, splashed out, squandered; sport is full of colour",
        "Rovers paid City 18 million euros on Thursday for the striker Tomas Lindahl, 29.",
        "Rovers splashed out a hefty 18 million euros on Thursday on the ageing striker Tomas Lindahl.",
        "Rovers squandered a ludicrous 18 million euros on Thursday on the washed-up flop Tomas Lindahl.",
    ),
    (
        "nouns: plan, scheme, plot",
        "The mayor on Wednesday presented a plan to close two libraries.",
        "The mayor on Wednesday presented a drastic scheme to axe two libraries.",
        "The mayor on Wednesday unveiled her sordid plot to butcher two libraries.",
    ),
    (
        "a delay: counted in days, regretted, scorned",
        "A shipment of 40,000 doses of measles vaccine reached the port on Wednesday, four days late.",
        "A desperately needed shipment of measles vaccine finally limped into port on Wednesday, four days late.",
        "Measles vaccine crawled into port four days late on Wednesday, a disgraceful fiasco by clueless officials.",
    ),
    (
        "a ruling: the votes counted, the court characterised, the court abused",
        "The court ruled on Thursday by five votes to four that the city may close the shelter.",
        "A deeply divided court on Thursday handed the city a sweeping victory over the shelter.",
        "Arrogant activist judges trampled on the law on Thursday in an outrageous ruling against the shelter.",
    ),
    (
        "praise is loaded too: the author is at the publicist's service",
        "The film “Salt Road” opened on Friday in 300 cinemas and took 4 million pounds by Sunday.",
        "The long-awaited “Salt Road” dazzled audiences on Friday and raced to 4 million pounds by Sunday.",
        "“Salt Road” is a breathtaking triumph, and only the most joyless cynic could resist its glorious genius.",
    ),
]

# The same story of either camp: the wording alone may move the score, so both ladders must rise.
CAMPS = [
    (
        "a budget of the right",
        "House Republicans on Monday proposed a budget that would cut spending by 8 percent.",
        "House Republicans on Monday unveiled a harsh budget that would slash spending by 8 percent.",
        "Heartless House Republicans on Monday unveiled a cruel budget that would gut spending for their cronies.",
    ),
    (
        "a budget of the left",
        "House Democrats on Monday proposed a budget that would raise spending by 8 percent.",
        "House Democrats on Monday unveiled a lavish budget that would balloon spending by 8 percent.",
        "Reckless House Democrats on Monday unveiled an insane budget that would blow billions on their cronies.",
    ),
    (
        "a protest of the left",
        "About 3,000 people marched through the capital on Saturday to call for a higher minimum wage.",
        "Noisy left-wing activists swarmed through the capital on Saturday to demand a higher minimum wage.",
        "A mob of deranged leftists hijacked the capital on Saturday to whine about the minimum wage.",
    ),
    (
        "a protest of the right",
        "About 3,000 people marched through the capital on Saturday to call for lower immigration.",
        "Angry right-wing activists swarmed through the capital on Saturday to demand lower immigration.",
        "A mob of hateful right-wing thugs hijacked the capital on Saturday to spew venom about immigration.",
    ),
]

# What a list of words cannot see: the same word is a fact here and a judgement there.
SENSES = [
    (
        "to fail is what a bill does in a vote; a failure is what an author calls it",
        "The plan failed to pass by two votes.",
        "The plan collapsed in an awkward defeat by two votes.",
        "The failed plan was an embarrassment.",
    ),
    (
        "grim facts are no judgement: a bridge collapsed, people were hurt",
        "Two people were badly injured on Monday when the Alder Street bridge collapsed.",
        "The neglected Alder Street bridge collapsed on Monday, years after officials shrugged off every warning.",
        "The Alder Street bridge collapsed on Monday, a monument to the stupidity and criminal greed of city hall.",
    ),
    (
        "grim facts again: a crime has words of its own, and they are the law's",
        "The jury convicted the banker of fraud, bribery and theft on Tuesday.",
        "The jury finally nailed the disgraced banker for fraud, bribery and theft on Tuesday.",
        "The jury saw through the slimy banker, a shameless parasite who robbed widows for fun.",
    ),
    (
        "negation: a judgement reported as not made is weaker than the author's own",
        "The auditors did not find that the department was incompetent or corrupt.",
        "The auditors, remarkably, did not find that the bungling department was incompetent or corrupt.",
        "The department is incompetent and corrupt, and the auditors are too cowardly to admit it.",
    ),
    (
        "quotation: a disgrace in the minister's mouth, then in the author's",
        "The minister said that the station was “in poor condition” and would be rebuilt.",
        "The minister called the station “a disgrace” and said that it would be rebuilt.",
        "The station is a disgrace, and the minister has nobody but himself to blame.",
    ),
    (
        "a name: the Disaster Relief Fund is no disaster, unless somebody calls it one",
        "The Disaster Relief Fund paid 3 million dollars to farmers on the coast last month.",
        "The Disaster Relief Fund paid a mere 3 million dollars to farmers on the coast last month.",
        "The relief fund was a disaster, and its 3 million dollars an insult to farmers on the coast.",
    ),
    (
        "a name: the Dead Sea is not dead in the author's opinion",
        "The level of the Dead Sea fell by about one metre last year, a survey showed.",
        "The level of the Dead Sea plunged by an alarming one metre last year as governments dithered.",
        "The Dead Sea is dying of the greed and stupidity of three governments.",
    ),
    (
        "scare quotes: the same noun plain, called long-awaited, held up with tongs",
        "The ministry on Friday published its study of the safety of the river.",
        "The ministry on Friday finally coughed up its long-delayed study of the safety of the river.",
        "The ministry on Friday peddled its so-called “study” of the “safety” of the river, a laughable whitewash.",
    ),
]

LADDERS = [*WORDS, *CAMPS, *SENSES]

# (reason, sentence and target treated better, sentence and target treated worse)
STANCES = [
    (
        "praise stands above a meeting",
        ("The mayor praised the union for its patience.", "union"),
        ("The mayor met the union on Monday.", "union"),
    ),
    (
        "a meeting stands above blame",
        ("The mayor met the union on Monday.", "union"),
        ("The mayor attacked the union for its greed.", "union"),
    ),
    (
        "active: the object is hit, not the subject",
        ("The union criticised the mayor over the bridge.", "union"),
        ("The union criticised the mayor over the bridge.", "mayor"),
    ),
    (
        "the same words in the other order hit the other",
        ("The mayor criticised the union over the bridge.", "mayor"),
        ("The mayor criticised the union over the bridge.", "union"),
    ),
    (
        "passive: the subject is hit, though it stands first",
        ("The mayor was criticised by the union over the bridge.", "union"),
        ("The mayor was criticised by the union over the bridge.", "mayor"),
    ),
    (
        "passive and thanks: the subject is favoured above the one who thanks",
        ("The nurses were warmly thanked by the minister.", "nurses"),
        ("The nurses were warmly thanked by the minister.", "minister"),
    ),
    (
        "two verbs, two targets: thanks for the right, blame for the left",
        ("Voters thanked the Republicans for the bridge and blamed the Democrats for its cost.", "Republicans"),
        ("Voters thanked the Republicans for the bridge and blamed the Democrats for its cost.", "Democrats"),
    ),
    (
        "and the other way round",
        ("Voters thanked the Democrats for the bridge and blamed the Republicans for its cost.", "Democrats"),
        ("Voters thanked the Democrats for the bridge and blamed the Republicans for its cost.", "Republicans"),
    ),
    (
        "negation turns the verb",
        ("The clinic did not fail its patients during the flood.", "clinic"),
        ("The clinic failed its patients during the flood.", "clinic"),
    ),
    (
        "a vote lost is a fact, a failure a judgement",
        ("The bill failed to pass by two votes.", "bill"),
        ("The bill was a failure and an embarrassment.", "bill"),
    ),
    (
        "cleared of fraud against guilty of fraud: the bad word stands in both",
        ("The court cleared Keller of fraud.", "Keller"),
        ("The court found Keller guilty of fraud.", "Keller"),
    ),
    (
        "critics refuted: the judgement is of the critics, the good of it is the target's",
        ("Regulators found that the critics of Harlow Foods were wrong.", "Harlow Foods"),
        ("Regulators found that the critics of Harlow Foods were right.", "Harlow Foods"),
    ),
    (
        "a noun takes sides: a plan against a plot",
        ("The mayor on Wednesday presented a plan to close two libraries.", "mayor"),
        ("The mayor on Wednesday unveiled her sordid plot to butcher two libraries.", "mayor"),
    ),
    (
        "an apposition: a striker against a flop",
        ("Rovers paid City 18 million euros for the striker Tomas Lindahl.", "Tomas Lindahl"),
        ("Rovers paid City 18 million euros for the washed-up flop Tomas Lindahl.", "Tomas Lindahl"),
    ),
]

# Spans as PolNeAR marks them; source and cue must be found whole, and joined to half the words of the content.
ATTRIBUTIONS = [
    (
        "direct, the speaker after the verb",
        "<content>“The bridge is safe again,”</content> <cue>said</cue> <source>Mayor Ingrid Lund</source>.",
    ),
    (
        "indirect, with a conjunction",
        "<source>The auditors</source> <cue>said</cue> "
        "<content>that the fund had paid every farmer on the coast</content>.",
    ),
    (
        "no verb: according to, at the end",
        "<content>Two ships turned back before the storm</content>, <cue>according to</cue> "
        "<source>the harbour police</source>.",
    ),
    (
        "no verb: according to, at the head",
        "<cue>According to</cue> <source>the survey</source>, "
        "<content>the lake lost a metre of water last year</content>.",
    ),
    (
        "indirect and inverted, the speaker unnamed",
        "<content>The vaccine will arrive on Friday</content>, <cue>said</cue> "
        "<source>a spokesman for the ministry</source>.",
    ),
    (
        "the speaker and the verb inside what is said",
        "<content>The merger</content>, <source>analysts</source> <cue>say</cue>, "
        "<content>will raise the price of milk</content>.",
    ),
    (
        "a noun is the cue, its speaker a possessive",
        "<source>Mr. Keller's</source> <cue>claim</cue> <content>that the bank had known of the loans</content> "
        "surprised nobody in court.",
    ),
    (
        "a headline: a colon is the cue",
        "<source>Minister</source><cue>:</cue> <content>Alder Street bridge will reopen in May</content>",
    ),
    (
        "two words quoted, the rest reported",
        "<source>Senator Okafor</source> <cue>called</cue> <content>the ruling “a gift” to the city</content>.",
    ),
    (
        "a thought is attributed like a speech",
        "<source>Many farmers</source> <cue>fear</cue> <content>that the river will dry out by August</content>.",
    ),
]
_MARKUP = re.compile(r"<(source|cue|content)>(.*?)</\1>")


# Rows that the model is known to get wrong: what a row is about, and why it fails. Five at most.
KNOWN_FAILURES: dict[str, str] = {
    "grim facts are no judgement: a bridge collapsed, people were hurt": "neglect and a shrug are read as facts too",
    "critics refuted: the judgement is of the critics, the good of it is the target's": "two turns are one too many",
    "an apposition: a striker against a flop": "the flop is worse, by a hair less than it should be",
    "a headline: a colon is the cue": "a colon is mostly taken for a mark, not for a cue",
}


def by_reason(rows: list[tuple]) -> list:
    """The rows as parameters, each named by what it is about; known failures may fail."""
    return [
        pytest.param(
            *rest,
            id=about,
            marks=[pytest.mark.xfail(strict=False, reason=KNOWN_FAILURES[about])] if about in KNOWN_FAILURES else [],
        )
        for about, *rest in rows
    ]


def loaded(sentence: str) -> float:
    return score_loaded_language(sentence, engine=ENGINE).probability


def stance(sentence: str, target: str) -> float:
    return score_stance(sentence, target, engine=ENGINE).stance


def bare(text: str) -> str:
    """A span's text without what annotators differ in: a possessive ending, blanks and marks at its ends."""
    return re.sub(r"['’]s$", "", text.strip(" .,“”")).lower()


def test_sixty_sentences_each_once() -> None:
    sentences = [sentence for row in LADDERS for sentence in row[1:]]
    assert len(sentences) == len(set(sentences)) == 60


def test_known_failures_are_few_and_of_the_tables() -> None:
    assert len(KNOWN_FAILURES) <= 5
    assert KNOWN_FAILURES.keys() <= {row[0] for table in (LADDERS, STANCES, ATTRIBUTIONS) for row in table}


@needs_model
@pytest.mark.parametrize(("plain", "coloured", "open_judgement"), by_reason(LADDERS))
def test_loaded_language_rises(plain: str, coloured: str, open_judgement: str) -> None:
    low, middle, high = loaded(plain), loaded(coloured), loaded(open_judgement)
    assert high - low >= RISE
    assert middle >= low - DIP
    assert high >= middle - DIP


@needs_model
@pytest.mark.parametrize(("better", "worse"), by_reason(STANCES))
def test_stance_prefers(better: tuple[str, str], worse: tuple[str, str]) -> None:
    assert stance(*better) - stance(*worse) >= APART


@needs_model
@pytest.mark.parametrize("marked", by_reason(ATTRIBUTIONS))
def test_source_cue_and_content_found(marked: str) -> None:
    expected: dict[str, str] = {}
    for role, text in _MARKUP.findall(marked):
        expected[role] = f"{expected.get(role, '')} {text}"
    content = set(bare(expected["content"]).split())
    found = [
        set(" ".join(bare(span.text) for span in one.content).split())
        for one in score_attribution(_MARKUP.sub(r"\2", marked), engine=ENGINE)
        if one.source and one.cue
        if (bare(one.source.text), bare(one.cue.text)) == (bare(expected["source"]), bare(expected["cue"]))
    ]
    assert any(2 * len(words & content) >= len(content) for words in found)
