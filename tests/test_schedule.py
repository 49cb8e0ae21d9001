"""A run every morning: what its file may say, what it does, how it ends, and what it tells."""

import email
import html as html_of
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import made_up_schedule
import mistune
import psutil
import pytest
from click.testing import CliRunner
from made_up_schedule import NOW, WAITING, Desk, collected, tiny_notebook, verdict_rows, worker, write_script

import framing.schedule
import framing.schedule.run as running
from framing.cli import main
from framing.errors import FramingError
from framing.schedule.child import StepFailed, in_child
from framing.schedule.lock import Locked, alone
from framing.schedule.log import read_log
from framing.schedule.run import read_day, run_schedule
from framing.schedule.summary import markdown, plain

DAY = date(2026, 11, 28)
SAMPLE = Path(__file__).parent.parent / "data" / "sample_articles.csv"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def run(plan, *, script, as_of=DAY, **options):
    """A run whose steps do as the script says."""
    return run_schedule(plan, as_of=as_of, worker=worker(script), notebooks=plan.parent / "notebooks",
                        now=lambda: NOW, quiet=True, **options)  # fmt: skip


COVERED = {"first": "2026-11-01", "last": {"Northgate Wire": "2026-11-28"}}
NOTHING_SCORED = {"scored": 0, "not_scored": 0}


def usual(**days):
    """Steps of a run whose reports hold these verdicts, by day."""
    reports = {day.replace("_", "-").removeprefix("on-"): {"rows": rows} for day, rows in days.items()}
    return {"coverage": COVERED, "score": NOTHING_SCORED, "report": reports}


# --- the day


@pytest.mark.parametrize(
    ("text", "day"), [("today", DAY), ("yesterday", DAY - timedelta(1)), ("2026-01-31", date(2026, 1, 31))]
)
def test_days_are_named_or_given(text, day):
    assert read_day(text, DAY) == day


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "20261128", "2026-W48-6", "28.11.2026"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(FramingError, match="valid: YYYY-MM-DD, today, yesterday"):
        read_day(text, DAY)


# --- how a run ends

FEEDS = {"collect": "feeds.yaml"}
FINE = {"2026-11-28": {"rows": []}}
BROKEN = {"2026-11-28": {"fails": "no space left"}}
ENDS = [
    # what the plan adds, what the steps do, status, what the line of the log says
    ({}, {"report": FINE}, "done", {}, "reports only"),
    (FEEDS, {"collect": collected(new=3), "report": FINE}, "done", {}, "all well"),
    ({**FEEDS, "reports": None}, {"collect": collected(new=3)}, "done", {}, "collects only"),
    (FEEDS, {"collect": collected(outlets=("A", "B"), failed=("B",)), "report": FINE}, "partial",
     {"failed_outlets": ["B"]}, "no source of one outlet"),
    (FEEDS, {"collect": collected(failed=("Northgate Wire",)), "report": FINE}, "partial", {}, "no network"),
    (FEEDS, {"collect": {"fails": "a bad file"}, "report": FINE}, "partial",
     {"errors": ["collecting failed: a bad file"]}, "collecting failed"),
    (FEEDS, {"collect": collected(new=1), "report": BROKEN}, "partial", {}, "a report failed"),
    (FEEDS, {"collect": collected(new=1), "report": {"2026-11-28": {"dies": 9}}}, "partial", {}, "out of memory"),
    ({}, {"report": BROKEN}, "failed", {}, "the only report failed"),
    (FEEDS, {"collect": collected(failed=("Northgate Wire",)), "report": BROKEN}, "failed", {}, "nothing worked"),
    ({}, {"report": FINE, "score": {"fails": "no model"}}, "done", {}, "a notebook that keeps no scores"),
    ({}, {"report": FINE, "coverage": {"fails": "damaged"}}, "partial",
     {"errors": ["the corpus cannot be read: damaged"]}, "no telling who is silent"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "steps", "status", "says", "why"), ENDS, ids=[case[-1] for case in ENDS])
def test_one_failure_costs_nothing_else_and_the_exit_code_tells(desk, change, steps, status, says, why):
    outcome = run(desk(**change), script=write_script(desk.folder, **{"coverage": COVERED, **steps}))
    assert outcome.line["status"] == status
    assert outcome.code == {"done": 0, "failed": 1, "partial": 3}[status]
    assert says.items() <= outcome.line.items()
    assert [dict(line) for line in read_log(desk.folder / "schedule.jsonl")[0]] == [outcome.line]


def test_failed_reports_are_named_the_next_one_is_made_and_none_is_made_twice(desk):
    tiny_notebook(desk.notebooks, "broken", "raise RuntimeError('no *such* column')")
    tiny_notebook(desk.notebooks, "dead", "import os; os.kill(os.getpid(), 9)")
    script = write_script(desk.folder, coverage=COVERED)
    outcome = run(desk(reports=[{"name": name} for name in ("broken", "dead", "tiny")]), script=script)
    broken, dead, tiny = outcome.line["reports"]
    assert [one["status"] for one in (broken, dead, tiny)] == ["failed", "failed", "made"]
    assert outcome.code == 3
    assert "no *such* column" in broken["error"] and "Kernel" in dead["error"]
    assert r"no \*such\* column" in outcome.summary
    assert (desk.folder / tiny["path"] / "report.html").is_file()
    again = run(desk(), script=script)
    assert [one["status"] for one in again.line["reports"]] == ["already"]
    assert "(there already)" in again.summary


# --- time, signals and what is left over


@pytest.fixture
def waiting(desk):
    """A plan, steps whose report waits for a process it started, and the file with the id of that process."""
    note = desk.folder / "note"
    return (
        desk(),
        write_script(desk.folder, **usual(on_2026_11_28=[]) | {"report": {"2026-11-28": {"starts": str(note)}}}),
        note,
    )


@pytest.fixture
def waiting_kernel(desk):
    """The same with a notebook and its kernel."""
    note = desk.folder / "note"
    tiny_notebook(desk.notebooks, "tiny", WAITING)
    plan = desk(reports=[{"name": "tiny", "parameters": {"note": str(note)}}])
    return plan, write_script(desk.folder, coverage=COVERED), note


def started(note):
    deadline = time.monotonic() + 30
    while not note.exists():
        assert time.monotonic() < deadline, "it never started"
        time.sleep(0.02)
    return psutil.Process(int(note.read_text()))


def gone(process, within=10):
    """Whether a process ends in time; it may still be listed until the system has heard of it."""
    deadline = time.monotonic() + within
    while True:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)


def start(plan, script):
    """The run in a process of its own."""
    command = [sys.executable, made_up_schedule.__file__, "run", plan, script, plan.parent / "notebooks"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def interrupted(plan, script, note, number):
    """Status and exit code in the log of a run that is sent a signal; what it started has ended with it."""
    going = start(plan, script)
    kernel = started(note)
    going.send_signal(number)
    assert going.wait(15) == 130
    assert gone(kernel)
    (line,) = read_log(plan.parent / "schedule.jsonl")[0]
    with alone(plan.parent / ".daily.yaml.lock", as_of="", since=""):
        pass
    return line["status"], line["exit_code"]


def test_ctrl_c_leaves_no_process_and_a_line(waiting):
    assert interrupted(*waiting, signal.SIGINT) == ("interrupted", 130)


def test_sigterm_leaves_no_kernel_and_no_half_report(waiting_kernel):
    assert interrupted(*waiting_kernel, signal.SIGTERM) == ("interrupted", 130)
    assert not list(waiting_kernel[0].parent.glob("reports/*/.tmp-*"))


def test_a_run_out_of_time_ends_with_all_it_started(waiting):
    plan, script, note = waiting
    found = []
    watcher = threading.Thread(target=lambda: found.append(started(note)))
    watcher.start()
    outcome = run(plan, script=script, timeout=4)
    watcher.join()
    assert (outcome.line["status"], outcome.code) == ("timeout", 124)
    assert gone(found[0], within=0.1)
    assert not list(plan.parent.glob("reports/*/*/manifest.json"))


def test_a_run_that_is_killed_keeps_the_next_one_out_no_longer_and_its_steps_end(waiting):
    plan, script, note = waiting
    going = start(plan, script)
    step = started(note).parent()
    with pytest.raises(Locked, match=rf"process {going.pid}, as of 2026-11-28, since 2026-11-28T05:00:00"):
        run(plan, script=script)
    going.kill()
    going.wait()
    assert gone(step)
    with alone(plan.parent / ".daily.yaml.lock", as_of="", since=""):
        pass
    started(note).kill()


def test_descendants_are_looked_up_because_a_group_is_not_enough(waiting, monkeypatch):
    """Control: killing the process that was started, and its group, leaves what it started in a session of its own."""
    plan, script, note = waiting
    monkeypatch.setattr(
        "framing.schedule.child._end", lambda child, mark: child.poll() is None and os.killpg(child.pid, 9)
    )
    assert run(plan, script=script, timeout=4).code == 124
    orphan = started(note)
    assert orphan.is_running()
    orphan.kill()


LEAVING = """
import os, signal, subprocess, sys, time
own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], {how})
print(own.pid, file=open({note!r}, "w"))
{end}
"""
LEFT = [
    ("start_new_session=True", "os.kill(os.getpid(), 9)", "a kernel, where the step is killed"),
    ("env={}", "os.kill(os.getpid(), 9)", "a process with an environment of its own, where the step is killed"),
    ("start_new_session=True", "sys.exit()", "a kernel, where the step ends by itself"),
]


@pytest.mark.parametrize(("how", "end", "why"), LEFT, ids=[why for *_, why in LEFT])
def test_what_a_step_leaves_behind_ends_with_it(tmp_path, how, end, why):
    """As it is where the system runs out of memory, and kills the step but not what it started."""
    note = tmp_path / "note"
    with pytest.raises(StepFailed):
        in_child(
            "any", {}, seconds=20, command=(sys.executable, "-c", LEAVING.format(how=how, end=end, note=str(note)))
        )
    left = int(note.read_text())
    assert not psutil.pid_exists(left) or gone(psutil.Process(left), within=0)


def test_a_step_that_does_not_end_when_asked_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("framing.schedule.child.GRACE", 0.3)
    stubborn = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); print(1, file=sys.stderr); time.sleep(60)"
    begun = time.monotonic()
    with pytest.raises(framing.schedule.child.OutOfTime):
        in_child("any", {}, seconds=0.5, command=(sys.executable, "-c", stubborn))
    assert time.monotonic() - begun < 20


def test_what_a_step_prints_is_no_answer():
    noisy = "print('loading'); from framing.schedule import steps; steps.main({'s': lambda: print('{}') or {'a': 1}})"
    with pytest.raises(StepFailed, match="ended with code 0 without a result"):
        in_child("s", {}, seconds=20, command=(sys.executable, "-c", noisy))
    quiet = noisy.replace("print('loading'); ", "")
    assert in_child("s", {}, seconds=20, command=(sys.executable, "-c", quiet)) == {"a": 1}


# --- one at a time


def test_a_second_run_waits_or_leaves(tmp_path):
    lock = tmp_path / ".daily.yaml.lock"
    held, free = threading.Event(), threading.Event()

    def hold():
        with alone(lock, as_of="2026-11-27", since="2026-11-28T05:00:00"):
            held.set()
            free.wait(30)

    threading.Thread(target=hold).start()
    assert held.wait(10)
    with pytest.raises(Locked, match=r"process \d+, as of 2026-11-27, since .*--wait SECONDS"), alone(
        lock, as_of="2026-11-28", since="", wait=0.1
    ):  # fmt: skip
        pass
    threading.Timer(0.3, free.set).start()
    with alone(lock, as_of="2026-11-28", since="", wait=20):
        assert free.is_set()
    assert not lock.with_name(".daily.yaml.lock.json").exists()


def test_the_command_leaves_with_75_where_another_run_is_going_on(tmp_path):
    (tmp_path / "corpus.csv").write_text("text\nA ferry sank.\n")
    (tmp_path / "daily.yaml").write_text("corpus: corpus.csv\nreports: [{name: article, parameters: {article_id: a}}]")
    with alone(tmp_path / ".daily.yaml.lock", as_of="2026-11-27", since="2026-11-28T05:00:00"):
        done = CliRunner().invoke(main, ["schedule", str(tmp_path / "daily.yaml"), "--as-of", "2026-11-28"])
    assert done.exit_code == framing.schedule.LOCKED == 75
    assert "another run is going on" in done.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["no.yaml"], 1), (["daily.yaml", "--as-of", "someday"], 1), (["daily.yaml", "--catchup", "7"], 2), ([], 2)],
)
def test_the_command_leaves_with_1_where_nothing_can_be_done_and_with_2_for_a_slip(
    tmp_path, arguments, code, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["schedule", *arguments]).exit_code == code


def test_help_and_documentation_name_every_exit_code():
    told = CliRunner().invoke(main, ["schedule", "--help"]).output
    for code in (*framing.schedule.EXIT_CODES.values(), framing.schedule.LOCKED, 2):
        assert re.search(rf"^\s+{code}\s+\w", told, re.MULTILINE)
        assert re.search(rf"^{code}\s+\w", framing.schedule.__doc__, re.MULTILINE)


# --- what changed

HIGHER, LOWER, UNCLEAR = "higher", "lower", "no clear difference"
CHANGES = [
    (UNCLEAR, HIGHER, "1 verdict is new", "**new: higher** (was: no clear difference)"),
    (None, LOWER, "1 verdict is new", "**new: lower**: Daily Klaxon"),
    (HIGHER, UNCLEAR, "1 verdict is gone", "**gone: higher** (now: no clear difference)"),
    (HIGHER, None, "1 verdict is gone", "**gone: higher** (now: no longer compared)"),
    (HIGHER, LOWER, "1 verdict has turned round", "**turned round: lower** (was higher)"),
    (HIGHER, HIGHER, "no verdict changed", ""),
    (UNCLEAR, "not enough articles", "no verdict changed", ""),
]


@pytest.mark.parametrize(("then", "now", "headline", "told"), CHANGES)
def test_verdicts_are_compared_with_the_run_before(desk, then, now, headline, told):
    days = {"on_2026_11_27": then, "on_2026_11_28": now}
    script = write_script(desk.folder, **usual(
        **{day: verdict_rows(*[("Daily Klaxon", said)] if said else []) for day, said in days.items()}
    ))  # fmt: skip
    plan = desk()
    first = run(plan, script=script, as_of=DAY - timedelta(1))
    assert "First run, nothing to compare with" in first.summary
    text = run(plan, script=script).summary
    assert headline in text.splitlines()[2]
    assert "Since 2026-11-27: " in text.splitlines()[2]
    assert told in text
    assert ("## Verdicts" in text) == bool(told)
    if told:
        assert "Daily Klaxon against the rest, loaded language in its own voice (30.0% against 10.0%)" in text


def test_an_earlier_report_that_was_deleted_is_not_taken_for_no_change(desk):
    script = write_script(desk.folder, **usual(on_2026_11_27=[], on_2026_11_28=[]))
    run(desk(), script=script, as_of=DAY - timedelta(1))
    (earlier,) = desk.folder.glob("reports/tiny/2026-11-27*")
    earlier.rename(desk.folder / "moved")
    assert "an earlier report cannot be compared with" in run(desk(), script=script).summary


def test_a_table_that_cannot_be_read_is_told_and_costs_nothing_else(desk):
    script = write_script(desk.folder, **usual(on_2026_11_27=[], on_2026_11_28=[]))
    earlier = run(desk(), script=script, as_of=DAY - timedelta(1))
    (desk.folder / earlier.line["reports"][0]["path"] / "tables" / "differences.csv").write_bytes(b"group\n\xff\xfe")
    outcome = run(desk(), script=script)
    assert "differences.csv" in outcome.summary and outcome.code == 3


def test_a_summary_of_much_is_short(desk):
    many = [(f"Outlet {number}", HIGHER) for number in range(60)]
    last = {name: "2026-11-02" for name, _ in many}
    aside = collected(outlets=("A",), new=200, set_aside=30) | {"reasons": {f"reason {n}": n for n in range(1, 20)}}
    steps = usual(on_2026_11_27=[], on_2026_11_28=verdict_rows(*many))
    plan = desk(collect="feeds.yaml")
    run(plan, script=write_script(desk.folder, **steps, collect=collected()), as_of=DAY - timedelta(1))
    text = run(plan, script=write_script(desk.folder, **{**steps, "coverage": {"first": "2026-11-01", "last": last}},
                                         collect=aside)).summary  # fmt: skip
    assert len(text.splitlines()) <= 33
    assert "60 verdicts are new; Outlet 0, Outlet 1, Outlet 10 and 57 more outlets have gone silent" in text
    assert "200 new, 0 revised, 30 set aside. Not read: reason 19 (19); reason 18 (18)." in text


HOSTILE = [
    "[Lantern](https://evil.example/)",
    "![x](https://evil.example/pixel.png)",
    "<script>alert(1)</script>",
    "<https://evil.example>",
    "https://evil.example/?a=1",
    "www.evil.example",
    "*Lantern* **Daily** _x_ ~~y~~ `code`",
    "Lantern\n\n# Heading\n- item",
    "- item",
    "1. FC Klaxon",
    "# Heading",
    "Lantern | cell | cell",
    "&lt;b&gt; &amp; R&D",
    "a\\*b\\",
    "@everyone <!channel>",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_the_web_are_no_markup(name):
    """A reader of Markdown sees the name, letter by letter, and nothing else happens."""
    read = mistune.create_markdown(escape=False, plugins=["url", "strikethrough", "table"])
    html = read(f"- no article since 2026-11-25: {markdown(name)}")
    assert re.findall(r"<(\w+)", html) == ["ul", "li"]
    seen = html_of.unescape(re.sub(r"<[^>]+>", "", html)).replace("\N{WORD JOINER}", "").strip()
    assert seen == "no article since 2026-11-25: " + " ".join(name.split())
    assert "@everyone" not in markdown(name) and "<!" not in markdown(name)


def test_such_names_are_markup_where_they_are_not_escaped():
    read = mistune.create_markdown(escape=False, plugins=["url", "strikethrough", "table"])
    tame = [name for name in HOSTILE if re.findall(r"<(\w+)", read(f"- {name}: x")) == ["ul", "li"]]
    assert set(tame) <= {
        "www.evil.example",
        "Lantern | cell | cell",
        "&lt;b&gt; &amp; R&D",
        "a\\*b\\",
        "@everyone <!channel>",
    }


# --- delivery


class Receiver(BaseHTTPRequestHandler):
    """A webhook on loopback that answers as it is told, and keeps what it got."""

    answers, got = [], []

    def do_POST(self):
        Receiver.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status = Receiver.answers.pop(0)
        if status == "slow":
            for _ in range(100):
                try:
                    self.wfile.write(b"H")
                except OSError:
                    return
                time.sleep(0.1)
        else:
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def webhook():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Receiver.got.clear()
    yield f"http://127.0.0.1:{server.server_port}/hooks/SECRET-TOKEN"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("answers", "status", "posts", "why"),
    [
        ([204], "done", 1, "taken"),
        ([500, 200], "done", 2, "taken at the second try"),
        ([500, 500], "failed", 2, "given up"),
        ([302, 302], "failed", 2, "a redirect is not followed"),
        (["slow", "slow"], "failed", 2, "a byte now and then"),
    ],
)
def test_a_webhook_gets_the_summary_and_never_costs_a_report(desk, webhook, monkeypatch, answers, status, posts, why):
    monkeypatch.setattr(running, "WEBHOOK_SECONDS", 1.0 if "slow" in answers else 10.0)
    Receiver.answers[:] = answers
    plan = desk(webhook=webhook, allow_hosts=["127.0.0.1"])
    outcome = run(plan, script=write_script(desk.folder, **usual(on_2026_11_28=[])))
    assert Receiver.got == [{"text": outcome.summary, "as_of": "2026-11-28", "status": "done"}] * posts
    assert [(one["to"], one["status"]) for one in outcome.line["deliveries"]] == [("webhook", status)]
    assert outcome.code == (0 if status == "done" else 3)
    assert (desk.folder / outcome.line["reports"][0]["path"]).is_dir()
    assert "SECRET" not in (desk.folder / "schedule.jsonl").read_text()


def test_the_same_reports_are_not_told_twice_unless_that_is_asked_for(desk, webhook):
    Receiver.answers[:] = [204] * 9
    mail = {"to": ["desk@example.org"], "from": "framing@example.org"}
    plan = desk(webhook=webhook, allow_hosts=["127.0.0.1"], email=mail)
    script = write_script(desk.folder, **usual(on_2026_11_28=[]))
    first, sent = run(plan, script=script), desk.folder / "outbox" / "2026-11-28.eml"
    sent.unlink()  # as a mail program does that has sent it
    again = run(plan, script=script)
    assert {one["status"] for one in first.line["deliveries"]} == {"done"}
    assert {one["status"] for one in again.line["deliveries"]} == {"already"}
    assert (again.code, len(Receiver.got), sent.exists()) == (0, 1, False)
    run(plan, script=script, force=True)
    assert (len(Receiver.got), sent.exists()) == (2, True)


def test_a_webhook_on_a_private_host_is_refused_unless_it_is_allowed(desk, webhook):
    """The control is the test above, where the host is allowed and the webhook gets the summary."""
    for address in (webhook, webhook.replace("127.0.0.1", "localhost")):
        outcome = run(desk(webhook=address), script=write_script(desk.folder, **usual(on_2026_11_28=[])))
        (delivery,) = outcome.line["deliveries"]
        assert (delivery["status"], outcome.code) == ("failed", 3)
        assert "not a public address" in delivery["error"] and "allow_hosts" in delivery["error"]
        assert "SECRET" not in delivery["error"]
    assert Receiver.got == []


def test_a_message_is_written_for_a_mail_program_and_no_name_becomes_a_header(desk):
    plan = desk(email={"to": ["desk@example.org", "night@example.org"], "from": "framing@example.org"}, silent_after=3)
    steps = usual(on_2026_11_27=[], on_2026_11_28=[])
    run(plan, script=write_script(desk.folder, **steps), as_of=DAY - timedelta(1))
    last = {"Klaxon\r\nBcc: all@example.org\r\n\r\n*Hello*": "2026-11-02"}
    run(plan, script=write_script(desk.folder, **{**steps, "coverage": {"first": "2026-11-01", "last": last}}))
    names = sorted(path.name for path in (desk.folder / "outbox").iterdir())
    assert names == ["2026-11-27.eml", "2026-11-28.eml"]
    message = email.message_from_bytes((desk.folder / "outbox" / names[1]).read_bytes(), policy=modern)
    assert message["To"] == "desk@example.org, night@example.org"
    assert message["Bcc"] is None
    started = "News framing, 2026-11-28. Since 2026-11-27: Klaxon Bcc: all@example.org *Hello* has gone silent"
    assert message["Subject"].startswith(started)
    shown, markup = message.iter_parts()
    assert (shown.get_content_type(), markup.get_content_type()) == ("text/plain", "text/markdown")
    assert "*Hello*" in shown.get_content()
    assert r"\*Hello\*" in markup.get_content()


def test_plain_text_steers_no_terminal_and_turns_nothing():
    assert plain("Klaxon\x1b[31m\u202e\x07 Daily") == "Klaxon[31m Daily"
    assert plain("\u05d4\u05d0\u05e8\u05e5") == "\u2068\u05d4\u05d0\u05e8\u05e5\u2069"
    assert len(plain("a" * 10_000)) == 200


def test_the_same_message_is_the_same_file(desk):
    plan = desk(email={"to": ["desk@example.org"], "from": "framing@example.org"})
    script, sent = write_script(desk.folder, **usual(on_2026_11_28=[])), desk.folder / "outbox" / "2026-11-28.eml"
    written = []
    for _ in range(2):
        run(plan, script=script, force=True)
        written.append(sent.read_bytes())
    assert written[0] == written[1]
    boundary = email.message_from_bytes(written[0], policy=modern).get_boundary()
    assert written[0].count(boundary.encode()) == 4, "in the header, before both parts, and after them"


def test_a_delivery_that_cannot_be_written_is_named(desk):
    (desk.folder / "taken").write_text("a file where a folder should be")
    outcome = run(desk(summary="taken/summary.md"), script=write_script(desk.folder, **usual(on_2026_11_28=[])))
    assert (outcome.line["deliveries"][0]["status"], outcome.code) == ("failed", 3)


def test_a_summary_file_links_to_the_reports_from_where_it_lies(desk):
    outcome = run(desk(summary="out/summary.md"), script=write_script(desk.folder, **usual(on_2026_11_28=[])))
    assert (desk.folder / "out" / "summary.md").read_text() == outcome.summary
    (link,) = re.findall(r"\]\((.*?)/report\.html\)", outcome.summary)
    assert (desk.folder / "out" / link).resolve() == desk.folder / outcome.line["reports"][0]["path"]
