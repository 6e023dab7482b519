"""What kind of message a caption is: one hazard, several, or chatter that reports nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from models.hazards.english import is_english_chatter, says_english
from models.hazards.kinds import guess_kind
from models.hazards.opinion import chattiness
from models.hazards.wording import CLUE, Word, find_words
from models.rules import HazardRules
from models.vocabulary.forms import plain_text

# How much likelier chatter than a report like sentences find a text (a logarithm), and what then becomes of the verdict
# of the rules. Reports of one file weighed by the sentences of others: 2 of 458 above DOUBTED, none above SURE.
# A text that names a thing and nothing that is wrong with it (塘坝加固工程开工) is doubted sooner.
_DOUBTED, _DOUBTED_SOON, _SURE, _NEWS, _REPORT = 1.0, -1.0, 4.0, 2.0, -4.0

_AT_ONCE = 2  # So far from its beginning a stretch of the same kind names its thing, or it is no other hazard.
MANY = 6  # Hazards of one caption that are registered apart.

# -- what is wrong -------------------------------------------------------------------------------------------

_PROBLEM = re.compile(
    r"没|無|无|未|缺|停车|停放|停着|停了|不灵|少(?:了|个|一|块|根|片)|不(?!用|过|错|是重大|属于|算|构成|要)|失灵|失效|过期|超期|到期|堵|占|堆|私[拉接]|乱|"
    r"脱落|掉了?|脱|松|断|破|坏|烂|裂|塌|陷|漏|渗|锈|腐|老化|磨|倒|歪|斜|倾|鼓|凸|裸|露|拉在|挂|缠|泡|进水|积水|"
    r"烧(?!气|水)|烫|冒烟|打火|跳闸|焦|黑|空的|锁|关着|敞|翘|洞|坑|缝|口子|超[载速员限]|违规|违章|混放|横七竖八|"
    r"散落|乱放|停满|挡|遮|淹|冲|滑|悬|危险|隐患|严重|着火|危|险|撞|吸烟|抽烟|动火|睡|长满|晒|搁|放在|靠近|"
    r"叠|摞|压着|拖|灭了|全灭|红区|红的|丢了|抖|坐满|坐了|困人|关人|消音|里充电|充电瓶车|拆|封|假|旧|硬了|变形|开裂|难闻|冲鼻|呛|异味|有味|味道|滴|冒|溢|灌|埋|卡|响"
)
_PLAIN_PROBLEM = re.compile(
    r"隐患|危险|坏|破|裂|塌|漏|断|堵|老化|脱落|过期|失效|失灵|生?锈|倒|歪|冒烟|着火|起火|烧(?!气|水)|裸露|松动|损坏|缺失|堆放|占用|乱|违规"
)
# 没有渗漏 and 未发现裂缝 say that nothing is wrong.
_NO_PROBLEM = re.compile(
    rf"(?:没有?|无|未)(?:看[到见]|发现|见)?(?:任何|什么|有)?[渗开]?(?:{_PLAIN_PROBLEM.pattern})[漏缝裂塌坏损动落]?"
)
# 重大隐患 as a verdict, not 重大隐患清单.
_MAJOR = re.compile(r"(?<![非无])重大(?:事故|火灾|安全|消防|地质|地灾)?隐患(?=$|[\W_]|[停请限责立要])")
# 裂缝补过了, 坑填平了: what is said to be done may be done.
_MAYBE_DONE = re.compile(r"(?<![没不未])[一-龥](?:过|平|完|好|齐)了")
_CONSEQUENCE = re.compile(
    r"过不去|进不来|出不去|进不去|走不了|走不过|不敢|看不[到见清]|看得到|要[倒塌掉出]|会[倒塌掉出]|危险|怎么办|容易|估计|"
    r"小孩|天天|好几|差点|前年|去年|昨|说了|一碰就|一点就|随时|马上要|幸好|手伸|手一|到现在|从来|上月|上个月|上回|上次|不得了|"
    r"^(?:离|距|就在|紧[挨靠])|没命|吓人|吓死|不停机|停不下来|摸着|火花就|火星就|下[面头]是|底下是|我"
)
# A name that nobody knows, with nothing that is wrong there.
_ONLY_PLACE = re.compile(
    r"\S{1,12}(?:站|厂|店|村|镇|乡|组|社|公司|校|小学|幼儿园|园|场|馆|矿|库|院|塘|桥|路|街|区|工地|市场|超市|饭店|民宿|作坊|点)(?:里|门口|边上|旁边)?"
)
_PART = re.compile(r"^(?:也|都|又|还)?(?:没得|没有|没|无|缺少?|少)")

_PRONOUN = re.compile(r"(?:[一-龥]{0,2}都|[皮盖接插线]|里面|上面|下面|边上|外面|都|全|这|那)")
# It does not begin with a thing, so it goes on about the one before: 在冒水, 里头线头露出来了, 一踩瓦就往下掉.
_GOES_ON = re.compile(
    r"(?:在(?!.{0,3}里)|正在|就|一[踩碰拉推动按摸扒路]|横在|里头|外头|底下|说|像是|好像|属|构成|判定|定为|先|拿|拧开|离|闻|看|"
    r"等于|好久|还好|幸好|好在|好大|老人|客人|小孩|学生|游客|司机|师傅|工人|老板|员工|值班|我|他|她|人|手|盖子|主机|没系|没戴|"
    r"(?:上头|下面|旁边)?也?没人)"
)
_MORE = re.compile(r"(?:还有|另外|以及|此外|其次|再就是|再有|外加|加上)")
# 配电箱门未关，电线裸露: the wires of the box before.
_BOX = re.compile(r"(?:配电|电表?|开关|接线)[箱柜盒]")
_IN_THE_BOX = re.compile(r"(?:[箱柜盒]内|内部|里[面头]|里|内)?的?(?:电线|导线|接线|线头|铜线|线路|空开|漏保|闸刀)")
# 阀门漏气: a thing that no word of the rules names, and what is the matter with it.
_OTHER_THING = re.compile(
    r"(?!.{0,3}[都很也全就])(?!(?:一|皮|味道|里面|外面|上面|下面|边上|底下|随时|特别|重大|严重|现场|已|人|幸好|到现在|现在|从来|一直|"
    r"手|上个?月|上[回次]|[两三四五六七八九十几好][年个天次]))"
    r"[一-龥]{2,5}(?:没|未|缺|坏|破|漏|裂|锈|松|断|堵|过期|失效|老化|不亮|脱落|乱放|堆放|堆满|损坏)"
)
# 水泵也打不着火: something else is wrong as well.
_ALSO = re.compile(r"(?!.{0,2}[都这那人])[一-龥]{2,6}也(?:没|不|坏|破|漏|裂|锈|松|断|堵|打不|关不|开不)")
_ADDED = re.compile(r"^(?:还有|另外|以及|同时|此外|并且)|还(?!是|没|未|不|要)|也")

# -- chatter -------------------------------------------------------------------------------------------------

_GREETING = re.compile(
    r"^(?:好+的?|收到|嗯+|哦+|噢|行|可以|明白|知道了?|了解|谢谢|多谢|感谢|辛苦|您好|你好|早上好|早安|晚安|晚上好|"
    r"大家好|在吗|在不在|请问|ok|OK|点赞|赞|1|666|哈+|呵+|嘻+|不客气|没事|不好意思|发错|打错|撤回|测试|试一下|试试|"
    r"test|hello|hi|新年好|节日快乐|中秋快乐|生日快乐|恭喜|加油[!！~。 👍💪]*$)"
)
_DONE = re.compile(
    r"(?:已经?|都|全部?)(?:按[^，。 ]{0,4})?"
    r"(?:整改|处理|清理|清除|清走|更换|换|修|维修|修复|解决|消除|拆除|移走|排除|销号|改|弄|搞|恢复)"
    r"(?:完成|完毕|完|好|掉|到位|结束|了|干净|新的)*"
    r"|(?:整改|处理|清理|更换|修复?|换|改|弄|搞|解决|拆除|加固|检修|维修)(?:完成|完毕|完了|好了|到位|结束)"
    r"|(?<![没不未])[一-龥]好了|(?:换|装|配|买)了?新的?了?(?:$|[，。,! ])"
    r"|(?:清|扫|搬|移|收拾|打扫)(?:理|走)?(?:干净|完)了?|(?:盖|补|装|接)上了"
)
# What was only set going is news if nothing is said to be wrong besides.
_UNDER_WAY = re.compile(r"(?:已经?|都)(?:叫|让|通知|安排|督促|责令|联系|报告|上报|反映|跟[^，。 ]{1,4}说)")
_POLITE = re.compile(
    r"按照?(?:您|领导|你们|上级)?的?要求|请(?:您|领导)?(?:复查|查看|放心|审核|验收|过目|知悉|销号)|没有?(?:发现)?(?:什么)?(?:问题|隐患|异常)|不用(?:担心|管|来)"
)
_STILL = re.compile(r"没|未|不|又|还是|仍|但|可是|依然|再次|重新|反弹|复发|要求|限|请|必须|发现|存在|以后|之前还|前还")
_MEETING = re.compile(
    r"开会|例会|会议|开展了?(?:[一-龥]{0,8})(?:演练|宣传|培训|活动|检查|巡查|工作)|宣传进|活动照片|培训会|培训班|学习|签到|"
    r"打卡|值班表|顶班|换班|替班|今天值班|演[练习]$|活动$|培训$|宣传册|宣传单|宣传|传单|发放|合影|演[习练](?:结束|圆满|照片)|讲座|座谈|报到|集合|群里|群公告|@所有人|转发|"
    r"请大家|各位|领导来|检查组|填表|报表|表格|报送|上报一下|报一下|交一下|发一下|发我|发群|请假|放假|加班|吃饭(?!的)|慢点|工资|补贴|"
    r"发重|发错|重拍|重发|照片[^，。 ]{0,3}(?:糊|看不清)|糊了|不用管|没电了|没信号|停水|停电通知|通知"
)
# They stand beside hazards, too: 太阳底下, 下雨漏水.
_WEATHER = re.compile(
    r"天气|下雨了|雨停|雨大|太阳|降温|高温|台风|暴雨|预警|注意安全|注意防|路上慢|早点休息|上班|下班|周末|大家|到岗|到现场|在路上|稍等|马上到|马上去|"
    r"老板说|企业说|村里说|答应|下周|明天换|会改|安排人"
)
_QUESTION = re.compile(
    r"怎么(?!办|没|不|能|还|又|会|回事|这么|都|也)|如何|什么时候|啥时候|几点|哪天|在哪|哪儿|哪个|谁|算(?:一般|重大)|还是(?:一般|重大)|对不对|行不行|可不可以|多久|哪里(?:看|查|改|下载)|谁(?:负责|管|在|值班|去)|"
    r"完成了没|好了没|登不上|系统|别登记|不要登记|哪一步|进度|到哪|处理得?怎么样|怎么样了|好了吗|改了吗|完了吗|有没有人|是不是要|要不要|能不能(?:改|删|撤|补|看|查|用|帮我)|可以(?:吗|不)|对吗|"
    r"算不算|是什么|多少|吗[?？。~ ]*$|呢[?？]$|几号"
)
_CLEAN = re.compile(
    r"一切正常|未发现(?:问题|隐患|异常)|没有?(?:发现)?(?:问题|隐患|异常)|无(?:隐患|异常|问题)|正常$|全部合格|都合格|零报告|平安无事|状况良好|情况良好|都好的|都正常"
)
_NUMBER = re.compile(r"yh\d{8}", re.IGNORECASE)


def is_chatter(text: str, words: Sequence[Word], *, has_place: bool) -> bool:
    """Tell whether a text reports nothing: a greeting, an answer, a question, news of what is done, a meeting.

    Words of what is wrong outweigh everything but a clear statement that it is done.
    """
    said = text.strip()
    if not re.search(r"\w", said):
        return True
    if _NUMBER.search(said) and not words:
        return True
    if _CLEAN.search(said) and not _is_wrong_besides(_CLEAN, said):
        return True
    if (done := _DONE.search(said)) and not _is_wrong_besides(_DONE, said) and not _is_claim(said, done):
        return True
    if _UNDER_WAY.search(said) and not _PLAIN_PROBLEM.search(_POLITE.sub(" ", said)) and not _STILL.search(said):
        return True
    if _MEETING.search(said) or _QUESTION.search(said):
        return not (words and _PROBLEM.search(_without(_MEETING, _without(_QUESTION, said))))
    if _WEATHER.search(said) and not words and not has_place:
        return True
    is_short = len(said) <= 12
    return bool(_GREETING.search(said)) and is_short and not words and not has_place


def _without(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(" ", text)


def _is_wrong_besides(pattern: re.Pattern[str], text: str) -> bool:
    return bool(_STILL.search(_POLITE.sub(" ", pattern.sub(" ", text))))


def _is_claim(text: str, done: re.Match[str]) -> bool:
    """限3天内整改完成 and 请更换完毕后 want something done; they do not say that it is."""
    return bool(re.search(r"(?:内|前|限|请|要|需|应|须|尽快|立即|马上|当场|必须)[^，。 ]{0,3}$", text[: done.start()]))


def is_clear(text: str, words: Sequence[Word], *, has_place: bool = True) -> bool:
    """Tell whether a text says that something is wrong; without a thing and a place, only plain words do."""
    return bool(words) or bool((_PROBLEM if has_place else _PLAIN_PROBLEM).search(text))


# -- several -------------------------------------------------------------------------------------------------

_COUNTER = re.compile(
    r"(?:^|(?<=[\s,，;；。:：、]))[（(【]?(?:第(?=[一二三四五六七八九]))?(?P<n>\d|[一二三四五六七八九])(?:[)）】、.．:：,，]\s*|是|\s?(?=[^\d\W])(?![一-龥]?(?:号|楼(?![梯道])|个|处|天|月|日|层|组|队|年|点|米|只|台|具|瓶|辆|块|根|次|家|期|级|星|名|人|栋|幢|单元|村)))"
)
_MASK = "\ue000"
_CIRCLED = re.compile("[①-⑨⑴-⑼⒈-⒐❶-❾]")
_ORDINAL = {char: str(index) for index, char in enumerate("一二三四五六七八九", start=1)}
# Not at a break: only the numbers after the first, each in its turn.
_COUNTER_WITHIN = re.compile(
    r"(?<=[一-龥])(?P<n>[2-9])(?:[)）】、.．:：]\s*|(?=[一-龥])(?!号|楼|个|处|天|月|日|层|组|队|年|点|米|只|台|具|瓶|辆|块|根|次|家|期|级|星|名|人|栋|幢|单元|村|把|条|扇|间|桶|车|盏|排|公|厘|千|吨|斤|元|万|小时|分))"
)
_BREAK = re.compile(r"[\n;；。,，、!！]+|\s+|(?=还有|另外|以及|同时|此外|并且|而且|再就是|再有|外加|加上|其次)")


def read_caption(
    text: str, rules: HazardRules, *, has_place: bool, said: str = ""
) -> Literal["hazard", "chatter", "unclear"]:
    """Tell what kind of message a caption is (`has_place`: it names a place of the person's, in the words `said`).

    Where the rules and like sentences disagree, a person has to say; but no sentence makes a thing with its fault, or
    重大隐患, chatter, and where the place is named as well, it is a hazard.
    """
    text = plain_text(text)
    if count := says_english(text, said=said):
        if is_english_chatter(text):
            return "chatter"
        if count > 1:
            return "hazard"
    words = find_words(text, rules)
    leaning = chattiness(text.replace(said, " ", 1) if said else text)
    if is_chatter(text, words, has_place=has_place):
        return "unclear" if leaning < _REPORT else "chatter"
    if is_clear(text, words, has_place=has_place):
        doubted = _DOUBTED if _PROBLEM.search(text) else _DOUBTED_SOON
        if leaning < doubted or (has_place and _is_told(text, words) and not _MAYBE_DONE.search(text)):
            return "hazard"
        return "unclear" if leaning < _SURE or _is_told(text, words) else "chatter"
    return "hazard" if leaning < _REPORT else "unclear" if leaning < _NEWS else "chatter"


def _is_told(text: str, words: Sequence[Word]) -> bool:
    """Tell whether a text says in plain words what is wrong with which thing, or speaks of a 重大隐患."""
    return bool(words and _PLAIN_PROBLEM.search(_without(_NO_PROBLEM, text))) or bool(_MAJOR.search(text))


def split_hazards(text: str, rules: HazardRules, *, said: str = "") -> list[str]:
    """The text of each hazard of a caption; nothing if there is but one. `said`: the words that name the place."""
    masked = _mask(text, said)
    return _unmask(_numbered(masked, rules) or _in_a_row(masked, rules), said)


def split_counted(text: str, rules: HazardRules, *, said: str = "") -> list[str]:
    """The same, only of hazards that the caption itself counts: 1灭火器过期 2消防通道堵."""
    return _unmask(_numbered(_mask(text, said), rules), said)


def _mask(text: str, said: str) -> str:
    """The words of a name say nothing of what is wrong: 大南坑水电站 has no 坑."""
    plain = plain_text(_CIRCLED.sub(lambda circled: f"\n{unicodedata.digit(circled[0])}.", text))
    return plain.replace(said, _MASK * len(said), 1) if said else plain


def _unmask(parts: Sequence[str], said: str) -> list[str]:
    return [re.sub(f"{_MASK}+", lambda _match: said, part) for part in parts]


def _numbered(text: str, rules: HazardRules) -> list[str]:
    """1灭火器过期 2消防通道堵: what follows counters that begin with one and count on."""
    found: list[re.Match[str]] = []
    while match := _next_counter(text, found):
        found.append(match)
    if len(found) < 2:
        return []
    ends = [match.start() for match in found[1:]] + [len(text)]
    parts = [text[match.end() : end].strip(" \n,，;；。、") for match, end in zip(found, ends, strict=True)]
    return parts if all(is_clear(part, find_words(part, rules)) for part in parts) else []


def _next_counter(text: str, found: Sequence[re.Match[str]]) -> re.Match[str] | None:
    start, wanted = (found[-1].end() if found else 0), str(len(found) + 1)
    patterns = (_COUNTER, _COUNTER_WITHIN) if found else (_COUNTER,)
    every = [match for pattern in patterns for match in pattern.finditer(text, start)]
    return next((match for match in every if _ORDINAL.get(match["n"], match["n"]) == wanted), None)


def _in_a_row(text: str, rules: HazardRules) -> list[str]:
    """灭火器过期，消防通道堵塞: stretches that each name a thing and what is wrong with it."""
    groups: list[list[str]] = []
    for piece in _pieces(text, rules):
        if groups and _is_another(piece, " ".join(groups[-1]), rules):
            groups.append([piece])
        elif groups:
            groups[-1].append(piece)
        else:
            groups = [[piece]]
    return [" ".join(group) for group in groups] if len(groups) > 1 else []


def _things(text: str, rules: HazardRules) -> list[Word]:
    """The words that name a thing; what a clue names is too often only what happens around it (司机, 转弯)."""
    return [word for word in find_words(text, rules) if word.tier < CLUE]


def _pieces(text: str, rules: HazardRules) -> list[str]:
    """The stretches between breaks; 灭火器过期消防通道堵塞 has none and is cut before the second thing."""
    pieces: list[str] = []
    for piece in (piece.strip() for piece in _BREAK.split(text)):
        start = 0
        words = _things(piece, rules)
        for one, other in pairwise(words):
            left, right = piece[start : other.start], piece[other.start :]
            is_told = one.category != other.category and _PROBLEM.search(piece, max(start, one.end), other.start)
            is_also = is_told and _ADDED.search(right) and _are_apart(left, right, rules)
            if is_told and (_PROBLEM.search(piece, other.end) or is_also):
                pieces.append(piece[start : other.start])
                start = other.start
        pieces.append(piece[start:])
    return [piece for piece in pieces if piece]


def _is_another(piece: str, before: str, rules: HazardRules) -> bool:
    """Tell whether a stretch begins another hazard: another thing with its own trouble, after one that has its own."""
    had = find_words(before, rules)
    is_added = bool(_ADDED.search(piece))
    if _GOES_ON.match(piece) or (_BOX.search(before) and _IN_THE_BOX.match(piece)):
        return False
    goes_on = _PART.match(piece) or (_CONSEQUENCE.search(piece) and not is_added)
    if not goes_on and _are_apart(before, piece, rules):
        return True
    if not _PROBLEM.search(piece) or not _PROBLEM.search(before) or not (had or _OTHER_THING.search(before)):
        return False
    words = _things(piece, rules)
    if not words:
        return bool(_MORE.match(piece) or _OTHER_THING.match(piece) or _ALSO.match(piece))
    known = {word.category for word in had}
    is_foreign = any(word.category not in known for word in words)
    if _PART.match(piece):
        # 没盖板 and 没镜子 go on about the thing before, 没有灭火器 does not.
        return any(word.category not in known and not word.tier for word in words)
    if _CONSEQUENCE.search(piece) and not is_added:
        return is_foreign and guess_kind(piece, rules).code not in {"", guess_kind(before, rules).code, *known}
    if is_foreign:
        # What like sentences take for more of the same is no other hazard, unless it says so itself.
        return is_added or guess_kind(piece, rules).code not in known | ({guess_kind(before, rules).code} - {""})
    old = {word.text for word in had}
    is_new = any(word.text not in old for word in words)
    begins = any(word.start <= _AT_ONCE for word in words)
    return is_new and (is_added or (begins and not _PRONOUN.match(piece)))


def _are_apart(before: str, piece: str, rules: HazardRules) -> bool:
    """Tell whether two stretches are clearly of different kinds, whatever words tell what is wrong."""
    one, other = guess_kind(before, rules).code, guess_kind(piece, rules).code
    if _ONLY_PLACE.fullmatch(before) and not _PROBLEM.search(before):
        return False
    return "" not in {one, other} and one != other


def is_stated(text: str, rules: HazardRules, place: str) -> bool:
    """Tell whether words besides those of the place say what is wrong: a thing, and what is the matter with it."""
    rest = text.replace(place, " ") if place else text
    return bool(find_words(rest, rules)) and bool(_PROBLEM.search(rest))
