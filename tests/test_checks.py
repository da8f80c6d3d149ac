"""The other tools' verdicts as tests of their own, so that one closing line speaks for everything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.web_build import NPM, WHEEL
from tests.sources import ROOT

BIN = Path(sys.executable).parent
WEB = ROOT / "alliance" / "web"
PROGRAMS = [f"ops/{name}" for name in ("run", "test", "bench", "lock", "simulate")]
TOOLS: dict[str, list[str | Path]] = {
    "ruff check": [BIN / "ruff", "check", ".", *PROGRAMS],
    "ruff format": [BIN / "ruff", "format", "--check", ".", *PROGRAMS],
    "mypy": [BIN / "mypy", "alliance", "scheduler", "geo", "ops", "tests"],
    "import-linter": [BIN / "lint-imports", "--no-cache"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_sources_pass(tool: str) -> None:
    done = subprocess.run(TOOLS[tool], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_front_passes(script: str) -> None:
    env = {**os.environ, "PATH": f"{WHEEL / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    node = WHEEL / "bin" / "node"
    done = subprocess.run([node, NPM, "run", script], cwd=WEB, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
