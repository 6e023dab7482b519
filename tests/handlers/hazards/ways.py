"""The ways to report, as a person does them; each gives the number of messages and taps it took.

The benchmark of taps drives the same functions (docs/hazards.md, "The conversation").
"""

from models.content import Place
from tests import photos

STATION = Place(30.5301, 118.2101)  # A few steps from 靠山加油站.
CAPTION = "靠山加油站 卸油口静电接地线脱落 重大"
TARGETS = {"fast": 2, "guided": 6}  # Source: conversations.md, reporting a hazard.


async def report_fast(phone, caption=CAPTION):
    """A photo with a caption, then 提交."""
    before = phone.actions
    await phone.sends(photos.jpeg(), caption)
    await insists(phone)
    await phone.taps("提交")
    return phone.actions - before


async def insists(phone):
    """仍要新建, in stories that report the like several times."""
    if "仍要新建" in phone.labels:
        await phone.taps("仍要新建")


def sees_registered(phone, number):
    """The acknowledgement of a case: its card, with 已登记 above the facts."""
    shown = [message for message in phone.screen if number in message.text and "\n已登记。" in message.text]
    assert shown, f"{number} is not registered on the screen:\n{phone.describe()}"
    return shown[-1]


async def report_guided(phone):
    """/report, a photo, the location, one of the enterprises around, what is wrong, 提交."""
    before = phone.actions
    await phone.sends("/report")
    await phone.sends(photos.jpeg())
    await phone.sends(STATION)
    await phone.taps("靠山加油站 15米")
    await phone.sends("卸油口静电接地线脱落")
    await phone.taps("提交")
    return phone.actions - before


async def report_by_name(phone):
    """上报, 跳过 (no photo at hand), the enterprise by a part of its name, what is wrong, 提交."""
    before = phone.actions
    await phone.sends("上报")
    await phone.taps("跳过")
    await phone.sends("靠山")
    await phone.sends("卸油口静电接地线脱落")
    await phone.taps("提交")
    return phone.actions - before


WAYS = {"fast": report_fast, "guided": report_guided, "by name": report_by_name}
