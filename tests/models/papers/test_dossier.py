"""What the papers say: what the card says to the same person, and no more."""

import pytest

from models.errors import NotFound
from models.hazards.places import Spot
from models.hazards.tables import HazardMeasure
from models.papers.content import list_shas
from models.papers.dossier import LONGEST, MOST_PHOTOS, read_dossier
from models.people.tables import Role
from models.texts import Reader
from tests import factories
from tests.models.hazards.conftest import PHOTO, RULES
from tests.models.hazards.test_marks import adds
from tests.models.hazards.test_pairs import AFTER, in_review


async def papers(town, hazard_id, name="zhou"):
    actor = await town.actor(name)

    def unit(session):
        return read_dossier(session, actor, hazard_id, rules=RULES, reader=Reader("zh"), now=town.clock())

    return await town.store.read(unit)


def table(case, title):
    return next((found.rows for found in case.tables if found.title == title), None)


def whole(case):
    """Every text of it."""
    rows = [case.facts.rows, *(found.rows for found in case.tables)]
    shots = [photo.says for photo in case.photos]
    return "\n".join(
        [*(text for some in rows for row in some for text in row), *(line for says in shots for line in says)]
    )


async def test_whole_way_of_a_case_stands_in_it(town):
    hazard_id = await in_review(town)
    await town.moves("lin", hazard_id, "pass")
    case = await papers(town, hazard_id)
    assert (case.number, case.state) == ("YH20261123-0001", "已销号")
    facts = dict(case.facts.rows)
    assert facts["地点"] == "茂林镇·铜山村 靠山加油站"
    assert facts["隐患描述"] == "卸油口静电接地线脱落"
    assert facts["整改期限"].startswith("2026年11月30日")
    assert facts["发现人"] == "林晓梅 19900000001（网格巡查），2026年11月23日 09:00"
    assert facts["销号时间"] == "2026年11月23日 09:00"
    assert [row[2:] for row in table(case, "办理经过")] == [
        ("林晓梅", "网格员", "上报", "照片1张"),
        ("系统", "—", "派遣\n待派遣 → 待接收", "吴志强"),
        ("吴志强", "企业负责人", "确认收到\n待接收 → 整改中", ""),
        ("吴志强", "企业负责人", "提交整改\n整改中 → 待复查", "已更换\n照片1张"),
        ("林晓梅", "网格员", "通过销号\n待复查 → 已销号", ""),
    ]
    assert [row[:3] for row in table(case, "签名")] == [
        ("上报", "林晓梅", "网格员"), ("确认收到", "吴志强", "企业负责人"), ("提交整改", "吴志强", "企业负责人"),
        ("通过销号", "林晓梅", "网格员"),
    ]  # fmt: skip
    assert ("整改责任人", "吴志强", "—", "19900000004") in table(case, "责任人")
    assert [(pair.before.sha, pair.after.sha) for pair in case.pairs] == [(PHOTO, AFTER)]
    assert list_shas(case) == {PHOTO, AFTER}


async def test_phones_of_another_chain_are_masked(town):
    hazard_id = await in_review(town)
    rows = table(await papers(town, hazard_id, "wu"), "责任人")
    assert {row[1]: row[3] for row in rows}["吴志强"] == "本人"

    def unit(session):
        role = (Role.INFORMANT, factories.NEXT_VILLAGE)
        ident = factories.add_person(session, "许芳", "19900000021", role, chat="xu", now=town.clock())
        factories.add_enterprise(session, "别处", code="1", managers=[ident], now=town.clock())
        return ident

    town.ids["xu"] = await town.store.write(unit)
    await town.puts(hazard_id, reporter_id=town.ids["xu"])
    assert "19900000004" not in whole(await papers(town, hazard_id, "xu"))
    assert "199****0004" in whole(await papers(town, hazard_id, "xu"))


async def test_nobody_reads_papers_of_a_foreign_case(town):
    hazard_id = await in_review(town)
    with pytest.raises(NotFound):
        await papers(town, hazard_id, "chen")


async def test_author_of_a_tip_is_kept_from_those_it_is_about(town):
    def unit(session):
        role = (Role.INFORMANT, factories.VILLAGE)
        return factories.add_person(session, "许芳", "19900000021", role, chat="xu", now=town.clock())

    town.ids["xu"] = await town.store.write(unit)
    hazard_id = await town.reports("xu", spot=Spot(factories.VILLAGE, "茂林镇·铜山村"), category="road")
    await town.moves("lin", hazard_id, "verify")
    await town.puts(hazard_id, enterprise_id=town.ids["station"])
    case = await papers(town, hazard_id, "wu")
    assert "许芳" not in whole(case)
    assert "信息员" not in whole(case)
    assert "0021" not in whole(case)
    assert table(case, "办理经过")[0][2:4] == ("群众举报", "—")
    assert table(case, "签名")[0][:3] == ("上报", "群众举报", "—")
    assert "许芳" in whole(await papers(town, hazard_id, "zhou"))


async def test_items_of_a_major_hazard_are_listed_also_those_not_filled_in(town):
    hazard_id = await town.reports(level="major", days=30)
    assert table(await papers(town, await town.reports(description="灭火器过期")), "重大隐患治理措施") is None
    measure = {"item": "plan", "text": "编制专项预案", "by_id": town.ids["wu"], "at": town.clock()}
    await town.store.write(lambda session: session.add(HazardMeasure(hazard_id=hazard_id, **measure)))
    rows = table(await papers(town, hazard_id), "重大隐患治理措施")
    assert len(rows) == len(RULES.hazards.measures)
    assert rows[-1] == ("应急预案", "编制专项预案", "吴志强", "2026年11月23日 09:00")
    assert rows[0] == ("目标任务和措施", "未填写", "—", "—")


async def test_extension_stands_with_its_reason(town):
    hazard_id = await town.reports()
    await town.moves("wu", hazard_id, "accept")
    await town.moves("wu", hazard_id, "extend", note="配件到货延迟", days=7)
    case = await papers(town, hazard_id)
    asked = [value for label, value in case.facts.rows if label == "申请延期至"]
    assert [value[:10] for value in asked] == ["2026年12月7日"]
    assert [row[1:] for row in table(case, "期限与延期")] == [("吴志强", "申请延期", "配件到货延迟")]


async def test_endless_texts_and_photos_are_cut_and_it_is_said(town):
    hazard_id = await town.reports()
    await town.puts(hazard_id, description="长" * (LONGEST + 7))
    for number in range(MOST_PHOTOS + 2):
        await adds(town, hazard_id, f"{number:064x}", "extra")
    case = await papers(town, hazard_id)
    assert dict(case.facts.rows)["隐患描述"].endswith("…（其余7字从略）")
    assert (len(case.photos), case.left_out) == (MOST_PHOTOS, 3)


async def test_place_without_an_enterprise(town):
    hazard_id = await town.reports(spot=Spot(factories.VILLAGE, "茂林镇·铜山村", text="溪口老樟树下"), category="road")
    assert dict((await papers(town, hazard_id)).facts.rows)["地点"] == "茂林镇·铜山村（溪口老樟树下）"
