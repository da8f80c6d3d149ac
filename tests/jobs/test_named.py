"""Every timed job has a name on the screen, in Chinese and English."""

import re
from pathlib import Path

import alliance
from alliance.config import Config
from alliance.jobs.work import jobs
from alliance.roster.workers import Workers

CODES = Path(alliance.__file__).parent / "web" / "src" / "command" / "codes.ts"


def test_every_job_is_named(tmp_path: Path) -> None:
    (named,) = re.findall(r"jobName = codes\(\{\n(.*?)\n\}\)", CODES.read_text("utf-8"), re.DOTALL)
    known = re.findall(r"^  (\w+): \['.+', '.+'\],$", named, re.MULTILINE)
    config = Config(data=tmp_path)
    assert {job.name for job in jobs(config, Workers("postgresql://"))} <= set(known)
