"""Break single lines of rules and cryptography in a copy of the tree, and list the changes that no test notices.

A mutant is one changed expression or one dropped statement. Its tests are those of its own room, and after them those
elsewhere that import its module. A survivor is a change without effect, or a test that is missing: read it.
"""

import argparse
import ast
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = (
    "registry/policy",
    "registry/domain",
    "protocol",
    "crypto",
    "ceremony",
    "custodian",
    "client",
    "auditlog",
    "gateway",
    "analysis",
)
"""The folders whose code judges; a missing one is skipped."""
WHOLE_SYSTEM: Final = ("e2e", "soak", "interop", "deploy", "setup", "stateful", "architecture", "vectors")
"""Tests that are too slow for one changed line, or never import a room."""

COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMPUTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
CALLED: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one file, by the bytes that it replaces."""

    path: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {' '.join(self.before.split())}  ->  {self.after}"


def places(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield each function and each statement outside of one, as the places for the random choice."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield node.body
        elif isinstance(node, ast.ClassDef):
            # Do not change the spelling of a vocabulary: openapi.yaml and the vectors check it.
            is_vocabulary = any(ast.unparse(base).endswith("Enum") for base in node.bases)
            yield from places(
                ast.Module([part for part in node.body if not is_vocabulary or isinstance(part, Function)], [])
            )
        elif isinstance(node, ast.stmt):
            yield [node]


def changes(statements: Iterable[ast.stmt]) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Yield every node of the statements that can be changed, with its new text."""
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        if _is_text(node) or isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.expr):
            yield from ((node, f"({text})") for text in _expressions(node))
        elif ast.unparse(node).startswith("super().__init__("):
            continue  # an exception keeps its arguments without it
        elif isinstance(node, ast.Raise | ast.Continue) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        ):
            yield node, "pass"
        waiting += _children(node)


def _is_text(node: ast.AST) -> bool:
    """Tell whether the node is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts that act at run time: no annotation, decorator, pattern or message of an exception."""
    if isinstance(node, ast.keyword) and node.arg in {"repr", "strict"}:
        return  # tests/architecture reads `repr` from the source; `strict` repeats an earlier check
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "pattern", "format_spec"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not (isinstance(node, ast.Raise | ast.Call) and _is_message(child)):
                yield child


def _is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _expressions(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(left=left, ops=operators, comparators=comparators):
            for place, operator in enumerate(operators):
                changed = [*operators[:place], COMPARED[type(operator)](), *operators[place + 1 :]]
                yield ast.unparse(ast.Compare(left, changed, comparators))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in COMPUTED:
            yield ast.unparse(ast.BinOp(left, COMPUTED[type(operator)](), right))
        case ast.BoolOp(op=operator, values=values):
            yield ast.unparse(ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield ast.unparse(operand)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.unparse(ast.IfExp(test, orelse, body))
        case ast.Name(id=name, ctx=ast.Load()) if name in CALLED:
            yield CALLED[name]
        case ast.Constant(value=value):
            yield from _constants(value)


def _constants(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield repr(not value)
    elif isinstance(value, int):
        yield repr(value + 1)
        yield repr(value - 1)
    elif isinstance(value, str) and value:
        yield repr("mutant")
    elif isinstance(value, bytes) and value:
        yield repr(b"mutant")


def mutants_of(path: Path) -> list[list[Mutant]]:
    """List all mutants of a file, place by place."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def mutant(node: ast.expr | ast.stmt, text: str) -> Mutant:
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        before = source[start:end].decode()
        return Mutant(
            path=str(path.relative_to(ROOT)), line=node.lineno, start=start, end=end, before=before, after=text
        )

    by_place = ([mutant(*change) for change in changes(place)] for place in places(ast.parse(source)))
    return [mutants for mutants in by_place if mutants]


def sample(rooms: Iterable[str], count: int, chance: random.Random) -> list[Mutant]:
    """Choose ``count`` different mutants: a second one of a place only after each place has had one."""
    files = {
        file for room in rooms for file in ([ROOT / room] if room.endswith(".py") else (ROOT / room).rglob("*.py"))
    }
    waiting = [mutants for file in sorted(files) for mutants in mutants_of(file)]
    chosen: list[Mutant] = []
    while waiting and len(chosen) < count:
        chance.shuffle(waiting)
        chosen += [mutants.pop(chance.randrange(len(mutants))) for mutants in waiting[: count - len(chosen)]]
        waiting = [mutants for mutants in waiting if mutants]
    return sorted(chosen, key=lambda mutant: (mutant.path, mutant.line))


def copy_tree(folder: Path) -> None:
    """Copy the files that Git tracks or would add, as they are in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def near_tests(folder: Path, path: str) -> list[str]:
    """Find the tests of the file's own room by the folder's name; those with the module's name come first."""
    rooms = Path(path).parent.parts
    names = [rooms[first:last] for last in range(len(rooms), 0, -1) for first in range(last)]
    room = next((found for name in names if (found := folder.joinpath("tests", *name)).is_dir()), None)
    files = sorted(room.rglob("test_*.py")) if room else []
    stem = Path(path).stem
    return [str(file.relative_to(folder)) for file in sorted(files, key=lambda file: stem not in file.stem)]


def far_tests(folder: Path, path: str) -> list[str]:
    """Find the tests of other rooms that import the module, without those that start a whole system.

    For a room without tests of its own, take all tests that import any module of it.
    """
    module, near = path.removesuffix(".py").removesuffix("/__init__").replace("/", "."), set(near_tests(folder, path))
    seen = re.compile(rf"^from {re.escape(module if near else module.partition('.')[0])}\b", re.MULTILINE)
    files = [file.relative_to(folder) for file in sorted((folder / "tests").rglob("test_*.py"))]
    far = [file for file in files if str(file) not in near and file.parts[1] not in WHOLE_SYSTEM]
    return [str(file) for file in far if seen.search((folder / file).read_text())]


def run_tests(folder: Path, tests: list[str], limit: float) -> str:
    """Run tests in the copy and return killed, survived or hangs; end the processes that they started."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return "killed" if process.wait(limit) else "survived"
    except subprocess.TimeoutExpired:
        return "hangs"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def judge(folder: Path, mutant: Mutant, limit: float, *, near_only: bool) -> str:
    """Run the tests that can see a mutant, the nearest first, and put the file back."""
    file = folder / mutant.path
    source = file.read_bytes()
    verdict = "survived"
    try:
        file.write_bytes(source[: mutant.start] + mutant.after.encode() + source[mutant.end :])
        _make_new(file)
        far = [] if near_only else far_tests(folder, mutant.path)
        for tests in filter(None, (near_tests(folder, mutant.path), far)):
            verdict = run_tests(folder, tests, limit)
            if verdict != "survived":
                break
    finally:
        file.write_bytes(source)
        _make_new(file)
    return verdict


def _make_new(file: Path) -> None:
    """Remove the compiled form: Python compares whole seconds, and two mutants may share one."""
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        compiled.unlink()


def main() -> int:
    """Print each mutant's fate and the survivors; exit 1 only if the tests fail on the unchanged tree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="how many mutants")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="repeats a run")
    parser.add_argument("--only", action="append", metavar="PATH", help="a folder or a file instead of all rooms")
    parser.add_argument("--near", action="store_true", help="only the tests of the mutant's own room")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds for each run of tests")
    options = parser.parse_args()
    chosen = sample(options.only or ROOMS, options.count, random.Random(options.seed))
    print(f"{len(chosen)} mutants, seed {options.seed}", flush=True)
    fates: dict[str, list[Mutant]] = {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        copy_tree(folder)
        tests = sorted({test for mutant in chosen for test in near_tests(folder, mutant.path)})
        if run_tests(folder, tests, 10 * options.limit) != "survived":
            print("the tests fail before anything is changed", file=sys.stderr)
            return 1
        for mutant in chosen:
            began = time.monotonic()
            fate = judge(folder, mutant, options.limit, near_only=options.near)
            fates.setdefault(fate, []).append(mutant)
            print(f"{fate:8} {time.monotonic() - began:5.0f} s  {mutant}", flush=True)
    for fate in ("hangs", "survived"):
        print(f"\n{len(fates.get(fate, []))} {fate}:", *(f"  {mutant}" for mutant in fates.get(fate, [])), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
