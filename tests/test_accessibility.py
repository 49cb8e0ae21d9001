"""The rules of axe-core, in a real browser: no page breaks one, in light or dark, wide or narrow."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from headless import CHROMIUM, WHY_NOT

AXE = find_spec("axe_core_python")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason=WHY_NOT),
    pytest.mark.skipif(AXE is None, reason="needs the package axe-core-python (extra dev)"),
]
RUN = """axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
    rule => `${rule.id}: ${rule.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(" ... ")}`))"""


@pytest.fixture(scope="module")
def axe():
    return Path(AXE.origin).with_name("axe.min.js").read_text("utf-8")


def violations(tab, axe):
    """The rules that are broken by what is on the page, folded parts opened."""
    tab.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    tab.run(axe + ";1")
    return tab.run(RUN)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (375, False), (375, True)])
@pytest.mark.parametrize("name", ["report", "evidence", "index"])
def test_no_rule_is_broken(browser, sites, axe, name, width, dark):
    with browser.open(sites["plain"][name], width=width, dark=dark) as tab:
        assert violations(tab, axe) == []


@pytest.mark.parametrize("name", ["report", "evidence", "index"])
def test_no_name_from_the_input_breaks_a_rule(browser, sites, axe, name):
    with browser.open(sites["hostile"][name]) as tab:
        assert violations(tab, axe) == []


@pytest.mark.parametrize(
    ("rule", "markup"),
    [
        ("color-contrast", '<p style="color:#999;background:#fff">pale</p>'),
        ("image-alt", '<img src="data:image/png;base64,AAAA">'),
        ("link-name", '<a href="#report"></a>'),
        ("label", '<input type="search">'),
        ("svg-img-alt", '<svg role="img"></svg>'),
    ],
)
def test_what_breaks_a_rule_is_found(browser, sites, axe, rule, markup):
    """The control: the other tests would see it."""
    with browser.open(sites["plain"]["evidence"]) as tab:
        tab.run(f"document.querySelector('main').insertAdjacentHTML('beforeend', {markup!r})")
        assert any(found.startswith(f"{rule}:") for found in violations(tab, axe))
