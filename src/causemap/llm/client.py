"""The client: one way to ask a model, on any OpenAI-compatible server.

A call is looked up in the records, paid for from the budget, made on the highest rung the server
knows, retried by one owner within one deadline, validated, and recorded whatever came of it. All
faults are :class:`ModelError` and carry no secret.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import openai
from pydantic import BaseModel, ConfigDict

from causemap.errors import ModelError
from causemap.llm.budget import Bill, Budget, BudgetSpent, Cost, Day, Limits
from causemap.llm.calling import (
    FAILED,
    Answer,
    Ask,
    Form,
    Tool,
    asked_again,
    call_of,
    usable,
    validated,
)
from causemap.llm.hearing import CallEvent, CallState, Used
from causemap.llm.ladder import PROBES, UNSUPPORTED, Capability, Memory, in_words, options
from causemap.llm.parsing import Unreadable
from causemap.llm.prices import Price, estimated_tokens, price_of, priced
from causemap.llm.recording import Recorded, Records, digest, redacted
from causemap.llm.retrying import Clock, Refused, attempt
from causemap.llm.streaming import Streamed, stream
from causemap.model_records import ModelCall, Priced

if TYPE_CHECKING:
    from causemap.settings import ModelSettings

_TOOLS_REFUSED: Final = frozenset({400, 404, 422, 500})


class _Probe(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ok: bool


@dataclass
class Client:
    """A model on a server, with its budget and records, for one run inside one event loop."""

    settings: ModelSettings
    clock: Clock = field(default_factory=Clock)
    heard: Callable[[CallEvent], None] = lambda _: None
    calls: list[ModelCall] = field(default_factory=list)
    priced: Priced | None = None
    _capability: Capability | None = None
    _unprobed: ModelError | None = None
    _api: openai.AsyncOpenAI | None = None

    def __post_init__(self) -> None:
        """Open the records and the budget."""
        kept = self.settings
        self.records = Records(kept.records, replay=kept.replay)
        self.memory = Memory(kept.records)
        self.price: Price | None = price_of(kept.name, kept.url, kept.prices)
        limits = Limits(
            Cost(kept.run_tokens, kept.run_usd),
            Cost(kept.day_tokens, kept.day_usd),
            kept.run_seconds,
        )
        self.budget = Budget(limits, Day(kept.records), self.clock.now)
        self._probing = asyncio.Lock()

    async def ask(self, ask: Ask[Form], after: Unreadable | None = None) -> Answer[Form]:
        """Put a question; raises :class:`ModelError` when nothing usable comes back.

        An answer without the form asked for raises :class:`Unreadable`; given back as ``after``
        the question is put once more with that fault in it. Every call that was made, failed ones
        too, is added to ``calls``.
        """
        if after is not None:
            ask = asked_again(ask, after)
        self._tell(ask.agent, "asked")
        try:
            answer = await self._asked(ask)
        except ModelError as fault:
            self._tell(ask.agent, "failed", why=str(fault))
            raise
        self._tell(ask.agent, "done", call=answer.call)
        return answer

    async def insist(self, ask: Ask[Form]) -> Answer[Form]:
        """Put a question, and once more if the answer has not the form asked for."""
        try:
            return await self.ask(ask)
        except Unreadable as fault:
            return await self.ask(ask, after=fault)

    @property
    def used(self) -> Used:
        """Calls and what they have cost so far, against the limits."""
        return Used(
            len(self.calls),
            self.budget.spent.tokens,
            None if self.price is None else self.budget.spent.usd,
            self.budget.limits.seconds - self.budget.seconds_left,
            self.budget.limits,
        )

    def _tell(
        self,
        agent: str,
        state: CallState,
        chars: int = 0,
        call: ModelCall | None = None,
        why: str = "",
    ) -> None:
        self.heard(CallEvent(agent, state, self.used, chars, call, why))

    async def _asked(self, ask: Ask[Form]) -> Answer[Form]:
        request_hash = digest(self._logical(ask))
        try:
            recorded = self.records.find(request_hash)
            if recorded is None or not (self.settings.replay or usable(ask, recorded)):
                recorded = await self._made(ask, request_hash)
        except ModelError as fault:
            missing = call_of(ask, request_hash, self._failure(ask, str(fault), 0.0))
            self.calls.append(replace(missing, outcome=str(fault)))
            raise
        return self._read(ask, request_hash, recorded)

    async def close(self) -> None:
        """Close the connections."""
        if self._api is not None:
            await self._api.close()

    # --- what is asked -------------------------------------------------------------------------

    def _logical(self, ask: Ask[Form]) -> dict[str, Any]:
        """All that shapes the answer, whatever the rung it is sent on."""
        return {
            "model": self.settings.name,
            "system": ask.prompt.system,
            "user": ask.prompt.user,
            "schema": ask.form.model_json_schema(),
            "tools": [tool.wire() for tool in ask.tools],
            "max_tokens": ask.max_tokens,
        }

    def _wire(self, ask: Ask[Form], capability: Capability) -> dict[str, Any]:
        schema = ask.form.model_json_schema()
        user = ask.prompt.user + in_words(capability, schema)
        request: dict[str, Any] = {
            "model": self.settings.name,
            "messages": [
                {"role": "system", "content": ask.prompt.system},
                {"role": "user", "content": user},
            ],
            **options(capability, ask.form.__name__.lower(), schema, ask.max_tokens),
        }
        if ask.tools and capability.tools:
            request["tools"] = [tool.wire() for tool in ask.tools]
        if extension := request.get("response_format", {}).get("schema"):
            request["response_format"] = {"type": "json_object", "schema": extension}
        return request

    def _estimate(self, ask: Ask[Form]) -> Cost:
        """An upper estimate of the call's cost: what the reservation holds."""
        tokens_in = estimated_tokens(str(self._logical(ask)))
        return Cost(tokens_in + ask.max_tokens, self._usd(tokens_in, ask.max_tokens) or 0.0)

    def _usd(self, tokens_in: int, tokens_out: int) -> float | None:
        return None if self.price is None else self.price.of(tokens_in, tokens_out)

    # --- the call ------------------------------------------------------------------------------

    async def _made(self, ask: Ask[Form], request_hash: str) -> Recorded:
        """Make the call and file what came of it: a failure too, so that a replay fails alike."""
        began = self.clock.now()
        try:
            recorded = await self._live(ask, began)
        except ModelError as fault:
            recorded = self._failure(ask, str(fault), self.clock.now() - began)
        return self.records.keep(request_hash, recorded, self.settings.key)

    async def _live(self, ask: Ask[Form], began: float) -> Recorded:
        capability = await self.prepare()
        deadline = self.clock.now() + min(self.settings.deadline, self.budget.seconds_left)
        held = self._estimate(ask)
        with self.budget.reserve(held) as bill:
            try:
                capability, got = await self._step_down(ask, capability, deadline, bill)
            except Refused:
                raise
            except ModelError:
                # The server may have done the work and charge for it.
                bill.add(held)
                raise
        finish = "refusal" if got.refusal else got.finish
        return self._record(ask, got, capability.rung, finish, self.clock.now() - began)

    async def _step_down(
        self, ask: Ask[Form], capability: Capability, deadline: float, bill: Bill
    ) -> tuple[Capability, Streamed]:
        """Make the call; where the server refuses the rung or the tools, make it one lower."""
        while True:
            try:
                got = await self._once(ask, capability, deadline, bill)
            except Refused as fault:
                lower = _without(capability, bool(ask.tools), fault.status)
                if lower is None:
                    raise
                capability = lower
                continue
            if capability != self._capability:
                self._remember(capability)
            return capability, got

    async def _once(
        self, ask: Ask[Form], capability: Capability, deadline: float, bill: Bill
    ) -> Streamed:
        request = self._wire(ask, capability)

        async def call(left: float) -> Streamed:
            return await stream(
                self._server(),
                request,
                left,
                lambda chars: self._tell(ask.agent, "streaming", chars),
            )

        got = await attempt(call, deadline, self.clock)
        if got.tokens_in is None or got.tokens_out is None:
            got.tokens_in = estimated_tokens(str(request["messages"]))
            got.tokens_out = estimated_tokens(got.text)
        spent = Cost(
            got.tokens_in + got.tokens_out, self._usd(got.tokens_in, got.tokens_out) or 0.0
        )
        bill.add(spent)
        return got

    def _server(self) -> openai.AsyncOpenAI:
        if self._api is None:
            self._api = openai.AsyncOpenAI(
                # Servers on one's own machine ask for no key, the package for a non-empty one.
                api_key=self.settings.key or "none",
                base_url=self.settings.url,
                max_retries=0,
                http_client=_transport(self.settings.url),
            )
        return self._api

    # --- capability ----------------------------------------------------------------------------

    async def prepare(self) -> Capability:
        """What the server can do: from memory, else by small probes, one caller probing for all."""
        async with self._probing:
            if self._unprobed is not None:
                # A server that answered no probe is not asked again in this run.
                raise self._unprobed
            known = self._capability or self.memory.find(self.settings.url, self.settings.name)
            if known is None:
                try:
                    known = await self._probe()
                except BudgetSpent:
                    raise
                except ModelError as fault:
                    self._unprobed = fault
                    raise
                self._remember(known)
            self._capability = known
            return known

    def _remember(self, capability: Capability) -> None:
        self._capability = capability
        self.memory.keep(self.settings.url, self.settings.name, capability)

    async def _probe(self) -> Capability:
        last: Refused | None = None
        for capability in PROBES:
            request = {
                "model": self.settings.name,
                "messages": [{"role": "user", "content": 'Answer with the JSON {"ok": true}.'}],
                **options(capability, "probe", _Probe.model_json_schema(), 64),
            }
            deadline = self.clock.now() + min(self.settings.deadline, self.budget.seconds_left)
            with self.budget.reserve(Cost(200, self._usd(136, 64) or 0.0)) as bill:
                try:
                    await self._try(request, deadline)
                except Refused as fault:
                    if fault.status not in UNSUPPORTED:
                        raise
                    last = fault
                    continue
                bill.add(Cost(136, self._usd(72, 64) or 0.0))
            return capability
        raise ModelError(f"the server takes no form of request: {last}")

    async def _try(self, request: dict[str, Any], deadline: float) -> Streamed:
        """A probe: here a 500 means "not supported" and is not tried again."""

        async def call(left: float) -> Streamed:
            return await stream(self._server(), request, left)

        return await attempt(call, deadline, self.clock, frozenset(range(501, 600)))

    # --- the answer ----------------------------------------------------------------------------

    def _record(
        self, ask: Ask[Form], got: Streamed, rung: str, finish: str, seconds: float
    ) -> Recorded:
        told = (got.tokens_in, got.tokens_out)
        known = None not in told
        return Recorded(
            agent=ask.agent,
            prompt=ask.prompt.label,
            asked=self.settings.name,
            request=f"{ask.prompt.system}\n\n{ask.prompt.user}",
            model=got.model,
            text=got.text,
            tool_calls=tuple((t[0], t[1], t[2]) for _, t in sorted(got.tools.items())),
            tokens_in=got.tokens_in or 0,
            tokens_out=got.tokens_out or 0,
            seconds=round(seconds, 3),
            cost_usd=self._usd(got.tokens_in or 0, got.tokens_out or 0) if known else None,
            rung=rung,
            finish=finish,
            priced=priced(self.price),
        )

    def _failure(self, ask: Ask[Form], why: str, seconds: float) -> Recorded:
        rung = self._capability.rung if self._capability else ""
        finish = f"{FAILED}{redacted(why, self.settings.key)}"
        return self._record(ask, Streamed(), rung, finish, seconds)

    def _read(self, ask: Ask[Form], request_hash: str, recorded: Recorded) -> Answer[Form]:
        call = call_of(ask, request_hash, recorded)
        self.priced = recorded.priced or self.priced
        try:
            form = validated(ask, recorded)
        except ModelError as fault:
            self.calls.append(replace(call, outcome=str(fault)))
            raise
        self.calls.append(call)
        tools = tuple((name, arguments) for _, name, arguments in recorded.tool_calls)
        return Answer(form, tools, call)


def _transport(url: str | None) -> openai.DefaultAsyncHttpxClient:
    """Connections that follow no redirect: the key stays with the server it is meant for."""
    if url is not None and url.startswith("http://"):
        # No TLS is spoken here; an empty context trusts nobody and costs nothing to set up.
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return openai.DefaultAsyncHttpxClient(follow_redirects=False, verify=nobody)
    return openai.DefaultAsyncHttpxClient(follow_redirects=False)


def _without(capability: Capability, tools: bool, status: int) -> Capability | None:
    """A capability that asks less of the server, or ``None`` if the fault lies elsewhere."""
    if status not in _TOOLS_REFUSED:
        return None
    if tools and capability.tools:
        return replace(capability, tools=False)
    return capability.lower() if status in UNSUPPORTED else None


__all__ = ["Answer", "Ask", "BudgetSpent", "Client", "Tool"]
