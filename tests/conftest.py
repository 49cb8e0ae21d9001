"""What several test files share."""

import os

import pytest
from headless import CHROMIUM, WHY_NOT, Browser

from framing.report import start_quickly

start_quickly()

# Files that take longest come first: at the end no process is left alone with one of them.
SLOWEST = (
    "test_comparative_report.py", "test_collect.py", "test_notebooks.py", "test_schedule.py", "test_store_crashes.py",
    "test_analysis.py", "test_inference.py", "test_report.py", "test_hostile_server.py", "test_figures.py",
    "test_schedule_examples.py", "test_store.py", "test_corpus_folder.py", "test_hostile_input.py",
    "test_accessibility.py", "test_parallel.py", "test_neural_engine.py",
)  # fmt: skip


def pytest_xdist_auto_num_workers():
    """Half as many processes again as there are cores: a good part of the tests waits for servers and kernels."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + cores // 2


def pytest_collection_modifyitems(items):
    rank = {name: number for number, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(SLOWEST)))


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One browser for the whole session; tests open their pages in tabs of it."""
    if CHROMIUM is None:
        pytest.skip(WHY_NOT)
    running = Browser(tmp_path_factory.mktemp("browser"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def sites(tmp_path_factory):
    """Reports with plain and with hostile names: the paths of their pages ``report``, ``evidence`` and ``index``."""
    from made_up_pages import NAMES, site

    return {kind: site(tmp_path_factory.mktemp(kind), names) for kind, names in NAMES.items()}
