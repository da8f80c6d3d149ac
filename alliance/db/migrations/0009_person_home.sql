-- Who lives in a beat, found by the beat's cells.
create index person_home on person (district_id, home);
