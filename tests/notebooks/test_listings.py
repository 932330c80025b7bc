"""A listing is the code of its file, and a mark that cannot be filled is named."""

import pytest

from tools.notebooks.listings import fill_listings

CODE = "import there_is_none\n\n\ndef one():\n    return 1\n\n\nTWO = 2\n"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "file.py").write_text(CODE)
    return tmp_path


def test_shows_what_the_file_holds_and_again_the_same(root):
    text = "Before.\n\n<!--listing part/file.py TWO one-->\n<!--/listing-->\n\nAfter."
    filled = fill_listings(text, root)
    assert "```python\nTWO = 2\n\n\ndef one():\n    return 1\n```\n<!--/listing-->" in filled
    assert fill_listings(filled, root) == filled
    (root / "part" / "file.py").write_text(CODE.replace("return 1", "return 10"))
    assert "return 10" in fill_listings(filled, root)


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("<!--listing part/other.py one-->\n<!--/listing-->", "part/other.py: there is no such"),
        ("<!--listing part/file.py three-->\n<!--/listing-->", "defines no 'three'"),
        ("<!--listing part/file.py one-->", "malformed"),
        ("<!--listing part/file.py-->\n<!--/listing-->", "malformed"),
    ],
)
def test_names_what_is_wrong(root, mark, why):
    with pytest.raises(ValueError, match=why):
        fill_listings(mark, root)
