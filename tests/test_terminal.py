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


def test_the_words_that_carried_a_score_stand_in_a_column_of_signed_numbers():
    lines = explanation(framing.analyze(TEXT), color=False).splitlines()
    under = lines[2 : next(k for k, line in enumerate(lines) if "disgrace" in line)]
    reasons = [line for line in under if re.fullmatch(r" {16}[+-]\d\.\d\d  \S+", line)]
    assert reasons
    assert reasons[0].endswith("shameful")
    numbers = [float(line.split()[0]) for line in reasons]
    assert numbers == sorted(numbers, reverse=True)


def test_a_long_word_keeps_its_line_short():
    word = "ridiculous" * 30
    lines = explanation(framing.analyze(f"A shameful {word} of a disgrace."), color=False).splitlines()
    reasons = [line for line in lines if re.match(r" {16}[+-]\d", line)]
    assert any(line.endswith("…") for line in reasons)
    assert max(map(len, reasons)) <= 80


def test_sober_sentences_need_no_reasons():
    assert not re.search(r"^ {16}[+-]\d", explanation(framing.analyze("The committee met on Tuesday."), color=False))


def test_a_few_sentences_have_no_frames():
    assert "frames" not in explanation(framing.analyze("It rained."), color=False)


def test_no_text_steers_the_terminal():
    shown = explanation(framing.analyze("He said \x1b[31m“no\x07” to Nora\x9b Pell."), color=False)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
