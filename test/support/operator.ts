import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  type KeyPair,
  type User,
} from '@nats-io/jwt';
import type { ConfigBlock } from './server-config.js';
import { temporaryFolder } from './shut-down.js';

/** A user of an operator-mode account: what a client needs to prove who it is. */
export interface OperatorUser {
  readonly publicKey: string;
  readonly jwt: string;
  /** The user's seed (`SU…`). */
  readonly seed: string;
  /** Text of the creds file. */
  readonly creds: string;
  /** A file that holds `creds`; removed when the test file ends. */
  readonly credsFile: string;
}

export interface UserOptions {
  /** When the user's right ends; the server disconnects it then. Whole seconds. */
  readonly expiresAt?: Date;
  readonly permissions?: Pick<User, 'pub' | 'sub' | 'resp'>;
}

/** Operator mode: one operator, a system account `SYS`, and an account `APP` with JetStream. */
export interface OperatorMode {
  /** The server's `config`: operator, system account and a memory resolver with both accounts. */
  readonly config: ConfigBlock;
  /** A user of `APP` with every right. */
  readonly user: OperatorUser;
  /** A user of `SYS`. */
  readonly systemUser: OperatorUser;
  /** Makes a further user of `APP`. */
  addUser(name: string, options?: UserOptions): Promise<OperatorUser>;
  /**
   * The configuration with these users revoked as of now: write it with `restart({ config })`, or give it to the server
   * from the start.
   */
  configWithRevoked(...users: readonly OperatorUser[]): Promise<ConfigBlock>;
}

/**
 * Does something as a user whose right ends soon, from `lifeMs` on at most; where a busy machine did not get there in
 * time, once more with a user of twice that life.
 */
export async function asBriefUser<Result>(
  operator: OperatorMode,
  act: (user: OperatorUser) => Promise<Result>,
  lifeMs = 2_000,
): Promise<Result> {
  for (let ms = lifeMs; ; ms *= 2) {
    const expiresAt = new Date(Date.now() + ms);
    try {
      return await act(await operator.addUser(`brief-${ms}`, { expiresAt }));
    } catch (error) {
      if (Date.now() < expiresAt.getTime() - 1_000 || ms > 30_000) throw error;
    }
  }
}

interface Account {
  readonly name: string;
  readonly keys: KeyPair;
  readonly folder: string;
}

const unlimited = { subs: -1, data: -1, payload: -1 } as const;
const accountLimits = {
  ...unlimited,
  imports: -1,
  exports: -1,
  wildcards: true,
  conn: -1,
  leaf: -1,
} as const;
const jetStreamLimits = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 } as const;

/** Makes the keys and JWTs of an operator with its accounts and first users. */
export async function makeOperator(): Promise<OperatorMode> {
  const folder = temporaryFolder('operator');
  const operator = createOperator();
  const app: Account = { name: 'APP', keys: createAccount(), folder };
  const system: Account = { name: 'SYS', keys: createAccount(), folder };
  const operatorJwt = await encodeOperator('natsx-test', operator, {
    system_account: system.keys.getPublicKey(),
  });
  const systemJwt = await encodeAccount(
    system.name,
    system.keys,
    { limits: accountLimits },
    { signer: operator },
  );
  const configWithRevoked = async (...users: readonly OperatorUser[]): Promise<ConfigBlock> => {
    const appJwt = await encodeAccount(
      app.name,
      app.keys,
      { limits: { ...accountLimits, ...jetStreamLimits }, revocations: revocationsOf(users) },
      { signer: operator },
    );
    return {
      operator: operatorJwt,
      system_account: system.keys.getPublicKey(),
      resolver: 'MEMORY',
      resolver_preload: {
        [app.keys.getPublicKey()]: appJwt,
        [system.keys.getPublicKey()]: systemJwt,
      },
    };
  };
  return {
    config: await configWithRevoked(),
    user: await makeUser(app, 'user'),
    systemUser: await makeUser(system, 'system-user'),
    addUser: (name, options) => makeUser(app, name, options),
    configWithRevoked,
  };
}

async function makeUser(
  account: Account,
  name: string,
  options: UserOptions = {},
): Promise<OperatorUser> {
  const keys = createUser();
  const { expiresAt } = options;
  const jwt = await encodeUser(
    name,
    keys,
    account.keys,
    { ...unlimited, ...options.permissions },
    expiresAt === undefined ? {} : { exp: Math.floor(expiresAt.getTime() / 1_000) },
  );
  const creds = new TextDecoder().decode(fmtCreds(jwt, keys));
  const credsFile = join(account.folder, `${name}.creds`);
  writeFileSync(credsFile, creds, { mode: 0o600 });
  return {
    publicKey: keys.getPublicKey(),
    jwt,
    seed: new TextDecoder().decode(keys.getSeed()),
    creds,
    credsFile,
  };
}

/** Everything that was issued up to now is void. */
function revocationsOf(users: readonly OperatorUser[]): Record<string, number> {
  const nowSeconds = Math.ceil(Date.now() / 1_000);
  return Object.fromEntries(users.map((user) => [user.publicKey, nowSeconds]));
}
