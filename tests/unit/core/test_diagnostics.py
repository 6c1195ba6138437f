"""How problems are shown: one line that never wraps, the source underlined, nothing secret."""

from __future__ import annotations

import json

import pytest

from oracle.core.diagnostics import EXCERPT_CHARS_MAX, SOURCE_CODES, Diagnostic, nearest, render_json, render_text, sort


def problem(**changes: object) -> Diagnostic:
    """A diagnostic, with some values changed."""
    values: dict[str, object] = {"path": "a.yaml", "line": 3, "column": 9, "code": "S010", "message": "unknown key"}
    return Diagnostic(**(values | changes))  # type: ignore[arg-type]  # the test names the fields


def test_the_line_says_place_code_problem_found_and_expected() -> None:
    text = render_text([problem(found="wen", expected="when", suggestion="when", excerpt="  long: wen", width=3)])
    assert text.split("\n") == [
        "a.yaml:3:9: S010 unknown key; found wen; expected when",
        "      long: wen",
        "            ^^^",
        "    did you mean `when`?",
    ]


def test_problems_come_by_file_line_and_column_each_once() -> None:
    problems = [
        problem(path="b.yaml", line=1),
        problem(line=10),
        problem(line=2),
        problem(line=2),
        problem(line=2, column=1),
    ]
    assert [(p.path, p.line, p.column) for p in sort(problems)] == [
        ("a.yaml", 2, 1),
        ("a.yaml", 2, 9),
        ("a.yaml", 10, 9),
        ("b.yaml", 1, 9),
    ]


def test_a_long_line_is_cut_around_the_problem() -> None:
    excerpt = "x" * 500 + "BAD" + "y" * 500
    lines = render_text([problem(column=501, excerpt=excerpt, width=3)]).split("\n")
    assert len(lines[1]) <= EXCERPT_CHARS_MAX + 6
    start = lines[2].index("^")
    assert lines[1][start : start + 3] == "BAD"


def test_control_characters_never_reach_the_terminal() -> None:
    text = render_text([problem(message="a\x1b[31m\nb", found="\u202ex", excerpt="c\x9b", path="p\x1b")])
    assert not any(char in text for char in "\x1b\u202e\x9b")
    assert len(text.split("\n")) == 3


@pytest.mark.parametrize(
    "excerpt",
    [
        "url: postgresql+asyncpg://trader:hunter2@localhost/x",
        "pasword: hunter2",
        "api_key: hunter2",
        "{token: hunter2, x: 1}",
        "'secret': 'hunter2'",
    ],
)
def test_a_line_with_a_secret_is_not_shown(excerpt: str) -> None:
    shown = problem(excerpt=excerpt, found=excerpt)
    assert "hunter2" not in render_text([shown])
    assert "hunter2" not in render_json([shown])


def test_json_has_every_field() -> None:
    found = json.loads(render_json([problem(notes=("one",))]))[0]
    assert list(found) == [
        "path",
        "line",
        "column",
        "code",
        "message",
        "severity",
        "found",
        "expected",
        "suggestion",
        "excerpt",
        "width",
        "notes",
    ]
    assert found["notes"] == ["one"]


@pytest.mark.parametrize(
    ("word", "expected"), [("wen", "when"), ("PORT", "port"), ("stop_los", "stop_loss"), ("zebra", None)]
)
def test_nearest_finds_what_was_meant_and_nothing_far(word: str, expected: str | None) -> None:
    assert nearest(word, ["when", "port", "stop_loss", "long"]) == expected


def test_codes_are_unique_and_explained() -> None:
    codes = [c.code for c in SOURCE_CODES]
    assert len(codes) == len(set(codes))
    assert all(c.meaning.endswith(".") for c in SOURCE_CODES)
