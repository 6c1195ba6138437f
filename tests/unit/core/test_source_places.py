"""Reading YAML: scalars stay text, everything knows its place, what hides meaning is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.core.source import Mapping, Scalar, Sequence, read, read_file


def value(text: str, key: str) -> Scalar:
    """The scalar under a top-level key of a text without problems."""
    source = read(text)
    assert source.diagnostics == ()
    assert isinstance(source.root, Mapping)
    node = source.root.get(key)
    assert isinstance(node, Scalar)
    return node


def test_scalars_stay_text() -> None:
    text = "a: ON\nb: 15:55\nc: 0123\nd: 5%\ne: .nan\nf: 2013-03-01\ng: 1e3\n"
    written = {"a": "ON", "b": "15:55", "c": "0123", "d": "5%", "e": ".nan", "f": "2013-03-01", "g": "1e3"}
    for key, expected in written.items():
        assert value(text, key).text == expected


def test_places_count_lines_and_columns_from_one() -> None:
    source = read("a: 1\nlist:\n  - x\n  - {k: vé, z: 2}\n")
    assert isinstance(source.root, Mapping)
    items = source.root.get("list")
    assert isinstance(items, Sequence)
    inner = items.items[1]
    assert isinstance(inner, Mapping)
    key, found = inner.key("z"), inner.get("z")
    assert key is not None
    assert isinstance(found, Scalar)
    assert (key.mark.line, key.mark.column) == (4, 13)
    assert (found.mark.line, found.mark.column) == (4, 16)


@pytest.mark.parametrize(
    ("text", "needle", "place"),
    [
        ("k: close > bad\n", "bad", (1, 12)),
        ("k: 'it''s bad'\n", "bad", (1, 11)),
        ('k: "\\u0041\\x42 bad"\n', "bad", (1, 16)),
        ('k: "a \\\n   bad"\n', "bad", (2, 4)),
        ('k: "a\n\n   bad"\n', "bad", (3, 4)),
        ("k: a and\n   bad or\n   worse\n", "bad", (2, 4)),
        ("k: a and\n   bad or\n   worse\n", "worse", (3, 4)),
        ("k: |\n   a\n     bad\n", "bad", (3, 6)),
        ("k: >-  # why\n   a and\n   bad\n", "bad", (3, 4)),
        ("k: |2\n    a\n   bad\n", "bad", (3, 4)),
        ("k:\r\n  bad\r\n", "bad", (2, 3)),
        ("k: é or bad\n", "bad", (1, 9)),
    ],
)
def test_a_character_inside_a_scalar_is_found_in_the_file(text: str, needle: str, place: tuple[int, int]) -> None:
    scalar = value(text, "k")
    mark = scalar.locate(scalar.text.index(needle))
    assert (mark.line, mark.column) == place


def test_the_place_after_the_last_character_is_the_end_of_the_scalar() -> None:
    scalar = value("k: abc\n", "k")
    assert scalar.locate(3).column == 7
    assert scalar.locate(99).column == 7


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\na: 2\n", [("S002", 2, 1)]),
        ("a: {b: 1, b: 2}\n", [("S002", 1, 11)]),
        ("a: &x 1\nb: *x\n", [("S003", 1, 4), ("S003", 2, 4)]),
        ("<<: {a: 1}\n", [("S003", 1, 1)]),
        ("a: !!python/object/apply:os.system [x]\n", [("S003", 1, 4)]),
        ("a: ! x\n", [("S003", 1, 4)]),
        ("a:\tb\n", [("S003", 1, 3)]),
        ("a: 1\n---\nb: 2\n", [("S003", 2, 1)]),
        ("%YAML 1.2\n---\na: 1\n", [("S003", 1, 1)]),
        ("? [a]\n: b\n", [("S003", 1, 3)]),
        ("a: \x07b\n", [("S005", 1, 4)]),
        ("a: \u2028b\n", [("S005", 1, 4)]),
        ("a: \ud800b\n", [("S005", 1, 4)]),
        ("", [("S006", 1, 1)]),
        ("# only a comment\n", [("S006", 1, 1)]),
        ("a: b: c\n", [("S001", 1, 5)]),
        ("a: [1, 2\n", [("S001", 2, 1)]),
    ],
)
def test_what_hides_meaning_is_refused_where_it_stands(text: str, found: list[tuple[str, int, int]]) -> None:
    assert [(d.code, d.line, d.column) for d in read(text).diagnostics] == found


def test_all_problems_are_reported_at_once() -> None:
    codes = [d.code for d in read("a: 1\na: 2\nb: &x 3\nc:\t4\nd: *x\ne: 'open\n").diagnostics]
    assert codes == ["S002", "S003", "S003", "S003", "S001"]


def test_a_duplicate_names_both_lines_and_the_first_value_stands() -> None:
    source = read("a: 5\nb: 1\na: 50\n")
    assert "first on line 1, again on line 3" in source.diagnostics[0].message
    assert isinstance(source.root, Mapping)
    first = source.root.get("a")
    assert isinstance(first, Scalar)
    assert first.text == "5"


def test_twenty_levels_are_read_and_twenty_one_are_not() -> None:
    assert read("[" * 20 + "]" * 20).diagnostics == ()
    assert [d.code for d in read("[" * 21 + "]" * 21).diagnostics] == ["S004"]


def test_bytes_that_are_not_utf8_are_located() -> None:
    problem = read(b"a: 1\nb: caf\xe9\n").diagnostics[0]
    assert (problem.code, problem.line, problem.column) == ("S005", 2, 7)


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    source = read(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert source.diagnostics == ()
    assert isinstance(source.root, Mapping)
    key = source.root.key("b")
    assert key is not None
    assert (key.mark.line, key.mark.column) == (2, 1)


def test_a_file_that_is_not_there_is_a_diagnostic(tmp_path: Path) -> None:
    source = read_file(tmp_path / "none.yaml")
    assert [d.code for d in source.diagnostics] == ["S006"]
    assert [d.code for d in read_file(tmp_path).diagnostics] == ["S006"]
