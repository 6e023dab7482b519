"""An administrator sends spreadsheets; nothing is written before 确认导入, and all of it can be taken back."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from models.audit import AuditRow
from models.imports.tables import Import, ImportChange, State
from models.people.tables import Assignment, Person
from tests import factories
from tests.factories import TOWN, VILLAGE
from tests.spreadsheets import PEOPLE, csv_file, row_of, xlsx_file


def person(name, phone, grid=VILLAGE, **more):
    return row_of(PEOPLE, 姓名=name, 手机号=phone, 网格编码=grid, **{"角色": "网格员", **more})


GAO, HE = person("高山", "13900000011", 单位="铜山村"), person("何平", "13900000012")
ROSTER = ("人员.xlsx", xlsx_file(PEOPLE, GAO, HE))
WRONG = ("人员.xlsx", xlsx_file(PEOPLE, GAO, person("何平", "1390000001")))


async def names(county):
    return set(await county.store.read(lambda session: session.scalars(select(Person.name)).all()))


async def state(county):
    newest = select(Import.state).order_by(Import.id.desc())
    return await county.store.read(lambda session: session.scalar(newest))


async def sends_table(phone, *files):
    await phone.sends(*files)
    await phone.county.imports()


async def imports(phone, *files):
    await sends_table(phone, *files)
    await phone.taps("确认导入")
    await phone.county.imports()


async def test_table_is_checked_shown_and_written_when_confirmed(county, qian):
    await qian.sends(ROSTER)
    qian.sees("已收到：人员.xlsx")
    await county.imports()
    qian.sees("人员：新增 2 行，变更 0 行，不变 0 行，有误 0 行。")
    qian.sees("现在还没有写入")
    assert "高山" not in await names(county)
    await qian.taps("确认导入")
    qian.sees("正在导入：人员.xlsx")
    await county.imports()
    qian.sees("已导入：人员.xlsx")
    assert {"高山", "何平"} <= await names(county)
    assert len([message for message in qian.screen if "人员.xlsx" in message.text]) == 1  # one card all the way


async def test_import_is_taken_back(county, qian):
    await imports(qian, ROSTER)
    await qian.taps("撤销本次导入")
    qian.sees("撤销这次导入？人员.xlsx")
    await qian.taps("确认撤销")
    await county.imports()
    qian.sees("数据已恢复到导入之前")
    assert not {"高山", "何平"} & await names(county)
    rows = await county.store.read(lambda session: session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all())
    assert rows == ["imports:write", "imports:undo"]


async def test_one_table_is_spoken_of_by_its_rows(county, qian):
    row = person("高山", "13900000011")
    await sends_table(qian, ("人员.csv", csv_file(PEOPLE, row, row)))
    card = qian.sees("检查完毕：人员.csv")
    assert "人员：新增 1 行，变更 0 行，不变 0 行，重复 1 行，有误 0 行。" in card.text
    assert "提示：第3行：与第2行相同，只算一行。" in card.text
    await qian.taps("确认导入")
    await county.imports()
    await qian.taps("撤销本次导入")
    assert "人员：新增 1 行" in qian.sees("导入时新增的会删去，改动的会改回原样。").text


async def test_undo_can_be_thought_better_of(county, qian):
    await imports(qian, ROSTER)
    await qian.taps("撤销本次导入")
    await qian.taps("不撤销")
    qian.sees("已导入：人员.xlsx")
    assert "高山" in await names(county)


async def test_wrong_rows_come_back_as_a_file(county, qian):
    await sends_table(qian, WRONG)
    card = qian.sees("有1处需要改正")
    assert "第3行、「手机号」列：手机号应为11位数字" in card.text
    assert (card.files, card.buttons) == (("有误的行.xlsx",), ())
    assert "高山" not in await names(county)


async def file_of(county):
    """The newest file of wrong rows that the bot has sent."""
    sha = [file.sha for outgoing in county.platform.sent for file in outgoing.card.files][-1]
    return await county.media.read(sha, "original")


async def test_corrected_file_is_enough(county, qian):
    await sends_table(qian, WRONG)
    book = load_workbook(io.BytesIO(await file_of(county)))
    sheet = book["表"]
    assert [cell.value for cell in sheet[1]] == [*PEOPLE, "原因"]
    assert (sheet["A2"].value, sheet["B2"].value) == ("何平", "1390000001")
    assert sheet["I2"].value.startswith("手机号应为11位数字")
    sheet["B2"] = "13900000012"
    out = io.BytesIO()
    book.save(out)
    await imports(qian, ("有误的行.xlsx", out.getvalue()))
    qian.sees("人员：新增 2 行")
    assert {"高山", "何平"} <= await names(county)


async def test_file_that_is_wrong_as_a_whole_is_not_corrected_by_its_neighbours_rows(county, qian):
    await sends_table(qian, WRONG, ("别的.csv", csv_file(["甲", "乙"], ["1", "2"])))
    qian.sees("请改好原表后重新发送")
    book = load_workbook(io.BytesIO(await file_of(county)))
    book["表"]["B2"] = "13900000012"
    out = io.BytesIO()
    book.save(out)
    await sends_table(qian, ("有误的行.xlsx", out.getvalue()))
    qian.sees("检查完毕：有误的行.xlsx")
    qian.sees("人员：新增 1 行")


async def test_several_files_are_one_import(county, qian):
    grids = ("网格.csv", csv_file(["code", "name"], ["341823101203", "潘村"], encoding="gbk"))
    people = ("人员.csv", csv_file(PEOPLE, person("高山", "13900000011", grid="茂林镇·潘村")))
    await imports(qian, people, grids)
    qian.sees("已导入：人员.csv、网格.csv")
    assert "高山" in await names(county)


@pytest.mark.parametrize("who", ["sun", "zhou", "zheng"])
async def test_nobody_else_may_import(county, who):
    phone = county.phone(who)
    await sends_table(phone, ROSTER)
    phone.sees("表格由系统管理员导入，请把文件交给系统管理员。")
    assert await state(county) is None


async def test_stranger_with_a_table_meets_the_door(county, he):
    await sends_table(he, ROSTER)
    assert await state(county) is None


@pytest.mark.parametrize(("name", "data"), [("说明.txt", "你好".encode()), ("说明.pdf", b"%PDF-1.7 x")])
async def test_file_that_is_no_photo_gets_one_sentence(county, name, data):
    wu = county.phone("wu")
    await wu.sends((name, data))
    wu.sees("这不是能识别的照片，请发JPG、PNG、WebP或HEIC格式的照片。")
    await wu.sends("上报")
    await wu.sends((name, data))
    wu.sees("这个文件不是照片，请发照片")


async def test_administrator_of_a_town_is_sent_to_the_county(county):
    role = (factories.Role.ADMIN, TOWN)
    await county.store.write(
        lambda session: factories.add_person(session, "高山", "19900000031", role, chat="gao", now=county.clock())
    )
    gao = county.phone("gao")
    await sends_table(gao, ROSTER)
    gao.sees("由全县的系统管理员办理")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        (
            "旧.xls",
            bytes.fromhex("d0cf11e0a1b11ae1") + b"old" * 400,
            "这是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx",
        ),
        ("说明.pdf", b"%PDF-1.7 x", "这不是表格文件"),
        ("扫描.xlsx", b"%PDF-1.7 x", "这是 PDF 文件，不是表格"),
        ("别的.csv", csv_file(["甲", "乙"], ["1", "2"]), "没有认出表头"),
        ("空.csv", b" ", "没有认出表头"),
    ],
)
async def test_what_is_no_template_gets_one_sentence(county, qian, name, data, sentence):
    await sends_table(qian, (name, data))
    qian.sees(sentence)
    assert "确认导入" not in qian.labels


async def test_file_that_did_not_arrive_is_asked_for_again(county, qian):
    message = qian.message(ROSTER)
    county.platform.files.clear()
    await county.happens(message)
    qian.sees("「人员.xlsx」没有收到，请再发一次。")


async def test_cancelled_import_is_not_written(county, qian):
    await sends_table(qian, ROSTER)
    card = qian.sees("检查完毕")
    await qian.taps("取消")
    qian.sees("没有写入任何内容")
    await qian.presses(next(data for label, data in card.buttons if label == "确认导入"))
    qian.sees("现在是「已取消」")
    assert "高山" not in await names(county)


async def test_second_tap_on_confirm_is_stale(county, qian):
    await sends_table(qian, ROSTER)
    data = next(data for label, data in qian.sees("检查完毕").buttons if label == "确认导入")
    await qian.presses(data)
    await qian.presses(data)
    qian.sees("现在是「正在导入」")
    await county.imports()
    assert await county.store.read(lambda session: session.scalar(select(func.count()).select_from(Import))) == 1


async def test_other_people_press_in_vain(county, qian, zhou):
    await sends_table(qian, ROSTER)
    for action in ("confirm", "cancel", "undo", "really", "keep", "nonsense"):
        await zhou.presses(f"import:1:{action}")
    assert await state(county) is State.READY
    zhou.sees("没有找到，或者已经失效")


async def test_what_changed_since_is_shown_anew(county, qian):
    await sends_table(qian, ROSTER)
    await county.store.write(
        lambda session: factories.add_person(session, "高山", "13900000011", (factories.Role.OFFICER, VILLAGE),
                                             unit="铜山村", now=county.clock())
    )  # fmt: skip
    await qian.taps("确认导入")
    await county.imports()
    qian.sees("情况有了变化")
    qian.sees("人员：新增 1 行，变更 0 行，不变 1 行，有误 0 行。")
    assert "何平" not in await names(county)
    await qian.taps("确认导入")
    await county.imports()
    assert "何平" in await names(county)


async def test_same_table_again_changes_nothing(county, qian):
    await imports(qian, ROSTER)
    await sends_table(qian, ROSTER)
    qian.sees("表格与现有数据一致")


async def test_only_the_last_import_can_be_taken_back(county, qian):
    await imports(qian, ROSTER)
    first = next(data for label, data in qian.sees("已导入").buttons if label == "撤销本次导入")
    await imports(qian, ("更多.xlsx", xlsx_file(PEOPLE, person("丁一", "13900000013"))))
    await qian.presses(first)
    qian.sees("只能撤销最近一次导入")
    assert await county.store.read(lambda s: s.scalar(select(func.count()).select_from(ImportChange))) == 2


async def test_undo_is_refused_once_somebody_has_joined(county, qian):
    await imports(qian, ROSTER)

    def join(session):
        gao = session.scalars(select(Person).where(Person.name == "高山")).one()
        factories.bind(session, gao.id, "gao", now=county.clock())

    await county.store.write(join)
    await qian.taps("撤销本次导入")
    await qian.taps("确认撤销")
    await county.imports()
    assert "「高山」已加入或已受邀。" in qian.sees("不能撤销：人员.xlsx").text
    assert {"高山", "何平"} <= await names(county)
    posts = select(func.count()).select_from(Assignment).join(Person, Person.id == Assignment.person_id)
    assert await county.store.read(lambda session: session.scalar(posts.where(Person.name == "高山"))) == 1


async def test_undo_that_cannot_be_checked_is_not_blamed_on_the_data(county, qian):
    async def beyond_limits(_request):
        return {}

    await imports(qian, ROSTER)
    await qian.taps("撤销本次导入")
    county.importer.worker = beyond_limits
    await qian.taps("确认撤销")
    await county.imports()
    assert "系统出错" in qian.sees("没有检查完").text
    assert (await state(county), "高山" in await names(county)) == (State.DONE, True)


async def test_draft_under_way_is_not_dropped_for_a_table(county, qian):
    await qian.sends("/report")
    await qian.sends(ROSTER)
    qian.sees("您有一份「隐患上报」还没有提交")
    await qian.taps("放弃并开始新的")
    await county.imports()
    qian.sees("检查完毕：人员.xlsx")


async def test_photo_of_an_administrator_is_still_a_report(county, qian):
    from tests.photos import jpeg

    await qian.sends(jpeg(), "靠山加油站 静电接地线脱落")
    qian.sees("隐患上报")


async def test_import_says_how_and_offers_the_way_back(county, qian):
    await qian.sends("导入")
    qian.sees("可以一次发几个")
    await imports(qian, ROSTER)
    await qian.sends("/import")
    qian.sees("最近一次：人员.xlsx")
    await qian.taps("撤销最近一次导入")
    qian.sees("撤销这次导入？")


async def test_restart_between_check_and_confirm_loses_nothing(county, qian):
    await sends_table(qian, ROSTER)
    county.importer = type(county.importer)(county.store, county.media, county.clock, worker=county.importer.worker)
    await qian.taps("确认导入")
    await county.imports()
    assert {"高山", "何平"} <= await names(county)


@pytest.mark.parametrize("name", ["../../人员.xlsx", "C:\\x\\人员.xlsx", "\u202e人员.xlsx", "人\n员.xlsx"])
async def test_name_of_a_file_is_only_a_name(county, qian, name):
    await qian.sends((name, ROSTER[1]))
    qian.sees("已收到：人员.xlsx")


async def test_very_long_name_keeps_its_end(qian):
    await qian.sends(("长" * 300 + ".xlsx", ROSTER[1]))
    assert len(qian.sees("已收到").text) < 150


async def test_templates_come_as_files(county, qian):
    await qian.sends("模板")
    qian.sees("正在准备")
    await county.imports()
    assert qian.sees("带 * 的列必填").files == ("网格导入模板.xlsx", "人员导入模板.xlsx", "企业导入模板.xlsx")
    qian.sees_nothing_of("正在准备")


async def test_templates_do_not_disturb_a_draft(county, qian):
    await qian.sends("/report")
    await qian.sends("/templates")
    await county.imports()
    qian.sees("带 * 的列必填")
    qian.sees_nothing_of("还没有提交")


async def test_import_in_another_language(county, qian):
    await qian.sends("/lang en")
    await sends_table(qian, WRONG)
    assert "column" in qian.sees("1 things to correct").text
