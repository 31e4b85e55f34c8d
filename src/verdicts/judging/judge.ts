// The step that says whose failures a commit's are: gathers the evidence of all of them, judges and records. Writes nothing to GitHub.

import { z } from 'zod';
import { asJson } from '../../model/json.ts';
import { type VerdictEvidence, verdictEvidence } from '../evidence.ts';
import { judgeFailure } from '../judge-failure.ts';
import { askSources, type SourceReaders } from './ask-sources.ts';
import { assemble } from './assemble.ts';
import { parseGathered } from './gathered.ts';

const judgeInput = z.object({ repository_id: z.number(), head_sha: z.string() });

/**
 * Judges all failures of the commit that `input` (that of a follow-up `report`) names, and returns the ids of those of which another
 * thing is said than before. What GitHub can't be asked for now stands in the evidence as missing.
 */
export async function judge(input: unknown, { brain, octokitFor }: SourceReaders): Promise<readonly string[]> {
  const { repository_id, head_sha: commit_sha } = judgeInput.parse(input);
  const gather = async () => parseGathered(await brain.call('verdict_evidence', { repository_id, commit_sha }));
  let gathered = await gather();
  if (gathered === null || gathered.failures.length === 0) return [];
  let evidence = assemble(gathered);
  const { learned, whyNot } = await askSources(gathered, evidence, { brain, octokitFor });
  if (learned) gathered = (await gather()) ?? gathered;
  if (learned || whyNot.size > 0) evidence = assemble(gathered, whyNot);
  const said = new Map(gathered.failures.map((failure) => [failure.id, failure.said]));
  const verdicts = evidence.map(judged).filter(({ error_id, verdict, sentence, rule }) => {
    const [before, why, by] = said.get(error_id) ?? [];
    return verdict !== before || sentence !== why || rule !== by;
  });
  return verdicts.length === 0
    ? []
    : await brain.call('record_verdicts', { repository_id, verdicts: asJson(verdicts) });
}

function judged(gathered: VerdictEvidence) {
  const evidence = verdictEvidence.parse(gathered);
  return { error_id: evidence.failure.id, ...judgeFailure(evidence), evidence };
}
