"""Every fault of `ops/faults/run` in its short form: nothing is lost or doubled, nobody has to help."""

import msgspec
import pytest

from ops.faults.__main__ import FAULTS
from ops.faults.disk import mountable
from ops.faults.stage import Wanted

USUAL = Wanted(times=1, people=8, seconds=0.5)
# Where the short form needs longer to be the fault it is.
SHORT = {
    "service_killed": Wanted(times=2, people=8, seconds=0.5),
    "postgres_paused": Wanted(times=1, people=8, seconds=3),
    "full_disk": Wanted(times=1, people=8, seconds=5),
    "never_reads": Wanted(times=1, people=8, seconds=4),
    "byte_a_second": Wanted(times=1, people=8, seconds=5),
    "reconnects": Wanted(times=1, people=200, seconds=0.5),
}
# A container may not be allowed to mount a disk that can be filled up.
RUN = [name for name in FAULTS if name != "full_disk" or mountable()]


@pytest.mark.parametrize("name", RUN)
async def test_the_service_outlives(name: str) -> None:
    outcome = await FAULTS[name](SHORT.get(name, USUAL))
    assert outcome.sound, msgspec.json.encode(outcome).decode()
