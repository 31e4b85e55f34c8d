// The list of operations in docs/api.md, between its two marks, made of the table.
import { describeAll } from '../src/http/rest/describe.ts';
import { fullPath } from '../src/http/rest/paths.ts';

const [BEGIN, END] = ['<!-- operations: npm run operations:generate -->', '<!-- end of operations -->'];

/** The page with the list as it is now. Throws when a mark is missing. */
export function withOperations(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`docs/api.md needs the marks ${BEGIN} and ${END}.`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table()}\n\n${page.slice(to)}`;
}

function table(): string {
  const { described, streams } = describeAll();
  const rows = [...described, ...streams]
    .toSorted((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0))
    .map(
      ({ operation: { name, summary, scope }, place, tag }) =>
        `| ${tag} | \`${name}\` | \`${place.method.toUpperCase()} ${fullPath(place)}\` | \`${scope}\` | ${summary.replaceAll('|', '\\|')} |`,
    );
  return ['| about | operation | where | scope | |', '|---|---|---|---|---|', ...rows].join('\n');
}
