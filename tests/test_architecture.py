"""The rules of the house, as tests: who may import whom, who may hand over, and what no file may hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mortgage_fsm"
FILES = sorted(PACKAGE.rglob("*.py"))
OUR_WORDS = {
    "loan",
    "mortgage",
    "payment",
    "payments",
    "amount",
    "method",
    "identity",
    "ssn",
    "servicer",
    "gateway",
    "cents",
}
LONGEST_FILE = 320


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def _tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_imports_go_down_only() -> None:
    done = _tool(sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    assert done.returncode == 0, done.stdout


def test_the_code_passes_ruff() -> None:
    done = _tool(sys.executable, "-m", "ruff", "check", ".")
    assert done.returncode == 0, done.stdout
    done = _tool(sys.executable, "-m", "ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_the_types_are_strict() -> None:
    done = _tool(sys.executable, "-m", "mypy")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_types_of_the_tests_are_strict() -> None:
    # In a cache of its own: the other one may be in use at the same time.
    done = _tool(sys.executable, "-m", "mypy", "--cache-dir", ".mypy_cache/tests", "mortgage_fsm", "tests")
    assert done.returncode == 0, done.stdout


def test_the_diagram_shows_the_table_that_runs() -> None:
    done = _tool(sys.executable, "-m", "mortgage_fsm", "diagram", "--check")
    assert done.returncode == 0, done.stderr


def test_only_the_orchestrator_hands_over_to_another_agent() -> None:
    callers = {_name(path) for path, tree in _trees() if _calls(tree, "update_agent")}
    assert callers == {"mortgage_fsm/voice/orchestrator.py"}


def test_only_the_engine_fires_triggers_of_transitions() -> None:
    users = {_name(path) for path, tree in _trees() for _ in [0] if "transitions" in _imported(tree)}
    assert users == {"mortgage_fsm/machine/engine.py"}


def _imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_no_tool_takes_a_value_but_the_question_to_look_up() -> None:
    tree = ast.parse((PACKAGE / "voice" / "tools.py").read_text(encoding="utf-8"))
    tools = [
        node
        for outer in tree.body
        if isinstance(outer, ast.FunctionDef)
        for node in outer.body
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert {tuple(argument.arg for argument in tool.args.args) for tool in tools} == {("ctx", "raw_arguments")}
    takes = {
        tool.name: [ast.unparse(line) for line in tool.body if "raw_arguments" in ast.unparse(line)] for tool in tools
    }
    assert takes == {"fire": [], "look_up": ["question = raw_arguments.get('question')"], "not_understood": []}


def test_no_tool_returns_an_agent() -> None:
    tree = ast.parse((PACKAGE / "voice" / "tools.py").read_text(encoding="utf-8"))
    returned = {
        ast.unparse(node.returns) for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.returns
    }
    assert returned == {"ToolResult", "None"}


@pytest.mark.parametrize("path", ["machine/engine.py", "voice/orchestrator.py"])
def test_engine_and_orchestrator_know_no_word_of_what_calls_are_about(path: str) -> None:
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words = {word for name in names if "mortgage_fsm." not in name for word in name.lower().replace("_", " ").split()}
    assert not words & OUR_WORDS


def test_importing_the_machine_loads_neither_livekit_nor_sqlalchemy() -> None:
    code = "import sys, mortgage_fsm.machine; print([m for m in ('livekit', 'sqlalchemy') if m in sys.modules])"
    assert _tool(sys.executable, "-c", code).stdout.strip() == "[]"


def test_importing_the_command_line_loads_no_livekit() -> None:
    code = "import sys, mortgage_fsm.cli; print([m for m in ('livekit', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    assert _tool(sys.executable, "-c", code).stdout.strip() == "[]"


def test_log_events_are_constants() -> None:
    for path, tree in _trees():
        for level in ("debug", "info", "warning", "error", "exception"):
            for call in _calls(tree, level):
                owner = call.func.value if isinstance(call.func, ast.Attribute) else None
                if isinstance(owner, ast.Name) and owner.id == "log":
                    assert isinstance(call.args[0], ast.Constant), f"{_name(path)}:{call.lineno}"


def test_files_are_short_enough_to_have_one_purpose() -> None:
    long = {
        _name(path): n for path in FILES if (n := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_no_float_stands_near_money() -> None:
    for path in [PACKAGE / "ledger", PACKAGE / "spoken"]:
        for file in path.rglob("*.py"):
            names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
            # Seconds are floats: of waiting for a lock, an answer, the next trial.
            if file.name not in {"reconcile.py", "sqlite.py", "database.py", "http_service.py", "breaker.py"}:
                assert "float" not in names, _name(file)
