// The process that does the work: the pipeline, away from the receiver. Started by running-process.ts, which can stop it whatever
// it is at; it reaches the brain through the serving process, GitHub by itself.
import { serveWork } from './serve-work.ts';
import { makeWorkPipeline } from './work-pipeline.ts';

serveWork(makeWorkPipeline);
