-- What was changed by hand, each making the roster the version it names: the audit, and what a late reader missed.
create table roster_edit (
    district_id integer not null,
    roster bigint not null,
    version integer not null,
    at timestamptz not null,
    actor bigint not null,
    reason text not null,
    change jsonb not null, -- added, removed: [{id, person, post, shift, pinned}]; pinned, unpinned: [id]
    terms jsonb not null, -- the difference in every term
    primary key (district_id, roster, version),
    foreign key (district_id, roster) references roster
);
