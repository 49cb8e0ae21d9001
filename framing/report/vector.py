"""Figures as part of the page: an SVG file becomes markup that can run nothing and load nothing.

The file is not trusted, though a figure is drawn by this package: names from the input stand in it. It is parsed and
written anew from the elements, attributes and values listed here; whatever is not listed is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from xml.etree import ElementTree

from framing.errors import InputError

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# title and desc are made here, style would reach beyond its figure, and foreignObject holds HTML.
_ELEMENTS = _words(
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan clipPath",
    "linearGradient radialGradient stop pattern image a",
)
_TEXT = frozenset({"text", "tspan"})
# What may stand as an attribute of its own and within style="".
_PAINT = _words(
    "fill fill-opacity fill-rule opacity clip-path clip-rule stop-color stop-opacity image-rendering visibility",
    "stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray",
    "stroke-dashoffset font font-family font-size font-weight font-style font-stretch font-variant text-anchor",
    "dominant-baseline",
)
_PLACE = _words(
    "d points transform x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height viewBox preserveAspectRatio offset",
    "gradientUnits gradientTransform spreadMethod clipPathUnits patternUnits patternContentUnits patternTransform",
)
_PROLOG = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!DOCTYPE[^<>\[\]]*>)?")
# What XML forbids: control characters, which a name in a figure's comments may hold.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_OWN = re.compile(r"""url\(\s*['"]?#([^'")\s]*)['"]?\s*\)""")
# Numbers, names, paths, colours, transforms: no colon, no slash, no backslash, no semicolon.
_VALUE = re.compile(r"[\w .,%#+()'\"-]*", re.ASCII)
_PNG = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=\s]+")
_HREF = re.compile(r"(?!//)(?:[\w.~%-]+/)*[\w.~%-]*(?:#[\w.~%-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Place:
    """The figure as a part of its page: how its identifiers begin, the words of its links, the links already made."""

    prefix: str
    links: Mapping[str, str]
    made: set[str] = field(default_factory=set)


def is_local(href: str) -> bool:
    """Whether an address is a fragment or a relative path, and so leads nowhere but to the files of the report."""
    return bool(href) and _HREF.fullmatch(href) is not None


def inline_svg(svg: bytes, *, prefix: str, label: str, links: Mapping[str, str] | None = None) -> str:
    """An SVG file as an element of an HTML page: as wide as its place, spoken as ``label``.

    Each id and each reference to one gets ``prefix``, so that several figures can live on one page. Links stay where
    :func:`is_local`; ``links`` has the words that speak for an address, which else speaks for itself. Of several
    shapes that lead to one address the first is reached by key and spoken; the pointer reaches all.

    Raises :class:`~framing.errors.InputError` for bytes that are not an SVG document, that declare entities, or
    that nest without measure.
    """
    root = _parse(svg)
    box = _value(root.get("viewBox", ""), prefix) or _box(root)
    try:
        place = _Place(prefix, links or {})
        body = "".join(_written(child, place) for child in root)
    except RecursionError as error:
        raise InputError("an SVG file whose elements are nested too deeply; figures are a dozen levels deep") from error
    role = "group" if "<a href=" in body else "img"
    size = f' viewBox="{box}"' if box else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%"{size} style="max-width:54rem" '
        f'stroke-linejoin="round" role="{role}" aria-label="{escape(label)}">{body}</svg>'
    )


def _parse(svg: bytes) -> ElementTree.Element:
    text = _FORBIDDEN.sub("\ufffd", svg.decode("utf-8", "replace").removeprefix("\ufeff"))
    text = text[prolog.end() :] if (prolog := _PROLOG.match(text)) else text
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError("an SVG file that declares entities; save the figure without a document type")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise InputError(f"not an SVG file: {error}; figures come from framing.figures.save(figure, 'svg')") from error
    if root.tag not in (f"{_SVG}svg", "svg"):
        raise InputError(f"not an SVG file: its root is {root.tag!r}, not 'svg'")
    return root


def _box(root: ElementTree.Element) -> str:
    """The view box of a drawing that has only a size."""
    sizes = [re.fullmatch(r"(\d+(?:\.\d+)?)(?:px|pt)?", root.get(name, "")) for name in ("width", "height")]
    return f"0 0 {sizes[0][1]} {sizes[1][1]}" if sizes[0] and sizes[1] else ""


def _written(element: ElementTree.Element, place: _Place) -> str:
    """An element and what is in it, or nothing. A link that leads outside leaves what it held."""
    name = str(element.tag).removeprefix(_SVG)
    if name not in _ELEMENTS:
        return ""
    inner = "".join(_content(element, name, place))
    if name == "a":
        href = _target(element)
        return _link(href, inner, place) if is_local(href) else inner
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in _attributes(element, name, place.prefix))
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


def _content(element: ElementTree.Element, name: str, place: _Place) -> Iterator[str]:
    spoken = name in _TEXT
    if spoken and element.text:
        yield escape(element.text)
    for child in element:
        yield _written(child, place)
        if spoken and child.tail:
            yield escape(child.tail)


def _link(href: str, inner: str, place: _Place) -> str:
    words = escape(place.links.get(href) or href)
    again = ' tabindex="-1" aria-hidden="true"' if href in place.made else f' aria-label="{words}"'
    place.made.add(href)
    return f'<a href="{escape(href)}"{again}><title>{words}</title>{inner}</a>'


def _target(element: ElementTree.Element) -> str:
    return (element.get("href") or element.get(f"{_XLINK}href") or "").strip()


def _attributes(element: ElementTree.Element, name: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The listed attributes of an element; ids and references to them with their prefix."""
    if _ID.fullmatch(identity := element.get("id", "")):
        yield "id", prefix + identity
    target = _target(element)
    if name == "image" and _PNG.fullmatch(target):
        yield "href", target
    elif name != "image" and target.startswith("#") and _ID.fullmatch(target[1:]):
        yield "href", f"#{prefix}{target[1:]}"
    for key, value in element.items():
        if (key in _PLACE or key in _PAINT) and (safe := _value(value, prefix)):
            yield key, safe
        elif key == "style" and (style := _style(value, prefix)):
            yield key, style


def _style(value: str, prefix: str) -> str:
    """The listed declarations of a style attribute."""
    kept = []
    for declaration in value.split(";"):
        name, _, setting = declaration.partition(":")
        if name.strip() in _PAINT and (safe := _value(setting, prefix)):
            kept.append(f"{name.strip()}:{safe}")
    return ";".join(kept)


def _value(value: str, prefix: str) -> str:
    """A value with its references renamed, or nothing where it is more than numbers, names and such references."""
    value = " ".join(value.split())
    outside = _OWN.sub("", value)
    if not _VALUE.fullmatch(outside) or "url" in outside.lower():
        return ""
    if not all(_ID.fullmatch(name) for name in _OWN.findall(value)):
        return ""
    return _OWN.sub(lambda match: f"url(#{prefix}{match[1]})", value)
