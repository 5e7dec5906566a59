"""Packages others load and nobody here uses: in place, their code not run until asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from causemap.cli.deferral import UNUSED, deferring

NAME = "deferred_for_a_test"
DEFERRED = frozenset({NAME})


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that notes each run of its code in a file, and a submodule of it."""
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from pathlib import Path\n"
        "with (Path(__file__).parent / 'runs').open('a') as runs:\n"
        "    runs.write('.')\n"
        "colour = 'blue'\n"
    )
    (folder / "part.py").write_text("size = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


def runs(package: Path) -> int:
    """How often the package's code ran."""
    noted = package / "runs"
    return len(noted.read_text()) if noted.exists() else 0


def test_a_submodule_is_had_without_its_package_being_run(package: Path) -> None:
    """What a package holds can be imported while the package's own code waits."""
    with deferring(DEFERRED):
        part = import_module(f"{NAME}.part")
    assert part.size == 3
    assert runs(package) == 0
    assert sys.modules[NAME].__dict__["part"] is part


def test_the_first_attribute_runs_the_code_and_no_other_does(package: Path) -> None:
    """A deferred module answers as if it had been run at once, and is run a single time."""
    with deferring(DEFERRED):
        module = import_module(NAME)
    assert runs(package) == 0
    assert module.colour == "blue"
    assert module.colour == "blue"
    assert not hasattr(module, "shape")
    assert runs(package) == 1
    assert import_module(NAME) is module


def test_a_name_taken_from_a_deferred_module_runs_it(package: Path) -> None:
    """``from package import name`` gives the name, in the block and after it."""
    with deferring(DEFERRED):
        import_module(NAME)
        found = __import__(NAME, fromlist=("colour",))
    assert runs(package) == 1
    assert found.colour == "blue"
    assert runs(package) == 1


def test_code_that_fails_is_tried_again(package: Path) -> None:
    """A failure is told to who asks, each time, and once mended the module answers."""
    whole = (package / "__init__.py").read_text()
    (package / "__init__.py").write_text("raise ImportError('no such part')\n")
    with deferring(DEFERRED):
        module = import_module(NAME)
    for _ in range(2):
        with pytest.raises(ImportError, match="no such part"):
            _ = module.colour
    (package / "__init__.py").write_text(whole + "mended = True\n")
    assert module.colour == "blue"


def test_after_the_block_imports_are_as_before(package: Path) -> None:
    """The block ends with the finders it found, and other modules are not touched in it."""
    before = list(sys.meta_path)
    with deferring(frozenset({"another"})):
        import_module(NAME)
    assert sys.meta_path == before
    assert runs(package) == 1


def test_a_package_that_is_absent_stays_absent() -> None:
    """Deferring what is not installed gives the usual error at its import."""
    with deferring(DEFERRED), pytest.raises(ModuleNotFoundError):
        import_module(NAME)


PROBE = """
import json, sys
from causemap.cli.deferral import UNUSED, deferring
with deferring():
    from causemap.agents.graph import build_graph
build_graph(1.0)
waiting = [n for n in UNUSED if type(sys.modules.get(n)).__name__ == "_Deferred"]
import langgraph_sdk, langsmith.types
answers = [langgraph_sdk.get_client.__name__, langsmith.types.Run.__name__]
print(json.dumps([sorted(waiting), answers]))
"""


def test_langgraph_loads_and_compiles_without_running_what_is_deferred() -> None:
    """The graph of the desks needs none of the deferred packages, and each still answers."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=120
    )
    waiting, answers = json.loads(done.stdout)
    # Whether psutil is there depends on the installation.
    assert set(waiting) | {"psutil"} == UNUSED
    assert answers == ["get_client", "Run"]
