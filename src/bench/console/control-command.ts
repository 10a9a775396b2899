import type { ControlFlags } from '../flags/flags.js';
import type { Credentials, DialOptions } from '../../connection/model/dial.js';
import type { ConnectionSettings } from '../../connection/model/connection-settings.js';
import { hostAndPort } from '../../connection/model/server-url.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { separateSettings } from '../../terminal/settings.js';

/** The server on which agents and coordinators meet. */
export interface ControlServer {
  readonly dial: DialOptions;
  /** Whether it is also loaded. */
  readonly isSystem: boolean;
}

/** What agents and coordinators share: how they connect to the control server. */
export abstract class ControlCommand extends BaseCommand {
  /**
   * A control server that is also the system under test gets the login of the run, unless it has its own.
   * @param system `host:port` of the servers under test
   * @throws {NatsxError} usage, not-found — of the settings
   */
  protected controlServer(flags: ControlFlags, system: ReadonlySet<string>): ControlServer {
    if (!hasControl(flags)) {
      const dial = this.dial();
      const isSystem = dial.servers.some((server) => system.has(hostAndPort(server)));
      return { dial, isSystem };
    }
    const given = { server: flags['control-server'], context: flags['control-context'] };
    const settings = separateSettings(given, process.env);
    const dial = this.dialTo(settings);
    const isSystem = dial.servers.some((server) => system.has(hostAndPort(server)));
    if (!isSystem || hasLogin(settings)) return { dial, isSystem };
    const own = this.dial();
    return { dial: { ...dial, credentials: own.credentials, tls: dial.tls ?? own.tls }, isSystem };
  }
}

export function hasControl(flags: ControlFlags): boolean {
  return flags['control-server'] !== undefined || flags['control-context'] !== undefined;
}

function hasLogin(settings: ConnectionSettings): boolean {
  const names = ['user', 'password', 'token', 'creds', 'nsc', 'nkey', 'jwt', 'seed'] as const;
  return names.some((name) => settings.has(name)) || settings.get('servers')?.logins !== undefined;
}

/** Whether credentials prove anything. */
export function provesSomething(credentials: Credentials): boolean {
  return Object.values(credentials).some((part) => part !== undefined);
}
