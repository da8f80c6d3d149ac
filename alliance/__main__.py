"""The commands: each is a module of alliance.commands, loaded when it is called."""

import signal
import sys
from importlib import import_module
from typing import NoReturn

import click

from alliance.config import Unusable
from alliance.errors import Refused

# Each module has a click command or group named `command`.
COMMANDS = {
    "admin": "Make administrators.",
    "openapi": "Print the OpenAPI document.",
    "serve": "Serve until Ctrl-C or TERM.",
    "demo": "Seed a made-up district to try everything with.",
    "district": "Make a real district from its files.",
    "import": "Take in people from a spreadsheet.",
    "simulate": "Walk simulated patrols through a running service.",
    "doctor": "List the settings and say what stands in the service's way.",
    "roster": "Solve, check, draft and publish rosters.",
    "ledger": "Verify and export the chain of credits.",
    "backup": "Write everything into one verified file, while the service runs.",
    "restore": "Restore a backup into an empty data directory or database.",
    "migrate": "Bring the database up to this release.",
}


class Commands(click.Group):
    """A group that imports a command only when it is asked for, so that every call starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"alliance.commands.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.command(cls=Commands)
@click.version_option(package_name="lian-alliance", prog_name="alliance")
def cli() -> None:
    """Li'an Alliance 荔安联盟: a district's joint patrols."""


def _terminated(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def main() -> NoReturn:
    """Run one command: exit 0, 1 with one line that says why it failed, or 2 for wrong usage."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        cli.main(prog_name="alliance")
    except (Unusable, Refused) as refusal:
        click.echo(f"alliance: {refusal}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
