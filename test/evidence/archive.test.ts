import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../../src/evidence/archive-entry.ts';
import { readArtifact } from '../../src/evidence/artifact.ts';
import { repository } from '../support/source-tree.ts';
import { type ZipEntry, zipOf } from '../support/zip.ts';

const JUNIT = '<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>';
const LCOV = 'TN:\nSF:a.c\nDA:1,1\nend_of_record\n';
const report = (more: Partial<ZipEntry> = {}): ZipEntry => ({ name: 'junit.xml', content: JUNIT, ...more });
type Hostile = readonly [name: string, archive: () => Uint8Array, reason: string, limits?: Partial<ArchiveLimits>];
const withLimits = ([name, archive, reason, limits = {}]: Hostile) => [name, archive, reason, limits] as const;
const MIB = 1024 * 1024;

async function reasonOf(bytes: Uint8Array, limits = {}): Promise<string> {
  const artifact = await readArtifact({ bytes }, { ...ARCHIVE_LIMITS, ...limits });
  return artifact.state === 'refused' ? artifact.measurement.reason : `read ${artifact.files.length} files`;
}

describe('an artifact', () => {
  const entries = [
    report({ name: 'reports/unit/junit.xml' }),
    { name: 'coverage/lcov.info', content: LCOV, method: 0 },
    { name: 'coverage/', content: '', method: 0, mode: 0o040755 },
    { name: 'coverage/index.html', content: '<p>not read</p>' },
    { name: 'trace.zip', content: zipOf([report()]) },
    { name: 'notes.txt', content: 'nothing to see' },
  ];
  const expected = {
    state: 'read',
    files: [
      { path: 'reports/unit/junit.xml', measurement: { kind: 'tests', passed: 1 } },
      { path: 'coverage/lcov.info', measurement: { kind: 'coverage', totals: { lines: { covered: 1, total: 1 } } } },
    ],
    remarks: ['trace.zip is an archive within the archive, and was not opened'],
  };

  test('holds one measurement for each report, and nothing for other files', async () => {
    const artifact = await readArtifact({ bytes: zipOf(entries) });
    expect(artifact).toMatchObject(expected);
    expect(artifact.state === 'read' && artifact.files.length).toBe(2);
  });

  describe('on disk', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'codered-artifact-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test('is read as one in memory is', async () => {
      const path = join(folder, 'artifact.zip');
      writeFileSync(path, zipOf(entries));
      expect(await readArtifact({ path })).toEqual(await readArtifact({ bytes: zipOf(entries) }));
    });

    test('that is not there is our error, not a measurement', async () => {
      await expect(readArtifact({ path: join(folder, 'missing.zip') })).rejects.toThrow('ENOENT');
    });
  });

  test('without an entry is read, and holds nothing', async () => {
    expect(await readArtifact({ bytes: zipOf([]) })).toEqual({ state: 'read', files: [], others: [], remarks: [] });
  });

  const refused: readonly Hostile[] = [
    ['that is none', () => Buffer.from('hello'), 'the archive is damaged'],
    ['that is empty', () => Buffer.alloc(0), 'the archive is damaged'],
    ['that was cut off', () => zipOf([report()]).subarray(0, -30), 'the archive is damaged'],
    ['that is larger than allowed', () => zipOf([report()]), '100 are allowed', { compressedBytes: 100 }],
    ['with a name that leads upwards', () => zipOf([report({ name: '../../etc/junit.xml' })]), 'invalid relative path'],
    [
      'with a name that leads upwards the Windows way',
      () => zipOf([report({ name: '..\\..\\junit.xml' })]),
      'invalid relative path',
    ],
    ['with an absolute name', () => zipOf([report({ name: '/etc/junit.xml' })]), 'absolute path'],
    ['with a drive in a name', () => zipOf([report({ name: 'C:/junit.xml' })]), 'absolute path'],
    ['with NUL in a name', () => zipOf([report({ name: 'junit.xml\0.html' })]), 'control characters'],
    ['with a name that is too long', () => zipOf([report({ name: `${'a'.repeat(2_000)}.xml` })]), '1024 are allowed'],
    ['with the same name twice', () => zipOf([report(), report()]), 'comes twice'],
    [
      'with the same name twice in another way',
      () => zipOf([report(), report({ name: './/junit.xml' })]),
      'comes twice',
    ],
    [
      'with a symbolic link',
      () => zipOf([report({ name: 'link.xml', content: '/etc/passwd', mode: 0o120777 })]),
      'symbolic link',
    ],
    ['with a device', () => zipOf([report({ mode: 0o020666 })]), 'neither a file nor a directory'],
    ['that is encrypted', () => zipOf([report({ flags: 1 })]), 'is encrypted'],
    ['that is strongly encrypted', () => zipOf([report({ flags: 0x41 })]), 'strong encryption'],
    ['packed by a method that is not read', () => zipOf([report({ method: 12 })]), 'method 12'],
    [
      'with more entries than allowed',
      () => zipOf([report(), report({ name: 'b.xml' })]),
      '1 are allowed',
      { entries: 1 },
    ],
    ['that says it has more entries than it has', () => zipOf([report()], { entryCount: 9 }), 'the archive is damaged'],
    ['whose entry is larger than it says', () => zipOf([report({ size: 5 })]), 'the archive is damaged'],
    ['whose entry is smaller than it says', () => zipOf([report({ size: 5_000 })]), 'the archive is damaged'],
    ['whose content is not what was packed', () => zipOf([report({ crc: 1 })]), 'the checksum of junit.xml'],
    ['whose entry is no deflate', () => zipOf([report({ packed: Buffer.from('nonsense') })]), 'the archive is damaged'],
    [
      'whose entries share their bytes',
      () => zipOf([report(), report({ name: 'b.xml', offset: 0 })]),
      'shares its bytes',
    ],
    [
      'that unpacks to more than allowed',
      () => zipOf([report(), report({ name: 'b.xml' })]),
      '100 bytes that are allowed',
      { totalBytes: 100 },
    ],
  ];
  test.each(refused.map(withLimits))('%s is refused', async (_name, archive, reason, limits) => {
    expect(await reasonOf(archive(), limits)).toContain(reason);
  });

  test('whose second entry lies tells nothing of the first', async () => {
    const bytes = zipOf([report(), { name: 'lcov.info', content: LCOV, crc: 7 }]);
    expect(await readArtifact({ bytes })).toMatchObject({ state: 'refused', measurement: { kind: 'unreadable' } });
  });

  test('that was cut off anywhere is refused', async () => {
    const whole = zipOf([report(), { name: 'lcov.info', content: LCOV }]);
    for (let length = 0; length < whole.length; length++) {
      expect(await reasonOf(whole.subarray(0, length)), `of ${length} bytes`).toContain('the archive is damaged');
    }
  });
});

describe('one entry', () => {
  test('that is too large is unreadable, and the others are read', async () => {
    const bytes = zipOf([report(), { name: 'lcov.info', content: LCOV }]);
    const artifact = await readArtifact({ bytes }, { ...ARCHIVE_LIMITS, entryBytes: 50 });
    expect(artifact).toMatchObject({
      state: 'read',
      files: [
        { path: 'junit.xml', measurement: { kind: 'unreadable', reason: expect.stringContaining('50 are allowed') } },
        { path: 'lcov.info', measurement: { kind: 'coverage' } },
      ],
    });
  });

  test('that is packed too well is unreadable, and is not unpacked', async () => {
    const bytes = zipOf([{ name: 'bomb.xml', content: Buffer.alloc(20 * MIB, ' ') }]);
    expect(await readArtifact({ bytes })).toMatchObject({
      files: [{ measurement: { kind: 'unreadable', reason: expect.stringContaining('to 1; 250 to 1 is allowed') } }],
    });
  });
});

/** Peak memory of a process that reads one hostile artifact, and what it says of it. */
function readAlone(archive: Uint8Array, limits: object): { reason: string; peakMb: number } {
  const folder = mkdtempSync(join(tmpdir(), 'codered-hostile-'));
  try {
    writeFileSync(join(folder, 'artifact.zip'), archive);
    const script = `
      import { readArtifact } from ${JSON.stringify(join(repository, 'src/evidence/artifact.ts'))};
      import { ARCHIVE_LIMITS, type ArchiveLimits } from ${JSON.stringify(join(repository, 'src/evidence/archive-entry.ts'))};
      const artifact = await readArtifact({ path: 'artifact.zip' }, { ...ARCHIVE_LIMITS, ...${JSON.stringify(limits)} });
      const measurement = artifact.state === 'refused' ? artifact.measurement : artifact.files[0]?.measurement;
      console.log(JSON.stringify({ reason: measurement?.reason ?? measurement?.kind, peakMb: process.resourceUsage().maxRSS / 1024 }));`;
    return JSON.parse(
      execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
        cwd: folder,
        encoding: 'utf8',
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('in bounded time and memory', { tags: ['slow'] }, () => {
  /** A gigabyte that begins with `head`: blocks of deflate that end on a full flush may be put behind one another. */
  const gigabyteOf = (piece: string, head: string): ZipEntry => {
    const finishFlush = constants.Z_FULL_FLUSH;
    const block = Buffer.from(piece.repeat(Math.floor(MIB / piece.length)));
    const packed = [
      deflateRawSync(head, { finishFlush }),
      ...Array(1024).fill(deflateRawSync(block, { finishFlush })),
      deflateRawSync(''),
    ];
    return {
      name: 'junit.xml',
      content: '',
      packed: Buffer.concat(packed),
      size: head.length + 1024 * block.length,
      crc: 0,
    };
  };
  const hostile: readonly Hostile[] = [
    ['a zip bomb is not unpacked', () => zipOf([gigabyteOf(' ', '<testsuites>')]), 'are allowed'],
    [
      'a bomb that lies about its size stops at the size that it gave',
      () => zipOf([{ ...gigabyteOf(' ', '<testsuites>'), size: 1_000 }]),
      'the archive is damaged',
    ],
    [
      'more XML than is read stops at the limit',
      () => zipOf([gigabyteOf('<testcase name="a"/>', '<testsuites><testsuite>')]),
      'the report is larger than',
      { entryBytes: 2048 * MIB, ratio: 2_000 },
    ],
    [
      'a text without an end stops at the limit',
      () => zipOf([gigabyteOf('x', '<testsuites><testsuite><testcase name="a"><failure>')]),
      'the report is larger than',
      { entryBytes: 2048 * MIB, ratio: 2_000 },
    ],
    ['a million entries are refused by their number', () => millionEntries(), '20000 are allowed'],
  ];
  test.each(hostile.map(withLimits))('%s', (_name, archive, reason, limits) => {
    const found = readAlone(archive(), limits);
    expect(found.reason).toContain(reason);
    expect(found.peakMb).toBeLessThan(400);
  });
});

/** Zip64, since the plain end record can't count that far; the table itself is never read. */
function millionEntries(): Uint8Array {
  const zip64 = Buffer.alloc(56);
  zip64.writeUInt32LE(0x06064b50);
  zip64.writeBigUInt64LE(44n, 4);
  zip64.writeBigUInt64LE(1_000_000n, 24);
  zip64.writeBigUInt64LE(1_000_000n, 32);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50);
  locator.writeUInt32LE(1, 16);
  const end = zipOf([], { entryCount: 0xffff });
  return Buffer.concat([zip64, locator, end]);
}
