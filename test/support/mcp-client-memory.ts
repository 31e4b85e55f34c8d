// What the official client of MCP has its program keep for it, here in memory.
import type { OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/client';

type Kept<Name extends 'clientInformation' | 'tokens'> = Awaited<ReturnType<OAuthClientProvider[Name]>>;

export class ClientMemory implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadataUrl?: string;
  /** Where the client wants the person's browser to go. */
  sentTo: URL | null = null;
  kept: Kept<'tokens'>;
  #client: Kept<'clientInformation'>;
  #verifier = '';
  #discovered: OAuthDiscoveryState | undefined;
  constructor(redirectUrl: string) {
    this.redirectUrl = redirectUrl;
  }
  get clientMetadata() {
    return { client_name: 'The official client', redirect_uris: [this.redirectUrl] };
  }
  state() {
    return 'a-state';
  }
  clientInformation() {
    return this.#client;
  }
  saveClientInformation(client: NonNullable<Kept<'clientInformation'>>) {
    this.#client = client;
  }
  tokens() {
    return this.kept;
  }
  saveTokens(tokens: NonNullable<Kept<'tokens'>>) {
    this.kept = tokens;
  }
  redirectToAuthorization(url: URL) {
    this.sentTo = url;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }
  saveDiscoveryState(state: OAuthDiscoveryState) {
    this.#discovered = state;
  }
  discoveryState() {
    return this.#discovered;
  }
}
