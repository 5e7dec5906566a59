"""What a page's own style sheet says of its nodes, in time linear in the page.

All selectors run together, once over the tree: each compound of a selector is one bit of an
integer, and a node's bits follow from its own keys and the bits of its parent, its ancestors and
its elder siblings. The page chooses its selectors, so none may cost a walk of its own. Where two
rules speak of one property the cascade decides: importance, then specificity, then order, which is
the order of the bits.

Read exactly are tag, ``.class``, ``#id``, ``[name]``, ``[name=value]`` and all combinators. Another
condition (``:not(...)``, ``:nth-child(...)``, ``[name^=...]``) is taken as met, so that a rule
hides too much rather than too little; a rule for a state of the reader's (``:hover``) or for a
pseudo-element says nothing of the text and is left out. Letter case is never told apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from causemap.errors import SourceError

if TYPE_CHECKING:
    from bs4 import Tag

# Bits (compounds of selectors): real sheets stay far below; each costs a little at every node.
MAX_BITS: Final = 16_000
# Keys of one compound that are asked for; more are taken as met.
_SLOTS: Final = 6
_NESTED: Final = 12
# Comments, and strings; one that never ends goes on to the end (a string: of its line).
_SKIPPED: Final = re.compile(
    r"/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?", re.DOTALL
)
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_IDENT: Final = r"(?:[-\w\u0080-\U0010ffff]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n])++"
_SIMPLE: Final = re.compile(
    rf"(?P<tag>{_IDENT}|\*|&)|\#(?P<id>{_IDENT})|\.(?P<cls>{_IDENT})"
    rf"|\[\s*(?P<name>{_IDENT})\s*(?:(?P<op>[~|^$*]?=)\s*(?P<value>\"[^\"]*\"|'[^']*'|{_IDENT})"
    r"[^\]]{0,9})?\]"
    rf"|(?P<pseudo>::?{_IDENT})(?P<open>\()?"
)
_COMBINATOR: Final = re.compile(r"\s*([>+~])\s*|\s+")
_STATE: Final = re.compile(
    r"::?(?:hover|focus|active|visited|target|checked|disabled|empty|before|after|first-l|-moz-|"
    r"-webkit-|-ms-|placeholder|selection|marker|backdrop|open|popover|invalid|fullscreen)",
    re.IGNORECASE,
)
# A custom element is not defined as long as no program of the page has run.
_UNDEFINED: Final = re.compile(r":not\(\s*:defined\s*\)", re.IGNORECASE)


class Said(NamedTuple):
    """A declared value, folded to small letters, and whether it is marked important."""

    value: str
    important: bool


@lru_cache(maxsize=4096)
def declared(text: str) -> Mapping[str, Said]:
    """The declarations of a style by property; a later one overrules an earlier one."""
    found: dict[str, Said] = {}
    for part in _plain(text).split(";"):
        name, _, value = _unescaped(part).partition(":")
        key, (word, _, mark) = name.strip().casefold(), value.casefold().partition("!")
        key = "background" if key == "background-color" else key
        said = Said(word.strip(), "important" in mark)
        if key and said.value and (said.important or key not in found or not found[key].important):
            found[key] = said
    return found


class Trail(NamedTuple):
    """Bits met at a node, and at the node or any of its ancestors."""

    here: int = 0
    above: int = 0


@dataclass(slots=True)
class StyleRules:
    """The rules of a sheet for the properties that matter, as masks over bits."""

    start: int = 0
    child: int = 0
    inside: int = 0
    adjacent: int = 0
    later: int = 0
    keys: tuple[dict[str, int], ...] = ()
    free: list[int] = field(default_factory=list)
    normal: dict[str, int] = field(default_factory=dict)
    important: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[str, int], str] = field(default_factory=dict)
    known: dict[tuple[str, ...], int] = field(default_factory=dict)

    def met(self, node: Tag, parent: Trail, elder: int, elders: int) -> Trail:
        """The bits of a node below ``parent``, after siblings with the bits given."""
        if not self.start:
            return parent
        reached = (
            self.start
            | (parent.here << 1 & self.child)
            | (parent.above << 1 & self.inside)
            | (elder << 1 & self.adjacent)
            | (elders << 1 & self.later)
        )
        here = reached & self._fitting(self._keys_of(node))
        return Trail(here, parent.above | here)

    def style(self, bits: int, own: Mapping[str, Said]) -> Mapping[str, str]:
        """Each property's value at a node: by the rules met there and its own style."""
        found = {name: said.value for name, said in own.items()}
        if not bits:
            return found
        for name, mask in self.normal.items():
            if name not in found and (won := bits & mask):
                found[name] = self.values[name, won.bit_length() - 1]
        for name, mask in self.important.items():
            mine = own.get(name)
            if not (mine and mine.important) and (won := bits & mask):
                found[name] = self.values[name, won.bit_length() - 1]
        return found

    def _keys_of(self, node: Tag) -> tuple[str, ...]:
        tag = node.name.casefold()
        keys = [tag, ":undefined"] if "-" in tag else [tag]
        for name, value in node.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            every = _attribute_keys(name.casefold(), text.casefold())
            # A key that no selector asks for costs nothing further.
            keys.extend(key for key in every if key in self.keys[_SLOTS])
        return tuple(keys)

    def _fitting(self, keys: tuple[str, ...]) -> int:
        """The compounds whose keys are all among ``keys``."""
        if (held := self.known.get(keys)) is not None:
            return held
        fit = -1
        for slot in range(_SLOTS):
            asked = self.free[slot]
            for key in keys:
                asked |= self.keys[slot].get(key, 0)
            fit &= asked
        if len(self.known) < 4096:
            self.known[keys] = fit
        return fit


def _attribute_keys(name: str, text: str) -> Iterator[str]:
    yield f"[{name}"
    if name == "class":
        yield from (f".{word}" for word in set(text.split()))
    elif name == "id":
        yield f"#{text.strip()}"
    yield f"[{name}={text}"


class _Compound(NamedTuple):
    """What a selector asks of one node, and how that node stands to the one before."""

    keys: tuple[str, ...]
    combinator: str


class _Rule(NamedTuple):
    chain: tuple[_Compound, ...]
    specificity: tuple[int, int]
    said: Mapping[str, Said]


def read_rules(sheet: str, wanted: frozenset[str]) -> StyleRules:
    """The rules of a style sheet that set one of the properties ``wanted``.

    Raises:
        SourceError: more of them than any real page has.
    """
    rules: list[_Rule] = []
    bits = 0
    for selectors, body in _blocks(_plain(sheet)):
        said = {name: value for name, value in declared(body).items() if name in wanted}
        if not said:
            continue
        for selector in _separated(selectors):
            chain = _chain(selector)
            bits += max(1, len(chain))
            if bits > MAX_BITS:
                raise SourceError("the page's own style sheet is larger than one is read")
            if chain:
                rules.append(_Rule(chain, _specificity(chain), said))
    rules.sort(key=lambda rule: rule.specificity)
    return _compiled(rules)


def _compiled(rules: Iterable[_Rule]) -> StyleRules:
    made = StyleRules(keys=tuple(defaultdict(int) for _ in range(_SLOTS + 1)), free=[0] * _SLOTS)
    names = {">": "child", " ": "inside", "+": "adjacent", "~": "later", "": "start"}
    place = -1
    for rule in rules:
        for compound in rule.chain:
            place += 1
            bit, kind = 1 << place, names[compound.combinator]
            setattr(made, kind, getattr(made, kind) | bit)
            for slot in range(_SLOTS):
                if slot < len(compound.keys):
                    made.keys[slot][compound.keys[slot]] |= bit
                    made.keys[_SLOTS][compound.keys[slot]] = 1
                else:
                    made.free[slot] |= bit
        for name, said in rule.said.items():
            masks = made.important if said.important else made.normal
            masks[name] = masks.get(name, 0) | 1 << place
            made.values[name, place] = said.value
    return made


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of every block; a group's (``@media``) count as the page's."""
    stack: list[tuple[str, list[str]]] = [("", [])]
    for piece in re.split(r"([{}])", sheet):
        if piece == "{":
            body = stack[-1][1]
            head, _, prelude = body.pop().rpartition(";") if body else ("", "", "")
            body.append(head)
            named = prelude.strip()
            # Declarations in a group inside a rule are that rule's.
            named = stack[-1][0] if named.startswith("@") or named == "&" else named
            if len(stack) > _NESTED:
                raise SourceError("the page's own style sheet is nested too deeply")
            stack.append((named, []))
        elif piece == "}":
            if len(stack) > 1:
                selectors, body = stack.pop()
                yield selectors, ";".join(body)
        else:
            stack[-1][1].append(piece)
    # Browsers close what a sheet leaves open.
    yield from ((selectors, ";".join(body)) for selectors, body in stack[1:])


def _separated(selectors: str) -> Iterator[str]:
    """Selectors at the commas that stand in no bracket; ``:is(a, b)`` alone as ``a`` and ``b``."""
    depth, part = 0, ""
    for piece in re.split(r"([(),])", selectors):
        depth += (piece == "(") - (piece == ")")
        if piece == "," and depth <= 0:
            yield from _opened(part.strip())
            part = ""
        else:
            part += piece
    yield from _opened(part.strip())


def _opened(selector: str) -> Iterator[str]:
    alone = re.fullmatch(r":(?:is|where)\(([^()]{0,4000})\)", selector)
    yield from alone[1].split(",") if alone else (selector,)


def _chain(selector: str) -> tuple[_Compound, ...]:
    """The compounds of a selector, outermost first; empty if it says nothing of the text."""
    chain: list[_Compound] = []
    keys: list[str] = []
    at, combinator, begun = 0, "", False
    text = selector.strip().lstrip(">+~").strip()
    while at < len(text):
        if gap := _COMBINATOR.match(text, at):
            chain.append(_Compound(tuple(keys[:_SLOTS]), combinator))
            keys, combinator, begun = [], gap[1] or " ", False
            at = gap.end()
        elif simple := _SIMPLE.match(text, at):
            begun = True
            at = simple.end()
            if simple["pseudo"]:
                if simple["pseudo"].startswith("::") or _STATE.match(simple["pseudo"]):
                    return ()
                at = _closed(text, at) if simple["open"] else at
                if _UNDEFINED.match(text, simple.start()):
                    keys.append(":undefined")
            else:
                keys += _keys(simple)
        else:
            # No selector as CSS knows it: browsers leave the rule out as well.
            return ()
    return (*chain, _Compound(tuple(keys[:_SLOTS]), combinator)) if begun else ()


def _keys(simple: re.Match[str]) -> list[str]:
    if simple["id"]:
        return [f"#{_unescaped(simple['id']).casefold()}"]
    if simple["cls"]:
        return [f".{_unescaped(simple['cls']).casefold()}"]
    if simple["tag"]:
        return [] if simple["tag"] in "*&" else [_unescaped(simple["tag"]).casefold()]
    name = _unescaped(simple["name"]).casefold()
    value = _unescaped((simple["value"] or "").strip("\"'")).casefold()
    if name == "class" and simple["op"] in ("=", "~="):
        return [f".{word}" for word in value.split()]
    return [f"[{name}={value}"] if simple["op"] == "=" else [f"[{name}"]


def _closed(text: str, at: int) -> int:
    """The place behind the bracket that closes the one open at ``at``."""
    depth = 1
    for bracket in re.compile(r"[()]").finditer(text, at):
        depth += 1 if bracket.group() == "(" else -1
        if not depth:
            return bracket.end()
    return len(text)


def _specificity(chain: tuple[_Compound, ...]) -> tuple[int, int]:
    keys = [key for compound in chain for key in compound.keys]
    return sum(k[0] == "#" for k in keys), 1000 * sum(k[0] in ".[" for k in keys) + sum(
        k[0] not in "#.[" for k in keys
    )


def _plain(css: str) -> str:
    """CSS without comments, and without strings that hold what separates."""
    return _SKIPPED.sub(_kept, css)


def _kept(found: re.Match[str]) -> str:
    text = found.group()
    if text.startswith("/*"):
        return ""
    return '""' if re.search(r"[{};,()\[\]\\]", text) else text


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: _character(m[1]) if m[1] else m[2], text)


def _character(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if 0 < number < 0xD800 or 0xDFFF < number <= 0x10FFFF else "\ufffd"
