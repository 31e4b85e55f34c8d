// Finds what `echo` and `printf` give to a command that reads a password: `echo … | docker login --password-stdin`. Pure.
import { endOfQuoted } from './command-lines.ts';
import { endOfLine } from './reading/value-reader.ts';

/** Options that say that a secret is read. */
const READS = /--password-stdin|--with-token|--token-stdin|--pass(?:word|phrase)?-(?:fd|file)/;
/** Commands that read one, right behind the pipe. */
const READERS =
  /\|&?[ \t]{0,5}(?:sudo[ \t]{1,3}-[a-zA-Z]{0,5}S|(?:sudo[ \t]{1,3})?(?:\/[\w/]{1,20}\/)?(?:(?:ch)?passwd|(?:docker|podman|nerdctl|buildah|skopeo|crane|oras|helm|gh|glab|hub|az|oc|cf|ibmcloud|vault|npm|pnpm|yarn|cargo|aws|gcloud|heroku|argocd|jf|bw|op|fly|flyctl|wrangler|pulumi)(?:[ \t]--?[\w=/.-]{1,60}){0,3}(?:[ \t](?:registry|auth|acr|account|container))?[ \t]login)(?![\w./:-]))/;

/** `at` is the index after `echo` or `printf`. Returns where the secret begins; -1 when the output goes to no command that reads one. */
export function pipedSecret(text: string, at: number): number {
  const rest = text.slice(at, Math.min(endOfLine(text, at), at + 600));
  const bare = outsideQuotes(rest);
  const pipe = bare.indexOf('|');
  if (pipe < 0 || !(READS.test(bare.slice(pipe)) || READERS.test(bare.slice(pipe)))) return -1;
  return at + (/^(?:-[neE]{1,3}\s|["']?%s(?:\\n)?["']?\s)/.exec(rest)?.[0].length ?? 0);
}

/** The pipeline without what is in quotes, up to the next command that gets nothing from it. */
function outsideQuotes(rest: string): string {
  let bare = '';
  for (let at = 0; at < rest.length; at++) {
    const closed = endOfQuoted(rest, at);
    if (closed > at) at = closed;
    else if (/^(?:;|&&|\|\|)/.test(rest.slice(at, at + 2))) return bare;
    else bare += rest.charAt(at);
  }
  return bare;
}
