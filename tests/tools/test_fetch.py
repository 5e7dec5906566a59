from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from causemap.errors import SourceError
from causemap.settings import load_settings
from causemap.tools.fetch import Fetched, Fetcher, Limits, Request, params, retry_after
from causemap.tools.fetching.cache import Cache, Entry
from causemap.tools.fetching.faults import FetchError, SchemaChanged
from causemap.tools.fetching.opening import open_fetcher
from causemap.tools.fetching.pacing import (
    COOL_DOWN,
    FAILURES,
    LONGEST_REST,
    PROCESS,
    Breaker,
    Limiter,
    Pacing,
)

Build = Callable[..., Fetcher]
URL = "https://h.example/x"


def read(fetcher: Fetcher, request: Request, times: int = 1) -> list[Fetched]:
    """Read the same thing several times with one fetcher."""

    async def go() -> list[Fetched]:
        async with fetcher:
            return [await fetcher.read(request, lambda f: f) for _ in range(times)]

    return asyncio.run(go())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """An empty folder for a cache."""
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


class TestRetries:
    """One owner of retries: after 429, 5xx and time-outs; never after another 4xx."""

    @pytest.mark.parametrize(
        ("status", "asked"),
        [(400, 1), (401, 1), (403, 1), (404, 1), (410, 1), (429, 3), (500, 3), (502, 3), (503, 3)],
    )
    def test_which_answers_are_asked_again(
        self, web: Any, answer: Any, fetcher_of: Build, status: int, asked: int
    ) -> None:
        """A 4xx is the client's fault and stays so; the others may pass."""
        web.routes["*"] = answer(b"", status=status)
        limits = Limits(attempts=3, first_wait=0.01, longest_wait=0.05)
        with pytest.raises(FetchError, match=f"status {status}"):
            read(fetcher_of(limits=limits), Request("s", URL))
        assert len(web.asked) == asked

    def test_a_fault_that_passes_is_forgotten(
        self, web: Any, answer: Any, fetcher_of: Build
    ) -> None:
        """The second answer counts."""
        answers = [answer(b"", status=503), answer(b"{}")]
        web.routes["*"] = lambda _: answers.pop(0)
        assert read(fetcher_of(), Request("s", URL))[0].body == b"{}"

    def test_the_servers_own_waiting_time_is_kept(self, fetcher_of: Build) -> None:
        """Retry-After is waited for when it is short, and not at all when it is long."""
        fetcher = fetcher_of(limits=Limits(longest_wait=8.0))
        fault = FetchError("h", "x", transient=True, retry_after=3.0)
        assert fetcher._pause(fault) == 3.0
        assert fetcher._pause(FetchError("h", "x", transient=True, retry_after=9.0)) is False
        assert fetcher._pause(FetchError("h", "x", transient=True)) is True
        assert fetcher._pause(FetchError("h", "x")) is False
        assert fetcher._pause(ValueError()) is False
        asyncio.run(fetcher.__aexit__())

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("120", 120.0),
            ("Fri, 20 Nov 2026 23:01:00 GMT", 60.0),
            ("Fri, 20 Nov 2026 22:00:00 GMT", 0.0),
            ("soon", None),
            ("-5", None),
            ("Fri, 20 Nov 99999999999999999999 23:01:00 GMT", None),
            ("Fri, 20 Nov 2026 23:01:00 +99999999999999999999", None),
            ("", None),
        ],
    )
    def test_both_forms_of_retry_after(self, now: datetime, text: str, seconds: float) -> None:
        """A number of seconds or a date of HTTP; anything else says nothing."""
        assert retry_after(text, now) == seconds

    def test_all_attempts_together_end_in_time(
        self, web: Any, answer: Any, fetcher_of: Build
    ) -> None:
        """Retries do not multiply the waiting without end."""
        web.routes["*"] = answer(b"x" * 1000, drip=0.1)
        limits = Limits(attempt=5.0, total=0.3, attempts=5)
        with pytest.raises(FetchError, match=r"no answer within 0\.3 s"):
            read(fetcher_of(limits=limits), Request("s", URL))
        assert len(web.asked) == 1

    def test_a_key_is_in_no_message(self, web: Any, answer: Any, fetcher_of: Build) -> None:
        """The text of an error names the host alone."""
        web.routes["*"] = answer(b"", status=500)
        request = Request("s", URL, params(q="CANARY1"), secrets=(("api_key", "CANARY2"),))
        with pytest.raises(FetchError) as caught:
            read(fetcher_of(), request)
        assert "CANARY" not in str(caught.value)
        assert web.asked[0].query == "q=CANARY1&api_key=CANARY2"


class TestBreaker:
    """A host in trouble is left alone for a while, then tried once."""

    def test_it_opens_probes_and_closes(self) -> None:
        """After enough faults nobody gets through; then one; then, if it answered, all."""
        clock = [0.0]
        breaker = Breaker(lambda: clock[0])
        for _ in range(FAILURES):
            breaker.admit("h")
            breaker.failed("status 500")
        with pytest.raises(FetchError, match="4 faults in a row, the last: status 500") as caught:
            breaker.admit("h")
        assert caught.value.retry_after == 60.0
        clock[0] = COOL_DOWN
        breaker.admit("h")
        with pytest.raises(FetchError, match="not asked"):
            breaker.admit("h")
        breaker.failed("status 429", 300.0)
        clock[0] += 299
        with pytest.raises(FetchError, match="status 429") as caught:
            breaker.admit("h")
        assert caught.value.retry_after == 1.0
        clock[0] += 1
        breaker.admit("h")
        breaker.abandoned()
        breaker.admit("h")
        breaker.succeeded()
        breaker.admit("h")
        breaker.admit("h")

    def test_no_host_is_given_up_for_ever(self) -> None:
        """However long it asks to be left alone, it is tried again the same day."""
        clock = [0.0]
        breaker = Breaker(lambda: clock[0])
        for _ in range(FAILURES):
            breaker.failed("status 503", float("9" * 400))
        clock[0] = LONGEST_REST - 1
        with pytest.raises(FetchError):
            breaker.admit("h")
        clock[0] = LONGEST_REST
        breaker.admit("h")

    def test_a_storm_of_429_reaches_the_host_a_few_times_only(
        self, web: Any, answer: Any, fetcher_of: Build
    ) -> None:
        """Twenty wishes, four requests; another host is not held up; later it recovers."""
        clock = [0.0]
        pacing = Pacing(clock=lambda: clock[0], rate=10_000.0)
        web.routes["bad.example"] = answer(b"", status=429)
        web.routes["good.example"] = answer(b"{}")

        async def go() -> None:
            async with fetcher_of(pacing=pacing) as fetcher:
                for _ in range(20):
                    with pytest.raises(FetchError):
                        await fetcher.get("https://bad.example/")
                assert web.count("bad.example") == FAILURES
                await fetcher.get("https://good.example/")
                web.routes["bad.example"] = answer(b"{}")
                clock[0] = COOL_DOWN + 1
                await fetcher.get("https://bad.example/")
                await fetcher.get("https://bad.example/")

        asyncio.run(go())

    def test_a_404_is_an_answer(self, web: Any, answer: Any, fetcher_of: Build) -> None:
        """A host that says no is not in trouble."""
        web.routes["*"] = answer(b"", status=404)

        async def go() -> None:
            async with fetcher_of() as fetcher:
                for _ in range(2 * FAILURES):
                    with pytest.raises(FetchError, match="404"):
                        await fetcher.get(URL)

        asyncio.run(go())
        assert len(web.asked) == 2 * FAILURES

    def test_hosts_have_limits_of_their_own(self) -> None:
        """Requests a second: the general rate, or what the host asks for if that is less."""
        pacing = Pacing()
        assert pacing.limiter("a").rate == 4.0
        assert pacing.limiter("api.stlouisfed.org").rate == 2.0
        assert Pacing(rate=0.5).limiter("a").rate == 0.5
        assert pacing.limiter("a") is pacing.limiter("a")

    def test_a_second_s_worth_goes_at_once_then_evenly(self) -> None:
        """Four may go, the fifth waits a quarter second; a rest fills the burst, never more."""
        clock = [0.0]
        limiter = Limiter(4.0, lambda: clock[0])
        assert [limiter.reserve() for _ in range(6)] == [0.0, 0.0, 0.0, 0.0, 0.25, 0.5]
        clock[0] = 100.0
        assert [limiter.reserve() for _ in range(5)] == [0.0, 0.0, 0.0, 0.0, 0.25]
        slow = Limiter(0.5, lambda: clock[0])
        assert [slow.reserve() for _ in range(3)] == [0.0, 2.0, 4.0]

    def test_threads_with_loops_of_their_own_share_one_pace(
        self, web: Any, answer: Any, fetcher_of: Build
    ) -> None:
        """A host that fails is left alone by every thread, and no place is given out twice."""
        pacing = Pacing(clock=lambda: 0.0, rate=10_000.0)
        web.routes["bad.example"] = answer(b"", status=500)

        def session(_: int) -> int:
            async def go() -> int:
                async with fetcher_of(pacing=pacing) as fetcher:
                    with pytest.raises(FetchError):
                        await fetcher.get("https://bad.example/")
                return 1

            return asyncio.run(go())

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(session, range(12))) == 12
        # At most one request of each thread was under way when the last fault was counted.
        assert web.count("bad.example") <= FAILURES + 6
        with ThreadPoolExecutor(6) as pool:
            shared = Limiter(1.0, lambda: 0.0)
            waits = sorted(pool.map(lambda _: shared.reserve(), range(60)))
        assert waits == [float(n) for n in range(60)]

    def test_the_program_s_fetchers_share_one_pace(self, tmp_path: Path) -> None:
        """Whoever opens one in this process meets the same breakers and limits."""
        settings = load_settings({"CAUSEMAP_HOME": str(tmp_path)})
        one, two = open_fetcher(settings), open_fetcher(settings)
        assert one.pacing is two.pacing is PROCESS


class TestCache:
    """Whole, accepted answers only; keyed by source, address, as-of and code version."""

    def test_an_answer_serves_again_while_it_is_fresh(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """Within its time to live nobody is asked; without one the server is asked each time."""
        web.routes["*"] = answer(b"{}")
        fetcher = fetcher_of(cache=Cache(store))
        first, second = read(fetcher, Request("s", URL, ttl=60), times=2)
        assert (first.from_cache, second.from_cache, len(web.asked)) == (False, True, 1)
        assert second.body == b"{}"
        read(fetcher_of(cache=Cache(store)), Request("s", URL))
        assert len(web.asked) == 2

    def test_it_asks_whether_anything_changed(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """ETag and Last-Modified go back to the server, whose 304 renews the entry."""
        tags = (("ETag", '"v1"'), ("Last-Modified", "Tue, 06 Jan 2026 10:00:00 GMT"))

        def route(asked: Any) -> Any:
            known = asked.headers.get("if-none-match") == '"v1"'
            return answer(status=304) if known else answer(b'{"a":1}', headers=tags)

        web.routes["*"] = route
        now = iter(datetime(2026, 1, 6, 10, minute, tzinfo=UTC) for minute in range(60))
        fetcher = fetcher_of(cache=Cache(store), clock=lambda: next(now))
        found = read(fetcher, Request("s", URL), times=3)
        assert [f.from_cache for f in found] == [False, True, True]
        times = [f.retrieved_at for f in found]
        assert times == sorted(set(times))
        assert {f.body for f in found} == {b'{"a":1}'}
        assert web.asked[2].headers["if-modified-since"] == "Tue, 06 Jan 2026 10:00:00 GMT"

    def test_a_tag_goes_back_as_it_came(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """A server's own tag may hold letters beyond ASCII."""
        web.routes["*"] = answer(b"{}", headers=(("ETag", '"\u00e9"'),))
        read(fetcher_of(cache=Cache(store)), Request("s", URL), times=2)
        assert web.asked[1].headers["if-none-match"] == '"\u00e9"'

    def test_what_a_reader_refuses_is_not_kept(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """An error page with status 200 and the right type does not poison the cache."""
        web.routes["*"] = answer(b"<html>sorry</html>")

        def strict(_: Fetched) -> None:
            raise SchemaChanged("s: not the documented shape")

        async def go() -> None:
            async with fetcher_of(cache=Cache(store)) as fetcher:
                with pytest.raises(SourceError):
                    await fetcher.read(Request("s", URL, ttl=60), strict)

        asyncio.run(go())
        assert list(store.iterdir()) == []

    @pytest.mark.parametrize("status", [404, 429, 500])
    def test_errors_are_not_kept(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path, status: int
    ) -> None:
        """Only status 200 is stored."""
        web.routes["*"] = answer(b"{}", status=status)
        with pytest.raises(FetchError):
            read(fetcher_of(cache=Cache(store)), Request("s", URL))
        if status == 404:
            # A reader that takes such an answer all the same does not make it one to keep.
            (found,) = read(fetcher_of(cache=Cache(store)), Request("s", URL, any_status=True))
            assert found.status == status
        assert list(store.iterdir()) == []

    def test_a_cut_body_and_another_hosts_answer_are_not_kept(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """Half an answer, or a redirect to somebody else, is not what was asked for."""
        web.routes["h.example"] = answer(b"{}" * 50, cut=10)
        with pytest.raises(FetchError):
            read(fetcher_of(cache=Cache(store)), Request("s", URL))
        moved = (("Location", "https://other.example/"),)
        web.routes["h.example"] = answer(status=302, headers=moved)
        web.routes["other.example"] = answer(b"{}")
        assert read(fetcher_of(cache=Cache(store)), Request("s", URL))[0].body == b"{}"
        assert list(store.iterdir()) == []

    def test_another_host_cannot_renew_what_is_kept(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """A redirect to somebody who says "not modified" does not make an old answer new."""
        web.routes["h.example"] = answer(b'{"a":1}', headers=(("ETag", '"v1"'),))
        assert read(fetcher_of(cache=Cache(store)), Request("s", URL))[0].body == b'{"a":1}'
        moved = (("Location", "https://other.example/"),)
        web.routes["h.example"] = answer(status=302, headers=moved)
        web.routes["other.example"] = answer(status=304)
        with pytest.raises(FetchError, match="304"):
            read(fetcher_of(cache=Cache(store)), Request("s", URL))

    def test_a_folder_that_cannot_be_written_costs_no_answer(
        self, web: Any, answer: Any, fetcher_of: Build, tmp_path: Path
    ) -> None:
        """A full or locked disk means that the next run asks again, nothing else."""
        web.routes["*"] = answer(b"{}")
        (tmp_path / "file").write_text("no folder")
        cache = Cache(tmp_path / "file" / "http")
        found = read(fetcher_of(cache=cache), Request("s", URL, ttl=60), times=2)
        assert [f.body for f in found] == [b"{}", b"{}"]
        assert len(web.asked) == 2
        assert cache.prune(datetime(2026, 1, 1, tzinfo=UTC)) == 0

    def test_keys_tell_apart_what_differs(self, store: Path) -> None:
        """Source, address, as-of and code version each make an entry of their own."""
        cache, moment = Cache(store), datetime(2026, 1, 1, tzinfo=UTC)
        entry = make_entry(moment)
        cache.store("a", URL, None, entry)
        assert cache.load("a", URL, None) == entry
        assert cache.load("b", URL, None) is None
        assert cache.load("a", URL + "?", None) is None
        assert cache.load("a", URL, moment) is None
        assert Cache(store, "other").load("a", URL, None) is None

    def test_a_past_run_cannot_read_a_later_entry(self, store: Path) -> None:
        """An entry is shown to an as-of run only if it was there at the time."""
        as_of = datetime(2026, 1, 1, tzinfo=UTC)
        cache = Cache(store)
        cache.store("a", URL, as_of, make_entry(as_of + timedelta(seconds=1)))
        assert cache.load("a", URL, as_of) is None
        cache.store("a", URL, as_of, make_entry(as_of))
        assert cache.load("a", URL, as_of) is not None

    def test_a_live_answer_is_not_filed_under_the_past(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path, now: datetime
    ) -> None:
        """What is read today is not stored for a run of last week."""
        web.routes["*"] = answer(b"{}")
        past = Request("s", URL, as_of=now - timedelta(days=7))
        read(fetcher_of(cache=Cache(store)), past)
        assert list(store.iterdir()) == []

    def test_a_damaged_entry_is_no_entry(self, store: Path) -> None:
        """Bytes that do not match their hash, or no JSON, are asked for again."""
        cache, moment = Cache(store), datetime(2026, 1, 1, tzinfo=UTC)
        cache.store("a", URL, None, make_entry(moment))
        (path,) = store.iterdir()
        whole = path.read_bytes()
        for broken in (whole[:-1], b"", b"{}", whole.replace(b"status", b"st")):
            path.write_bytes(broken)
            assert cache.load("a", URL, None) is None

    def test_what_is_not_to_be_kept_is_not_kept(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """An address with a session's token leaves no trace."""
        web.routes["*"] = answer(b"{}")
        read(fetcher_of(cache=Cache(store)), Request("s", URL, keep=False, ttl=60), times=2)
        assert (len(web.asked), list(store.iterdir())) == (2, [])

    def test_old_entries_go(self, store: Path) -> None:
        """Two weeks after they were written; fresh ones stay."""
        cache = Cache(store)
        cache.store("a", URL, None, make_entry(datetime.now(UTC)))
        assert cache.prune(datetime.now(UTC) + timedelta(days=13)) == 0
        assert cache.prune(datetime.now(UTC) + timedelta(days=15)) == 1
        assert list(store.iterdir()) == []

    def test_replay_asks_nobody_and_writes_nothing(
        self, web: Any, answer: Any, fetcher_of: Build, store: Path
    ) -> None:
        """However old, the recording answers; what was not recorded is a fault."""
        web.routes["*"] = answer(b"{}")
        secret = (("api_key", "CANARY"),)
        read(fetcher_of(cache=Cache(store)), Request("s", URL, secrets=secret))
        before = {p.name: p.read_bytes() for p in store.iterdir()}
        assert b"CANARY" not in b"".join(before.values())
        replayed = fetcher_of(cache=Cache(store), replay=True)
        assert read(replayed, Request("s", URL))[0].from_cache
        with pytest.raises(FetchError, match="was not recorded"):
            read(fetcher_of(cache=Cache(store), replay=True), Request("s", URL + "y"))
        assert len(web.asked) == 1
        assert {p.name: p.read_bytes() for p in store.iterdir()} == before


def make_entry(moment: datetime) -> Entry:
    """A small stored answer."""
    empty_hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    return Entry(URL, 200, "application/json", moment.isoformat(), "", "", empty_hash, b"{}")
