// Settings that pass, for tests that start CodeRed or read its configuration. Nothing in here is anybody's secret.
import { generateKeyPairSync } from 'node:crypto';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** As GitHub hands it out. */
export const pkcs1Pem = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
/** As CodeRed keeps it. */
export const pkcs8Pem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The half that GitHub keeps. */
export const publicPem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** An environment with nothing but what has to be there. */
export const completeEnvironment = {
  APP_ID: '4711',
  PRIVATE_KEY: pkcs1Pem,
  WEBHOOK_SECRET: 'a secret of the tests only',
} as const;
