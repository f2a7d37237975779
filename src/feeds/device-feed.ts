import { existsSync } from 'node:fs';
import { native } from '../native/addon.ts';
import type { NativeNetlinkListener } from '../native/net.ts';
import { parseDeviceMessage } from './device-message.ts';
import { deviceRow, readSys } from './device-row.ts';
import type { Feed, FeedSink } from './feed.ts';

const AT_ONCE = 512;
/** udevd listens here while it runs. */
const UDEV_CONTROL = '/run/udev/control';

/** Devices that come, go and change: as udev tells it after its rules, or as the kernel does. */
export class DeviceFeed implements Feed {
  readonly name = 'hardware';
  readonly #group: 'udev' | 'kernel';
  readonly #read = readSys();
  #listener: NativeNetlinkListener | undefined;
  #sink: FeedSink | undefined;

  constructor(group: 'udev' | 'kernel' = existsSync(UDEV_CONTROL) ? 'udev' : 'kernel') {
    this.#group = group;
  }

  start(sink: FeedSink): string {
    const listener = new native.NetlinkListener(this.#group, []);
    const error = listener.open(() => this.drain());
    if (error !== '') return `device events cannot be had: ${error}`;
    this.#listener = listener;
    this.#sink = sink;
    return '';
  }

  drain(): void {
    const sink = this.#sink;
    if (this.#listener === undefined || sink === undefined) return;
    for (;;) {
      const { messages, lost, overruns } = this.#listener.take(AT_ONCE);
      if (overruns > 0) {
        sink.warn(this.name, 'the kernel had no room for device events: some are lost');
      }
      sink.count('lostRing', 'hardware', overruns); // at least one each
      sink.count('lostQueue', 'hardware', lost);
      for (const { timeNs, bytes } of messages) {
        const properties = parseDeviceMessage(bytes);
        if (properties === undefined) sink.count('lostDecode', 'hardware', 1);
        const row = properties && deviceRow(properties, this.#read);
        if (row !== undefined) sink.emit({ time_ns: timeNs, ...row });
      }
      if (messages.length < AT_ONCE) return;
    }
  }

  stop(): void {
    this.#listener?.close();
    this.drain();
    this.#listener = undefined;
  }
}
