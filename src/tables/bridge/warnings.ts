/** Warnings of one statement; further ones are only counted. */
const MOST = 50;

/** A path may hold line ends and terminal codes; a warning is one plain line. */
function plain(message: string): string {
  return message.replaceAll(
    /\p{Cc}/gu,
    (code) => `\\x${code.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export class Warnings {
  readonly #messages = new Set<string>();
  #more = 0;

  add(message: string): void {
    const line = plain(message);
    if (this.#messages.has(line)) return;
    if (this.#messages.size < MOST) this.#messages.add(line);
    else this.#more++;
  }

  /** Gives the warnings since the last call. */
  take(): string[] {
    const messages = [...this.#messages];
    if (this.#more > 0) messages.push(`and ${this.#more} more warnings`);
    this.#messages.clear();
    this.#more = 0;
    return messages;
  }
}
