"""Whole pages: a report, the evidence beside it, and the list of all runs.

A page is one file: it holds its style sheet, its figures and one small script, which sorts and filters tables. Its
Content-Security-Policy lets nothing else run and nothing be requested. Without the script all of it can be read.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import unescape
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from framing.errors import InputError
from framing.highlight import Mark, storable, stylesheet
from framing.report.render import FINDINGS, MIME, Fragment, escaped, local, marked, slug

# More files than this are folded, by folder.
_MANY = 12
# So many findings of a run are in the list of all runs.
_FINDINGS = 3
_ANCHOR = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that carries a number: ``marks`` are ``(start, end, category)`` of its loaded terms in the text.

    ``anchor`` is its address on the page (a letter, then letters, digits, ``_.-``); ``origin`` says where it stands,
    ``note`` what was measured in it.
    """

    anchor: str
    text: str
    marks: Sequence[tuple[int, int, str]] = ()
    origin: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under one heading, with a line on what they have in common."""

    heading: str
    sentences: Sequence[Evidence]
    intro: str = ""
    anchor: str = ""


def page(notebook: Any, *, title: str, facts: Mapping[str, str], downloads: Sequence[str] = ()) -> str:
    """An executed notebook as one self-contained HTML page: prose and results, no code.

    ``facts`` stand under the title; ``downloads`` are paths beside the page.
    """
    markdown = _Markdown()
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(markdown(cell.source))
        elif cell.cell_type == "code":
            parts += [shown for output in cell.get("outputs", []) if (shown := _output(output))]
    few, groups = _grouped(downloads)
    return _rendered(
        "report.html",
        title=title,
        facts=facts,
        contents=[heading for heading in markdown.headings if heading["level"] == 2],
        body=_markup("\n".join(parts)),
        downloads=few,
        groups=groups,
    )


def evidence_page(
    title: str,
    intro: str,
    sections: Sequence[Section],
    *,
    previous: str = "",
    next: str = "",
    back: str = "../report.html",
    side_by_side: bool = False,
) -> str:
    """Sentences behind a number, as a page that lies in ``evidence/`` beside ``report.html``.

    ``previous``, ``next`` and ``back`` are addresses of other pages, empty for none. A sentence is reached by its
    anchor, a section by its own. ``side_by_side`` sets the sections beside one another where there is room.

    Raises :class:`~framing.errors.InputError` for an address that leaves the report, and for an anchor that is
    malformed or there twice.
    """
    headed = [(section.anchor or f"section-{number}", section) for number, section in enumerate(sections, start=1)]
    # The page itself has the anchor "report".
    sentences = [one.anchor for section in sections for one in section.sentences]
    _check_anchors(["report", *(anchor for anchor, _ in headed), *sentences])
    ways = [(back, "Back to the report", ""), (previous, "Previous page", "prev"), (next, "Next page", "next")]
    return _rendered(
        "evidence.html",
        title=title,
        side_by_side=side_by_side,
        intro=[line for line in intro.split("\n") if line.strip()],
        sections=[
            {
                "heading": section.heading,
                "anchor": anchor,
                "intro": section.intro,
                "count": len(section.sentences),
                "sentences": _markup("\n".join(map(_item, section.sentences))),
            }
            for anchor, section in headed
        ],
        ways=[{"href": local(href), "words": words, "rel": rel} for href, words, rel in ways if href],
    )


def beside(stories: Sequence[tuple[str, Sequence[Section]]]) -> Fragment:
    """Sections under a heading each, side by side where there is room: one story as several outlets tell it.

    Of every section the first sentence stands as its headline, the others as its lead.
    """
    parts = []
    for heading, versions in stories:
        cards = []
        for one in versions:
            first, *lead = one.sentences
            body = "".join(f"<p>{_sentence(line)}</p>" for line in lead)
            cards.append(
                f'<li><p class="fr-outlet">{escaped(one.heading)}</p><p class="fr-title">{_sentence(first)}</p>{body}'
                f'<p class="fr-origin">{escaped(one.intro)}</p></li>'
            )
        parts.append(f'<h3>{escaped(heading)}</h3><ul class="fr-beside framing">{"".join(cards)}</ul>')
    texts = [line.text for _, versions in stories for one in versions for line in one.sentences]
    return Fragment("".join(parts) or "<p>none</p>", "\n".join(texts))


def index(runs: Sequence[Mapping[str, Any]], failed: Sequence[Mapping[str, str]] = ()) -> str:
    """The page that lists all runs, newest first as they are given: report, as_of, title, hash, link, findings.

    The first run of each report stands at the head; ``failed`` runs (name, link) at the foot.
    """
    shown = [{**run, "findings": list(run.get("findings", ()))[:_FINDINGS]} for run in runs]
    latest: dict[str, Mapping[str, Any]] = {}
    for run in shown:
        latest.setdefault(run["report"], run)
    return _rendered(
        "index.html",
        runs=shown,
        latest=sorted(latest.values(), key=lambda run: str(run["report"])),
        any_found=any(run["findings"] for run in shown),
        failed=failed,
    )


def findings(notebook: Any) -> list[str]:
    """What an executed notebook found, from its :func:`~framing.report.render.headline`; empty where it has none."""
    found = (output.get("data", {}).get(FINDINGS) for cell in notebook.cells for output in cell.get("outputs", []))
    return [str(line) for one in found if isinstance(one, dict) for line in one.get("findings", [])]


@cache
def policy() -> str:
    """The Content-Security-Policy of every page: nothing is loaded, and no script runs but the page's own."""
    digest = b64encode(sha256(_script().encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _check_anchors(anchors: Sequence[str]) -> None:
    seen: set[str] = set()
    for anchor in filter(None, anchors):
        if not _ANCHOR.fullmatch(anchor):
            raise InputError(f"anchor {anchor!r}; valid: a letter, then letters, digits and '_.-', such as 's12'")
        if anchor in seen:
            raise InputError(f"anchor {anchor!r} is there twice; give every sentence and section one of its own")
        seen.add(anchor)


def _item(one: Evidence) -> str:
    """A sentence as an item of a list, with its origin and note below it."""
    below = "<br>".join(escaped(line) for line in (one.origin, one.note) if line)
    anchor = f' id="{one.anchor}"' if one.anchor else ""
    return f"<li{anchor}><blockquote>{_sentence(one)}</blockquote>" + (
        f'<p class="fr-origin">{below}</p></li>' if below else "</li>"
    )


def _sentence(one: Evidence) -> str:
    return marked(one.text, [Mark(start, end, "term", kind, f"loaded: {kind}") for start, end, kind in one.marks])


def _grouped(paths: Sequence[str]) -> tuple[Sequence[str], dict[str, list[str]]]:
    """Few files as they are; many by their folder, those beside the page first."""
    if len(paths) <= _MANY:
        return paths, {}
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(PurePosixPath(path).parent.as_posix(), []).append(path)
    return groups.pop(".", []), groups


class _Markdown:
    """Prose cells to HTML. Raw HTML in them is escaped; headings get anchors and are collected."""

    def __init__(self) -> None:
        import mistune

        self.headings: list[dict[str, Any]] = []
        outer = self

        class Renderer(mistune.HTMLRenderer):
            def heading(self, text: str, level: int, **attributes: Any) -> str:
                plain = re.sub(r"<[^>]*>", "", text)
                anchor = f"{slug(unescape(plain))}-{len(outer.headings) + 1}"
                # The page has its own h1: the notebook's is dropped.
                if level == 1:
                    return ""
                outer.headings.append({"anchor": anchor, "text": _markup(plain), "level": level})
                return f'<h{level} id="{anchor}">{text}</h{level}>\n'

        self._render = mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])

    def __call__(self, source: str) -> str:
        return str(self._render(source))


def _output(output: Any) -> str:
    """One output of a code cell. Only our own fragments are taken as HTML."""
    if output.output_type == "stream":
        return f"<pre>{escaped(output.text)}</pre>" if output.name == "stdout" and output.text.strip() else ""
    data = output.get("data", {})
    if MIME in data:
        return f'<div class="fr-output">{_join(data[MIME])}</div>'
    if "image/png" in data:
        return f'<img src="data:image/png;base64,{escaped(_join(data["image/png"]).strip())}" alt="figure">'
    return f"<pre>{escaped(_join(data['text/plain']))}</pre>" if "text/plain" in data else ""


def _join(value: Any) -> str:
    return value if isinstance(value, str) else "".join(value)


def _rendered(name: str, **values: Any) -> str:
    """A template filled in. Every value is escaped by it, unless it is a fragment made here."""
    return storable(_template(name).render(policy=policy(), styles=_styles(), script=_markup(_script()), **values))


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        loader=FunctionLoader(_resource),
    )  # fmt: skip
    return environment.get_template(name)


@cache
def _styles() -> Any:
    return _markup(_resource("report.css") + stylesheet())


@cache
def _script() -> str:
    return _resource("tables.js")


def _resource(name: str) -> str:
    return files("framing").joinpath("resources", "templates", name).read_text("utf-8")


def _markup(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)  # only ever our own style sheets, script and fragments, escaped where they were made
