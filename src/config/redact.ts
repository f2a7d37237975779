/**
 * What must not leave the host in a bundle: passwords, tokens, connection strings. All patterns are
 * bounded, as the text may be hostile. Rather a harmless word too many goes than a secret too few.
 */

export const REMOVED = '(removed)';

/** Keys of which any value is taken for a secret: osquery's flags may have any of them. */
const SECRET_KEY =
  /secret|password|passwd|passphrase|(?:^|[_-])pass$|token|credential|api_?key|private_?key|access_?key|authorization|cookie|connection|^dsn$|(?:^|[_-])(?:key|auth)$/i;

/** What a text calls a secret, before its value. */
const NAMED =
  '(?:pass(?:word|wd|phrase)|(?<![a-z])pass|pwd|secret|token|credential|api[_-]?key|access[_-]?key|[_-](?:key|auth))s?';

const RANDOM_PART = /\/(?=[a-z_-]{0,64}\d)(?=[\d_-]{0,64}[a-z])[a-z\d_~=]{16,512}(?![\w~=.-])/gi;

type Form = readonly [pattern: RegExp, instead: string | ((found: string) => string)];

const FORMS: readonly Form[] = [
  [
    /-----BEGIN ([A-Z ]{0,40}PRIVATE KEY)-----[\s\S]{0,65536}?-----END [A-Z ]{0,40}PRIVATE KEY-----/g,
    REMOVED,
  ],
  // scheme://user:password@host: the user goes, too. A password may hold what a URL does not allow.
  [
    /\b([a-z][a-z0-9+.-]{0,30}:\/\/)(?:[^\s/?#"'<>]{1,512}|[^\s/:@"'<>]{1,256}:(?!\d{1,5}\/)[^\s@"'<>]{1,512})@/gi,
    `$1${REMOVED}@`,
  ],
  // The same without a scheme, as in lists of brokers.
  [/(?<![\w.:/@-])[\w.+-]{1,256}:[^\s/:@"'<>,]{1,512}@(?=[\w[])/g, `${REMOVED}@`],
  // A part of an address's path that nobody made up by hand.
  [
    /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s?#"'<>]{1,65536}/gi,
    (url) => url.replaceAll(RANDOM_PART, `/${REMOVED}`),
  ],
  // A query or a fragment may hold a signature or a token.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s?#"'<>]{1,512})([?#])[^\s"'<>]{1,65536}/gi, `$1$2${REMOVED}`],
  // Where a message is posted to, the path is the secret.
  [
    /\b([a-z]{1,30}:\/\/(?:hooks\.[^\s/"'<>]{1,256}|[^\s?#"'<>]{1,256}\/(?:web)?hooks?)\/)[^\s"'<>]{1,4096}/gi,
    `$1${REMOVED}`,
  ],
  // Headers, to the end of their line or text.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(\s{0,8}[:=]\s{0,8})[^\r\n"']{1,8192}/gi,
    `$1$2${REMOVED}`,
  ],
  [/\b(bearer|basic)\s{1,8}[a-z0-9+/._~-]{8,8192}=*/gi, `$1 ${REMOVED}`],
  // password=..., as in connection strings of libpq, headers, environments, JSON within text.
  [
    new RegExp(
      String.raw`(${NAMED}\\?["']?\s{0,8}[=:]\s{0,8})(?:\\?"(?:[^"\\]|\\[^"]){0,4096}\\?"|'(?:[^'\\]|\\.){0,4096}'|["']?[^\s"',;}]{1,4096})`,
      'gi',
    ),
    `$1${REMOVED}`,
  ],
  // SQL: '...' AS password; people: the password hunter2 is.
  [
    new RegExp(String.raw`(?<!')'[^']{1,512}'(\s{1,8}AS\s{1,8}["'\x60]?\w{0,64}${NAMED}\b)`, 'gi'),
    `'${REMOVED}'$1`,
  ],
  [
    new RegExp(
      String.raw`\b(${NAMED}\s{1,8}(?:is\s{1,8})?)(?=[a-z]{0,64}\d)(?=\d{0,64}[a-z])\w{6,4096}`,
      'gi',
    ),
    `$1${REMOVED}`,
  ],
  // Command lines: --password ..., --user name:...
  [
    new RegExp(
      String.raw`((?<!\S)--?(?:[a-z0-9]{1,24}-){0,4}${NAMED})\s{1,8}(?!-)\S{1,4096}`,
      'gi',
    ),
    `$1 ${REMOVED}`,
  ],
  [
    /((?<!\S)(?:-u|--(?:proxy-)?user)[= ]{1,2}[^\s:]{1,256}:)(?!\d{1,10}(?!\S))\S{1,4096}/g,
    `$1${REMOVED}`,
  ],
  // Tokens that are known by their own form: JWT, GitHub, GitLab, Slack, Stripe, npm, Google, Vault, AWS.
  [
    /(?<![\w-])(?:eyJ[\w-]{4,4096}\.[\w-]{4,8192}\.[\w-]{0,4096}|gh[pousr]_\w{16,255}|github_pat_\w{16,255}|glpat-[\w-]{16,255}|xox[a-z]-[\w-]{8,255}|[sr]k_(?:live|test)_\w{8,255}|npm_\w{30,255}|AIza[\w-]{30,255}|hv[sb]\.[\w-]{16,512}|A[KS]IA[A-Z0-9]{16})/g,
    REMOVED,
  ],
];

const SECRET_FLAG = new RegExp(`^--?(?:[a-z0-9]{1,24}-){0,4}${NAMED}$`, 'i');

/** Text without the secrets that can be told from their form. */
export function redactText(text: string): string {
  return FORMS.reduce(
    (rest, [pattern, instead]) =>
      typeof instead === 'string'
        ? rest.replaceAll(pattern, instead)
        : rest.replaceAll(pattern, instead),
    text,
  );
}

/** A value as JSON has them, without secrets: by the names of keys, and by the form of text. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value))
    return value.map((item, i) => (follows(value, i) ? REMOVED : redact(argument(value, i, item))));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      redactText(key),
      SECRET_KEY.test(key) && isSecret(inner) ? REMOVED : redact(inner),
    ]),
  );
}

/** Whether an item stands behind a flag that names a secret, as in a list of arguments. */
function follows(list: readonly unknown[], i: number): boolean {
  const flag = list[i - 1];
  return typeof flag === 'string' && SECRET_FLAG.test(flag) && isSecret(list[i]);
}

const USER_FLAG = /^(?:-u|--(?:proxy-)?user)$/;

/** An item of a list of arguments: `-u name:password` in two, mysql's `-ppassword` in one. */
function argument(list: readonly unknown[], i: number, item: unknown): unknown {
  if (typeof item !== 'string') return item;
  const flag = list[i - 1];
  if (typeof flag === 'string' && USER_FLAG.test(flag)) {
    return item.replace(/^([^\s:]{1,256}:)(?!\d{1,10}$).+$/s, `$1${REMOVED}`);
  }
  return item.replace(/^-p(?![\d.:]+$|\/)[^-\s].*$/s, `-p${REMOVED}`);
}

/** Nothing, switches and numbers tell nothing; all else below such a key goes. */
const isSecret = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || (typeof value === 'object' && value !== null);
