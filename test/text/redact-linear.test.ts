// Whatever a text is made of, taking its secrets out costs no more than its length. Counted, not timed: what is read of texts and
// lists by the functions that read many of their parts at once, and how often single characters are asked for.
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/text/redact.ts';
import { strengthOf } from '../../src/text/secrets/reading/secret-names.ts';

/** Each is repeated to make a text. */
const TRIGGERS = [
  'password="is a b ',
  'password=“is a password=‘is b ',
  'id="xid="x ',
  "password='is a''b ",
  '@tcp(',
  'password=[redacted: ',
  'AKIAABCDEFGHIJKLMN12\n',
  `GHIJKLMN12 ${'x '.repeat(30)}AKIAABCDEF\n`,
  '-eyJ',
  '-----END PRIVATE KEY----- Version: 1\n',
  '-----BEGIN PRIVATE KEY-----\n',
  'MIIabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab\n',
  'mysql -p"a1b2c3 ',
  'name=DB_PASSWORD value="abc1234def ',
  '"Authorization: Bearer abcdef1234567890 ',
  'echo a|login ',
  'token=a,b,',
  '://a:b@',
  '%70',
  '\u001b]',
  'password: !secret "a1b2c3d4 ',
  'token → a1b2c3d4e5f6g7h8i9 ',
  'token a1b2c3d4e5f6g7h8i9 ',
  'a=env.DB_PASSWORD||"',
  'getenv("TOKEN","',
  'login("a","',
  'passwd("',
  '--from-literal=a="b ',
  '--from-literal=a=b,',
  '"password",\n  ',
  'A_TOKEN\n=',
  'pw ',
  '\uff47',
] as const;

function costOf(work: () => void): number {
  const { indexOf, charAt, charCodeAt } = String.prototype;
  const { filter, some } = Array.prototype;
  let cost = 0;
  try {
    String.prototype.indexOf = function (this: string, wanted: string, from = 0) {
      const at = indexOf.call(this, wanted, from);
      cost += (at < 0 ? this.length : at) - from + 1;
      return at;
    };
    String.prototype.charAt = function (this: string, at: number) {
      cost += 1;
      return charAt.call(this, at);
    };
    String.prototype.charCodeAt = function (this: string, at: number) {
      cost += 1;
      return charCodeAt.call(this, at);
    };
    for (const [name, method] of Object.entries({ filter, some })) {
      Object.defineProperty(Array.prototype, name, {
        configurable: true,
        writable: true,
        value(this: unknown[], ...given: unknown[]) {
          cost += this.length;
          return Reflect.apply(method, this, given);
        },
      });
    }
    work();
  } finally {
    Object.assign(String.prototype, { indexOf, charAt, charCodeAt });
    for (const [name, value] of Object.entries({ filter, some }))
      Object.defineProperty(Array.prototype, name, { configurable: true, writable: true, value });
  }
  return cost;
}

describe('twice the text takes no more than twice the steps', () => {
  const grows = (make: (length: number) => string, work: (text: string) => void) => {
    const [half = 0, whole = 0] = [40_000, 80_000].map((length) => costOf(() => work(make(length))));
    return whole / half;
  };

  test.each(TRIGGERS)('of nothing but %j', (trigger) => {
    expect(grows((length) => trigger.repeat(length / trigger.length), redact)).toBeLessThan(2.3);
  });

  test('of beginnings of tokens before two long parts', () => {
    const make = (length: number) => `${'-ey'.repeat(length / 6)}.ey${'a'.repeat(length / 2)}`;
    expect(grows(make, redact)).toBeLessThan(2.3);
  });

  test('of beginnings of tokens before many dots', () => {
    const make = (length: number) => `${'*eyJaaaaa.eyJaaaaa'.repeat(length / 40)}${'.'.repeat(length / 2)}`;
    expect(grows(make, redact)).toBeLessThan(2.3);
  });

  test('of a name with many words', () => {
    expect(grows((length) => `${'a_'.repeat(length / 2)}id`, strengthOf)).toBeLessThan(2.3);
  });
});
