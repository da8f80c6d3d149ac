-- What a duty day teaches about attendance; see alliance/forecast.
create table habit_day (
    district_id integer not null references district,
    duty_day date not null,
    made_at timestamptz not null,
    attendance jsonb not null, -- [[organisation, local hour of the start, planned, came], …]
    late jsonb not null, -- how many came so many steps of five minutes late
    early jsonb not null,
    presence jsonb not null, -- {beat: hours}
    primary key (district_id, duty_day)
);

-- Visits of one person that follow each other before a cell is cold again are one session.
alter table cell_day add column sessions integer not null default 0;
alter table cell_day add column session_s bigint not null default 0;
