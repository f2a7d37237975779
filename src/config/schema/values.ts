/** Values that settings are made of, each with the sentence that says what is allowed. */
import { isIP } from 'node:net';
import { z } from 'zod';

const PATH_MAX = 4096;

export const absolutePath = z
  .string({ error: 'an absolute path' })
  .regex(/^\/[^\0]*$/, { error: 'an absolute path: it begins with /' })
  .max(PATH_MAX, { error: 'a path of at most 4096 bytes' });

/** `*` and `?` within a folder, `**` through folders; a closing / means all that is below. */
export const pattern = z
  .string({ error: 'a path or pattern' })
  .regex(/^(?:\/|\*\*\/)[^\0]*$/, { error: 'a path or pattern that begins with / or **/' })
  .max(PATH_MAX, { error: 'a pattern of at most 4096 bytes' })
  .refine((text) => text.split('/').length <= 64, { error: 'a pattern of at most 64 folders' });

/** osquery's form too: % for *, %% for **. */
export const categories = z.record(
  z.string(),
  z.array(
    z
      .string({ error: 'a path or pattern' })
      .regex(/^(?:\/|\*\*\/|%%\/)[^\0]*$/, { error: 'a path or pattern that begins with /' })
      .max(PATH_MAX, { error: 'a pattern of at most 4096 bytes' })
      .refine((text) => text.split('/').length <= 64, { error: 'a pattern of at most 64 folders' }),
    { error: 'a list of paths or patterns' },
  ),
  { error: 'categories, each with a list of paths or patterns' },
);

export function wholeNumber(low: number, high: number) {
  const error = `a whole number from ${low} to ${high}`;
  return z.number({ error }).int({ error }).min(low, { error }).max(high, { error });
}

export function milliseconds(low: number, high: number) {
  const error = `milliseconds, from ${low} to ${high}`;
  return z.number({ error }).int({ error }).min(low, { error }).max(high, { error });
}

export const uid = wholeNumber(0, 0xfffffffe);
export const port = wholeNumber(1, 65_535);

const TCP = 'an address and a port, such as "127.0.0.1:9464" or "[::1]:9464"';

/** Numbers only: a name could come to mean another machine's address. */
export const tcpAddress = z
  .string({ error: TCP })
  .regex(/^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.]+\]):\d{1,5}$/, { error: TCP })
  .refine(
    (text) => {
      const colon = text.lastIndexOf(':');
      const port = Number(text.slice(colon + 1));
      return isIP(text.slice(0, colon).replaceAll(/[[\]]/g, '')) !== 0 && port <= 65_535;
    },
    { error: TCP },
  );

const CGROUP = 'a path below the cgroup2 mount, such as /system.slice/cron.service, or its id';

/** Ids are inode numbers, which may need text to stay exact. */
export const cgroup = z.union(
  [
    z.number().int().positive(),
    z
      .string()
      .regex(/^(?:\/[^\0]*|[1-9]\d{0,19})$/, { error: CGROUP })
      .max(PATH_MAX),
  ],
  { error: CGROUP },
);

/** Of processes; the number that `stat -L -c %i /proc/PID/ns/mnt` shows. */
export const mountNamespace = z.union([z.enum(['host', 'any']), z.number().int().positive()], {
  error: '"host", "any" or the number of a mount namespace',
});

const NETWORK = 'an address, or a network such as "10.0.0.0/8" or "fd00::/8"';

export const network = z
  .string({ error: NETWORK })
  .max(64, { error: NETWORK })
  .refine((text) => isNetwork(text), { error: NETWORK });

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([\da-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

const FILE_ID = 'MAJOR:MINOR:INODE of an executable, as "stat -L -c %Hd:%Ld:%i FILE" shows it';

export const fileId = z
  .string({ error: FILE_ID })
  .regex(/^\d{1,4}:\d{1,7}:[1-9]\d{0,19}$/, { error: FILE_ID });

const EXTENSION = 'the end of a name without its dot, such as "log"; no wildcards';

export const extension = z
  .string({ error: EXTENSION })
  .regex(/^[^./*?[\]{}\\\0][^/*?[\]{}\\\0]{0,63}$/, { error: EXTENSION });

const TREE = 'a process_id, or the path or pattern of the executable that a tree begins with';

export const tree = z
  .string({ error: TREE })
  .regex(/^(?:-?\d{1,19}|(?:\/|\*\*\/)[^\0]*)$/, { error: TREE })
  .max(PATH_MAX, { error: TREE });

const CONTAINER =
  'the id of a container, or its first 12 characters or more, or the name of a machine';

export const container = z
  .string({ error: CONTAINER })
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/, { error: CONTAINER });

const MOMENT = 'seconds since 1970, or a time such as "2030-01-31T12:00:00Z"';

/** Becomes seconds since 1970. */
export const moment = z
  .union(
    [
      z.number().int().nonnegative(),
      z.string().refine((text) => /^\d{4}-/.test(text) && !Number.isNaN(Date.parse(text)), {
        error: MOMENT,
      }),
    ],
    { error: MOMENT },
  )
  .transform((value) => (typeof value === 'number' ? value : Math.floor(Date.parse(value) / 1000)));

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DURATION = 'seconds, or a number with s, m, h, d or w, such as "14d"; 0 for no limit';

/** Becomes seconds. */
export const duration = z
  .union(
    [z.number().int().nonnegative(), z.string().regex(/^\d{1,9}[smhdw]$/, { error: DURATION })],
    {
      error: DURATION,
    },
  )
  .transform((value) =>
    typeof value === 'number'
      ? value
      : Number(value.slice(0, -1)) * (SECONDS[value.slice(-1)] as number),
  );

const UNITS: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const BYTES = 'bytes, or a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB; 0 for no limit';

/** Becomes bytes. */
export const bytes = z
  .union(
    [z.number().int().nonnegative(), z.string().regex(/^\d{1,6} ?[KMGT]i?B$/, { error: BYTES })],
    {
      error: BYTES,
    },
  )
  .transform((value) => {
    if (typeof value === 'number') return value;
    const unit = /[A-Za-z]+$/.exec(value)?.[0] ?? '';
    return Number.parseInt(value, 10) * (UNITS[unit] as number);
  });
