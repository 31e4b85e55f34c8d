// Links to content: what makes one, and that no other is one.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeContentLinks } from '../../src/operations/declared/content-link.ts';

const content = { kind: 'artifact', id: randomUUID(), user_id: randomUUID() } as const;
let time = 1_800_000_000_000;
const settings = { secret: 'the key of this App', url: 'https://codered.example', hasObjects: true, now: () => time };
const links = makeContentLinks(settings);
const wordOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

describe('a link to content', () => {
  it('names what it was made for, for five minutes', () => {
    const { url, expires_at } = links.make(content);
    expect(url).toMatch(/^https:\/\/codered\.example\/api\/v1\/content\/[\w-]+\.[\w-]+$/);
    expect(Date.parse(expires_at) - time).toBe(300_000);
    expect(links.read(wordOf(url))).toEqual(content);
    time += 300_000;
    expect(links.read(wordOf(url))).toBe('expired');
    time -= 300_000;
  });

  it('is good at every process of the deployment, and nowhere else', () => {
    const word = wordOf(links.make(content).url);
    expect(makeContentLinks(settings).read(word)).toEqual(content);
    expect(makeContentLinks({ ...settings, secret: 'another' }).read(word)).toBeNull();
  });

  it('holds neither the key nor anything that it was made of', () => {
    const { url } = links.make(content);
    const [text = ''] = wordOf(url).split('.');
    expect(Buffer.from(text, 'base64url').toString()).not.toContain(settings.secret);
  });

  it('is none when anything of it was changed', () => {
    const word = wordOf(links.make(content).url);
    const [text = '', signature = ''] = word.split('.');
    const other = Buffer.from(JSON.stringify({ ...content, user_id: randomUUID(), until: time / 1000 + 300 })).toString(
      'base64url',
    );
    const changed = [
      ...Array.from(
        { length: word.length },
        (_, at) => `${word.slice(0, at)}${word[at] === 'A' ? 'B' : 'A'}${word.slice(at + 1)}`,
      ),
      ...[`${other}.${signature}`, text, `${text}.`, `.${signature}`, '', '.', `${word}.x`, `${word}A`.repeat(100)],
    ];
    // The last character of base64url may hold bits that say nothing.
    expect(changed.filter((one) => links.read(one) !== null && one.slice(0, -1) !== word.slice(0, -1))).toEqual([]);
  });
});
