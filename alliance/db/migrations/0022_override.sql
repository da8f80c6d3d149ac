-- On which weekdays (0 = Monday) and in which duty shifts it counts; none named: in all.
alter table weight_override
    add column weekdays smallint[] not null default '{}',
    add column patterns text[] not null default '{}';
