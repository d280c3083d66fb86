"""Problem documents: stable names, fixed titles, nothing of the input."""

from protocol.problems import URN, Problem, Refusal


def test_names_are_unique_and_statuses_are_refusals() -> None:
    names = [each.value.name for each in Problem]
    assert len(set(names)) == len(names)
    assert all(400 <= each.value.status < 600 for each in Problem)


def test_a_refusal_gives_its_type_title_and_status() -> None:
    wire = Refusal(Problem.NOT_FOUND).to_wire()
    assert wire == {"type": URN + "not-found", "title": "There is no such resource.", "status": 404}


def test_a_refusal_names_the_fields_and_what_is_wrong_with_each() -> None:
    refusal = Refusal(Problem.INVALID_FIELD, detail="ours", fields={"b": "missing", "a": "too-long"})
    wire = refusal.to_wire()
    assert wire["detail"] == "ours"
    assert wire["errors"] == [{"field": "a", "code": "too-long"}, {"field": "b", "code": "missing"}]
    assert str(refusal) == "invalid-field: ours"


def test_a_refusal_without_detail_is_called_by_its_name() -> None:
    assert str(Refusal(Problem.IN_FLIGHT)) == "in-flight"
