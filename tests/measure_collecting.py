"""Prints how fast and how well pages are collected: ``python tests/measure_collecting.py``; about a minute.

A site of 20 invented outlets with 50 pages each is collected twice over loopback, then 60 stories are read off pages in
each template.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trafilatura
from news_site import Site
from page_templates import TEMPLATES, story, stub, token_f1

from framing.collecting.pages import read_page
from framing.collecting.records import Unreadable


def collected(folder: Path) -> None:
    with Site(outlets=20, articles=50, newest=datetime.now(UTC) - timedelta(hours=3)) as site:
        feeds = site.write_feeds(folder)
        allowed = [word for host in site.hosts for word in ("--allow-host", host)]
        command = [sys.executable, "-m", "framing", "collect", feeds, "--into", folder / "corpus", "--delay", "0"]
        for run in ("first", "second"):
            sent, began = site.sent, time.monotonic()
            done = subprocess.run([*command, "--json", *allowed], capture_output=True, text=True, check=True)
            took = time.monotonic() - began
            counts = {name: number for name, number in json.loads(done.stdout)["counts"].items() if number}
            print(f"{run} run: {took:.1f} s, {site.sent - sent:,} bytes of pages, {counts}")


def read_off() -> None:
    for name, template in TEMPLATES.items():
        stories = [story(number) for number in range(60)]
        ours = [token_f1(read_page(template(one), url=one.url).text, one.known) for one in stories]
        plain = [token_f1(_plain(template(one)) or "", one.known) for one in stories]
        for who, f1 in (("framing", ours), ("trafilatura alone", plain)):
            print(f"{name:12} {who:18} F1 mean {sum(f1) / len(f1):.3f}, lowest {min(f1):.3f}")
    print(f"{'stub':12} refused {sum(map(is_refused, range(60)))} of 60")


def _plain(page: str) -> str | None:
    return trafilatura.extract(page, include_comments=False, include_tables=False)


def is_refused(number: int) -> bool:
    try:
        read_page(stub(story(number)))
    except Unreadable:
        return True
    return False


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        collected(Path(scratch))
    read_off()
