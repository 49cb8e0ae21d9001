"""What the file of a scheduled run may say, and how it is told what is wrong; never what may be a secret."""

import json
import re
import traceback
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up_schedule import Desk

from framing.cli import main
from framing.errors import FramingError, InputError
from framing.schedule.delivery import post_json
from framing.schedule.plan import days_before, read_plan
from framing.schedule.run import run_schedule

DAY = date(2026, 11, 28)
SAMPLE = Path(__file__).parent.parent / "data" / "sample_articles.csv"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


BAD_PLANS = [
    ({"reprots": []}, ["unknown key 'reprots'", "reports_folder"], "a slip of the pen"),
    ({"corpus": None}, ["corpus is None"], "nothing to report on"),
    ({"corpus": "elsewhere"}, ["corpus", "'elsewhere'"], "not there, and nothing collects into it"),
    ({"collect": "no.yaml"}, ["collect", "'no.yaml'"], "not there"),
    ({"reports": []}, ["reports is []"], "neither collects nor reports"),
    ({"reports": ["tiny"]}, ["report 1", "name: value"], "a name instead of a mapping"),
    ({"reports": [{"name": "weekly"}]}, ["unknown report 'weekly'", "tiny"], "no such notebook"),
    ({"reports": [{"name": "tiny", "day": 7}]}, ["unknown key of report 1 'day'", "days"], "a slip in a report"),
    ({"reports": [{"name": "tiny", "days": 7}]}, ["'since'", "leave 'days' out"], "a notebook without a period"),
    ({"reports": [{"name": "tiny", "parameters": {"colour": 1}}]}, ["'colour'", "title"], "no such parameter"),
    ({"reports": [{"name": "tiny", "parameters": {"title": 3}}]}, ["'title' is 3", "text"], "wrong type"),
    ({"reports": [{"name": "tiny", "parameters": {"as_of": "2026-11-01"}}]}, ["'as_of'", "set by the run"], "ours"),
    ({"delay": -1}, ["delay is -1", "from 0"], "out of range"),
    ({"silent_after": 2.5}, ["silent_after is 2.5", "whole"], "half a day"),
    ({"timeout": True}, ["timeout is True"], "YAML's yes"),
    ({"timeout": float("nan")}, ["timeout is nan"], "no number"),
    ({"allow_hosts": "localhost"}, ["allow_hosts", "[A, B]"], "a text is not a list"),
    ({"silent_after": 1_000_000}, ["silent_after is 1000000", "to 36,500"], "thousands of years"),
    ({"reports": [{"name": "tiny", "days": 1_000_000}]}, ["days is 1000000", "to 36,500"], "leads out of the calendar"),
    ({"reports": [{"name": "tiny"}, {"name": "tiny"}]}, ["reports 1 and 2 are the same", "leave one out"], "twice"),
    ({"webhook": "ftp://example.org/x"}, ["webhook", "https://", "user name"], "not the web"),
    ({"email": {"to": ["desk@example.org"]}}, ["from is None"], "no sender"),
    ({"email": {"to": [], "from": "a@example.org"}}, ["'to' is empty"], "nobody to read it"),
    ({"email": {"to": ["a@example.org\nBcc: b@example.org"], "from": "a@example.org"}}, ["not an address"], "a header"),
    ({"email": {"to": ["desk"], "from": "a@example.org"}}, ["'desk'"], "no domain"),
    ({"email": {"to": ["jörg@example.org"], "from": "a@example.org"}}, ["jörg", "not ASCII", "another"], "its letters"),
    ({"email": {"to": ["a@exä!mple.org"], "from": "a@example.org"}}, ["'a@exä!mple.org'"], "a domain that is none"),
]


@pytest.mark.parametrize(("change", "words", "why"), BAD_PLANS, ids=[why for *_, why in BAD_PLANS])
def test_a_plan_is_checked_whole_before_anything_runs(desk, change, words, why):
    with pytest.raises(FramingError) as raised:
        run_schedule(desk(**change), as_of=DAY, notebooks=desk.notebooks)
    assert str(raised.value).startswith("daily.yaml: ")
    for word in words:
        assert word in str(raised.value)
    assert not (desk.folder / "schedule.jsonl").exists()


SECRETS = [
    ("webhook: https://chat.exa!mple.org/hooks/SECRET", "webhook", "no host"),
    ("webhook: https://chat.example.org:0/hooks/SECRET", "webhook", "no port"),
    ("webhook: ftp://chat.example.org/SECRET", "webhook", "not the web"),
    ("webhook: https://me:SECRET@example.org/", "webhook", "credentials would be sent in clear"),
    ("webhook: [https://chat.example.org/SECRET]", "webhook", "a list"),
    ("webhook: https://chat.example.org/hooks/SECRET: yes", "line 3, column 47", "two colons"),
    ("webhook: 'https://chat.example.org/hooks/SECRET", "line 4, column 1", "a quotation mark that is not closed"),
    ("webhook: *SECRET", "line 3, column 10", "what YAML takes for an alias"),
    ("webhook: https://chat.example.org/SECRET\x01", "signs that cannot be printed", "a control character"),
    ("webhook: a\nwebhook: https://chat.example.org/SECRET", "line 4: 'webhook' is given twice", "a second one"),
]


@pytest.mark.parametrize(("line", "says", "why"), SECRETS, ids=[why for *_, why in SECRETS])
def test_no_message_and_no_traceback_shows_the_address_of_a_webhook(desk, line, says, why):
    """What cron mails when a plan is refused holds no secret."""
    plan = desk()
    plan.write_text("corpus: corpus.csv\nreports: [{name: tiny}]\n" + line + "\n")
    with pytest.raises(FramingError) as raised:
        read_plan(plan, notebooks=desk.notebooks)
    assert says in str(raised.value)
    assert "SECRET" not in "".join(traceback.format_exception(raised.value))


def test_an_address_that_is_none_is_not_shown_where_it_is_asked_for_either():
    address = "https://chat.exa!mple.org/hooks/" + "SECRET"
    with pytest.raises(InputError) as raised:
        post_json(address, {})
    assert "SECRET" not in "".join(traceback.format_exception(raised.value))


UNREADABLE = [
    ("", "the file is empty; give at least corpus and reports"),
    ("# corpus: corpus.csv\n", "the file is empty"),
    ("corpus.csv", "the file holds no lines of `name: value`"),
    ("reports: []\ncorpus: a\nreports: []\n", "line 3: 'reports' is given twice; keep one of them"),
    ("corpus: a\nemail: {to: [], from: a, to: []}\n", "line 2: 'to' is given twice"),
    ("corpus: Klaxon: daily\n", "no YAML (line 1, column 15); put text with signs like : # { in quotation marks"),
    ("[" * 10_000, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "says"), UNREADABLE, ids=[says for _, says in UNREADABLE])
def test_a_file_that_is_no_plan_is_refused_with_what_to_do(tmp_path, text, says):
    (tmp_path / "daily.yaml").write_text(text)
    with pytest.raises(FramingError, match=r"^daily\.yaml: " + f".*{re.escape(says)}"):
        read_plan(tmp_path / "daily.yaml")


def test_a_file_that_is_not_there_or_no_text_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(FramingError, match=r"^daily\.yaml: there is no such file; give the plan"):
        read_plan(tmp_path / "daily.yaml")
    with pytest.raises(FramingError, match="there is no such file"):
        read_plan(tmp_path)
    (tmp_path / "daily.yaml").write_bytes(b"corpus: \xe9")
    with pytest.raises(FramingError, match="byte 9 is no UTF-8; save the file as UTF-8"):
        read_plan(tmp_path / "daily.yaml")


def test_a_title_that_yaml_takes_for_a_date_is_text_and_can_be_logged(desk):
    plan = desk(reports=[{"name": "tiny", "parameters": {"title": date(2026, 11, 1)}}])
    (wanted,) = read_plan(plan, notebooks=desk.notebooks).reports
    assert json.loads(json.dumps(wanted.given)) == {"title": "2026-11-01"}


def test_keys_of_a_merged_mapping_may_be_given_again(desk):
    plan = desk()
    plan.write_text("corpus: corpus.csv\nreports: [&a {name: tiny, parameters: {title: A}}, "
                    "{<<: *a, parameters: {title: B}}]\n")  # fmt: skip
    titles = [one.parameters["title"] for one in read_plan(plan, notebooks=desk.notebooks).reports]
    assert titles == ["A", "B"]


def test_paths_count_from_the_folder_of_the_plan_and_the_window_ends_with_the_day(desk, monkeypatch):
    monkeypatch.chdir("/")
    plan = read_plan(desk(), notebooks=desk.notebooks)
    assert plan.corpus == desk.folder / "corpus.csv"
    shipped = read_plan(desk(corpus=str(SAMPLE), reports=[{"name": "comparative", "days": 7}]))
    window = shipped.parameters(shipped.reports[0], DAY)
    assert (window["since"], window["until"], window["as_of"]) == ("2026-11-22", "2026-11-28", "2026-11-28")


def test_no_day_is_before_the_first_of_the_calendar(desk):
    assert days_before(DAY, 1) == date(2026, 11, 27)
    assert days_before(date(1, 1, 3), 36_500) == date.min
    plan = read_plan(desk(corpus=str(SAMPLE), reports=[{"name": "comparative", "days": 36_500}]))
    assert plan.parameters(plan.reports[0], date(2, 1, 1))["since"] == "0001-01-01"


def test_a_domain_in_other_letters_is_written_as_mail_programs_know_it(desk):
    email = {"to": ["desk@exämple.org", "night@example.org"], "from": "framing@日本.example"}
    plan = read_plan(desk(email=email), notebooks=desk.notebooks)
    assert plan.email.to == ("desk@xn--exmple-cua.org", "night@example.org")
    assert plan.email.sender == "framing@xn--wgv71a.example"


def test_the_command_names_a_plan_that_is_not_there(tmp_path):
    done = CliRunner().invoke(main, ["schedule", str(tmp_path / "no.yaml")])
    assert done.exit_code == 1
    assert "no.yaml: there is no such file; give the plan of a run" in done.output
