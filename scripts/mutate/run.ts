// `npm run test:mutation`: changes the code in small ways, one at a time, and asks whether a test notices. docs/testing.md
// says how to read what it prints.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSchemaFiles } from '../schema-files.ts';
import { isSame, readEquivalents } from './equivalent.ts';
import { linesAround, linesOf, type Mutation } from './mutation.ts';
import { startMutationServer } from './postgres.ts';
import { readSayings, readUsers, testsFor } from './reach.ts';
import { drawSample } from './sample.ts';
import { sqlMutations } from './sql-mutations.ts';
import { type Fate, testArguments, tryMutation } from './try-mutation.ts';
import { tsMutations } from './ts-mutations.ts';
import { makeWorkplace } from './workplace.ts';

const USAGE = `npm run test:mutation -- [--seed 1] [--count 60] [--skip 0] [--only src|sql] [--file part-of-a-path] [--lanes 2] [--most 10] [--list]
  --most   how many test files a mutation is tried against, nearest first
  --skip   leaves out so many of the sample, the first ones: a long one can be run in parts
  --list   prints the sample and runs nothing`;
/** Below this share of noticed ones the run fails. */
const WANTED = 0.95;

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '60' },
    skip: { type: 'string', default: '0' },
    only: { type: 'string' },
    file: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    most: { type: 'string', default: '10' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Tried {
  readonly mutation: Mutation;
  readonly fate: Fate;
}

const texts = new Map<string, string>();
/** As it was when it was first read: somebody may work on the tree meanwhile. */
const textOf = (file: string) => {
  const text = texts.get(file) ?? readFileSync(`${repository}/${file}`, 'utf8');
  texts.set(file, text);
  return text;
};
const describe = (mutation: Mutation) => {
  const { line, was, now } = linesOf(textOf(mutation.file), mutation);
  const mark = (text: string, sign: string) => text.split('\n').map((part) => `    ${sign} ${part}`);
  const place = `${mutation.file}:${line}${mutation.within === null ? '' : ` (${mutation.within})`}`;
  return { line, was, now, place, diff: [...mark(was, '-'), ...mark(now, '+')].join('\n') };
};

if (values.help) {
  console.log(USAGE);
} else {
  const sample = sampled().slice(Number(values.skip));
  if (values.list)
    for (const mutation of sample)
      console.log(`${describe(mutation).place} ${mutation.what}\n${describe(mutation).diff}`);
  else process.exitCode = await tryAll(sample);
}

/** Half of it SQL, half TypeScript. What is known to change nothing is not drawn. */
function sampled(): readonly Mutation[] {
  const known = readEquivalents();
  const isReal = (mutation: Mutation) => {
    const { was, now } = linesOf(textOf(mutation.file), mutation);
    return !known.some((one) => isSame(one, { file: mutation.file, was, now }));
  };
  const isAsked = ({ file }: Mutation) => values.file === undefined || file.includes(values.file);
  const [seed, count] = [Number(values.seed), Number(values.count)];
  const draw = (all: readonly Mutation[], number: number) => {
    // Drawn first and sieved then, so that an entry of the list moves nothing else.
    const drawn = drawSample(all.filter(isAsked), number * 2, seed).filter(isReal);
    return drawn.slice(0, number);
  };
  const sql = readSchemaFiles().flatMap(({ name, sql: text }) => sqlMutations(`supabase/schemas/${name}`, text));
  if (values.only === 'sql') return draw(sql, count);
  if (values.only === 'src') return draw(tsMutations(repository), count);
  return drawSample(
    [...draw(sql, Math.ceil(count / 2)), ...draw(tsMutations(repository), Math.floor(count / 2))],
    count,
    seed,
  );
}

async function tryAll(sample: readonly Mutation[]): Promise<number> {
  const users = readUsers(repository);
  const sayings = readSayings(repository);
  const server = await startMutationServer();
  const places = Array.from({ length: Number(values.lanes) }, () => makeWorkplace(repository));
  const waiting = [...sample];
  const tried: Tried[] = [];
  const began = Date.now();
  try {
    const lanes = places.map(async (place) => {
      for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
        const start = mutation.within === null ? mutation.file : `sql:${mutation.within}`;
        const fate = await tryMutation(
          mutation,
          testsFor(
            users,
            start,
            { names: `${mutation.file} ${start}`, lines: linesAround(textOf(mutation.file), mutation) },
            { most: Number(values.most), sayings },
          ),
          place,
          server,
        );
        tried.push({ mutation, fate });
        tellOne({ mutation, fate }, tried.length, sample.length, began);
      }
    });
    await Promise.all(lanes);
    // A test that fails anyway notices nothing.
    const noticing = [...new Set(tried.flatMap(({ fate }) => (fate.kind === 'noticed' ? [fate.by] : [])))].sort();
    const [place] = places;
    if (place !== undefined && noticing.length > 0) {
      const control = await place.run('vitest', testArguments(noticing), { TEST_POSTGRES_URL: server.url });
      if (control.code !== 0) {
        console.log(`Tests fail without a mutation too, so the share says nothing:\n${control.output.slice(-3000)}`);
        return 1;
      }
    }
  } finally {
    for (const place of places) place.remove();
    await server.stop();
  }
  return tellAll(tried);
}

function tellOne({ mutation, fate }: Tried, number: number, count: number, began: number): void {
  const seconds = Math.round((Date.now() - began) / 1000);
  const { place, diff } = describe(mutation);
  const told =
    fate.kind === 'noticed' ? `noticed by ${basename(fate.by)}` : fate.kind === 'refused' ? 'refused' : 'NOT NOTICED';
  console.log(`${number}/${count} ${seconds} s  ${told}  ${place}: ${mutation.what}`);
  if (fate.kind === 'survived') console.log(`${diff}\n    (${fate.tests} test files)`);
}

/** Prints the share, and gives the code to end with. */
function tellAll(tried: readonly Tried[]): number {
  const of = (kind: Fate['kind']) => tried.filter(({ fate }) => fate.kind === kind);
  const [noticed, survived] = [of('noticed').length, of('survived')];
  const real = noticed + survived.length;
  if (survived.length > 0) console.log('\nNot noticed:');
  for (const { mutation } of survived)
    console.log(`${describe(mutation).place}: ${mutation.what}\n${describe(mutation).diff}`);
  const share = real === 0 ? 1 : noticed / real;
  console.log(
    `\n${noticed} of ${real} noticed (${(share * 100).toFixed(1)} %); ${of('refused').length} more were refused by types or by the database.`,
  );
  return share < WANTED ? 1 : 0;
}
