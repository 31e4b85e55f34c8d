-- What agents hand in for their jobs: held to document 002's schemas by whatever door it comes, and written where the document says.

create function codered.accept_job_result(agent_type text, result jsonb)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
declare
  what constant text := 'result';
  -- A megabyte of plan is no plan; code may be as long as a file of a project.
  most constant integer := case accept_job_result.agent_type when 'code' then 4194304 else 1048576 end;
begin
  if octet_length(accept_job_result.result::text) > most then
    perform codered.refuse_value(what, octet_length(accept_job_result.result::text), 'at most ' || most || ' bytes');
  end if;
  -- Each is looked at by itself.
  if (select count(*) from jsonb_path_query(accept_job_result.result, 'strict $.**')) > 20000 then
    perform codered.refuse_value(what, 'more than 20000 values'::text, 'at most 20000 values');
  end if;
  return case accept_job_result.agent_type
    when 'research' then codered.accept_requirements(what, accept_job_result.result)
    when 'wireframe' then codered.accept_architecture(what, accept_job_result.result)
    when 'code' then codered.accept_shape(what, accept_job_result.result, '{
      "is": "object", "optional": ["file_path", "language"], "keys": {
        "file_path": {"is": "text", "from": 1, "to": 500}, "code": {"is": "text", "from": 1, "to": 2097152},
        "language": {"is": "text", "from": 1, "to": 50}, "explanation": {"is": "text"}
      }}')
    when 'qa' then codered.accept_shape(what, accept_job_result.result, '{
      "is": "object", "keys": {
        "passed": {"is": "boolean"}, "summary": {"is": "text"},
        "issues": {"is": "list", "of": {"is": "object", "keys": {
          "severity": {"is": "word", "of": ["critical", "warning", "info"]}, "description": {"is": "text"}, "suggestion": {"is": "text"}
        }}}
      }}')
    when 'pedagogy' then codered.accept_shape(what, accept_job_result.result, '{
      "is": "object", "keys": {
        "context": {"is": "text"}, "recommendation": {"is": "text"},
        "options": {"is": "list", "of": {"is": "object", "keys": {
          "id": {"is": "text"}, "title": {"is": "text"}, "pros": {"is": "list", "of": {"is": "text"}},
          "cons": {"is": "list", "of": {"is": "text"}}, "difficulty": {"is": "word", "of": ["beginner", "intermediate", "advanced"]},
          "educational_value": {"is": "text"}
        }}}
      }}')
    when 'roadmap' then codered.accept_shape(what, accept_job_result.result, '{
      "is": "object", "keys": {
        "title": {"is": "text", "from": 1, "to": 200}, "description": {"is": "text", "to": 20000},
        "skill_level": {"is": "word", "of": ["beginner", "intermediate", "advanced"]},
        "total_estimated_hours": {"is": "number", "from": 0, "to": 500, "open": true},
        "modules": {"is": "list", "from": 1, "of": {"is": "object", "optional": ["prerequisites"], "keys": {
          "title": {"is": "text", "from": 1, "to": 200}, "description": {"is": "text"}, "steps": {"is": "list", "of": {"is": "text"}},
          "estimated_hours": {"is": "number", "from": 0, "to": 100, "open": true},
          "prerequisites": {"is": "list", "of": {"is": "text"}}
        }}}
      }}')
    when 'plan_sprint' then
      codered.accept_shape(what, accept_job_result.result, '{
        "is": "object", "keys": {
          "label": {"is": "text", "from": 1, "to": 200},
          "dod": {"is": "object", "optional": ["coverage_min", "e2e_pass", "lighthouse_min", "lint_pass", "type_check"], "keys": {
            "coverage_min": {"is": "number", "from": 0, "to": 1}, "e2e_pass": {"is": "boolean"},
            "lighthouse_min": {"is": "number", "from": 0, "to": 100}, "lint_pass": {"is": "boolean"}, "type_check": {"is": "boolean"}
          }}
        }}')
      and codered.accept_dod(what || '.dod', accept_job_result.result -> 'dod')
    else codered.refuse_value('agent_jobs.agent_type', accept_job_result.agent_type,
      'research, wireframe, code, qa, pedagogy, roadmap, plan_sprint')
  end;
end
$$;
comment on function codered.accept_job_result(text, jsonb) is
  'True for a result that fits the schema of its type: document 002, section 4, and {label, dod} of plan_sprint; nothing that the schema does not have. Raises CR002 with the way to the first field that does not fit, and for more than 1 MB (code: 4 MB) or 20,000 values.';
revoke execute on function codered.accept_job_result from public;
grant execute on function codered.accept_job_result to service_role;

create function codered.result_types()
returns text[]
language sql
immutable
set search_path = ''
as $$
  select '{research,wireframe,code,qa,pedagogy,roadmap,plan_sprint}'::text[]
$$;
comment on function codered.result_types() is 'The types of jobs that whoever may can take and hand a result in for; the others are the app''s alone, or made of these.';
revoke execute on function codered.result_types from public;
grant execute on function codered.result_types to authenticated, service_role;

create function codered.read_result_type(type text)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if (read_result_type.type = any (codered.result_types() || '{stage}'::text[])) is not true then
    perform codered.refuse_value('type', coalesce(read_result_type.type, 'null'), array_to_string(codered.result_types(), ', ') || ', stage');
  end if;
  return jsonb_build_object('type', read_result_type.type);
end
$$;
comment on function codered.read_result_type(text) is
  '{type} for a type of work that has a result; its JSON Schema is made of src/model/agent-results.ts. Refuses CR002.';
revoke execute on function codered.read_result_type from public;
grant execute on function codered.read_result_type to authenticated, service_role;

create function codered.file_of_result(result jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  select coalesce(file_of_result.result ->> 'file_path', 'src/app/page.tsx')
$$;
comment on function codered.file_of_result(jsonb) is 'The path of the file that a code agent wrote; the document''s own where it says none.';
revoke execute on function codered.file_of_result from public;
grant execute on function codered.file_of_result to service_role;

create function codered.land_job_result(job codered.agent_jobs, result jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  spec constant codered.specs := codered.spec_of_job(job);
begin
  case job.agent_type
    when 'research' then
      update codered.projects p set requirements_spec = land_job_result.result where p.id = job.project_id;
    when 'wireframe' then
      update codered.projects p set architecture_spec = land_job_result.result where p.id = job.project_id;
    when 'code' then
      -- Where the files end up in a repository, git goes by what lies there.
      if lower(codered.file_of_result(land_job_result.result)) ~ '(^|/)\.git(/|$)' then
        perform codered.refuse_value('result.file_path', codered.file_of_result(land_job_result.result), 'a path outside of .git');
      end if;
      perform codered.write_project_file(
        job.project_id, codered.file_of_result(land_job_result.result), land_job_result.result ->> 'code',
        coalesce(land_job_result.result ->> 'language', 'typescript'));
    when 'roadmap' then
      perform codered.create_roadmap(job.project_id, land_job_result.result);
    when 'plan_sprint' then
      if spec.id is null then
        perform codered.refuse_state('The spec of this job', coalesce(job.input ->> 'spec_id', 'null'), 'a spec of its project, to plan a sprint on');
      end if;
      perform codered.plan_sprint(spec.id, land_job_result.result ->> 'label', land_job_result.result -> 'dod');
      perform codered.queue_spec_reports(r.id, spec.branch)
      from codered.repositories r
      where r.project_id = job.project_id and lower(r.owner || '/' || r.name) = lower(spec.repo) and r.deleted_at is null;
    else
      -- Of what tests found, and of ways to choose from, the documents name no other place than the job.
      null;
  end case;
end
$$;
comment on function codered.land_job_result(codered.agent_jobs, jsonb) is
  'Writes a result that fits where it belongs: projects.requirements_spec (research), projects.architecture_spec (wireframe), project_files (code), learning_roadmaps (roadmap), sprints by plan_sprint (plan_sprint), which has the branch''s open pull requests evaluated anew; qa and pedagogy stay with the job. Refuses what these refuse, a path into .git (CR002) and a job without a spec of its project (CR003).';
revoke execute on function codered.land_job_result from public;
grant execute on function codered.land_job_result to service_role;
