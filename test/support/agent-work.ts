// Results that fit, one of each type, and what claims give. Only tests import it.

/** One result of each type of job that fits its schema. */
export const FITTING = {
  research: {
    app_name: 'Walkies',
    elevator_pitch: 'Dog walkers see who walks whom, and when.',
    target_audience: [{ role: 'walker', goal: 'fewer calls', pain_point: 'double bookings' }],
    core_features: [{ name: 'Calendar', description: 'Who walks when', priority: 'must-have' }],
    recommended_stack: ['postgres'],
  },
  wireframe: {
    site_map: [{ path: '/', description: 'Home', components: [{ name: 'Calendar', props: ['day'], children: [] }] }],
    global_state_needs: ['session'],
    theme_colors: ['#fff'],
  },
  code: {
    file_path: 'src/app.ts',
    code: 'export const walks = [];\n',
    language: 'typescript',
    explanation: 'It lists walks.',
  },
  qa: {
    passed: true,
    issues: [{ severity: 'info', description: 'No test yet', suggestion: 'Add one' }],
    summary: 'Good enough',
  },
  pedagogy: {
    context: 'How to keep walks',
    options: [
      { id: 'a', title: 'A table', pros: ['plain'], cons: [], difficulty: 'beginner', educational_value: 'SQL' },
    ],
    recommendation: 'a',
  },
  roadmap: {
    title: 'Walks',
    description: 'From a list to a calendar',
    skill_level: 'beginner',
    modules: [{ title: 'Tables', description: 'What a row is', steps: ['read', 'try'], estimated_hours: 1.5 }],
    total_estimated_hours: 1.5,
  },
  plan_sprint: { label: 'Sprint 1', dod: { coverage_min: 0.8, lint_pass: true } },
} as const;

/** What a claim gives of a job. */
export interface Packet {
  readonly work_id: string;
  readonly type: keyof typeof FITTING;
  readonly claim: number;
  readonly attempt: number;
  readonly locked_until: string;
  readonly input: Record<string, unknown>;
  readonly answers: readonly unknown[];
  readonly artifacts: readonly { readonly file_path: string; readonly content: string }[];
  readonly prompt_packet: string;
  readonly agent: { readonly slug: string } | null;
  readonly constraints: { readonly must_end_at: string | null };
}
