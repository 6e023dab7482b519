import asyncio

from models.facts import get_or_make_secret


async def test_secret_is_made_once_for_all(store):
    def unit(session):
        return get_or_make_secret(session, "web-cookie")

    secrets = await asyncio.gather(*(store.write(unit) for _ in range(6)))
    assert len(set(secrets)) == 1
    assert len(secrets[0]) >= 43  # 256 bits in base64


async def test_secrets_of_two_names_differ(store):
    one = await store.write(lambda session: get_or_make_secret(session, "one"))
    two = await store.write(lambda session: get_or_make_secret(session, "two"))
    assert one != two
