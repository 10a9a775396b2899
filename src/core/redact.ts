const HIDDEN = '[redacted]';

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // A URL's user info: a lone user may be a token, so all of it goes. The path may not be crossed.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]+@/gi, `$1${HIDDEN}@`],
  // Seeds of NKEYs: S, the kind of key, base32.
  [/S[UAONCX][A-Z2-7]{56}(?![A-Z2-7])/g, HIDDEN],
  // JWTs: header, claims and, where it was not cut off, signature.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, HIDDEN],
  // Flags and keys that carry a secret by their name.
  [
    /((?:--|\b)(?:password|passwd|token|auth_token|seed|secret)(?:\s*[:=]\s*|\s+(?=["']))["']?)[^\s"',;}]+/gi,
    `$1${HIDDEN}`,
  ],
  // The same as keys of JSON: the quote after the name is the key's own, not one that ends a subject such as "a.token".
  [
    /((["'])(?:password|passwd|token|auth_token|seed|secret)\2\s*[:=]\s*["']?)[^\s"',;}]+/gi,
    `$1${HIDDEN}`,
  ],
  // user:password@host without a scheme.
  [/(^|[\s"'(,=])[^\s:/@"'(,=]+:[^\s/@]+@(?=[\w[])/g, `$1${HIDDEN}@`],
];

/** `text` without what looks like a password, token, seed or JWT, for everything that may be printed or logged. */
export function redact(text: string): string {
  let shown = text;
  for (const [pattern, replacement] of SECRETS) shown = shown.replace(pattern, replacement);
  return shown;
}
