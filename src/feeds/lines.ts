const NEWLINE = 0x0a;

/** Cuts what comes in pieces into lines. One that is too long is left out and told. */
export class LineCutter {
  readonly #most: number;
  readonly #line: (line: Buffer) => void;
  readonly #tooLong: () => void;
  #parts: Buffer[] = [];
  #size = 0;

  /** @param most bytes of a line */
  constructor(most: number, line: (line: Buffer) => void, tooLong: () => void) {
    this.#most = most;
    this.#line = line;
    this.#tooLong = tooLong;
  }

  push(piece: Buffer): void {
    let from = 0;
    for (;;) {
      const end = piece.indexOf(NEWLINE, from);
      if (end < 0) break;
      this.#add(piece.subarray(from, end));
      this.#end();
      from = end + 1;
    }
    this.#add(piece.subarray(from));
  }

  #add(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > this.#most) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #end(): void {
    if (this.#size > this.#most) this.#tooLong();
    else if (this.#size > 0) this.#line(Buffer.concat(this.#parts));
    this.#parts = [];
    this.#size = 0;
  }
}
