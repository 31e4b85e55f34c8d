// Parts of a suite that say which of how many they are: reports of shards, and artifacts that are named for theirs. Pure.

import type { Measured, Report } from '../model/evidence-model.ts';
import { differingPlaces, tokensOf } from '../names/sibling-jobs.ts';

/** A part of a suite: number `current` of `total`. */
interface NumberedPart {
  readonly current: number;
  readonly total: number;
  /** What other parts of the same suite have as well. */
  readonly suite: string;
  readonly workflow: string;
  /** The names do not tell the suite from others: each part has to be there as often as the others. */
  readonly isUnnamed?: boolean;
}

/** More are no shards. */
const MOST_PARTS = 1_000;

/** Says in words which parts of a suite have no report; null when all have, or nothing says that there are parts. `counts` picks the measurements of the criterion. */
export function numberedParts(reports: readonly Report[], counts: (one: Measured) => boolean): string | null {
  const parts = [...reportedParts(reports, counts), ...namedParts(reports)];
  for (const suite of Map.groupBy(parts, (part) => JSON.stringify([part.suite, part.total])).values()) {
    const missing = missingOf(suite);
    if (missing.length === 0) continue;
    const [first] = suite;
    const total = first?.total ?? 0;
    const named = missing.slice(0, 5).join(', ');
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
    const which = missing.length === 1 ? `shard ${named} of ${total} has` : `shards ${named}${more} of ${total} have`;
    return `${which} not reported`;
  }
  return null;
}

/** What reports say of themselves. */
function reportedParts(reports: readonly Report[], counts: (one: Measured) => boolean): NumberedPart[] {
  const numbered = reports.flatMap(({ artifact, workflow, measured }) =>
    measured.flatMap((one) => {
      const shard = one.kind === 'tests' && counts(one) ? one.shard : null;
      if (!shard || !isPart(shard.current, shard.total)) return [];
      return [{ ...shard, tokens: tokensOf(artifact), workflow }];
    }),
  );
  const alike = Map.groupBy(numbered, ({ tokens, total }) => JSON.stringify([total, tokens.length]));
  return [...alike.values()].flatMap((parts) => {
    const place = placeOfNumber(parts);
    const differs = differingPlaces(parts.map(({ tokens }) => tokens));
    return parts.map((part) => {
      const isNumber = (index: number) => (place === undefined ? differs(index) : index === place);
      const suite = part.tokens.map((token, index) => (isNumber(index) ? '#' : token)).join('-');
      return { ...part, suite: `shard ${suite}`, isUnnamed: place === undefined };
    });
  });
}

/** Where all names have their shard's number, from one or from nought, so that without it two browsers' shards are two suites. */
function placeOfNumber(parts: readonly { readonly tokens: readonly string[]; readonly current: number }[]) {
  const places = (parts[0]?.tokens ?? []).map((_, place) => place);
  const standsAt = (shift: number) =>
    places.findLast((place) => parts.every(({ tokens, current }) => tokens[place] === String(current - shift)));
  return standsAt(0) ?? standsAt(1);
}

/** What names say: `1-of-4`, `shard-1-4`, and `report-1-4` where another ends with the same number of parts. */
function namedParts(reports: readonly Report[]): NumberedPart[] {
  const named = reports.flatMap(({ artifact, workflow }) => {
    const tokens = tokensOf(artifact);
    const found = writtenPart(tokens) ?? endingPart(tokens);
    if (found === null) return [];
    const suite = tokens.with(found.place, '#').join('-');
    return [{ ...found, suite, workflow }];
  });
  const suites = Map.groupBy(named, ({ suite, workflow }) => JSON.stringify([suite, workflow]));
  return [...suites.values()].flatMap((suite) => {
    const isSure = suite.some(({ isWritten }) => isWritten) || new Set(suite.map(({ current }) => current)).size > 1;
    if (!isSure) return [];
    // Some count from nought.
    const shift = suite.some(({ current }) => current === 0) ? 1 : 0;
    return suite
      .map((part) => ({ ...part, suite: `name ${part.suite}`, current: part.current + shift }))
      .filter(({ current, total }) => isPart(current, total));
  });
}

function writtenPart(tokens: readonly string[]) {
  for (const [index, token] of tokens.entries()) {
    const isShard = token === 'shard' || token === 'shards' || token === 'part';
    const place = token === 'of' ? index - 1 : index + 1;
    if (token !== 'of' && !isShard) continue;
    const total =
      token === 'of' ? tokens[index + 1] : tokens[place + 1] === 'of' ? tokens[place + 2] : tokens[place + 1];
    const part = numbersOf(tokens[place], total);
    if (part !== null) return { ...part, place, isWritten: true };
  }
  return null;
}

function endingPart(tokens: readonly string[]) {
  const place = tokens.length - 2;
  const part = numbersOf(tokens[place], tokens.at(-1));
  return part === null ? null : { ...part, place, isWritten: false };
}

function numbersOf(current: string | undefined, total: string | undefined) {
  if (current === undefined || total === undefined || !/^\d{1,4}$/.test(current) || !/^\d{1,4}$/.test(total))
    return null;
  const part = { current: Number(current), total: Number(total) };
  return part.current === 0 || isPart(part.current, part.total) ? part : null;
}

function isPart(current: number, total: number): boolean {
  return total >= 2 && total <= MOST_PARTS && current >= 1 && current <= total;
}

/** Which numbers of a suite are not there. */
function missingOf(suite: readonly NumberedPart[]): number[] {
  const total = suite[0]?.total ?? 0;
  const numbers = Array.from({ length: total }, (_, index) => index + 1);
  if (suite.some(({ isUnnamed }) => isUnnamed)) {
    const count = (number: number) => suite.filter(({ current }) => current === number).length;
    const most = Math.max(...numbers.map(count));
    return numbers.filter((number) => count(number) < most);
  }
  const byWorkflow = [...Map.groupBy(suite, ({ workflow }) => workflow).values()].map(
    (parts) => new Set(parts.map(({ current }) => current)),
  );
  const incomplete = byWorkflow.filter((ofWorkflow) => ofWorkflow.size < total);
  if (incomplete.length === 0) return [];
  const all = new Set(byWorkflow.flatMap((ofWorkflow) => [...ofWorkflow]));
  const isShared = byWorkflow.reduce((count, ofWorkflow) => count + ofWorkflow.size, 0) > all.size;
  const [first = all] = isShared ? incomplete : [all];
  return numbers.filter((number) => !first.has(number));
}
