// The mutations of the TypeScript below src/, found in the tree that the compiler makes of each file.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import * as is from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';
import type { Mutation } from './mutation.ts';

/** What nobody writes by hand, and the script of the demo, where each number is a choice. */
const LEFT_OUT = /database\.types\.ts$|^demo\/story\//;

/** All of them, file by file; `repository` is the folder that holds tsconfig.json. */
export function tsMutations(repository: string): readonly Mutation[] {
  const api = new API({ cwd: repository });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(repository, 'tsconfig.json')] }).getProjects();
    const paths = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !LEFT_OUT.test(path))
      .map((path) => join('src', path));
    return paths.sort().flatMap((path) => {
      const parsed = project?.program.getSourceFile(join(repository, path));
      if (parsed === undefined) throw new Error(`${path} is not part of tsconfig.json`);
      return mutationsOf(path, parsed);
    });
  } finally {
    api.close();
  }
}

function mutationsOf(file: string, parsed: SourceFile): readonly Mutation[] {
  const found: Mutation[] = [];
  const visit = (node: Node): void => {
    for (const [from, to, replacement, what] of changesOf(node, parsed)) {
      found.push({ file, from, to, replacement, what, within: null });
    }
    node.forEachChild((child) => {
      visit(child);
    });
  };
  visit(parsed);
  return found;
}

type Change = readonly [from: number, to: number, replacement: string, what: string];

const OPERATORS: Readonly<Record<string, readonly [string, string]>> = {
  '<': ['<=', 'boundary'],
  '<=': ['<', 'boundary'],
  '>': ['>=', 'boundary'],
  '>=': ['>', 'boundary'],
  '===': ['!==', 'comparison turned round'],
  '!==': ['===', 'comparison turned round'],
  '&&': ['||', 'and becomes or'],
  '||': ['&&', 'or becomes and'],
  '+': ['-', 'plus and minus'],
  '-': ['+', 'plus and minus'],
};
const METHODS: Readonly<Record<string, string>> = { some: 'every', every: 'some', min: 'max', max: 'min' };

function changesOf(node: Node, parsed: SourceFile): readonly Change[] {
  const start = node.getStart(parsed);
  if (is.isBinaryExpression(node)) {
    const { operatorToken, right } = node;
    const from = operatorToken.getStart(parsed);
    const swap = OPERATORS[parsed.text.slice(from, operatorToken.end)];
    if (swap === undefined) return [];
    const change: Change = [from, operatorToken.end, ...swap];
    return swap[1] === 'and becomes or' ? [change, [node.left.end, right.end, '', 'condition dropped']] : [change];
  }
  if (is.isPrefixUnaryExpression(node) && parsed.text[start] === '!') {
    return [[start, start + 1, '', 'condition turned round']];
  }
  if (is.isIfStatement(node))
    return [[node.expression.getStart(parsed), node.expression.end, 'false', 'branch never taken']];
  if (is.isConditionalExpression(node)) {
    const { condition } = node;
    const text = parsed.text.slice(condition.getStart(parsed), condition.end);
    return [[condition.getStart(parsed), condition.end, `!(${text})`, 'condition turned round']];
  }
  if (is.isNumericLiteral(node))
    return [[start, node.end, `(${parsed.text.slice(start, node.end)} + 1)`, 'off by one']];
  return smallerChanges(node, parsed, start);
}

function smallerChanges(node: Node, parsed: SourceFile, start: number): readonly Change[] {
  const text = parsed.text.slice(start, node.end);
  if ((text === 'true' || text === 'false') && !is.isIdentifier(node)) {
    const isType = 'literal' in node || (node.parent !== undefined && is.isLiteralTypeNode(node.parent));
    return isType ? [] : [[start, node.end, text === 'true' ? 'false' : 'true', 'constant']];
  }
  if (is.isExpressionStatement(node) && /^(?:await )?[\w.?]+\(/.test(text)) {
    return [[start, node.end, '', 'statement removed']];
  }
  if (is.isPropertyAccessExpression(node)) {
    const name = node.name.getStart(parsed);
    const other = METHODS[parsed.text.slice(name, node.end)];
    if (other !== undefined) return [[name, node.end, other, 'other method']];
    return [];
  }
  return [];
}
