-- The schema and what every table in it uses. Old workers survive it: nothing was there before.

create schema if not exists codered;
comment on schema codered is 'The brain of CodeRed: CI runs, deployments, failures and what is known of them.';

grant usage on schema codered to service_role, authenticated;
alter default privileges in schema codered grant select, insert, update, delete on tables to service_role;
alter default privileges in schema codered grant usage, select on sequences to service_role;

create function codered.touch_updated_at()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function codered.touch_updated_at() is 'The one trigger that keeps updated_at on every table that has it.';

create function codered.status_rank(status text)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case status when 'queued' then 0 when 'running' then 1 else 2 end
$$;
comment on function codered.status_rank(text) is
  'How far a CI status is: a status only moves forward (queued, running, any of the final ones).';

create function codered.slug_of(name text)
returns text
language sql
immutable
set search_path = ''
as $$
  select coalesce(nullif(btrim(regexp_replace(lower(name), '[^a-z0-9]+', '_', 'g'), '_'), ''), 'project')
$$;
comment on function codered.slug_of(text) is 'A name as a slug: lower case, every other character an underscore.';

create function codered.glob_matches(path text, glob text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  -- All that a regular expression would act on is escaped first. The two forms with two stars are marked by control
  -- characters meanwhile, so that the single star leaves them alone.
  with escaped as (
    select regexp_replace(glob, '([.^$+(){}|\[\]\\])', '\\\1', 'g') as text
  ), marked as (
    select replace(replace(text, '**/', chr(1)), '**', chr(2)) as text from escaped
  )
  select path ~ (
    '^' || replace(replace(replace(replace(text, '*', '[^/]*'), '?', '[^/]'), chr(1), '(.*/)?'), chr(2), '.*') || '$'
  )
  from marked
$$;
comment on function codered.glob_matches(text, text) is
  'Whether a path fits a glob of the project''s zones: ** is any depth, * one name, ? one character.';

create function codered.zones_of(files text[], rules jsonb)
returns text[]
language sql
immutable
set search_path = ''
as $$
  select array_agg(zone.key order by zone.key)
  from jsonb_each(
    case when jsonb_typeof(rules -> 'zones') = 'object' then rules -> 'zones' else '{}'::jsonb end
  ) as zone
  where zone.key in ('red', 'yellow', 'green')
    and jsonb_typeof(zone.value) = 'array'
    and exists (
      select 1
      from jsonb_array_elements_text(zone.value) as glob, unnest(files) as path
      where codered.glob_matches(path, glob)
    )
$$;
comment on function codered.zones_of(text[], jsonb) is
  'The zones of a project that the files touch, by projects.rules -> zones ({"red": ["src/billing/**"]}); null for none.';

create function codered.environment_of(environment_name text, rules jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    case when rules -> 'environments' ->> environment_name in ('dev', 'staging', 'prod')
      then rules -> 'environments' ->> environment_name end,
    case
      when lower(environment_name) in ('production', 'prod', 'live') then 'prod'
      when lower(environment_name) in ('staging', 'stage', 'preview', 'uat') then 'staging'
      else 'dev'
    end
  )
$$;
comment on function codered.environment_of(text, jsonb) is
  'dev, staging or prod for GitHub''s name of an environment, by projects.rules -> environments ({"eu-live": "prod"}), else by its name.';
