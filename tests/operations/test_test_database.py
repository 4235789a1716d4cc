"""The tests' own database: the right role, a fresh clone for each test that commits, the log's wall."""

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction


def current_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_tests_sign_in_as_the_application() -> None:
    assert current_role() == "fluxboard"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_what_a_test_commits_the_next_does_not_see(time: int) -> None:
    people = get_user_model().objects
    assert not people.exists()
    people.create_user("ada@example.org", name="Ada")
    assert people.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE activity_activity SET seq = seq",
        "DELETE FROM activity_activity",
        "TRUNCATE activity_activity CASCADE",
        "UPDATE activity_activitycontent SET text = ''",
        "DELETE FROM activity_activitycontent",
        "UPDATE django_migrations SET name = name",
        "ALTER TABLE activity_activity DISABLE TRIGGER ALL",
        "CREATE TABLE smuggled (n int)",
    ],
)
def test_the_application_cannot_touch_what_it_must_not(statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(statement)
