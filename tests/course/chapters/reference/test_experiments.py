"""Tables of the reference pages."""

from scalelab.course.chapters.reference.experiments import tables_by

LINES = "job,who,n\nM/M/1 queue,ours,0010\nM/M/1 queue,theirs,20\nlru,ours,30\n"


def test_one_table_a_value_with_entries_as_they_stand(tmp_path):
    file = tmp_path / "speed.csv"
    file.write_text(LINES)
    shown = tables_by(file, "job", {"who": "who", "both": lambda line: line["who"] + line["n"]})
    assert (
        shown.text == "who | both\nours | ours0010\ntheirs | theirs20\n\nwho | both\nours | ours30"
    )
    assert "<caption>M/M/1 queue.</caption>" in shown.body
    assert "<caption>Lru.</caption>" in shown.body
