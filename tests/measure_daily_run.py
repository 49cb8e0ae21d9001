"""Prints how long a scheduled day takes: ``python tests/measure_daily_run.py ARTICLES --old 20000``.

A corpus of ``--old`` articles, forty a day, is made from those of the file ARTICLES by leaving out sentences at random.
Then two hundred of a new day are added, and the schedule's run for that day, without collecting, is timed. Its report
is on the last seven days. Every run begins from the same state: the day before was reported.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import psutil

from framing import Article, read_articles
from framing.segment import segment
from framing.store import open_store
from framing.store.records import Found

NEWEST = date(2026, 11, 27)
A_DAY, NEW = 40, 200


class Model:
    """An article from which others are made."""

    def __init__(self, article: Article) -> None:
        self.title, self.outlet = article.title, article.outlet
        found = segment(article.text)
        last = [now != then for now, then in zip(found.paragraph, [*found.paragraph[1:], -1], strict=True)]
        self.sentences = [
            article.text[start:end] + ("\n" if ends else " ")
            for (start, end), ends in zip(found.sentences, last, strict=True)
        ]

    def variant(self, chance: random.Random, number: int, day: date) -> Found:
        """The article without a fifth of its sentences, under an address of its own."""
        text = "".join(sentence for sentence in self.sentences if chance.random() > 0.2)
        return Found(f"https://news.example/{number}", text, self.title, self.outlet, day.isoformat())


def fill(corpus: Path, models: Sequence[Model], day: date, numbers: range, chance: random.Random) -> None:
    """Add a day's articles to a corpus."""
    found = [models[number % len(models)].variant(chance, number, day) for number in numbers]
    with open_store(corpus, create=True) as store:
        store.add(found, collected=f"{day}T05:00:00Z")


def run(plan: Path, day: date) -> tuple[float, float, float, dict]:
    """Seconds, the most megabytes of all processes and of one, and the line of the log."""
    command = [sys.executable, "-m", "framing", "schedule", plan, "--as-of", day.isoformat()]
    began = time.monotonic()
    # As installed, modules are compiled.
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=compiled)
    watch = Watch(process.pid)
    watch.start()
    _, said = process.communicate()
    took = time.monotonic() - began
    watch.join()
    if process.returncode:
        raise SystemExit(f"the run ended with code {process.returncode}: {said}")
    line = json.loads((plan.parent / "schedule.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    return took, watch.all / 1e6, watch.one / 1e6, line


class Watch(threading.Thread):
    """Looks at the memory of a process and its descendants, until it ends: the sum, and the largest."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.process, self.all, self.one = psutil.Process(pid), 0, 0

    def run(self) -> None:
        while True:
            try:
                family = [self.process, *self.process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            sizes = [size for size in map(_size, family) if size]
            if not sizes:
                return
            self.all, self.one = max(self.all, sum(sizes)), max(self.one, *sizes)
            time.sleep(0.2)


def _size(process: psutil.Process) -> int:
    """Bytes of its own: what processes share, such as libraries, is not counted twice."""
    try:
        return int(process.memory_full_info().uss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("articles", type=Path, help="articles to make others from, in any form that framing reads")
    asked.add_argument("--old", type=int, default=20_000)
    asked.add_argument("--engines", nargs="+", default=["neural", "linear"])
    asked.add_argument("--runs", type=int, default=3)
    given = asked.parse_args()
    models = [Model(article) for article in read_articles(given.articles).articles]
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "old"
        days = -(-given.old // A_DAY)
        for ago in range(days, 0, -1):
            start = (days - ago) * A_DAY
            fill(corpus, models, NEWEST - timedelta(days=ago - 1), range(start, start + A_DAY), chance)
        today = NEWEST + timedelta(days=1)
        for engine in given.engines:
            start = Path(scratch) / engine
            (start / "day").mkdir(parents=True)
            shutil.copytree(corpus, start / "day/corpus")
            report = {"name": "comparative", "days": 7, "parameters": {"engine": engine}}
            plan = {"corpus": "corpus", "reports_folder": "reports", "reports": [report], "log": "schedule.jsonl"}
            (start / "day/daily.yaml").write_text(json.dumps(plan), encoding="utf-8")
            run(start / "day/daily.yaml", NEWEST)
            fill(start / "day/corpus", models, today, range(given.old, given.old + NEW), chance)
            seconds = []
            for number in range(given.runs):
                shutil.copytree(start / "day", start / str(number))
                took, everyone, largest, line = run(start / str(number) / "daily.yaml", today)
                seconds.append(took)
                scored = line["counts"].get("scored", 0)
                print(f"{engine}, {given.old:,} old: {took:.1f} s, {scored} scored, all processes {everyone:.0f} MB, "
                      f"largest {largest:.0f} MB", flush=True)  # fmt: skip
                shutil.rmtree(start / str(number))
            print(f"{engine}, {given.old:,} old: {min(seconds):.1f} to {max(seconds):.1f} s, "
                  f"median {median(seconds):.1f} s of {given.runs} runs", flush=True)  # fmt: skip
            shutil.rmtree(start)


if __name__ == "__main__":
    main()
