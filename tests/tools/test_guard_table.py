"""The table of the fetch guard in docs/sources.md names the tests that prove each row."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HEAD = "| what | how | proven by |"
TESTS = Path(__file__).with_name("test_fetch_guard.py")
TREE = ast.parse(TESTS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(checkout: Path) -> list[str]:
    """The rows of the table."""
    page = (checkout / "docs" / "sources.md").read_text(encoding="utf-8")
    return page.split(HEAD)[1].split("\n\n")[0].splitlines()[2:]


def cases() -> dict[str, int]:
    """Every test of the guard with how many cases it tries."""
    lists = {
        target.id: node.value
        for node in TREE.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def size(node: ast.expr) -> int:
        found = lists[node.id] if isinstance(node, ast.Name) else node
        assert isinstance(found, ast.Tuple | ast.List)
        return len(found.elts)

    return {
        node.name: next(
            (
                size(mark.args[1])
                for mark in node.decorator_list
                if isinstance(mark, ast.Call) and "parametrize" in ast.unparse(mark.func)
            ),
            1,
        )
        for node in TREE.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_the_table_names_every_test_of_the_guard_with_its_cases(rows: list[str]) -> None:
    """What is proven is said, nothing else is, and the counts are those of the tests."""
    found = re.findall(r"`(test_\w+)`(?: \((\d+)\))?", "\n".join(rows))
    assert {name: int(count or 1) for name, count in found} == cases()


def test_every_row_is_proven(rows: list[str]) -> None:
    """No row rests on words alone."""
    assert rows
    assert all("`test_" in row.split("|")[3] for row in rows)
