"""The page about courses names the limits and options that there are."""

import argparse
import dataclasses
import re
from pathlib import Path

import pytest

from chisel.course import command
from chisel.course.exercise import CHECK_MEMORY
from chisel.course.limits import Limits

PAGE = Path(__file__).resolve().parents[2] / "book" / "course.md"


@pytest.fixture
def page() -> str:
    if not PAGE.exists():
        pytest.skip("this copy holds no book; ends in a whole checkout")
    return PAGE.read_text(encoding="utf-8")


def test_the_table_of_limits_is_that_of_the_program(page: str):
    rows = re.findall(r"^\|.*\| \{given\}`(\d+)` \w+ \| `--([\w-]+)` \|$", page, re.M)
    named = {field.name.replace("_", "-"): field.default for field in dataclasses.fields(Limits)}
    assert {option: int(number) for number, option in rows} == named
    assert f"{{given}}`{CHECK_MEMORY >> 20}` MB" in page


def test_options_on_the_page_exist(page: str):
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    parsers = [parser]
    known: set[str] = set()
    while parsers:
        for action in parsers.pop()._actions:
            known |= set(action.option_strings)
            parsers += (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else []
    ours = re.findall(r"^chisel course .*", page, re.M)
    named = set(re.findall(r"`(--[\w-]+)", page)) | {word for line in ours for word in re.findall(r"--[\w-]+", line)}
    assert named <= known and len(named) > 8
