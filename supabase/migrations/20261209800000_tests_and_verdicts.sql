-- A report of tests turns monitors and has verdicts looked at again. Old workers survive it.

create or replace function codered.record_test_results(repository_id bigint, ci_event_id uuid, artifacts jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  event codered.ci_events;
  made codered.ci_events;
  report codered.test_reports;
  known codered.test_reports;
  outcomes codered.test_outcome[];
  one record;
  recorded integer := 0;
begin
  select e.* into event
  from codered.ci_events e
  where e.id = record_test_results.ci_event_id and e.repository_id = record_test_results.repository_id;
  if not found then
    perform codered.refuse_missing('CI event of this repository', record_test_results.ci_event_id::text);
  end if;
  -- One report of a repository after the other: numbers are given, and days moved.
  perform pg_advisory_xact_lock(hashtextextended('codered.tests', event.repository_id));
  perform codered.close_test_days(event.repository_id);
  for one in
    select t.*
    from jsonb_to_recordset(record_test_results.artifacts) as t (
      github_artifact_id bigint, name text, ref text, omitted integer, cases jsonb
    )
  loop
    report := codered.place_test_report(event, one.github_artifact_id, one.name);
    select r.* into known
    from codered.test_reports r
    where r.repository_id = report.repository_id and r.ci_event_id = report.ci_event_id and r.source = report.source;
    if found then
      continue when known.ref is not distinct from one.ref;
      perform codered.uncount_report(known);
      delete from codered.test_reports r where r.id = known.id;
    end if;
    select e.* into made from codered.ci_events e where e.id = report.ci_event_id;
    if report.not_counted is null then
      if not report.from_fork then
        perform codered.number_tests(event.repository_id, one.cases, report.commit_sha);
      end if;
      outcomes := codered.outcomes_of(event.repository_id, one.cases);
    else
      outcomes := '{}';
    end if;
    insert into codered.test_reports (
      repository_id, ci_event_id, source, ref, artifact_id, commit_sha, on_default_branch, from_fork, day, not_counted, name, cases,
      omitted, passed, skipped
    )
    values (
      report.repository_id, report.ci_event_id, report.source, one.ref, report.artifact_id, report.commit_sha, report.on_default_branch,
      report.from_fork, report.day, report.not_counted, report.name, cardinality(outcomes),
      coalesce(one.omitted, 0) + jsonb_array_length(one.cases) - cardinality(outcomes),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'passed')),
      codered.bits_of(array(select o.number from unnest(outcomes) as o where o.status = 'skipped')))
    returning * into report;
    perform codered.count_outcomes(report, outcomes);
    perform codered.keep_results(report, outcomes);
    perform codered.turn_states(report, outcomes, made);
    perform codered.turn_monitors(codered.tests_concerned(report));
    recorded := recorded + cardinality(outcomes);
  end loop;
  perform codered.queue_verdicts_after_runs(array[event.id]);
  return recorded;
end
$$;

comment on function codered.record_test_results(bigint, uuid, jsonb) is
  'Counts the cases of artifacts of a workflow run ([{github_artifact_id, name, ref, omitted, cases: [[suite, name, file_path, status, duration_ms, message, is_flaky]]}]) for their tests, each artifact once on the attempt in whose time it was made; another ref under the same name and attempt replaces the former. record_evidence or record_uploaded_evidence comes before. Returns how many tests were counted. CR004.';

revoke execute on function codered.record_test_results from public;

grant execute on function codered.record_test_results to service_role;
