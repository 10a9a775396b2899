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

/** Whether a value under this name is a secret, whatever it looks like: `password`, `db_password`, `apiKey`, `auth.tokens`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => SECRET_WORDS.has(word) || SECRET_WORDS.has(word.replace(/s$/, '')));
}
