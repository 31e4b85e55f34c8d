// The pipeline made of the settings of a working process: by that process, and by a server that is to do the work itself.
import { Probot } from 'probot';
import { makeAdmission } from '../../brain/admission.ts';
import { makeQuotas } from '../../brain/quotas.ts';
import { makePipeline, type Pipeline } from '../../pipeline.ts';
import type { WorkDeps } from './serve-work.ts';

/** Opens nothing and asks nobody anything before there is work. */
export function makeWorkPipeline({ settings, brain, log, observeQuota }: WorkDeps): Pipeline {
  const {
    appId,
    privateKey,
    githubApiUrl,
    writeSpacingMs,
    ignores,
    untrustedCheckApps,
    agentsRepositories,
    allowedAccounts,
    waits,
  } = settings;
  const probot = new Probot({ appId, privateKey, baseUrl: githubApiUrl, log });
  const admission = makeAdmission(brain, allowedAccounts, log);
  const quotas = makeQuotas({ brain, log, observe: observeQuota });
  const config = { appId, untrustedCheckApps, agentsRepositories, waits };
  return makePipeline({ brain, probot, config, admission, quotas, ignores, log, writeSpacingMs });
}
