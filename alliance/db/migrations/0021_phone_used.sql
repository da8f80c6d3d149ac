-- When an app was last heard, to the minute.
alter table phone add column used_at timestamptz;
