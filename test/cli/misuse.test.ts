import { parseArgs } from 'node:util';
import { expect, it } from 'vitest';
import { command as serve } from '../../src/cli/serve.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { misuseWords } from '../../src/cli/terminal/misuse.ts';
import { command as work } from '../../src/cli/work.ts';
import { brainFields } from '../../src/config/brain-settings.ts';
import { githubFields } from '../../src/config/github-address.ts';
import { receiverFields } from '../../src/config/receiver-settings.ts';
import { signInFields } from '../../src/config/sign-in-settings.ts';
import { waitFields } from '../../src/config/wait-settings.ts';
import { asError } from '../../src/model/errors.ts';

const HELP = 'codered try [--patterns FILE] [--json] LOG...\n\n  --json   print JSON\n  --help   says this';

function saidOf(...args: string[]): string | null {
  const options = { patterns: { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    parseArgs({ args, options });
  } catch (thrown) {
    return misuseWords(asError(thrown), HELP);
  }
  return 'nothing is wrong';
}

it.each([
  [['--jsno'], 'There is no option --jsno. Did you mean --json?'],
  [['--patern', 'x'], 'There is no option --patern. Did you mean --patterns?'],
  [['--wholly-else'], 'There is no option --wholly-else. There are: --patterns, --json, --help.'],
  [['-x'], 'There is no option -x. There are: --patterns, --json, --help.'],
  [['--patterns'], '--patterns wants a value after it.'],
  [['--patterns', '--json'], '--patterns wants a value after it; one that begins with - as --patterns=-value.'],
  [['--json=yes'], '--json takes no value; write it alone.'],
  [['a.log'], 'It is not known what "a.log" is to mean: this command takes options only.'],
])('says of %j what is accepted', (args, said) => {
  expect(saidOf(...args)).toBe(said);
});

it('says of a command that is to be run where it stands', () => {
  const unexpected = Object.assign(new Error("Unexpected argument 'node'. This command does not take …"), {
    code: 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL',
  });
  expect(misuseWords(unexpected, work.help)).toBe(
    'It is not known what "node" is to mean: what is to be run stands behind --.',
  );
});

it('takes what a command itself says as it is, and nothing else for a misuse', () => {
  expect(misuseWords(new Misused('Name a file.'), HELP)).toBe('Name a file.');
  expect(misuseWords(new Error('broken'), HELP)).toBeNull();
});

it('names every setting where `codered serve --help` is asked', () => {
  const names = Object.keys({ ...brainFields, ...githubFields, ...receiverFields, ...signInFields, ...waitFields });
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(serve.help))).toEqual([]);
});
