"""What a watcher may see: which beats' coverage and staffing, whose positions, which facts."""

from collections.abc import Iterable

import msgspec

from alliance import events
from alliance.actor import Actor, Code, OrganisationId, PersonId, Role
from alliance.areas.places import Places
from alliance.events import Event
from alliance.feed.live import Seen

NOBODY: frozenset[Code] = frozenset()
# Facts that no choice of areas hides from those who may see them.
ALWAYS = ("sos_raised", "sos_acknowledged", "sos_closed")
# Who sees no more than the own facts.
NARROW = (Role.GUARD, Role.VOLUNTEER, Role.OBSERVER)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """`beats` of which coverage is shown, `people_in` those of which everybody on duty is, with `staffing`.

    Beside them the people of `organisations` and the `people` themselves; `within` narrows all to some beats.
    """

    beats: frozenset[Code] = NOBODY
    people_in: frozenset[Code] = NOBODY
    organisations: frozenset[OrganisationId] = frozenset()
    people: frozenset[PersonId] = frozenset()
    within: frozenset[Code] | None = None

    def shows(self, seen: Seen) -> bool:
        if self.within is not None and seen.beat not in self.within:
            return False
        return (
            seen.beat in self.people_in
            or seen.organisation in self.organisations
            or PersonId(seen.position.person) in self.people
        )

    def tells(self, actor: Actor, event: Event) -> bool:
        """Whether a fact is shown to the actor, who watches with this scope."""
        if not events.may_see(actor, event) and not any(area in self.people_in for area in event.areas):
            return False
        if self.within is None or event.kind in ALWAYS or actor.person in event.people:
            return True
        return not event.areas or any(area in self.within for area in event.areas)

    def narrowed(self, areas: Iterable[Code], places: Places) -> "Scope":
        """To the beats of some areas; areas nobody knows have none."""
        within = frozenset(beat for area in areas for beat in places.beats_of(area))
        return msgspec.structs.replace(
            self, beats=self.beats & within, people_in=self.people_in & within, within=within
        )


def scope_of(
    actor: Actor, places: Places, *, unit: frozenset[PersonId], duty_beats: frozenset[Code]
) -> Scope:
    """`unit` are the people of the actor's own units, `duty_beats` the beats of the own duties."""
    everywhere = frozenset(places.beats)
    beats, people_in = set[Code](), set[Code]()
    organisations: set[OrganisationId] = set()
    people = set[PersonId]()
    for grant in actor.grants:
        match grant.role:
            case Role.ADMINISTRATOR | Role.COMMANDER:
                beats |= everywhere
                people_in |= everywhere
            case Role.CHIEF:
                beats |= grant.beats
                people_in |= grant.beats
            case Role.OFFICER:
                around = {near for beat in grant.beats for near in places.beat_neighbours.get(beat, ())}
                beats |= grant.beats | around
                people_in |= grant.beats | around
            case Role.MANAGER:
                organisations |= {grant.organisation} if grant.organisation is not None else set()
            case Role.LEAD:
                beats |= grant.beats
                people |= unit | {actor.person}
                if grant.unit is None and grant.organisation is None:
                    people_in |= grant.beats
                if grant.organisation is not None:
                    organisations.add(grant.organisation)
            case Role.GUARD | Role.VOLUNTEER:
                beats |= grant.beats | duty_beats
                people |= unit | {actor.person}
            case Role.OBSERVER:
                beats |= grant.beats or everywhere
    if everywhere and people_in >= everywhere:
        # Nobody is left for the rest to add, and all command shares one scope: its frames are built once.
        organisations, people = set(), set()
    return Scope(
        beats=frozenset(beats),
        people_in=frozenset(people_in),
        organisations=frozenset(organisations),
        people=frozenset(people),
    )


def is_narrow(actor: Actor) -> bool:
    return all(role in NARROW for role in actor.roles)
