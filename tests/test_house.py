"""The rules of the house that no linter knows, checked on the source itself."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import causemap

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "causemap"

# A module may import from its own package and from any lower level; measures are a house apart.
LEVELS = {
    "causemap._version": 0,
    "causemap.articles": 0,
    "causemap.closed_sets": 0,
    "causemap.model_records": 0,
    "causemap.scheduled": 0,
    "causemap.records": 0,
    "causemap.words": 0,
    "causemap.causes": 0,
    "causemap.errors": 0,
    "causemap.files": 0,
    "causemap.prompts": 0,
    "causemap.ranking": 0,
    "causemap.settings": 0,
    "causemap.tools": 1,
    "causemap.llm": 1,
    "causemap.attribution": 1,
    "causemap.reporting": 2,
    "causemap.agents": 3,
    "causemap.cases": 4,
    "causemap.ledger": 4,
    "causemap.briefing": 4,
    "causemap.checklist": 4,
    "causemap.doctor": 5,
    "causemap.explaining": 5,
    "causemap.evals": 6,
    "causemap.ui": 7,
    "causemap.cli": 8,
    "causemap.__main__": 9,
}
BOTTOM = 0
NETWORK = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpcore",
    "httpx",
    "httpx2",
    "requests",
    "socket",
    "urllib.request",
    "urllib3",
}
HEAVY = (
    "chromadb",
    "langgraph",
    "numpy",
    "openai",
    "pandas",
    "pyarrow",
    "pydantic",
    "sklearn",
    "sqlalchemy",
    "streamlit",
    "yfinance",
)
LINKS = ("agents", "evals", "prompts", "tools", "ui")


class Module(NamedTuple):
    """A source file, its dotted name and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    def __str__(self) -> str:
        """The dotted name, as the test reports it."""
        return self.name


def dotted(path: Path) -> str:
    """The import name of a file under src."""
    parts = path.relative_to(SRC.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = [
    Module(dotted(path), path, ast.parse(path.read_text(encoding="utf-8")))
    for path in sorted(SRC.rglob("*.py"))
]


def imported(tree: ast.AST) -> Iterator[str]:
    """Every imported name, wherever the import stands; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(name: str) -> str | None:
    """The key of LEVELS that a dotted name falls under."""
    key = ".".join(name.split(".")[:2])
    return key if key in LEVELS else None


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies inside it."""
    return name == package or name.startswith(package + ".")


def wrong_way(module: Module) -> list[str]:
    """The imports of a module that point up or sideways."""
    here = room(module.name)
    if here is None:
        return []
    return [
        name
        for name in imported(module.tree)
        if (there := room(name)) is not None
        and there != here
        and (LEVELS[there] > LEVELS[here] or LEVELS[there] == LEVELS[here] != BOTTOM)
    ]


def test_every_module_has_a_level() -> None:
    """A new package or module is given its level before it can be imported by others."""
    homeless = [m.name for m in MODULES if m.name != "causemap" and room(m.name) is None]
    assert homeless == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_point_down(module: Module) -> None:
    """Nothing imports from a level above it or from another room on its level."""
    assert wrong_way(module) == []


def test_an_upward_import_is_noticed() -> None:
    """The direction check sees deferred and type-only imports, not only those at the top."""
    code = "def f():\n    from causemap.agents.graph import run\n"
    assert wrong_way(Module("causemap.tools.x", SRC, ast.parse(code))) == [
        "causemap.agents.graph.run"
    ]


@pytest.mark.parametrize(
    "module", [m for m in MODULES if within(m.name, "causemap.tools.measures")], ids=str
)
def test_measures_know_nothing_but_numbers(module: Module) -> None:
    """A measure imports numpy, pandas, the standard library and other measures only."""
    allowed = {"numpy", "pandas", *sys.stdlib_module_names}
    foreign = [
        name
        for name in imported(module.tree)
        if name.split(".")[0] not in allowed and not within(name, "causemap.tools.measures")
    ]
    assert foreign == []


def reads_environment(tree: ast.AST) -> bool:
    """Whether ``os.environ`` or ``os.getenv`` is used, by attribute or by import."""
    used = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return bool({"os.environ", "os.environb", "os.getenv"} & (used | set(imported(tree))))


def test_only_settings_reads_the_environment() -> None:
    """The environment is read in one module, so that a run is described by its settings."""
    readers = [m.name for m in MODULES if reads_environment(m.tree)]
    assert readers == ["causemap.settings"]


# The fetcher itself; its connections, where the guard stands; the session that lets yfinance, which
# insists on one, speak through the fetcher; what names the faults of Chroma's own client. The last
# two open nothing.
OPENERS = {
    "causemap.tools.fetch",
    "causemap.tools.fetching.connection",
    "causemap.tools.fetching.session",
    "causemap.tools.library.chroma_index",
}


def test_only_fetch_opens_addresses() -> None:
    """One fetcher talks to the network; every guard stands there."""
    openers = [
        m.name
        for m in MODULES
        if any(within(name, lib) for name in imported(m.tree) for lib in NETWORK)
    ]
    assert set(openers) <= OPENERS


def is_broad(node: ast.AST | None) -> bool:
    """Whether an except clause catches everything."""
    if isinstance(node, ast.Tuple):
        return any(is_broad(item) for item in node.elts)
    return node is None or (
        isinstance(node, ast.Name) and node.id in {"Exception", "BaseException"}
    )


def broad_catches(tree: ast.AST) -> Iterator[ast.AST]:
    """Every broad ``except`` and ``suppress(Exception)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type):
            yield node
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            yield from (arg for arg in node.args if is_broad(arg))


def test_one_broad_except_at_most_and_it_is_in_the_graph() -> None:
    """Only the desk boundary may turn any failure into a gap; elsewhere errors are named."""
    found = [m.name for m in MODULES for _ in broad_catches(m.tree)]
    assert len(found) <= 1
    assert all(within(name, "causemap.agents") for name in found)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("try:\n    f()\nexcept ValueError:\n    pass", 0),
        ("try:\n    f()\nexcept (ValueError, Exception):\n    pass", 1),
        ("try:\n    f()\nexcept:\n    pass", 1),
        ("with contextlib.suppress(Exception):\n    f()", 1),
    ],
)
def test_a_broad_catch_is_recognised_in_every_form(code: str, count: int) -> None:
    """The bare, the named, the tuple and the suppressing form all count."""
    assert len(list(broad_catches(ast.parse(code)))) == count


def test_no_module_is_over_400_lines() -> None:
    """A module that grows past 400 lines is split by what it holds."""
    sizes = {m.name: len(m.path.read_text(encoding="utf-8").splitlines()) for m in MODULES}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_no_module_is_named_for_nothing() -> None:
    """Modules are named by what they hold."""
    vague = {"util", "utils", "helper", "helpers", "common", "misc"}
    assert [m.name for m in MODULES if m.path.stem in vague] == []


def test_the_public_face_is_pinned() -> None:
    """What the package offers is these names, sorted, and each can be had."""
    assert causemap.__all__ == ["Report", "Scope", "__version__", "explain", "load_case"]
    assert dir(causemap) == causemap.__all__
    assert all(getattr(causemap, name) is not None for name in causemap.__all__)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    """A misspelt name fails as it would on any module."""
    with pytest.raises(AttributeError, match="explane"):
        _ = causemap.explane


def loaded_after(code: str) -> set[str]:
    """The heavy packages loaded in a fresh interpreter after running ``code``."""
    probe = (
        f"{code}\nimport json, sys\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


HELP = """
import sys
sys.argv = ["causemap", "--help"]
from causemap.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


@pytest.mark.parametrize("code", ["import causemap", "import causemap.cli", HELP])
def test_help_imports_nothing_heavy(code: str) -> None:
    """Neither the package, nor the command line, nor its help pays for what it does not use."""
    assert loaded_after(code) == set()


@pytest.mark.parametrize("name", LINKS)
def test_top_level_folder_is_a_relative_link_or_absent(name: str) -> None:
    """The root shows the folder as a link; a source archive does without, and so may a clone."""
    link = ROOT / name
    target = f"src/causemap/{name}"
    assert (ROOT / target / "__init__.py").is_file()
    if link.is_symlink():
        assert link.readlink().as_posix() == target
    elif link.exists():
        # A clone without symlinks holds the target's name in a plain file.
        assert link.read_text(encoding="utf-8").strip() == target


def test_no_machine_path_is_written_down() -> None:
    """Nothing in the tree depends on, or tells of, the machine it was written on."""
    folders = "home|root|work|opt|Users|mnt"
    path = re.compile(rf"(?<![\w./:<}}])/(?:{folders})/\w")
    texts = [f for part in ("src", "tests", "docs", "benchmarks") for f in (ROOT / part).rglob("*")]
    # In a linked worktree .git is a file that says where the repository lies.
    texts += [f for f in ROOT.iterdir() if f.is_file() and f.name != ".git"]
    kinds = {".py", ".md", ".toml", ".json", ".yaml", ".lock", ".html", ""}
    found = [
        f.relative_to(ROOT).as_posix()
        for f in texts
        if f.is_file() and f.suffix in kinds and path.search(f.read_text(encoding="utf-8"))
    ]
    assert found == []
