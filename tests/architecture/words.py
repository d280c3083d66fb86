"""Rules of words: one spelling of a path and of a vocabulary, one noun for a resource, plain first lines."""

import ast
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import protocol.codes
import protocol.states
from tests.architecture import rooms
from tests.architecture.nouns import BESIDE, NOUNS
from tests.architecture.rules import Finding, Rule, Source, dotted

PATH: Final = "/v1/"
WRITES_PATHS: Final = ("api", "client", "custodian.app", "custodian.ceremonies.peers", "custodian.ceremonies.routes")
"""The registry's door and its client; a custodian has a door of its own, and asks those of other custodians."""
RIDDLES: Final = frozenset({"what", "who", "whoever", "whom", "whose", "when", "where", "whether", "which", "how"})
FEW: Final = 2

VOCABULARIES: Final = {
    kind.__name__: frozenset(each.value for each in kind)
    for module in (protocol.codes, protocol.states)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind.__module__ == module.__name__
}


def paths_in_one_place(source: Source) -> Iterator[Finding]:
    """A path of the registry is written by its door and by its client, and nowhere else."""
    if any(rooms.under(source.name, each) for each in WRITES_PATHS):
        return
    spoken = _docstrings(source)
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in spoken and PATH in node.value:
            yield node.lineno, f"a path of the registry outside {' and '.join(WRITES_PATHS)}"


def vocabularies_in_protocol(source: Source) -> Iterator[Finding]:
    """The words of the wire are defined in protocol/; nobody types them again."""
    if rooms.under(source.name, "protocol"):
        return
    for node in source.nodes:
        words = _words(node, source)
        if len(words) <= FEW:
            continue
        for name, vocabulary in VOCABULARIES.items():
            if words <= vocabulary:
                yield getattr(node, "lineno", 1), f"types words of {name} again"


def one_noun_for_a_resource(source: Source) -> Iterator[Finding]:
    """A module in a room of nouns is called by the noun of its resource."""
    for room, others in BESIDE.items():
        if not rooms.under(source.name, room) or source.name == room:
            continue
        noun, _, below = source.name.removeprefix(f"{room}.").partition(".")
        is_folder = room != "registry.usecases" or bool(below)
        if is_folder and noun not in NOUNS | others:
            yield 1, f"{noun} is no noun of tests/architecture/nouns.py"


def first_line_names_an_actor(source: Source) -> Iterator[Finding]:
    """The first line of a module has a subject that acts, or is an imperative."""
    first = (ast.get_docstring(source.tree) or "").split(maxsplit=1)
    if first and first[0].strip("`'\",:;").lower() in RIDDLES:
        yield 1, f"the first line begins with {first[0]}"


def _docstrings(source: Source) -> set[ast.expr]:
    return {
        node.body[0].value
        for node in source.nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def _words(node: ast.AST, source: Source) -> frozenset[str]:
    """The texts that an enumeration or a display of constants holds, if it holds nothing else."""
    items: list[ast.expr | None]
    if isinstance(node, ast.ClassDef) and any(dotted(base, source) == "enum.StrEnum" for base in node.bases):
        items = [each.value for each in node.body if isinstance(each, ast.Assign)]
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        items = [*node.elts]
    elif isinstance(node, ast.Dict):
        items = [*node.keys]
    else:
        return frozenset()
    texts = [each.value for each in items if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return frozenset(texts) if len(texts) == len(items) else frozenset()


WORD_RULES: tuple[Rule, ...] = (
    paths_in_one_place,
    vocabularies_in_protocol,
    one_noun_for_a_resource,
    first_line_names_an_actor,
)
