"""A small web of invented outlets on loopback: feeds, sitemaps, pages of many kinds, redirects, slow and broken ones.

Every outlet is a server of its own. What becomes of each listed address is known beforehand: ``site.expected``.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml
from page_templates import TEMPLATES, story, stub

NOW = "2024-12-31T06:00:00Z"
SLOW = 0.3


@dataclass
class Site:
    """Some outlets with so many articles each; ``requests`` and ``sent`` count what was asked for and answered."""

    outlets: int = 3
    articles: int = 10
    validators: bool = True
    newest: datetime = datetime(2024, 12, 30, tzinfo=UTC)
    requests: Counter = field(default_factory=Counter)
    sent: int = 0
    changed: set[str] = field(default_factory=set)
    at_once: Counter = field(default_factory=Counter)
    most_at_once: int = 0
    gate: Callable[[str], None] = lambda path: None

    def __enter__(self) -> Site:
        self._counting = threading.Lock()
        self.servers = [_server(self, number) for number in range(self.outlets)]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def host(self, outlet: int) -> str:
        return f"127.0.0.1:{self.servers[outlet].server_address[1]}"

    @property
    def hosts(self) -> list[str]:
        return [self.host(number) for number in range(self.outlets)]

    def name(self, outlet: int) -> str:
        return f"Outlet {outlet + 1:02}"

    def write_feeds(self, folder: Path) -> Path:
        """The file of outlets: feeds in two forms, every fourth outlet a sitemap."""
        entries = []
        for number in range(self.outlets):
            kind, path = [
                ("feeds", "rss.xml"),
                ("feeds", "atom.xml"),
                ("feeds", "rss.xml"),
                ("sitemaps", "sitemap.xml"),
            ][number % 4]
            entries.append({"name": self.name(number), kind: [f"http://{self.host(number)}/{path}"]})
        file = folder / "feeds.yaml"
        file.write_text(yaml.safe_dump({"outlets": entries}), encoding="utf-8")
        return file

    def story(self, outlet: int, article: int):
        return story(outlet * self.articles + article)

    def fate(self, article: int) -> str:
        """What becomes of the article of that number of an outlet: ``stored``, or the beginning of a reason."""
        return {7: "the server answers 404", 8: "the page shows only the beginning", 9: "the server answers 500"}.get(
            article % 25, "stored"
        )

    @property
    def expected(self) -> Counter:
        """How many of the listed addresses come to each fate."""
        return Counter(self.fate(article) for article in range(self.articles) for _ in range(self.outlets))

    # --- what a server says

    def answer(self, outlet: int, path: str) -> tuple[int, dict[str, str], bytes]:
        base = f"http://{self.host(outlet)}"
        if path in ("/rss.xml", "/atom.xml", "/sitemap.xml"):
            listed = {"/rss.xml": self._rss, "/atom.xml": self._atom, "/sitemap.xml": self._sitemap}[path]
            return 200, {"Content-Type": "application/xml"}, listed(outlet, base).encode()
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private/\n"
        kind, _, number = path.strip("/").partition("/")
        if not number.isdecimal() or int(number) >= self.articles:
            return 404, {}, b"not here"
        article = int(number)
        if kind == "go":
            return 302, {"Location": f"{base}/news/{article}"}, b""
        if article % 25 == 7:
            return 404, {}, b"gone"
        if article % 25 == 9:
            return 500, {}, b"trouble"
        if article % 25 == 11:
            time.sleep(SLOW)
        told = self.story(outlet, article)
        names = sorted(TEMPLATES)
        template = stub if article % 25 == 8 else TEMPLATES[names[article % len(names)]]
        page = template(told).replace(told.url, f"{base}/news/{article}")
        if f"{outlet}/{article}" in self.changed:
            page = page.replace(told.paragraphs[-1], f"{told.paragraphs[-1]} The paper has corrected the figure above.")
        return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()

    def _addresses(self, outlet: int, base: str):
        for article in range(self.articles):
            kind = "go" if article % 5 == 4 else "news"
            day = self.newest - timedelta(minutes=article)
            yield f"{base}/{kind}/{article}", self.story(outlet, article), day

    def _rss(self, outlet: int, base: str) -> str:
        items = "".join(
            f"<item><title>{told.title}</title><link>{url}</link><pubDate>{format_datetime(day)}</pubDate></item>"
            for url, told, day in self._addresses(outlet, base)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>The newest</title>{items}</channel></rss>'

    def _atom(self, outlet: int, base: str) -> str:
        entries = "".join(
            f'<entry><title>{told.title}</title><link href="{url}"/><updated>{day.isoformat()}</updated></entry>'
            for url, told, day in self._addresses(outlet, base)
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>The newest</title>{entries}</feed>'

    def _sitemap(self, outlet: int, base: str) -> str:
        urls = "".join(
            f"<url><loc>{url}</loc><lastmod>{day.isoformat()}</lastmod></url>"
            for url, _, day in self._addresses(outlet, base)
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def _server(site: Site, outlet: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with site._counting:
                site.requests[self.path] += 1
                site.at_once[outlet] += 1
                site.most_at_once = max(site.most_at_once, site.at_once[outlet])
            site.gate(self.path)
            status, headers, body = site.answer(outlet, self.path)
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if site.validators and status == 200:
                headers["ETag"] = tag
                if self.headers["If-None-Match"] == tag:
                    status, body = 304, b""
            # Counted before the last byte leaves: a client that has it may be here again before this goes on.
            with site._counting:
                site.at_once[outlet] -= 1
                site.sent += len(body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server
