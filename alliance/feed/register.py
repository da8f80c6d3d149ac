"""The duties this process knows, in memory: what decides at once whether a fix is taken."""

from collections.abc import Iterable, Mapping

from alliance.actor import AssignmentId, PersonId
from alliance.patrol.model import Duty

KEPT_AFTER_END_MS = 12 * 3_600_000


class Register:
    """`newest` is the newest stored fix of an assignment, once it was asked for; 0 where there is none."""

    __slots__ = ("_duties", "_of", "newest")

    def __init__(self) -> None:
        self._duties: dict[AssignmentId, Duty] = {}
        self._of: dict[PersonId, set[AssignmentId]] = {}
        self.newest: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._duties)

    def get(self, assignment: int) -> Duty | None:
        return self._duties.get(AssignmentId(assignment))

    def put(self, duties: Iterable[Duty]) -> None:
        for duty in duties:
            self._duties[duty.id] = duty
            self._of.setdefault(duty.person, set()).add(duty.id)

    def of(self, people: Iterable[PersonId]) -> dict[PersonId, list[Duty]]:
        """The known duties of some people."""
        return {person: [self._duties[one] for one in self._of.get(person, ())] for person in people}

    def drop(self, assignments: Iterable[int]) -> None:
        for assignment in assignments:
            duty = self._duties.pop(AssignmentId(assignment), None)
            if duty is not None:
                self._of[duty.person].discard(duty.id)
                if not self._of[duty.person]:
                    del self._of[duty.person]
            self.newest.pop(int(assignment), None)

    def stored_elsewhere(self, newest: Mapping[int, int]) -> None:
        """Another process stored fixes up to these times."""
        for one, at in newest.items():
            if one in self.newest:
                self.newest[one] = max(self.newest[one], at)

    def tidy(self, now: int) -> None:
        """Forgets what ended long ago; a message about it loads it again."""
        self.drop([duty.id for duty in self._duties.values() if duty.end + KEPT_AFTER_END_MS < now])
