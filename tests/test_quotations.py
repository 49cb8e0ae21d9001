"""Quotations by their marks: what is one, what only looks like one, and what a stray mark may cost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.quotations import quotations, scare_quotes
from framing.segment import segment

OPENING = ('"', "“", "”", "„", "‟", "«", "»", "‘", "'", "`", "‚", "&", "''")

# text, the quotations a reader sees in it, why the row is here
TEXTS = [
    ("Nothing is quoted here.", [], "no marks at all"),
    ('"Good morning," the mayor said.', ['"Good morning,"'], "straight marks"),
    ("“Good morning,” the mayor said.", ["“Good morning,”"], "curly marks"),
    ("‘Good morning,’ the mayor said.", ["‘Good morning,’"], "single curly marks, the British way"),
    ("'Good morning,' the mayor said.", ["'Good morning,'"], "single straight marks"),
    ("``Good morning,'' the mayor said.", ["``Good morning,''"], "marks as LaTeX writes them"),
    ("«Bonjour», dit le maire.", ["«Bonjour»"], "guillemets"),
    ("»Guten Morgen«, sagte sie.", ["»Guten Morgen«"], "guillemets turned inward"),
    ("„Guten Morgen“, sagte sie.", ["„Guten Morgen“"], "German marks: what closes looks like what opens elsewhere"),
    ("”God morgon”, sade hon.", ["”God morgon”"], "Swedish marks: both the same"),
    ("&quot;Yes,&quot; she said.", ["&quot;Yes,&quot;"], "entities left over from a web page"),
    ("&#8220;Yes,&#8221; she said.", ["&#8220;Yes,&#8221;"], "numeric entities"),
    ("&ldquo;Yes,&rdquo; she said.", ["&ldquo;Yes,&rdquo;"], "named entities"),
    ("“Yes,\" she said.", ["“Yes,\""], "curly opened, straight closed"),
    ('"One," he said. "Two," she said.', ['"One,"', '"Two,"'], "two in a paragraph"),
    ("“He called it ‘a start’ and left,” she said.", ["“He called it ‘a start’ and left,”"], "single inside double"),
    ("‘He said “no” to me,’ she said.", ["‘He said “no” to me,’"], "double inside single"),
    ("“He called “foo” a bar” and left.", ["“He called “foo” a bar”"], "the same marks nested"),
    ('"He told me "go away" and left," she said.', ['"He told me "go away" and left,"'], "straight marks nested"),
    ("\"'No,' was all he said,\" she recalled.", ["\"'No,' was all he said,\""], "nested at the very start"),
    ('She is 6\'2" tall and "quick".', ['"quick"'], "feet and inches are no marks"),
    ('"He is 6\'2" tall," she said.', ['"He is 6\'2" tall,"'], "nor inside a quotation"),
    ('A 12" pizza costs 9 dollars and "worth it".', ['"worth it"'], "a lone inch mark"),
    ('"I ate a 12" pizza," he said.', ['"I ate a 12" pizza,"'], "an inch mark inside a quotation"),
    ("The '90s were James' and the workers' years.", [], "apostrophes before years and after s"),
    ("Rock 'n' roll isn't dead, 'tis asleep.", [], "apostrophes for what is left out"),
    ("The dogs' bowls and the cats' beds are new.", [], "two plural possessives are no quotation"),
    ("'The dogs' bowls are empty,' he said.", ["'The dogs' bowls are empty,'"], "a possessive inside single marks"),
    ("‘James’ book is good,’ he said. ‘Yes.’", ["‘James’ book is good,’", "‘Yes.’"], "the same in curly marks"),
    ("The workers' 'rights' are at stake.", ["'rights'"], "a possessive before single marks"),
    ("I don't 'know' it's true.", ["'know'"], "contractions on both sides"),
    ("He didn’t say ‘yes’ and she didn’t ask.", ["‘yes’"], "curly apostrophes"),
    ("The ‘90s came back.", [], "an apostrophe curled the wrong way"),
    ('She said,"Come in." Then she left.', ['"Come in."'], "no space before the mark"),
    ('She said"come in"and left.', ['"come in"'], "no space on either side"),
    ('He said: " come in " and left.', ['" come in "'], "spaces inside the marks"),
    ('He said: "...and then we left."', ['"...and then we left."'], "opens with an ellipsis"),
    ('He paused ("for effect") and left.', ['"for effect"'], "in brackets"),
    ('The plan—"a gift"—passed.', ['"a gift"'], "between dashes"),
    ('“Go on —” he began.', ["“Go on —”"], "broken off with a dash"),
    ('A stray mark here" and a "real one" there.', ['"real one"'], "a closing mark with nothing open"),
    ('“He went home, he said. “Then he slept.” Done.', ["“He went home, he said.", "“Then he slept.”"], "not closed"),
    ('"He went home, he said.\n\nThe town slept.', ['"He went home, he said."'[:-1]], "ends with its paragraph"),
    ("“One.\n\n“Two.\n\n“Three,” he said.", ["“One.\n\n“Two.\n\n“Three,”"], "each paragraph opens, the last closes"),
    ('"One.\n\n"Two," he said. "Three."', ['"One.\n\n"Two,"', '"Three."'], "the same with straight marks"),
    ("‘One.\n\n‘Two,’ he said.", ["‘One.\n\n‘Two,’"], "the same with single marks"),
    ('"', [], "a mark alone"),
    ('""', ['""'], "nothing quoted"),
    ("'", [], "an apostrophe alone"),
    ("", [], "an empty text"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "reason"), TEXTS)
def test_quotations_are_those_a_reader_sees(text: str, expected: list[str], reason: str) -> None:
    assert [text[one.start : one.end] for one in quotations(text)] == expected, reason


def test_an_odd_mark_costs_its_own_paragraph_only() -> None:
    text = 'He said "yes and went.\n\nThe town slept.\n\n"No," she said. It rained.\n\nNobody spoke.'
    found = [text[one.start : one.end] for one in quotations(text)]
    assert found == ['"yes and went.', '"No,"']


def test_a_quotation_knows_its_marks_and_its_words() -> None:
    text = "She said &quot;not yet&quot; and ‘soon’."
    first, second = quotations(text)
    assert first.marks == ("&quot;", "&quot;") and text[slice(*first.inner)] == "not yet"
    assert second.marks == ("‘", "’") and text[slice(*second.inner)] == "soon"
    assert first.closed and second.closed


def test_a_quotation_without_its_closing_mark_says_so() -> None:
    (one,) = quotations("“We go on and on.")
    assert not one.closed and one.marks == ("“", "") and one.end == 17


PIECES = [*"ab sS.,5n\n\"'“”‘’„«»`", "&quot;", "''", ' "', '" ', ".”", "6'2\""]
MARKED = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(MARKED, st.text()))
def test_spans_are_ordered_disjoint_and_open_with_a_mark(text: str) -> None:
    end = 0
    for one in quotations(text):
        assert end <= one.start < one.end <= len(text)
        assert text.startswith(one.marks[0], one.start) and text[one.start] in OPENING
        assert one.closed == bool(one.marks[1])
        assert text.endswith(one.marks[1], one.start, one.end)
        low, high = one.inner
        assert one.start < low <= high <= one.end
        end = one.end


@pytest.mark.parametrize("unit", ['"', "“", "”", "'", "‘", "``", '" ', "“a ", '"\n', "“\n", " 'a' ", '5"', "5'5\""])
def test_tens_of_thousands_of_marks_are_no_burden(unit: str) -> None:
    for text in (unit * 40_000, unit * 20_000 + "”" * 20_000):
        ends = [0, *(end for found in quotations(text) for end in (found.start, found.end))]
        assert ends == sorted(ends) and ends[-1] <= len(text)


SCARE = [
    ('The so-called "experts" met again.', ["experts"], "distance from a word"),
    ("Their “reforms” cost twice as much.", ["reforms"], "curly marks"),
    ("The ministry's 'savings' never came.", ["savings"], "single marks"),
    ("It was a “peace mission,” with tanks.", ["peace mission"], "the comma inside the marks is left out"),
    ('The board said the plan was "unwise".', [], "reported speech"),
    ('Residents call the bridge the "needle".', [], "a name given by others"),
    ('She read "Summer Rain" on the train.', [], "a title"),
    ('The word "liberty" has many meanings.', [], "a word spoken of"),
    ('"We will not go back to that," she insisted.', [], "a whole sentence"),
    ('He left in "a very great hurry indeed".', [], "too long"),
]


@pytest.mark.parametrize(("text", "expected", "reason"), SCARE)
def test_scare_quotes(text: str, expected: list[str], reason: str) -> None:
    spans = scare_quotes(segment(text), quotations(text))
    assert [span.text for span in spans] == expected, reason
    assert all(text[span.start : span.end] == span.text for span in spans)
