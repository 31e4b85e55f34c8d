-- People publish versions of templates: a document was answered like one, and then the answer was a fault. Old workers survive it.

create or replace function codered.publish_spec(spec_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  published codered.specs;
begin
  select s.* into published from codered.specs s where s.id = publish_spec.spec_id;
  -- What people publish is a version of a template: a document is in force as it is.
  if not found or published.template_id is null and codered.is_member_call() then
    perform codered.refuse_missing('spec', publish_spec.spec_id::text);
  end if;
  if published.published_at is not null then
    return to_jsonb(published);
  end if;
  update codered.specs s set published_at = now() where s.id = publish_spec.spec_id and s.published_at is null
  returning s.* into published;
  if not found then
    -- Nobody but an operator and the app may change a spec; or another call was quicker.
    select s.* into published from codered.specs s where s.id = publish_spec.spec_id;
    if published.published_at is null then
      raise exception 'Publishing a spec is for operators.' using errcode = 'CR008';
    end if;
  end if;
  return to_jsonb(published);
end
$$;

comment on function codered.publish_spec(uuid) is
  'Publishes a version, for good, and returns it with published_at and version_hash; one that is published already as it is. CR002: intent_schema or stages that no run could be made of; CR004, CR008.';

revoke execute on function codered.publish_spec from public;

grant execute on function codered.publish_spec to authenticated, service_role;
