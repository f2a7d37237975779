import { protectedExecutables } from '../../config/protected.ts';
import type { Config } from '../../config/schema.ts';
import { executableOf, fileId, type ListedProcess } from './process-list.ts';

/** What keeps responses from doing harm: the same refusals as in the kernel (bpf/lib/behavior.h). */
export class Guard {
  readonly #config: Pick<Config, 'response'>;
  readonly #now: () => number;
  #since = Number.NEGATIVE_INFINITY;
  #responses = 0;

  /** @param now milliseconds, monotonic */
  constructor(config: Pick<Config, 'response'>, now: () => number = () => performance.now()) {
    this.#config = config;
    this.#now = now;
  }

  /** Why no response may be begun; '': it may, and counts. */
  begin(): string {
    const { enabled, limit, limit_interval: interval } = this.#config.response;
    if (!enabled) return 'disabled';
    const now = this.#now();
    if (now - this.#since >= interval * 1000) {
      this.#since = now;
      this.#responses = 0;
    }
    if (this.#responses >= limit) return 'rate_limit';
    this.#responses++;
    return '';
  }

  /** Nothing came of what was begun: or whoever provokes refusals would use up the limit. */
  giveBack(): void {
    this.#responses--;
  }

  /** Why nothing is done to this process; '': it may be. Files are looked at now, as they change. */
  refusal(process_: ListedProcess): string {
    if (process_.pid === 1) return 'init';
    if (process_.pid === process.pid) return 'weir';
    if (process_.kernelThread) return 'kernel_thread';
    const running = executableOf(process_.pid);
    if (running === null) return 'unknown_executable';
    const safe = protectedExecutables(this.#config).map(fileId);
    return safe.includes(running) ? 'protected' : '';
  }
}
