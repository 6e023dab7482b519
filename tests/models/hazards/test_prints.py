"""Fingerprints of photos: what the index finds is exactly what lies near, and even pictures are left alone."""

import asyncio
import random

import pytest
from PIL import Image, ImageOps
from sqlalchemy import func, select

from models import migrate
from models.hazards.prints import FARTHEST, distance, find_alike, near_parts, parts_of, tells_nothing
from models.hazards.tables import HazardPrint
from models.media import Media
from models.pictures import dhash
from models.session import open_store
from tests import photos

BITS = 8


def signed(value):
    return value - (1 << 64) if value >> 63 else value


@pytest.mark.parametrize("bits", range(FARTHEST + 1))
def test_photo_that_differs_in_few_bits_is_always_found(bits):
    dice = random.Random(bits)
    for _ in range(200):
        one = dice.getrandbits(64)
        other = one
        for bit in dice.sample(range(64), bits):
            other ^= 1 << bit
        assert distance(signed(one), signed(other)) == bits
        assert near_parts(signed(one)) & set(parts_of(signed(other)))


def test_photos_of_other_things_seldom_share_a_part():
    dice = random.Random(0)
    look = near_parts(signed(dice.getrandbits(64)))
    shared = sum(bool(look & set(parts_of(signed(dice.getrandbits(64))))) for _ in range(5000))
    assert shared < 100


def test_saved_again_smaller_and_mirrored_is_the_same_picture_and_another_scene_is_not():
    scene = photos.scene()
    smaller = scene.resize((320, 240))
    assert distance(dhash(scene), dhash(smaller)) <= BITS
    assert distance(dhash(scene), dhash(ImageOps.mirror(ImageOps.mirror(scene)))) == 0
    assert distance(dhash(scene), dhash(photos.scene(seed=7))) > BITS


@pytest.mark.parametrize("colour", ["black", "white", "#777"])
def test_even_picture_tells_nothing(colour):
    assert tells_nothing(dhash(Image.new("RGB", (400, 300), colour)), BITS)
    assert not tells_nothing(dhash(photos.scene()), BITS)


async def photo(town, sha, look, mirror=0x5A5A5A5A5A5A5A5A):
    row = Media(
        sha=sha, kind="picture", mime="image/jpeg", size=1, width=1, height=1, dhash=look, mirror_hash=mirror,
        created_at=town.clock(),
    )  # fmt: skip
    await town.store.write(lambda session: session.add(row))


async def alike(town, *shas):
    return await town.store.read(lambda session: find_alike(session, shas, bits=BITS))


async def test_near_and_mirrored_photos_of_hazards_are_found_the_closest_first(town):
    one, near, mirror = 0x0F0F0F0F0F0F0F0F, 0x0F0F0F0F0F0F0F0E, 0x3C3C3C3C3C3C3C3C
    for sha, look in (("a" * 64, one), ("b" * 64, mirror), ("c" * 64, -0x123456789ABCDEF)):
        await photo(town, sha, look)
    hazard_id = await town.reports(photos=("a" * 64, "c" * 64))
    mirrored = await town.reports(photos=("b" * 64,))
    await photo(town, "d" * 64, near, mirror)
    found = await alike(town, "d" * 64, "e" * 64)
    assert {ident: (item.sha, item.mine, item.bits) for ident, item in found.items()} == {
        hazard_id: ("a" * 64, "d" * 64, 1),
        mirrored: ("b" * 64, "d" * 64, 0),
    }


async def test_same_file_is_found_even_where_it_tells_nothing(town):
    await photo(town, "a" * 64, 0, 0)
    hazard_id = await town.reports(photos=("a" * 64,))
    assert [item.bits for item in (await alike(town, "a" * 64)).values()] == [0]
    await photo(town, "b" * 64, 1, 1)
    assert await alike(town, "b" * 64) == {}
    assert await alike(town) == {}
    rows = await town.store.read(lambda s: s.scalar(select(func.count()).select_from(HazardPrint)))
    assert (hazard_id, rows) == (1, 1)


async def test_photos_that_were_there_before_the_index_are_put_into_it(town, database_url):
    for sha, look in (("a" * 64, -5), ("b" * 64, 0x0F0F0F0F0F0F0F0F)):
        await photo(town, sha, look)
    await town.reports(photos=("a" * 64, "b" * 64))
    every = select(HazardPrint.part, HazardPrint.hazard_id, HazardPrint.dhash).order_by(HazardPrint.part)
    before = await town.store.read(lambda session: session.execute(every).all())
    await town.store.close()
    await asyncio.to_thread(migrate.downgrade, database_url, "0003")
    await asyncio.to_thread(migrate.upgrade, database_url)
    store = open_store(database_url)
    assert await store.read(lambda session: session.execute(every).all()) == before
    await store.close()
    assert len(before) == 10
