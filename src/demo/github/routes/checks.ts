// The stand-in's check runs and their annotations.

import { isJsonObject, type Json, type JsonObject, merge, objectAt, textAt } from '../contract/json-value.ts';
import { githubTime, type RepositoryState } from '../state/github-state.ts';
import { pullRequestReference } from '../state/record-json.ts';
import type { Annotation, CheckRun } from '../state/records.ts';
import { apiUrl, nodeId, webUrl } from '../state/retell.ts';
import { appJson } from './app.ts';
import {
  type Answer,
  notFound,
  numberParameter,
  page,
  type RepositoryCall,
  type RepositoryRoutes,
  refuse,
  textInBody,
} from './route.ts';

/** GitHub writes "characters" and counts bytes (docs/github.md#check-runs). */
const MAX_OUTPUT_BYTES = 65_535;
const GITHUB_ACTIONS_ID = 15_368;

/** The routes under `/check-runs`. */
export const checkRoutes: RepositoryRoutes = {
  'POST /repos/{owner}/{repo}/check-runs': { needs: ['checks:write'], answer: createCheckRun },
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': {
    needs: ['checks:write'],
    answer: (call) => withCheckRun(call, (check) => updateCheckRun(call, check)),
  },
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}': {
    needs: ['checks:read'],
    answer: (call) => withCheckRun(call, (check) => ({ status: 200, body: checkRunJson(call, check) })),
  },
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': { needs: ['checks:read'], answer: listCheckRuns },
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations': {
    needs: ['checks:read'],
    answer: (call) => withCheckRun(call, (check) => listAnnotations(call, check)),
  },
};

function createCheckRun(call: RepositoryCall): Answer {
  const problem = outputProblem(call.body);
  if (problem) return problem;
  if (call.body.status === 'completed' && call.body.conclusion === undefined) {
    return refuse(422, "Invalid request.\n\nFor 'anyOf/0', \"conclusion\" wasn't supplied.");
  }
  const blank: CheckRun = {
    id: call.state.nextId(),
    name: textInBody(call.body, 'name') ?? '',
    headSha: textInBody(call.body, 'head_sha') ?? '',
    appSlug: call.app.slug,
    externalId: '',
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: githubTime(Date.now()),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
  };
  const made = changed(blank, call.body);
  call.inside.checkRuns.set(made.id, made);
  return { status: 201, body: checkRunJson(call, made) };
}

/**
 * A completed check run keeps its status and conclusion: GitHub answers 200 and leaves them as they are
 * (docs/github.md#check-runs). The attempt is recorded as refused.
 */
function updateCheckRun(call: RepositoryCall, check: CheckRun): Answer {
  if (check.appSlug !== call.app.slug) {
    return refuse(
      403,
      `Invalid app_id \`${call.app.id}\` - check run can only be modified by the GitHub App that created it.`,
    );
  }
  const problem = outputProblem(call.body);
  if (problem) return problem;
  const { status, conclusion } = call.body;
  const reopens =
    check.status === 'completed' && status !== undefined && status !== 'completed' && conclusion === undefined;
  const after = changed(check, call.body);
  call.inside.checkRuns.set(check.id, after);
  const refused = `check run ${check.id} is completed and cannot be reopened; make a new one of the same name`;
  return { status: 200, body: checkRunJson(call, after), ...(reopens ? { refused } : {}) };
}

function changed(check: CheckRun, body: JsonObject): CheckRun {
  const conclusion = textAt(body, 'conclusion') ?? check.conclusion;
  const asked = body.status === 'queued' || body.status === 'in_progress' ? body.status : check.status;
  const status = conclusion === null ? asked : 'completed';
  const output = isJsonObject(body.output) ? body.output : {};
  return {
    ...check,
    name: textAt(body, 'name') ?? check.name,
    externalId: textAt(body, 'external_id') ?? check.externalId,
    detailsUrl: textAt(body, 'details_url') ?? check.detailsUrl,
    status,
    conclusion,
    startedAt: textAt(body, 'started_at') ?? check.startedAt,
    completedAt:
      status === 'completed' ? (textAt(body, 'completed_at') ?? check.completedAt ?? githubTime(Date.now())) : null,
    output: {
      title: textAt(output, 'title') ?? check.output.title,
      summary: textAt(output, 'summary') ?? check.output.summary,
      text: textAt(output, 'text') ?? check.output.text,
    },
    annotations: check.annotations.concat(
      (Array.isArray(output.annotations) ? output.annotations : []).map(annotation),
    ),
  };
}

function outputProblem({ output }: JsonObject): Answer | null {
  for (const key of ['summary', 'text']) {
    const bytes = Buffer.byteLength(textInBody(output, key) ?? '');
    if (bytes > MAX_OUTPUT_BYTES) {
      return refuse(
        422,
        `Invalid request.\n\nOnly ${MAX_OUTPUT_BYTES} characters are allowed; ${bytes} were supplied.`,
      );
    }
  }
  return null;
}

function annotation(json: Json): Annotation {
  const sent = objectAt(json);
  const level = sent.annotation_level;
  return {
    path: textAt(sent, 'path') ?? '',
    start_line: Number(sent.start_line),
    end_line: Number(sent.end_line),
    annotation_level: level === 'notice' || level === 'warning' ? level : 'failure',
    message: textAt(sent, 'message') ?? '',
    title: textAt(sent, 'title') ?? null,
    start_column: typeof sent.start_column === 'number' ? sent.start_column : null,
    end_column: typeof sent.end_column === 'number' ? sent.end_column : null,
    raw_details: textAt(sent, 'raw_details') ?? null,
  };
}

function listCheckRuns(call: RepositoryCall): Answer {
  const { ref, check_name: name, status, filter, app_id: appId } = call.parameters;
  const sha = shaOfRef(call.inside, String(ref));
  const matching = [...call.inside.checkRuns.values()]
    .filter((check) => check.headSha === sha && (name === undefined || check.name === name))
    .filter((check) => status === undefined || check.status === status)
    .filter((check) => appId === undefined || appOf(call, check).id === appId)
    .sort((one, other) => other.id - one.id);
  const latest = matching.filter((check, index) => matching.findIndex((newer) => sameCheck(newer, check)) === index);
  const shown = filter === 'all' ? matching : latest;
  const { items, headers } = page(call, shown);
  const body = { total_count: shown.length, check_runs: items.map((check) => checkRunJson(call, check)) };
  return { status: 200, body, headers };
}

const sameCheck = (one: CheckRun, other: CheckRun): boolean => one.name === other.name && one.appSlug === other.appSlug;

function shaOfRef({ pulls }: RepositoryState, ref: string): string {
  const branch = ref.replace(/^heads\//, '');
  return [...pulls.values()].find(({ head }) => head.ref === branch)?.head.sha ?? ref;
}

function listAnnotations(call: RepositoryCall, check: CheckRun): Answer {
  const { items, headers } = page(call, check.annotations);
  const blob = `${webUrl(call.inside.repository)}/blob/${check.headSha}`;
  return { status: 200, body: items.map((item) => ({ ...item, blob_href: `${blob}/${item.path}` })), headers };
}

function withCheckRun(call: RepositoryCall, answer: (check: CheckRun) => Answer): Answer {
  const check = call.inside.checkRuns.get(numberParameter(call, 'check_run_id'));
  return check ? answer(check) : notFound();
}

function appOf({ contract, app }: RepositoryCall, { appSlug }: CheckRun): JsonObject {
  return appJson(contract, appSlug === app.slug ? app : { ...app, slug: appSlug, id: GITHUB_ACTIONS_ID });
}

function checkRunJson(call: RepositoryCall, check: CheckRun): JsonObject {
  const { repository, pulls } = call.inside;
  const url = `${apiUrl(repository)}/check-runs/${check.id}`;
  const own = [...pulls.values()].filter(
    ({ head }) => head.sha === check.headSha && head.repository?.id === repository.id,
  );
  return merge(call.contract.example('check-run'), {
    id: check.id,
    node_id: nodeId('CheckRun', check.id),
    name: check.name,
    head_sha: check.headSha,
    external_id: check.externalId,
    url,
    html_url: `${webUrl(repository)}/runs/${check.id}`,
    details_url: check.detailsUrl ?? `${webUrl(repository)}/runs/${check.id}`,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: { ...check.output, annotations_count: check.annotations.length, annotations_url: `${url}/annotations` },
    app: appOf(call, check),
    pull_requests: own.map((pull) => pullRequestReference(pull, repository)),
  });
}
