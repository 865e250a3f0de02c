import pytest

from scalelab.course.contents import CHAPTERS, page_of


def test_a_page_is_found_from_any_other_folder():
    assert page_of("horizontal") == "../scaling/horizontal.html"
    assert page_of("introduction") == "../introduction.html"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_has_an_address_of_its_own(chapter):
    assert page_of(chapter).endswith(f"/{chapter}.html")
    assert "//" not in page_of(chapter)


def test_an_unknown_chapter_is_named():
    with pytest.raises(ValueError, match=r"page_of: chapter must be one of .*, got 'sideways'"):
        page_of("sideways")
