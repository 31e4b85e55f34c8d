// A policy's file as one layer of several: what it says itself, and where it says so. Pure.

import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { PolicyProblem } from '../model/gate.ts';
import type { SaidPolicy } from './merge-policies.ts';
import { type ParsedPolicy, parsePolicy } from './parse-policy.ts';

/** A policy that lies below another one, and where its file is, in words for people. */
export interface PolicyBase extends SaidPolicy {
  readonly from: string;
}

/** One file of several as a layer, or its problems when it is no policy. */
export type ParsedLayer =
  | (SaidPolicy & Pick<Extract<ParsedPolicy, { policy: unknown }>, 'warnings'>)
  | Extract<ParsedPolicy, { problems: unknown }>;

/** Reads `text` as one layer: the policy with the keys that the file holds, or its problems. `isOnTop`: other policies lie below. */
export function parseLayer(text: string, { isOnTop }: { readonly isOnTop: boolean }): ParsedLayer {
  const parsed = parsePolicy(text, { isOnTop });
  return 'problems' in parsed ? parsed : { ...parsed, said: saidKeys(text) };
}

/** A problem with the file that `text` extends, placed on the line of `text` with the key `extends`. */
export function problemOfExtended(text: string, message: string): PolicyProblem {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === 'extends') : undefined;
  const offset = isScalar(pair?.value) ? pair.value.range?.[0] : undefined;
  const { line, col } = lines.linePos(offset ?? 0);
  return { line: Math.max(1, line), column: Math.max(1, col), path: 'extends', message };
}

/** Only of a text that has been parsed as a policy. */
function saidKeys(text: string): ReadonlySet<string> {
  const { contents } = parseDocument(text, { prettyErrors: false, version: '1.2' });
  if (!isMap(contents)) return new Set();
  return new Set(contents.items.flatMap(({ key }) => (isScalar(key) ? String(key.value) : [])));
}
