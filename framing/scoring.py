"""One scoring run: a corpus in, a folder of tables out, every article accounted for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from framing.analysis import Analysis, analyze_many
from framing.corpus import read_articles
from framing.engines import DEFAULT_ENGINE
from framing.entities import Targets
from framing.errors import InputError
from framing.events import FOUND, with_events
from framing.lexicon import Lexicon
from framing.records import Article, Quarantined
from framing.signature import signature
from framing.storage import MANIFEST, whole_folder
from framing.store import SCORES, is_corpus
from framing.store.records import Selection
from framing.stored_scores import scored_arrow
from framing.tables import TABLES, write_arrow, write_tables

# An article with a lower share of known words is named in the run's notes.
KNOWN_ENOUGH = 0.5


@dataclass
class Outcome:
    """What a scoring run did: counts, the quarantine, and what a reader of the tables should know."""

    rows: dict[str, int] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    read: int = 0
    manifest: dict[str, Any] = field(default_factory=dict)

    def accounts(self) -> dict[str, Any]:
        """Where every article went, and the rows that came of them, as the manifest has it."""
        counts = {"read": self.read, "scored": self.rows["articles"], "quarantined": len(self.quarantined)}
        return {"counts": counts, "rows": self.rows, "notes": self.notes}


def score_corpus(
    source: Path,
    out: Path,
    *,
    columns: Mapping[str, str] | None = None,
    targets: Targets | None = None,
    engine: str = DEFAULT_ENGINE,
    lexicon: Lexicon | None = None,
    batch_size: int = 32,
    jobs: int = 1,
    timeout: float = 300.0,
    events: str = FOUND,
    scores: str | Path = "",
    select: Selection | None = None,
    csv: bool = False,
    quiet: bool = False,
) -> Outcome:
    """Read a corpus, score it, and leave its tables, quarantine and manifest in the folder ``out``.

    The folder is complete or absent; articles read = articles scored + quarantined. ``events`` says where stories come
    from, as in :func:`framing.events.with_events`; copies are found in any case. With a folder ``scores`` what it
    holds is not scored again, and all tables are in memory at once; without it they are streamed. The scores of a
    corpus folder are kept in it, unless ``scores`` names another place. ``select`` is as in
    :func:`framing.corpus.read_articles`.

    Raises :class:`~framing.errors.InputError` for an input that cannot be used, for a column of events that is not
    there, and where ``scores`` lies within ``out``, which is replaced as a whole.
    """
    if not scores and is_corpus(source):
        scores = source / SCORES
    if scores and Path(scores).resolve().is_relative_to(Path(out).resolve()):
        raise InputError(
            f"scores cannot be kept within {str(out)!r}, which is replaced as a whole; name another folder"
        )
    corpus = read_articles(source, columns=columns, select=select)
    articles = with_events(corpus.articles, events)
    outcome = Outcome(quarantined=list(corpus.quarantined), notes=list(corpus.notes), read=corpus.read)

    def failed(article: Article, reason: str) -> None:
        outcome.quarantined.append(Quarantined(place=f"article {article.id}", reason=reason, id=article.id))

    options: dict[str, Any] = {"engine": engine, "lexicon": lexicon, "batch_size": batch_size, "jobs": jobs,
                               "timeout": timeout, "on_failure": failed}  # fmt: skip
    with whole_folder(out) as folder:
        if scores:
            shown = partial(progress, quiet=quiet)
            found = scored_arrow(articles, targets, folder=scores, notes=outcome.notes, progress=shown, **options)
            known = [found["articles"][name].to_pylist() for name in ("article_id", "known_words")]
            outcome.notes += filter(None, map(_unknown, *known))
            outcome.rows = write_arrow(found, folder, csv=TABLES if csv else ())
        else:
            analyses = analyze_many(progress(articles, quiet=quiet), targets, **options)
            outcome.rows = write_tables(_watched(analyses, outcome), folder, csv=csv)
        selection = {"selection": asdict(select)} if select else {}
        outcome.manifest = {
            **signature(engine, lexicon),
            "input": {"file": source.resolve().name, "columns": dict(columns or {}), **selection},
            "targets": dict(targets.aliases) if targets else None,
            "events": {"from": events, **counted(articles)},
            **outcome.accounts(),
        }
        _write_accounts(folder, outcome)
    return outcome


def _write_accounts(folder: Path, outcome: Outcome) -> None:
    """What was set aside, a line each, and the manifest."""
    lines = (
        json.dumps({"row": q.place, "id": q.id, "reason": q.reason}, ensure_ascii=True) for q in outcome.quarantined
    )
    (folder / "quarantine.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    (folder / MANIFEST).write_text(json.dumps(outcome.manifest, indent=1) + "\n", encoding="utf-8")


def counted(articles: Iterable[Article]) -> dict[str, int]:
    """How many stories and copies there are among articles that went through ``with_events``."""
    told = [article.extra for article in articles]
    return {
        "stories": len({extra["event"] for extra in told if extra["event"]}),
        "copies": sum(bool(extra["copy_of"]) for extra in told),
    }


def progress(articles: Sequence[Article], *, quiet: bool) -> Iterable[Article]:
    """The articles, with a bar on standard error once two seconds have passed."""
    return tqdm(articles, unit="article", file=sys.stderr, disable=quiet, delay=2, leave=False)


def _watched(analyses: Iterable[Analysis], outcome: Outcome) -> Iterator[Analysis]:
    for analysis in analyses:
        if note := _unknown(analysis.article.id, analysis.known_words):
            outcome.notes.append(note)
        yield analysis


def _unknown(identity: str, known: float) -> str:
    """A note on an article whose words the engine does not know; empty where it knows enough of them."""
    if known >= KNOWN_ENOUGH:
        return ""
    return (
        f"article {identity}: only {known:.0%} of its words are known to the engine; "
        "its scores mean little (another language?)"
    )
