-- Plain names and words: desire_publication is request_publication, look_again queue_recheck, queue_*_look(s) queue_*_recheck or _check, and comments. Old workers survive it: the three names that they call stay.

drop function codered.is_judged_still(bigint,text);

drop function codered.is_look_ahead(bigint,text);

drop function codered.look_again(bigint,text);

drop function codered.look_at_merge_groups(bigint,integer,text);

drop function codered.queue_bypass_look(bigint);

drop function codered.queue_bypass_looks(json);

drop function codered.queue_policy_looks(json);

comment on column codered.ci_events.source_updated_at is 'GitHub''s own time of the state in this row; -infinity for a row that was only mentioned (by a job).';

comment on function codered.seconds_of(uuid[]) is
  'From the first start of these workflow runs to their last end, in seconds; null when there are none, or one of them lacks either time.';

comment on column codered.installations.source_updated_at is
  'GitHub''s own time of the state in this row; -infinity for a row that was only mentioned.';

comment on column codered.installations.gone_at is 'When CodeRed learned that it was uninstalled, by its own clock.';

comment on column codered.repositories.rule_suites_looked_at is
  'GitHub''s ids of the rule suites in its newest list, all of which were read: what is known of them is final.';

comment on column codered.repositories.gone_at is
  'When CodeRed learned that it is gone, by its own clock; anew with every later word of GitHub about it. Null while it is there. Also of a deletion whose times in GitHub''s words are too old for deleted_at.';

comment on column codered.repositories.policy_parts is
  'The files that the repository''s policy has extended, owner/repo:path with the names in lower case, the newest first, at most 20: a push that changes one has its pull requests evaluated again.';

comment on function codered.find_repository(text, text) is
  'The id of the repository of this owner and name, in upper or lower case, as GitHub finds it; of several, because one was renamed and another made, the one on which CodeRed is installed, then the one of which GitHub sent something last. Null when none is known.';

comment on function codered.organisation_repositories(bigint) is
  'The repositories .github of the account that owns a repository, as far as GitHub has sent anything of them; a second one was made when the first was deleted.';

comment on column codered.pull_requests.merged_by is
  'GitHub''s login of who merged it, a bot''s too; null until somebody did, and as long as only lists, which leave it out, named the merge.';

comment on function codered.read_policy_facts(bigint, integer) is
  'What a policy is read and understood by besides its files: when the App was installed, whether the pull request is a draft, which files were extended before, and of the account''s own file what was read last (known_sha), what is known of its repository (version) and whether that was deleted. Null when the repository is unknown.';

comment on table codered.kept_out_installations is
  'Installations of accounts that CODERED_ALLOWED_ACCOUNTS does not name: all that is kept of them. The log names each once, when its row is made.';

comment on column codered.kept_out_installations.deleted_at is 'When CodeRed learned that it was uninstalled.';

comment on function codered.admit_account(text[], bigint, bigint, text, boolean) is
  'Whether what an installation sends is let in, by the logins allowed (in lower case) and the account as the payload names it: {is_allowed, is_news, account_login, reason}. is_news: the log has not named it yet. Notes which account a login means and which installations are kept out; is_leaving: it was uninstalled.';

comment on column codered.quotas.excerpts is 'Excerpts of logs that are kept. A failure beyond that is shown without its lines.';

comment on column codered.installation_usage.told is 'For which quotas the log has a line already, with the share in per cent: {"deliveries": 80}.';

comment on function codered.take_quota(bigint, text, bigint, boolean) is
  'Takes amount of an installation''s quota (deliveries, excerpts, artifact_bytes), all or nothing; without an amount a lot of them, or what there is: {granted, is_held, allowed, told, until}. told: 80 or 100 when the log has to say that this much in per cent is used, once a day; else null. until: when the day''s begins anew. is_urgent: up to twice as much. CR002.';

comment on function codered.recount_excerpts() is
  'Counts the excerpts that are kept, for the quota: once a day, as some are pruned, erased or classified anew. Returns for how many installations the number was another.';

comment on sequence codered.follow_up_turn is
  'Not counted up: the installation whose follow-ups were read last, so that the next claim begins behind it.';

comment on function codered.waiting_follow_ups(integer) is
  'The installations whose follow-ups are due next (0: of none), in a ring that begins behind the one read last; notes the last of them. Called by claim_follow_ups.';

comment on function codered.cancel_job(uuid) is
  'Cancels one''s own job and returns {status}: cancelled at once when no worker has it; running while one has it, which learns of it at its next report_job_progress and stops. What a worker finishes before that counts as finished. Twice is fine. Refuses CR003 (over already), CR004 (not one''s own). Security definer, because members write agent_jobs through functions only; it checks whose job it is.';

comment on table codered.pull_request_heads is 'Every commit that a webhook named as the head of a pull request, or as the head until then.';

create or replace function codered.queue_recheck(repository_id bigint, sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_recheck.sha), 'report:' || r.id || ':' || queue_recheck.sha)
  from codered.repositories r
  where r.id = queue_recheck.repository_id and r.deleted_at is null
$$;

comment on function codered.queue_recheck(bigint, text) is 'Queues the report of a commit, unless it is queued already.';

revoke execute on function codered.queue_recheck from public;

grant execute on function codered.queue_recheck to service_role;

create or replace function codered.queue_policy_rechecks(commits json)
returns integer
language sql
set search_path = ''
as $$
  with told as (
    select
      r.id, r.installation_id, r.owner, r.name, f.ref, f.files, f.ref = 'refs/heads/' || coalesce(r.default_branch, 'main') as is_default,
      lower(r.owner || '/' || r.name) || ':' as prefix,
      -- GitHub lists no more files than that: the policy may be among the others.
      -- A push by force may take a change of it back, of which no commit tells.
      cardinality(f.files) >= 5000 or coalesce(f.is_ref_reset, false) as may_be_any
    from json_to_recordset(queue_policy_rechecks.commits) as f (repository_id bigint, ref text, files text[], is_ref_reset boolean)
    join codered.repositories r on r.id = f.repository_id
    where f.ref is not null
  ), touched as (
    -- Its own branch's policy.
    select t.id as pushed_id, t.id as repository_id, regexp_replace(t.ref, '^refs/heads/', '') as branch
    from told t
    where t.ref like 'refs/heads/%' and ('.github/codered.yml' = any (t.files) or t.may_be_any)
    union
    -- The account's, which counts for all of its repositories.
    select t.id, o.id, null
    from told t
    join codered.repositories o on o.installation_id = t.installation_id and o.owner = t.owner and o.deleted_at is null
    where t.name = '.github' and t.is_default and ('codered.yml' = any (t.files) or t.may_be_any)
    union
    -- One that others extend, on whatever branch or tag.
    select t.id, o.id, null
    from told t
    join codered.repositories o
      on o.installation_id = t.installation_id and o.policy_parts <> '{}' and o.deleted_at is null
      and exists (
        select
        from unnest(o.policy_parts) as part
        where starts_with(part, t.prefix) and (t.may_be_any or substr(part, length(t.prefix) + 1) = any (t.files))
      )
  ), asked as (
    select
      r.project_id, pr.repository_id, pr.head_sha,
      row_number() over (partition by c.pushed_id order by pr.source_updated_at desc, pr.repository_id, pr.number desc) as place
    from (select distinct t.pushed_id, t.repository_id, t.branch from touched t) as c
    join codered.repositories r on r.id = c.repository_id
    join codered.pull_requests pr
      on pr.repository_id = c.repository_id and (c.branch is null or pr.base_ref = c.branch) and pr.state = 'open'
  ), queued as (
    select codered.queue_follow_up(
      a.project_id, 'report', jsonb_build_object('repository_id', a.repository_id, 'head_sha', a.head_sha),
      l.key || a.repository_id || ':' || a.head_sha,
      -- The others of the queue go in between.
      make_interval(secs => l.seconds + a.place), l.is_scheduled)
    from asked a
    -- GitHub's API may lag behind its webhooks by some seconds, at times by more. The second recheck is no work that waits to be done
    -- (inbox_status), and has the key of a deadline's: whichever is due first runs.
    cross join (values ('report:', 4, false), ('deadline:', 60, true)) as l (key, seconds, is_scheduled)
    where a.place <= 500
  )
  select count(*)::integer / 2 from queued
$$;

comment on function codered.queue_policy_rechecks(json) is
  'Has open pull requests evaluated again when commits of a push change a policy that counts for them, or the branch was pushed by force or is new: those into the branch whose own file it is, those of all repositories of the installation where it is the account''s (codered.yml in .github), those of the repositories whose policy extends it; each time the 500 that changed last, in some seconds, until when no success goes out for them, and a minute later again. Returns how many there are.';

revoke execute on function codered.queue_policy_rechecks from public;

grant execute on function codered.queue_policy_rechecks to service_role;

comment on column codered.runs.deployed_to is
  'Names of the production environments whose deployments hold its commit, each named once in a status event DEPLOYED.';

comment on column codered.gate_executions.status is 'missing, error and overridden are the gate''s on pull requests: waited for too long, could not be evaluated, waved through.';

comment on column codered.gate_executions.validation_results is 'What was checked: [{"type", "target", "passed", "severity", …}].';

create or replace function codered.queue_bypass_check(repository_id bigint)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'bypasses', jsonb_build_object('kind', 'bypasses', 'repository_id', r.id),
    'deadline:bypasses:' || r.id || ':' || extract(epoch from date_trunc('minute', now()))::bigint,
    -- GitHub's record may come after its webhook.
    date_trunc('minute', now()) + interval '90 seconds' - now(), is_scheduled => true)
  from codered.repositories r
  left join codered.installations i on i.id = r.installation_id
  where r.id = queue_bypass_check.repository_id
    and r.deleted_at is null
    and (i.permissions is null or i.permissions ? 'administration')
    and exists (
      select
      from codered.runs g
      join codered.gate_executions e on e.run_id = g.id
      where g.repository_id = r.id and e.phase = 'definition_of_done'
    )
$$;

comment on function codered.queue_bypass_check(bigint) is
  'Has GitHub asked in half a minute to one and a half who bypassed the repository''s rules: once for all pushes of a minute, and only where the gate ever evaluated anything and the App may ask (administration).';

revoke execute on function codered.queue_bypass_check from public;

grant execute on function codered.queue_bypass_check to service_role;

create or replace function codered.queue_bypass_checks(commits json)
returns void
language sql
set search_path = ''
as $$
  with pushes as (
    select
      r.id as repository_id,
      (array_agg(f.sha order by f.place desc))[1] as sha,
      max(f.pushed_at) as pushed_at
    from rows from (
      json_to_recordset(queue_bypass_checks.commits) as (repository_id bigint, sha text, ref text, pushed_at timestamptz)
    ) with ordinality as f (repository_id, sha, ref, pushed_at, place)
    join codered.repositories r on r.id = f.repository_id and f.ref = 'refs/heads/' || r.default_branch
    group by r.id
  )
  select codered.queue_bypass_check(p.repository_id)
  from pushes p
  where p.pushed_at > now() - interval '7 days'
    and not exists (
      select
      from codered.pull_requests pr
      where pr.repository_id = p.repository_id and pr.merge_commit_sha = p.sha
    )
$$;

comment on function codered.queue_bypass_checks(json) is
  'Has GitHub asked about pushes to default branches that are no merge that we know of.';

revoke execute on function codered.queue_bypass_checks from public;

grant execute on function codered.queue_bypass_checks to service_role;

create or replace function codered.merge_commits(facts json, delivery text)
returns void
language sql
set search_path = ''
as $$
  insert into codered.commits as c (
    repository_id, sha, ref, message, author, authored_at, pushed_at, files, zones_touched, source_delivery
  )
  select distinct on (f.repository_id, f.sha)
    f.repository_id, f.sha, f.ref, f.message, f.author, f.authored_at, f.pushed_at, coalesce(f.files, '{}'),
    codered.zones_of(f.files, p.rules), merge_commits.delivery
  from json_to_recordset(facts) as f (
    repository_id bigint, sha text, ref text, message text, author text, authored_at timestamptz, pushed_at timestamptz,
    files text[]
  )
  join codered.repositories r on r.id = f.repository_id
  join codered.projects p on p.id = r.project_id
  order by f.repository_id, f.sha, f.pushed_at
  on conflict (repository_id, sha) do update
  set
    ref = excluded.ref,
    message = excluded.message,
    author = excluded.author,
    authored_at = excluded.authored_at,
    pushed_at = excluded.pushed_at,
    files = excluded.files,
    zones_touched = excluded.zones_touched,
    source_delivery = excluded.source_delivery
  where (coalesce(excluded.pushed_at, 'infinity'), excluded.source_delivery)
    < (coalesce(c.pushed_at, 'infinity'), c.source_delivery);

  -- From any that tells of it, whichever push was the earliest.
  update codered.commits c
  set merge_group_ref = greatest(c.merge_group_ref, g.merge_group_ref)
  from (
    select f.repository_id, f.sha, max(f.merge_group_ref) as merge_group_ref
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_ref text)
    where f.merge_group_ref is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha
    and c.merge_group_ref is distinct from greatest(c.merge_group_ref, g.merge_group_ref);

  -- Nothing comes after the end of a group, whichever of the two is told first.
  update codered.commits c
  set merge_group_end = g.merge_group_end
  from (
    select f.repository_id, f.sha, max(f.merge_group_end) as merge_group_end
    from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
    where f.merge_group_end is not null
    group by f.repository_id, f.sha
  ) as g
  where c.repository_id = g.repository_id and c.sha = g.sha and c.merge_group_end is distinct from g.merge_group_end;

  -- What became of it stands in the comment of the pull request.
  select codered.queue_recheck(f.repository_id, h.head_sha)
  from json_to_recordset(facts) as f (repository_id bigint, sha text, merge_group_end text)
  cross join lateral codered.merge_group_head(f.repository_id, f.sha) h
  where f.merge_group_end is not null;

  select
    codered.queue_specs(merge_commits.facts), codered.queue_policy_rechecks(merge_commits.facts),
    codered.queue_bypass_checks(merge_commits.facts);
$$;

comment on function codered.merge_commits(json, text) is
  'Merges commits (the earliest push that brought one counts, that a merge queue asked about it, and what became of its group, comes from any that says so), queues the reading of the specs among their files, rechecks of what a policy among them may change, a search for bypasses where they went straight to the default branch, and the report of the pull request whose merge group has ended.';

revoke execute on function codered.merge_commits from public;

grant execute on function codered.merge_commits to service_role;

comment on function codered.merge_ci_events(json, text) is 'Merges CI events and returns the ids of those in the facts.';

comment on function codered.merge_ci_jobs(json, text) is 'Merges jobs and returns the ids of those in the facts; their CI events stand already.';

comment on function codered.identity_of_run(bigint, text) is
  'The workflow file of a run, what set it off, in GitHub''s word, and the branch and repository that it is of; null until GitHub has sent the run itself and not its jobs alone.';

comment on table codered.deployment_statuses is 'Every status of every deployment, as GitHub sent it; append-only.';

comment on function codered.merge_deployments(json, json, text) is
  'Merges deployments and their statuses, works out what follows, queues the answers that protected environments wait for, and returns the ids of the deployments in the facts.';

comment on function codered.read_deployment_links(bigint, text[]) is
  'Of each environment''s newest deployment of these commits the newest address in its statuses of what it deployed to, and of its log; null where none did.';

comment on function codered.queue_report(bigint, text, integer) is
  'Queues the evaluation of a commit in so many seconds: at the deadline of what its gate waits for. One such recheck is queued for each commit, the earliest that was asked for.';

comment on function codered.recheck_commit(bigint, text) is
  'Has a commit evaluated again: its finished runs'' artifacts are read anew and its check run is made anew. Returns how many jobs that takes.';

create or replace function codered.is_recheck_queued(repository_id bigint, sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.follow_ups j
    where j.repository_id = is_recheck_queued.repository_id
      and j.commit_sha = is_recheck_queued.sha
      and j.kind = 'report'
      and not j.is_scheduled
      and j.status in ('queued', 'running')
  )
$$;

comment on function codered.is_recheck_queued(bigint, text) is 'Whether a report of the commit is queued or under way; a recheck at a deadline, which has its own time, does not count.';

revoke execute on function codered.is_recheck_queued from public;

grant execute on function codered.is_recheck_queued to service_role;

create or replace function codered.recheck_merge_groups(repository_id bigint, pull_request_number integer, head_sha text)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_recheck(g.repository_id, g.commit_sha)
  from codered.runs g
  cross join lateral codered.merge_group_head(g.repository_id, g.commit_sha) h
  where g.repository_id = recheck_merge_groups.repository_id
    and g.pull_request_number = recheck_merge_groups.pull_request_number
    and g.created_at > now() - interval '1 day'
    and h.pull_request_number = g.pull_request_number
    and h.head_sha = recheck_merge_groups.head_sha
$$;

comment on function codered.recheck_merge_groups(bigint, integer, text) is
  'Queues the reports of the commits that a merge queue made for a pull request, evaluated for the first time within a day: its head''s verdict may stand for theirs. Nothing unless head_sha is its head.';

revoke execute on function codered.recheck_merge_groups from public;

grant execute on function codered.recheck_merge_groups to service_role;

create or replace function codered.queue_recheck_at(repository_id bigint, head_sha text, until timestamptz)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(r.project_id, 'report', jsonb_build_object('repository_id', r.id, 'head_sha', queue_recheck_at.head_sha), k.key,
    greatest(queue_recheck_at.until - now(), interval '0') + interval '2 seconds', is_scheduled => true)
  from codered.repositories r
  cross join lateral (
    select format('deadline:%s:%s:%s', r.id, queue_recheck_at.head_sha, extract(epoch from queue_recheck_at.until)::bigint) as key
  ) as k
  where r.id = queue_recheck_at.repository_id
    and r.deleted_at is null
    and not exists (select from codered.follow_ups j where j.dedupe_key = k.key)
$$;

comment on function codered.queue_recheck_at(bigint, text, timestamptz) is
  'Queues the report of a commit for when a wait of it is over, once for each such time.';

revoke execute on function codered.queue_recheck_at from public;

grant execute on function codered.queue_recheck_at to service_role;

create or replace function codered.queue_look_once(repository_id bigint, head_sha text, until timestamptz)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_recheck_at(repository_id, head_sha, until)
$$;

comment on function codered.queue_look_once(bigint, text, timestamptz) is 'The former name of queue_recheck_at, for workers from before it was renamed.';

revoke execute on function codered.queue_look_once from public;

grant execute on function codered.queue_look_once to service_role;

comment on column codered.tasks.priority is 'Lower comes first; 100 by default.';

comment on table codered.lessons is 'What was learned, to be recalled when it matters.';

comment on column codered.specs.sha is
  'The commit it was read at; of one that came by API the commit or git''s hash of the document, as the caller gave it; of one that came by mail git''s hash of the document; null when nobody did.';

comment on function codered.plan_sprint(uuid, text, jsonb) is
  'Makes the sprint of that label, or changes its Definition of Done while it is PLANNED, with a status event PLANNING; returns its row and is_new. Called again with the same it changes nothing. CR002, CR003, CR004.';

comment on function codered.queue_spec_reports(bigint, text) is
  'Has up to 100 open pull requests of a branch evaluated anew, its own before those into it, because a spec plans a sprint there.';

comment on function codered.take_spec_by_name(text, jsonb, text, jsonb) is
  'ingest_spec for the repository owner/name on which CodeRed is installed, on its default branch unless the spec names one, and plan_sprint on it when dod is given, which has the branch''s open pull requests evaluated anew, all or nothing; returns {repository_id, spec, sprint}. Done twice, it changes nothing. CR002, CR003, CR004.';

comment on function codered.take_spec(jsonb, text, jsonb, text) is
  'Takes a pushed spec in (keys as ingest_spec has them, with repository_id), plans its sprint unless dod_json is null, and has up to 100 open pull requests of its branch evaluated anew: all or nothing, and done twice it changes nothing. A problem, given or found, becomes one status event FAILED instead of a sprint. Returns {spec_id, sprint_id, problem}. CR002, CR004.';

comment on function codered.start_run(jsonb) is
  'Starts the evaluation of a sprint on a commit, or starts it again when it is over, with one pending gate for each key of the Definition of Done and a status event BUILD; returns its row, is_new and is_again. Called again while it runs it changes only what is given. Keys: sprint_id, or repository_id and commit_sha (then without gates, see make_gates); ci_run_id, ci_event_id, pull_request_number, display_name. CR002, CR003, CR004, CR007.';

comment on function codered.finish_run(uuid, text, jsonb) is
  'Ends a run as PASSED or FAILED, with a status event TESTS_PASSED or FAILED, and returns its row. Called again with the same it changes nothing; with another result CR003. CR002: result, or a summary that is not in the shape of runs.summary_json or says another status; CR004.';

comment on function codered.fill_gate_cost() is 'Fills model_provider from models, and works the cost out where none was given.';

comment on function codered.finish_gate(uuid, text, jsonb) is
  'Writes the outcome of a gate''s newest attempt and returns it. In a workflow run it must be running; failed, missing or error makes the next pending attempt, or after the last one pauses the run with the fail codes as reason, and the last gate that passes completes the run. In a gate run it may be evaluated any number of times, and finish_run ends the run. Keys: status, attempt_number (to be sure which attempt is meant), validation_results, fail_codes, tokens_in, tokens_out, cost_usd (worked out from models when left out), duration_ms (from started_at when left out), prompt_packet, raw_output. CR002, CR003, CR004.';

comment on function codered.cancel_run(uuid) is
  'Cancels a run that is not over, one''s own for a member, and returns its row; a gate that is running ends in error with RUN_CANCELLED. Called again it changes nothing. CR003, CR004, CR008. Security definer, because the status is nobody''s to write freely.';

comment on function codered.keep_artifact() is
  'Takes project_id (and user_id) from the run or task, works content_hash and size_bytes out from content, and refuses values that say otherwise (CR002, CR007).';

comment on table codered.test_states is 'Where a test stands on the default branch and elsewhere, by the newest run that reports it.';

create or replace function codered.follow_override()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform codered.queue_recheck(new.repository_id, coalesce(pr.head_sha, new.commit_sha))
  from (select) as once
  left join codered.pull_requests pr on pr.repository_id = new.repository_id and pr.number = new.pull_request_number
  where coalesce(pr.head_sha, new.commit_sha) is not null;
  return null;
end
$$;

comment on function codered.follow_override() is
  'Has the head of the pull request evaluated again when an override of a criterion is made or revoked, whoever wrote it. Security definer, because members write overrides by hand and may not queue work of the app; nobody can call it, it is a trigger''s.';

revoke execute on function codered.follow_override from public;

comment on function codered.name_overrider() is
  'Puts into an override that a member writes, or revokes, who they are: the login that GitHub gave when they signed up, else the id of their account; what they write themselves is ignored. Security definer, because nobody may read that column of profiles; nobody can call it, it is a trigger''s.';

comment on column codered.command_counts.standing is
  'What GitHub said of the author at standing_at: none, nothing is followed; some, may have a commit evaluated again; full, may write, or override by the policy.';

comment on function codered.take_command_reaction(bigint, integer, bigint, bigint) is
  'Whether a comment of somebody who may not write gets the reaction of this hour; the same comment gets the same answer again.';

comment on function codered.read_upload_subject(bigint, text, integer) is
  'What an upload for one attempt of a workflow run is about: {is_installed, commit_sha, html_url}, the last two null while GitHub has not sent the run; null for an unknown repository.';

comment on function codered.run_for_evidence(bigint, text) is
  'The run of a commit that its evidence belongs to; one that is pending, until the gate is evaluated, where there is none.';

comment on function codered.signals_of(bigint, text) is
  'The jobs, checks and statuses that count for a commit, each in its newest attempt, a job that a skipped or cancelled one covers (jobs_of_run) as that one: Signal of src/gate/model/evidence-model.ts without trust. event: GitHub''s word for what set off the job''s run, null until that is known, as workflow_path then is; author: the slug of the check run''s App, the login of the status'' creator; branch and head_repository_id: of the job''s run.';

comment on function codered.read_gate_subject(bigint, integer, text) is
  'Everything that the brain knows of a commit of a pull request that its Definition of Done can be evaluated by, without what ran for another one of the same commit (is_run_for), whether a merge queue made it (merge_group), which other pull requests bring the same branch into another one (twins), and of each run whether it began before the pull request had its base (is_former); null when it is unknown.';

create or replace function codered.record_gate_verdict(verdict jsonb)
returns json
language plpgsql
set search_path = ''
as $$
declare
  told record;
  run codered.runs;
  wanted text;
  is_first boolean;
  summary jsonb;
begin
  perform codered.check_fields('gate_verdict', record_gate_verdict.verdict, '{
    "repository_id": "bigint", "pull_request_number": "integer", "commit_sha": "text", "sprint_id": "uuid", "state": "text",
    "version": "text", "ci_run_id": "text", "ci_event_ids": "texts", "criteria": "array", "summary": "object"}');
  select * into told
  from jsonb_to_record(record_gate_verdict.verdict) as t (
    repository_id bigint, pull_request_number integer, commit_sha text, sprint_id uuid, state text, version text, ci_run_id text,
    ci_event_ids uuid[], criteria jsonb, summary jsonb);
  -- Nothing may be told of the repository between the look and the verdict.
  perform 1 from codered.repositories r where r.id = told.repository_id for no key update;
  if codered.read_evidence_version(told.repository_id, told.commit_sha) is distinct from told.version then
    return json_build_object('stale', true, 'run_id', null);
  end if;
  perform 1 from codered.sprints s where s.id = told.sprint_id for no key update;
  select r.* into run
  from codered.runs r
  where r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is not distinct from told.sprint_id;
  if run.id is null and told.sprint_id is not null then
    -- The sprint came after the commit had been looked at: what was begun is its run from now on.
    update codered.runs r
    set sprint_id = s.id, spec_id = s.spec_id, dod_state = 'unmeasured'
    from codered.sprints s
    where s.id = told.sprint_id and r.repository_id = told.repository_id and r.commit_sha = told.commit_sha and r.sprint_id is null
    returning r.* into run;
  end if;
  wanted := case told.state when 'pass' then 'completed' when 'fail' then 'failed' else 'running' end;
  -- Evidence that was read for information hangs on a run that nobody has started yet.
  is_first := run.status = 'pending';
  if run.id is null or is_first or (run.status in ('completed', 'failed') and run.status <> wanted) then
    select r.* into run
    from jsonb_populate_record(null::codered.runs, codered.start_run(jsonb_strip_nulls(jsonb_build_object(
      'repository_id', told.repository_id, 'commit_sha', told.commit_sha, 'sprint_id', told.sprint_id, 'ci_run_id', told.ci_run_id,
      'pull_request_number', told.pull_request_number, 'display_name', 'Pull request ' || told.pull_request_number)))) as r;
  end if;
  if is_first then
    perform codered.append_status(
      run.project_id, run.id, 'BUILD', run.display_name,
      jsonb_strip_nulls(jsonb_build_object('ci_run_id', run.ci_run_id, 'commit_sha', run.commit_sha, 'is_again', false)));
  end if;
  update codered.runs r
  set ci_run_id = coalesce(told.ci_run_id, r.ci_run_id), pull_request_number = told.pull_request_number
  where r.id = run.id
    and (r.ci_run_id, r.pull_request_number) is distinct from (coalesce(told.ci_run_id, r.ci_run_id), told.pull_request_number);
  insert into codered.run_ci_events (run_id, ci_event_id)
  select run.id, e.id
  from codered.ci_events e
  where e.id = any (told.ci_event_ids) and e.repository_id = told.repository_id
  on conflict do nothing;

  perform codered.record_criteria(run.id, told.criteria);
  update codered.runs r
  set dod_state = codered.evaluate_sprint(r.id)
  where r.id = run.id and r.dod_state is distinct from codered.evaluate_sprint(r.id);
  perform codered.end_other_runs(run.id);
  summary := told.summary || jsonb_build_object(
    'status', case wanted when 'completed' then 'PASSED' else 'FAILED' end,
    'duration_seconds', codered.seconds_of(told.ci_event_ids));
  if run.status = wanted then
    -- The same outcome by other figures.
    update codered.runs r set summary_json = summary
    where r.id = run.id and wanted <> 'running' and summary is not null and r.summary_json is distinct from summary;
  end if;
  if run.status = 'running' and wanted <> 'running' then
    perform codered.finish_run(run.id, case when wanted = 'completed' then 'PASSED' else 'FAILED' end, summary);
    perform codered.append_status(
      run.project_id, run.id, case when wanted = 'completed' then 'GATE_PASSED' else 'GATE_FAILED' end,
      format('Pull request %s', told.pull_request_number),
      jsonb_build_object('commit_sha', told.commit_sha, 'fail_codes', (
        select coalesce(jsonb_agg(distinct code), '[]')
        from jsonb_to_recordset(told.criteria) as f (fail_codes text[]), unnest(f.fail_codes) as code
      )));
  end if;
  perform codered.recheck_merge_groups(told.repository_id, told.pull_request_number, told.commit_sha);
  return json_build_object('stale', false, 'run_id', run.id);
end
$$;

comment on function codered.record_gate_verdict(jsonb) is
  'Writes a verdict down as the run of its commit, one gate execution a criterion and attempt, and the events that follow, all or nothing; done twice, it changes nothing. Of a pull request''s head it has the commits rechecked that a merge queue made for it. {"stale": true} and nothing written when more is known by now than the verdict rests on (version of read_gate_subject): judge again.';

revoke execute on function codered.record_gate_verdict from public;

grant execute on function codered.record_gate_verdict to service_role;

comment on function codered.recompute_merge(bigint, integer) is
  'Appends MERGED to the gate run of a pull request that was merged and, when its last verdict was no pass, records that it was merged anyway, by whom, and how late CodeRed learned of it; so too when it learned late and the verdict came only after the merge. Once, however often and in whatever order the events arrive. Nothing for one that is not merged or was never judged, and no record where the policy only observes.';

create or replace function codered.follow_merge()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_table_name = 'pull_requests' then
    perform codered.recompute_merge(new.repository_id, new.number);
    -- GitHub is asked about a week.
    if new.merged_at > now() - interval '7 days' and (tg_op = 'INSERT' or old.state <> 'merged') then
      perform codered.queue_bypass_check(new.repository_id);
    end if;
  else
    perform codered.recompute_merge(pr.repository_id, pr.number)
    from codered.pull_requests pr
    where pr.repository_id = new.repository_id and pr.head_sha = new.commit_sha and pr.state = 'merged';
  end if;
  return null;
end
$$;

comment on function codered.follow_merge() is
  'Records a merge when GitHub sends it, when GitHub says who merged, and when the first verdict on its head comes after that.';

revoke execute on function codered.follow_merge from public;

comment on function codered.read_bypass_subject(bigint) is
  'Where a repository''s rule suites are read, and the ids of those that were read; null when it is unknown or gone.';

comment on function codered.record_bypasses(bigint, jsonb, bigint[]) is
  'Records pushes past a required check and which rule suites need not be read again, all or nothing; done twice, it changes nothing. Returns how many are new. CR002, CR004.';

comment on function codered.find_deployed(bigint, uuid[], text) is
  'Runs without an event yet that their commit is in production, and the first successful deployment that holds it: of the commit itself, of its merge, or of what was merged into or pushed to the same branch within 30 days after. All deployments of the last 30 days, or those named; all commits, or the one named.';

comment on function codered.follow_deployed() is
  'Whichever arrives last, the deployment, the merge or the verdict: the run says that it is in production.';

create or replace function codered.queue_protection_recheck(protection jsonb, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_follow_up(
    r.project_id, 'protection', queue_protection_recheck.protection,
    concat_ws(':', 'deadline:protection', r.id, queue_protection_recheck.protection ->> 'deployment_id',
      queue_protection_recheck.protection ->> 'environment'),
    make_interval(secs => queue_protection_recheck.seconds), is_scheduled => true)
  from codered.repositories r
  where r.id = (queue_protection_recheck.protection ->> 'repository_id')::bigint
$$;

comment on function codered.queue_protection_recheck(jsonb, integer) is
  'Queues in so many seconds the answer for a deployment that waits for its verdict; protection is the input of the job.';

revoke execute on function codered.queue_protection_recheck from public;

grant execute on function codered.queue_protection_recheck to service_role;

create or replace function codered.queue_protection_look(protection jsonb, seconds integer)
returns void
language sql
set search_path = ''
as $$
  select codered.queue_protection_recheck(protection, seconds)
$$;

comment on function codered.queue_protection_look(jsonb, integer) is 'The former name of queue_protection_recheck, for workers from before it was renamed.';

revoke execute on function codered.queue_protection_look from public;

grant execute on function codered.queue_protection_look to service_role;

comment on function codered.hasten_protections() is 'A deployment that waits for the verdict on a commit is answered as soon as there is one.';

comment on column codered.publications.attempts is 'Tries since something new was desired; 0 while a newer request waits for the write under way.';

comment on column codered.publications.evidence_version is
  'read_evidence_version of the commit from before the request was worked out; null: from a worker that does not say.';

create or replace function codered.request_publication(
  repository_id bigint, kind text, target text, desired jsonb, desired_hash text, recheck boolean default false,
  only_if_standing boolean default false, evidence_version text default null
)
returns json
language plpgsql
set search_path = ''
as $$
declare
  standing codered.publications;
  -- The conclusion that stands on GitHub, or that a publisher is writing at this moment.
  finished text;
begin
  -- What came in while the request was being worked out is not in it. Mostly a recheck is queued already; one whose worker
  -- was slower than the next recheck's would otherwise stand as the last word.
  if request_publication.evidence_version
    <> codered.read_evidence_version(request_publication.repository_id, request_publication.desired ->> 'head_sha')
  then
    perform codered.queue_recheck(request_publication.repository_id, request_publication.desired ->> 'head_sha');
  end if;

  -- A comment tells of the newest head: a report of an older one that was overtaken changes nothing.
  if kind = 'comment' and exists (
    select 1
    from codered.pull_requests pr
    where pr.repository_id = request_publication.repository_id
      and pr.number = (desired ->> 'pull_request_number')::integer
      and pr.head_sha <> desired ->> 'head_sha'
  ) then
    return json_build_object('changed', false, 'generation', null);
  end if;

  if only_if_standing and not exists (
    select 1
    from codered.publications p
    where p.repository_id = request_publication.repository_id
      and p.kind = request_publication.kind
      and p.target = request_publication.target
  ) then
    return json_build_object('changed', false, 'generation', null);
  end if;

  insert into codered.publications (repository_id, kind, target, desired, desired_hash, evidence_version)
  values (
    request_publication.repository_id, request_publication.kind, request_publication.target,
    request_publication.desired, request_publication.desired_hash, request_publication.evidence_version
  )
  on conflict on constraint publications_target_key do nothing
  returning * into standing;
  if found then
    return json_build_object('changed', true, 'generation', 1);
  end if;

  select p.* into standing
  from codered.publications p
  where p.repository_id = request_publication.repository_id
    and p.kind = request_publication.kind
    and p.target = request_publication.target
  order by p.generation desc
  limit 1
  for update;

  -- Two reports of one head may come in either order. Of another head only the pull request's own gets so far.
  if standing.kind = 'comment'
    and standing.desired ->> 'head_sha' is not distinct from request_publication.desired ->> 'head_sha'
    and coalesce(request_publication.desired ->> 'as_of', '') < coalesce(standing.desired ->> 'as_of', '') collate "C"
  then
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;

  finished := coalesce(
    standing.published_conclusion,
    case when standing.locked_until > now() then standing.desired ->> 'conclusion' end
  );
  if standing.kind = 'check_run'
    and finished is not null
    and (request_publication.recheck or finished is distinct from request_publication.desired ->> 'conclusion')
  then
    insert into codered.publications (repository_id, kind, target, generation, desired, desired_hash, evidence_version)
    values (
      standing.repository_id, standing.kind, standing.target, standing.generation + 1,
      request_publication.desired, request_publication.desired_hash, request_publication.evidence_version
    );
    return json_build_object('changed', true, 'generation', standing.generation + 1);
  end if;

  if standing.desired_hash = request_publication.desired_hash then
    -- The same is known to be true for longer now: what is older must not come after it.
    update codered.publications p
    set desired = request_publication.desired
    where p.id = standing.id
      and p.kind = 'comment'
      and p.desired ->> 'as_of' is distinct from request_publication.desired ->> 'as_of';
    update codered.publications p
    set evidence_version = request_publication.evidence_version
    where p.id = standing.id and p.evidence_version is distinct from request_publication.evidence_version;
    return json_build_object('changed', false, 'generation', standing.generation);
  end if;
  update codered.publications p
  set
    desired = request_publication.desired,
    desired_hash = request_publication.desired_hash,
    evidence_version = request_publication.evidence_version,
    attempts = 0,
    -- What waits already keeps its place in the queue; what was put off or given up gets a chance at once.
    available_at = case when p.is_due then least(p.available_at, now()) else now() end,
    last_error = null
  where p.id = standing.id;
  return json_build_object('changed', true, 'generation', standing.generation);
end
$$;

comment on function codered.request_publication(bigint, text, text, jsonb, text, boolean, boolean, text) is
  'Writes down what should stand on GitHub. A finished check run whose conclusion changes, or that is asked for again, gets a new generation. only_if_standing: nothing new is made, what stands is kept true. evidence_version: read_evidence_version from before the request was worked out; when more is known by now, a recheck is queued.';

revoke execute on function codered.request_publication from public;

grant execute on function codered.request_publication to service_role;

create or replace function codered.desire_publication(
  repository_id bigint, kind text, target text, desired jsonb, desired_hash text, recheck boolean default false,
  only_if_standing boolean default false, evidence_version text default null
)
returns json
language sql
set search_path = ''
as $$
  select codered.request_publication(
    repository_id, kind, target, desired, desired_hash, recheck, only_if_standing, evidence_version
  )
$$;

comment on function codered.desire_publication(bigint, text, text, jsonb, text, boolean, boolean, text) is 'The former name of request_publication, for workers from before it was renamed.';

revoke execute on function codered.desire_publication from public;

grant execute on function codered.desire_publication to service_role;

create or replace function codered.is_publication_overtaken(id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (
      select
        exists (
          select
          from codered.publications newer
          where newer.repository_id = p.repository_id
            and newer.kind = p.kind
            and newer.target = p.target
            and newer.generation > p.generation
        )
        or p.kind = 'check_run' and codered.is_recheck_queued(p.repository_id, p.desired ->> 'head_sha')
        or (
          p.evidence_version is not null
          and p.evidence_version <> codered.read_evidence_version(p.repository_id, p.desired ->> 'head_sha')
        )
      from codered.publications p
      where p.id = is_publication_overtaken.id
    ),
    true
  )
$$;

comment on function codered.is_publication_overtaken(uuid) is
  'Whether more is known of the commit than the request was worked out from, or something newer is requested. Asked just before a success is written; true also when the publication is gone.';

revoke execute on function codered.is_publication_overtaken from public;

grant execute on function codered.is_publication_overtaken to service_role;

create or replace function codered.yield_publication(id uuid, worker text, error text, claim bigint default null)
returns void
language plpgsql
set search_path = ''
as $$
declare
  mine codered.publications;
  newer codered.publications;
begin
  select p.* into mine
  from codered.publications p
  where p.id = yield_publication.id and p.locked_by = yield_publication.worker
    and (yield_publication.claim is null or p.claim = yield_publication.claim)
  for update;
  if not found then
    return;
  end if;
  perform codered.release_writer(mine.id, yield_publication.worker);
  -- A generation was made because this one was thought to be on its way. As it is not, it takes over what is wished for now:
  -- the newer one must not wait for a write that never comes.
  delete from codered.publications p
  where p.repository_id = mine.repository_id and p.kind = mine.kind and p.target = mine.target and p.generation = mine.generation + 1
  returning p.* into newer;
  update codered.publications p
  set
    desired = coalesce(newer.desired, p.desired),
    desired_hash = coalesce(newer.desired_hash, p.desired_hash),
    evidence_version = case when newer.id is null then p.evidence_version else newer.evidence_version end,
    attempts = 0,
    available_at = now(),
    last_error = left(yield_publication.error, 4000),
    locked_by = null,
    locked_at = null,
    locked_until = null
  where p.id = mine.id;
  if newer.id is null then
    perform codered.queue_recheck(mine.repository_id, mine.desired ->> 'head_sha');
  end if;
end
$$;

comment on function codered.yield_publication(uuid, text, text, bigint) is
  'Gives a success back that was overtaken before it was written: the request that took its place is due at once, or else a recheck of the commit is queued, which brings one.';

revoke execute on function codered.yield_publication from public;

grant execute on function codered.yield_publication to service_role;

create or replace function codered.is_held_back(publication codered.publications)
returns boolean
language sql
stable
set search_path = ''
as $$
  select
    -- A success waits until everything that came in about its commit was evaluated; other writes do not wait for it.
    (
      publication.kind = 'check_run'
      and publication.desired ->> 'conclusion' is not distinct from 'success'
      and codered.is_recheck_queued(publication.repository_id, publication.desired ->> 'head_sha')
    )
    -- Of several check runs of one name GitHub shows the one that was made last: an older one must not come after it.
    or exists (
      select 1
      from codered.publications older
      where older.repository_id = publication.repository_id
        and older.kind = publication.kind
        and older.target = publication.target
        and older.generation < publication.generation
        and older.is_due
        and older.available_at < 'infinity'
    )
$$;

revoke execute on function codered.is_held_back from public;

grant execute on function codered.is_held_back to service_role;

comment on column codered.documents.is_pinned is 'Always given to agents, whatever they ask.';

create or replace function codered.is_open_head(repository_id bigint, commit_sha text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select
    from codered.pull_requests p
    where p.repository_id = is_open_head.repository_id and p.head_sha = is_open_head.commit_sha and p.state = 'open'
  )
$$;

comment on function codered.is_open_head(bigint, text) is 'Whether an open pull request has this head: its verdict and evidence are not history.';

revoke execute on function codered.is_open_head from public;

grant execute on function codered.is_open_head to service_role;

create or replace function codered.due_follow_ups(batch integer default null)
returns table (id uuid, completed_at timestamptz, bytes bigint)
language sql
stable
set search_path = ''
as $$
  select f.id, f.completed_at, pg_column_size(f)::bigint
  from codered.follow_ups f
  -- Each asked for once, so that the index answers in its order.
  where f.completed_at < (select codered.retention_cutoff('follow_ups'))
    and case
      -- Nobody asks whether there was one of them.
      when f.kind in ('report', 'bypasses') then true
      -- Whether a run's artifacts were read, the gate asks for as long as their commit is evaluated.
      when f.kind = 'artifacts' then not exists (
        select from codered.ci_events e where e.id = f.ci_event_id and codered.is_open_head(e.repository_id, e.commit_sha)
      )
      -- These are done once for each word of GitHub, which may be replayed for as long as its delivery is kept.
      else f.created_at < (select codered.retention_cutoff('webhook_deliveries'))
    end
  order by f.completed_at
  limit due_follow_ups.batch
$$;

revoke execute on function codered.due_follow_ups from public;

grant execute on function codered.due_follow_ups to service_role;

create or replace function codered.due_runs(batch integer default null)
returns table (id uuid, created_at timestamptz, storage_paths text[])
language sql
stable
set search_path = ''
as $$
  select r.id, r.created_at, array(select a.storage_path from codered.artifacts a where a.run_id = r.id and a.storage_path is not null)
  from codered.runs r
  where r.created_at < codered.retention_cutoff('runs')
    and r.status in ('pending', 'completed', 'failed', 'cancelled')
    and (r.finished_at is null or r.finished_at < codered.retention_cutoff('runs'))
    -- One that somebody made and has not started yet still wants them.
    and (r.status <> 'pending' or r.is_apps)
    and not codered.is_open_head(r.repository_id, r.commit_sha)
  order by r.created_at
  limit due_runs.batch
$$;

revoke execute on function codered.due_runs from public;

grant execute on function codered.due_runs to service_role;

create or replace function codered.due_artifacts(batch integer default null)
returns table (id uuid, created_at timestamptz, storage_paths text[], bytes bigint)
language sql
stable
set search_path = ''
as $$
  select a.id, a.created_at, array_remove(array[a.storage_path], null), coalesce(octet_length(a.content), 0)::bigint
  from codered.artifacts a
  left join codered.runs r on r.id = a.run_id
  where a.created_at < codered.retention_cutoff('artifacts')
    and (r.id is null or not codered.is_open_head(r.repository_id, r.commit_sha))
  order by a.created_at
  limit due_artifacts.batch
$$;

revoke execute on function codered.due_artifacts from public;

grant execute on function codered.due_artifacts to service_role;
