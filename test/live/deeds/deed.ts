/** What a rule is about, done harmlessly, and what looks like it and is something else. */
export interface Deed {
  readonly rule: string;
  /**
   * Shell script, run from a file so that its own command line says nothing, in a mount namespace
   * of its own. Of the host's folders it changes only those that it has hidden. See PRELUDE.
   */
  readonly script: string;
  /** Part of the detection's row. */
  readonly shows?: string;
  /** A script that the rule leaves alone. */
  readonly near?: string;
  /** Other rules that see the same; by name, so that a new overlap is noticed. */
  readonly also?: readonly string[];
  readonly shell?: string;
  /** A file that only kernels have where it can be done; on others the rule is not exercised. */
  readonly needs?: string;
}

/**
 * $S is the scratch folder; /opt is empty and takes programs. `hide /etc` covers a folder of the host
 * with an empty one; `as NAME PROGRAM` copies a program to /opt/NAME; `fake NAME ARGUMENTS` runs
 * something that does nothing under this name; `victim NAME` starts something to be ended, $V;
 * `by_dpkg COMMANDS` has a shell run them that is, for who looks, /usr/bin/dpkg.
 */
export const PRELUDE = `set -e
umask 022
hide() { mount -t tmpfs none "$1"; }
as() { cp "$(readlink -f "$2")" "/opt/$1"; }
fake() { fake=$1; shift; cp /bin/true "/opt/$fake"; "/opt/$fake" "$@"; }
victim() {
  as "$1" /bin/sleep; "/opt/$1" 60 & V=$!
  until [ "$(readlink /proc/$V/exe)" = "/opt/$1" ]; do :; done
}
reap() { wait $V || true; }
by_dpkg() { mount --bind "$(readlink -f /bin/sh)" /usr/bin/dpkg; /usr/bin/dpkg -c "$1"; }
hide /opt
`;
