"""A table on its way through the whole product: Telegram in, the worker process, the real deliveries."""

import io

import pytest
from openpyxl import load_workbook

from tests.journeys.running import running
from tests.journeys.test_telegram import joined
from tests.spreadsheets import PEOPLE, xlsx_file
from tests.telegram_server import TelegramServer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GAO = ["高山", "13900000011", "溪口村", "网格员", "茂林镇 溪口村", "", "", ""]
WAIT_S = 60  # The worker starts a Python of its own.


@pytest.fixture
async def county(sqlite_database, tmp_path, clock):
    async with TelegramServer() as server:
        settings = {"telegram_bot_token": server.token, "telegram_api_base": server.api_base}
        async with running(sqlite_database, tmp_path, clock, **settings) as (app, people):
            yield server, app, people


async def test_table_sent_on_telegram_is_checked_written_and_taken_back(county, clock):
    qian = await joined(county, clock, "钱文静")
    await qian.sends_document(xlsx_file(PEOPLE, GAO), "人员.xlsx", XLSX)
    await qian.sees("人员：新增 1 行", WAIT_S)
    await qian.taps("确认导入")
    await qian.sees("已导入：人员.xlsx", WAIT_S)
    await qian.taps("撤销本次导入")
    await qian.taps("确认撤销")
    await qian.sees("数据已恢复到导入之前", WAIT_S)


async def test_wrong_rows_come_as_a_document_and_go_back_corrected(county, clock):
    qian = await joined(county, clock, "钱文静")
    wrong = ["何平", "139", *GAO[2:]]
    await qian.sends_document(xlsx_file(PEOPLE, GAO, wrong), "人员.xlsx", XLSX)
    await qian.sees("有1处需要改正", WAIT_S)
    (document,) = [shown for shown in qian.screen() if shown.document and not shown.mine]
    book = load_workbook(io.BytesIO(qian.file(document.id).data))
    book.worksheets[0]["B2"] = "13900000012"
    out = io.BytesIO()
    book.save(out)
    await qian.sends_document(out.getvalue(), "有误的行.xlsx", XLSX)
    await qian.sees("人员：新增 2 行", WAIT_S)


async def test_templates_come_as_documents(county, clock):
    qian = await joined(county, clock, "钱文静")
    await qian.sends("模板")
    await qian.sees("带 * 的列必填", WAIT_S)
    assert len([shown for shown in qian.screen() if shown.document and not shown.mine]) == 3
