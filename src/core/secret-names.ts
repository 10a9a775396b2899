const SECRET_WORDS: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'passphrase',
  'token',
  'secret',
  'cred',
  'credential',
  'seed',
  'key',
]);

/** Words that names are written together with: `apikey`, `authtoken`. */
const SECRET_ENDS = /(?:password|passwd|token|secret|creds|seed|apikey|privatekey|accesskey)$/;

/** Whether a value under this name is a secret, whatever it looks like: `password`, `db_password`, `apiKey`, `auth.tokens`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => {
    const singular = word.replace(/s$/, '');
    return SECRET_WORDS.has(word) || SECRET_WORDS.has(singular) || SECRET_ENDS.test(singular);
  });
}
