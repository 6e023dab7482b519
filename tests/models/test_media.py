"""The media store: kept once, sealed, whole or not at all, found again by content."""

import asyncio
import hashlib
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.errors import InvalidInput, NotFound, StorageFailed
from models.media import MediaStore, do_record, find_media, open_media
from models.texts import When
from tests import photos
from tests.loop import brisk

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def files(root):
    return sorted(path for path in root.rglob("*") if path.is_file())


async def test_photo_is_kept_sealed_and_whole(media):
    data = photos.telltale("jpeg")
    kept = await media.keep(data, name="IMG_1.JPG")
    original = media.path(kept.sha, "original")
    assert original.read_bytes() == data == await media.read(kept.sha, "original")
    assert stat.S_IMODE(original.stat().st_mode) == 0o600
    assert stat.S_IMODE(original.parent.stat().st_mode) == 0o700
    assert original.relative_to(media.root).parts == ("original", kept.sha[:2], kept.sha[2:4], kept.sha)
    assert (kept.kind, kept.mime, kept.size) == ("picture", "image/jpeg", len(data))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
async def test_only_the_original_holds_secrets(media, kind):
    kept = await media.keep(photos.telltale(kind))
    sealed = media.path(kept.sha, "original")
    for path in files(media.root):
        hits = [secret for secret in (*photos.SECRETS, b"Exif") if secret in path.read_bytes()]
        assert (hits == []) is (path != sealed)


async def test_same_photo_at_once_is_kept_once(media):
    data = photos.jpeg()
    kept = await asyncio.gather(*(media.keep(data) for _ in range(8)))
    assert len(set(kept)) == 1
    assert len(files(media.root)) == 3
    assert await media.read(kept[0].sha, "original") == data


async def test_refused_photo_leaves_nothing(media):
    with pytest.raises(InvalidInput):
        await media.keep(photos.bomb(14_000, 14_000))
    assert files(media.root) == []


async def test_file_is_kept_as_it_is(media):
    data = "序号,隐患\n1,静电接地线脱落\n".encode()
    kept = await media.keep_file(data, name="台账.csv")
    assert (kept.kind, kept.mime, kept.dhash) == ("file", "text/csv", None)
    assert await media.read(kept.sha, "original") == data
    with pytest.raises(NotFound):
        media.path(kept.sha, "copy")


@pytest.mark.parametrize("data", [b"", bytes(20 * 1024 * 1024 + 1)], ids=["empty", "heavy"])
async def test_file_out_of_size_is_refused(media, data):
    with pytest.raises(InvalidInput):
        await media.keep_file(data)


@pytest.mark.parametrize("sha", ["0" * 64, "", "../../etc/passwd", "A" * 64, "0" * 63 + "\n", "0" * 65])
async def test_unknown_address_is_not_found(media, sha):
    with pytest.raises(NotFound):
        media.path(sha, "copy")
    with pytest.raises(NotFound):
        await media.read(sha, "original")


async def test_full_disk_is_said_and_leaves_nothing(media, monkeypatch):
    def no_space(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.media.os.fsync", no_space)
    with pytest.raises(StorageFailed):
        await media.keep_file(b"1,2,3")
    assert files(media.root) == []


async def test_photo_is_shown_without_its_watermark_when_the_disk_is_full(media, monkeypatch):
    kept = await media.keep(photos.jpeg())

    def no_space(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.media.os.fsync", no_space)
    assert await media.read_marked(kept.sha, ["YH20261123-0001"]) == await media.read(kept.sha)


async def test_file_is_on_the_disk_before_it_has_its_name(media, monkeypatch):
    steps = []
    sync, rename = os.fsync, Path.rename
    monkeypatch.setattr("models.media.os.fsync", lambda fd: (steps.append(kind_of(fd)), sync(fd)))
    monkeypatch.setattr(Path, "rename", lambda old, new: (steps.append("name"), rename(old, new)))
    await media.keep_file(b"1,2,3")
    assert steps[-3:] == ["file", "name", "folder"]


def kind_of(descriptor):
    return "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"


WRITER = """
import sys
import threading
from pathlib import Path
from models.media import MediaStore
store = MediaStore(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    store._keep_file(str(number).encode() * 200_000, "")
    print(number, flush=True)
"""


def test_killed_writer_leaves_whole_files_only(tmp_path):
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) as writer:
            written = [writer.stdout.readline() for _ in range(3)]
            writer.kill()
        assert written[-1] == b"3\n"
    for path in files(tmp_path / "original"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


async def test_sweep_clears_what_crashes_left(media):
    kept = await media.keep_file(b"1,2,3")
    old, young = media.root / "tmp" / "old", media.root / "tmp" / "young"
    for path, age_s in ((old, 7200), (young, 60)):
        path.write_bytes(b"half")
        os.utime(path, (NOW.timestamp() - age_s,) * 2)
    assert await media.sweep(now=NOW) == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert await media.read(kept.sha, "original") == b"1,2,3"


async def test_photo_work_leaves_the_loop_free(media):
    taken = [photos.jpeg(photos.scene((3000, 2000), seed=number)) for number in range(4)]
    with brisk():
        kept = await asyncio.gather(*(media.keep(data) for data in taken))
    assert len({item.sha for item in kept}) == 4


async def test_qr_is_drawn(media):
    assert (await media.render_qr("https://chat.example/?join=1")).startswith(b"\x89PNG")


def test_media_url_names_a_folder(tmp_path):
    assert open_media("data/media").root == Path("data/media")
    assert open_media(f"file://{tmp_path}").root == tmp_path
    with pytest.raises(ValueError, match="s3"):
        open_media("s3://bucket")


async def test_recorded_photo_is_found_by_content(media, store):
    kept = await media.keep(photos.telltale("jpeg"))
    await store.write(lambda session: do_record(session, kept, now=NOW))
    await store.write(lambda session: do_record(session, kept, now=NOW + timedelta(days=1)))
    found = await store.read(lambda session: find_media(session, [kept.sha, "0" * 64]))
    row = found[kept.sha]
    assert list(found) == [kept.sha]
    assert (row.place, row.taken_at, row.dhash) == (kept.place, kept.taken_at, kept.dhash)
    assert row.created_at == NOW
    assert await store.read(lambda session: find_media(session, [])) == {}


async def test_file_looked_at_later_becomes_a_photo(media, store):
    data = photos.jpeg()
    for kept in (await media.keep_file(data), await media.keep(data), await media.keep_file(data)):
        await store.write(lambda session, kept=kept: do_record(session, kept, now=NOW))
    row = (await store.read(lambda session: find_media(session, [kept.sha])))[kept.sha]
    assert (row.kind, row.width) == ("picture", 800)
    assert media.path(kept.sha, "thumb").is_file()


async def test_marked_copy_is_made_once_and_again_after_it_was_cleared(media):
    kept = await media.keep(photos.jpeg())
    path = await media.mark(kept.sha, ["YH20261123-0001", When(NOW)])
    first, written = path.read_bytes(), path.stat().st_mtime_ns
    assert await media.mark(kept.sha, ["YH20261123-0001", When(NOW)]) == path
    assert path.stat().st_mtime_ns == written
    os.utime(path, ((NOW - timedelta(days=31)).timestamp(),) * 2)
    assert await media.sweep(now=NOW) == 1
    assert not path.exists()
    assert await media.read_marked(kept.sha, ["YH20261123-0001", When(NOW)]) == first


async def test_marking_leaves_copy_and_original_as_they_were(media):
    data = photos.telltale("jpeg")
    kept = await media.keep(data)
    before = await media.read(kept.sha)
    assert await media.read_marked(kept.sha, ["YH20261123-0001"]) != before
    assert (await media.read(kept.sha), await media.read(kept.sha, "original")) == (before, data)


async def test_missing_glyph_is_logged_by_its_code_alone(media, caplog):
    kept = await media.keep(photos.jpeg())
    await media.mark(kept.sha, ["上报人 林龘"])
    assert "U+9F98" in caplog.text
    assert "龘" not in caplog.text


async def test_only_a_photo_can_be_marked(media):
    kept = await media.keep_file(b"1,2,3")
    for sha in (kept.sha, "0" * 64):
        with pytest.raises(NotFound):
            await media.mark(sha, ["x"])


async def test_time_under_a_photo_is_the_countys(tmp_path):
    stores = [MediaStore(tmp_path, zone=ZoneInfo(name)) for name in ("Asia/Shanghai", "Asia/Urumqi")]
    kept = await stores[0].keep(photos.jpeg())
    assert len({await store.mark(kept.sha, [When(NOW)]) for store in stores}) == 2
    for store in stores:
        await store.close()


async def test_whoever_only_reads_does_not_wait_for_the_darkroom(media, monkeypatch):
    kept = await media.keep(photos.jpeg())
    await media.mark(kept.sha, ["x"])
    held = threading.Event()
    monkeypatch.setattr("models.media.DARKROOM.run", lambda *_args: held.wait(10))
    waiting = [asyncio.create_task(media.render_qr("x")) for _ in range(8)]
    await asyncio.sleep(0)
    assert await media.read(kept.sha)
    assert await media.read_marked(kept.sha, ["x"])
    held.set()
    await asyncio.gather(*waiting, return_exceptions=True)
