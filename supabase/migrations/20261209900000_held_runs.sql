-- How complete history is, is said of every list that rests on it, from counts that are kept. Old workers survive it.

alter table codered.run_counts add column held integer not null default 0;
comment on column codered.run_counts.held is
  'How many of them are known here with their end; counted when GitHub was asked, and again while there are less than it told.';
