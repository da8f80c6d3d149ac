-- What makes a fix one is (assignment, at): an assignment has one district and one duty day. The former key repeated
-- both in each entry, and its pages stayed half empty: an index that begins with the assignment, and whose entries are
-- 16 bytes, is half as large under the same fixes. It belongs to each partition, as a key of the whole table would have
-- to hold the duty day; new partitions get theirs when they are made.
alter table fix drop constraint fix_pkey;
do $$
declare
    name text;
begin
    for name in select inhrelid::regclass::text from pg_inherits where inhparent = 'fix'::regclass loop
        execute format('create unique index %I on %I (assignment, at)', name || '_once', name);
    end loop;
end
$$;
