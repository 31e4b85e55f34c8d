// An agent for `codered work`: writes down what is known of a task, and asks where something is missing.
import { text } from 'node:stream/consumers';

const packet = JSON.parse(await text(process.stdin));
console.error(`progress 10 ${packet.kind} of the type ${packet.type}, attempt ${packet.attempt}`);

if (packet.kind === 'stage') {
  const content = `# ${packet.stage?.name ?? packet.type}\n\n${JSON.stringify(packet.intent, null, 2)}\n`;
  console.error('progress 90 written');
  console.log(JSON.stringify({ artifacts: [{ file_path: `${packet.type}.md`, content }] }));
} else if ((packet.answers ?? []).length === 0) {
  // Ends here: the same work comes again with what was answered.
  console.log(
    JSON.stringify({ ask: [{ id: 'audience', question: 'For whom is it?', options: ['users', 'operators'] }] }),
  );
} else {
  console.error(JSON.stringify({ usage: { model_id: 'example', tokens_in: 1200, tokens_out: 80, cost_usd: 0.01 } }));
  console.log(JSON.stringify(resultOf(packet)));
}

/** What `packet.result_schema` asks for. A real agent hands the schema to its model. */
function resultOf({ input, answers }) {
  return { summary: `What ${JSON.stringify(input)} comes to for ${JSON.stringify(answers)}` };
}
