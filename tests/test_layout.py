"""The house rules that a machine can check: sizes, places, words, and nothing of one machine in the text."""

import ast
import re
from pathlib import Path

import pytest

from tests.sources import PACKAGES, ROOT, body_lines, functions, modules, tracked, tree

TOP_LEVEL = {
    *PACKAGES,
    *(
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "docs",
        ".ci",
        ".gitignore",
        ".gitattributes",
    ),
    *("CONTRIBUTING.md", "SECURITY.md", ".github", ".dockerignore"),
}
FILE_LINES = 400
FUNCTION_LINES = 40
PARAMETERS = 5

# Each exemption: what, and why it is right.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
MANY_PARAMETERS: dict[str, str] = {}
HOT = "the hot way: batches of fixes go column by column from the socket into the one COPY of the fix table"
OTHERS_STORES = {
    "alliance/feed/batch.py imports alliance.patrol.fix_store": HOT,
    "alliance/feed/storing.py imports alliance.patrol.fix_store": HOT,
    "alliance/feed/storing.py imports alliance.patrol.visit_store": HOT,
}

# Words of the glossary's last column, where they would name one of our own things.
NOT_OUR_NAMES = re.compile(
    r"(Manager|Service|Helper|Helpers|Util|Utils|Base|Patroller|Timetable|Ticket|Heatmap|CurrentUser)$"
)
NOT_OUR_TABLES = {"user", "users", "member", "patroller", "tenant", "zone", "region", "slot", "booking"}
NOT_OUR_TABLES |= {
    "schedule",
    "timetable",
    "trade",
    "ping",
    "point",
    "trail",
    "heat",
    "ticket",
    "task",
    "balance",
}

LEAKS = {
    "a machine's path": re.compile(r"/(?:work|root|home/[a-z]+|Users/[A-Za-z]+)/(?!\.)"),
    "a package registry": re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirror|yarnpkg|mirrors?\.[a-z]+\.(?:com|cn|edu)"
    ),
    "an unfinished thing": re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b"),
}
TEXT = {".py", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".sql", ".md", ".toml", ".json", ".txt", ".yml"}
TEXT |= {".yaml", ".service", ".conf", ".sh", ""}


def excess(found: dict[str, int], limit: int, exempt: dict[str, str]) -> list[str]:
    """What is over the limit without an exemption, and exemptions no longer needed."""
    over = {name for name, size in found.items() if size > limit}
    named = [f"{name}: {found[name]} > {limit}" for name in sorted(over - set(exempt))]
    return named + [f"{name}: its exemption is no longer needed" for name in sorted(set(exempt) - over)]


def test_the_top_level_holds_only_what_readers_and_tools_expect() -> None:
    assert {path.parts[0] for path in tracked()} - TOP_LEVEL == set()


def test_no_file_is_too_long() -> None:
    sizes = {str(path): (ROOT / path).read_bytes().count(b"\n") for path in modules()}
    sizes |= {
        str(path): (ROOT / path).read_bytes().count(b"\n")
        for path in tracked()
        if path.suffix in (".ts", ".tsx", ".sql")
    }
    assert excess(sizes, FILE_LINES, LONG_FILES) == []


def test_no_function_is_too_long() -> None:
    sizes = {
        f"{path}:{function.name}": body_lines(function) for path in modules() for function in functions(path)
    }
    assert excess(sizes, FUNCTION_LINES, LONG_FUNCTIONS) == []


def test_no_function_takes_too_many_positional_parameters() -> None:
    # A route's parameters are the request's, and are passed by name; a compiled kernel takes its arrays and
    # indices one by one, as numba can't pack them without a cost.
    free = re.compile(r"^(?:(?:get|post|put|patch|delete|route)\(|compiled$)")
    counts = {}
    for path in modules("alliance", "scheduler", "geo", "ops"):
        for function in functions(path):
            if any(free.search(ast.unparse(decorator)) for decorator in function.decorator_list):
                continue
            names = [one.arg for one in function.args.posonlyargs + function.args.args]
            counts[f"{path}:{function.name}"] = len([name for name in names if name not in ("self", "cls")])
    assert excess(counts, PARAMETERS, MANY_PARAMETERS) == []


def test_every_module_says_in_one_sentence_what_it_is() -> None:
    wrong = []
    for path in modules():
        if not tree(path).body:
            continue
        docstring = ast.get_docstring(tree(path)) or ""
        first = docstring.split("\n\n")[0]
        if not first.endswith("."):
            wrong.append(str(path))
    assert wrong == []


def test_classes_bear_names_of_the_field() -> None:
    wrong = [
        f"{path}: {node.name}"
        for path in modules("alliance", "scheduler", "geo")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and NOT_OUR_NAMES.search(node.name)
    ]
    assert wrong == []


def test_tables_bear_names_of_the_glossary() -> None:
    made = re.compile(r"create table (?:if not exists )?(\w+)", re.IGNORECASE)
    names = {
        name
        for path in tracked()
        if path.suffix == ".sql"
        for name in made.findall((ROOT / path).read_text())
    }
    assert names
    assert names & NOT_OUR_TABLES == set()


def test_a_store_is_used_by_its_own_package_only() -> None:
    found = set()
    for path in modules("alliance"):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            named = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            stores = [name for name in named if re.fullmatch(r"alliance\.\w+\.(?:\w+_)?store", name)]
            found |= {f"{path} imports {name}" for name in stores if name.split(".")[1] != path.parts[1]}
    assert sorted(found) == sorted(OTHERS_STORES)


def test_queries_list_their_columns() -> None:
    star = re.compile(r"select\s+(?:\w+\.)?\*", re.IGNORECASE)
    assert [str(path) for path in modules("alliance") if star.search((ROOT / path).read_text())] == []


@pytest.mark.parametrize("what", LEAKS)
def test_nothing_of_one_machine_and_nothing_unfinished_is_in_the_text(what: str) -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXT or path == Path(__file__).relative_to(ROOT):
            continue
        text = (ROOT / path).read_text(errors="replace")
        found += [f"{path}: {match.group()}" for match in LEAKS[what].finditer(text)]
    assert found == []


def test_no_test_is_skipped() -> None:
    sign = re.compile(r"pytest\.(?:skip|importorskip|xfail)|mark\.(?:skip|skipif|xfail)")
    here = Path(__file__).relative_to(ROOT)
    assert [
        str(path) for path in modules("tests") if path != here and sign.search((ROOT / path).read_text())
    ] == []
