/** What must not leave the host in a bundle: passwords, tokens, connection strings. */

export const REMOVED = '(removed)';

/** Keys of which any value is taken for a secret: osquery's flags may have any of them. */
const SECRET_KEY =
  /secret|password|passwd|passphrase|token|credential|api_?key|private_?key|access_?key|authorization|connection|^key$|_key$/i;

/** `scheme://user:password@host`; the user goes, too. Bounded, as the text may be hostile. */
const USER_OF_URL = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>]{1,512}@/gi;
/** A URL's query may hold a signature or a token. */
const QUERY_OF_URL = /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s?#"'<>]{1,512})\?[^\s"'<>]{1,65536}/gi;
/** `password=...`, as in connection strings of libpq, headers and command lines. */
const ASSIGNED =
  /((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)s?["']?\s{0,8}[=:]\s{0,8})(?:"[^"]{0,4096}"|'[^']{0,4096}'|[^\s"',;}]{1,4096})/gi;
const BEARER = /\b(bearer|basic)\s{1,8}[a-z0-9+/._~-]{8,8192}=*/gi;
const PEM =
  /-----BEGIN ([A-Z ]{0,40}PRIVATE KEY)-----[\s\S]{0,65536}?-----END [A-Z ]{0,40}PRIVATE KEY-----/g;

/** Text without the secrets that can be told from their form. */
export function redactText(text: string): string {
  return text
    .replaceAll(PEM, REMOVED)
    .replaceAll(USER_OF_URL, `$1${REMOVED}@`)
    .replaceAll(QUERY_OF_URL, `$1?${REMOVED}`)
    .replaceAll(BEARER, `$1 ${REMOVED}`)
    .replaceAll(ASSIGNED, `$1${REMOVED}`);
}

/** A value as JSON has them, without secrets: by the names of keys, and by the form of text. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEY.test(key) && isSecret(inner) ? REMOVED : redact(inner),
    ]),
  );
}

/** Nothing, switches and numbers tell nothing; all else below such a key goes. */
const isSecret = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || (typeof value === 'object' && value !== null);
