"""Sphinx extension: the buttons that lead to the repository, where `_config.yml` has its address.

Without an address each of them would be a dead link, and Jupyter Book refuses to build. The launch
button opens the chapter in the student's edition, which the Pages workflow puts on a branch of its
own: Colab knows nothing of the directives in the chapters themselves.
"""

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

COLAB = "https://colab.research.google.com"
BRANCH = "notebooks"
BUTTONS = {
    "use_repository_button": True,
    "use_edit_page_button": True,
    "use_issues_button": True,
    "launch_buttons": {"colab_url": COLAB},
}


def add_buttons(app: Sphinx, config: Config) -> None:
    """Ask the theme for the buttons if there is an address for them."""
    if config.html_theme_options.get("repository_url"):
        config.html_theme_options.update(BUTTONS)


def open_edition(app: Sphinx, page: str, template: str, context: dict, doctree: Any) -> None:
    """Let the launch button of a chapter open its notebook of the student's edition."""
    address = str(app.config.html_theme_options.get("repository_url"))
    owner_and_name = address.removeprefix("https://github.com/")
    notebook = page.removeprefix("chapters/") + ".ipynb"
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            if str(button.get("url")).startswith(COLAB):
                button["url"] = f"{COLAB}/github/{owner_and_name}/blob/{BRANCH}/{notebook}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("config-inited", add_buttons)
    app.connect("html-page-context", open_edition, priority=600)  # the theme's buttons are there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
