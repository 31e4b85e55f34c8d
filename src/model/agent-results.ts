// What an agent hands in, by the type of its work: the schemas of document 002, section 4, and those of a sprint's plan and of a
// stage. Strict: a field that they do not have is refused. The database holds every result to the same (accept_job_result). Pure.
import { z } from 'zod';

/** Text that Postgres can keep: JSON may name NUL and halves of a surrogate pair, jsonb takes neither. */
const text = () =>
  z.string().refine((value) => !value.includes('\u0000') && value.isWellFormed(), {
    error: 'should have no NUL and no half of a surrogate pair',
  });
/** Lengths count as Postgres counts them: characters, not UTF-16 units. */
const sized = (least: number, most: number) =>
  text()
    .refine((value) => lengthFits(value, least, most), { error: `should have ${least} to ${most} characters` })
    .meta({ minLength: least, maxLength: most });
const filled = () => sized(1, LONGEST);
const texts = () => z.array(text());
const LONGEST = 2_097_152;
const level = z.enum(['beginner', 'intermediate', 'advanced']);

function lengthFits(value: string, least: number, most: number): boolean {
  // Counted only where the two ways to count may differ.
  if (value.length < least || value.length > most * 2) return false;
  const characters = [...value].length;
  return characters >= least && characters <= most;
}

/** What a research agent writes. */
const requirementsDoc = z.strictObject({
  app_name: sized(1, 100),
  elevator_pitch: sized(20, 500),
  target_audience: z.array(z.strictObject({ role: sized(1, 100), goal: sized(1, 200), pain_point: sized(1, 200) })),
  core_features: z.array(
    z.strictObject({
      name: sized(1, 100),
      description: sized(1, 500),
      priority: z.enum(['must-have', 'should-have', 'nice-to-have']),
    }),
  ),
  recommended_stack: texts(),
  technical_constraints: text().nullish(),
});

/** What a wireframe agent writes. */
const wireframeSpec = z.strictObject({
  site_map: z.array(
    z.strictObject({
      path: sized(1, 200),
      description: text(),
      components: z.array(z.strictObject({ name: sized(1, 100), props: texts(), children: texts() })),
    }),
  ),
  global_state_needs: texts(),
  theme_colors: texts(),
});

/** What a code agent writes: one file. */
const codeGenerationResult = z.strictObject({
  file_path: sized(1, 500)
    .nullish()
    .describe('Relative, names joined by /, none of them . or .. or .git; left out: src/app/page.tsx'),
  code: filled(),
  language: sized(1, 50).nullish().describe('Left out: typescript'),
  explanation: text(),
});

/** What an agent that tests finds. */
const qaResult = z.strictObject({
  passed: z.boolean(),
  issues: z.array(
    z.strictObject({ severity: z.enum(['critical', 'warning', 'info']), description: text(), suggestion: text() }),
  ),
  summary: text(),
});

/** Ways that a learner may choose from. */
const choiceFramework = z.strictObject({
  context: text(),
  options: z.array(
    z.strictObject({
      id: text(),
      title: text(),
      pros: texts(),
      cons: texts(),
      difficulty: level,
      educational_value: text(),
    }),
  ),
  recommendation: text(),
});

/** What somebody learns while building a project. */
const learningRoadmap = z.strictObject({
  title: sized(1, 200),
  description: sized(0, 20_000),
  skill_level: level,
  modules: z
    .array(
      z.strictObject({
        title: sized(1, 200),
        description: text(),
        steps: texts(),
        estimated_hours: z.number().gt(0).max(100),
        prerequisites: texts().nullish(),
      }),
    )
    .min(1),
  total_estimated_hours: z.number().gt(0).max(500),
});

/** The sprint that is read out of a spec: its name, and what has to hold when it is done. */
const sprintPlan = z.strictObject({
  label: sized(1, 200),
  dod: z
    .strictObject({
      coverage_min: z.number().min(0).max(1),
      e2e_pass: z.boolean(),
      lighthouse_min: z.number().min(0).max(100),
      lint_pass: z.boolean(),
      type_check: z.boolean(),
    })
    .partial()
    .describe('The Definition of Done: what is left out is not asked for'),
});

/** What is asked before the work goes on. */
export const clarificationQuestion = z.strictObject({
  id: sized(1, 100),
  question: sized(1, 4_000),
  options: z.array(sized(1, 1_000)).max(100).nullish(),
});

/** What is answered. */
export const clarificationResponse = z.strictObject({ question_id: sized(1, 100), answer: sized(0, 20_000) });

const artifact = z
  .strictObject({
    file_path: sized(1, 1_000),
    content: text().nullish(),
    storage_url: sized(1, 2_000).nullish().describe('Where it lies instead: https://…, or storage://<project id>/…'),
    content_type: sized(1, 200).nullish(),
    artifact_type: sized(1, 200).nullish(),
  })
  .refine(({ content, storage_url }) => (content ?? null) === null || (storage_url ?? null) === null, {
    error: 'should have content or storage_url, and not both',
  });

/** What a stage of a workflow leaves. The database says what else has to be so of paths and addresses. */
const stageResult = z.strictObject({
  artifacts: z.array(artifact).max(100),
  output: z.unknown().optional(),
  checks: z
    .array(z.strictObject({ name: sized(1, 200), passed: z.boolean(), note: sized(0, 4_000).nullish() }))
    .max(200)
    .nullish(),
  guarantees: z
    .array(z.strictObject({ type: sized(1, 200), met_percent: z.number().min(0).max(100_000) }))
    .max(200)
    .nullish(),
});

/** What each type of work has to give. */
export const RESULT_SCHEMAS = {
  research: requirementsDoc,
  wireframe: wireframeSpec,
  code: codeGenerationResult,
  qa: qaResult,
  pedagogy: choiceFramework,
  roadmap: learningRoadmap,
  plan_sprint: sprintPlan,
  stage: stageResult,
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** A type of work that can be taken. */
export type WorkType = keyof typeof RESULT_SCHEMAS;
/** All of them. */
export const WORK_TYPES = Object.keys(RESULT_SCHEMAS) as readonly WorkType[];

/** Whether somebody's word is a type of work. */
export function isWorkType(word: string): word is WorkType {
  return Object.hasOwn(RESULT_SCHEMAS, word);
}

const written = new Map<WorkType, Readonly<Record<string, unknown>>>();

/** The schema of a type's result as JSON Schema, draft 2020-12. */
export function resultSchemaOf(type: WorkType): Readonly<Record<string, unknown>> {
  const before = written.get(type);
  if (before !== undefined) return before;
  const made: Readonly<Record<string, unknown>> = { ...z.toJSONSchema(RESULT_SCHEMAS[type], { io: 'input' }) };
  written.set(type, made);
  return made;
}
