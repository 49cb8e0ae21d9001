"""Highlighting: the text survives, nothing in it becomes markup, and no mark is told by colour alone."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import made_up_analysis

from framing.highlight import (
    Mark,
    article_marks,
    highlight_html,
    highlight_terminal,
    segments,
    segments_html,
    stylesheet,
)
from framing.records import (
    CATEGORIES,
    KINDS,
    Article,
    Attribution,
    Contribution,
    Headline,
    LoadedTerm,
    Sentence,
    Span,
    Stance,
)

# Lists of characters, because hypothesis leaves lone surrogates out of its texts.
CHARACTERS = st.one_of(st.characters(), st.sampled_from(list("<>&\"'\r\n\t\0\u202e\u200b\ud800\U0001f600 .")))
TEXTS = st.lists(CHARACTERS, max_size=60).map("".join)


class Body(HTMLParser):
    """The text inside ``.fr-text``, and the tags met anywhere."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.depth, self.text, self.tags = 0, [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if self.depth or dict(attrs).get("class") == "fr-text":
            self.depth += 1

    def handle_endtag(self, tag):
        self.depth -= bool(self.depth)

    def handle_data(self, data):
        if self.depth:
            self.text.append(data)


def parsed(html):
    body = Body()
    body.feed(html)
    body.close()
    return body


def shown(text):
    """What a page can hold of a text: lone surrogates become U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@st.composite
def analyses(draw):
    """An analysis of any text with spans anywhere in it, overlapping as they like."""
    text = draw(TEXTS)
    ends = st.integers(0, len(text))

    def span():
        a, b = sorted((draw(ends), draw(ends)))
        return Span(a, b, text[a:b])

    some = st.integers(0, 3)
    terms = [LoadedTerm(s.start, s.end, s.text, draw(st.sampled_from(CATEGORIES)), 0.5)
             for s in (span() for _ in range(draw(some)))]  # fmt: skip
    said = [Attribution(span(), span(), (span(), span()), draw(st.sampled_from(KINDS)), "neutral", draw(TEXTS))
            for _ in range(draw(some))]  # fmt: skip
    stances = [Stance(draw(TEXTS), s.start, s.end, 0.1, 0.1, 0.8, 0.7, draw(TEXTS))
               for s in (span() for _ in range(draw(some)))]  # fmt: skip
    cuts = sorted({0, len(text), draw(ends)})
    sentences = [Sentence(i, a, b, text[a:b], "author", None, 0.9, 0.0, 0.0)
                 for i, (a, b) in enumerate(pairwise(cuts))]  # fmt: skip
    return made_up_analysis(
        article=Article("x", text, title=draw(TEXTS)), sentences=tuple(sentences), loaded_terms=tuple(terms),
        attributions=tuple(said), stances=tuple(stances), headline=Headline(draw(TEXTS), 0.7),
    )  # fmt: skip


@given(analyses())
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
def test_taking_the_tags_away_gives_the_text_back(analysis):
    body = parsed(highlight_html(analysis))
    assert "".join(body.text) == shown(analysis.article.text)
    assert {tag for tag, _ in body.tags} <= {
        "style",
        "article",
        "h3",
        "div",
        "span",
        "mark",
        "section",
        "p",
        "ul",
        "li",
        "b",
    }


@given(TEXTS, st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=8))
@settings(max_examples=200, deadline=None)
def test_segments_cover_the_text_in_order_without_gaps(text, spans):
    marks = [Mark(a, b, "term", "emotion", "") for a, b in spans]
    cut = segments(len(text), marks)
    assert "".join(text[s.start : s.end] for s in cut) == text
    for segment in cut:
        for mark in segment.marks:
            assert mark.start <= segment.start and segment.end <= mark.end
    covered = {i for s in cut for i in range(s.start, s.end) if s.marks}
    assert covered == {i for a, b in spans for i in range(max(a, 0), min(b, len(text)))}


def test_overlapping_marks_are_all_there():
    html = segments_html("abcdef", segments(6, [Mark(0, 4, "content", "direct", "said by X"),
                                                Mark(2, 6, "term", "emotion", "loaded: emotion")]))  # fmt: skip
    assert html.count('class="fr-content fr-direct') == 2
    assert html.count('class="fr-term fr-emotion') == 2
    assert parsed(f'<div class="fr-text">{html}</div>').text == ["ab", "cd", "ef"]


def test_deeply_nested_quotations_do_not_swell_the_page():
    depth = 400
    text = "x" * (2 * depth)
    marks = [Mark(i, 2 * depth - i, "content", "direct", "said by X") for i in range(depth)]
    html = segments_html(text, segments(len(text), marks))
    assert len(html) < 300 * len(text)
    assert "".join(parsed(f'<div class="fr-text">{html}</div>').text) == text


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><svg onload=alert(1)>",
    "' autofocus onfocus='alert(1)",
    "]]><!--<a href=javascript:alert(1)>",
    "&lt;script&gt;already escaped&lt;/script&gt;",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_an_article_becomes_markup(payload):
    said = Attribution(Span(0, 1, payload), Span(0, 1, payload), (Span(0, len(payload), payload),), "direct",
                       "charged", payload)  # fmt: skip
    term = LoadedTerm(0, len(payload), payload, payload, 0.5)
    held = Stance(payload, 0, 2, 0.0, 0.0, 1.0, 1.0, payload)
    why = (Contribution(0, len(payload), payload, 1.0),)
    analysis = made_up_analysis(
        article=Article("x", payload, title=payload, outlet=payload), attributions=(said,), loaded_terms=(term,),
        stances=(held,), sentences=(Sentence(0, 0, len(payload), payload, "source", payload, 0.9, 0.0, 0.0, why),),
        headline=Headline(payload, 0.9, (term,), why),
    )  # fmt: skip
    body = parsed(highlight_html(analysis))
    assert "".join(body.text) == payload
    for tag, attributes in body.tags:
        assert tag not in ("script", "img", "svg", "a")
        assert not any(name.startswith("on") or name in ("src", "href", "style") for name in attributes)


def test_marks_say_in_words_what_they_mean():
    notes = {mark.kind: mark.note for mark in article_marks(made_up_analysis())}
    assert notes == {
        "content": 'said by Ana Ruiz (direct, doubting cue "claimed")',
        "source": "source",
        "cue": "doubting cue",
        "stance": "stance toward Marta Quill: negative -0.60, in the outlet's own voice",
        "term": "loaded: labelling, 0.70, own voice",
    }


def test_whose_words_a_loaded_term_is_in_is_said():
    html = highlight_html(made_up_analysis())
    assert "loaded: evaluation, 0.70, a source&#x27;s words" in html
    assert "loaded: evaluation, 0.70, own voice" in html


def test_the_headline_is_highlighted_too():
    html = highlight_html(made_up_analysis())
    heading = re.search(r"<h3.*?</h3>", html).group()
    assert 'data-loaded=" loaded 71% "' in heading
    assert re.search(r"<mark[^>]*fr-conflict[^>]*>slams</mark>", heading)
    assert "<h3" not in highlight_html(made_up_analysis(title="", headline=Headline("", 0.0)))


WHY = (Contribution(4, 11, "utterly", 2.46), Contribution(0, 3, "The", -0.52))


def test_a_loaded_sentence_names_the_words_that_carried_it():
    one, other = made_up_analysis().sentences
    html = highlight_html(made_up_analysis(sentences=(replace(one, reasons=WHY), replace(other, reasons=WHY))))
    assert html.count('data-why="utterly +2.5, The -0.5" tabindex="0"') == 1  # the other one scores .41


def test_a_sentence_that_no_single_word_carried_is_no_stop_of_the_tab_key():
    assert "data-why" not in highlight_html(made_up_analysis(), style=False)


def test_what_carried_a_sentence_is_shown_on_hover_and_focus_and_never_in_print():
    screen = re.search(r"@media screen \{(.*?)\n\}", stylesheet(), re.DOTALL).group(1)
    assert "[data-why]:hover::before" in screen
    assert "[data-why]:focus::before" in screen
    assert stylesheet().count("[data-why]") == screen.count("[data-why]")


def test_no_category_is_told_by_its_colour_alone():
    css = re.sub(r"\s+", " ", stylesheet())
    lines = set()
    for category in CATEGORIES:
        rule = re.search(rf"\.framing \.fr-{category} \{{ --fr-mark: [^;]+; (text-decoration-[^}}]+)\}}", css)
        assert rule, category
        lines.add(rule.group(1))
    assert len(lines) == len(CATEGORIES)


def test_the_style_sheet_styles_nothing_but_highlighted_articles():
    css = re.sub(r"/\*.*?\*/", "", stylesheet())
    for selector in re.findall(r"(?:^|[}{])\s*([^@{}]+)\{", css):
        for one in selector.split(","):
            assert ".framing" in one, one
    assert "url(" not in css and "@import" not in css


def test_screen_readers_get_labels_and_a_legend():
    html = highlight_html(made_up_analysis())
    assert 'aria-label="Highlighted article: Quill slams so-called rescue"' in html
    assert 'data-label="Ana Ruiz, direct"' in html
    assert 'data-label="loaded: labelling"' in html
    assert 'aria-label="Legend"' in html
    assert "clip-path" in stylesheet()  # the labels of terms are spoken, not seen


def test_an_empty_article_is_an_empty_body():
    analysis = made_up_analysis(article=Article("x", ""), sentences=(), loaded_terms=(), attributions=(), stances=())
    assert '<div class="fr-text"></div>' in highlight_html(analysis)


def test_plain_terminal_text_uses_marks_that_can_be_read():
    assert highlight_terminal(made_up_analysis(), color=False) == (
        "Quill [slams|conflict] so-called rescue\n\n"
        'The [utterly|intensifier] [botched|evaluation] plan failed. {"It is a [disgrace|evaluation],"}(Ana Ruiz) '
        "claimed Ana Ruiz of Marta Quill(-)'s [regime|labelling]."
    )


def test_coloured_terminal_text_is_the_text_with_colours():
    coloured = highlight_terminal(made_up_analysis())
    assert "\x1b[1;31mutterly\x1b[0m" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert plain.endswith(made_up_analysis().article.text)


@pytest.mark.parametrize("color", [True, False])
def test_no_text_can_steer_the_terminal(color):
    text = "a\x1b[2Jb\x07c\u202ed\x9b31me\r"
    analysis = made_up_analysis(article=Article("x", text), sentences=(), loaded_terms=(), attributions=(), stances=(),
                                headline=Headline("t\x1b]0;owned\x07", 0.1))  # fmt: skip
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", highlight_terminal(analysis, color=color))
