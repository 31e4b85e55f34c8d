// How much all streams together hold for readers who have not taken it yet.

/** Counts what is held, each buffer once however many readers wait for it; beyond the limit whoever has waited longest is cut off. */
export class UnsentBytes {
  readonly #most: number;
  readonly #holders = new Map<symbol, () => void>();
  readonly #times = new Map<Buffer, number>();
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts these until what it returns is called. `drop` cuts their reader off. */
  hold(buffers: readonly Buffer[], drop: () => void): () => void {
    const holder = Symbol();
    this.#holders.set(holder, drop);
    for (const buffer of buffers) this.#count(buffer, 1);
    const release = () => {
      if (!this.#holders.delete(holder)) return;
      for (const buffer of buffers) this.#count(buffer, -1);
    };
    // What one stream alone has to send is bounded by what the database keeps.
    const [longest] = this.#holders;
    if (this.#bytes > this.#most && longest !== undefined && longest[0] !== holder) longest[1]();
    return release;
  }

  #count(buffer: Buffer, change: 1 | -1): void {
    const times = (this.#times.get(buffer) ?? 0) + change;
    if (change === 1 && times === 1) this.#bytes += buffer.length;
    if (times > 0) this.#times.set(buffer, times);
    else {
      this.#times.delete(buffer);
      this.#bytes -= buffer.length;
    }
  }
}
