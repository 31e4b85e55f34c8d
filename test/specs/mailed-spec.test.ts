import { describe, expect, it } from 'vitest';
import { isSpecName, type MailedSpec, mailedSpec, type SpecMail } from '../../src/specs/mailed-spec.ts';

const mail = (given: Partial<SpecMail> = {}): SpecMail => ({
  subject: 'octo/shop Close the shop',
  text: '# Close\n',
  attachment: null,
  ...given,
});
const spec = (given: Partial<Extract<MailedSpec, { kind: 'spec' }>> = {}): MailedSpec => ({
  kind: 'spec',
  repository: 'octo/shop',
  branch: null,
  path: 'specs/close-the-shop.md',
  content: '# Close\n',
  ...given,
});
const attached = (name: string, text = 'label: S1\n') => ({ attachment: { name, text } });

describe('a mailed spec', () => {
  it.each<[string, Partial<SpecMail>, MailedSpec]>([
    ['is named for the title in the subject', {}, spec()],
    ['lies at the path in the subject', { subject: 'octo/shop specs/a.md' }, spec({ path: 'specs/a.md' })],
    [
      'is of the branch in the subject, however that is called',
      { subject: 'octo/shop@feature/a@b .codered/specs/a.yaml' },
      spec({ branch: 'feature/a@b', path: '.codered/specs/a.yaml' }),
    ],
    ['is of any script', { subject: 'octo/shop Über Größe & 商店!' }, spec({ path: 'specs/über-größe-商店.md' })],
    [
      'has a name that ends',
      { subject: `octo/shop ${'😀a'.repeat(90)}` },
      spec({ path: `specs/${'a-'.repeat(40).slice(0, 79)}.md` }),
    ],
    ['is the text above the signature', { text: '# Close\n-- \nOctocat\n-- \nShop' }, spec()],
    [
      'is the text above a signature with Windows line ends',
      { text: '# Close\r\n-- \r\nOctocat' },
      spec({ content: '# Close\r\n' }),
    ],
    [
      'keeps every other line',
      { text: '---\nlabel: S1\n---\n--\n> -- \n' },
      spec({ content: '---\nlabel: S1\n---\n--\n> -- \n' }),
    ],
    ['is the attachment, whole', attached('A.MD', 'x\n-- \ny'), spec({ content: 'x\n-- \ny' })],
    [
      'is YAML when the attachment is',
      attached('a.yaml'),
      spec({ path: 'specs/close-the-shop.yaml', content: 'label: S1\n' }),
    ],
    [
      'is named for the attachment where the subject says nothing',
      { subject: ' octo/shop ', ...attached('../Open Up.yml') },
      spec({ path: 'specs/open-up.yml', content: 'label: S1\n' }),
    ],
  ])('%s', (_, given, expected) => {
    expect(mailedSpec(mail(given))).toEqual(expected);
  });

  it.each<[string, Partial<SpecMail>, string]>([
    ['without a repository', { subject: 'Close the shop' }, 'The subject should begin with owner/name'],
    ['that answers another mail', { subject: 'Re: octo/shop Close' }, 'The subject should begin with owner/name'],
    ['without a title', { subject: 'octo/shop' }, 'The subject should begin with owner/name'],
    ['whose title has no letter', { subject: 'octo/shop !!!' }, 'The subject should begin with owner/name'],
    ['with a subject of two lines', { subject: 'octo/shop a\nb' }, 'The subject should begin with owner/name'],
    [
      'with an endless subject',
      { subject: `octo/shop ${'a'.repeat(5_000)}` },
      'The subject should begin with owner/name',
    ],
    ['whose path holds a space', { subject: 'octo/shop docs/x y.md' }, 'The path in the subject should hold no spaces'],
    ['without text', { text: ' \n-- \nOctocat' }, 'The mail holds no spec'],
    ['with an empty attachment', attached('a.md', ''), 'The mail holds no spec'],
    [
      'whose path and attachment are of two kinds',
      { subject: 'octo/shop specs/a.md', ...attached('a.yml') },
      'The path in the subject ends in .md, and the attachment in .yml',
    ],
  ])('is refused %s', (_, given, problem) => {
    expect(mailedSpec(mail(given))).toEqual({ kind: 'refused', problem: expect.stringContaining(problem) });
  });

  it('may be in a file named so', () => {
    const names = ['a.md', 'a.YML', 'a.yaml', 'a.md.exe', 'md', 'a.mdx', 'a.txt'];
    expect(names.filter(isSpecName)).toEqual(['a.md', 'a.YML', 'a.yaml']);
  });
});
