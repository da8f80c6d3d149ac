-- A fix took 76 bytes and its key 28; now it is 68 and 20, for tens of millions a day that are written, kept and read.
-- Its time counts from its duty day, as its partition is that day's anyway. Every partition is written anew: one pass
-- over the fixes that are kept.
create function day_start(day date) returns bigint
    language sql immutable strict parallel safe
    return (day - date '1970-01-01')::bigint * 86400000;

alter table fix rename to fix_before;
create table fix (
    assignment integer not null,
    ms integer not null, -- since 00:00 UTC of the duty day
    delay_ms integer not null, -- until it was received
    district_id integer not null,
    duty_day date not null,
    lat integer not null,
    lon integer not null,
    accuracy real not null,
    battery smallint not null, -- percent, -1 unknown
    flags smallint not null -- 1 coarse, 2 outside, 4 mock
) partition by range (duty_day);
do $$
declare
    old regclass;
    name text;
    day date;
begin
    for old in select inhrelid::regclass from pg_inherits where inhparent = 'fix_before'::regclass order by 1 loop
        name := old::text;
        day := to_date(right(name, 8), 'YYYYMMDD');
        execute format('alter table %s rename to %I', old, name || '_before');
        execute format('alter index %I rename to %I', name || '_once', name || '_before_once');
        execute format('create table %I (like fix including all, check (duty_day >= %L and duty_day < %L))',
                       name, day, day + 1);
        execute format(
            'insert into %I select assignment, at - day_start(duty_day), '
            'least(greatest(received_at - at, -2147483648), 2147483647), district_id, duty_day, lat, lon, accuracy, '
            'battery, flags from %s order by assignment, at', name, old);
        execute format('create unique index %I on %I (assignment, ms)', name || '_once', name);
        execute format('alter table fix attach partition %I for values from (%L) to (%L)', name, day, day + 1);
    end loop;
end
$$;
drop table fix_before;

-- Fixes as people read them. What has to be quick by time asks the table for `ms`.
create view fix_read as
select assignment, day_start(duty_day) + ms as at, day_start(duty_day) + ms + delay_ms as received_at, district_id,
       duty_day, lat, lon, accuracy, battery, flags
from fix;
