// `codered failures`: what failed on a pull request or a commit, why, and what fixes it.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type BrainLog, openBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config/settings.ts';
import { failure } from '../operations/ci/failure.ts';
import { type FailureSummary, SUMMARY_FAILURES, SUMMARY_TOKENS, summarise } from '../operations/ci/failure-summary.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { printable } from './terminal/printable.ts';

const help = `codered failures --repo OWNER/NAME [--pr NUMBER | --commit SHA] [--json]

Says what failed, why, and what fixes it, from what the database knows: the newest failures first, on a pull request, on a
commit, or of the whole repository. It ends with 0 when there is none, with 1 when there is one, or the
repository or the pull request is not known.

  --json  print one JSON object of at most ${SUMMARY_TOKENS.toLocaleString('en-US')} tokens (o200k_base), for programs and agents: the same that
          GET /api/v1/projects/ID/failures/summary gives

Where a running \`codered serve\` has the embedded database, that one is asked.`;

const FULL_NAME = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;

async function run({ args, env, out, err }: CommandContext): Promise<0 | 1> {
  const { repository, ...which } = readWanted(args);
  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log, mayShare: true });
  try {
    const { json, ...filters } = which;
    const answer = await brain.call('list_failures_of', { repository, ...filters, batch: SUMMARY_FAILURES });
    const found = z.array(failure).nullable().parse(answer);
    if (found === null) {
      err(`The database knows no repository ${printable(repository)}. See that the App is installed on it.`);
      return 1;
    }
    const summary = await summarise(found, filters);
    if (json) out(JSON.stringify(summary));
    else for (const line of told(summary)) out(line);
    return summary.failures.length + summary.left_out === 0 ? 0 : 1;
  } finally {
    await brain.close();
  }
}

function readWanted(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      repo: { type: 'string' },
      pr: { type: 'string' },
      commit: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { repo = '', pr, commit, json } = values;
  if (!FULL_NAME.test(repo)) throw new Misused('--repo wants OWNER/NAME.');
  if (pr !== undefined && commit !== undefined) throw new Misused('Say --pr or --commit, one of them.');
  if (pr !== undefined && !/^[1-9]\d{0,8}$/.test(pr)) throw new Misused('--pr wants the number of a pull request.');
  if (commit !== undefined && !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    throw new Misused('--commit wants the whole SHA of a commit, 40 or 64 hexadecimal digits.');
  }
  return {
    repository: repo,
    json,
    ...(pr === undefined ? {} : { pull_request: Number(pr) }),
    ...(commit === undefined ? {} : { commit_sha: commit }),
  };
}

function told({ failures, left_out, has_more }: FailureSummary): string[] {
  if (failures.length + left_out === 0) return ['No failure is known here.'];
  const lines = failures.flatMap(
    ({
      id,
      workflow,
      job,
      step,
      commit_sha,
      first_seen_at,
      verdict,
      verdict_reason,
      cause,
      what,
      evidence,
      file,
      url,
    }) => [
      `✗ ${[workflow, job, step].flatMap((name) => (name === null ? [] : [printable(name)])).join(' / ')}`,
      `  ${commit_sha === null ? 'First' : `On ${printable(commit_sha.slice(0, 7))}, first`} seen ${first_seen_at.slice(0, 16).replace('T', ' ')} UTC`,
      cause === null ? '  Cause: not known; this line says the most:' : `  Cause: ${cause.name}. ${cause.root_cause}`,
      ...(cause === null ? [] : [`  Fix: ${cause.recommended_fix}`]),
      `  ${evidence.line_number === null ? '' : `line ${evidence.line_number}: `}${printable(what)}`,
      ...(file === null ? [] : [`  ${printable(file)}`]),
      ...(url === null ? [] : [`  ${printable(url)}`]),
      `  Verdict: ${verdict}${verdict_reason === '' ? '' : `. ${printable(verdict_reason)}`} (codered verdict explain --failure ${id})`,
      '',
    ],
  );
  const hidden = [...(left_out > 0 ? [`${left_out} more`] : []), ...(has_more ? ['older ones'] : [])];
  return hidden.length === 0 ? lines.slice(0, -1) : [...lines, `Not shown: ${hidden.join(' and ')}.`];
}

/** See `help`. */
export const command: Command = { help, run };
