// Finds every regular expression of V8 in src/, as the TypeScript parser sees it. For the test that holds the list of them complete.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import * as is from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';
import { repository } from '../support/source-tree.ts';

/**
 * `key`: the expression as it stands, `/…/flags`; of one that is put together its value, or where that is not known without running the
 * file (a parameter, an import) the call on one line, with … for what is put in. A format of zod's is its call too.
 */
export interface FoundExpression {
  /** From the repository, as `src/…`. */
  readonly file: string;
  readonly key: string;
}

/** What zod matches with an expression of its own, `z.url()` and the like. */
const FORMATS_OF_ZOD =
  /^z\.(?:email|url|httpUrl|uuid\w*|guid|iso\.\w+|jwt|base64\w*|hex|hash|ip\w+|cidr\w+|mac|hostname|e164|emoji|nanoid|cuid\w*|ulid|xid|ksuid|templateLiteral|stringFormat)$/;

export function findExpressions(): FoundExpression[] {
  const api = new API({ cwd: repository });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(repository, 'tsconfig.json')] }).getProjects();
    const files = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join('src', path));
    return files.sort().flatMap((file) => {
      const parsed = project?.program.getSourceFile(join(repository, file));
      if (parsed === undefined) throw new Error(`${file} is not part of tsconfig.json`);
      return expressionsIn(parsed).map((key) => ({ file, key }));
    });
  } finally {
    api.close();
  }
}

function expressionsIn(parsed: SourceFile): string[] {
  const textOf = (node: Node) => parsed.text.slice(node.getStart(parsed), node.end);
  const found: string[] = [];
  const constants = new Map<string, string>();
  const made: string[] = [];
  const visit = (node: Node): void => {
    if (is.isRegularExpressionLiteral(node)) found.push(textOf(node));
    if (is.isVariableDeclaration(node) && node.initializer !== undefined)
      constants.set(textOf(node.name), textOf(node.initializer));
    if ((is.isNewExpression(node) || is.isCallExpression(node)) && textOf(node.expression) === 'RegExp')
      made.push(textOf(node));
    if (is.isCallExpression(node) && FORMATS_OF_ZOD.test(textOf(node.expression)))
      found.push(textOf(node).replaceAll(/\s+/g, ' '));
    node.forEachChild((child) => {
      visit(child);
    });
  };
  visit(parsed);
  return [
    ...found,
    ...made.map((call) => valueIn(call, constants) ?? call.replaceAll(/\s+/g, ' ').replaceAll(/\$\{[^}]*\}/g, '…')),
  ];
}

/** What the call gives, as far as it is made of constants of its own file; null otherwise. */
function valueIn(call: string, constants: ReadonlyMap<string, string>): string | null {
  const evaluate = (text: string): unknown =>
    new Function('scope', `with (scope) { return (${text}); }`)(
      new Proxy(
        {},
        {
          has: (_target, name) => typeof name === 'string' && constants.has(name),
          get: (_target, name) => (typeof name === 'string' ? evaluate(constants.get(name) ?? 'undefined') : undefined),
        },
      ),
    );
  try {
    return String(evaluate(call));
  } catch {
    return null;
  }
}
