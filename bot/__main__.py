"""The command line: `python -m bot …`. Exit 0: done, 1: refused with the reason on stderr, 2: wrong usage."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

import typer

from bot.redact import REDACTOR, configure_logging
from bot.refusal import Refused
from bot.settings import Settings, WrongSettings, read_settings, rules_path
from models.errors import DomainError, StorageFailed
from models.leadership import AlreadyRunning
from models.oddities import list_oddities
from models.rules import Rules, WrongRules, read_rules
from models.texts import Reader

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    # Its tracebacks show values, and values may be tokens; bot/redact.py has a report of its own.
    pretty_exceptions_enable=False,
    help="wangge 网格: the chat bot of a county's grid.",
)
REFUSED, WRONG_USAGE = 1, 2


def refuse(*reasons: str, code: int = REFUSED) -> NoReturn:
    """Say why on stderr and exit."""
    for reason in reasons:
        typer.echo(reason, err=True)
    raise typer.Exit(code)


def prepare(**overrides: Any) -> tuple[Settings, Rules]:
    """Read settings and rules; everything wrong in either is listed at once."""
    problems: list[str] = []
    settings: Settings | None = None
    rules: Rules | None = None
    try:
        settings = read_settings(**overrides)
    except WrongSettings as error:
        problems += error.problems
    try:
        rules = read_rules(settings.rules_file if settings else rules_path(**overrides))
    except WrongRules as error:
        problems += error.problems
    if settings is None or rules is None or problems:
        heading = "These settings need attention (see .env.example and docs/rules.md):"
        refuse(heading, *(f"  {line}" for line in problems), code=WRONG_USAGE)
    secrets = (settings.telegram_bot_token, settings.telegram_webhook_secret)
    values = [item.get_secret_value() for item in secrets if item]
    configure_logging(settings.log_format, secrets=(*values, urlsplit(settings.database_url).password or ""))
    # What the bot writes holds names, phone numbers and photos: for its own account alone.
    os.umask(0o077)
    return settings, rules


def ready() -> tuple[Settings, Rules]:
    """Read settings and rules, and make sure that the database is of this version."""
    from bot.database import ready_database

    settings, rules = prepare()
    ready_database(settings.database_url, refuse)
    return settings, rules


def execute(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine; refusals become one sentence on stderr and exit 1."""
    try:
        return asyncio.run(work)
    except DomainError as error:
        refuse(Reader().read(error.text))
    except OSError as error:
        # Without a file it is the address to listen on, and says so itself.
        refuse(REDACTOR.clean(f"{error.filename}: {error.strerror}." if error.filename else str(error)))
    except (AlreadyRunning, Refused, StorageFailed) as error:
        refuse(REDACTOR.clean(str(error)))


@cli.command()
def run() -> None:
    """Run the bot on the configured platforms."""
    from bot import app as parts

    settings, rules = ready()

    for odd in list_oddities(rules):
        typer.echo(f"{settings.rules_file}: {odd}", err=True)

    def started() -> None:
        typer.echo(f"wangge serves {settings.base_url}; platforms: {', '.join(settings.active_platforms)}")

    execute(parts.run(settings, rules, started=started))


@cli.command()
def demo(
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="delete what was tried out in data/demo, and begin again")
    ] = False,
) -> None:
    """Run a demo county in the browser: one phone per role, no login, invented people."""
    from bot.demo import run_demo

    settings, rules = prepare()
    execute(run_demo(settings, rules, say=typer.echo, fresh=fresh))


@cli.command()
def migrate() -> None:
    """Create the tables, or bring them up to this version."""
    from bot.database import migrate_database

    settings, _rules = prepare()
    typer.echo(migrate_database(settings.database_url, refuse))


@cli.command("import")
def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="网格, 人员, 企业 templates, .csv or .xlsx", exists=True, dir_okay=False)
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="write it; without, only the dry run is shown")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="take back the last import, also one made in chat")] = False,
    wrong_rows: Annotated[
        Path | None, typer.Option("--wrong-rows", help="where to write the wrong rows (beside the first file)")
    ] = None,
) -> None:
    """Check spreadsheets row by row, then (with --yes) write all of them or nothing."""
    from bot.importing import run_import_command, run_undo_command

    if bool(files) == undo:
        refuse("Name the files to import, or --undo without files.", code=WRONG_USAGE)
    settings, _rules = ready()
    work = (
        run_import_command(settings, files, yes=yes, say=typer.echo, wrong_rows=wrong_rows)
        if files
        else run_undo_command(settings, yes=yes, say=typer.echo)
    )
    if not execute(work):
        raise typer.Exit(REFUSED)


@cli.command()
def templates(folder: Annotated[Path, typer.Argument(help="where to put them", file_okay=False)]) -> None:
    """Write the import templates, with this county's grids in their drop-downs."""
    from bot.importing import write_templates

    settings, _rules = ready()
    for file in execute(write_templates(settings, folder)):
        typer.echo(file)


@cli.command()
def invite(
    name: Annotated[str, typer.Argument(help="the person's name as in the roster")],
    *,
    grid: Annotated[str, typer.Option(help="grid code, if the name occurs more than once")] = "",
    role: Annotated[str, typer.Option(help="role, if the name occurs more than once (officer, 网格员 …)")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Make an invite for a person of the roster: a code and links, valid once."""
    from bot.inviting import make_invitation

    settings, rules = ready()
    made = execute(make_invitation(settings, rules, name, grid=grid, role=role))
    if as_json:
        typer.echo(json.dumps(made.to_json(), ensure_ascii=False))
        return
    typer.echo(f"{made.person}\n{made.code}")
    for platform, link in made.links.items():
        typer.echo(f"{platform}: {link}")
    typer.echo(f"valid until {made.expires.astimezone(settings.timezone):%Y-%m-%d %H:%M}")


@cli.command()
def export(
    ledger: Annotated[str, typer.Argument(help="hazards")],
    file: Annotated[Path, typer.Argument(help="the .xlsx to write", dir_okay=False)],
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="take the place of an existing file")] = False,
) -> None:
    """Write a ledger as a spreadsheet."""
    from bot.exporting import export_ledger

    settings, rules = ready()
    count = execute(export_ledger(settings, rules, ledger, file, overwrite=overwrite))
    typer.echo(f"{count} rows written to {file}")


@cli.command()
def backup(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
    """Write a backup of the database while it runs (photos: copy the media folder)."""
    from bot.database import backup_database

    settings, _rules = prepare()
    typer.echo(backup_database(settings, file, refuse))


@cli.command()
def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put a backup in place of an empty or missing database."""
    from bot.database import restore_database

    settings, _rules = prepare()
    typer.echo(restore_database(settings, file, refuse))


@cli.command()
def check(
    *,
    head: Annotated[
        str, typer.Option(help="a head of the audit trail written down earlier (8 characters at least)")
    ] = "",
) -> None:
    """Check settings, rules, database, audit trail, owners, disk, clock and Telegram; exit 1 if something is wrong."""
    from bot.checking import run_checks

    if head and not re.fullmatch(r"[0-9a-f]{8,64}", head):
        refuse("--head takes 8 to 64 characters of 0-9 a-f, as 'check', 'backup' and the log print them.", code=2)
    settings, rules = prepare()
    if not execute(run_checks(settings, rules, say=typer.echo, head=head)):
        raise typer.Exit(REFUSED)


if __name__ == "__main__":
    sys.exit(cli())
