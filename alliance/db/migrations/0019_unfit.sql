-- Duties also fall out of themselves: their people may no longer do them.
alter table hole drop constraint hole_cause_check;
alter table hole add constraint hole_cause_check check (cause in (
    'illness', 'leave', 'no_show', 'certificate', 'extra', 'moved', 'inactive', 'night', 'hours'
));
