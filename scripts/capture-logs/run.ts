// Makes fixtures/logs again: node scripts/capture-logs/run.ts [--reframe] [name...]. Root on Linux, because each tool runs in its
// own namespaces. A recipe whose tool is missing is skipped, and the committed log stays. With --reframe no tool runs, anywhere:
// what the tools printed is taken from the committed logs, and the runner's frame around it is made anew.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderIndex } from './index-file.ts';
import { renderJobLog } from './job-log.ts';
import { type Captured, type Documented, needsOf } from './recipe.ts';
import { documentedJob, readRecipes } from './recipes.ts';
import { closeSandbox, openSandbox, prepare, runStep } from './sandbox.ts';
import { takeFrameOff } from './take-off.ts';

const logs = join(import.meta.dirname, '../../fixtures/logs');
const longestLogBytes = 60_000;
/** What would tell of the machine the capture ran on: its folders, outside of the job's own. */
const revealing = /\/work\/|\/root\/|\/tmp\/capture-/;

const { captured, documented } = await readRecipes();
const words = process.argv.slice(2);
const reframes = words.includes('--reframe');
const wanted = new Set(words.filter((word) => word !== '--reframe'));
const known = new Set([...captured, ...documented].map((recipe) => recipe.name));
const unknown = [...wanted].filter((name) => !known.has(name));
if (unknown.length > 0) {
  console.error(`no recipe named ${unknown.join(', ')}`);
  process.exit(2);
}

if (!reframes && process.getuid?.() !== 0) {
  console.error('captures run in namespaces of their own: run this as root on Linux');
  process.exit(2);
}

const failures: string[] = [];
for (const recipe of documented) if (isWanted(recipe)) writeLog(recipe.name, renderJobLog(documentedJob(recipe)).text);
for (const recipe of captured) if (isWanted(recipe)) (reframes ? reframe : capture)(recipe);
writeFileSync(join(logs, 'index.yml'), renderIndex(captured, documented));
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;

function isWanted(recipe: Captured | Documented): boolean {
  return wanted.size === 0 || wanted.has(recipe.name);
}

function capture(recipe: Captured): void {
  const missing = recipe.needs.filter((tool) => spawnSync('which', [tool]).status !== 0);
  if (missing.length > 0) {
    console.error(`${recipe.name}: skipped, ${missing.join(', ')} not installed; the committed log stays`);
    return;
  }
  const sandbox = openSandbox(recipe);
  try {
    prepare(sandbox, recipe);
    const steps = recipe.steps.map((step) => ({ step, ...runStep(sandbox, recipe, step) }));
    steps.forEach(({ exit, output }, index) => {
      const shouldFail = index === steps.length - 1 && recipe.pattern !== null;
      if (exit > 0 !== shouldFail) throw new Error(`${recipe.name}: step ${index + 1} ended with ${exit}:\n${output}`);
    });
    const { name, job } = recipe;
    const log = { name, job, steps, noTearDown: false, setUpFailure: null, needs: needsOf(recipe) };
    writeLog(name, renderJobLog(log).text);
    console.log(`${recipe.name}: captured`);
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  } finally {
    closeSandbox(sandbox);
  }
}

function reframe(recipe: Captured): void {
  try {
    const log = takeFrameOff(readFileSync(join(logs, `${recipe.name}.log`), 'utf8'), recipe);
    writeLog(recipe.name, renderJobLog(log).text);
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
}

function writeLog(name: string, text: string): void {
  const lines = text.replaceAll('/home/runner/work/', '/home/runner/').split('\n');
  const telling = lines.find((line) => revealing.test(line));
  if (telling) failures.push(`${name}: the log tells of this machine: ${telling}`);
  else if (Buffer.byteLength(text) > longestLogBytes) {
    failures.push(`${name}: ${Buffer.byteLength(text)} bytes, at most ${longestLogBytes}`);
  } else {
    mkdirSync(dirname(join(logs, name)), { recursive: true });
    writeFileSync(join(logs, `${name}.log`), text);
  }
}
