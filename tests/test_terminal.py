"""An explanation for the terminal: numbers beside their words, and nothing that steers the terminal."""

import re

import framing
from framing.terminal import explanation

TEXT = (
    "The minister’s shameful plan collapsed on Monday. “It was a disgrace,” said Nora Pell, an engineer. "
    "It rained. Ships waited. The port stayed shut."
)


def test_every_number_stands_beside_its_words():
    shown = explanation(framing.analyze(TEXT, ["Nora Pell"]), color=False)
    lines = shown.splitlines()
    assert re.match(r"  0\.\d\d  author  The minister’s \[shameful\|evaluation\] plan", lines[1])
    assert re.match(r" +- shameful: evaluation \d\.\d\d, own voice", lines[2])
    assert any("disgrace: evaluation" in line and "a source's words" in line for line in lines)
    assert any(line.strip().startswith("- toward Nora Pell: ") for line in lines)
    assert "  Nora Pell said (neutral), direct: “It was a disgrace,”" in lines
    assert any("conflict: most in sentences" in line for line in lines)


def test_a_few_sentences_have_no_frames():
    assert "frames" not in explanation(framing.analyze("It rained."), color=False)


def test_no_text_steers_the_terminal():
    shown = explanation(framing.analyze("He said \x1b[31m“no\x07” to Nora\x9b Pell."), color=False)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
