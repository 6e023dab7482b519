"""The short answers to what fits nothing."""

import pytest


@pytest.mark.parametrize("word", ["上一步", "跳过", "修改", "提交", "Submit"])
async def test_word_of_a_dialog_without_one_says_so(wu, word):
    await wu.sends(word)
    wu.sees("现在没有正在填写的内容")
    wu.sees_nothing_of("没有听懂")


async def test_words_that_mean_nothing_are_not_understood(wu):
    await wu.sends("嘟嘟囔囔")
    wu.sees("没有听懂这句话")


async def test_stranger_reads_of_the_code_and_where_possible_of_the_phone(he):
    await he.sends("你好")
    he.sees("输入邀请码")
    he.sees("也可以分享手机号")
