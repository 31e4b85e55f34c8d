// The process that does the work: the pipeline, away from the door. Started by running-process.ts, which can stop it whatever
// it is at; it reaches the brain through the serving process, GitHub by itself.
import { Probot } from 'probot';
import { makePipeline } from '../pipeline.ts';
import { serveWork } from './serve-work.ts';

serveWork(({ settings, brain, log }) => {
  const { appId, privateKey, githubApiUrl, writeSpacingMs, ignores, untrustedCheckApps } = settings;
  const probot = new Probot({ appId, privateKey, baseUrl: githubApiUrl, log });
  return makePipeline({ brain, probot, config: { appId, untrustedCheckApps }, ignores, log, writeSpacingMs });
});
