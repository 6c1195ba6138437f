"""The reader of YAML against hostile and random text: it answers, it is quick, and it knows where things stand."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.core.source import SIZE_BYTES_MAX, Mapping, Node, Scalar, Sequence, read

YAMLISH = st.text(alphabet="ab:-?[]{},&*!|>'\"%@`#\\ \n\t0._~<=é\u2028\x00\r", max_size=200)


def scalars(node: Node | None) -> list[Scalar]:
    """Every scalar under a node, keys included."""
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Sequence):
        return [s for item in node.items for s in scalars(item)]
    if isinstance(node, Mapping):
        return [s for key, value in node.entries for s in (key, *scalars(value))]
    return []


@settings(max_examples=400, deadline=None)
@given(st.one_of(YAMLISH, st.text(max_size=200)))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    source = read(text)
    assert source.root is not None or source.diagnostics
    lines = text.removeprefix("\ufeff").count("\n") + 1
    for problem in source.diagnostics:
        assert 1 <= problem.line <= lines + 1
        assert problem.column >= 1
        assert problem.code.startswith("S0")
        assert problem.message


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    source = read(data)
    assert source.root is not None or source.diagnostics


@settings(max_examples=400, deadline=None)
@given(YAMLISH)
def test_text_without_problems_holds_what_pyyaml_composes_in_it(text: str) -> None:
    source = read(text)
    if source.diagnostics:
        return
    assert _plain(source.root) == yaml.load(text, Loader=yaml.CBaseLoader)


def _plain(node: Node | None) -> object:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {key.text: _plain(value) for key, value in node.entries}
        case _:
            raise AssertionError("a file without problems holds nothing refused")


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.text(alphabet="abc ><='\"\\é", min_size=1, max_size=30), min_size=1, max_size=4),
    st.sampled_from("'\"|>p"),
)
def test_every_visible_character_is_found_where_it_was_written(parts: list[str], style: str) -> None:
    """A value is written in each style; each of its visible characters must be located on that very character."""
    lines = [" ".join(part.split()) or "x" for part in parts]
    match style:
        case "'":
            body = "'" + "\n   ".join(line.replace("'", "''") for line in lines) + "'"
        case '"':
            body = '"' + "\n   ".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'
        case "|" | ">":
            body = style + "\n" + "".join(f"   {line}\n" for line in lines)
        case _:
            lines = [line.replace("'", "").replace('"', "").replace(">", "").replace("=", "") or "x" for line in lines]
            lines = [" ".join(line.split()) or "x" for line in lines]
            body = "\n   ".join(lines)
    text = f"first: 1\nkey: {body}\n"
    source = read(text)
    assert not source.diagnostics
    assert isinstance(source.root, Mapping)
    value = source.root.get("key")
    assert isinstance(value, Scalar)
    assert value.text.split() == " ".join(lines).split()
    for offset, char in enumerate(value.text):
        if char.isspace():
            continue
        mark = value.locate(offset)
        written = text.split("\n")[mark.line - 1][mark.column - 1]
        escaped = style == '"' and char in '"\\'
        assert written == ("\\" if escaped else char)


def _merge_bomb(levels: int) -> str:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}" for i in range(1, levels)]
    return "\n".join(lines)


def _alias_bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    return "\n".join(lines)


BOMBS = {
    "3000 brackets": "[" * 3000,
    "3000 closed brackets": "[" * 3000 + "]" * 3000,
    "200000 brackets": "[" * 200_000,
    "200000 braces": "{" * 200_000,
    "brackets on lines": "[\n" * 100_000,
    "nested flow mappings": "{a: " * 60_000,
    "nested lists": "- " * 100_000,
    "nested keys": "? " * 100_000,
    "merge keys": _merge_bomb(30),
    "aliases": _alias_bomb(12),
    "many anchors": "\n".join(f"k{i}: &a{i} 1" for i in range(10_000)),
    "many duplicate keys": "a: 1\n" * 40_000,
    "many tabs": "\t" * 200_000,
    "many bangs": "!" * 200_000,
    "many quotes": "'" * 200_001,
    "many colons": ":" * 200_000,
    "many questions": "?\n" * 100_000,
    "many commas": "[" + "a," * 100_000 + "]",
    "many keys": "\n".join(f"k{i}: v" for i in range(20_000)),
    "many documents": "---\n" * 60_000,
    "indented": "".join(" " * i + "a:\n" for i in range(500)),
    "long escapes": '"' + "\\u0041" * 40_000 + '"',
}


@pytest.mark.parametrize("kind", BOMBS)
def test_f47_bombs_end_at_once_with_a_diagnostic(kind: str) -> None:
    text = BOMBS[kind]
    assert len(text.encode()) <= SIZE_BYTES_MAX, "the bomb must reach the scanner"
    started = time.process_time()
    source = read(text)
    assert time.process_time() - started < 5, "a file of 256 KB never holds the reader up"
    harmless = kind in ("many commas", "many keys", "long escapes")
    assert bool(source.diagnostics) != harmless
    assert len(source.diagnostics) <= 101


def test_a_file_over_256_kb_is_refused_unread() -> None:
    source = read("a: " + "x" * SIZE_BYTES_MAX)
    assert [d.code for d in source.diagnostics] == ["S004"]
    assert source.root is None
