"""The language of the interface in a real browser: it is switched, stays, and reaches the Reader."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def test_the_language_stays_from_page_to_page(app: App, page: Page) -> None:
    page.goto(f"{app.url}/traces?verdict=correct")
    expect(page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="轨迹", exact=True)).to_be_visible()
    # The words of a choice change too, and a page that ends early has the switch.
    expect(page.get_by_role("combobox", name="排序依据")).to_have_value("文件顺序")
    expect(page).to_have_url(re.compile(r"verdict=correct.*lang=zh|lang=zh.*verdict=correct"))
    page.get_by_role("link", name=re.compile("资料库$")).click()
    expect(page.get_by_role("heading", name="资料库", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("lang=zh"))
    page.get_by_role("link", name=re.compile("阅读器$")).click()
    expect(page.get_by_role("button", name=re.compile("^上一个"))).to_be_visible()
    expect(page.get_by_role("searchbox", name="在推理中查找")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^复制链接"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^候选答案"))).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("searchbox", name="Find in the reasoning")).to_be_visible()
    # A question reads in its own direction.
    expect(page.get_by_test_id("stText").first).to_have_css("unicode-bidi", "plaintext")
    expect(page).not_to_have_url(re.compile("lang="))
    page.goto(f"{app.url}/reader?trace=gone")
    expect(page.get_by_role("button", name="中文")).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]


def test_the_browser_says_the_language(app: App, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(45_000)
    page = context.new_page()
    page.goto(f"{app.url}/library")
    expect(page.get_by_role("heading", name="资料库", exact=True)).to_be_visible()
    assert "lang=" not in page.url
    page.goto(f"{app.url}/library?lang=en")
    expect(page.get_by_role("heading", name="Library", exact=True)).to_be_visible()
    context.close()
