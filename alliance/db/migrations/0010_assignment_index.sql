-- Who stands on a post in a shift, and what one person does in a draft: asked at each change by hand.
create index assignment_place on assignment (district_id, shift, post);
create index assignment_drafted on assignment (district_id, roster, person) where not published;
