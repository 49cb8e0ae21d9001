# ruff: noqa: E501
"""Saved pages, mailboxes and archives: every page met is read or named with its place, one at a time."""

import gzip
import io
import os
from email.message import EmailMessage

import pytest

pytest.importorskip("trafilatura")
pytest.importorskip("warcio")

from page_templates import navigation, related, story, stub
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from framing.collecting.files import read_mbox, read_saved, read_warc
from framing.collecting.records import Page, Unreadable
from framing.errors import InputError

ONE, TWO = story(1), story(2)


def outcomes(placed):
    """Place and text or reason of everything that was met."""
    return [(place, found.text if isinstance(found, Page) else str(found)) for place, found in placed]


# --- saved pages


def test_saved_pages(tmp_path):
    (tmp_path / "two.HTM").write_text(related(TWO), encoding="utf-8")
    (tmp_path / "stub.html").write_text(stub(ONE), encoding="utf-8")
    (tmp_path / "gone.html").symlink_to(tmp_path / "nowhere.html")
    assert outcomes((name, read_saved(tmp_path / name)) for name in ("two.HTM", "stub.html", "gone.html")) == [
        ("two.HTM", TWO.known),
        ("stub.html", "the page shows only the beginning, for subscribers"),
        ("gone.html", "not a regular file (a broken link, a pipe or a device)"),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_never_blocks_the_rest(tmp_path):
    os.mkfifo(tmp_path / "a.html")
    assert isinstance(read_saved(tmp_path / "a.html"), Unreadable)


@pytest.mark.parametrize("read", [read_mbox, read_warc])
def test_a_place_that_is_not_there_is_named(read, tmp_path):
    with pytest.raises(InputError, match=r"there is no .*nowhere"):
        list(read(tmp_path / "nowhere"))


# --- mailboxes


def mbox(tmp_path, *messages):
    path = tmp_path / "news.mbox"
    parts = [b"From desk Wed May  1 08:30:00 2024\n" + (m if isinstance(m, bytes) else m.as_bytes()) for m in messages]
    path.write_bytes(b"\n\n".join(parts) + b"\n")
    return path


def letter(*, html="", text="", charset="utf-8", **headers):
    message = EmailMessage()
    message["From"] = '"The Common Lantern" <desk@lantern.example>'
    message["Subject"] = "The ferry is back – and stays"
    message["Date"] = "Wed, 01 May 2024 08:30:00 +0200"
    message["Message-ID"] = "<20240501.7%x@lantern.example>"
    for name, value in headers.items():
        del message[name]
        message[name] = value
    if text:
        message.set_content(text, charset=charset)
    if html and text:
        message.add_alternative(html, subtype="html", charset=charset)
    elif html:
        message.set_content(html, subtype="html", charset=charset, cte="quoted-printable")
    return message


BODY = f"<html><body><table role=presentation><tr><td><h1>Hello</h1>{''.join(f'<p>{p}</p>' for p in ONE.paragraphs)}</td></tr></table></body></html>"


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_a_newsletter_is_an_article_of_its_sender(tmp_path, charset):
    ((place, page),) = read_mbox(mbox(tmp_path, letter(html=BODY, charset=charset)))
    assert place == "news.mbox message 1"
    assert page == Page(
        ONE.known,
        title="The ferry is back – and stays",
        outlet="The Common Lantern",
        date="2024-05-01",
        url="mid:20240501.7%25x@lantern.example",
    )


def test_the_html_part_goes_before_the_plain_one_and_attachments_are_left_alone(tmp_path):
    message = letter(html=BODY, text="Your client cannot show this message. " * 20)
    message.add_attachment(BODY.replace("the", "THE"), subtype="html", filename="copy.html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="x.pdf")
    assert outcomes(read_mbox(mbox(tmp_path, message))) == [("news.mbox message 1", ONE.known)]


def test_where_the_html_part_has_no_article_the_plain_one_is_read(tmp_path):
    wrapped = "\n\n".join(p.replace(" ", "\n", 1) for p in ONE.paragraphs) + "\n-- \nThe Lantern, 4 Pier Road\n"
    for html in ("", "<p>See the plain part.</p>"):
        assert outcomes(read_mbox(mbox(tmp_path, letter(html=html, text=wrapped)))) == [
            ("news.mbox message 1", ONE.known)
        ]


def test_bad_messages_are_named_and_cost_no_others(tmp_path):
    bad_charset = letter(html=BODY).as_bytes().replace(b'charset="utf-8"', b'charset="martian"')
    no_parts = (
        b"Subject: x\nContent-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: application/pdf\n\nx\n--q--\n"
    )
    path = mbox(
        tmp_path,
        letter(text="Short."),
        bad_charset,
        no_parts,
        b"\xff\xfe\x00: \n\n",
        letter(html=BODY, Date="Mon, 99 Foo"),
    )
    found = outcomes(read_mbox(path))
    assert [place for place, _ in found] == [f"news.mbox message {n}" for n in range(1, 6)]
    assert [text == ONE.known for _, text in found] == [False, True, False, False, True]
    assert found[0][1] == "1 words of text are too short to be an article"


@pytest.mark.parametrize(
    ("header", "value", "part", "expected"),
    [
        ("Date", "Thu, 01 Jan 1970 00:00:00 +0000", "date", ""),
        ("Date", "Fri, 01 May 2099 00:00:00 +0000", "date", ""),
        ("Date", "not a date", "date", ""),
        ("From", "desk@lantern.example", "outlet", "lantern.example"),
        ("From", "=?utf-8?q?La_Linterna_Com=C3=BAn?= <desk@lantern.example>", "outlet", "La Linterna Común"),
    ],
)
def test_headers_say_who_and_when(tmp_path, header, value, part, expected):
    raw = letter(html=BODY).as_bytes()
    lines = [
        f"{header}: {value}".encode() if line.startswith(f"{header}:".encode()) else line for line in raw.split(b"\n")
    ]
    ((_, page),) = read_mbox(mbox(tmp_path, b"\n".join(lines)), not_after="2026-11-28")
    assert getattr(page, part) == expected


def test_a_mailbox_is_never_written_and_another_file_is_no_mailbox(tmp_path):
    path = mbox(tmp_path, letter(html=BODY))
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    list(read_mbox(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    other = tmp_path / "other.mbox"
    other.write_bytes(b"\x00\x01 nothing of the kind")
    assert outcomes(read_mbox(other)) == [("other.mbox", "not a mailbox: no line begins a message with 'From '")]


# --- archives


def warc(tmp_path, *records, zipped=True):
    """Records are (url, body, content type, status, kind of record, further WARC headers)."""
    path = tmp_path / ("a.warc.gz" if zipped else "a.warc")
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=zipped)
        writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "test"}))
        for url, body, content_type, status, kind, more in records:
            sent = StatusAndHeaders(status, [("Content-Type", content_type)], protocol="HTTP/1.1")
            headers = {"WARC-Date": "2024-12-30T10:00:00Z", **more}
            writer.write_record(
                writer.create_warc_record(
                    url, kind, payload=io.BytesIO(body), http_headers=sent, warc_headers_dict=headers
                )
            )
    return path


HTML = "text/html; charset=utf-8"


def good(one, url="https://news.example/x"):
    return (url, navigation(one).encode(), HTML, "200 OK", "response", {})


@pytest.mark.parametrize("zipped", [True, False])
def test_an_archive_gives_its_pages_and_names_the_rest(tmp_path, zipped):
    path = warc(
        tmp_path,
        good(ONE),
        ("https://news.example/p.png", b"\x89PNG", "image/png", "200 OK", "response", {}),
        ("https://news.example/gone", b"<html>gone</html>", HTML, "404 Not Found", "response", {}),
        ("https://news.example/again", b"", HTML, "200 OK", "revisit", {}),
        (
            "https://news.example/cut",
            navigation(TWO).encode(),
            HTML,
            "200 OK",
            "response",
            {"WARC-Truncated": "length"},
        ),
        ("https://news.example/x", b"GET / HTTP/1.1", HTML, "200 OK", "request", {}),
        good(TWO),
        zipped=zipped,
    )
    at = path.name
    assert outcomes(read_warc(path)) == [
        (f"{at} record 2", ONE.known),
        (f"{at} record 4", "https://news.example/gone: the answer has status 404"),
        (f"{at} record 5", "https://news.example/again: a revisit, whose page is in another record"),
        (f"{at} record 6", "https://news.example/cut: the record was cut off when it was stored"),
        (f"{at} record 8", TWO.known),
    ]


def test_a_page_of_an_archive_has_its_address_and_no_date_after_it_was_stored(tmp_path):
    later = navigation(ONE).replace(ONE.date, "2025-03-01").replace(f'<link rel="canonical" href="{ONE.url}">', "")
    path = warc(
        tmp_path, ("https://news.example/one", later.encode(), HTML, "200 OK", "response", {}), good(ONE, ONE.url)
    )
    (_, undated), (_, dated) = read_warc(path)
    assert (undated.url, undated.date) == ("https://news.example/one", "")
    assert (dated.url, dated.date) == (ONE.url, ONE.date)


@pytest.mark.parametrize("zipped", [True, False])
def test_what_stands_before_damage_is_read_and_the_damage_named(tmp_path, zipped):
    path = warc(tmp_path, good(ONE), good(TWO), zipped=zipped)
    path.write_bytes(path.read_bytes()[:-400])
    first, *rest = outcomes(read_warc(path))
    assert first[1] == ONE.known
    assert len(rest) == 1 and ("ends within the record" in rest[0][1] or "cannot be read" in rest[0][1])


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense\n" * 50, gzip.compress(b"nonsense"), b"\x1f\x8bnonsense"],
    ids=["nothing", "lines", "another kind of gzip file", "the beginning of one"],
)
def test_what_is_no_archive_ends_with_a_reason_or_nothing(tmp_path, body):
    path = tmp_path / "a.warc"
    path.write_bytes(body)
    found = list(read_warc(path))
    assert all(isinstance(one, Unreadable) for _, one in found)
    assert bool(found) == bool(body)


def test_broken_and_enormous_bodies_cost_their_own_record_only(tmp_path):
    broken = ("https://news.example/b", b"not gzip at all", HTML, "200 OK", "response", {})
    path = tmp_path / "a.warc"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=False)
        for headers, body in (
            ([("Content-Type", HTML), ("Content-Encoding", "gzip")], gzip.compress(b"<p>x</p>" * 4_000_000)),
            ([("Content-Type", HTML), ("Transfer-Encoding", "chunked")], b"zz\r\nbroken"),
            ([("Content-Type", HTML), ("Content-Encoding", "gzip")], broken[1]),
            ([("Content-Type", HTML), ("Content-Encoding", "gzip")], gzip.compress(navigation(ONE).encode())),
        ):
            sent = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    "https://news.example/b", "response", payload=io.BytesIO(body), http_headers=sent
                )
            )
    found = outcomes(read_warc(path))
    assert [text == ONE.known for _, text in found] == [False, False, False, True]
    assert "over the limit of 20,000,000" in found[0][1]
