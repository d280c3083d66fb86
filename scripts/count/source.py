"""Read the product's modules and measure their source."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "analysis",
    "api",
    "auditlog",
    "cli",
    "client",
    "crypto",
    "ceremony",
    "custodian",
    "gateway",
    "protocol",
    "registry",
    "serving",
)
"""The product; a tree may lack some of them."""
_OLD_CLIENT: Final = "gateway/registry_client.py"
"""The registry's client as it stood before ``client/`` existed."""
_LOOSE: Final = "dict[str, Any]"

Function = ast.FunctionDef | ast.AsyncFunctionDef
"""A function or a method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the product."""

    path: str
    """Its place below the tree's root, with slashes."""
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @property
    def classes(self) -> list[ast.ClassDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]


def read_modules(root: Path) -> list[Module]:
    """Read each Python file of the product, in the order of their paths."""
    paths = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return [_read_module(root, path) for path in paths]


def _read_module(root: Path, path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path=path.relative_to(root).as_posix(), text=text, tree=ast.parse(text))


def import_lines(module: Module) -> set[int]:
    """List the lines on which imports stand, one name a line or several."""
    imports = (node for node in ast.walk(module.tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return {line for node in imports for line in _span(node)}


def body_lines(module: Module) -> int:
    """Count the lines that are neither blank, comment, the module's docstring nor import."""
    spent = import_lines(module) | _docstring_lines(module.tree)
    return len(_code_lines(module.text) - spent)


def short_modules(modules: Iterable[Module], below: int) -> list[str]:
    """List the modules with fewer body lines than this; the mark of a package is no module."""
    return [module.path for module in modules if not module.path.endswith("__init__.py") and body_lines(module) < below]


def function_lengths(modules: Iterable[Module]) -> list[int]:
    """List the lines of each function from ``def`` to its end, without decorators and docstring."""
    functions = (function for module in modules for function in module.functions)
    return [len(set(_span(function)) - _docstring_lines(function)) for function in functions]


def percentile(values: list[int], percent: int) -> int:
    """Find the least value that ``percent`` of the values do not exceed."""
    if not values:
        return 0
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def schema_classes(modules: Iterable[Module]) -> int:
    """Count the classes that descend from marshmallow's Schema, as far as base names tell."""
    classes = [(node.name, {_last_name(base) for base in node.bases}) for module in modules for node in module.classes]
    schemas = {"Schema"}
    while grown := {name for name, bases in classes if bases & schemas} - schemas:
        schemas |= grown
    return sum(bool(bases & schemas) for _, bases in classes)


def message_builders(modules: Iterable[Module]) -> int:
    """Count the functions whose name ends with ``_document`` or ``_message``."""
    return sum(name.endswith(("_document", "_message")) for name in _function_names(modules))


def wire_methods(modules: Iterable[Module]) -> int:
    """Count the definitions of ``to_wire`` and ``from_wire``."""
    return sum(name in {"to_wire", "from_wire"} for name in _function_names(modules))


def loose_client_methods(modules: Iterable[Module]) -> list[str]:
    """Name the public methods of the registry's client that return ``dict[str, Any]``, alone or in a container."""
    inside = [module for module in modules if module.path.startswith("client/") or module.path == _OLD_CLIENT]
    methods = (
        (node.name, method)
        for module in inside
        for node in module.classes
        for method in node.body
        if isinstance(method, Function) and not method.name.startswith("_")
    )
    return sorted(
        f"{owner}.{method.name}"
        for owner, method in methods
        if method.returns is not None and _LOOSE in ast.unparse(method.returns)
    )


def _function_names(modules: Iterable[Module]) -> Iterator[str]:
    return (function.name for module in modules for function in module.functions)


def _last_name(base: ast.expr) -> str:
    return ast.unparse(base).rpartition(".")[2]


def _span(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _docstring_lines(owner: ast.Module | Function) -> set[int]:
    return set(_span(owner.body[0])) if ast.get_docstring(owner) is not None else set()


def _code_lines(text: str) -> set[int]:
    """List the lines on which something else than a comment stands."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {line for token in tokens if token.type not in silent for line in range(token.start[0], token.end[0] + 1)}
