"""One scoring run: a corpus in, a folder of tables out, every article accounted for."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from framing.analysis import Analysis, analyze_many
from framing.corpus import read_articles
from framing.engines import DEFAULT_ENGINE, get_engine
from framing.entities import Targets
from framing.lexicon import Lexicon, default_cues, default_lexicon
from framing.records import Article, Corpus, Quarantined
from framing.storage import MANIFEST, whole_folder
from framing.tables import write_tables

# The packages whose versions can move a number.
_VERSIONED = ("framing", "numpy", "pandas", "scikit-learn", "scipy", "sentencex", "textblob", "pyarrow")
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
    csv: bool = False,
    quiet: bool = False,
) -> Outcome:
    """Read a corpus, score it, and leave its tables, quarantine and manifest in the folder ``out``.

    The folder is complete or absent; articles read = articles scored + quarantined.
    """
    corpus = read_articles(source, columns=columns)
    outcome = Outcome(quarantined=list(corpus.quarantined), notes=list(corpus.notes), read=corpus.read)

    def failed(article: Article, reason: str) -> None:
        outcome.quarantined.append(Quarantined(place=f"article {article.id}", reason=reason, id=article.id))

    with whole_folder(out) as folder:
        analyses = analyze_many(
            progress(corpus, quiet=quiet),
            targets,
            engine=engine,
            lexicon=lexicon,
            batch_size=batch_size,
            jobs=jobs,
            timeout=timeout,
            on_failure=failed,
        )
        outcome.rows = write_tables(_watched(analyses, outcome), folder, csv=csv)
        lines = (
            json.dumps({"row": q.place, "id": q.id, "reason": q.reason}, ensure_ascii=True) for q in outcome.quarantined
        )
        (folder / "quarantine.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        outcome.manifest = {
            **signature(engine, lexicon),
            "input": {"file": source.name, "columns": dict(columns or {})},
            "targets": dict(targets.aliases) if targets else None,
            "counts": {
                "read": outcome.read,
                "scored": outcome.rows["articles"],
                "quarantined": len(outcome.quarantined),
            },
            "rows": outcome.rows,
            "notes": outcome.notes,
        }
        (folder / MANIFEST).write_text(json.dumps(outcome.manifest, indent=1) + "\n", encoding="utf-8")
    return outcome


def signature(engine: str = DEFAULT_ENGINE, lexicon: Lexicon | None = None) -> dict[str, Any]:
    """Which instrument these numbers come from: versions, engine, and checksums of models and lexicons."""
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _VERSIONED}},
        **get_engine(engine).signature,
        "lexicon": (lexicon or default_lexicon()).signature,
        "cues": default_cues().signature,
    }


def progress(corpus: Corpus, *, quiet: bool) -> Iterable[Article]:
    """The corpus, with a bar on standard error once two seconds have passed."""
    return tqdm(corpus.articles, unit="article", file=sys.stderr, disable=quiet, delay=2, leave=False)


def _watched(analyses: Iterable[Analysis], outcome: Outcome) -> Iterator[Analysis]:
    for analysis in analyses:
        if analysis.known_words < KNOWN_ENOUGH:
            outcome.notes.append(
                f"article {analysis.article.id}: only {analysis.known_words:.0%} of its words are known to the engine; "
                "its scores mean little (another language?)"
            )
        yield analysis


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
