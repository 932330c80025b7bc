"""Chinese is drawn by a Chinese font, and English by none."""

import shutil
import subprocess

import pytest
from playwright.sync_api import Browser

from tools.site.browser import new_page

CHINESE, ENGLISH = "模态与骨直：“数据”", "Modality, and the reader's own."
PLACES = {"text": "p", "heading": "h2", "code": "pre"}


def test_a_font_with_chinese_is_installed() -> None:
    command = shutil.which("fc-list")
    assert command, "no fontconfig here: bash tools/debian.sh fontconfig fonts-noto-cjk"
    found = subprocess.run([command, ":lang=zh"], capture_output=True, text=True, check=True)
    assert found.stdout, "no font has Chinese: bash tools/debian.sh fonts-noto-cjk"


@pytest.mark.parametrize("place", PLACES)
def test_each_script_has_its_own_font(address: str, chromium: Browser, place: str) -> None:
    page = new_page(chromium)
    page.goto(f"{address}/chapters/appendix/glossary.html")
    used = {}
    for text in (CHINESE, ENGLISH):
        page.evaluate(
            """([tag, text]) => {
                document.querySelector("#drawn")?.remove();
                const element = document.createElement(tag);
                element.id = "drawn";
                element.textContent = text;
                document.querySelector("article").prepend(element);
            }""",
            [PLACES[place], text],
        )
        client = page.context.new_cdp_session(page)
        client.send("DOM.enable")
        client.send("CSS.enable")
        root = client.send("DOM.getDocument")["root"]["nodeId"]
        node = client.send("DOM.querySelector", {"nodeId": root, "selector": "#drawn"})
        fonts = client.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})["fonts"]
        used[text] = {font["familyName"] for font in fonts if font["glyphCount"]}
    assert any("CJK SC" in name or "Hei" in name or "Song" in name for name in used[CHINESE])
    assert not any("JP" in name for name in used[CHINESE])
    assert not any("CJK" in name for name in used[ENGLISH])
    page.close()
