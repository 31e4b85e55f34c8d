// Globs and paths for properties: what globs are made of, few enough signs that many fit.
import fc from 'fast-check';

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c', '.', '-') },
  { weight: 2, arbitrary: fc.constantFrom('*', '?') },
  { weight: 1, arbitrary: fc.constantFrom('[ab]', '[!a]', '[a-c]', '[^.]', '{a,b}', '{ab,?c}', '{a,{b,c}}') },
);
const name = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(piece, { minLength: 1, maxLength: 3 }).map((all) => all.join('').replace(/\*+/g, '*')),
  },
  { weight: 1, arbitrary: fc.constant('**') },
  { weight: 1, arbitrary: fc.constantFrom('{a,b/c}', '{a/b,c}') },
);

/** Globs, now and then with a slash or a dot before and a slash behind; few of them are refused. */
export const globs = fc
  .tuple(
    fc.constantFrom('', '', '', '/', './'),
    fc.array(name, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '', '/'),
  )
  .map(([begin, names, end]) => begin + names.join('/') + end);

/** Paths of a repository that such globs may fit. */
export const paths = fc
  .array(
    fc
      .array(fc.constantFrom('a', 'b', 'c', '.', '-'), { minLength: 1, maxLength: 3 })
      .map((signs) => signs.join(''))
      .filter((one) => one !== '.' && one !== '..'),
    { minLength: 1, maxLength: 4 },
  )
  .map((names) => names.join('/'));
