-- The overview cell (resolution 7) around the home: whoever lives near is found by an index.
alter table person add column home_area bigint generated always as (
    (('x' || lpad(home, 16, '0'))::bit(64)::bigint & ~(15::bigint << 52)) | (7::bigint << 52) | ((1 << 24) - 1)
) stored;
create index person_home_area on person (district_id, home_area);
