// Whatever text of others leaves, to GitHub, into the database or into the log, leaves without its secrets: one test for each way out.
import { describe, expect, test } from 'vitest';
import { classifyText } from '../../../src/diagnose/classify.ts';
import { compilePatterns } from '../../../src/diagnose/patterns/match.ts';
import { keepArtifact, refuseArtifact } from '../../../src/evidence/kept-artifact.ts';
import { unreadable } from '../../../src/evidence/reading/measurement.ts';
import { createRemarks, messageText, shown } from '../../../src/evidence/reading/report-values.ts';
import { Rejected, Transient } from '../../../src/model/errors.ts';
import { parsePolicy } from '../../../src/policy/parse-policy.ts';
import { answerFor } from '../../../src/protection/answer.ts';
import { outcomeOfError } from '../../../src/publish/outcome.ts';
import { storableError } from '../../../src/queue/storable-error.ts';
import { codeSpan, link, patternProse, plain } from '../../../src/text/markdown.ts';
import { linesOf } from '../../../src/text/outside-text.ts';
import { redactJson } from '../../../src/text/redact-json.ts';
import { factsOf } from '../../normalise/normalised-facts.ts';
import { examplePayload } from '../../support/example-payload.ts';
import { makeUp } from './made-up.ts';

const make = makeUp(5);
const token = make(`gh${'p_'}{an:36}`);
const password = make('{an:14}');
const said = `refused ${token}, tried https://x:${password}@example.com/ and DB_PASSWORD=${password}`;
const listed = { id: 1, name: `report ${token}`, digest: null };
const matcher = compilePatterns([]);

const facts = (event: string, changes: Record<string, unknown>) => factsOf(event, examplePayload(event, 0, changes));

const WAYS_OUT: readonly (readonly [way: string, leaves: () => unknown])[] = [
  ['a name in code on GitHub', () => codeSpan(said)],
  ['prose on GitHub', () => plain(said, 500)],
  ['prose of a pattern on GitHub', () => patternProse(`say \`${token}\``, 500)],
  ['an excerpt on GitHub', () => linesOf(`a\n${said}\nb`, 1_000)],
  ['a link on GitHub', () => link('words', `https://ci.example.com/job?token=${password}`)],
  [
    'an answer to a deployment',
    () =>
      answerFor(
        { environment: 'x', sha: 'a'.repeat(40), since: '2026-01-01T00:00:00Z' },
        { policy: { dod: {}, environments: ['x'], deadline_minutes: 1, merge_queue: 'full' } },
        { status: 'failed', unmet: [said] },
        0,
      ),
  ],
  ['an error of work', () => storableError(new Error(said))],
  ['an error at the cut', () => storableError(new Error(`${'x '.repeat(985)} ${token}`))],
  ['an error of a write', () => [outcomeOfError(new Transient(said), 1, 0), outcomeOfError(new Rejected(said), 1, 0)]],
  ['a failure of another system', () => classifyText(said, { matcher, subject: 'ci' })],
  ['a failure without words', () => classifyText('', { matcher, subject: said })],
  [
    'a commit status',
    () =>
      factsOf(
        'status',
        examplePayload('status', 0, { description: said, target_url: `https://ci.example.com/?token=${password}` }),
      ),
  ],
  [
    'a check run',
    () =>
      facts('check_run', {
        'check_run.app': { id: 5, slug: 'ci' },
        'check_run.output.title': said,
        'check_run.output.summary': said,
      }),
  ],
  ['a deployment status', () => facts('deployment_status', { 'deployment_status.description': said })],
  ['the title of a pull request', () => facts('pull_request', { 'pull_request.title': said })],
  [
    'a command',
    () =>
      facts('issue_comment', {
        'issue.pull_request': {},
        'comment.performed_via_github_app': null,
        'comment.body': `/codered override lint_pass ${said}`,
      }),
  ],
  ['the message of a case', () => messageText(said)],
  [
    'a remark about a report',
    () => {
      const remarks = createRemarks();
      remarks.add(said);
      return remarks.all();
    },
  ],
  ['a value that is quoted', () => shown(token)],
  [
    'a report that cannot be read',
    () => [unreadable('junit', said), keepArtifact(listed, { state: 'refused', measurement: unreadable(null, said) })],
  ],
  ['an artifact', () => [refuseArtifact(listed, said), keepArtifact(listed, { state: 'read', files: [] })]],
  ['the keys of a policy', () => parsePolicy(`dod:\n  ${token}: true\n`)],
  ['a line of the log', () => redactJson({ err: { message: said, cause: [said] }, db: { password } })],
];

describe('without its secrets leaves', () => {
  test.each(WAYS_OUT)('%s', (way, leaves) => {
    const text = JSON.stringify(leaves());
    expect(text).not.toContain(token.slice(4));
    expect(text).not.toContain(password);
    // A link with a secret is none; everything else says that something was there.
    if (way !== 'a link on GitHub') expect(text).toContain('redacted');
  });
});
