"""The form of the Rust part: the fence around PyO3, the order of its rooms, no panic, no clock, no chance."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from pathlib import Path

from market import ROOT

SOURCE = ROOT / "rust_core" / "src"


@cache
def files() -> dict[Path, str]:
    """Every source file with its text; comments, and tests inside the file, left out."""
    return {path.relative_to(SOURCE): code(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.rs"))}


def code(text: str) -> str:
    own = re.split(r"^#\[cfg\(test\)\]\s*(?=mod \w+ \{)", text, maxsplit=1, flags=re.MULTILINE)[0]
    return re.sub(r"//.*", "", own)


def is_test(path: Path) -> bool:
    return "tests" in path.parts or path.stem == "tests"


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".rs")


def test_only_the_python_room_knows_pyo3() -> None:
    outside = [str(path) for path, text in files().items() if room(path) != "python" and re.search(r"\bpyo3\b", text)]
    assert outside == []
    assert "pyo3" in files()[Path("python/mod.rs")], "the search finds it where it is"


def stated_order() -> list[list[str]]:
    """The rooms by level, highest first, as the page `lib.rs` states them."""
    head = " ".join(re.findall(r"^//! ?(.*)$", (SOURCE / "lib.rs").read_text(encoding="utf-8"), re.MULTILINE))
    chain_ = head[head.index("`python`") :]
    return [re.findall(r"`(\w+)`", level) for level in chain_.split("→")]


def test_rooms_see_only_what_stands_below_them() -> None:
    level = {name: number for number, names in enumerate(stated_order()) for name in names}
    assert set(level) == {room(path) for path in files()} - {"lib"}, "every room has its place in lib.rs"
    upward = []
    for path, text in files().items():
        if is_test(path) or room(path) == "lib":
            continue
        for target in seen(text) - {room(path)}:
            if level.get(target, 99) <= level[room(path)]:
                upward.append(f"{path} uses {target}")
    assert upward == []


def seen(text: str) -> set[str]:
    """The rooms that a file names by `crate::`."""
    single = re.findall(r"\bcrate::(\w+)", text)
    groups = re.findall(r"\bcrate::\{(.*?)\};", text, re.DOTALL)
    inside = chain.from_iterable(re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\{[^{}]*\}", "", group)) for group in groups)
    return {name for name in (*single, *inside) if name.islower()}


def test_the_pure_part_reads_no_clock_no_file_and_no_chance() -> None:
    forbidden = re.compile(
        r"\b(?:SystemTime|Instant::now|std::fs|std::env|std::net|thread_rng|rand::|println!|eprintln!|dbg!|todo!|unimplemented!)"
    )
    found = [
        f"{path}: {hit[0]}"
        for path, text in files().items()
        if not is_test(path) and room(path) != "python" and (hit := forbidden.search(text))
    ]
    assert found == []


def test_nothing_is_iterated_in_the_order_of_a_hash() -> None:
    # A hash map may be asked by key; what is gone through in order is a vector or a tree.
    loop = re.compile(r"\bHash(?:Map|Set)\b")
    users = {str(path): text for path, text in files().items() if not is_test(path) and loop.search(text)}
    walked = []
    for path, text in users.items():
        names = set(re.findall(r"(\w+): (?:&(?:mut )?)?Hash(?:Map|Set)<", text))
        names |= set(re.findall(r"let (?:mut )?(\w+)(?:: [^=]+)? = Hash(?:Map|Set)::", text))
        for name in names:
            if re.search(
                rf"\bin &?(?:mut )?(?:self\.)?{name}\b|\b{name}\.(?:iter|keys|values|drain|into_iter)\(", text
            ):
                walked.append(f"{path}: {name}")
    assert walked == []


def test_no_unsafe_code() -> None:
    unsafe = [str(path) for path, text in files().items() if re.search(r"\bunsafe\b(?!_code)", text)]
    assert unsafe == []


def test_every_room_says_what_it_is_for() -> None:
    silent = [path for path in files() if not (SOURCE / path).read_text(encoding="utf-8").startswith("//! ")]
    assert silent == []
