"""Checks on the installed package: its names, its data, and a report if one is given."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib.resources import files
from pathlib import Path

TAKEN = ("agents", "tools", "prompts", "ui", "evals")


def check_package() -> None:
    """The package is installed, typed, with its cases, and claims no other top-level name."""
    import causemap

    home = Path(causemap.__file__).resolve()
    assert "site-packages" in home.parts, f"imported from {home}, not from the installed wheel"
    assert files("causemap").joinpath("py.typed").is_file(), "py.typed is missing"
    cases = list(files("causemap.cases").joinpath("data").iterdir())
    assert cases, "no case in the wheel"
    claimed = [name for name in TAKEN if importlib.util.find_spec(name) is not None]
    assert not claimed, f"top-level names that belong to others: {claimed}"
    print(f"causemap {causemap.__version__}: {len(cases)} case(s), no foreign top-level name")


def check_report(path: Path) -> None:
    """The report's probabilities sum to 1 and it cites evidence that it carries."""
    report = json.loads(path.read_text(encoding="utf-8"))
    verdict = report["verdict"]
    assert abs(sum(verdict["probabilities"].values()) - 1.0) < 1e-6, "probabilities must sum to 1"
    known = {item["id"] for item in report["evidence"]}
    cited = {ref for sentence in report["narrative"]["sentences"] for ref in sentence["evidence"]}
    assert known, "no evidence"
    assert cited <= known, f"cited but not in the report: {sorted(cited - known)}"
    print(f"report: {verdict['primary']}, {len(known)} evidence items, {len(cited)} cited")


if __name__ == "__main__":
    check_package()
    for argument in sys.argv[1:]:
        check_report(Path(argument))
