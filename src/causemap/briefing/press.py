"""The press: an issue into the forms asked for, through the last gate, onto a shelf or a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from causemap.agents.conclude import conclude
from causemap.briefing import codec
from causemap.briefing.compose import Order, brief, length_of
from causemap.briefing.gate import require
from causemap.briefing.mail import to_eml
from causemap.briefing.markdown import to_markdown
from causemap.briefing.page import to_paste
from causemap.briefing.series import Format, Series, late
from causemap.briefing.shelf import RUN, Shelf, unreviewed
from causemap.briefing.tree import Issue
from causemap.briefing.voice import read_house
from causemap.errors import UsageError
from causemap.reporting.json_codec import dump_dossier, load_dossier
from causemap.reporting.output import write_bytes, write_text

if TYPE_CHECKING:
    from causemap.records import Dossier

SUFFIX: dict[Format, str] = {
    "md": "md",
    "email": "eml",
    "pdf": "pdf",
    "paste": "html",
    "json": "json",
}


def issue_of(dossier: Dossier, order: Order, previous: Dossier | None = None) -> Issue:
    """Write an issue and pass it through the gate; it is marked as an unreviewed draft."""
    report = conclude(dossier)
    before = None if previous is None else conclude(previous)
    issue = unreviewed(brief(report, order, before))
    require(issue, report, before)
    return issue


def rendered(issue: Issue, form: Format) -> bytes:
    """The bytes of one form."""
    if form == "email":
        return to_eml(issue)
    if form == "pdf":
        from causemap.briefing.pdf import to_pdf

        return to_pdf(issue)
    texts = {"md": to_markdown, "paste": to_paste, "json": codec.dumps}
    return texts[form](issue).encode()


def write_form(issue: Issue, form: Format, path: Path) -> tuple[Path, ...]:
    """Write one form; Markdown gets its charts as files beside it. Returns what was written."""
    if form != "md":
        write_bytes(path, rendered(issue, form))
        return (path,)
    names = {p.key: f"{path.stem}-{p.key}.png" for p in issue.pictures}
    for picture in issue.pictures:
        write_bytes(path.with_name(names[picture.key]), picture.png)
    write_text(path, to_markdown(issue, names))
    return (path, *(path.with_name(name) for name in names.values()))


def write_issue(series: Series, day: date, dossier: Dossier, folder: Path) -> None:
    """Write the issue of a series: its run, the issue as a draft on its shelf, and its forms."""
    house = read_house(Path(series.style), series.language) if series.style else None
    order = Order(
        words=length_of(series.length),
        voice=series.voice,
        language=series.language,
        house=house,
        run=f"{series.name} {day.isoformat()}",
    )
    issue = issue_of(dossier, order, _previous(folder, day))
    if missing := late(dossier):
        said = order_label(issue, missing)
        issue = replace(issue, disclosures=(*issue.disclosures, said))
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / RUN, dump_dossier(dossier))
    for form in series.formats:
        write_form(issue, form, folder / f"{series.name}-{day.isoformat()}.{SUFFIX[form]}")
    # Last: the issue on the shelf says that this date is out.
    Shelf(folder).put(issue)


def order_label(issue: Issue, missing: tuple[str, ...]) -> str:
    """The sentence that names the sources an issue came out without."""
    return issue.label("late").replace("<missing>", ", ".join(missing))


def _previous(folder: Path, day: date) -> Dossier | None:
    """The run of the issue before, if the series has one."""
    if not folder.parent.is_dir():
        return None
    runs = sorted(
        path / RUN
        for path in folder.parent.iterdir()
        if path.name < day.isoformat() and (path / RUN).is_file()
    )
    if not runs:
        return None
    try:
        return load_dossier(runs[-1].read_text(encoding="utf-8"))
    except UsageError:
        return None
