"""The house rules as functions from one source text to what is wrong with it."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture import rooms
from tests.support.root import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One module: its dotted name, its text, its nodes, walked once for all rules, and what each import stands for."""

    name: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    stands_for: dict[str, str]


Finding = tuple[int, str]
Rule = Callable[[Source], Iterator[Finding]]


def read(path: Path, text: str) -> Source:
    """Parse a source text as if it lay under ``path``, relative to the root."""
    tree = ast.parse(text)
    nodes = tuple(ast.walk(tree))
    stands_for: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                stands_for[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            stands_for |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return Source(name=rooms.module_name(path), text=text, tree=tree, nodes=nodes, stands_for=stands_for)


def findings(path: Path, text: str, rules: tuple[Rule, ...]) -> list[str]:
    """What the rules find, as lines that an editor can jump to."""
    source = read(path, text)
    return [f"{path}:{line}: {rule.__name__}: {what}" for rule in rules for line, what in rule(source)]


def findings_below(unit: str, rules: tuple[Rule, ...]) -> list[str]:
    """List the findings of the rules in every module of a unit."""
    paths = [path for path in rooms.product_paths() if path.parts[0] == unit]
    return [line for path in paths for line in findings(path, (ROOT / path).read_text(), rules)]


def dotted(node: ast.AST, source: Source) -> str:
    """The full name that an expression like ``dt.date.today`` stands for, or an empty text."""
    if isinstance(node, ast.Name):
        return source.stands_for.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, source)
        return f"{base}.{node.attr}" if base else ""
    return ""


def imported(source: Source) -> Iterator[Finding]:
    """Every module that is imported, with ``from a import b`` given as ``a.b``."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def walls(source: Source) -> Iterator[Finding]:
    """A room imports only what the table allows it."""
    room = rooms.room_of(source.name)
    for line, name in imported(source):
        ours = name.partition(".")[0] in rooms.UNITS
        if ours and not any(rooms.under(name, allowed) for allowed in (room.name, *room.imports)):
            yield line, f"{room.name} may not import {name}"


def libraries(source: Source) -> Iterator[Finding]:
    """Flask stays at the doors and SQL in the store."""
    for line, name in imported(source):
        allowed = rooms.LIBRARY_ROOMS.get(name.partition(".")[0])
        if allowed is not None and not any(rooms.under(source.name, room) for room in allowed):
            yield line, f"{name} may be used only in {', '.join(allowed)}"


def environment(source: Source) -> Iterator[Finding]:
    """Only a settings module reads the environment, and no command-line option does it in passing."""
    if source.name.endswith(".settings"):
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            name = dotted(node, source)
            if name in {"os.environ", "os.getenv", "os.environb"}:
                yield node.lineno, f"{name} outside a settings module"
        if isinstance(node, ast.keyword) and node.arg in {"envvar", "auto_envvar_prefix"}:
            yield node.value.lineno, f"{node.arg} reads the environment outside a settings module"


def transactions(source: Source) -> Iterator[Finding]:
    """One module begins and ends transactions."""
    if source.name in rooms.TRANSACTIONS or source.name.partition(".")[0] not in rooms.DATABASE_UNITS:
        return
    for node in source.nodes:
        if not isinstance(node, ast.Call):
            continue
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if method in {"commit", "begin", "begin_nested", "rollback"}:
            yield node.lineno, f"{method}() outside {rooms.TRANSACTIONS[0]}"


def files_are_private(source: Source) -> Iterator[Finding]:
    """A file is made where its mode does not hang on the umask and no link is followed."""
    if any(rooms.under(source.name, each) for each in rooms.WRITERS):
        return
    for node in source.nodes:
        if isinstance(node, ast.Call):
            method = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func, source)
            modes = [
                each.value
                for each in (*node.args, *(key.value for key in node.keywords if key.arg == "mode"))
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
            opens = method == "open" and any(set("wax+") & set(each) and len(each) <= len("r+b") for each in modes)
            makes = dotted(node.func, source) == "os.open" and "O_CREAT" in ast.unparse(node)
            if opens or makes or method in {"write_text", "write_bytes"}:
                yield node.lineno, "makes a file; serving.files does that"


def no_assert(source: Source) -> Iterator[Finding]:
    """An assert vanishes under -O, so it checks nothing."""
    yield from ((node.lineno, "assert") for node in source.nodes if isinstance(node, ast.Assert))


def no_swallowing(source: Source) -> Iterator[Finding]:
    """A handler for everything passes it on."""
    everything = {"Exception", "BaseException"}
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            broad = any(kind is None or dotted(kind, source) in everything for kind in kinds)
            if broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
                yield node.lineno, "catches everything and does not raise"
        if not isinstance(node, ast.Call):
            continue
        suppresses = dotted(node.func, source) == "contextlib.suppress"
        if suppresses and any(dotted(kind, source) in everything for kind in node.args):
            yield node.lineno, "suppresses everything"


def determined(source: Source) -> Iterator[Finding]:
    """Clock, randomness and identifiers come in as arguments below the composition roots."""
    if rooms.room_of(source.name).composes:
        return
    packages = {each.partition(".")[0] for each in source.stands_for.values()}
    for node in source.nodes:
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            name = dotted(node, source)
            if name.partition(".")[0] in packages and any(rooms.under(name, each) for each in rooms.NOT_DETERMINED):
                yield node.lineno, f"{name} outside a composition root"


def nothing_built_at_import(source: Source) -> Iterator[Finding]:
    """No application, engine or client exists because somebody imported a module."""
    for statement in source.tree.body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for node in ast.walk(statement):
                if isinstance(node, ast.Call) and dotted(node.func, source) in rooms.BUILT:
                    yield node.lineno, f"{dotted(node.func, source)} is built at import"


def module_says_its_job(source: Source) -> Iterator[Finding]:
    """The first line of a module is one sentence."""
    first, *_ = (ast.get_docstring(source.tree) or "").splitlines() or [""]
    if not first.rstrip().endswith((".", ":", ";", "?")) and source.text:
        yield 1, "the first line does not say the module's job in a sentence"


def module_length(source: Source) -> Iterator[Finding]:
    """A module fits into a head."""
    lines = len(source.text.splitlines())
    if lines > rooms.MAX_MODULE_LINES:
        yield lines, f"{lines} lines, the limit is {rooms.MAX_MODULE_LINES}"


def _functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def function_length(source: Source) -> Iterator[Finding]:
    """A function fits on a page."""
    for node in _functions(source):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > rooms.MAX_FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {lines} lines, the limit is {rooms.MAX_FUNCTION_LINES}"


def public_is_documented(source: Source) -> Iterator[Finding]:
    """What others call says what it does."""
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            alembic = rooms.under(source.name, "migrations") and node.name in {"upgrade", "downgrade"}
            if not node.name.startswith("_") and not alembic and not ast.get_docstring(node):
                yield node.lineno, f"{node.name} has no docstring"


def public_is_typed(source: Source) -> Iterator[Finding]:
    """What others call says what it takes and gives."""
    for node in _functions(source):
        named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        bare = [each.arg for each in named if each.annotation is None and each.arg not in {"self", "cls"}]
        if not node.name.startswith("_") and (bare or node.returns is None):
            yield node.lineno, f"{node.name} lacks types for {', '.join(bare) or 'its answer'}"


def _dataclass_options(node: ast.ClassDef, source: Source) -> set[str] | None:
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if dotted(call, source) == "dataclasses.dataclass":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            return {
                str(each.arg) for each in keywords if isinstance(each.value, ast.Constant) and each.value.value is True
            }
    return None


def values_are_frozen(source: Source) -> Iterator[Finding]:
    """A dataclass is a value: frozen and slotted, takes its fields by name, and does not print its secrets."""
    for node in source.nodes:
        options = _dataclass_options(node, source) if isinstance(node, ast.ClassDef) else None
        if options is None or not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue  # a private dataclass is working state, not a value
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
        wanted = {"frozen", "slots"} | ({"kw_only"} if len(fields) > rooms.POSITIONAL_FIELDS else set())
        if wanted - options:
            yield node.lineno, f"{node.name} is not {', '.join(sorted(wanted - options))}"
        for each in fields:
            name, kind = ast.unparse(each.target), ast.unparse(each.annotation)
            hidden = each.value is not None and "repr=False" in ast.unparse(each.value)
            if name in rooms.SECRET_FIELDS and not hidden and "Path" not in kind:
                yield each.lineno, f"{node.name}.{name} would show in a repr"


def no_test_imports_a_test(source: Source) -> Iterator[Finding]:
    """A test module and a conftest are read by pytest alone; helpers and shared fixtures live in tests/support."""
    for line, name in imported(source):
        unit, *parts = name.split(".")
        if unit == "tests" and any(part == "conftest" or part.startswith("test_") for part in parts):
            yield line, f"imports {name}; move the helper to tests/support"


IMPORT_RULES: tuple[Rule, ...] = (walls, libraries)
CONDUCT_RULES: tuple[Rule, ...] = (
    environment,
    transactions,
    files_are_private,
    no_assert,
    no_swallowing,
    determined,
    nothing_built_at_import,
)
SHAPE_RULES: tuple[Rule, ...] = (
    module_says_its_job,
    module_length,
    function_length,
    public_is_documented,
    public_is_typed,
    values_are_frozen,
)
TEST_RULES: tuple[Rule, ...] = (no_test_imports_a_test,)
ALL_RULES = (*IMPORT_RULES, *CONDUCT_RULES, *SHAPE_RULES, *TEST_RULES)
