import type { Host } from '../../host/host.ts';

export interface User {
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
  readonly description: string;
  readonly directory: string;
  readonly shell: string;
}

export interface Group {
  readonly groupname: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const ID = /^\d+$/;

/** What a 32-bit id is for programs that take it as signed. */
export function signed(id: number): number {
  return id | 0;
}

/** Accounts of /etc/passwd; lines that are none (comments, NIS) are passed over. */
export function userEntries(host: Host): User[] {
  return host.lines('/etc/passwd').flatMap((line) => {
    const [username = '', , uid = '', gid = '', description = '', directory = '', shell = ''] =
      line.split(':');
    if (username === '' || !ID.test(uid) || !ID.test(gid)) return [];
    return [{ username, uid: Number(uid), gid: Number(gid), description, directory, shell }];
  });
}

export function groupEntries(host: Host): Group[] {
  return host.lines('/etc/group').flatMap((line) => {
    const [groupname = '', , gid = '', members = ''] = line.split(':');
    if (groupname === '' || !ID.test(gid)) return [];
    return [{ groupname, gid: Number(gid), members: members.split(',').filter((m) => m !== '') }];
  });
}
