"""Trace the files of the product that one report, one inquiry and one settlement touch."""

import inspect
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.test import run_wsgi_app

from scripts.count.source import PACKAGES


class Tracer:
    """Notes the file of each function that runs during an act, and once more if it runs at the registry.

    A constructor does not count: an object that is built and never used is no step of the way. Neither do the bodies
    of modules and classes, which run once for all acts.
    """

    def __init__(self) -> None:
        self.whole_way: dict[str, set[str]] = {}
        """The files by act."""
        self.at_the_registry: dict[str, set[str]] = {}
        self._act: str | None = None
        self._thread = threading.local()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hook into this thread and into each that starts from now on."""
        earlier = sys.getprofile(), threading.getprofile()
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(earlier[0])
            threading.setprofile(earlier[1])

    @contextmanager
    def act(self, name: str) -> Iterator[None]:
        """Note the files that run inside the block under this name."""
        self.whole_way[name], self.at_the_registry[name] = set(), set()
        self._act = name
        try:
            yield
        finally:
            self._act = None

    def at_registry(self, application: WSGIApplication) -> WSGIApplication:
        """Wrap the registry's application, so that files that run inside count as the registry's."""

        def door(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            self._thread.inside = True
            try:
                body, status, headers = run_wsgi_app(application, environ, buffered=True)
            finally:
                self._thread.inside = False
            start_response(status, headers.to_wsgi_list())
            return body

        return door

    def _profile(self, frame: FrameType, event: str, _: object) -> None:
        act, code = self._act, frame.f_code
        if act is None or event != "call" or code.co_name == "__init__" or not code.co_flags & inspect.CO_OPTIMIZED:
            return
        self.whole_way[act].add(code.co_filename)
        if getattr(self._thread, "inside", False):
            self.at_the_registry[act].add(code.co_filename)


def touched_files(root: Path) -> dict[str, list[str]]:
    """Walk through the tree at ``root``, from which Python imports; list each act's files under their figure."""
    from scripts.count.entries import walk  # noqa: PLC0415 - imports the whole product, which only a walk needs

    tracer = Tracer()
    with tempfile.TemporaryDirectory(prefix="clearline-count-") as folder, tracer.listening():
        walk(Path(folder), act=tracer.act, at_registry=tracer.at_registry)
    registry = {f"{act}_at_registry": product_files(root, files) for act, files in tracer.at_the_registry.items()}
    return registry | {f"{act}_whole_way": product_files(root, files) for act, files in tracer.whole_way.items()}


def product_files(root: Path, files: Iterable[str]) -> list[str]:
    """Keep the files of the product, by their place below the tree's root."""
    inside = [Path(file).relative_to(root) for file in files if Path(file).is_relative_to(root)]
    return sorted(path.as_posix() for path in inside if path.parts[0] in PACKAGES)
