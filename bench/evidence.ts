// `npm run bench:gate`: how fast artifacts become measurements, on one core, and how much memory that takes. 300 zip archives with a
// report of 5 MB each, all formats in turn, made by another process; the processor time of all threads counts as one core's.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readArtifact } from '../src/evidence/artifact.ts';
import { zipOf } from '../test/support/zip.ts';
import { REPORTS } from './report-corpus.ts';

const REPORT_BYTES = 5_000_000;
const TARGET_MB_PER_SECOND = 40;
const TARGET_RSS_MB = 300;

const { values } = parseArgs({
  options: { artifacts: { type: 'string', default: '300' }, render: { type: 'string' } },
});
const artifactCount = Number(values.artifacts);

function cpuSeconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

interface Figures {
  bytes: number;
  seconds: number;
}

/** What the other process does: one archive for each format. */
function renderArchives(folder: string): void {
  for (const [name, { file, render }] of Object.entries(REPORTS)) {
    const content = render(REPORT_BYTES);
    writeFileSync(path.join(folder, `${name}.zip`), zipOf([{ name: file, content }]));
  }
}

/** Reads one artifact again and again, as often as its share of all is. */
async function measure(archive: string, rounds: number): Promise<Figures> {
  const figures: Figures = { bytes: 0, seconds: 0 };
  for (let round = 0; round < rounds; round++) {
    const started = process.cpuUsage();
    const artifact = await readArtifact({ path: archive });
    figures.seconds += cpuSeconds(started);
    figures.bytes += REPORT_BYTES;
    const kind = artifact.state === 'read' ? artifact.files[0]?.measurement.kind : artifact.state;
    if (kind === undefined || kind === 'unreadable' || kind === 'refused')
      throw new Error(`${archive} was not read: ${kind}`);
  }
  return figures;
}

const rate = ({ bytes, seconds }: Figures): number => bytes / 1e6 / seconds;
const line = (name: string, text: string): void => console.log(`${name.padEnd(20)}${text}`);

async function run(folder: string): Promise<void> {
  const names = Object.keys(REPORTS);
  const all: Figures = { bytes: 0, seconds: 0 };
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--render', folder]);
  console.log(`${artifactCount} artifacts of ${REPORT_BYTES / 1e6} MB, unpacked and parsed`);
  for (const name of names) {
    const figures = await measure(path.join(folder, `${name}.zip`), Math.ceil(artifactCount / names.length));
    all.bytes += figures.bytes;
    all.seconds += figures.seconds;
    const missed = rate(figures) < TARGET_MB_PER_SECOND ? '  below the target' : '';
    line(name, `${rate(figures).toFixed(0).padStart(5)} MB/s${missed}`);
  }
  const peakMb = process.resourceUsage().maxRSS / 1024;
  line('all', `${rate(all).toFixed(0).padStart(5)} MB/s  (target ${TARGET_MB_PER_SECOND})`);
  line('peak RSS', `${peakMb.toFixed(0).padStart(5)} MB    (target ${TARGET_RSS_MB})`);
}

if (values.render === undefined) {
  const folder = mkdtempSync(path.join(tmpdir(), 'codered-bench-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
} else renderArchives(values.render);
