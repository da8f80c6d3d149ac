"""The two lock files: hashed, universal, and free of hosts and paths."""

import argparse
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.prepare import LOCK, LOCK_TEST
from ops.steps import ROOT, call, step

OLDEST_PYTHON = "3.11"
COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"),
    # Nothing is built while installing: what would be is not hashed.
    *("--only-binary", ":all:", "--no-emit-index-url", "--no-header", "--no-annotate"),
)


def main(argv: list[str]) -> int:
    """Resolve again; what is locked stays unless it no longer fits or --upgrade is given."""
    parser = argparse.ArgumentParser(prog="ops/lock", description=main.__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    upgrade = ["--upgrade"] if parser.parse_args(argv).upgrade else []
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    with TemporaryDirectory() as place:
        tools = Path(place) / "build.in"
        tools.write_text("\n".join(build))
        with step("uv"):
            call([sys.executable, "-m", "venv", f"{place}/venv"])
            call([f"{place}/venv/bin/pip", "install", "--quiet", "uv"])
        compile_lock: list[str | Path] = [f"{place}/venv/bin/uv", *COMPILE, *upgrade, "pyproject.toml", tools]
        with step(LOCK.name):
            call([*compile_lock, "--output-file", LOCK])
        with step(LOCK_TEST.name):
            call([*compile_lock, "--extra", "test", "--constraints", LOCK, "--output-file", LOCK_TEST])
    return 0
