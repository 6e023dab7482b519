import pytest
from sqlalchemy import update

from models.enterprises.industries import (
    INDUSTRY_SEED,
    do_seed_industries,
    industry_key,
    known_industries,
    list_industries,
)
from models.enterprises.tables import Industry


async def test_seed_has_every_trade_in_its_order(store):
    await store.write(do_seed_industries)
    found = await store.read(list_industries)
    assert [item.name for item in found][:3] == ["危险化学品", "烟花爆竹", "矿山"]
    assert len(found) == len(INDUSTRY_SEED) == 17
    assert all(item.department for item in found)


async def test_seed_keeps_what_the_county_has_edited(store):
    await store.write(do_seed_industries)
    await store.write(lambda session: session.execute(
        update(Industry).where(Industry.code == "gas").values(name="燃气安全", department="城市管理局")
    ))  # fmt: skip
    await store.write(do_seed_industries)
    gas = {item.code: item for item in await store.read(list_industries)}["gas"]
    assert (gas.name, gas.department) == ("燃气安全", "城市管理局")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("危险化学品", "hazchem"),
        ("hazchem", "hazchem"),
        ("消防(九小场所)", "fire"),
        ("消防\uff08九小场所\uff09", "fire"),  # full-width
        ("消防", "fire"),
        ("旅游行业", "tourism"),
        ("道路 运输", "transport"),
        ("航天", None),
    ],
)
@pytest.mark.parametrize("is_seeded", [True, False])
async def test_industry_is_known_by_code_and_name(store, word, code, is_seeded):
    if is_seeded:
        await store.write(do_seed_industries)
    known = await store.read(known_industries)
    assert known.get(industry_key(word)) == code
