"""The sentences behind every number, as pages in ``evidence/`` beside a report.

Each function of :class:`Trail` writes the pages of one kind of number and gives the address of each: a mapping from
(outlet, measure), (outlet, target), (outlet, term) to ``evidence/PAGE.html#SECTION``. Where a notebook is run by hand
nothing is written, and there are no addresses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing.comparison import rows_of
from framing.comparison.measures import LOADED, OPENING
from framing.records import CATEGORIES, CUE_CLASSES, FRAMES
from framing.report.page import Evidence, Section, evidence_page
from framing.report.phrasing import amount, counted, named
from framing.report.render import slug
from framing.report.summary import told

if TYPE_CHECKING:
    import pandas as pd

# Sentences on a page.
PER_PAGE = 150
# Of a frame, so many articles of an outlet are shown.
_MOST_FRAMED = 15
# Of an article, so many sentences are at hand as its lead.
_LEAD = 6
_OWN, _QUOTED = "in its own voice", "in the voices it quotes"
Links = dict[tuple[str, str], str]


class Trail:
    """Evidence pages of scored tables under the folder ``out`` (empty: none are written)."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], out: str = "") -> None:
        self.tables, self.out = tables, out
        self.outlets = sorted(tables["articles"]["outlet"].unique())

    def loaded(self) -> Links:
        """The loaded sentences of each outlet by voice; under every measure of loaded language and terms."""
        sentences = self._sentences[self._sentences["loaded"] >= LOADED]
        sentences = sentences.sort_values(["loaded", "article_id", "sentence"], ascending=[False, True, True])
        found: Links = {}
        for outlet, mine in self._by_outlet(sentences):
            own, quoted = ([row for row in mine if self._is_loaded_in(row, voice)] for voice in ("author", "source"))
            parts = [
                Section(f"Loaded {_OWN}", self._loaded(own), _ordered(len(own), "sentence", "the most loaded"), "own"),
                Section(f"Loaded {_QUOTED}", self._loaded(quoted, "q"),
                        _ordered(len(quoted), "sentence", "the most loaded"), "quoted"),
            ]  # fmt: skip
            at = self._write("loaded", outlet, f"{named(outlet)}: loaded sentences", parts)
            own_too = ("loaded_rate_author", "loaded_terms_author", "loaded_rate", "loaded_terms")
            found |= _of(outlet, at, {**dict.fromkeys(own_too, "own"), "loaded_rate_source": "quoted"})
        return found

    def headlines(self) -> Links:
        """The headlines of each outlet, the most loaded first."""
        articles = self.tables["articles"]
        there = articles[articles["title"].fillna("").str.strip() != ""]
        there = there.sort_values(["headline_loaded", "article_id"], ascending=[False, True])
        found: Links = {}
        for outlet, mine in there.groupby("outlet", sort=True):
            lines = [self.headline(row, f"h{place}") for place, row in enumerate(rows_of(mine), 1)]
            part = Section("Headlines", lines, _ordered(len(lines), "headline", "the most loaded"), "all")
            at = self._write("headlines", str(outlet), f"{named(str(outlet))}: headlines", [part])
            found |= _of(str(outlet), at, {"loaded_headlines": "all"})
        return found

    def said(self) -> Links:
        """Who says what in each outlet, by the class of the cue."""
        found: Links = {}
        for outlet, mine in self._by_outlet(self._said(self.tables["attributions"])):
            # Of a class are those with a cue, whether or not it passes on anything: so the shares are counted.
            by_class: dict[str, list[Any]] = {name: [] for name in (*reversed(CUE_CLASSES), "no")}
            for row in mine:
                if isinstance(row.cue_text, str) or row.content_start == row.content_start:
                    by_class[row.cue_class if isinstance(row.cue_text, str) else "no"].append(row)
            parts = [
                Section(f"{name} cue" if name == "no" else f"{name} cues", self._attributed(rows, name),
                        f"{counted(len(rows), 'attribution')}.", name)
                for name, rows in by_class.items()
            ]  # fmt: skip
            at = self._write("said", outlet, f"{named(outlet)}: who says what", parts)
            found |= _of(outlet, at, {f"{name}_cues": name for name in CUE_CLASSES})
            found |= _of(outlet, at, dict.fromkeys(("attributed_share", "direct_quotes"), ""))
        return found

    def _said(self, attributions: pd.DataFrame) -> pd.DataFrame:
        """Attributions in the order of the articles, each with the sentence that it stands in."""
        return attributions.sort_values(["article_id", "attribution"]).merge(
            self._sentences[["article_id", "sentence", "text"]], on=["article_id", "sentence"]
        )

    def openings(self) -> Links:
        """How the articles of each outlet open."""
        first = self._sentences[self._sentences["sentence"] < OPENING]
        first = first.assign(speaks=(first["voice"] != "author"), name=first["source"].fillna(""))
        opened = first.groupby("article_id", sort=True).agg(
            text=("text", " ".join),
            speaks=("speaks", "any"),
            name=("name", lambda names: next(filter(None, names), "")),
        )
        opened = opened.reset_index()
        found: Links = {}
        for outlet, mine in self._by_outlet(opened):
            parts = [
                Section("A source speaks", self._opened([row for row in mine if row.speaks], "s"), "", "source"),
                Section("The outlet speaks", self._opened([row for row in mine if not row.speaks], "o"), "", "outlet"),
            ]
            at = self._write("openings", outlet, f"{named(outlet)}: how its articles open", parts)
            found |= _of(outlet, at, {"quoted_openings": "source"})
        return found

    def _opened(self, rows: Sequence[Any], prefix: str) -> list[Evidence]:
        return [
            Evidence(
                f"{prefix}{place}",
                row.text,
                (),
                self._origin(row.article_id),
                row.name and f"source: {named(row.name)}",
            )
            for place, row in enumerate(rows, 1)
        ]

    def stances(self, targets: Sequence[str], holder: str = "author") -> Links:
        """Mentions of each target by outlet, in the outlet's own voice or (``source``) in those it quotes."""
        rows = self.tables["stances"]
        kept = rows[(rows["holder"] == "author") == (holder == "author")]
        kept = kept.merge(self._sentences[["article_id", "sentence", "text"]], on=["article_id", "sentence"])
        found: Links = {}
        for number, target in enumerate(targets):
            mine = kept[kept["target"] == target].sort_values(["stance", "article_id", "sentence"])
            places = {name: f"o{place}" for place, name in enumerate(self.outlets)}
            parts = [
                Section(outlet, [
                    Evidence(f"{places[outlet]}-{place}", row.text, (), self._origin(row.article_id),
                             f"stance {amount(row.stance, 'stance', signed=True)} toward “{row.mention}”"
                             + ("" if holder == "author" else f", held by {named(row.holder)}"))
                    for place, row in enumerate(theirs, 1)
                ], "From the most negative to the most positive.", places[outlet])
                for outlet, theirs in self._by_outlet(mine)
            ]  # fmt: skip
            voice = _OWN if holder == "author" else _QUOTED
            at = self._write(f"stance-{holder}", target, f"{named(target)}: stance {voice}", parts, number)
            found |= {(part.heading, target): at[part.anchor] for part in parts if at[part.anchor]}
        return found

    def frames(self) -> Links:
        """The articles of each outlet in which each frame is strongest, with the sentences that carry it."""
        rows = self.tables["frames"]
        if "evidence" not in rows:
            return {}
        rows = rows.sort_values(["probability", "article_id"], ascending=[False, True])
        texts = self._sentences.set_index(["article_id", "sentence"])["text"].to_dict()
        found: Links = {}
        for outlet, mine in self._by_outlet(rows):
            parts = [
                Section(name.replace("_", " "), [
                    Evidence(f"{name}{place}", " […] ".join(_carriers(row, texts)), (), self._origin(row.article_id),
                             f"probability {row.probability:.0%}")
                    for place, row in enumerate([row for row in mine if row.frame == name][:_MOST_FRAMED], 1)
                ], f"The articles with the highest probability, {_MOST_FRAMED} at most.", name)
                for name in FRAMES
            ]  # fmt: skip
            at = self._write("frames", outlet, f"{named(outlet)}: generic frames", parts)
            found |= _of(outlet, at, {f"frame_{name}": name for name in FRAMES})
        return found

    def terms(self, terms: pd.DataFrame) -> Links:
        """Where each outlet uses each of its distinctive ``terms`` (group, term) in its own voice."""
        used = self.tables["loaded_terms"]
        used = used[used["voice"] == "author"].assign(key=used["term"].str.lower().str.split().str.join(" "))
        used = used.drop_duplicates(["article_id", "sentence", "key"])
        used = used[["article_id", "sentence", "key"]].merge(self._sentences, on=["article_id", "sentence"])
        found: Links = {}
        by_outlet = dict(self._by_outlet(used))
        for outlet, own in terms.groupby("group", sort=True):
            mine = _by([one.key for one in by_outlet[str(outlet)]], by_outlet[str(outlet)])
            parts = [
                Section(row.term, self._loaded(mine[row.term], f"t{place}-"), row.category, f"t{place}")
                for place, row in enumerate(rows_of(own), 1)
            ]
            at = self._write("terms", str(outlet), f"{named(str(outlet))}: its distinctive loaded terms", parts)
            found |= {(str(outlet), part.heading): at[part.anchor] for part in parts if at[part.anchor]}
        return found

    def sources(self, sources: pd.DataFrame) -> Links:
        """What each outlet's ``sources`` (outlet, source) are reported to say."""
        by_outlet = dict(self._by_outlet(self._said(told(self.tables["attributions"]))))
        found: Links = {}
        for outlet, own in sources.groupby("outlet", sort=True):
            mine = _by([one.source for one in by_outlet[str(outlet)]], by_outlet[str(outlet)])
            parts = [
                Section(row.source, self._attributed(mine[row.source], f"s{place}-"), "", f"s{place}")
                for place, row in enumerate(rows_of(own), 1)
            ]
            at = self._write("sources", str(outlet), f"{named(str(outlet))}: its sources", parts)
            found |= {(str(outlet), part.heading): at[part.anchor] for part in parts if at[part.anchor]}
        return found

    def story(self, number: int, title: str, versions: Sequence[Section]) -> str:
        """One page on a story, whatever its length; returns its address."""
        if not self.out:
            return ""
        file = f"story-{number:03d}-{slug(title, 40)}.html"
        folder = Path(self.out) / "evidence"
        folder.mkdir(parents=True, exist_ok=True)
        told = "The same story, outlet by outlet: headline, first sentences, loaded terms."
        html = evidence_page(title, told, versions, side_by_side=True)
        (folder / file).write_text(html, encoding="utf-8", newline="\n")
        return f"evidence/{file}"

    def lead(self, article: str, first: int) -> list[Any]:
        """The first sentences of an article, as rows of the sentences table."""
        return self._leads.get(article, [])[:first]

    @cached_property
    def _leads(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for row in rows_of(self._sentences[self._sentences["sentence"] < _LEAD]):
            found.setdefault(row.article_id, []).append(row)
        return found

    def headline(self, row: Any, anchor: str) -> Evidence:
        """The headline of a row of the articles table, with its loaded terms marked."""
        marks = [(start, end, self._categories.get(row.title[start:end].lower(), CATEGORIES[0]))
                 for start, end in _found(row.title, row.headline_terms)]  # fmt: skip
        return Evidence(anchor, row.title, marks, _dated(row), f"headline, loaded {row.headline_loaded:.0%}")

    @cached_property
    def _sentences(self) -> pd.DataFrame:
        return self.tables["sentences"]

    @cached_property
    def _categories(self) -> dict[str, str]:
        """The commonest category of each loaded term; of terms in headlines no other is known."""
        terms = self.tables["loaded_terms"]
        sizes = (
            terms.assign(term=terms["term"].str.lower()).groupby(["term", "category"]).size().sort_values(kind="stable")
        )
        return dict(sizes.index)

    @cached_property
    def _marks(self) -> dict[tuple[str, int], list[Any]]:
        """The loaded terms of every sentence that has any."""
        found: dict[tuple[str, int], list[Any]] = {}
        for term in rows_of(self.tables["loaded_terms"]):
            found.setdefault((term.article_id, term.sentence), []).append(term)
        return found

    @cached_property
    def _articles(self) -> dict[str, Any]:
        return {row.article_id: row for row in rows_of(self.tables["articles"])}

    def _is_loaded_in(self, sentence: Any, voice: str) -> bool:
        """Whether a loaded sentence counts in that voice, as :func:`framing.tables.loaded_counts` counts it."""
        terms = self._marks.get((sentence.article_id, sentence.sentence), ())
        if sentence.voice != "mixed":
            return bool(sentence.voice == voice)
        return not terms or any(term.voice == voice for term in terms)

    def _by_outlet(self, rows: pd.DataFrame) -> list[tuple[str, list[Any]]]:
        """The rows of each outlet, in their order; outlets by name."""
        found: dict[str, list[Any]] = {}
        for row in rows_of(rows):
            found.setdefault(self._articles[row.article_id].outlet, []).append(row)
        return sorted(found.items())

    def _loaded(self, rows: Sequence[Any], prefix: str = "s") -> list[Evidence]:
        return [self.sentence(row, f"{prefix}{place}") for place, row in enumerate(rows, 1)]

    def sentence(self, row: Any, anchor: str) -> Evidence:
        """A row of the sentences table with its loaded terms marked."""
        terms = self._marks.get((row.article_id, row.sentence), ())
        marks = [(term.start - row.start, term.end - row.start, term.category) for term in terms]
        words = ", ".join(f"{row.text[a:b]} ({category})" for a, b, category in marks)
        speaker = {"author": "own voice", "mixed": "own voice and a source’s"}.get(row.voice, "a source’s voice")
        name = f": {named(row.source)}" if row.voice != "author" and isinstance(row.source, str) else ""
        wording = "; no term stands out: the wording as a whole" if row.loaded >= LOADED else ""
        note = f"loaded {row.loaded:.0%}; {speaker}{name}" + (f"; terms: {words}" if words else wording)
        return Evidence(anchor, row.text, marks, self._origin(row.article_id), note)

    def _attributed(self, rows: Sequence[Any], prefix: str) -> list[Evidence]:
        found = []
        for place, row in enumerate(rows, 1):
            who = named(row.source) if isinstance(row.source, str) else "not named"
            cue = f"; cue “{row.cue_text}” ({row.cue_class})" if isinstance(row.cue_text, str) else "; no cue"
            note = f"source: {who}{cue}; {row.kind}"
            found.append(Evidence(f"{prefix}{place}", row.text, (), self._origin(row.article_id), note))
        return found

    def _origin(self, article: str) -> str:
        return _dated(self._articles[article], self._articles[article].title)

    def _write(
        self, kind: str, name: str, title: str, parts: Sequence[Section], number: int | None = None
    ) -> dict[str, str]:
        """Pages of a few sentences each; returns the address of every section, and under "" that of the first page."""
        if not self.out or not parts:
            return dict.fromkeys(["", *(part.anchor for part in parts)], "")
        place = self.outlets.index(name) if number is None else number
        stem = f"{kind}-{place + 1:02d}-{slug(name, 24)}"
        pages = _paged(parts)
        files = [f"{stem}.html" if k == 0 else f"{stem}-{k + 1}.html" for k in range(len(pages))]
        folder = Path(self.out) / "evidence"
        folder.mkdir(parents=True, exist_ok=True)
        at = dict.fromkeys(["", *(part.anchor for part in parts)], f"evidence/{files[0]}")
        for k, (file, sections) in enumerate(zip(files, pages, strict=True)):
            where = f"Page {k + 1} of {len(pages)}." if len(pages) > 1 else ""
            html = evidence_page(
                title,
                where,
                sections,
                previous=files[k - 1] if k else "",
                next=files[k + 1] if k + 1 < len(files) else "",
            )
            (folder / file).write_text(html, encoding="utf-8", newline="\n")
            at |= {
                part.anchor: f"evidence/{file}#{part.anchor}"
                for part in sections
                if "#" not in at.get(part.anchor, "#")
            }
        return at


def _of(outlet: str, at: Mapping[str, str], measures: Mapping[str, str]) -> Links:
    """Addresses by outlet and measure; none where no page was written."""
    return {(outlet, measure): at[section] for measure, section in measures.items() if at[section]}


def _paged(parts: Sequence[Section]) -> list[list[Section]]:
    """Sections cut so that no page has more than ``PER_PAGE`` sentences; an empty section stands as such."""
    pages: list[list[Section]] = [[]]
    room = PER_PAGE
    for part in parts:
        rest, first = list(part.sentences), True
        while rest or first:
            if not room and rest:
                pages.append([])
                room = PER_PAGE
            heading = part.heading if first else f"{part.heading}, continued"
            pages[-1].append(Section(heading, rest[:room], part.intro if first else "", part.anchor))
            rest, room, first = rest[room:], room - len(rest[:room]), False
    return pages


def _dated(row: Any, title: str = "") -> str:
    date = row.date[:10] if isinstance(row.date, str) else ""
    return ", ".join(part for part in (title if isinstance(title, str) else "", date) if part)


def _by(keys: Sequence[str], rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key, row in zip(keys, rows, strict=True):
        found.setdefault(key, []).append(row)
    return found


def _ordered(number: int, noun: str, first: str) -> str:
    return f"{counted(number, noun)}{f', {first} first' if number > 1 else ''}."


def _found(text: str, terms: object) -> list[tuple[int, int]]:
    """Where the listed terms of a headline stand in it."""
    places = []
    at = 0
    for term in json.loads(terms) if isinstance(terms, str) and terms else ():
        start = text.find(term, at)
        if start >= 0:
            at = start + len(term)
            places.append((start, at))
    return places


def _carriers(row: Any, texts: Mapping[Any, str]) -> list[str]:
    numbers = json.loads(row.evidence) if isinstance(row.evidence, str) else []
    return [texts[row.article_id, number] for number in numbers if (row.article_id, number) in texts]
