// The bytes of a body as they come.

/** A piece smaller than this is copied: an object for every few bytes would take many times their memory. */
const SMALL_BYTES = 4_096;
const BLOCK_BYTES = 16_384;

/** Takes pieces of any size and gives them back as one. */
export class Chunks {
  readonly #whole: Buffer[] = [];
  #block = Buffer.alloc(0);
  #filled = 0;
  #length = 0;

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    if (chunk.length >= SMALL_BYTES) {
      this.#closeBlock();
      this.#whole.push(chunk);
      return;
    }
    if (this.#filled + chunk.length > this.#block.length) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    }
    chunk.copy(this.#block, this.#filled);
    this.#filled += chunk.length;
  }

  join(): Buffer {
    this.#closeBlock();
    return Buffer.concat(this.#whole, this.#length);
  }

  #closeBlock(): void {
    if (this.#filled > 0) this.#whole.push(this.#block.subarray(0, this.#filled));
    this.#block = this.#block.subarray(this.#filled);
    this.#filled = 0;
  }
}
