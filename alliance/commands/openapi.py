"""alliance openapi: the OpenAPI document of the service."""

import os

import click
import msgspec

from alliance.app import build
from alliance.config import read
from alliance.openapi import document


@click.command()
def command() -> None:
    """Print the OpenAPI 3.1 document that the service answers at /schema."""
    text = msgspec.json.encode(document(build(read(os.environ))))
    click.echo(msgspec.json.format(text, indent=2).decode())
