// The sources as TypeScript reads them: what imports what, how long files and functions are, what stands in them.
// For shape.test.ts, which judges.
import { readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import * as is from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** The file as `src/…`, or the package or `node:` module as written. */
  readonly target: string;
  readonly isFile: boolean;
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the repository, as `src/…`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly functions: readonly { readonly name: string; readonly line: number; readonly lines: number }[];
  /** Expressions with an effect or an outside world in them, as `line: text`. */
  readonly effects: readonly string[];
}

/** Every .ts file below src/, parsed by the compiler that checks them. */
export function readSources(): Source[] {
  const api = new API({ cwd: repository });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(repository, 'tsconfig.json')] }).getProjects();
    const paths = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join('src', path));
    return paths.sort().map((path) => {
      const parsed = project?.program.getSourceFile(join(repository, path));
      if (parsed === undefined) throw new Error(`${path} is not part of tsconfig.json`);
      return describeSource(path, parsed);
    });
  } finally {
    api.close();
  }
}

function describeSource(path: string, parsed: SourceFile): Source {
  const nodes: Node[] = [];
  const collect = (node: Node): void => {
    nodes.push(node);
    node.forEachChild((child) => {
      collect(child);
    });
  };
  collect(parsed);
  const { text } = parsed;
  const lineOf = (position: number) => text.slice(0, position).split('\n').length;
  const startOf = (node: Node) => node.getStart(parsed);
  return {
    path,
    text,
    lines: text.trimEnd().split('\n').length,
    imports: nodes.flatMap((node) => importOf(path, node)),
    functions: nodes.filter(is.isFunctionLikeDeclaration).map((node) => ({
      name: 'name' in node && node.name !== undefined ? text.slice(startOf(node.name), node.name.end) : 'a function',
      line: lineOf(startOf(node)),
      lines: lineOf(node.end) - lineOf(startOf(node)) + 1,
    })),
    effects: nodes
      .filter((node) => hasEffect(node, text.slice(startOf(node), node.end)))
      .map((node) => `${lineOf(startOf(node))}: ${text.slice(startOf(node), node.end).split('\n', 1)[0]}`),
  };
}

function importOf(path: string, node: Node): Import[] {
  if (is.isImportDeclaration(node) || is.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    if (moduleSpecifier === undefined || !is.isStringLiteral(moduleSpecifier)) return [];
    return [importFrom(path, moduleSpecifier.text, /^\s*(?:import|export)\s+type\b/.test(node.getText()))];
  }
  if (is.isCallExpression(node) && node.getText().startsWith('import(')) {
    const [specifier] = node.arguments;
    if (specifier !== undefined && is.isStringLiteral(specifier)) return [importFrom(path, specifier.text, false)];
  }
  return [];
}

function importFrom(path: string, specifier: string, typeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { target: packageOf(specifier), isFile: false, typeOnly };
  const target = relative(repository, resolve(repository, dirname(path), specifier));
  return { target, isFile: true, typeOnly };
}

/** `pkg` of `pkg/sub/path`, `@scope/pkg` of `@scope/pkg/sub`. */
function packageOf(specifier: string): string {
  return specifier.startsWith('node:') ? specifier : (/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
}

const EFFECTS = /^(?:process|console|performance|globalThis|fetch|setTimeout|setInterval|setImmediate|queueMicrotask)$/;
const EFFECT_CALLS = /^(?:Math\.random|Date\.now)$/;

function hasEffect(node: Node, text: string): boolean {
  if (is.isAwaitExpression(node)) return true;
  if (is.isIdentifier(node)) return EFFECTS.test(text) && !isName(node);
  if (is.isPropertyAccessExpression(node)) return EFFECT_CALLS.test(text);
  return is.isNewExpression(node) && /^new Date\(\s*\)$/.test(text);
}

/** Whether an identifier only names a property, as in `{ process: 1 }` or `parts.process`. */
function isName(node: Node): boolean {
  const { parent } = node;
  return 'name' in parent && parent.name === node;
}
