// `codered verdict`: why a failure got its verdict.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type BrainLog, openBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config/settings.ts';
import { Rejected } from '../model/errors.ts';
import { type ExplainedVerdict, explained } from '../operations/ci/verdict.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { printable } from './terminal/printable.ts';

const help = `codered verdict explain --failure ID [--json]

Says whose a failure is: its verdict with the sentence, each rule that was tried with what it says, and the evidence that it
rests on. What the rules are and what never excuses: docs/verdicts.md. It ends with 1 when there is no such failure.

  --failure ID  as \`codered failures\` shows it
  --json        print one JSON object: { "error_id", "verdict", "rule", "sentence", "judged_at", "rules", "evidence" }, the
                same that GET /api/v1/errors/ID/verdict gives

Where a running \`codered serve\` has the embedded database, that one is asked.`;

async function run({ args, env, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { failure: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  if (positionals.length !== 1 || positionals[0] !== 'explain')
    throw new Misused('Say what to do: explain --failure ID.');
  const { failure: error_id = '', json } = values;
  if (!z.guid().safeParse(error_id).success)
    throw new Misused('--failure wants the id of a failure; `codered failures` shows them.');
  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log, mayShare: true });
  try {
    const verdict = explained(await brain.call('read_verdict', { error_id }));
    if (json) out(JSON.stringify(verdict));
    else for (const line of told(verdict)) out(line);
    return 0;
  } catch (error) {
    if (!(error instanceof Rejected) || error.code !== 'CR004') throw error;
    err('The database knows no failure with this id; `codered failures` shows them.');
    return 1;
  } finally {
    await brain.close();
  }
}

const OUTCOMES = { held: 'held', not_held: 'no', vetoed: 'veto', kept_out: '–' } as const;

function told({ verdict, rule, sentence, judged_at, rules, evidence }: ExplainedVerdict): string[] {
  if (rule === null || judged_at === null)
    return [
      'Not judged yet: that happens when its commit is reported.',
      ...(sentence === '' ? [] : [printable(sentence)]),
    ];
  return [
    `${verdict}: ${printable(sentence)}`,
    `Judged ${judged_at.slice(0, 16).replace('T', ' ')} UTC by the rule ${rule}.`,
    '',
    ...(rules === null
      ? ['An older version kept this evidence: its rules can not be tried again.']
      : ['Rules, in order:']),
    ...(rules ?? []).map(
      (tried) => `  ${OUTCOMES[tried.outcome].padEnd(5)}${tried.rule.padEnd(24)}${printable(tried.words)}`,
    ),
    '',
    'Evidence (null: not known):',
    ...JSON.stringify(evidence, null, 2)
      .split('\n')
      .map((line) => `  ${printable(line)}`),
  ];
}

/** See `help`. */
export const command: Command = { help, run };
