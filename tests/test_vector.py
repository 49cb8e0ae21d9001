"""Figures inside a page: what may stand in them is listed, everything else is left out."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_pages import PLAIN, drawn

from framing.errors import InputError
from framing.figures import save
from framing.report.render import image
from framing.report.vector import inline_svg, is_local

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'

SVG, XLINK = "{http://www.w3.org/2000/svg}", "http://www.w3.org/1999/xlink"


def _grown(element, inner):
    element.extend(inner)
    return element


def shown(inner, **options):
    return inline_svg(f"{HEAD}{inner}</svg>".encode(), **{"prefix": "f-", "label": "L", **options})


def body(inner):
    """What of a drawing arrives in the page."""
    return re.fullmatch(r"<svg [^>]*>(.*)</svg>", shown(inner), flags=re.DOTALL).group(1)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("#s1", True),
        ("evidence/northgate-wire.html", True),
        ("evidence/northgate-wire.html#s1", True),
        ("../report.html", True),
        ("tables/a%20b.csv", True),
        ("", False),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("http://example.org", False),
        ("//example.org/a", False),
        ("/etc/passwd", False),
        ("\\\\example.org\\a", False),
        ("a.html?query", False),
        ('a.html#"onclick="x', False),
        ("a.html\n", False),
    ],
)
def test_an_address_is_a_fragment_or_a_relative_path_or_no_address(address, local):
    assert is_local(address) == local


@pytest.mark.parametrize(
    ("why", "given", "kept"),
    [
        ("a script", "<script>alert(1)</script><g/>", "<g/>"),
        ("HTML in a drawing", "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", ""),
        ("a style sheet reaches beyond its figure", "<style>*{fill:red}</style>", ""),
        ("metadata says nothing to a reader", "<metadata><x/></metadata>", ""),
        ("an animation can set an address", "<a><set attributeName='href' to='javascript:alert(1)'/></a>", ""),
        ("an element of another namespace", "<x:g xmlns:x='http://example.org/x'/>", ""),
        ("a comment", "<!-- --><g/>", "<g/>"),
        ("an event handler", "<g onclick='alert(1)'/>", "<g/>"),
        ("an image from elsewhere", "<image href='http://example.org/a.png'/>", "<image/>"),
        ("a drawing within", "<image href='data:image/svg+xml;base64,AAAA'/>", "<image/>"),
        ("pixels within", "<image xlink:href='data:image/png;base64,AA=='/>",
         '<image href="data:image/png;base64,AA=="/>'),
        ("a part of another file", "<use href='http://example.org/a.svg#x'/>", "<use/>"),
        ("a part of this one", "<use xlink:href='#x'/>", '<use href="#f-x"/>'),
        ("a paint from elsewhere", "<g fill='url(http://example.org/a#x)'/>", "<g/>"),
        ("a paint of this file", "<g fill='url(#x)'/>", '<g fill="url(#f-x)"/>'),
        ("quotation marks in a reference", "<g clip-path=\"url('#x')\"/>", '<g clip-path="url(#f-x)"/>'),
        ("an identifier that is none", "<g id='a b\"'/>", "<g/>"),
        ("an identifier", "<g id='a.b_1'/>", '<g id="f-a.b_1"/>'),
        ("a class is the page's own matter", "<g class='fr-term'/>", "<g/>"),
        ("style: only what paints", "<g style='fill: red; position: fixed; stroke:#123'/>",
         '<g style="fill:red;stroke:#123"/>'),
        ("style: an address", "<g style='fill: url(http://example.org/x)'/>", "<g/>"),
        ("style: an address in disguise", "<g style='fill: u\\72l(http://example.org/x)'/>", "<g/>"),
        ("style: a comment", "<g style='fill:/**/red'/>", "<g/>"),
        ("text stays text", "<text>a &lt;b&gt; <tspan>c</tspan> d</text>",
         "<text>a &lt;b&gt; <tspan>c</tspan> d</text>"),
        ("text that is nowhere shown", "<g>lost</g>", "<g/>"),
        ("a link to elsewhere leaves its shape", "<a xlink:href='http://example.org'><g/></a>", "<g/>"),
        ("a link that runs", "<a href=' javascript:alert(1)'><g/></a>", "<g/>"),
        ("a link to a page that is there", "<a xlink:href='evidence/a.html#s1' target='_top'><g/></a>",
         '<a href="evidence/a.html#s1" aria-label="evidence/a.html#s1"><title>evidence/a.html#s1</title><g/></a>'),
    ],
)  # fmt: skip
def test_only_what_is_listed_arrives_in_the_page(why, given, kept):
    assert body(given) == kept, why


def test_a_figure_is_one_image_to_a_screen_reader_unless_it_has_links():
    assert 'role="img" aria-label="Bars: &quot;A&quot; &lt;1&gt;"' in shown("<g/>", label='Bars: "A" <1>')
    linked = shown('<a href="#s1"><g/></a>', links={"#s1": "Sentences of A & B"})
    assert 'role="group"' in linked
    assert '<a href="#s1" aria-label="Sentences of A &amp; B"><title>Sentences of A &amp; B</title>' in linked


def test_of_shapes_that_lead_to_one_place_the_first_is_spoken_and_reached_by_key():
    twice = shown('<a href="#s1"><g/></a><a href="#s2"><g/></a><a href="#s1"><g/></a>', links={"#s1": "A", "#s2": "B"})
    assert re.findall(r"<a ([^>]*)>", twice) == [
        'href="#s1" aria-label="A"', 'href="#s2" aria-label="B"', 'href="#s1" tabindex="-1" aria-hidden="true"'
    ]  # fmt: skip


def test_a_figure_fills_its_place_whatever_its_size():
    assert 'width="100%" viewBox="0 0 9 9"' in shown("")
    sized = b'<svg xmlns="http://www.w3.org/2000/svg" width="12.5pt" height="9"/>'
    assert 'width="100%" viewBox="0 0 12.5 9"' in inline_svg(sized, prefix="", label="")


@pytest.mark.parametrize(
    ("why", "content"),
    [
        ("no XML", b"\x89PNG"),
        ("nothing", b""),
        ("no drawing", b"<html/>"),
        ("another namespace", b'<svg xmlns="http://example.org/x"/>'),
        (
            "an entity that grows",
            b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        ),
        ("a well without a bottom", f"{HEAD}{'<g>' * 3000}{'</g>' * 3000}</svg>".encode()),
        ("an entity from a file", b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///x">]><svg>&a;</svg>'),
    ],
)
def test_what_is_no_drawing_is_refused(why, content):
    with pytest.raises(InputError, match="SVG"):
        inline_svg(content, prefix="", label="")


def test_a_saved_figure_keeps_every_shape():
    svg = save(drawn(PLAIN, "evidence/a.html"), "svg")
    html = inline_svg(svg, prefix="f1-", label="L")
    for shape in ("path", "use", "g"):
        assert len(re.findall(rf"<{shape}[ />]", html)) == len(re.findall(rf"<{shape}[ />]", svg.decode()))
    ids = set(re.findall(r' id="([^"]+)"', html))
    references = set(re.findall(r'url\(#([^)]+)\)|<use href="#([^"]+)"', html))
    assert all(name.startswith("f1-") for name in ids)
    assert {one or other for one, other in references} <= ids


def test_two_figures_on_a_page_share_no_identifier_and_a_figure_is_always_the_same():
    svg = save(drawn(PLAIN, "#a"), "svg")
    one, other = (set(re.findall(r' id="([^"]+)"', image(svg, caption, alt="").html)) for caption in ("A", "B"))
    assert one and not one & other
    assert image(svg, "A", alt="x").html == image(svg, "A", alt="x").html


TAGS = st.sampled_from(
    ["g", "a", "text", "use", "path", "script", "style", "foreignObject", "set", "image", "A", "{x}g"]
)
KEYS = st.sampled_from(["href", f"{{{XLINK}}}href", "id", "style", "fill", "d", "onload", "onclick", "class", "src"])
VALUES = st.sampled_from(
    ["#x", "x", "url(#x)", "fill:url(#x)", "a.html#x", "javascript:x", "fill:url(//x)", "//x", "\"'>"]
)
ELEMENTS = st.recursive(
    st.builds(ElementTree.Element, TAGS.map(lambda tag: tag if tag[0] == "{" else f"{SVG}{tag}"),
              st.dictionaries(KEYS, VALUES, max_size=3)),
    lambda inner: st.builds(_grown, inner, st.lists(inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(ELEMENTS, max_size=3))
def test_whatever_is_drawn_the_page_gets_listed_elements_and_local_addresses(drawn_in):
    root = _grown(ElementTree.Element(f"{SVG}svg"), drawn_in)
    html = inline_svg(ElementTree.tostring(root), prefix="f-", label="L")
    for element in ElementTree.fromstring(html).iter():
        assert element.tag.removeprefix(SVG) in {"svg", "g", "a", "text", "use", "path", "image", "title"}
        assert not any(key.startswith("on") or key in ("class", "src") for key in element.attrib)
        values = " ".join(value for key, value in element.items() if key != "aria-label")
        assert "javascript" not in values and "//x" not in values.replace(SVG[1:-1], "")
        assert is_local(element.get("href", "#"))
