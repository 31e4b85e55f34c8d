// The process that does the work: the pipeline, away from the door. Whoever started it can stop it
// whatever it is at. It reaches the brain through the serving process, GitHub by itself.
import { Probot } from 'probot';
import { makeAdmission } from '../../brain/admission.ts';
import { makeQuotas } from '../../brain/quotas.ts';
import { makePipeline } from '../../pipeline.ts';
import { serveWork } from './serve-work.ts';

serveWork(({ settings, brain, log, observeQuota }) => {
  const { appId, privateKey, githubApiUrl, writeSpacingMs, ignores, untrustedCheckApps, allowedAccounts, waits } =
    settings;
  const probot = new Probot({ appId, privateKey, baseUrl: githubApiUrl, log });
  const admission = makeAdmission(brain, allowedAccounts, log);
  const quotas = makeQuotas({ brain, log, observe: observeQuota });
  const config = { appId, untrustedCheckApps, waits };
  return makePipeline({ brain, probot, config, admission, quotas, ignores, log, writeSpacingMs });
});
