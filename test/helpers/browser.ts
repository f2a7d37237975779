import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { makeScratch, removeScratch } from './scratch.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

const FLAGS = [
  '--headless',
  '--no-sandbox', // as root there is none
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--remote-debugging-pipe',
];

/** One page in Chromium, spoken to by the DevTools protocol over a pipe: no port is opened. */
export class Browser {
  /** Script errors, refusals by the page's policy, and what the page asked for besides itself. */
  readonly complaints: string[] = [];
  readonly #chromium: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #events: { readonly method: string; readonly seen: () => void }[] = [];
  #asked = 0;
  #session = '';
  #address = '';

  private constructor() {
    this.#profile = makeScratch();
    this.#chromium = spawn('chromium', [...FLAGS, `--user-data-dir=${this.#profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    let received = '';
    const answers = this.#chromium.stdio[4] as Readable;
    answers.setEncoding('utf8').on('data', (text: string) => {
      const messages = (received + text).split('\0');
      received = messages.pop() ?? '';
      for (const message of messages) this.#hear(JSON.parse(message) as Message);
    });
  }

  static async start(): Promise<Browser> {
    const browser = new Browser();
    await once(browser.#chromium, 'spawn');
    const { targetId } = await browser.call('Target.createTarget', { url: 'about:blank' });
    const attached = await browser.call('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = String(attached.sessionId);
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) {
      await browser.call(`${domain}.enable`);
    }
    return browser;
  }

  #hear({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.({ ...(result && { result }), ...(error && { error }) });
      this.#waiting.delete(id);
      return;
    }
    if (method === 'Network.requestWillBeSent') {
      const request = params?.request as { readonly url: string } | undefined;
      const url = request?.url;
      if (url !== this.#address) this.complaints.push(`asked for ${url}`);
    }
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(params));
    }
    for (const event of this.#events) if (event.method === method) event.seen();
  }

  /** Rejects with what Chromium says. */
  async call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#asked;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    const session = this.#session === '' ? {} : { sessionId: this.#session };
    const requests = this.#chromium.stdio[3] as Writable;
    requests.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Resolves once the page has loaded. */
  async open(file: string): Promise<void> {
    this.#address = `file://${file}`;
    this.complaints.length = 0;
    const loaded = new Promise<void>((seen) =>
      this.#events.push({ method: 'Page.loadEventFired', seen }),
    );
    await this.call('Page.navigate', { url: this.#address });
    await loaded;
  }

  /** The value of an expression in the page, as JSON carries it. */
  async value(expression: string): Promise<unknown> {
    const answer = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    if (answer.exceptionDetails !== undefined) {
      throw new Error(JSON.stringify(answer.exceptionDetails));
    }
    return (answer.result as { readonly value?: unknown }).value;
  }

  async stop(): Promise<void> {
    const ended = once(this.#chromium, 'exit');
    this.#chromium.kill('SIGKILL');
    await ended;
    removeScratch(this.#profile);
  }
}
