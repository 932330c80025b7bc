"""Sphinx extension: the buttons that lead to the repository, where `_config.yml` has its address.

Without an address each of them would be a dead link, and Jupyter Book refuses to build.
"""

from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

BUTTONS = {
    "use_repository_button": True,
    "use_edit_page_button": True,
    "use_issues_button": True,
    "launch_buttons": {"colab_url": "https://colab.research.google.com"},
}


def add_buttons(app: Sphinx, config: Config) -> None:
    """Ask the theme for the buttons if there is an address for them."""
    if config.html_theme_options.get("repository_url"):
        config.html_theme_options.update(BUTTONS)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("config-inited", add_buttons)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
