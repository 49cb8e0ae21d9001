"""What the instrument costs: time, memory, and what storing its model in 8 bits loses."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from framing.analysis import analyze, analyze_many
from framing.benchmark.baselines import sentiment
from framing.records import Article
from framing.scoring import score_corpus
from framing.segment import segment
from framing.training.held_out import MODELS
from framing.training.readers import read_polnear

ARTICLE_WORDS = 800
CARD = "card.json"
_WARM_RUNS, _COLD_RUNS = 9, 3
_MEMORY_ARTICLES = 32
# A fresh process that scores the texts it is given and says how much memory it needed at most. `VmHWM` is asked first:
# on Linux `ru_maxrss` of a child counts what its parent held when it was started.
_FRESH = """
import json, sys
import framing
articles = [framing.Article(id=str(k), text=text) for k, text in enumerate(json.load(sys.stdin))]
list(framing.analyze_many(articles, engine=sys.argv[1]))
try:
    status = open("/proc/self/status").read()
    print(int(status.split("VmHWM:")[1].split()[0]) * 1024)
except (OSError, IndexError):
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def speed(data: Path, engine: str) -> dict[str, Any]:
    """The whole analysis of PolNeAR dev articles: sentences a second, one article, a fresh start, memory.

    ``sentences_per_second`` is of CPU time, TextBlob and VADER on the same sentences beside it;
    ``sentences_per_second_wall`` of the clock, and ``files_to_tables`` too, which reads them from a file and leaves the
    tables of a run. ``article_ms``: one article of about 800 words by a loaded engine
    (clock, median); ``cold_start_s``: the same article by a fresh process, its start included; ``peak_memory_mb``:
    the most memory that a fresh process holds which scores 32 articles. The clock's figures and the memory depend on
    the machine and on what else it does.
    """
    articles = [Article(id=a.id, text=a.text) for a in read_polnear(data, "dev")]
    list(analyze_many(articles[:8], engine=engine))
    sentences: list[str] = []
    cpu, wall = time.process_time(), time.perf_counter()
    for analysis in analyze_many(articles, engine=engine):
        sentences += [sentence.text for sentence in analysis.sentences]
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    figures = {"framing": len(sentences) / max(cpu, 1e-9)}
    for name, score in sentiment().items():
        figures[name] = len(sentences) / _cpu_seconds(score, sentences)
    text = article_of(sentences, ARTICLE_WORDS)
    return {
        "sentences_per_second": figures,
        "sentences_per_second_wall": len(sentences) / max(wall, 1e-9),
        "files_to_tables": len(sentences) / _seconds(lambda: _score_file(articles, engine)),
        "sentences": len(sentences),
        "article_words": _words(text),
        "article_ms": 1000 * median(_seconds(lambda: analyze(text, engine=engine)) for _ in range(_WARM_RUNS)),
        "cold_start_s": median(_seconds(lambda: fresh([text], engine)) for _ in range(_COLD_RUNS)),
        "peak_memory_mb": fresh([article.text for article in articles[:_MEMORY_ARTICLES]], engine) / 2**20,
    }


def eight_bit(data: Path, engine: str) -> dict[str, Any]:
    """The shipped 8-bit model against the same one in 32 bits, as its training measured it; empty without a card."""
    try:
        card = json.loads((MODELS / engine / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    found = card.get("eight_bit") if isinstance(card, dict) else None
    return found if isinstance(found, dict) else {}


def article_of(sentences: Sequence[str], words: int) -> str:
    """The first sentences that have so many words together, or all, as paragraphs of four."""
    lines: list[str] = []
    counted = 0
    for k, sentence in enumerate(sentences):
        if counted >= words:
            break
        counted += _words(sentence)
        if k % 4:
            lines[-1] += " " + sentence
        else:
            lines.append(sentence)
    return "\n".join(lines)


def fresh(texts: Sequence[str], engine: str) -> int:
    """Score texts in a process of its own; the most bytes of memory that it held."""
    command = [sys.executable, "-c", _FRESH, engine]
    done = subprocess.run(command, input=json.dumps(list(texts)), capture_output=True, text=True, check=True)
    return int(done.stdout)


def _score_file(articles: Sequence[Article], engine: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "articles.jsonl")
        lines = (json.dumps({"id": article.id, "text": article.text}) + "\n" for article in articles)
        source.write_text("".join(lines), encoding="utf-8")
        score_corpus(source, Path(folder, "scores"), engine=engine, quiet=True)


def _words(text: str) -> int:
    return sum(word[0].isalnum() for word in segment(text, whole=True).words)


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _cpu_seconds(score: Callable[[str], float], texts: Sequence[str]) -> float:
    started = time.process_time()
    for text in texts:
        score(text)
    return max(time.process_time() - started, 1e-9)
