import { availableParallelism, hostname } from 'node:os';

import type { AgentFlags } from '../flags/flags.js';
import { parseLabels } from '../model/agent-choice.js';
import type { OwnAccess, SeatEvent } from '../run/fleet/agent-seat.js';
import { hostAndPort, parseServers } from '../../connection/model/server-url.js';
import { usageError } from '../../core/errors.js';
import { printableText } from '../../core/printable.js';
import { plural } from '../../core/wording.js';
import { ControlCommand, hasControl, provesSomething } from './control-command.js';

/** `bench agent`: offers this machine for load, until Ctrl-C. */
export abstract class AgentCommand extends ControlCommand {
  protected async serve(flags: AgentFlags): Promise<void> {
    const labels = parseLabels(flags.label ?? []);
    const allowed = allowedServers(flags['allow-server'] ?? []);
    const control = this.controlServer(flags, allowed);
    const ownAccess = this.#ownAccess(flags);
    const { connectClient } = await import('../../connection/connect.js');
    const { serveAgent } = await import('../run/fleet/serve-agent.js');
    const client = await connectClient(control.dial, this.policy('endless'), this.life.signal);
    try {
      await serveAgent(client, {
        allowed,
        ownAccess,
        labels,
        host: hostname(),
        version: this.config.version,
        cores: availableParallelism(),
        signal: this.life.signal,
        onReady: (facts) => {
          this.notices.notice(`agent ${facts.id} on ${facts.host} waits for work`);
          const { id, host, version, cores } = facts;
          this.#print({ event: 'ready', id, host, labels, version, cores });
        },
        onRun: (event) => this.#show(event),
      });
    } finally {
      await client.close();
    }
  }

  #show(event: SeatEvent): void {
    if (event.type === 'started') {
      const { run, scenario, clients, servers } = event;
      const where = printableText(servers.map((server) => hostAndPort(server)).join(', '));
      this.notices.notice(
        `run ${run}: ${plural(clients, 'client')} of bench ${scenario} on ${where}`,
      );
      this.#print({ event: 'started', run, scenario, clients, servers });
      return;
    }
    const { run, reason } = event;
    this.notices.notice(`run ${run} ended${reason === undefined ? '' : `: ${reason}`}`);
    this.#print({ event: 'ended', run, reason });
  }

  #print(event: object): void {
    if (!this.common.json) return;
    this.out.json(event);
    this.out.flush();
  }

  /** The login of this agent's operator is for the servers under test, unless it is that of the control server. */
  #ownAccess(flags: AgentFlags): (server: string) => OwnAccess {
    const dial = this.dial();
    const names = ['user', 'password', 'token'] as const;
    const isOfUrl = names.some((name) => this.settings.get(name)?.origin === 'url');
    return (server) => {
      const place = dial.servers.findIndex((own) => hostAndPort(own) === hostAndPort(server));
      const isOwn = place >= 0 || (hasControl(flags) && !isOfUrl);
      if (!isOwn) return { credentials: undefined, tls: undefined };
      const credentials = dial.credentials(place);
      return {
        credentials: provesSomething(credentials) ? credentials : undefined,
        tls: dial.tls,
      };
    };
  }
}

/** @throws {NatsxError} usage — none, or a URL that cannot be read */
function allowedServers(texts: readonly string[]): ReadonlySet<string> {
  if (texts.length === 0) {
    throw usageError(
      'an agent needs the servers that it may load',
      'name them with --allow-server nats://host:port; no other server is connected to',
    );
  }
  return new Set(texts.flatMap((text) => parseServers(text).map(({ url }) => hostAndPort(url))));
}
