"""alliance roster: problems, rosters and hand-made ones as files."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from alliance.commands.roster import command
from scheduler import problem as ask
from scheduler import roster as answer
from scheduler.instances import build, fingerprint
from tests.scheduler.make import guard, problem, put, span

DAYS = [(0, 6, 14), (1, 6, 14), (1, 14, 22)]


def alliance(*words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    file = tmp_path / "problem.json"
    file.write_bytes(ask.to_json(problem([guard(1), guard(2)], DAYS)))
    return file


def test_solve_shows_progress_and_check_finds_nothing_wrong(asked: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.json"
    solved = alliance("solve", asked, "-o", roster, "--seconds", 20, "--gap", 0)
    assert solved.exit_code == 0, solved.output
    assert "first" in solved.stderr
    assert "bound" in solved.stderr
    assert "gap 0.000 %" in solved.stdout
    checked = alliance("check", asked, roster)
    told = "nothing wrong\nbound 4.000 certified: the prices prove 4.000\n"
    assert (checked.exit_code, checked.stdout) == (0, told)


def test_check_names_broken_rules_and_untrue_terms(asked: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.json"
    alliance("solve", asked, "-o", roster, "--seconds", 20)
    told = answer.from_json(roster.read_bytes())
    bent = msgspec.structs.replace(told, assignments=tuple(put(1, 1, 2, 3)), objective=99.0)
    roster.write_bytes(answer.to_json(bent))
    checked = alliance("check", asked, roster)
    assert checked.exit_code == 1
    assert "rest: people 1" in checked.stdout
    assert "objective: the roster says 99.0, it is" in checked.stdout


def test_score_needs_the_assignments_alone(asked: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.json"
    made.write_bytes(msgspec.json.encode({"assignments": put(1, 1)}))
    scored = alliance("score", asked, made)
    assert scored.exit_code == 0
    assert "staffing            1.000" in scored.stdout
    made.write_bytes(msgspec.json.encode({"assignments": put(7, 1)}))
    refused = alliance("score", asked, made)
    assert refused.exit_code == 1
    assert "assignments[0].person = 7: name a person of the problem" in str(refused.exception)


def test_a_flawed_problem_is_told_in_full(tmp_path: Path) -> None:
    away = guard(1, leave=(span(0, 0, 24),))
    file = tmp_path / "problem.json"
    file.write_bytes(ask.to_json(problem([away], DAYS, pinned=tuple(put(1, 1, 2, 3)))))
    refused = alliance("solve", file, "-o", tmp_path / "roster.json")
    assert refused.exit_code == 1
    assert "pinned[0] = available" in refused.stderr
    assert "pinned[1], pinned[2] = rest" in refused.stderr


def test_a_published_instance_is_written_with_its_fingerprint(tmp_path: Path) -> None:
    file = tmp_path / "problem.json"
    made = alliance("instance", "company-20x2", "-o", file)
    assert made.exit_code == 0
    assert fingerprint(build("company-20x2")) in made.stdout
    assert ask.from_json(file.read_bytes()) == build("company-20x2")
    assert "company-20x2" in alliance("instances").stdout
