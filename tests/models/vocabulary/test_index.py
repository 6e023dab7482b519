"""The vocabulary follows the registers, whoever writes them."""

from sqlalchemy import event, func, select, text, update

from models.enterprises.tables import Enterprise
from models.grids.tables import Grid
from models.vocabulary.index import do_index_names
from models.vocabulary.tables import Name, NamePair, Standing
from tests import factories


async def names(store):
    unit = lambda session: {name: id_ for name, id_ in session.execute(select(Name.text, Name.id))}  # noqa: C416, E731
    return await store.read(unit)


async def test_import_leaves_every_name_known(county):
    assert await county.write(do_index_names) == 0
    known = await names(county.store)
    assert {"靠山加油站", "溪口村", "茂林镇", "林晓梅"} <= known.keys()


async def test_new_and_changed_names_are_taken_up(store, people):
    await store.write(do_index_names)
    await store.write(lambda session: session.execute(update(Enterprise).values(name="泾县高岭加油站有限公司")))
    assert await store.write(do_index_names) == 1
    known = await names(store)
    assert "高岭加油站" in known
    assert "靠山加油站" not in known


async def test_deleted_enterprise_takes_its_names_along(store, clock, people):
    def unit(session):
        ident = factories.add_enterprise(session, "铜山木业", code="91341823MA2N000077", now=clock())
        do_index_names(session)
        session.execute(text("DELETE FROM enterprises WHERE id = :id"), {"id": ident})

    await store.write(unit)
    assert "铜山木业" not in await names(store)
    left = select(func.count()).select_from(NamePair).where(NamePair.name_id.not_in(select(Name.id)))
    assert await store.read(lambda session: session.scalar(left)) == 0


async def test_nickname_that_becomes_the_register_name_is_kept_once(store, people):
    def unit(session):
        do_index_names(session)
        session.add(Name(text="老吴加油站", standing=Standing.NICKNAME, enterprise_id=people["station"], lessons=2))
        session.flush()
        session.execute(update(Enterprise).values(name="老吴加油站"))
        do_index_names(session)
        return session.execute(select(Name.standing).where(Name.text == "老吴加油站")).scalars().all()

    assert await store.write(unit) == [Standing.OFFICIAL]


async def test_clean_vocabulary_costs_one_statement(store, people):
    await store.write(do_index_names)

    def unit(session):
        seen = []
        engine = session.get_bind().engine
        note = lambda _c, _cur, statement, *_rest: seen.append(statement)  # noqa: E731
        event.listen(engine, "before_cursor_execute", note)
        try:
            do_index_names(session)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return seen

    assert len(await store.write(unit)) == 1


async def test_unknown_names_are_found_by_the_partial_index(store, people):
    if not store.is_sqlite:
        return
    query = "EXPLAIN QUERY PLAN SELECT name FROM enterprises WHERE coalesce(indexed_name, '') <> name"
    plan = await store.read(lambda session: [row[-1] for row in session.execute(text(query))])
    assert any("ix_enterprises_unindexed" in line for line in plan)


async def test_county_in_front_of_a_name_is_known_by_the_tree(store, clock, people):
    def unit(session):
        session.execute(update(Grid).where(Grid.code == factories.COUNTY).values(name="宁国"))
        factories.add_enterprise(session, "宁国木业", code="91341823MA2N000078", now=clock())
        do_index_names(session)

    await store.write(unit)
    assert "木业" in await names(store)
