"""What is written into a hazard's history, or said of it, besides the moves of the loop; no I/O."""

from __future__ import annotations

from models.hazards.flow import MAJOR_NOTICES, Audience, Notice, find_move
from models.texts import N_

# What is said of a report that somebody has to look into first.
REPORT_NOTICES = (Notice(("grid", "industry"), N_("收到一条待核实的隐患线索，请核实。"), "warn"),)

# What is said of a self-check: whoever reports the own hazard need not be told of it and confirm that.
SELF_NOTICES = (
    Notice(("rectifier",), N_("{who}已上报本单位的隐患，请按期整改。"), "warn"),
    Notice(("grid", "industry"), N_("{who}自查上报了本单位的隐患，正在整改。")),
    *MAJOR_NOTICES,
)
# When the last of the items of a major hazard has been laid down.
COMPLETE_NOTICES = (Notice(("rectifier",), N_("整改措施已逐项落实，整改完成后可以提交整改。"), "good"),)

# Something was added by somebody who reported the same (and took it for a major one); the reporter was shown a like
# case, or one with nearly the same photo, and said no.
SUPPLEMENT, SUPPLEMENT_MAJOR, DISTINCT, SAME_PHOTO = "supplement", "supplement-major", "distinct", "same-photo"
SUPPLEMENTS = frozenset({SUPPLEMENT, SUPPLEMENT_MAJOR})
DELIST = "delist"  # 摘牌 comes with the signature.
REGRADING = frozenset({"raise", "lower"})
_MAJORS = REGRADING | {DELIST, "measures", "progress", "list"}
# What moves nothing, so nobody was faster by it.
BESIDES = SUPPLEMENTS | _MAJORS | {DISTINCT, SAME_PHOTO, "photo", "add", "visit", "appeal"}
_CONCERNED: tuple[Audience, ...] = ("rectifier", "grid", "industry", "reporter")
# Not by whom: a tip's author is kept from those it is about.
SUPPLEMENT_NOTICES = {
    SUPPLEMENT: (Notice(_CONCERNED, N_("这条隐患有新的补充情况，请查看。")),),
    SUPPLEMENT_MAJOR: (Notice(_CONCERNED, N_("这条隐患有新的补充情况，补充人认为是重大隐患，请核实。"), "warn"),),
}
_LABELS = {
    "report": N_("上报"),
    "photo": N_("补充照片"),
    SUPPLEMENT: N_("补充情况"),
    SUPPLEMENT_MAJOR: N_("补充情况，认为是重大隐患"),
    DISTINCT: N_("已提示疑似重复，报告人选择新建"),
    SAME_PHOTO: N_("已提示照片几乎相同，报告人选择新建"),
    DELIST: N_("摘牌"),
}


def action_label(action: str) -> str:
    """The Chinese name of an action of the history, a message id of the catalogue."""
    move = find_move(action)
    return move.label if move else _LABELS.get(action, action)
