"""The names of the rules file that comes with the product, listed so that the catalogue can hold their English.

A county's own names are shown as they are.
"""

from __future__ import annotations

from models.texts import N_

LEVELS = (N_("一般隐患"), N_("重大隐患"))
CATEGORIES = (
    N_("消防通道"), N_("消防设施"), N_("用电安全"), N_("燃气"), N_("危险化学品"), N_("有限空间"), N_("特种设备"),
    N_("临边高坠"), N_("粉尘"), N_("道路交通"), N_("水库山塘"), N_("滑坡地灾"), N_("森林火源"), N_("房屋建筑"),
    N_("管理缺陷"), N_("其他"),
)  # fmt: skip
MEASURES_NAME = N_("五落实")
MEASURES = (
    N_("目标任务和措施"), N_("责任人"), N_("资金（万元）"), N_("时限"), N_("安全措施"), N_("应急预案"),
)  # fmt: skip
