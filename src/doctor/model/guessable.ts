import type { Credentials } from '../../connection/model/dial.js';

/** Passwords and tokens of the examples that configurations are copied from, in lower case. */
const FROM_EXAMPLES: ReadonlySet<string> = new Set([
  's3cr3t',
  'secret',
  't0ps3cr3t',
  'password',
  'pass',
  'pwd',
  'changeit',
  'changeme',
  'admin',
  'nats',
  'test',
  'guest',
  'default',
  'token',
  'mytoken',
  '1234',
  '12345',
  '123456',
]);

/** Why whoever tries a few would guess these credentials; undefined when nothing obvious is wrong. Never quotes them. */
export function guessReason({ user, password, token }: Credentials): string | undefined {
  if (password !== undefined && user !== undefined && sameWord(user, password)) {
    return 'the password is the user name';
  }
  if (password !== undefined && FROM_EXAMPLES.has(password.toLowerCase())) {
    return 'the password is one from examples';
  }
  if (token !== undefined && FROM_EXAMPLES.has(token.toLowerCase())) {
    return 'the token is one from examples';
  }
  return password === '' ? 'the password is empty' : undefined;
}

/** Whether anything at all is proved to the server. */
export function isIdentified(credentials: Credentials): boolean {
  return Object.values(credentials).some((value) => value !== undefined);
}

function sameWord(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
