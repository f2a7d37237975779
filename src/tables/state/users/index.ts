import type { StateTable } from '../../bridge/table.ts';
import { authorizedKeys } from './authorized-keys.ts';
import { crontab } from './crontab.ts';
import { groups } from './groups.ts';
import { knownHosts } from './known-hosts.ts';
import { last } from './last.ts';
import { loggedInUsers } from './logged-in-users.ts';
import { shadow } from './shadow.ts';
import { shellHistory } from './shell-history.ts';
import { sshConfigs } from './ssh-configs.ts';
import { sudoers } from './sudoers.ts';
import { userGroups } from './user-groups.ts';
import { userSshKeys } from './user-ssh-keys.ts';
import { users } from './users.ts';

export const USER_TABLES: readonly StateTable[] = [
  authorizedKeys,
  crontab,
  groups,
  knownHosts,
  last,
  loggedInUsers,
  shadow,
  shellHistory,
  sshConfigs,
  sudoers,
  userGroups,
  userSshKeys,
  users,
];
