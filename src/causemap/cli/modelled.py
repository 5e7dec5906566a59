"""Whether a language model takes part, and what is said about it on standard error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causemap.cli.delivery import say
from causemap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from causemap.agents.state import Progress
    from causemap.cli.asking import Ask
    from causemap.records import Dossier
    from causemap.settings import ModelSettings, Settings


def model_settings(ask: Ask) -> Settings:
    """The settings with ``--llm`` and ``--replay`` winning over the environment.

    ``auto`` without a model set up says so and leaves it off; ``--replay`` without one is an error,
    for it cannot be known whose records are meant.
    """
    from causemap.settings import load_settings

    settings = load_settings(data_dir=ask.data_dir)
    if ask.replay:
        if settings.model is None:
            raise UsageError("--replay needs the model's name; set CAUSEMAP_MODEL as in the run.")
        return replace(settings, llm="auto", model=replace(settings.model, replay=True))
    wanted = settings.llm if ask.llm is None else ask.llm
    if wanted != "auto":
        return replace(settings, llm="off")
    if settings.model is None:
        say("no language model is set up (CAUSEMAP_MODEL): the rules answer alone", ask.quiet)
    else:
        _say_price(settings.model, ask.quiet)
    return replace(settings, llm="auto")


def with_model(
    dossier: Dossier, ask: Ask, progress: Callable[[Progress], None] | None = None
) -> Dossier:
    """A frozen dossier with the models' part, if one is asked for and set up."""
    if ask.llm is None and not ask.replay and not _on_by_environment():
        return dossier
    settings = model_settings(ask)
    if settings.llm != "auto" or settings.model is None:
        return dossier
    from causemap.agents.model_progress import telling
    from causemap.agents.model_run import enrich

    made = enrich(dossier, settings.model, heard=telling(progress or (lambda _: None)))
    say(summary(made), ask.quiet)
    return made


def _say_price(model: ModelSettings, quiet: bool) -> None:
    """What a cost will be worth; a table that cannot be used is found out before any work."""
    from causemap.llm.prices import price_of

    price = price_of(model.name, model.url, model.prices)
    if price is None:
        say(
            f"no price of {model.name} is known: its cost is not told and the limits in money do "
            "not hold, those in tokens do (CAUSEMAP_MODEL_PRICES takes a table of your own)",
            quiet,
        )
    elif price.priced.kind != "local":
        origin = f"{price.priced.as_of}, {price.priced.source}"
        rates = f"${price.prompt:g} in, ${price.completion:g} out a million tokens"
        say(f"costs are estimates by prices of {origin}: {rates}", quiet)


def _on_by_environment() -> bool:
    from causemap.settings import load_settings

    return load_settings().llm == "auto"


def summary(dossier: Dossier) -> str:
    """What the models did in one line: calls, depth, tokens, seconds, cost, what failed."""
    from causemap.reporting.model_part import cost_in_words

    part = dossier.model
    if part is None:
        return "model: took no part"
    calls, depth = len(part.calls), len({call.stage for call in part.calls})
    tokens = sum(call.tokens_in + call.tokens_out for call in part.calls)
    said = cost_in_words(part)
    failed = "".join(f"; {why}" for why in part.failures[:5])
    return f"model: {calls} calls, {depth} deep, {tokens} tokens{said and f', {said}'}{failed}"
