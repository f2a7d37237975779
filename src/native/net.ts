/** Sockets that Node.js does not have (addon/net). */

/** A Unix datagram socket that only sends and never blocks. Both say '' or the name of an errno:
 * EAGAIN, EMSGSIZE, ENOENT, ECONNREFUSED, ... and connect anew when the receiver was away. */
export interface NativeDatagram {
  send(message: Uint8Array): string;
  /** In a sealed memory file, as journald takes large messages. */
  sendInFile(message: Uint8Array): string;
  close(): void;
}

/** One message of the kernel or of udev, or one audit record. */
export interface NetlinkMessage {
  readonly timeNs: bigint; // wall clock, when it was taken from the socket
  readonly boottimeNs: bigint;
  readonly type: number; // of an audit record; 0 for devices
  readonly bytes: Buffer; // audit: the record's text; devices: the message as it came
}

/** Listens to what the kernel multicasts; a thread of its own reads into a bounded queue. */
export interface NativeNetlinkListener {
  /**
   * @param wake called on this thread when messages wait and none did before
   * @returns '' or the name of an errno: EPERM, EPROTONOSUPPORT, ...
   */
  open(wake: () => void): string;
  /** What waits, at most so many. `lost`: the queue was full; `overruns`: times that the socket was. */
  take(most: number): {
    readonly messages: readonly NetlinkMessage[];
    readonly lost: number;
    readonly overruns: number;
  };
  /** What was there by then can still be taken. */
  close(): void;
}

/** Who is at the other end of a Unix socket, as the kernel knows it. */
export interface NativePeer {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number; // in this pid namespace; 0: outside of it
  readonly groups: readonly number[]; // supplementary ones; none of kernels before 4.13
}
