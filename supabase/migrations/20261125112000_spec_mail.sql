-- A spec that comes by name may leave out its branch: then it is the repository's default branch. Old workers survive it.

create or replace function codered.take_spec_by_name(full_name text, spec jsonb, label text default null, dod jsonb default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  repository codered.repositories;
  taken jsonb;
  planned jsonb;
begin
  select r.* into repository
  from codered.repositories r
  join codered.installations i on i.id = r.installation_id and i.suspended_at is null and i.deleted_at is null
  where lower(r.owner || '/' || r.name) = lower(take_spec_by_name.full_name) and r.deleted_at is null
  -- A name that was given up may have gone to another repository whose webhook told of it later.
  order by r.source_updated_at desc, r.id desc
  limit 1;
  if not found then
    perform codered.refuse_missing('repository', take_spec_by_name.full_name);
  end if;
  if coalesce(take_spec_by_name.spec ->> 'branch', repository.default_branch) is null then
    perform codered.refuse_value('specs.branch', 'null'::text, 'the name of a branch, while the default branch is not known');
  end if;
  taken := codered.ingest_spec(
    take_spec_by_name.spec
      || jsonb_build_object(
        'repository_id', repository.id,
        'branch', coalesce(take_spec_by_name.spec ->> 'branch', repository.default_branch)));
  if take_spec_by_name.dod is not null then
    planned := codered.plan_sprint((taken ->> 'id')::uuid, take_spec_by_name.label, take_spec_by_name.dod);
  end if;
  return jsonb_build_object('repository_id', repository.id, 'spec', taken, 'sprint', planned);
end
$$;
comment on function codered.take_spec_by_name(text, jsonb, text, jsonb) is
  'ingest_spec for the repository owner/name on which CodeRed is installed, on its default branch unless the spec names one, and plan_sprint on it when dod is given, all or nothing; returns {repository_id, spec, sprint}. Done twice, it changes nothing. CR002, CR003, CR004.';
revoke execute on function codered.take_spec_by_name(text, jsonb, text, jsonb) from public;
grant execute on function codered.take_spec_by_name(text, jsonb, text, jsonb) to service_role;

comment on column codered.specs.sha is
  'The commit it was read at; of one that came by API the commit or git''s hash of the document, as the caller told it; of one that came by mail git''s hash of the document; null when nobody did.';
