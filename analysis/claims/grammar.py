"""The grammar ``conditions-1``: conditions and sums over ledger ids, parsed into a tree.

::

    condition  = conjunction { "or" conjunction }
    conjunction= negation { "and" negation }
    negation   = "not" negation | comparison
    comparison = sum [ ( "<" | "<=" | ">" | ">=" | "=" | "!=" ) sum ]
    sum        = product { ( "+" | "-" ) product }
    product    = factor { ( "*" | "/" ) factor }
    factor     = "-" factor | number | reference | call | "(" condition ")"
    reference  = id [ ":" field ]
    call       = name "(" condition { "," condition } ")"
               | over "(" variable "in" ( set | "[" word { "," word } "]" ) ":" condition ")"
    over       = "every" | "some" | "none" | "count" | "sum" | "least" | "greatest"

An id has seven parts joined by dots, as in the results ledger; ``{scale}`` in a part stands for
a variable bound by one of the words that range over a set. A minus sign between numbers needs a
space on either side, because ids hold hyphens. ``field`` is a number of the ledger's row other
than its value: ``ci_low``, ``ci_high``, ``n``, ``df`` and so on.

Functions: ``abs(x)``, ``round(x, decimals)``; over one reference ``increased(id)`` (the 95%
interval lies above nought), ``decreased(id)`` (below), ``unclear(id)`` (includes nought),
``significant(id)`` (a p-value below .05).

There is nothing else: no names of the host language, no assignment, no strings, no loops. A
text that is not of this grammar is refused with the place where it stops making sense.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from analysis.results import NUMBERS, PARTS

Kind = Literal["number", "truth"]

COMPARISONS = ("<=", ">=", "!=", "<", ">", "=")
OVER: dict[str, Kind] = {
    "every": "truth",
    "some": "truth",
    "none": "truth",
    "count": "number",
    "sum": "number",
    "least": "number",
    "greatest": "number",
}
#: What the body of a word that ranges over a set must be.
OVER_TRUTH = ("every", "some", "none", "count")
#: Functions: number of arguments, and what they give.
FUNCTIONS: dict[str, tuple[int, Kind]] = {
    "abs": (1, "number"),
    "round": (2, "number"),
    "increased": (1, "truth"),
    "decreased": (1, "truth"),
    "unclear": (1, "truth"),
    "significant": (1, "truth"),
}
OF_REFERENCE = ("increased", "decreased", "unclear", "significant")
WORDS = ("and", "or", "not", "in")
#: Deeper nesting than this is refused, so that no text can exhaust the stack.
DEEPEST = 60
LONGEST = 4000

_PART = r"[a-z0-9_{}-]+"
TOKEN = re.compile(
    rf"""\s*(?:
      (?P<id>{_PART}(?:\.{_PART}){{6}})
    | (?P<number>\d+(?:\.\d+)?|\.\d+)
    | (?P<name>[a-z][a-z0-9_]*)
    | (?P<sign><=|>=|!=|[<>=+*/(),:\[\]-])
    )""",
    re.VERBOSE,
)
#: What looks like an id but may have too few or too many parts.
DOTTED = re.compile(rf"\s*(?P<id>[a-z]{_PART[:-1]}*(?:\.{_PART})+)")
VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class ConditionError(ValueError):
    """A text that is not of the grammar: what is wrong and where (counted from 0)."""

    def __init__(self, what: str, text: str, place: int) -> None:
        self.what, self.text, self.place = what, text, place
        super().__init__(f"{what}, at character {place + 1}: {text[place : place + 30] or '(end)'}")

    def __reduce__(self) -> tuple[object, ...]:
        # What is pickled by default is the message alone, and workers send their errors back.
        return type(self), (self.what, self.text, self.place)


@dataclass(frozen=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True)
class Reference:
    """A number of the ledger, by id and field."""

    id: str
    field: str = "value"


@dataclass(frozen=True)
class Negative:
    """Minus a number."""

    of: Node


@dataclass(frozen=True)
class Sum:
    """Two numbers added, subtracted, multiplied or divided."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Comparison:
    """Two numbers compared."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Joined:
    """Conditions joined by ``and`` or ``or``."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """A condition denied."""

    of: Node


@dataclass(frozen=True)
class Call:
    """One of :data:`FUNCTIONS`."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Over:
    """One of :data:`OVER`: a body for each member of a set."""

    name: str
    variable: str
    members: tuple[str, ...]
    body: Node


Node = Number | Reference | Negative | Sum | Comparison | Joined | Not | Call | Over


def parse_condition(text: str, sets: dict[str, tuple[str, ...]] | None = None) -> Node:
    """A condition as a tree.

    Raises
    ------
    ConditionError
        If the text is not of the grammar, or is a number rather than a condition.
    """
    return _parsed(text, sets or {}, "truth")


def parse_number(text: str, sets: dict[str, tuple[str, ...]] | None = None) -> Node:
    """A sum as a tree.

    Raises
    ------
    ConditionError
        If the text is not of the grammar, or is a condition rather than a number.
    """
    return _parsed(text, sets or {}, "number")


def references(node: Node) -> list[Reference]:
    """Every reference of a tree with its variables filled in, in order, each once."""
    found: dict[Reference, None] = {}
    _collect(node, {}, found)
    return list(found)


def kind_of(node: Node) -> Kind:
    """Whether a tree is a number or a condition."""
    if isinstance(node, Comparison | Joined | Not):
        return "truth"
    if isinstance(node, Call):
        return FUNCTIONS[node.name][1]
    if isinstance(node, Over):
        return OVER[node.name]
    return "number"


def filled(reference: Reference, bound: dict[str, str]) -> Reference:
    """A reference with its variables replaced."""
    identifier = VARIABLE.sub(lambda match: bound[match[1]], reference.id)
    return Reference(identifier, reference.field)


def written(node: Node) -> str:
    """A tree as text of the grammar, with every bracket; parsing it gives the tree again."""
    match node:
        case Number(value):
            return f"{value:.15f}".rstrip("0").rstrip(".")
        case Reference(identifier, field):
            return identifier if field == "value" else f"{identifier}:{field}"
        case Negative(of):
            return f"- ({written(of)})"
        case Sum(sign, left, right) | Comparison(sign, left, right):
            return f"({written(left)}) {sign} ({written(right)})"
        case Joined(word, parts):
            return f" {word} ".join(f"({written(part)})" for part in parts)
        case Not(of):
            return f"not ({written(of)})"
        case Call(name, arguments):
            return f"{name}({', '.join(written(a) for a in arguments)})"
        case Over(name, variable, members, body):
            return f"{name}({variable} in [{', '.join(members)}]: {written(body)})"


def _collect(node: Node, bound: dict[str, str], found: dict[Reference, None]) -> None:
    match node:
        case Reference():
            found[filled(node, bound)] = None
        case Negative(of) | Not(of):
            _collect(of, bound, found)
        case Sum(_, left, right) | Comparison(_, left, right):
            _collect(left, bound, found)
            _collect(right, bound, found)
        case Joined(_, parts) | Call(_, parts):
            for part in parts:
                _collect(part, bound, found)
        case Over(_, variable, members, body):
            for member in members:
                _collect(body, {**bound, variable: member}, found)
        case Number():
            pass


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST:
        raise ConditionError(f"the condition is longer than {LONGEST} characters", text, LONGEST)
    found, place = [], 0
    while text[place:].strip():
        dotted = DOTTED.match(text, place)
        if dotted is not None and dotted["id"].count(".") != len(PARTS) - 1:
            parts = dotted["id"].count(".") + 1
            what = f"an id has {len(PARTS)} parts joined by dots, this has {parts}"
            raise ConditionError(what, text, dotted.start("id"))
        match = TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise ConditionError("this is not part of the grammar", text, start)
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        place = match.end()
    found.append(_Token("end", "", len(text)))
    return found


def _parsed(text: str, sets: dict[str, tuple[str, ...]], wanted: Kind) -> Node:
    reader = _Reader(text, sets)
    node = reader.condition(0, frozenset())
    reader.expect_end()
    reader.require(node, wanted, 0)
    return node


class _Reader:
    """Recursive descent over the tokens: one method for each rule of the grammar."""

    def __init__(self, text: str, sets: dict[str, tuple[str, ...]]) -> None:
        self.text, self.sets = text, sets
        self.tokens = _tokens(text)
        self.place = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    def error(self, what: str, token: _Token | None = None) -> ConditionError:
        return ConditionError(what, self.text, (token or self.token).place)

    def take(self, *texts: str) -> _Token | None:
        token = self.token
        if token.kind in ("name", "sign") and token.text in texts:
            self.place += 1
            return token
        return None

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.error(f"'{text}' is expected")

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.error("nothing more is expected")

    def require(self, node: Node, wanted: Kind, place: int) -> Node:
        if kind_of(node) != wanted:
            names = {"number": "a number", "truth": "a condition"}
            what = f"{names[wanted]} is expected, not {names[kind_of(node)]}"
            raise ConditionError(what, self.text, place)
        return node

    def condition(self, depth: int, bound: frozenset[str]) -> Node:
        return self._joined("or", depth, bound)

    def _joined(self, word: str, depth: int, bound: frozenset[str]) -> Node:
        if depth > DEEPEST:
            raise self.error("the condition is nested too deeply")
        start = self.token.place
        first = self._joined("and", depth, bound) if word == "or" else self.negation(depth, bound)
        parts = [first]
        while self.take(word):
            self.require(parts[-1], "truth", start)
            start = self.token.place
            parts.append(
                self._joined("and", depth, bound) if word == "or" else self.negation(depth, bound)
            )
        if len(parts) == 1:
            return first
        self.require(parts[-1], "truth", start)
        return Joined(word, tuple(parts))

    def negation(self, depth: int, bound: frozenset[str]) -> Node:
        if depth > DEEPEST:
            raise self.error("the condition is nested too deeply")
        if self.take("not"):
            start = self.token.place
            return Not(self.require(self.negation(depth + 1, bound), "truth", start))
        return self.comparison(depth, bound)

    def comparison(self, depth: int, bound: frozenset[str]) -> Node:
        start = self.token.place
        left = self.sum(depth, bound)
        sign = self.take(*COMPARISONS)
        if sign is None:
            return left
        self.require(left, "number", start)
        start = self.token.place
        right = self.require(self.sum(depth, bound), "number", start)
        if self.token.text in COMPARISONS:
            raise self.error("a second comparison needs 'and'")
        return Comparison(sign.text, left, right)

    def sum(self, depth: int, bound: frozenset[str]) -> Node:
        return self._arithmetic(("+", "-"), depth, bound)

    def _arithmetic(self, signs: tuple[str, str], depth: int, bound: frozenset[str]) -> Node:
        def part() -> Node:
            if signs == ("+", "-"):
                return self._arithmetic(("*", "/"), depth, bound)
            return self.factor(depth, bound)

        start = self.token.place
        left = part()
        while sign := self.take(*signs):
            self.require(left, "number", start)
            right_start = self.token.place
            left = Sum(sign.text, left, self.require(part(), "number", right_start))
        return left

    def factor(self, depth: int, bound: frozenset[str]) -> Node:
        if depth > DEEPEST:
            raise self.error("the condition is nested too deeply")
        token = self.token
        if self.take("-"):
            start = self.token.place
            return Negative(self.require(self.factor(depth + 1, bound), "number", start))
        if self.take("("):
            inside = self.condition(depth + 1, bound)
            self.expect(")")
            return inside
        if token.kind == "number":
            self.place += 1
            return Number(float(token.text))
        if token.kind == "id":
            self.place += 1
            return self.reference(token, bound)
        if token.kind == "name" and token.text in OVER:
            self.place += 1
            return self.over(token.text, depth, bound)
        if token.kind == "name" and token.text in FUNCTIONS:
            self.place += 1
            return self.call(token, depth, bound)
        if token.kind == "name" and token.text not in WORDS:
            known = ", ".join([*FUNCTIONS, *OVER])
            raise self.error(f"'{token.text}' is neither an id of seven parts nor one of {known}")
        raise self.error("a number, an id or a function is expected")

    def reference(self, token: _Token, bound: frozenset[str]) -> Node:
        names = VARIABLE.findall(token.text)
        if VARIABLE.sub("x", token.text).count("{") or VARIABLE.sub("x", token.text).count("}"):
            raise self.error("a brace does not enclose a variable", token)
        for name in names:
            if name not in bound:
                raise self.error(f"'{name}' is not bound by every, some, none, count …", token)
        field = "value"
        if self.token.text == ":" and self.tokens[self.place + 1].text in NUMBERS:
            self.place += 1
            field = self.token.text
            self.place += 1
        return Reference(token.text, field)

    def call(self, token: _Token, depth: int, bound: frozenset[str]) -> Node:
        wanted, _ = FUNCTIONS[token.text]
        self.expect("(")
        arguments: list[Node] = []
        while True:
            start = self.token.place
            arguments.append(self.require(self.condition(depth + 1, bound), "number", start))
            if not self.take(","):
                break
        self.expect(")")
        if len(arguments) != wanted:
            plural = "s" if wanted > 1 else ""
            raise self.error(f"{token.text} takes {wanted} argument{plural}", token)
        if token.text in OF_REFERENCE and not isinstance(arguments[0], Reference):
            raise self.error(f"{token.text} takes an id", token)
        decimals = arguments[1] if token.text == "round" else None
        if decimals is not None and not (
            isinstance(decimals, Number) and decimals.value in range(0, 10)
        ):
            raise self.error("round takes a whole number of decimals, 0 to 9", token)
        return Call(token.text, tuple(arguments))

    def over(self, name: str, depth: int, bound: frozenset[str]) -> Node:
        self.expect("(")
        variable = self.token
        if variable.kind != "name" or variable.text in (*WORDS, *OVER, *FUNCTIONS):
            raise self.error("the name of a variable is expected")
        if variable.text in bound:
            raise self.error(f"'{variable.text}' is bound already")
        self.place += 1
        self.expect("in")
        members = self.members()
        self.expect(":")
        start = self.token.place
        body = self.condition(depth + 1, bound | {variable.text})
        self.require(body, "truth" if name in OVER_TRUTH else "number", start)
        self.expect(")")
        return Over(name, variable.text, members, body)

    def members(self) -> tuple[str, ...]:
        if self.take("["):
            found = [self.member()]
            while self.take(","):
                found.append(self.member())
            self.expect("]")
            return tuple(found)
        token = self.token
        if token.kind != "name" or token.text not in self.sets:
            known = ", ".join(self.sets) or "none"
            raise self.error(f"a set is expected; sets are {known}")
        self.place += 1
        return self.sets[token.text]

    def member(self) -> str:
        token = self.token
        if token.kind not in ("name", "number") or not token.text.replace("_", "").isalnum():
            raise self.error("a word is expected")
        self.place += 1
        return token.text
