// An agent for `codered work --types qa,stage -- node docs/example-agent.mjs`; docs/worker.md says what goes in and out.
import { text } from 'node:stream/consumers';

const { kind, type, attempt, input, answers, stage, intent, artifacts } = JSON.parse(await text(process.stdin));
console.error(`progress 10 attempt ${attempt} at ${stage?.name ?? type}`);

if (kind === 'stage') {
  const before = artifacts.map(({ file_path }) => `- ${file_path}`).join('\n');
  const content = `# ${stage.name}\n\nFor ${JSON.stringify(intent)}, after:\n\n${before || '- nothing'}\n`;
  give({ artifacts: [{ file_path: `${stage.id}.md`, content }] });
} else if (type !== 'qa') {
  give({ fail: `This example does stages and qa, and nothing of the type ${type}.` });
} else if (answers.length === 0) {
  // It ends here: the same job comes again with what a person has answered.
  give({ ask: [{ id: 'zero', question: 'May a price be 0?', options: ['yes', 'no'] }] });
} else {
  give({
    passed: true,
    issues: [],
    summary: `${JSON.stringify(input)} holds, where 0 is a price: ${answers[0].answer}.`,
  });
}

function give(result) {
  console.error(JSON.stringify({ usage: { model_id: 'example', tokens_in: 200, tokens_out: 20, cost_usd: 0 } }));
  console.log(JSON.stringify(result));
}
