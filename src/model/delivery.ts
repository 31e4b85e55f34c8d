// A webhook delivery as the steps see it. Pure.

/** One webhook as the inbox hands it to the worker. */
export interface Delivery {
  readonly app_id: number;
  readonly guid: string;
  readonly event: string;
  readonly payload: unknown;
  /** 1 for the first try. */
  readonly attempts: number;
  /** The number of this claim: recording, failing, putting off and renewing need it. */
  readonly claim: number;
}
