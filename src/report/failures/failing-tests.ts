// The tests that failed in an entry, by name, with file, line and what is known of them. Pure.

import type { FailedTest, ReportFailure } from '../../model/pull-request.ts';
import { codeSpan, counted, details } from '../../text/markdown.ts';
import type { OutsideRoom } from './quoted-line.ts';

const TESTS_SHOWN = 3;
const TESTS_FOLDED = 10;
const NAME_BYTES = 200;
const PLACE_BYTES = 200;

/** A list of the first three, and the next folded; none where no test is known by name. `brief` shows the first three alone. */
export function failingTests(
  failure: Pick<ReportFailure, 'tests' | 'tests_omitted'> | null,
  { form, room }: { readonly form: 'full' | 'brief'; readonly room: OutsideRoom },
): string[] {
  const tests = failure?.tests ?? [];
  const open = tests.slice(0, TESTS_SHOWN).flatMap((test) => line(test, room));
  if (open.length === 0) return [];
  const folded = form === 'brief' ? [] : tests.slice(TESTS_SHOWN, TESTS_FOLDED).flatMap((test) => line(test, room));
  const total = tests.length + (failure?.tests_omitted ?? 0);
  const left = total - open.length - folded.length;
  const more = left > 0 ? [`- ${counted(left, 'more')}`.replace('mores', 'more')] : [];
  if (folded.length === 0) return [`${[`**${counted(total, 'test')} failed**`, ...open, ...more].join('\n')}\n`];
  const rest = details(
    `The other ${(total - open.length).toLocaleString('en-US')}`,
    `${[...folded, ...more].join('\n')}\n`,
  );
  return [`${[`**${counted(total, 'test')} failed**`, ...open].join('\n')}\n`, rest];
}

function line(test: FailedTest, room: OutsideRoom): string[] {
  const name = room.quote(test.suite === '' ? test.name : `${test.suite} › ${test.name}`, NAME_BYTES);
  if (name === null) return [];
  const place = test.file_path === null ? null : room.quote(placeOf(test.file_path, test.line), PLACE_BYTES);
  return [`- ${[name, ...(place === null ? [] : [place]), ...history(test)].join(' · ')}`];
}

function placeOf(file: string, line: number | null): string {
  return line === null ? file : `${file}:${line}`;
}

function history({ history: known }: FailedTest): string[] {
  if (known === undefined) return [];
  const rate = `${known.failed.toLocaleString('en-US')} of ${counted(known.runs, 'run')}`;
  const since =
    known.failing_since === null
      ? []
      : [`failing on the default branch since ${codeSpan(known.failing_since.slice(0, 7))}`];
  switch (known.state) {
    case 'broken':
      return ['broken', ...since];
    case 'flaky':
      return [`known flaky, ${rate}`, ...since];
    case 'new':
      return ['never passed on the default branch'];
    case 'healthy':
    case 'unknown':
      return since;
    default:
      throw new Error(`state ${known.state satisfies never} is not known`);
  }
}
