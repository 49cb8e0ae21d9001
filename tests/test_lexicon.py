"""Lexicons: what is a loaded term and what only looks like one, and how a broken file is refused."""

import csv
import hashlib
import json
import pickle
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.errors import LexiconError
from framing.lexicon import LEXICONS, Entry, Lexicon, cue_class, default_cues, default_lexicon, read_cues, read_lexicon
from framing.lexicon.inflection import inflections
from framing.records import CATEGORIES
from framing.segment import segment

LOADED = [
    # (sentence, a loaded term in it as it stands there, category, why)
    ("The policy was a failure.", "failure", "evaluation", "a verdict"),
    ("It was an embarrassment for the commander.", "embarrassment", "evaluation", "a verdict"),
    ("Critics called the rollout a fiasco.", "fiasco", "evaluation", "a verdict"),
    ("The minister shamefully ignored them.", "shamefully", "evaluation", "the adverb of shameful"),
    ("He told blatant lies.", "lies", "evaluation", "plural"),
    ("She lied to the committee.", "lied", "evaluation", "an irregular-looking past tense"),
    ("The regime denied it.", "regime", "labelling", "a label for a government"),
    ("The regime's collapse", "regime", "labelling", "the possessive does not hide it"),
    ("The regime’s collapse", "regime", "labelling", "nor does a curly one"),
    ("Radicals took over the council.", "Radicals", "labelling", "plural"),
    ("Leftists and others protested.", "Leftists", "labelling", "a label"),
    ("Rightists and others protested.", "Rightists", "labelling", "its mirror image"),
    ("It is a witch-hunt, he said.", "witch-hunt", "labelling", "a hyphen for a space"),
    ("It is a witchhunt, he said.", None, None, "written solid only where the entry has a hyphen"),
    ("They call it fear-mongering.", "fear-mongering", "labelling", "a glob"),
    ("They call it fearmongering.", "fearmongering", "labelling", "the same written solid"),
    ("They call it fear mongering.", "fear mongering", "labelling", "the same written open"),
    ("The news caused outrage.", "outrage", "emotion", "an emotion ascribed"),
    ("The horrifying truth came out.", "horrifying", "emotion", "an emotion invited"),
    ("a chilling warning", "chilling", "emotion", "an emotion invited"),
    ("It was utterly wrong.", "utterly", "intensifier", "a degree"),
    ("The so-called reform passed.", "so-called", "intensifier", "distance by wording"),
    ("the so called reform", "so called", "intensifier", "without its hyphen"),
    ("A whopping 80 percent agreed.", "whopping", "intensifier", "a degree"),
    ("She slammed the plan.", "slammed", "conflict", "a doubled consonant"),
    ("Senators blasted the report.", "blasted", "conflict", "criticism as violence"),
    ("It is a war on savers.", "war on", "conflict", "politics as war"),
    ("He lashed out at reporters.", "lashed out at", "conflict", "the first word of a phrase is inflected"),
    (
        "They were throwing colleagues under the bus; he was thrown under the bus.",
        "thrown under the bus",
        "conflict",
        "",
    ),
    ("The governor doubled down.", "doubled down", "conflict", "a phrase"),
    ("MAYOR SLAMS COUNCIL", "SLAMS", "conflict", "a headline in capitals"),
    ("The senator claimed that taxes fell.", "claimed", "insinuation", "a doubting cue"),
    ("Critics say the plan is costly.", "Critics say", "insinuation", "critics without a name"),
    ("Some argue that it failed.", "Some argue", "insinuation", "nobody in particular"),
    ("It was supposedly an accident.", "supposedly", "insinuation", "a doubt that nobody utters"),
    ("They used enhanced interrogation.", "enhanced interrogation", "euphemism", "a veil"),
    ("the enhanced interrogation techniques", "enhanced interrogation techniques", "euphemism", "the longest wins"),
    ("Collateral damage was reported.", "Collateral damage", "euphemism", "a veil"),
]

NEUTRAL = [
    # (sentence, the word that is not loaded here, why)
    ("He died of kidney failure.", "failure", "an organ"),
    ("She was treated for acute heart failure.", "failure", "an organ"),
    ("A power failure hit the city.", "failure", "a machine"),
    ("Engine failures are rare.", "failures", "plural of the same"),
    ("He slammed the door.", "slammed", "a thing is slammed"),
    ("He slammed the heavy front door.", "slammed", "with words between"),
    ("The car slammed into a wall.", "slammed", "an accident"),
    ("He slammed on the brakes and stopped.", "slammed", "a car"),
    ("His slam dunk won the game.", "slam", "a sport"),
    ("She won a grand slam title.", "slam", "a sport"),
    ("Her training regime is hard.", "regime", "a plan"),
    ("The new tax regime begins in May.", "regime", "a system of rules"),
    ("A dietary regime helps.", "regime", "a plan"),
    ("The bomb blast killed two.", "blast", "an explosion"),
    ("Rockets blast off from the cape.", "blast", "a start"),
    ("The blast occurred at noon.", "blast", "an explosion"),
    ("The hurricane devastated the coast.", "devastated", "a storm does what the word says"),
    ("It was a natural disaster.", "disaster", "a term of administration"),
    ("Disaster relief was sent.", "disaster", "a term of administration"),
    ("Toxic waste leaked into the river.", "Toxic", "chemistry"),
    ("The toxic chemical spread.", "toxic", "chemistry"),
    ("It was a dirty bomb.", "dirty", "a kind of weapon"),
    ("It rained; he lay under the bed and would lie in wait.", "lie", "a position"),
    ("Jobless claims fell last week.", "claims", "a statistic"),
    ("Insurance claims rose.", "claims", "a request"),
    ("The fire claimed 12 lives.", "claimed", "an event claims"),
    ("A militant group claimed responsibility.", "claimed", "the fixed phrase"),
    ("The war on drugs began in 1971.", "war on", "a name"),
    ("They filed into the restaurant, an eating establishment.", "establishment", "a business"),
    ("The mock trial took place at school.", "mock", "an exercise"),
    ("The explosive device was found.", "explosive", "a thing that explodes"),
    ("A chilling effect on speech", "chilling", "a term of law"),
    ("The juvenile court met.", "juvenile", "a term of law"),
    ("He was found in contempt of court.", "contempt", "a term of law"),
    ("He woke up early.", "woke", "from sleep"),
    ("The anti-racist march passed.", "anti-racist", "the opposite"),
    ("He ran to the savage storm cellar door and slammed it; the door held.", "slammed", "a door is near"),
    ("A steel drum, a rig worker and a crow were there.", "rig", "not in the lexicon on purpose"),
    ("It has been a year and would be long.", "has been", "ordinary verbs, not has-been and would-be"),
    ("Historically, rates were low.", "Historically", "not the adverb of historic"),
    ("He uttered a word.", "uttered", "not a form of utter"),
    ("Taylor said the bill passed on Monday.", "passed", "plain reporting"),
    ("The hearing will resume at 10 a.m.", "hearing", "plain reporting"),
]

INFLECTIONS = [
    # (word, forms it has, forms it must not have)
    ("slam", "slams slammed slamming", "slamed slaming"),
    ("blast", "blasts blasted blasting", "blastted"),
    ("smear", "smears smeared smearing", "smearred"),
    ("bully", "bullies bullied bullying", "bullys"),
    ("betray", "betrays betrayed betraying", "betraies"),
    ("disgrace", "disgraces disgraced disgracing", "disgraceing"),
    ("lash", "lashes lashed lashing", "lashs"),
    ("lie", "lies lied lying", "lieing"),
    ("panic", "panics panicked panicking", "paniced"),
    ("shameful", "shamefully", "shamefuls"),
    ("hysteric", "hysterically", "hystericly"),
    ("terrible", "terribly", "terriblely"),
    ("ugly", "", "uglys uglily"),
    ("filthy", "filthier filthiest filthily", "filthyer"),
    ("strongman", "strongmen", "strongmans"),
    ("crisis", "crises", "crisises"),
    ("throw", "threw thrown throwing", "throwed"),
    ("steal", "stole stolen stealing", "stealed"),
    ("rebel", "rebelled rebelling", ""),
    ("utterly", "", "utterlys"),
    ("the", "", "thes"),
]

MIRRORED = [
    ("leftist", "rightist"),
    ("left-winger", "right-winger"),
    ("left-wing", "right-wing"),
    ("far-left", "far-right"),
    ("hard-left", "hard-right"),
    ("ultra-left", "ultra-right"),
    ("ultra-liberal", "ultra-conservative"),
    ("alt-left", "alt-right"),
    ("radical left", "radical right"),
    ("extreme left", "extreme right"),
    ("loony left", "loony right"),
    ("lunatic left", "lunatic right"),
    ("left-wing extremist", "right-wing extremist"),
    ("left-wing mob", "right-wing mob"),
    ("liberal elite", "conservative elite"),
    ("liberal establishment", "conservative establishment"),
    ("liberal bias", "conservative bias"),
    ("liberal media", "conservative media"),
    ("libtard", "wingnut"),
    ("moonbat", "wingnut"),
    ("marxist", "fascist"),
    ("marxism", "fascism"),
    ("woke", "reactionary"),
    ("pro-life", "pro-choice"),
    ("anti-choice", "pro-abortion"),
    ("baby killer", "forced birth"),
    ("right to life", "right to choose"),
    ("religious freedom", "reproductive freedom"),
    ("climate denier", "climate alarmist"),
    ("climate denial", "climate alarmism"),
    ("gun nut", "gun grabber"),
    ("gun rights", "gun safety"),
    ("gun lobby", "abortion lobby"),
    ("tree-hugger", "gun nut"),
    ("social justice warrior", "bible thumper"),
    ("radical feminist", "religious right"),
    ("undocumented immigrant", "unauthorized immigrant"),
    ("bleeding-heart", "hard-hearted"),
    ("tax-and-spend", "slash-and-burn"),
    ("job-killing", "planet-killing"),
    ("limousine liberal", "country-club conservative"),
    ("union boss", "corporate boss"),
    ("union thuggery", "corporate thuggery"),
    ("corporate welfare", "welfare queen"),
    ("war hawk", "peacenik"),
    ("warmonger*", "appeaser"),
    ("globalist", "nativist"),
    ("globalism", "nativism"),
    ("populist", "elitist"),
    ("populism", "elitism"),
    ("anti-worker", "anti-business"),
    ("anti-family", "anti-woman"),
    ("man-hater", "woman-hater"),
]

NO_NAMES = re.findall(
    r"\w+",
    """trump obama biden clinton bush reagan putin xi merkel thatcher democrat democratic republican gop labour tory
    tories whig america american russia russian china chinese iran iranian israel israeli britain british germany
    german france french mexico mexican christian christianity muslim islam islamic islamist jew jewish judaism
    catholic protestant hindu buddhist mormon nazi antifa qanon""",
)

BROKEN = [
    # (what is wrong, the file, what the message must say)
    ("empty", b"", ["1", "empty", "term"]),
    ("only a comment", b"# nothing\n", ["empty"]),
    ("no header", b"regime\tlabelling\t0.5\n", [":1", "header", "term"]),
    ("unknown column", b"term\tcategory\tweigth\nregime\tlabelling\t0.5\n", [":1", "weigth"]),
    ("missing column", b"term\tweight\nregime\t0.5\n", [":1", "header", "category"]),
    ("a column twice", b"term\tcategory\tterm\nregime\tlabelling\tx\n", [":1", "header"]),
    ("commas for tabs", b"term,category,weight\nregime,labelling,0.5\n", [":1", "header"]),
    ("commas for tabs below", b"term\tcategory\tweight\nregime,labelling,0.5\n", [":2", "category", "tab"]),
    ("unknown category", b"term\tcategory\tweight\nregime\tlabeling\t0.5\n", [":2", "'labeling'", "labelling", "none"]),
    ("capital category", b"term\tcategory\tweight\nregime\tLabelling\t0.5\n", [":2", "'Labelling'", "labelling"]),
    ("weight too high", b"term\tcategory\tweight\nregime\tlabelling\t5\n", [":2", "'5'", "0 to 1"]),
    ("weight below 0", b"term\tcategory\tweight\nregime\tlabelling\t-1\n", [":2", "'-1'"]),
    ("weight not a number", b"term\tcategory\tweight\nregime\tlabelling\thigh\n", [":2", "'high'", "0.7"]),
    ("weight nan", b"term\tcategory\tweight\nregime\tlabelling\tnan\n", [":2", "'nan'"]),
    ("weight with a comma", b"term\tcategory\tweight\nregime\tlabelling\t0,5\n", [":2", "'0,5'", "point"]),
    ("no weight", b"term\tcategory\tweight\nregime\tlabelling\t\n", [":2", "''"]),
    ("no term", b"term\tcategory\tweight\n\tlabelling\t0.5\n", [":2", "no term"]),
    ("no category", b"term\tcategory\tweight\nregime\t\t0.5\n", [":2", "no category"]),
    ("too many fields", b"term\tcategory\tweight\nregime\tlabelling\t0.5\ta\tb\n", [":2", "5 fields"]),
    (
        "twice",
        b"term\tcategory\tweight\nregime\tlabelling\t0.5\n\nRegime\tlabelling\t0.4\n",
        [":4", "line 2", "'Regime'"],
    ),
    ("twice by hyphen", b"term\tcategory\tweight\nso-called\temotion\t1\nso called\temotion\t1\n", [":3", "line 2"]),
    ("a bare star", b"term\tcategory\tweight\n*\tlabelling\t0.5\n", [":2", "'*'"]),
    ("a glob too wide", b"term\tcategory\tweight\nre*\tlabelling\t0.5\n", [":2", "'re*'", "three letters"]),
    ("two stars in a word", b"term\tcategory\tweight\n*mong*er\tlabelling\t0.5\n", [":2", "glob"]),
    ("a glob not inflected", b"term\tcategory\tweight\n=regim*\tlabelling\t0.5\n", [":2", "drop the ="]),
    ("only digits", b"term\tcategory\tweight\n2020\tlabelling\t0.5\n", [":2", "no word"]),
    ("quoted fields", b'term\tcategory\tweight\n"regime"\tlabelling\t0.5\n', [":2", "punctuation"]),
    ("a regular expression", b"term\tcategory\tweight\nregime(s)?\tlabelling\t0.5\n", [":2", "punctuation"]),
    ("too long", b"term\tcategory\tweight\na b c d e f g h i j\tlabelling\t0.5\n", [":2", "too long", "8"]),
    ("not UTF-8", b"term\tcategory\tweight\nregime\tlabelling\t0.5\nclich\xe9\tlabelling\t0.5\n", [":3", "UTF-8"]),
    ("UTF-16", "term\tcategory\n".encode("utf-16"), ["UTF-8"]),
    ("NUL", b"term\tcategory\tweight\nreg\x00ime\tlabelling\t0.5\n", [":2", "\\x00"]),
    (
        "context without its term",
        b"term\tcategory\tweight\tunless\nregime\tlabelling\t0.5\ttax rate\n",
        [":2", "'tax rate'"],
    ),
    ("context of the term alone", b"term\tcategory\tweight\tunless\nregime\tlabelling\t0.5\t_\n", [":2", "'_'"]),
    ("context with two places", b"term\tcategory\tweight\tunless\nregime\tlabelling\t0.5\t_ _ x\n", [":2", "once"]),
    ("an empty context", b"term\tcategory\tweight\tunless\nregime\tlabelling\t0.5\ttax _;;\n", [":2", "''"]),
    ("a gap at the end", b"term\tcategory\tweight\tunless\nregime\tlabelling\t0.5\t_ ...\n", [":2", "gap"]),
    ("an empty alternative", b"term\tcategory\tweight\tunless\nregime\tlabelling\t0.5\ttax/ _\n", [":2", "one word"]),
]


def found(sentence: str, lexicon: Lexicon | None = None) -> list[tuple[str, str]]:
    """The matches of a sentence: their words as they stand there, and their categories."""
    document = segment(sentence, whole=True)
    matches = (lexicon or default_lexicon()).match(document.lower)
    return [
        (sentence[document.starts[match.first] : document.ends[match.last - 1]], match.entry.category)
        for match in matches
    ]


def table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "my.tsv"
    path.write_text("\n".join(("term\tcategory\tweight\tunless", *lines)) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("sentence", "term", "category", "why"), LOADED)
def test_loaded_terms_are_found(sentence, term, category, why):
    if term is None:
        assert found(sentence) == []
    else:
        assert (term, category) in found(sentence)


@pytest.mark.parametrize(("sentence", "word", "why"), NEUTRAL)
def test_neutral_uses_are_left_alone(sentence, word, why):
    assert word not in [text for text, _ in found(sentence)]


@pytest.mark.parametrize(("word", "has", "has_not"), INFLECTIONS)
def test_inflections(word, has, has_not):
    forms = inflections(word)
    assert set(has.split()) <= forms
    assert not set(has_not.split()) & forms


def test_size_categories_and_weights():
    entries = default_lexicon().entries.values()
    counts = Counter(entry.category for entry in entries)
    assert len(entries) >= 900
    assert set(counts) == set(CATEGORIES)
    assert min(counts.values()) >= 100
    assert all(0 < entry.weight <= 1 for entry in entries)
    assert len(default_cues().lexicon.entries) >= 250


@pytest.mark.parametrize(("one", "other"), MIRRORED)
def test_mirrored_terms_weigh_the_same(one, other):
    entries = default_lexicon().entries
    assert entries[one.replace("-", " ")].weight == entries[other.replace("-", " ")].weight


def test_no_names_of_people_parties_countries_or_faiths():
    words = {word for key in default_lexicon().entries for word in key.split()}
    assert not words & set(NO_NAMES)


def test_files_are_as_their_checksums_say():
    sums = json.loads((LEXICONS / "checksums.json").read_text(encoding="utf-8"))
    assert sums == {name: hashlib.sha256((LEXICONS / name).read_bytes()).hexdigest() for name in sums}
    assert {"loaded.tsv", "cues.tsv"} <= set(sums)


def test_every_written_term_matches_itself():
    """What no guard can excuse: a term on its own, in its own words, is met as itself."""
    lexicon = default_lexicon()
    for key, entry in lexicon.entries.items():
        words = key.replace("*", "ing").split()
        matches = lexicon.match(words)
        assert [(match.first, match.last) for match in matches] == [(0, len(words))], (key, matches)
        assert "*" in key or matches[0].entry == entry


def test_longest_match_once():
    lexicon = Lexicon(
        [Entry("war", "conflict", 0.2), Entry("war on", "conflict", 0.8), Entry("on truth", "emotion", 1)]
    )
    assert found("a war on truth", lexicon) == [("war on", "conflict")]


def test_a_guarded_term_gives_way_to_a_shorter_one():
    lexicon = Lexicon([Entry("war", "conflict", 0.2), Entry("war on", "conflict", 0.8, ("_ drugs",))])
    assert found("the war on drugs", lexicon) == [("war", "conflict")]
    assert found("the war on savers", lexicon) == [("war on", "conflict")]


def test_a_hyphenated_token_counts_once():
    lexicon = Lexicon([Entry("radical", "labelling", 0.4), Entry("extremist", "labelling", 0.9)])
    (match,) = lexicon.match(["a", "radical-extremist", "plan"])
    assert (match.first, match.last, match.entry.term) == (1, 2, "extremist")


@pytest.mark.parametrize(
    ("unless", "neutral", "loaded"),
    [
        ("kidney _", "kidney failures", "failure of a kidney"),
        ("kidney failure", "kidney failures", "failure of a kidney"),
        ("_ rate*", "the failure rates", "rates of failure"),
        ("_ ... court", "failure to appear in court", "court called it a failure"),
        ("kidney/liver _", "liver failure", "moral failure"),
        ("a _ of", "a failure of", "the failure of"),
        ("engine*", "a failure of both engines", "a failure of both parties"),
        ("anti _", "anti-failure", "failure"),
        ("driver's _", "the driver’s failure", "driver and failure"),
    ],
)
def test_contexts(unless, neutral, loaded, tmp_path):
    lexicon = read_lexicon(table(tmp_path, f"failure\tevaluation\t0.5\t{unless}"))
    assert found(neutral, lexicon) == []
    assert len(found(loaded, lexicon)) == 1


def test_user_file_adds_replaces_and_silences(tmp_path):
    path = table(
        tmp_path,
        "# a comment, and a blank line below",
        "",
        "flibbertigibbet\tlabelling\t0.6",
        "REGIME\tnone",
        "war on savers\tnone\t\t",
        "fiasco\temotion\t0",
        "slam\temotion\t0.1\tlightly _",
        "radical*\tnone",
    )
    mine = read_lexicon(path, base=default_lexicon())
    assert found("Flibbertigibbets!", mine) == [("Flibbertigibbets", "labelling")]
    assert found("The regimes and the regime's men", mine) == []
    assert found("the war on savers", mine) == [], "a neutral phrase hides the terms inside it"
    assert found("the war on truth", mine) == [("war on", "conflict")]
    assert found("a fiasco", mine) == [], "weight 0 silences"
    assert found("She slammed the door.", mine) == [("slammed", "emotion")], "a replaced entry brings its own contexts"
    assert found("She lightly slammed him.", mine) == []
    assert found("radicals radically radical", mine) == [], "a silent glob goes before the package's own words"
    assert found("the regime and its war on savers", default_lexicon()) != [], "the base is left as it was"
    assert mine.signature != default_lexicon().signature


@pytest.mark.parametrize(("what", "content", "says"), BROKEN, ids=[row[0] for row in BROKEN])
def test_broken_files_are_refused_with_their_place(what, content, says, tmp_path):
    path = tmp_path / "broken.tsv"
    path.write_bytes(content)
    with pytest.raises(LexiconError) as caught:
        read_lexicon(path, base=default_lexicon())
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    for part in says:
        assert part in message


def test_files_that_cannot_be_opened_are_named(tmp_path):
    for path in (tmp_path / "absent.tsv", tmp_path):
        with pytest.raises(LexiconError, match=r"cannot be read.*TSV"):
            read_lexicon(path)
    with pytest.raises(LexiconError, match="no path"):
        read_lexicon("nul\0byte.tsv")


def test_a_broken_file_applies_nothing(tmp_path):
    before = found("the regime")
    with pytest.raises(LexiconError):
        read_lexicon(table(tmp_path, "regime\tnone", "oops\tnonsense\t1"), base=default_lexicon())
    assert found("the regime") == before


def test_windows_files_are_read(tmp_path):
    path = tmp_path / "windows.tsv"
    path.write_bytes(b"\xef\xbb\xbfTerm\tCategory\tWeight\r\nna\xc3\xafve\tevaluation\t0.5\r\n")
    assert found("A naïve idea", read_lexicon(path)) == [("naïve", "evaluation")]


def test_signature_tells_contents_apart():
    one = Lexicon([Entry("regime", "labelling", 0.5)])
    assert one.signature == Lexicon([Entry("regime", "labelling", 0.5)]).signature
    assert one.signature != Lexicon([Entry("regime", "labelling", 0.4)]).signature
    assert len(one.signature) == 64
    assert default_lexicon().signature == read_lexicon(LEXICONS / "loaded.tsv").signature


def test_pickling_keeps_the_entries():
    copy = pickle.loads(pickle.dumps(default_lexicon()))
    assert copy.signature == default_lexicon().signature
    assert found("It was a fiasco.", copy) == found("It was a fiasco.")
    assert pickle.loads(pickle.dumps(default_cues())).cue_class("claimed") == "doubting"


WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["slam", "the", "door", "war", "on", "so-called", "failure", "kidney", "'", "'s", "’s", "-", "*"]
        ),
        st.text(max_size=12),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(WORDS)
def test_matches_are_ordered_within_bounds_and_apart(words):
    last = 0
    for match in default_lexicon().match(words):
        assert last <= match.first < match.last <= len(words)
        assert not match.entry.silent
        last = match.last


@settings(max_examples=100, deadline=None)
@given(WORDS)
def test_case_and_apostrophes_make_no_difference(words):
    plain = [word.lower().replace("’", "'") for word in words]
    shouted = [word.upper() if word.upper().lower() == word else word for word in plain]
    lexicon = default_lexicon()
    assert lexicon.match(plain) == lexicon.match(shouted)


@pytest.mark.parametrize("word", ["slam", "in", "failure", "war on", "slam-slam", "x" * 200])
def test_cost_is_linear_in_the_sentence(word):
    lexicon = default_lexicon()

    def cost(words: list[str]) -> float:
        begin = time.process_time()
        lexicon.match(words)
        return time.process_time() - begin

    short, long = word.split() * 1_000, word.split() * 4_000
    once = min(cost(short) for _ in range(5))
    assert min(cost(long) for _ in range(3)) < 4 * 2.5 * once + 0.01


CUES = [
    ("said", "neutral", "the plainest"),
    ("According to", "neutral", "a capital"),
    ("was quoted as saying", "neutral", "a phrase"),
    ("accused", "neutral", "the source accuses, the outlet reports it"),
    ("", "neutral", "nothing"),
    ("flibbered", "neutral", "not known"),
    ("claimed", "doubting", "distance"),
    ("has repeatedly claimed", "doubting", "the head is found inside"),
    ("said, without evidence,", "doubting", "the longer cue goes first"),
    ("insists", "doubting", "distance"),
    ("purported", "doubting", "distance"),
    ("pointed out", "endorsing", "taken as true"),
    ("could not resist pointing out", "endorsing", "inflected inside"),
    ("noted", "endorsing", "taken as true"),
    ("revealed", "endorsing", "taken as true"),
    ("admits", "endorsing", "taken as true"),
    ("lashed out at", "charged", "coloured"),
    ("crowed", "charged", "coloured"),
    ("said mockingly", "charged", "the manner goes before the plain verb"),
    ("fired back", "charged", "coloured"),
    ("BLASTED", "charged", "capitals"),
    ("railed against", "charged", "coloured"),
]


@pytest.mark.parametrize(("cue", "expected", "why"), CUES)
def test_cue_classes(cue, expected, why):
    assert cue_class(cue) == expected


def test_broken_cue_files_are_refused(tmp_path):
    path = tmp_path / "cues.tsv"
    path.write_text("term\tclass\nsay\tplain\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"cues\.tsv:2: .*'plain'.*neutral, doubting, endorsing, charged"):
        read_cues(path)
    path.write_text("term\tclass\nsay\tdoubting\n", encoding="utf-8")
    assert read_cues(path, base=default_cues()).cue_class("said") == "doubting"
    path.write_text("term\tclass\nsay\tneutral\nsay\tneutral\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r":3: .*line 2"):
        read_cues(path)


def test_the_table_is_sorted_and_plain():
    """So that a change to it reads as what it is: one line."""
    with (LEXICONS / "loaded.tsv").open(encoding="utf-8", newline="") as file:
        lines = [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if not row[0].startswith("#")]
    body = lines[1:]
    assert body == sorted(body, key=lambda row: (CATEGORIES.index(row[1]), row[0].lstrip("=").lower()))
