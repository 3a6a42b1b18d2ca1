"""The small data that ships: enough of it, clean, and the play is what its generator makes."""

import importlib.util
import re

from autograder.lessons.course import Course
from autograder.milestone import datasets

COURSE = Course.find()
DATA = COURSE.folder / "data"


def test_the_names_are_many_distinct_and_in_plain_letters():
    names = datasets.load(COURSE, "names", "small").text.split()
    assert len(names) >= 3000
    assert names == sorted(set(names))
    assert all(re.fullmatch("[a-z]{2,15}", name) for name in names)


def test_the_play_is_what_its_generator_makes():
    spec = importlib.util.spec_from_file_location("make_play", DATA / "make_play.py")
    make_play = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_play)
    assert make_play.make().encode() == (DATA / "play_small.txt").read_bytes()


def test_the_play_has_the_form_and_the_size_of_one():
    text = datasets.load(COURSE, "shakespeare", "small").text
    speeches = text.rstrip("\n").split("\n\n")
    assert len(text) >= 200_000 and text.isascii()
    assert all(re.match(r"[A-Z' ]+:\n\S", speech) for speech in speeches)
    assert set("abcdefghijklmnopqrstuvwxyz") <= set(text)


def test_every_choice_of_the_grammar_is_defined_and_used():
    grammar = re.sub("^#.*", "", (DATA / "play_grammar.txt").read_text(), flags=re.MULTILINE)
    manners = re.findall(r"^  [^:\n]+: (\w+)$", grammar, re.MULTILINE)
    defined = re.findall(r"^(\w+):$", grammar, re.MULTILINE)
    assert {*manners, *re.findall(r"{(\w+)}", grammar)} == {*defined, "thing"} - {"speakers"}
