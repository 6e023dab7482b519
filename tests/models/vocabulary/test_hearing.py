"""Names that share sounds with a text: one's own, and those of others only to hold a guess back."""

from models.hazards.places import report_grids
from models.vocabulary.hearing import hear_names


async def heard(county, who, text):
    actor = await county.actor(who)
    return await county.write(lambda session: hear_names(session, actor, text, grids=report_grids(actor)))


async def test_most_alike_comes_first(county):
    first = (await heard(county, "lin", "考山加油站 卸油口漏油"))[0]
    assert (first.text, first.is_mine, first.enterprise_id) == ("靠山加油站", True, county.cast.station)


async def test_names_of_others_are_marked(county):
    mine = {name.text: name.is_mine for name in await heard(county, "chen", "靠山加油站和潘村采石场")}
    assert mine["靠山加油站"] is False
    assert mine["潘村采石场"] is True


async def test_manager_has_the_own_enterprise_only(county):
    mine = [name.text for name in await heard(county, "wu", "溪口小学 靠山加油站") if name.is_mine]
    assert mine == ["靠山加油站"]


async def test_text_without_sounds_hears_nothing(county):
    for text in ("", "?!", "山"):
        assert await heard(county, "zhou", text) == []


async def test_people_are_not_heard(county):
    assert all(name.text != "林晓梅" for name in await heard(county, "zhou", "林晓梅"))
