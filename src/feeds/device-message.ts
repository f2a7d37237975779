/** Properties of a device event: ACTION, DEVPATH, SUBSYSTEM, DEVNAME, ... */
export type DeviceProperties = ReadonlyMap<string, string>;

const UDEV = Buffer.from('libudev\0');
const UDEV_MAGIC = 0xfeedcafe;
/** Of udev's header: magic (big endian), its own size, where the properties are, how long they are. */
const MAGIC_AT = 8;
const OFFSET_AT = 16;
const LENGTH_AT = 20;
const HEADER = 24;
/** udevd and this machine have the same byte order. */
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Reads a message of the kernel (`add@/devices/...`) or of udev; undefined when it is neither. */
export function parseDeviceMessage(bytes: Buffer): DeviceProperties | undefined {
  const properties = bytes.subarray(0, UDEV.length).equals(UDEV)
    ? udevProperties(bytes)
    : kernelProperties(bytes);
  if (properties === undefined) return undefined;
  const found = new Map<string, string>();
  for (const line of properties.toString().split('\0')) {
    const equals = line.indexOf('=');
    if (equals > 0) found.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return found.has('ACTION') && found.has('DEVPATH') ? found : undefined;
}

function udevProperties(bytes: Buffer): Buffer | undefined {
  if (bytes.length < HEADER || bytes.readUInt32BE(MAGIC_AT) !== UDEV_MAGIC) return undefined;
  const word = (at: number): number => (LITTLE ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const from = word(OFFSET_AT);
  const to = from + word(LENGTH_AT);
  return from < HEADER || to > bytes.length ? undefined : bytes.subarray(from, to);
}

function kernelProperties(bytes: Buffer): Buffer | undefined {
  const end = bytes.indexOf(0);
  const at = bytes.indexOf('@');
  return at <= 0 || end < at ? undefined : bytes.subarray(end + 1);
}
