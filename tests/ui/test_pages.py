"""The pages' logic: order of the first screen, empty and broken states, what they never do."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from causemap.cases.store import load_case
from causemap.errors import IncompleteError
from causemap.ledger import open_ledger
from causemap.records import Dossier
from causemap.settings import ModelSettings, load_settings
from causemap.ui.evaluation import Evaluation
from causemap.ui.room import Room, open_room
from causemap.ui.session import CHOICES, NEW

UI = Path(__file__).resolve().parents[2] / "src" / "causemap" / "ui"
VIEWS = sorted(path.stem for path in (UI / "views").glob("*.py"))
CASE = "2026-02-seed"
GOLDEN = (
    "2026-02-seed",
    "2020-03-all",
    "2018-11-crypto",
    "2023-autumn",
    "2025-04-all",
    "2026-01-software",
)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A room without data, shared by the pages of one test."""
    monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "kept"))
    monkeypatch.setattr("sys.argv", ["desk.py"])
    st.cache_resource.clear()
    st.cache_data.clear()
    made = open_room([])
    monkeypatch.setattr("causemap.ui.session.open_room", lambda: made)
    # The test harness has no browser and so no cookie.
    monkeypatch.setattr("causemap.ui.session.owner", lambda: "local")
    yield made
    made.runner.close()
    made.ledger.close()
    st.cache_resource.clear()


def opened(run: str | None = None, page: str = "ask") -> AppTest:
    """The desk after its script ran, on a page and a run."""
    app = AppTest.from_file(str(UI / "desk.py"), default_timeout=60)
    if run:
        app.query_params["run"] = run
    app.run()
    if page != "ask":
        app.switch_page(f"views/{page}.py")
        if run:
            app.query_params["run"] = run
        app.run()
    return app


def shown(app: AppTest) -> str:
    """All fragments of a page in their order."""
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("case", GOLDEN)
def test_the_first_screen_answers_in_order(case: str) -> None:
    """Verdict, mechanism, what would change it, gaps, evidence; as-of with its zone on top."""
    app = opened(case)
    page = shown(app)
    assert not app.exception
    marks = ("As of</b>", "cm-verdict", "Mechanism", "What would change my mind", "What is missing")
    places = [page.index(mark) for mark in (*marks, "What argues for", "What argues against")]
    assert places == sorted(places)
    assert "UTC" in page[: places[1]]


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("page", [view for view in VIEWS if view != "ask"])
def test_every_page_opens_on_a_case_without_data(page: str) -> None:
    """With neither key, data nor network each page shows something and no fault."""
    app = opened("2026-02-seed", page)
    assert not app.exception
    assert app.title[0].value
    assert len(shown(app)) > 100


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("page", ["cause_map", "compare"])
def test_a_page_without_a_run_says_so(page: str) -> None:
    """No run is a sentence and a way on, not an error."""
    app = opened(None, page)
    assert not app.exception
    assert "No run." in shown(app)


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("run", ["zzzzzzzzzzzz", "../../etc/<script>", NEW])
def test_a_wrong_address_is_no_fault(run: str) -> None:
    """A mistyped or hostile run id leads to a sentence."""
    app = opened(run)
    assert not app.exception
    assert "<script>" not in shown(app)


def test_an_example_becomes_a_run_of_the_visitor(room: Room) -> None:
    """A click opens the case under the visitor's own id, once."""
    app = opened()
    app.button(key="case-2026-02-seed").click().run()
    (run,) = room.ledger.runs("local")
    assert app.query_params["run"] in ([run.id], run.id)
    assert run.kind == "case"
    again = opened()
    again.button(key="case-2026-02-seed").click().run()
    assert len(room.ledger.runs("local")) == 1


def test_a_partial_run_looks_meant(room: Room) -> None:
    """A stopped run says that it is partial, above its answer."""
    run_id = room.ledger.begin("stopped early", owner="local")
    room.ledger.finish(run_id, load_case("2018-11-crypto"), state="stopped")
    page = shown(opened(run_id))
    assert page.index("A partial run.") < page.index("cm-verdict")


def test_a_run_cut_off_by_a_restart_says_so(room: Room) -> None:
    """A run that no process works on any more is no endless wait."""
    run_id = room.ledger.begin("Why was it cut off?", owner="local")
    app = opened(run_id)
    assert not app.exception
    page = shown(app)
    assert page.index("Why was it cut off?") < page.index("ended without a result")
    assert app.chat_input[0].placeholder.startswith("Ask with a time in it")


def test_a_refusal_is_told_again_after_a_restart(room: Room) -> None:
    """Why a run was refused stands in the ledger, not in the memory of one server alone."""
    run_id = room.ledger.begin("tulips in 1637", owner="local")
    room.ledger.fail(run_id, "There is no verdict on 'tulips'.")
    page = shown(opened(run_id))
    assert "tulips in 1637" in page
    assert "no verdict on &#39;tulips&#39;" in page


def test_a_wrong_window_is_refused_where_it_was_typed(room: Room) -> None:
    """Dates the wrong way round begin no run, and the form keeps what was typed."""
    app = opened()
    app.date_input[0].set_value(date(2026, 2, 5))
    app.date_input[1].set_value(date(2026, 1, 29))
    app.text_input[0].set_value("gold")
    next(b for b in app.button if b.label == "Explain this window").click().run()
    assert "must start before it ends" in shown(app)
    assert room.ledger.runs("local") == ()
    assert app.text_input[0].value == "gold"


@pytest.mark.usefixtures("room")
def test_an_approval_without_a_name_leaves_the_briefing_standing() -> None:
    """The refusal stands beside the button, and the briefing stays to be read."""
    app = opened(CASE, "briefing")
    next(b for b in app.button if b.label == "Approve this wording").click().run()
    page = shown(app)
    assert "Not approved." in page
    assert "cm-sheet" in page


@pytest.mark.usefixtures("room")
def test_a_near_window_that_is_bundled_is_offered_beside_the_run() -> None:
    """The page that names the nearest past windows leads to those that can be opened."""
    links = opened(CASE, "compare").get("page_link")
    near = next(link.proto for link in links if "FTX" in link.proto.label)
    assert "2022-11-crypto" in near.query_string
    assert CASE in near.query_string


@pytest.mark.usefixtures("room")
def test_a_sentence_of_the_account_opens_its_evidence() -> None:
    """Choosing a sentence shows the first item it stands on: figures, times and source."""
    app = opened(CASE)
    assert "cm-card" not in shown(app).split("<style>")[0]
    box = next(b for b in app.selectbox if b.label == "Open a sentence")
    box.select_index(0).run()
    assert not app.exception
    assert "<article class='cm-card'>" in shown(app)
    assert "Observed" in shown(app)


def test_a_follow_up_is_answered_without_running_the_page_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page run again after the answer would overrule a link that was clicked meanwhile."""
    again: list[str] = []
    app = opened(CASE)
    monkeypatch.setattr(st, "rerun", lambda: again.append("again"))
    app.chat_input[0].set_value("why not a rates shock?").run()
    assert again == []
    (row,) = room.ledger.runs("local")
    assert row.id in app.query_params["run"]
    assert "You asked" in shown(app)
    app.chat_input[0].set_value("what is missing?").run()
    assert [turn.question for turn in room.ledger.turns(row.id, "local")] == [
        "why not a rates shock?",
        "what is missing?",
    ]
    assert not app.exception


def test_an_answer_that_cannot_be_kept_says_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault stands where the answer would, and the question is not asked for ever."""

    def full(*_given: object, **_named: object) -> str:
        raise IncompleteError("the disk is full")

    app = opened(CASE)
    monkeypatch.setattr(type(room), "adopt", full)
    app.chat_input[0].set_value("why not a rates shock?").run()
    assert "the disk is full" in shown(app)
    app.run()
    assert "the disk is full" not in shown(app)


def test_a_refused_title_is_told(room: Room) -> None:
    """An empty title changes nothing and the page says why, instead of going on in silence."""
    run = room.ledger.save(load_case(CASE), "Its title", owner="local")
    app = opened(run)
    next(line for line in app.text_input if line.label == "Title").input("  ")
    next(button for button in app.button if button.label == "Rename").click().run()
    assert "A title cannot be empty" in shown(app)
    assert room.ledger.row(run).title == "Its title"


def test_an_objection_is_kept_and_exported(room: Room) -> None:
    """An objection stands on the visitor's settings page and in the export, with its claim."""
    run_id = room.adopt(room.subject("2026-02-seed"), "local")
    room.ledger.feedback(run_id, "a claim", "wrong_number", "it was less")
    page = opened(run_id, "settings")
    assert "a claim" in shown(page)
    (line,) = room.ledger.feedback_export().splitlines()
    assert json.loads(line)["kind"] == "wrong_number"


def hostile(dossier: Dossier) -> Dossier:
    """The dossier with markup in every outside text."""
    bad = "<img src=x onerror=alert(1)> ![x](https://evil.example/p) [l](https://evil.example)"
    first = replace(dossier.evidence[0], said=bad, source=bad, url="https://evil.example/x y")
    return replace(
        dossier,
        scope=replace(dossier.scope, question=bad),
        evidence=(first, *dossier.evidence[1:]),
    )


@pytest.mark.parametrize("page", ["ask", "cause_map", "claims", "compare"])
def test_outside_text_is_escaped_on_every_page(room: Room, page: str) -> None:
    """No page holds an element that outside text brought."""
    run_id = room.ledger.save(hostile(load_case("2018-11-crypto")), "<b>t</b>", owner="local")
    app = opened(run_id, page)
    assert not app.exception
    assert "<img" not in shown(app)
    assert "<b>t</b>" not in shown(app)
    assert all("](" not in e.value.replace("\\", "") or "\\[" in e.value for e in app.markdown)


def test_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A password in the ledger's address is nowhere on the page."""
    chosen = load_settings(
        {
            "CAUSEMAP_HOME": str(tmp_path),
            "CAUSEMAP_LEDGER_URL": f"sqlite:///{tmp_path}/canary-pw.sqlite",
        }
    )
    with open_ledger(chosen) as ledger:
        made = replace(open_room([]), settings=chosen, ledger=ledger)
        st.cache_resource.clear()
        monkeypatch.setattr("causemap.ui.session.open_room", lambda: made)
        monkeypatch.setattr("causemap.ui.session.owner", lambda: "local")
        app = opened(None, "settings")
        assert not app.exception
        assert "canary-pw" not in shown(app)
        assert ">set<" in shown(app)
        st.cache_resource.clear()


def test_a_visitor_narrows_the_model_for_a_session(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Budget and language are chosen within what the server allows; the next question has them."""
    model = ModelSettings("tiny", room.settings.home, key="canary-key", run_tokens=9_000)
    made = replace(room, settings=replace(room.settings, llm="auto", model=model))
    monkeypatch.setattr("causemap.ui.session.open_room", lambda: made)
    st.cache_resource.clear()
    app = opened(None, "settings")
    assert not app.exception
    tokens = next(n for n in app.number_input if n.label == "Tokens per question")
    assert (tokens.value, tokens.max) == (9_000, 9_000)
    tokens.set_value(2_000)
    app.selectbox[0].select("zh")
    next(b for b in app.button if b.label == "Use for my questions").click().run()
    assert not app.exception
    held = app.session_state[CHOICES]
    assert (held.tokens, held.language, held.model) == (2_000, "zh", True)
    assert "canary-key" not in shown(app)


@pytest.mark.usefixtures("room")
def test_without_a_model_settings_say_what_there_is_to_set() -> None:
    """No budget is offered for a model that is not there, and the page says how to have one."""
    app = opened(None, "settings")
    assert not app.exception
    assert not app.number_input
    assert "No language model is set up" in shown(app)


@pytest.mark.usefixtures("room")
def test_a_sentence_is_left_out_and_put_back_on_the_page() -> None:
    """The preview follows, counter-evidence dropped blocks the export, and all can be undone."""
    app = opened(CASE, "briefing")
    assert not app.exception

    def sheet() -> str:
        return shown(app).split("<article class='cm-say cm-sheet'")[1].split("</article>")[0]

    before = sheet()

    def choose(label: str, begins: str) -> None:
        box = next(b for b in app.selectbox if b.label.startswith(label))
        box.select_index([o.startswith(begins) for o in box.options].index(True)).run()

    def press(label: str) -> None:
        next(b for b in app.button if b.label == label).click().run()
        assert not app.exception

    def countering() -> list[str]:
        # What an issue has room for varies with the length of its other sentences.
        begins = (
            "Not a",
            "What does not fit",
            "The unexplained",
            "No measured",
            "Had ",
            "Without ",
        )
        offered = next(b for b in app.selectbox if b.label.startswith("Sentence")).options
        return [o[:60] for o in offered if o.startswith(begins)]

    against = countering()
    for _ in against:
        choose("Sentence", countering()[0])
        press("Leave out")
    assert "May not leave" in shown(app)
    assert "nothing that argues against" in shown(app)
    choose(f"Left out ({len(against)})", against[0])
    assert "May not leave" not in shown(app)
    # A group's verdict and the sentence after it, which stand in an issue of any length.
    options = next(b for b in app.selectbox if b.label.startswith("Sentence")).options
    place = next(n for n, o in enumerate(options) if re.match(r"In \w+, (an?|no) ", o))
    first, second = (o[:24] for o in options[place : place + 2])
    earlier = sheet().index(first) < sheet().index(second)
    choose("Sentence", first)
    press("Later" if earlier else "Earlier")
    assert (sheet().index(first) < sheet().index(second)) is not earlier
    press("Back to the program's wording")
    assert sheet() == before


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of ``st.<name>`` in the desk."""
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"st.{name}":
                yield path, node


@pytest.mark.parametrize("name", ["markdown", "write", "write_stream", "caption", "error", "info"])
def test_no_page_writes_markdown(name: str) -> None:
    """Text reaches a page escaped or through the egress filter, never as Streamlit's Markdown."""
    assert [path.name for path, _ in calls(name)] == []


def test_html_has_one_door() -> None:
    """Only the session's ``show``, the frame's style sheet and the fault's box write HTML."""
    assert sorted(path.name for path, _ in calls("html")) == [
        "desk.py",
        "doorway.py",
        "session.py",
    ]
    for path in UI.rglob("*.py"):
        assert "unsafe_allow" not in path.read_text("utf-8")


@pytest.mark.parametrize("name", ["vega_lite_chart", "echarts_chart", "dataframe"])
def test_every_chart_has_a_text_alternative(name: str) -> None:
    """A chart or table without words for those who cannot see it does not pass."""
    found = list(calls(name))
    assert found
    assert all("alt" in {k.arg for k in call.keywords} for _, call in found)


def test_no_module_of_the_desk_keeps_state() -> None:
    """No list, dictionary or set stands at the top of a module: visitors would share it."""
    for path in UI.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            names = (
                [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
            )
            held = getattr(node, "value", None)
            bad = isinstance(held, ast.List | ast.Set | ast.ListComp | ast.SetComp | ast.DictComp)
            kept = [ast.unparse(n) for n in names if bad or not _is_final(node, held)]
            assert kept == [], path


def _is_final(node: ast.stmt, held: ast.expr | None) -> bool:
    """Whether a top-level assignment is a constant by its name, or no container at all."""
    if not isinstance(held, ast.Dict):
        return True
    names = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    return all(ast.unparse(n).lstrip("_").isupper() for n in names)


@pytest.mark.usefixtures("room")
def test_only_the_evaluation_chosen_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many kept runs do not keep the page waiting: those not looked at are only listed."""
    rows = tuple(SimpleNamespace(id=f"kept-{k}", done=3) for k in range(5))
    asked: list[str] = []

    def score(_settings: object, run_id: str) -> Evaluation:
        asked.append(run_id)
        return Evaluation(run_id, 3, (), ())

    monkeypatch.setattr("causemap.ui.scores.kept_runs", lambda _: rows)
    monkeypatch.setattr("causemap.ui.scores.evaluation_of", score)
    app = opened(page="evaluation")
    assert not app.exception
    assert app.selectbox[0].options == [row.id for row in rows]
    assert asked == ["kept-0"]
