// Parses the YAML file of an agent, and finds agents with the same name. Pure.
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { noYaml } from '../text/no-yaml.ts';
import { fileWords, type ShapeProblem, shapeProblems } from '../text/shape-problems.ts';

/** What is wrong with one field of an agent's file; with the whole file when `field` is null. */
export interface AgentProblem {
  readonly file: string;
  readonly field: string | null;
  readonly reason: string;
}

const ROLES = [
  'architect',
  'code',
  'test',
  'review',
  'infra',
  'safety',
  'orchestrator',
  'cynic',
  'research',
  'librarian',
] as const;

const text = (longest: number) => z.string().trim().min(1, 'must not be empty').max(longest);
const agentFile = z.strictObject({
  name: text(200),
  slug: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,99}$/, 'must be a-z, 0-9, _ and -, at most 100 characters'),
  role: z.enum(ROLES),
  description: text(20_000).optional(),
  allowed_zones: z
    .array(z.enum(['red', 'yellow', 'green']))
    .max(3)
    .optional(),
  default_model: text(200).optional(),
  max_tokens: z.int().min(1).max(2_147_483_647).optional(),
  temperature: z.number().min(0).max(2).optional(),
  cost_ceiling_usd: z.number().min(0).max(99_999_999).optional(),
  long_horizon_allowed: z.boolean().optional(),
});

/** One agent from its file, and the path of the file. */
export type Agent = z.infer<typeof agentFile> & { readonly config_yaml_path: string };

/** Reads the text of an agent's file; returns the agent, or every problem of the file. Never throws. */
export function parseAgentFile(
  file: string,
  content: string,
): { readonly agent: Agent | null; readonly problems: readonly AgentProblem[] } {
  let tree: unknown;
  try {
    tree = parseYaml(content);
  } catch (thrown) {
    return { agent: null, problems: [{ file, field: null, reason: noYaml(thrown, content) }] };
  }
  const parsed = agentFile.safeParse(tree, { error: fileWords });
  if (parsed.success) return { agent: { ...parsed.data, config_yaml_path: file }, problems: [] };
  return { agent: null, problems: shapeProblems(parsed.error).map((problem) => problemOf(file, problem)) };
}

function problemOf(file: string, { field, said }: ShapeProblem): AgentProblem {
  return { file, field: field === '' ? null : field, reason: said };
}

/** Returns a problem for every agent whose slug or name an earlier file of the list has. */
export function findDuplicates(agents: readonly Agent[]): AgentProblem[] {
  return (['slug', 'name'] as const).flatMap((field) => {
    const first = new Map<string, string>();
    return agents.flatMap((agent) => {
      const earlier = first.get(agent[field]);
      if (earlier === undefined) first.set(agent[field], agent.config_yaml_path);
      return earlier === undefined
        ? []
        : [{ file: agent.config_yaml_path, field, reason: `"${agent[field]}" is that of ${earlier} already` }];
    });
  });
}
