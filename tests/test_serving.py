"""Reports on loopback: what is served, everything that is not, and how many may ask at once."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from framing import serving
from framing.errors import InputError
from framing.report.page import policy
from framing.serving import find_file, path_parts, reports_server, serve

RUN = "comparative/2026-11-28__the-week__0123456789"
SECRET = b"not for anybody"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A reports folder with things in and around it that are nobody's business."""
    home = tmp_path_factory.mktemp("home")
    root = home / "reports"
    files = {
        "index.html": b"<p>all reports",
        f"{RUN}/report.html": b"<p>the report",
        f"{RUN}/report.ipynb": b"{}",
        f"{RUN}/tables/loaded rates.csv": b"a,b\n",
        f"{RUN}/figures/rates.svg": b"<svg/>",
        f"{RUN}/evidence/index.html": b"<p>evidence",
        "comparative/broken__run.failed.ipynb": b"{}",
        ".scores/engine/part.parquet": SECRET,
        "comparative/.tmp-abc/report.html": SECRET,
        ".daily.yaml.lock": SECRET,
        f"{RUN}/.hidden": SECRET,
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (home / "secret.txt").write_bytes(SECRET)
    (home / "reports-of-others").mkdir()
    (home / "reports-of-others" / "index.html").write_bytes(SECRET)
    (root / "out").symlink_to(home)
    (root / "out.txt").symlink_to(home / "secret.txt")
    (root / "in.parquet").symlink_to(root / ".scores/engine/part.parquet")
    (root / "round").symlink_to(root / "round")
    (root / "latest").symlink_to(root / RUN)
    os.mkfifo(root / "pipe.html")
    return root


@pytest.fixture(scope="module")
def server(site):
    with reports_server(site) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def ask(server, path, *, method="GET", host=None, headers=()):
    """Status, headers and body; the path goes out as it is, letter by letter."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in [("Host", host or f"localhost:{server.server_port}"), *headers]:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


SERVED = [
    ("/", b"<p>all reports", "text/html; charset=utf-8"),
    ("/index.html", b"<p>all reports", "text/html; charset=utf-8"),
    (f"/{RUN}/report.html", b"<p>the report", "text/html; charset=utf-8"),
    (f"/{RUN}/report.html?q=1", b"<p>the report", "text/html; charset=utf-8"),
    (f"/{RUN}/evidence/", b"<p>evidence", "text/html; charset=utf-8"),
    (f"/{RUN}/tables/loaded%20rates.csv", b"a,b\n", "text/csv; charset=utf-8"),
    (f"/{RUN}/figures/rates.svg", b"<svg/>", "image/svg+xml"),
    (f"/{RUN}/report.ipynb", b"{}", "application/octet-stream"),
    ("/comparative/broken__run.failed.ipynb", b"{}", "application/octet-stream"),
    ("/latest/report.html", b"<p>the report", "text/html; charset=utf-8"),
]


@pytest.mark.parametrize(("path", "body", "kind"), SERVED)
def test_reports_are_served(server, path, body, kind):
    status, headers, got = ask(server, path)
    assert (status, got, headers["Content-Type"], headers["Content-Length"]) == (200, body, kind, str(len(body)))
    status, headers, got = ask(server, path, method="HEAD")
    assert (status, got, headers["Content-Length"]) == (200, b"", str(len(body)))


NOT_SERVED = [
    ("/../secret.txt", "above the folder"),
    ("/comparative/../../secret.txt", "above, through a folder that is there"),
    ("/comparative/../index.html", "leads to a report, but no link of ours is written so"),
    ("/./index.html", "the same"),
    ("/%2e%2e/secret.txt", "dots encoded"),
    ("/%2E%2E/secret.txt", "dots encoded in capitals"),
    ("/.%2e/secret.txt", "one dot encoded"),
    ("/..%2fsecret.txt", "the slash encoded"),
    ("/%2e%2e%2fsecret.txt", "both encoded"),
    ("/comparative%2f..%2f..%2fsecret.txt", "all in one part"),
    ("/%252e%252e/secret.txt", "encoded twice is a name with percent signs"),
    ("/..%5csecret.txt", "a backslash, encoded"),
    ("/..\\secret.txt", "a backslash"),
    ("/comparative\\..\\..\\secret.txt", "backslashes only"),
    ("/..;/secret.txt", "a parameter of the path"),
    ("/%c0%ae%c0%ae/secret.txt", "dots in an overlong form that is no UTF-8"),
    ("/\uff0e\uff0e/secret.txt".encode().decode("latin-1"), "wide dots"),
    ("/index.html%00.png", "NUL ends a name for some"),
    ("/%00", "only NUL"),
    ("/index.html%0d%0aX-Header:%201", "a line break in a name"),
    ("/C:/secret.txt", "a drive"),
    ("/index.html::$DATA", "a stream of NTFS"),
    ("/comparative//report.html", "an empty part"),
    ("//evil.example/", "the host of another site, if it were repeated"),
    ("/comparative//", "an empty part at the end"),
    ("/.scores/engine/part.parquet", "scores are hidden"),
    ("/%2escores/engine/part.parquet", "hidden, encoded"),
    ("/.daily.yaml.lock", "a lock"),
    ("/comparative/.tmp-abc/report.html", "a run that is not finished"),
    (f"/{RUN}/.hidden", "a hidden file"),
    ("/out/secret.txt", "a link to a folder that leads out"),
    ("/out/", "its index"),
    ("/out/reports-of-others/", "a folder whose name begins as ours does"),
    ("/out.txt", "a link to a file outside"),
    ("/in.parquet", "a link to what is hidden"),
    ("/round", "a link to itself"),
    ("/pipe.html", "no regular file: reading would never end"),
    ("/comparative", "a folder without an index has no list"),
    ("/comparative/", "nor here"),
    (f"/{RUN}/tables/", "nor here"),
    (f"/{RUN}/report.html/", "a file is no folder"),
    ("/nothing.html", "not there"),
    ("/" + "a" * 255 + "/" + "b" * 5000, "endless"),
    ("/" + "a" * 300, "a longer name than file systems have"),
    ("index.html", "not from the root"),
    ("*", "the server as a whole"),
    ("http://localhost/secret.txt", "as a proxy is asked"),
    ("http://localhost/", "as a proxy is asked, even for what is there"),
]


@pytest.mark.parametrize(("path", "why"), NOT_SERVED, ids=[why for _, why in NOT_SERVED])
def test_nothing_else_is_served(server, path, why):
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost:{server.server_port}\r\n\r\n".encode("latin-1"))
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.0 404 ", b"HTTP/1.0 400 "))
    assert body in (b"404 Not Found\n", b"400 Bad Request\n")
    assert SECRET not in answer and b"evil" not in answer and b"X-Header" not in answer


def test_the_checks_are_what_refuses(site, monkeypatch):
    """Control: without the check of parts, and without the check of where a link leads, secrets are found."""
    assert path_parts("/../secret.txt") is None
    assert (site / ".." / "secret.txt").read_bytes() == SECRET
    monkeypatch.setattr(Path, "is_relative_to", lambda self, other: True)
    monkeypatch.setattr(Path, "relative_to", lambda self, other: Path("x"))
    for parts in (["..", "secret.txt"], ["out.txt"], ["out", "secret.txt"], [".daily.yaml.lock"]):
        assert find_file(site, parts).read_bytes() == SECRET


def test_a_folder_is_asked_for_with_a_slash_so_that_its_links_work(server):
    status, headers, body = ask(server, f"/{RUN}/evidence")
    assert (status, headers["Location"], body) == (301, f"/{RUN}/evidence/", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND"])
def test_nothing_can_be_changed(server, method):
    assert ask(server, "/index.html", method=method)[0] == 501


HOSTS = [
    ("localhost:{port}", 200, "as it is printed, or so"),
    ("127.0.0.1:{port}", 200, "as it is printed"),
    ("[::1]:{port}", 200, "through a tunnel"),
    ("localhost", 403, "another port: another server"),
    ("localhost:1", 403, "another port"),
    ("evil.example:{port}", 403, "a name that was pointed at this machine"),
    ("127.0.0.1.evil.example:{port}", 403, "one that begins alike"),
    ("localhost:{port}.evil.example", 403, "one that begins alike"),
    ("evil.example@localhost:{port}", 403, "a user name"),
    ("0.0.0.0:{port}", 403, "not a name of one machine"),
    ("192.168.0.2:{port}", 403, "the network"),
    ("LOCALHOST:{port}", 403, "browsers write it small"),
]


@pytest.mark.parametrize(("host", "status", "why"), HOSTS)
def test_only_this_machines_own_names_are_answered(server, host, status, why):
    assert ask(server, "/", host=host.format(port=server.server_port))[0] == status


def test_no_name_and_two_names_are_refused(server):
    port = server.server_port
    assert ask(server, "/", headers=[("Host", f"localhost:{port}")])[0] == 403
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b"403 Forbidden" in raw.recv(1000)


def test_headers_keep_other_sites_out_and_scripts_still(server):
    page, figure, missing = (ask(server, path)[1] for path in ("/", f"/{RUN}/figures/rates.svg", "/no"))
    for headers in (page, figure, missing):
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Access-Control-Allow-Origin"] is None
        assert headers["Server"].strip() == "framing"
    assert page["Content-Security-Policy"].startswith(policy())
    assert "sandbox" in figure["Content-Security-Policy"] and "script-src" not in figure["Content-Security-Policy"]
    assert ask(server, f"/{RUN}/report.ipynb")[1]["Content-Disposition"].startswith("attachment")


def test_it_listens_on_loopback_only(server):
    assert server.server_address[0] == "127.0.0.1"


def test_hundreds_at_once_are_all_answered_by_a_few_threads(server):
    most = 0

    def one(_):
        nonlocal most
        status, _, body = ask(server, "/")
        most = max(most, sum(thread.name.endswith("process_request_thread)") for thread in threading.enumerate()))
        return status, body

    with ThreadPoolExecutor(100) as pool:
        answers = set(pool.map(one, range(400)))
    assert answers == {(200, b"<p>all reports")}
    assert 0 < most <= serving.MOST_AT_ONCE


@pytest.fixture
def impatient(site, monkeypatch):
    """A server with few places and short times; it ends with the test."""
    monkeypatch.setattr(serving, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(serving, "LONGEST", 1.0)
    monkeypatch.setattr(serving._Handler, "timeout", 0.5)
    with reports_server(site) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield running
        running.shutdown()


def slow_clients(server, number, *, every):
    """Clients that begin a request and then send a byte now and then, or never."""
    opened = [socket.create_connection(("127.0.0.1", server.server_port)) for _ in range(number)]

    def drip():
        for _ in range(60):
            time.sleep(every)
            for one in opened:
                try:
                    one.sendall(b"x")
                except OSError:
                    pass

    for one in opened:
        one.sendall(b"GET / HTTP/1.0\r\nHo")
    if every:
        threading.Thread(target=drip, daemon=True).start()
    return opened


@pytest.mark.parametrize("every", [0, 0.2], ids=["silent", "a byte now and then"])
def test_slow_clients_give_their_places_back(impatient, every):
    opened = slow_clients(impatient, 8, every=every)
    assert ask(impatient, "/")[0] == 200
    for one in opened:
        one.close()


def test_slow_clients_keep_their_places_where_no_time_is_set(impatient, monkeypatch):
    """Control."""
    monkeypatch.setattr(serving, "LONGEST", 60.0)
    monkeypatch.setattr(serving._Handler, "timeout", None)
    opened = slow_clients(impatient, 4, every=0)
    connection = http.client.HTTPConnection("127.0.0.1", impatient.server_port, timeout=2)
    with pytest.raises(TimeoutError):
        connection.request("GET", "/")
        connection.getresponse()
    connection.close()
    for one in opened:
        one.close()


def test_a_folder_that_is_not_there_and_a_port_that_is_taken_are_named(tmp_path, server):
    with pytest.raises(InputError, match="there is no folder"):
        serve(tmp_path / "reports")
    with pytest.raises(InputError, match=f"port {server.server_port} cannot be used"):
        serve(tmp_path, server.server_port)


def test_the_command_prints_its_address_and_ends_with_ctrl_c(site):
    command = "import signal; signal.signal(2, signal.default_int_handler); from framing.cli import main; main()"
    going = subprocess.Popen(
        [sys.executable, "-c", command, "serve", str(site), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    address = going.stdout.readline().split()[0]
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"<p>all reports"
    connection.close()
    going.send_signal(2)
    assert going.wait(10) == 0
    going.stdout.close()
