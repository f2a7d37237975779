import { z } from 'zod';
import { ACTION_NAMES, EXCLUSION_SCOPES, TABLE_NAMES } from './names.ts';
import {
  cgroup,
  container,
  extension,
  fileId,
  moment,
  mountNamespace,
  network,
  pattern,
  port,
  tree,
  uid,
} from './values.ts';

/** All conditions of a rule must hold for an event to be left out. */
export const exclusion = z.strictObject({
  /** Default: made of the conditions. */
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
      error: 'up to 64 letters, digits, -, _ and .; the first a letter or digit',
    })
    .optional(),
  scope: z.enum(EXCLUSION_SCOPES).optional(), // default: collection
  path: pattern.optional(), // file events: the file
  extension: extension.optional(), // file events: what the file's name ends with
  executable: pattern.optional(), // of the acting process
  executable_file: fileId.optional(), // the same, whatever it is called
  /** Of the acting process; beside `executable` the default is the host's. */
  mount_namespace: mountNamespace.optional(),
  tree: tree.optional(), // a process and all that it started
  uid: uid.optional(),
  user: z.string().min(1).optional(),
  cgroup: cgroup.optional(),
  container: container.optional(),
  port: port.optional(), // socket events: either end
  address: network.optional(), // socket events: the other end
  /** Detection and response: name of the rule; * stands for any text. */
  query: z.string().min(1).max(256).optional(),
  actions: z.array(z.enum(ACTION_NAMES)).min(1).optional(),
  tables: z.array(z.enum(TABLE_NAMES)).min(1).optional(),
  reason: z.string().max(1000).optional(),
  created: moment.optional(),
  expires: moment.optional(),
  /** It is meant to hold for everything. */
  force: z.boolean().optional(),
});
