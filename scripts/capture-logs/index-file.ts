// The list that fixtures/logs/index.yml holds: per log the pattern that must be primary, and where the log is from.
import { stringify } from 'yaml';
import type { Captured, Documented } from './recipe.ts';

const heading = `# Which pattern each log must be the primary match of, and how the log came about. Written by
# scripts/capture-logs/run.ts. origin captured: the tool was run and failed (stand_in: a loopback server or hook spoke a
# service's documented words). origin documented: written from the message on the page named by source.
`;

export function renderIndex(captured: readonly Captured[], documented: readonly Documented[]): string {
  const rows = [
    ...captured.map((one) => ({
      file: `${one.name}.log`,
      pattern: one.pattern,
      origin: 'captured',
      command: (one.steps.at(-1)?.run ?? '').split('\n').join(' && '),
      ...(one.standIn ? { stand_in: one.standIn } : {}),
    })),
    ...documented.map((one) => ({
      file: `${one.name}.log`,
      pattern: one.pattern,
      origin: 'documented',
      source: one.source,
    })),
  ];
  return (
    heading +
    stringify(
      rows.sort((a, b) => a.file.localeCompare(b.file, 'en')),
      { lineWidth: 0 },
    )
  );
}
