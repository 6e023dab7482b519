"""`python -m bot check`: everything that can be known about an installation, one line each."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import aiohttp

from bot.database import find_problem
from bot.redact import REDACTOR
from bot.settings import Settings, read_env_file
from bot.translations import find_untranslated
from models.audit import is_guarded, verify
from models.condition import (
    Condition,
    Unusable,
    count_dead,
    count_parked,
    examine,
    newest_moment,
    read_durability,
    read_language,
    shown,
    sqlite_path,
)  # fmt: skip
from models.enterprises.industries import known_industries
from models.errors import StorageFailed
from models.files import whole_file
from models.grids.ownership import list_unowned_pairs
from models.grids.tree import find_grid, list_roots
from models.hazards.forgotten import find_forgotten
from models.hazards.history import find_mismatches
from models.media import open_media
from models.oddities import list_oddities
from models.rules import Rules
from models.session import Session, Store, open_store
from models.workdays import last_known, unknown_years

Verdict = Literal["ok", "warning", "problem"]
Finding = tuple[Verdict, str]

LEAST_FREE = 0.05  # of a disk. Source: reliability.md 2.2, "disk full".
SKEW = timedelta(seconds=5)  # Source: reliability.md 2.2, "clock jumps".
TELEGRAM_S = 5.0  # How long Telegram may take to answer.
NAMED = 5  # Examples in a line.


@dataclass(frozen=True, slots=True)
class _House:
    """What the checks look at."""

    settings: Settings
    rules: Rules
    now: datetime
    head: str = ""


async def run_checks(settings: Settings, rules: Rules, *, say: Callable[[str], object], head: str = "") -> bool:
    """Say how everything stands; False if something keeps the bot from doing its work.

    `head`: a head of the audit trail that was written down earlier, or its beginning; the trail has to hold it.

    A warning is something that somebody should look at, and no reason to refuse. What an unusable database
    makes impossible to ask is left out.
    """
    fine = True
    async for name, (verdict, words) in _look(_House(settings, rules, datetime.now(UTC), head)):
        say(REDACTOR.clean(f"{verdict:<8} {name}: {words}"))
        fine = fine and verdict != "problem"
    return fine


async def _look(house: _House) -> AsyncIterator[tuple[str, Finding]]:
    yield "settings", _check_settings(house)
    yield "rules", _check_rules(house)
    yield "calendar", _check_calendar(house)
    yield "translations", await asyncio.to_thread(_check_translations)
    yield "media", await asyncio.to_thread(_check_media, house)
    yield "watermark", await _check_watermark(house)
    yield "disk", await asyncio.to_thread(_check_disk, house)
    database = await _check_database(house)
    yield "database", database
    if database[0] == "ok":
        store = open_store(house.settings.database_url)
        try:
            yield "commits", await _check_commits(store)
            for name, check in _ASKED.items():
                yield name, await store.read(lambda session, check=check: check(session, house))  # type: ignore[misc]
        finally:
            await store.close()
    if "telegram" in house.settings.active_platforms:
        yield "telegram", await _check_telegram(house)


def _check_settings(house: _House) -> Finding:
    settings, env = house.settings, Path(".env")
    words = f"{', '.join(settings.active_platforms)}; {shown(settings.database_url)}; {settings.timezone}"
    if env.exists() and stat.S_IMODE(env.stat().st_mode) & 0o077 and (secret := _find_secret(read_env_file())):
        return "warning", f"{words}; others on this machine can read .env, which holds {secret}: chmod 600 .env"
    return "ok", words


def _find_secret(values: Mapping[str, str]) -> str:
    """The first setting among `values` that nobody else should read; empty if there is none."""
    named = [name for name in ("TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET") if values.get(name)]
    if urlsplit(values.get("DATABASE_URL", "")).password:
        named.append("the password of DATABASE_URL")
    return next(iter(named), "")


def _check_rules(house: _House) -> Finding:
    hazards = house.rules.hazards
    counts = f"{len(hazards.levels)} levels, {len(hazards.categories)} categories"
    words = f"{house.settings.rules_file}: valid; county {house.rules.county}, {counts}"
    return _with_oddities(words, list_oddities(house.rules))


def _with_oddities(words: str, found: Sequence[str]) -> Finding:
    return ("warning", f"{words}; but {'; '.join(found)} (docs/rules.md)") if found else ("ok", words)


def _check_trades(session: Session, house: _House) -> Finding:
    """The trades that the rules name; known only where there is a database."""
    codes = set(known_industries(session).values())
    alone = set(list_oddities(house.rules))
    found = [odd for odd in list_oddities(house.rules, codes) if odd not in alone]
    return _with_oddities(f"{len(codes)} in the database", found)


def _check_calendar(house: _House) -> Finding:
    known = f"public holidays are known up to {last_known()}"
    if years := unknown_years(house.rules.calendar, now=house.now):
        named = ", ".join(map(str, years))
        return "warning", f"{known}; {named} counts Monday to Friday: add its days to [calendar] of the rules"
    return "ok", f"{known}; after that Monday to Friday, and what [calendar] of the rules adds"


def _check_translations() -> Finding:
    try:
        missing = find_untranslated()
    except OSError as error:
        return "problem", f"the English catalogue cannot be read ({error.__class__.__name__})"
    if missing:
        return "warning", f"{len(missing)} sentences have no English: {' / '.join(missing[:NAMED])}"
    return "ok", "every sentence has its English"


def _check_media(house: _House) -> Finding:
    folder = Path(house.settings.media_url)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / ".check"):
            pass
        (folder / ".check").unlink()
    except OSError as error:
        return "problem", f"{folder} cannot be written ({error.strerror})"
    return "ok", f"{folder} can be written"


async def _check_watermark(house: _House) -> Finding:
    media = open_media(house.settings.media_url)
    try:
        fault = await media.find_font_fault()
    finally:
        await media.close()
    return ("problem", fault) if fault else ("ok", "the font has its glyphs")


def _check_disk(house: _House) -> Finding:
    path = sqlite_path(house.settings.database_url)
    folders = {Path(house.settings.media_url), *([path.parent] if path else [])}
    usage = {str(folder): shutil.disk_usage(folder) for folder in folders if folder.exists()}
    shown_usage = ", ".join(f"{name} {disk.free / disk.total:.0%} free" for name, disk in sorted(usage.items()))
    scarce = any(disk.free < LEAST_FREE * disk.total for disk in usage.values())
    return ("problem" if scarce else "ok"), shown_usage or "nothing there yet"


async def _check_database(house: _House) -> Finding:
    url = house.settings.database_url
    try:
        found = await examine(url)
    except Unusable as error:
        return "problem", str(error)
    if problem := find_problem(url, found):
        return "problem", problem
    if found.condition is Condition.EMPTY:
        return _check_folder(url)
    return "ok", f"{shown(url)} answers, schema {found.revision}"


def _check_folder(url: str) -> Finding:
    """What becomes of a database that is empty, or not there yet."""
    words = f"{shown(url)} is empty; it is set up when the bot starts"
    path = sqlite_path(url)
    if path is None or path.parent.is_dir():
        return "warning", words
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not (above.is_dir() and os.access(above, os.W_OK)):
        return "problem", f"{shown(url)}: {path.parent} does not exist and cannot be made in {above}"
    return "warning", f"{words}; its folder {path.parent} does not exist yet and is made then"


async def _check_commits(store: Store) -> Finding:
    try:
        found = await store.write(read_durability)
    except StorageFailed as error:
        return "problem", f"the database takes no changes: {error}"
    return ("ok" if found.is_firm else "problem"), found.words


def _check_language(session: Session, _house: _House) -> Finding:
    wrong = read_language(session)
    return ("problem", wrong) if wrong else ("ok", "the database knows Chinese")


def _check_audit(session: Session, house: _House) -> Finding:
    report = verify(session, written=house.head)
    if report.broken is not None:
        return "problem", f"the trail was tampered with: row {report.broken} does not fit"
    words = f"{report.count} rows, each fits the one before; head {report.head}"
    if not report.has_met:
        return "problem", f"{words}; {house.head} was its head once and is gone: the end was cut off or written anew"
    if not is_guarded(session):
        return "problem", f"{words}; the triggers that forbid changes are gone"
    return "ok", words


def _check_owners(session: Session, house: _House) -> Finding:
    if not list_roots(session):
        return "warning", "there are no grids yet: 'python -m bot import' reads the county's tables"
    pairs = list_unowned_pairs(session, now=house.now)
    if not pairs:
        return "ok", "every grid and trade has somebody who answers for it"
    named = ", ".join(f"{pair.grid_code} {pair.industry or '(grid)'}" for pair in pairs[:NAMED])
    return "warning", f"{len(pairs)} pairs of grid and trade fall to the office: {named}"


def _check_county(session: Session, house: _House) -> Finding:
    code = house.rules.county
    if grid := find_grid(session, code):
        return "ok", f"{code} {grid.name}"
    roots = ", ".join(f"{root.code} {root.name}" for root in list_roots(session)[:NAMED])
    there = f"the grids are those of {roots}" if roots else "there are no grids yet"
    return "warning", f"{house.settings.rules_file} says county = {code}, but {there}"


def _check_history(session: Session, _house: _House) -> Finding:
    count, wrong = 0, 0
    named: list[str] = []
    for mismatch in find_mismatches(session):
        count += 1
        if mismatch:
            wrong += 1
            if len(named) < NAMED:
                named.append(f"{mismatch.number} ({mismatch.fault or ', '.join(mismatch.columns)})")
    if wrong:
        return "problem", f"{wrong} of {count} hazards do not stand where their history ends: {'; '.join(named)}"
    return "ok", f"{count} hazards, each stands where its history ends"


def _check_clockwork(session: Session, house: _House) -> Finding:
    found = list(find_forgotten(session, rules=house.rules, now=house.now))
    never, late = ([case.number for case in found if case.is_late is is_late] for is_late in (False, True))
    if never:
        return (
            "problem",
            f"{len(never)} open hazards have no time at which they are looked at: {', '.join(never[:NAMED])}",
        )
    if late:  # the bot stands still; once it runs, it catches up
        return "warning", f"{len(late)} open hazards wait for the bot to look at them: {', '.join(late[:NAMED])}"
    return "ok", "every open hazard is looked at in time"


def _check_inbox(session: Session, _house: _House) -> Finding:
    parked = count_parked(session)
    if parked:
        return "warning", f"{parked} events failed and wait for somebody (their references are in the log)"
    return "ok", "nothing is parked"


def _check_outbox(session: Session, _house: _House) -> Finding:
    dead = count_dead(session)
    if dead:
        return "warning", "given up: " + ", ".join(f"{count} {error}" for error, count in dead.items())
    return "ok", "no message was given up"


def _check_clock(session: Session, house: _House) -> Finding:
    local = house.now.astimezone(house.settings.timezone)
    newest = newest_moment(session)
    if newest is not None and newest > house.now + SKEW:
        return "problem", f"{local:%Y-%m-%d %H:%M:%S %z}, but something was written down at {newest.isoformat()}"
    return "ok", f"{local:%Y-%m-%d %H:%M:%S %z} in the county"


_ASKED: dict[str, Callable[[Session, _House], Finding]] = {
    "language": _check_language,
    "audit": _check_audit,
    "history": _check_history,
    "reminders": _check_clockwork,
    "county": _check_county,
    "trades": _check_trades,
    "owners": _check_owners,
    "inbox": _check_inbox,
    "outbox": _check_outbox,
    "clock": _check_clock,
}


async def _check_telegram(house: _House) -> Finding:
    settings = house.settings
    token = settings.telegram_bot_token.get_secret_value() if settings.telegram_bot_token else ""
    # Not asked through the platform itself: nothing may be started or taken away from a running bot.
    timeout = aiohttp.ClientTimeout(total=TELEGRAM_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(f"{settings.telegram_api_base}/bot{token}/getMe") as response,
        ):
            answer = await response.json(content_type=None)
            date = response.headers.get("Date")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return "problem", f"{settings.telegram_api_base} does not answer ({error.__class__.__name__})"
    if not isinstance(answer, dict) or not answer.get("ok"):
        return "problem", f"{settings.telegram_api_base} refuses the token ({response.status})"
    if date and abs(parsedate_to_datetime(date) - datetime.now(UTC)) > SKEW:
        return "problem", f"the clock of this machine is off: Telegram says {date}"
    return "ok", f"@{answer['result'].get('username', '')} answers"
