// Everything a brain knows in a form that can be compared: by natural keys, without ids and times of our own. Tests that
// hold two ways to the same state against each other import it. Whether GitHub had to be asked for the files of a head depends on the way.

import type { TestBrain } from './brain.ts';

const WHOLE_BRAIN = `
  select json_build_object(
    'orgs', (select json_agg(o.login order by o.login) from codered.orgs o),
    'installations', (select json_agg(json_build_array(i.id, i.account_login, i.permissions, i.source_updated_at) order by i.id) from codered.installations i),
    'repositories', (select json_agg(json_build_array(r.id, r.owner, r.name, r.default_branch, r.archived, r.deleted_at, r.source_updated_at, r.source_delivery) order by r.id) from codered.repositories r),
    'commits', (select json_agg(to_jsonb(c) - '{created_at,updated_at}'::text[] order by c.repository_id, c.sha) from codered.commits c),
    'pull_requests', (select json_agg(to_jsonb(p) - '{created_at,updated_at}'::text[] order by p.repository_id, p.number) from codered.pull_requests p),
    'pull_request_heads', (select json_agg(to_jsonb(h) - '{created_at,updated_at,merge_parent_sha,merge_base_sha,changed_files,sources_asked_at}'::text[] order by h.repository_id, h.pull_request_number, h.sha) from codered.pull_request_heads h),
    'ci_events', (select json_agg(to_jsonb(e) - '{id,project_id,created_at,updated_at}'::text[] order by e.repository_id, e.run_id, e.run_attempt) from codered.ci_events e),
    'ci_jobs', (
      select json_agg((to_jsonb(j) - '{id,ci_event_id,created_at,updated_at}'::text[]) || jsonb_build_object('run', e.run_id, 'attempt', e.run_attempt) order by j.job_id)
      from codered.ci_jobs j join codered.ci_events e on e.id = j.ci_event_id),
    'deployments', (
      select json_agg((to_jsonb(d) - '{id,project_id,ci_event_id,created_at,updated_at}'::text[]) || jsonb_build_object('run', e.run_id) order by d.repository_id, d.deployment_id)
      from codered.deployments d left join codered.ci_events e on e.id = d.ci_event_id),
    'deployment_statuses', (select json_agg(to_jsonb(s) - '{id,deployment_id}'::text[] order by s.status_id) from codered.deployment_statuses s),
    'errors', (
      select json_agg((to_jsonb(x) - '{id,project_id,ci_event_id,ci_job_id,deployment_id,first_seen_at,created_at,updated_at}'::text[])
        || jsonb_build_object('job', j.job_id, 'run', e.run_id, 'deployment', d.deployment_id,
          'matches', (select json_agg(json_build_array(b.name, m.line_number, m.line_text, m.captures, m.is_primary) order by b.name)
            from codered.error_matches m join codered.bug_patterns b on b.id = m.bug_pattern_id where m.error_id = x.id))
        order by x.fingerprint, j.job_id, e.run_id, d.deployment_id)
      from codered.errors x
      left join codered.ci_jobs j on j.id = x.ci_job_id
      left join codered.ci_events e on e.id = x.ci_event_id
      left join codered.deployments d on d.id = x.deployment_id),
    'comments', (
      select json_agg(json_build_array(p.repository_id, p.target, p.desired) order by p.repository_id, p.target)
      from codered.publications p where p.kind = 'comment'),
    'check_runs', (
      select json_agg(json_build_array(p.repository_id, p.target, p.desired) order by p.repository_id, p.target)
      from codered.publications p
      where p.kind = 'check_run' and not exists (
        select 1 from codered.publications n
        where n.repository_id = p.repository_id and n.target = p.target and n.generation > p.generation))
  ) as brain`;

/** A desired comment or check run: repository, target, `Desired` of src/model.ts. */
export type KnownPublication = readonly [
  repository: number,
  target: string,
  desired: { readonly head_sha: string; readonly [field: string]: unknown },
];

/** Only what tests look into by name; the rest is there to be compared. */
export interface WholeBrain {
  readonly pull_requests: readonly { readonly head_sha: string }[] | null;
  readonly comments: readonly KnownPublication[] | null;
  /** Each in its newest generation. */
  readonly check_runs: readonly KnownPublication[] | null;
}

/** What the brain knows now; times as its session's time zone writes them, so compare brains of one kind. */
export async function readWholeBrain(brain: Pick<TestBrain, 'sql'>): Promise<WholeBrain> {
  const [row] = await brain.sql(WHOLE_BRAIN);
  return JSON.parse(row?.brain ?? 'null');
}

/** How often each pattern was counted as what broke; patterns without a hit are left out. */
export async function readHits(brain: Pick<TestBrain, 'sql'>): Promise<Readonly<Record<string, number>>> {
  const rows = await brain.sql('select name, hits from codered.bug_patterns where hits > 0 order by name');
  return Object.fromEntries(rows.map(({ name, hits }) => [name, Number(hits)]));
}
