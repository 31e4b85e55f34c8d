import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/config/limits.ts';
import { readForm } from '../../src/http/read-form.ts';

const URLENCODED = 'application/x-www-form-urlencoded';
const HEAD = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n';
const FILE = '--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n';
const MULTIPART = 'multipart/form-data; boundary=b';
const MOST = LIMITS.mailBytes;
const filled = (text: string, bytes = MOST) => text.repeat(Math.floor(bytes / Buffer.byteLength(text)));

/** What came of it: how many entries, or the code of the refusal. */
async function read(body: string | Buffer, type: string): Promise<number | string> {
  try {
    return (await readForm(new Uint8Array(Buffer.from(body)), type)).length;
  } catch (thrown) {
    return String((thrown as { code?: unknown }).code ?? thrown);
  }
}

async function asPosted(form: FormData | URLSearchParams) {
  const response = new Response(form);
  const read = await readForm(new Uint8Array(await response.bytes()), response.headers.get('content-type') ?? '');
  return read.map(([name, value]) => [name, typeof value === 'string' ? value : { ...value, bytes: [...value.bytes] }]);
}

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => /^[^\r\n"%\\\0]+$/.test(text));
const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const file = fc.record({ name, bytes: fc.uint8Array({ maxLength: 300 }) });

describe('a form', () => {
  it('is read as it was sent, urlencoded', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, text), { minLength: 1, maxLength: 20 }), async (entries) => {
        const whole = entries.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()]);
        expect(await asPosted(new URLSearchParams(entries))).toEqual(whole);
      }),
      { seed: 11, numRuns: 200 },
    ));

  it('is read as it was sent, in parts', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.oneof(text, file)), { minLength: 1, maxLength: 20 }),
        async (entries) => {
          const form = new FormData();
          for (const [key, value] of entries) {
            if (typeof value === 'string') form.append(key, value);
            else form.append(key, new Blob([new Uint8Array(value.bytes)]), value.name);
          }
          const sent = entries.map(([key, value]) => [
            key.toWellFormed(),
            typeof value === 'string'
              ? value.toWellFormed().replace(/\r?\n|\r/g, '\r\n')
              : { name: value.name.toWellFormed(), bytes: [...value.bytes] },
          ]);
          expect(await asPosted(form)).toEqual(sent);
        },
      ),
      { seed: 11, numRuns: 200 },
    ));

  it('that is cut, or in which anything was changed, is read or refused, and never waited for', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(),
        fc.constantFrom('', '\r', '\n', '\r\n', '-', '--b', '\r\n--b', '\r\n--b--', '"', '\0', ';', '\r\n\r\n', 'ü'),
        fc.boolean(),
        async (at, cut, put, isCut) => {
          const whole = Buffer.from(`${HEAD}x\r\n${FILE}y\r\n${HEAD}\r\n--b--\r\n`);
          const from = at % whole.length;
          const rest = isCut ? Buffer.alloc(0) : whole.subarray(from + (cut % 20));
          const found = await read(Buffer.concat([whole.subarray(0, from), Buffer.from(put), rest]), MULTIPART);
          expect([0, 1, 2, 3, 4, 'malformed']).toContain(found);
        },
      ),
      { seed: 11, numRuns: 2_000 },
    ));
});

describe('a form as large as a mail may be', () => {
  it.each<[string, string, string, number | string]>([
    ['spaces', URLENCODED, filled('+'), 'malformed'],
    ['a value of spaces', URLENCODED, `a=${filled('+')}`, 1],
    ['broken escapes', URLENCODED, `a=${filled('%')}`, 1],
    ['half escapes', URLENCODED, `a=${filled('%4')}`, 1],
    ['escapes', URLENCODED, `a=${filled('%41')}`, 1],
    ['a name', URLENCODED, filled('k'), 'malformed'],
    ['as many fields as may be', URLENCODED, filled(`${'k'.repeat(40)}=${'v'.repeat(5_000)}&`, 1_000 * 5_042), 1_000],
    ['a field more', URLENCODED, 'a&'.repeat(1_001), 'malformed'],
    ['fields without a name', URLENCODED, filled('&'), 'malformed'],
    ['one field', MULTIPART, `${HEAD}${filled('x')}\r\n--b--\r\n`, 1],
    ['one file', MULTIPART, `${FILE}${filled('x')}\r\n--b--\r\n`, 1],
    ['nearly the end, again and again', MULTIPART, `${HEAD}${filled('\r\n--')}\r\n--b--\r\n`, 1],
    ['a head without end', MULTIPART, `--b\r\n${filled('x: y\r\n')}`, 'malformed'],
    [
      'a head longer than any',
      MULTIPART,
      `--b\r\n${filled('x: y\r\n', 20_000)}${HEAD.slice(5)}x\r\n--b--\r\n`,
      'malformed',
    ],
    ['what comes before', MULTIPART, `${filled('x')}\r\n${HEAD}x\r\n--b--\r\n`, 1],
    ['what comes behind', MULTIPART, `${HEAD}x\r\n--b--\r\n${filled('x')}`, 1],
    [
      'fields',
      MULTIPART,
      `${filled(`${HEAD}${'y'.repeat(6_000)}\r\n`)}--b--\r\n`,
      Math.floor(MOST / (HEAD.length + 6_002)),
    ],
    ['files', MULTIPART, `${filled(`${FILE}\r\n`)}--b--\r\n`, 'malformed'],
    ['parts without a head', MULTIPART, filled('--b\r\n\r\n\r\n'), 'malformed'],
    ['folded heads', MULTIPART, `${filled(`${HEAD.slice(0, -2)}${' \r\n'.repeat(2_000)}\r\nx\r\n`)}--b--\r\n`, 866],
    [
      'names of escapes',
      MULTIPART,
      `${filled(HEAD.replace('a"', `${'\\"'.repeat(3_000)}"`).concat('x\r\n'))}--b--\r\n`,
      866,
    ],
  ])('is read or refused: %s', async (_, type, body, expected) => {
    expect(await read(body, type)).toBe(expected);
  });

  it('is no form with a part that says nothing of itself, or a boundary longer than may be', async () => {
    expect(await read(`${HEAD}x\r\n--b\r\n\r\ny\r\n--b--\r\n`, MULTIPART)).toBe('malformed');
    expect(await read(`${HEAD}x\r\n--b\r\nContent-Disposition: form-data\r\n\r\ny\r\n--b--\r\n`, MULTIPART)).toBe(
      'malformed',
    );
    expect(await read('', `multipart/form-data; boundary=${'b'.repeat(71)}`)).toBe('unsupported_type');
  });

  it('leaves others their turn', async () => {
    let turns = 0;
    let isRead = false;
    const count = () => {
      turns += 1;
      if (!isRead) setImmediate(count);
    };
    setImmediate(count);
    expect(await read(`${HEAD}${filled('\r\n--')}\r\n--b--\r\n`, MULTIPART)).toBe(1);
    isRead = true;
    expect(turns).toBeGreaterThan(50);
  });
});
