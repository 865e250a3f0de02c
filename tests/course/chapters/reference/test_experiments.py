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


def test_numbers_of_a_file_are_grouped_and_have_a_true_minus(tmp_path):
    file = tmp_path / "speed.csv"
    values = "12345.50", "-71.8997", "-0.5", "1e-09", "1,488", "0.5161"
    file.write_text("job,n\n" + "".join(f'a,"{value}"\n' for value in values))
    shown = tables_by(file, "job", {"n": "n"}).text.split("\n")[1:]
    assert shown == ["12,345.50", "−71.8997", "−0.5", "1 × 10⁻⁹", "1,488", "0.5161"]


def test_a_key_of_digits_is_no_number(tmp_path):
    file = tmp_path / "speed.csv"
    file.write_text("job,case\na,123456789\na,empty\n")
    assert tables_by(file, "job", {"case": "case"}).text == "case\n123456789\nempty"
