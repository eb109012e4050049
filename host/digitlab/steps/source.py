"""Which source decides what a module makes: its own, and that of every module which it imports, directly or not."""

import ast
import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import grimp

PACKAGES = ("digitlab", "digitcam")
# What a setting is decides nothing, since what decides is a step's parameter; but every module of the device names a
# class of settings, and a new one of an output would make all crops anew. Nor is how a step is told to be current.
UNCOUNTED = ("digitcam.config.", "digitlab.steps.")
KEPT = 16  # characters of a digest: changes are found, not attacks


def digest_sources(module: str) -> dict[str, str]:
    """Give a digest of each module that has a part in what `module` makes, by name.

    Comments, docstrings and layout do not count.
    """
    graph = _import_graph()
    modules = {module, *graph.find_upstream_modules(module)}
    return {name: _digest(name) for name in sorted(modules) if not f"{name}.".startswith(UNCOUNTED)}


@cache
def _import_graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)


@cache
def _digest(name: str) -> str:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"no module named {name}", name=name)
    tree = ast.parse(Path(found.origin).read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # a text that stands alone is a docstring, of whatever it is below
            node.body = [one for one in body if not _is_text(one)] or [ast.Pass()]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:KEPT]


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
