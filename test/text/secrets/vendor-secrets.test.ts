// Values of a service's length, by the service's name: where each begins and ends, and what is none. All of them are made up.
import { expect, test } from 'vitest';
import { findVendorSecrets } from '../../../src/text/secrets/vendor-secrets.ts';

const uuid = '1f2e3d4c-5b6a-4789-9a0b-1c2d3e4f5a6b';
const mixed = (length: number) => 'k3v9q0z7x1m4b8n2'.repeat(10).slice(0, length);
const hex = (length: number) => '0a1b2c3d4e5f6789'.repeat(10).slice(0, length);

/** What is found, as it stands in the text, with its kind. */
const found = (text: string) =>
  findVendorSecrets(text).map(({ start, end, kind }) => `${kind} ${text.slice(start, end)}`);

test.each<[string, string, string]>([
  ['the name stands after another sign', `app: x, heroku = ${uuid}`, `heroku-key ${uuid}`],
  ['the name goes on', `HEROKU_ID=${uuid}`, `heroku-key ${uuid}`],
  ['the name is a word of another in camel case', `myHeroku=${uuid}`, `heroku-key ${uuid}`],
  ['a sentence ends with it', `heroku:${uuid}.`, `heroku-key ${uuid}`],
  ['it stands in quotes', `algolia: "${mixed(32)}", x`, `algolia-key ${mixed(32)}`],
  ['it is a default', `algolia || '${mixed(32)}'`, `algolia-key ${mixed(32)}`],
  ['it has the longer of two lengths', `bitbucket=${mixed(64)}`, `bitbucket-key ${mixed(64)}`],
  ['it is as short as a range allows', `netlify=${mixed(40)}`, `netlify-key ${mixed(40)}`],
  ['it is as long as a range allows', `netlify=${mixed(46)}`, `netlify-key ${mixed(46)}`],
  ['it is of digits alone', 'asana=1234567890123456', 'asana-key 1234567890123456'],
  ['it is hexadecimal', `meraki=${hex(40)}`, `meraki-key ${hex(40)}`],
  ['26 signs of the name come between', `algolia${'_'.repeat(26)}=${mixed(32)}`, `algolia-key ${mixed(32)}`],
  ['the longer name of two that begin alike', `new-york-times = ${mixed(32)}`, `new-york-times-key ${mixed(32)}`],
  ['five spaces and its quote come between', `algolia =     "${mixed(32)}"`, `algolia-key ${mixed(32)}`],
])('is one where %s', (_, text, secret) => {
  expect(found(text)).toEqual([secret]);
});

test.each<[string, string]>([
  ['the name is the end of a word', `camheroku=${uuid}`],
  ['one character is missing', `algolia=${mixed(31)}`],
  ['it has one too many', `algolia=${mixed(33)}`],
  ['it is shorter than its range', `netlify=${mixed(39)}`],
  ['it is longer than its range', `netlify=${mixed(47)}`],
  ['a letter stands where digits should', 'asana=123456789012345a'],
  ['it is not hexadecimal', `meraki=${mixed(40)}`],
  ['it is hexadecimal without a digit', `meraki=${'abcdefabcd'.repeat(4)}`],
  ['it is of letters alone', `algolia=${'abcdefghijklmnop'.repeat(2)}`],
  ['it is of digits alone where letters belong to it', `algolia=${'1234567890123456'.repeat(2)}`],
  ['it is of words', 'algolia=reset-password-after-7-days-of-it'],
  ['it is a path', `algolia=/ab/${mixed(28)}`],
  ['27 signs of the name come between', `algolia${'_'.repeat(27)}=${mixed(32)}`],
  ['another word comes between', `algolia (x) = ${mixed(32)}`],
  ['no sign comes at all', `algolia ${mixed(32)}`],
])('is none where %s', (_, text) => {
  expect(found(text)).toEqual([]);
});

test('is found again beside another one, also of the same service', () => {
  const text = `heroku=${uuid}\nalgolia=${mixed(32)}\nheroku=${uuid}`;
  expect(found(text)).toEqual([`heroku-key ${uuid}`, `algolia-key ${mixed(32)}`, `heroku-key ${uuid}`]);
});
